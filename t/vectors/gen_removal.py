#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-removal(5): whole files (removal) and what is sealed in
them (removalbody).  The keyring is that of the vector keyring/ok-2."""

import hashlib
import struct

import aead
import certs
import vec

SIZE, PLAIN = 4096, 3964


def sha(text):
    return hashlib.sha256(text.encode()).digest()


HUB = sha("a hub")
DEVICE_SEED = sha("a seed")
UUID, GONE = bytes(range(16)), bytes(range(16, 32))


def pin(n, seq=7):
    return bytes([n]) * 32 + struct.pack(">Q", seq) + sha("state %d" % n)


def body_plain(time=1700000000, kind=2, label=b"laptop", pins=(), chain=(),
               pins_n=None):
    return struct.pack(">QBB", time, kind, len(label)) + label \
        + bytes([len(pins) if pins_n is None else pins_n]) + b"".join(pins) \
        + bytes([len(chain)]) + b"".join(chain)


def body(sig=bytes(64), **more):
    out = body_plain(**more) + sig
    return out + bytes(PLAIN - len(out))


def head(epoch=2, hub=HUB):
    return b"VHrm" + bytes([1, 1, 0, 0]) + hub + GONE + struct.pack(">I", epoch)


def removal(by=certs.IDENTITY, epoch=2, key_of=None, context=b"vibehub-removal",
            hub=HUB, **more):
    ad = head(epoch, hub)
    key = aead.kh(sha("epoch %d" % (key_of or epoch)), b"vibehub-removal")
    sig = certs.sign(by, context, ad + body_plain(**more))
    nonce = sha("nonce r")[:24]
    return ad + aead.commit(key) + nonce + \
        aead.xa_seal(key, nonce, ad, body(sig, **more))


def make_bodies():
    w = vec.Writer("removalbody")
    sig = certs.sign(certs.IDENTITY, b"vibehub-removal", b"")

    def ok(name, why, **more):
        w.add("ok-" + name, "ok", body(sig, **more), why)

    def bad(name, why, expect="ECORRUPT", **more):
        w.add(name, expect, body(sig, **more), why)

    def chain(n):
        return certs.chain(HUB, n, UUID, DEVICE_SEED)

    ok("device", "a computer, by the identity key")
    ok("passphrase", "a passphrase", kind=1, label=b"passphrase")
    ok("chain-1", "by a computer", chain=chain(1))
    ok("chain-4", "by one four certificates away", chain=chain(4))
    ok("pin", "a place", pins=[pin(1)])
    ok("pins-32", "as many places as there may be",
       pins=[pin(i) for i in range(32)])
    ok("largest", "all of it as long as it may be", label=b"x" * 64,
       pins=[pin(i, 2**64 - 1) for i in range(32)], chain=chain(4))
    ok("label-utf8", "any text", label="Bücher 書".encode())
    ok("time-0", "1970", time=0)
    ok("time-9999", "9999", time=253402300799)
    good = body(sig, pins=[pin(1)], chain=chain(1))
    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("short", "ECORRUPT", good[:-1], "a byte too few")
    w.add("long", "ECORRUPT", good + b"\0", "a byte too many")
    w.add("padding", "ECORRUPT", good[:-1] + b"\1", "something in the padding")
    bad("time-over", "after 9999", time=253402300800)
    bad("type-0", "no such type", kind=0)
    bad("type-3", "no such type", kind=3)
    bad("label-0", "no label", label=b"")
    bad("label-65", "too long", label=b"x" * 65)
    bad("label-nul", "a NUL", label=b"a\0b")
    bad("label-nul-at-end", "a NUL", label=b"ab\0")
    bad("label-newline", "a control character", label=b"a\nb")
    bad("label-not-utf8", "no UTF-8", label=b"a\xffb")
    bad("pins-33", "one too many", pins=[pin(i) for i in range(33)])
    bad("pins-255", "far too many", pins=[pin(1)], pins_n=255)
    bad("pins-down", "not ascending", pins=[pin(2), pin(1)])
    bad("pins-twice", "one place twice", pins=[pin(1), pin(1, 8)])
    bad("pin-seq-0", "no state has number 0", pins=[pin(1, 0)])
    at = len(body_plain()) - 1
    for n in (5, 255):
        w.add("chain-%d" % n, "ECORRUPT",
              certs.change(body(sig), at, bytes([n])), "too many certificates")
    w.add("chain-cert", "ECORRUPT", certs.change(
        body(sig, chain=chain(1)), at + 1, b"vHct"), "a bad certificate")
    w.add("chain-newer", "EVERSION", certs.change(
        body(sig, chain=chain(1)), at + 5, b"\2"), "a newer one")
    w.done()


def make_files():
    w = vec.Writer("removal")

    def ok(name, data, why, signature="ok"):
        assert len(data) == SIZE
        w.add("ok-" + name, "ok", data, why, signature=signature)

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    chain = certs.chain(HUB, 2, UUID, DEVICE_SEED)
    good = removal()
    ok("identity", good, "by the identity key")
    ok("device", removal(DEVICE_SEED, chain=chain), "by an admin's computer")
    ok("old-epoch", removal(epoch=1), "of an epoch that is over")
    ok("pins", removal(pins=[pin(1), pin(2)]), "with two places")
    ok("other-key", removal(sha("x"), chain=chain), "signed by another", "EAUTH")
    ok("other-context", removal(context=b"vibehub-slot"),
       "a signature of another kind", "EAUTH")
    ok("editor", removal(DEVICE_SEED, chain=[certs.cert(
        HUB, UUID, DEVICE_SEED, certs.IDENTITY, certs.EDITOR)]),
        "by one who may not", "EAUTH")
    ok("other-hub-chain", removal(DEVICE_SEED, chain=certs.chain(
        bytes(32), 1, UUID, DEVICE_SEED)), "a chain of another hub", "EAUTH")
    ok("other-hub", removal(hub=bytes(32)), "of another hub", "EAUTH")
    ok("epoch-unknown", removal(epoch=3), "sealed with a key not known", "EAUTH")
    ok("epoch-other", removal(epoch=2, key_of=1), "says another epoch", "EAUTH")
    for name, at in (("id", 41), ("commit", 61), ("nonce", 93), ("box", 200),
                     ("tag", SIZE - 1)):
        data = bytearray(good)
        data[at] ^= 1
        ok("touched-" + name, bytes(data), "a bit is another", "EAUTH")
    bad("empty", b"", "nothing")
    for n in (3, 4, 8, 60, 116, SIZE - 1):
        bad("cut-%d" % n, good[:n], "cut off")
    bad("long", good + b"\0", "a byte too many")
    bad("magic", b"VHrM" + good[4:], "another magic")
    for name, at, value in (("version-0", 4, 0), ("version-2", 4, 2),
                            ("suite-0", 5, 0), ("suite-2", 5, 2)):
        bad(name, certs.change(good, at, bytes([value])), "not known",
            "EVERSION")
    for at in (6, 7):
        bad("reserved-%d" % at, certs.change(good, at, b"\1"), "not zero")
    bad("epoch-0", certs.change(good, 56, bytes(4)), "no epoch 0")
    w.done()


make_bodies()
make_files()
