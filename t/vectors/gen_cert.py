#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-cert(5).  "signature" is the check of a chain of this one
certificate against the identity key, whose seed is "seed"."""

import hashlib

import certs
import vec

HUB = hashlib.sha256(b"a hub").digest()
UUID = bytes(range(16))
SEED = hashlib.sha256(b"a seed").digest()


def good(**more):
    return certs.cert(HUB, UUID, SEED, certs.IDENTITY, **more)


def main():
    w = vec.Writer("cert")

    def ok(name, data, why, signature="ok", seed=None):
        more = {"signature": signature}
        if seed:
            more["seed"] = seed.hex()
        w.add("ok-" + name, "ok", data, why, **more)

    for n, role in enumerate(("owner", "admin", "editor", "viewer"), 1):
        ok(role, good(role=n), "role " + role, seed=certs.IDENTITY)
    ok("issued-0", good(issued=0), "a clock of 1970", seed=certs.IDENTITY)
    ok("issued-9999", good(issued=253402300799), "the last second of 9999",
       seed=certs.IDENTITY)
    data = good()
    ok("other-context", good(context=b"vibehub-slot"), "signed as something "
       "else", "EAUTH")
    ok("other-issuer", certs.cert(HUB, UUID, SEED, SEED), "signed by itself",
       "EAUTH")
    for name, at in (("hub", 8), ("device", 40), ("sign", 56), ("box", 88),
                     ("issued", 127), ("issuer", 128), ("signature", 160)):
        bad = certs.change(data, at, bytes([data[at] ^ 1]))
        ok("touched-" + name, bad, "a bit is another: " + name, "EAUTH")
    ok("signature-zero", data[:160] + bytes(64), "no signature", "EAUTH")

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    bad("empty", b"", "nothing")
    for n in (1, 4, 5, 159, 160, 223):
        bad("cut-%d" % n, data[:n], "cut off")
    bad("long", data + b"\0", "a byte more")
    bad("magic", b"VHcT" + data[4:], "another magic")
    bad("version-0", certs.change(data, 4, b"\0"), "another version",
        "EVERSION")
    bad("version-2", certs.change(data, 4, b"\2"), "a newer version",
        "EVERSION")
    for role in (0, 5, 255):
        bad("role-%d" % role, certs.change(data, 5, bytes([role])),
            "no such role")
    bad("flags-1", certs.change(data, 7, b"\1"), "a flag")
    bad("flags-256", certs.change(data, 6, b"\1"), "a flag")
    bad("issued-over", good(issued=253402300800), "after 9999")
    bad("issued-max", good(issued=2**64 - 1), "after 9999")
    w.done()


main()
