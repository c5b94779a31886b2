#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-slot(5): keyrings, notes, slots.

The secrets of the slots (they are of no use to anybody): passphrase
"a passphrase"; device seeds as below.  The key from the passphrase is that of
	printf 'a passphrase' | argon2 'sixteen bytes ..' -id -t 2 -k 65536 \\
		-p 1 -l 32 -r"""

import hashlib
import struct

import aead
import certs
import vec

SALT = b"sixteen bytes .."
KEK = bytes.fromhex("9eb7ea267ae6dd6f771232a7291303e82a776d19520f298fd20c4b58829ae1d1")


def sha(text):
    return hashlib.sha256(text.encode()).digest()


HUB = sha("a hub")
DEVICE_SEED, BOX_SEED = sha("a seed"), sha("a box seed")
UUID = bytes(range(16))


def keyring(epochs=2, numbers=None, created=1700000000, hub=HUB):
    numbers = numbers or range(1, epochs + 1)
    out = b"VHkr" + b"\1\0\0\0" + hub + certs.identity_pk() \
        + sha("name key") + sha("chunker key") \
        + struct.pack(">I", len(numbers))
    for n in numbers:
        out += struct.pack(">IQ", n, created + n) + sha("epoch %d" % n)
    return out


def padded(x, to=1024):
    return x + bytes(-len(x) % to)


def notes_plain(flags=0, made=1700000000, label=b"a label", chain=()):
    return struct.pack(">BQB", flags, made, len(label)) + label \
        + bytes([len(chain)]) + b"".join(chain)


def notes(sig=bytes(64), **more):
    return padded(notes_plain(**more) + sig, 1152)


def head(kind, uuid, box_pk, kdf=None):
    out = b"VHsl" + bytes([1, 1, kind, 0]) + HUB + uuid + box_pk
    if kdf is None:
        kdf = (1, 2, 65536, SALT) if kind == 1 else (0, 0, 0, bytes(16))
    return out + struct.pack(">BxxxII", *kdf[:3]) + kdf[3]


def slot(kind=2, ring=None, chain=(), by=certs.IDENTITY, kdf=None,
         label=b"a label"):
    ring = keyring() if ring is None else ring
    epoch, = struct.unpack(">I", ring[-44:-40])
    box_pk, box_sk = aead.box_pair(BOX_SEED)
    uuid = UUID if kind == 2 else sha("slot id")[:16]
    out = head(kind, uuid, box_pk, kdf)
    if kind == 1:
        out += aead.commit(KEK) + sha("nonce 1")[:24]
        out += aead.xa_seal(KEK, sha("nonce 1")[:24], out,
                            box_sk + certs.IDENTITY)
    box = aead.box_seal(box_pk, padded(ring), sha("ephemeral"))
    out += struct.pack(">I", len(box)) + box
    key = aead.kh(ring[-32:], b"vibehub-slot")
    out += struct.pack(">I", epoch) + aead.commit(key) + sha("nonce 2")[:24]
    plain = notes_plain(chain=chain, label=label)
    plain = padded(plain + certs.sign(by, b"vibehub-slot", out + plain), 1152)
    return out + aead.xa_seal(key, sha("nonce 2")[:24], out, plain)


def make_keyrings():
    w = vec.Writer("keyring")

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    w.add("ok-1", "ok", padded(keyring(1)), "a new hub")
    w.add("ok-2", "ok", padded(keyring(2)), "after a rotation")
    w.add("ok-gap", "ok", padded(keyring(numbers=(1, 5, 4294967295))),
          "numbers with gaps")
    w.add("ok-fills", "ok", padded(keyring(20)), "20 epochs in 1,024 bytes")
    w.add("ok-21", "ok", padded(keyring(21)), "21 epochs in 2,048 bytes")
    w.add("ok-1024", "ok", padded(keyring(1024)), "as many as there may be")
    w.add("ok-time-9999", "ok",
          padded(keyring(1, created=253402300798)), "the last second of 9999")
    good = padded(keyring(2))
    bad("empty", b"", "nothing")
    for n in (4, 8, 139, 140, 227, 228, 1023):
        bad("cut-%d" % n, good[:n], "cut off")
    bad("padded-twice", good + bytes(1024), "1,024 zeros too many")
    bad("padding-1", good[:-1] + b"\1", "something in the padding")
    bad("padding-first", certs.change(good, 228, b"\1"), "a byte behind it")
    bad("magic", b"VHkR" + good[4:], "another magic")
    bad("version-2", certs.change(good, 4, b"\2"), "a newer one", "EVERSION")
    bad("version-0", certs.change(good, 4, b"\0"), "another", "EVERSION")
    for i in (5, 6, 7):
        bad("reserved-%d" % i, certs.change(good, i, b"\1"), "not zero")
    bad("epochs-0", padded(keyring(1)[:136] + bytes(4)), "no epoch")
    bad("epochs-1025", padded(keyring(1025)), "too many")
    bad("epochs-max", certs.change(good, 136, b"\xff" * 4), "far too many")
    bad("epochs-more", certs.change(good, 136, b"\0\0\0\x15"),
        "more than there are bytes")
    bad("number-0", padded(keyring(numbers=(0,))), "epochs begin with 1")
    bad("number-twice", padded(keyring(numbers=(1, 1))), "not ascending")
    bad("number-down", padded(keyring(numbers=(2, 1))), "not ascending")
    bad("time-over", padded(keyring(1, created=253402300799)), "after 9999")
    w.done()


def make_notes():
    w = vec.Writer("notes")
    sig = certs.sign(certs.IDENTITY, b"vibehub-slot", b"")

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    def chain(n):
        return certs.chain(HUB, n, UUID, DEVICE_SEED)

    for n in (0, 1, 2, 4):
        w.add("ok-chain-%d" % n, "ok", notes(sig, chain=chain(n) if n else ()),
              "a chain of %d certificates" % n)
    w.add("ok-rotating", "ok", notes(sig, flags=1), "a rotation is under way")
    w.add("ok-label-1", "ok", notes(sig, label=b"x"), "shortest")
    w.add("ok-label-64", "ok", notes(sig, label=b"x" * 64), "longest")
    w.add("ok-label-utf8", "ok", notes(sig, label="Bücher 書".encode()),
          "any text")
    w.add("ok-largest", "ok", notes(sig, label=b"x" * 64, chain=chain(4)),
          "label and chain as long as they may be")
    w.add("ok-made-0", "ok", notes(sig, made=0), "1970")
    w.add("ok-made-9999", "ok", notes(sig, made=253402300799), "9999")
    good = notes(sig, chain=chain(1))
    bad("empty", b"", "nothing")
    bad("short", good[:-1], "a byte too few")
    bad("long", good + b"\0", "a byte too many")
    bad("padding", good[:-1] + b"\1", "something in the padding")
    bad("flags-2", notes(sig, flags=2), "an unknown flag")
    bad("flags-128", notes(sig, flags=129), "an unknown flag")
    bad("made-over", notes(sig, made=253402300800), "after 9999")
    bad("label-0", notes(sig, label=b""), "no label")
    bad("label-65", notes(sig, label=b"x" * 65), "too long")
    bad("label-255", certs.change(good, 9, b"\xff"), "far too long")
    bad("label-newline", notes(sig, label=b"a\nb"), "a control character")
    bad("label-nul", notes(sig, label=b"a\0b"), "a NUL")
    bad("label-escape", notes(sig, label=b"\x1b[31m"), "a control character")
    bad("label-c1", notes(sig, label=b"a\xc2\x9bb"), "a control character")
    bad("label-bidi", notes(sig, label="a\u202eb".encode()), "turns text")
    bad("label-not-utf8", notes(sig, label=b"a\xffb"), "no UTF-8")
    bad("label-overlong", notes(sig, label=b"\xc0\xaf"), "no UTF-8")
    bad("label-half", notes(sig, label=b"\xe6\x9b"), "half a character")
    at = len(notes_plain()) - 1
    bad("chain-5", certs.change(notes(sig), at, b"\5"), "five certificates")
    bad("chain-cert", certs.change(good, at + 1, b"vHct"), "a bad certificate")
    bad("chain-newer", certs.change(good, at + 5, b"\2"), "a newer one",
        "EVERSION")
    w.done()


def make_slots():
    w = vec.Writer("slot")

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    def ok(name, data, why, signature="ok"):
        w.add("ok-" + name, "ok", data, why, signature=signature)

    chain = certs.chain(HUB, 2, UUID, DEVICE_SEED)
    device, phrase = slot(2, chain=chain, by=DEVICE_SEED), slot(1)
    ok("device", device, "of a workspace, by itself")
    ok("device-by-identity", slot(2), "by the identity key")
    ok("passphrase", phrase, "by the identity key")
    ok("many-epochs", slot(2, keyring(100)), "a keyring of 100 epochs")
    ok("largest", slot(2, keyring(1024)), "as large as it may be")
    ok("chain-4", slot(2, chain=certs.chain(HUB, 4, UUID, DEVICE_SEED),
                       by=DEVICE_SEED), "a chain of four")
    ok("kdf-most", slot(1, kdf=(1, 16, 2097152, SALT)),
       "the bounds of the key derivation; it does not open", "EAUTH")
    ok("other-key", slot(2, chain=chain, by=BOX_SEED), "signed by another",
       "EAUTH")
    ok("other-hub-chain", slot(2, chain=certs.chain(
        bytes(32), 1, UUID, DEVICE_SEED), by=DEVICE_SEED),
        "a chain of another hub", "EAUTH")
    ok("viewer-itself", slot(2, chain=[certs.cert(
        HUB, UUID, DEVICE_SEED, certs.IDENTITY, certs.VIEWER,
        box=aead.box_pair(BOX_SEED)[0])], by=DEVICE_SEED),
        "a viewer makes its own slot")
    ok("viewer-other", slot(2, chain=[certs.cert(
        HUB, UUID, DEVICE_SEED, certs.IDENTITY, certs.VIEWER)],
        by=DEVICE_SEED), "a viewer makes one for another key", "EAUTH")
    ok("viewer-passphrase", slot(1, chain=[certs.cert(
        HUB, UUID, DEVICE_SEED, certs.IDENTITY, certs.VIEWER)],
        by=DEVICE_SEED), "a viewer makes a passphrase slot", "EAUTH")
    for name, at in (("head", 40), ("box", 200), ("epoch-commit", -1200),
                     ("notes", -1000), ("tag", -1)):
        data = bytearray(device)
        data[at] ^= 1
        ok("touched-" + name, bytes(data), "a bit is another", "EAUTH")

    bad("empty", b"", "nothing")
    for n in (4, 7, 40, 88, 115, 119, 120, 1191, 1251, len(device) - 1):
        bad("cut-%d" % n, device[:n], "cut off")
    for n in (116, 251, 252):
        bad("passphrase-cut-%d" % n, phrase[:n], "cut off")
    bad("long", device + b"\0", "a byte too many")
    bad("over", device + bytes(49152), "over the limit")
    bad("magic", b"VHsL" + device[4:], "another magic")
    for name, at, value in (("version-0", 4, 0), ("version-2", 4, 2),
                            ("suite-0", 5, 0), ("suite-2", 5, 2),
                            ("type-0", 6, 0), ("type-3", 6, 3)):
        bad(name, certs.change(device, at, bytes([value])), "not known",
            "EVERSION")
    bad("reserved-7", certs.change(device, 7, b"\1"), "not zero")
    for at in (88, 89, 91, 92, 95, 99, 100, 115):
        bad("device-kdf-%d" % at, certs.change(device, at, b"\1"),
            "a device has no key derivation")
    for name, kdf in (("none", (0, 2, 65536)), ("2", (2, 2, 65536)),
                      ("ops-1", (1, 1, 65536)), ("ops-17", (1, 17, 65536)),
                      ("ops-max", (1, 2**32 - 1, 65536)),
                      ("kib-65535", (1, 2, 65535)),
                      ("kib-2097153", (1, 2, 2097153)),
                      ("kib-max", (1, 2, 2**32 - 1))):
        bad("kdf-" + name, slot(1, kdf=kdf + (SALT,)), "out of bounds")
    bad("kdf-reserved", certs.change(phrase, 90, b"\1"), "not zero")
    for n in (0, 48, 1071, 1073, 46080 + 1024 + 48, 2**32 - 1):
        bad("keys-%d" % n, certs.change(device, 116, struct.pack(">I", n)),
            "no such length")
    bad("epoch-0", certs.change(device, 120 + 1072, bytes(4)), "no epoch 0")
    w.done()


make_keyrings()
make_notes()
make_slots()
