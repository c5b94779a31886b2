#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of the chunker, hubformat-recipe(5), profile 1.

seed: the chunker key.  rules: what the content is, by pieces "kind length",
joined by "|":
	stream   BLAKE2b-256 of the big-endian 64-bit numbers 0, 1, 2, ...,
	         begun anew for each piece
	zeros    zeros
	text     "line 0\\n", "line 1\\n", ...
The bytes of the vector are the lengths of the chunks, 4 bytes each."""

import hashlib
import struct

import aead
import vec

MIN, AVG, MAX = 1 << 16, 1 << 18, 1 << 20
M = 2**64 - 1


def content(pieces):
    out = b""
    for kind, n in pieces:
        if kind == "zeros":
            out += bytes(n)
        elif kind == "text":
            t, i = [], 0
            while i * 7 < n:		# a line has at least 7 bytes
                t.append(b"line %d\n" % i)
                i += 1
            out += b"".join(t)[:n]
        else:
            out += b"".join(hashlib.blake2b(struct.pack(">Q", i),
                                            digest_size=32).digest()
                            for i in range(n // 32 + 1))[:n]
    return out


def gear(key):
    t = []
    for i in range(64):
        t += struct.unpack(">4Q", aead.kh(key, b"vibehub-gear", bytes([i])))
    return t


def cut(g, p):
    """length of the first chunk: the window is looked at anew each time, which
    is slow and plainly what the page says"""
    n = len(p)
    if n <= MIN:
        return n
    fp = 0
    for b in p[MIN - 64:MIN - 1]:
        fp = (fp << 1) + g[b] & M
    for length in range(MIN, min(n, MAX)):
        fp = (fp << 1) + g[p[length - 1]] & M
        if fp < (1 << (44 if length < AVG else 48)):
            return length
    return min(n, MAX)


def main():
    w = vec.Writer("chunker")

    def add(name, why, key, *pieces):
        g, p, lengths, at = gear(key), content(pieces), [], 0
        while at < len(p):
            lengths.append(cut(g, p[at:at + MAX]))
            at += lengths[-1]
        w.add(name, "ok", struct.pack(">%dI" % len(lengths), *lengths), why,
              seed=key.hex(),
              rules="|".join("%s %d" % x for x in pieces))

    a, b = bytes(range(32)), b"k" * 32
    add("stream", "4 MB", a, ("stream", 4000000))
    add("stream-other-key", "the same, another hub", b, ("stream", 2000000))
    add("text", "lines", a, ("text", 3000000))
    add("zeros", "zeros", a, ("zeros", 3 << 20))
    add("zeros-odd", "zeros, and some more", a, ("zeros", (2 << 20) + 5))
    add("gap", "zeros in the middle", a, ("stream", 700000),
        ("zeros", 2500000), ("stream", 700000))
    add("moved", "the stream, 100 bytes later", a, ("zeros", 100),
        ("stream", 2000000))
    for n in (1, 2, 63, 64, MIN - 1, MIN, MIN + 1):
        add("short-%d" % n, "one chunk", a, ("stream", n))
    add("max", "exactly the most", a, ("zeros", MAX))
    add("max-1", "one more", a, ("zeros", MAX + 1))
    w.done()


main()
