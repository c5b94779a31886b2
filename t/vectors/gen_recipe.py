#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-recipe(5) and hubformat-pointer(5)."""

import hashlib
import struct

import vec


def name(i, last=None):
    h = hashlib.sha256(b"%d" % i).digest()
    return h[:31] + bytes([h[31] | 1 if last is None else last])


def node(entries, version=1, level=0, profile=1, n=None):
    return struct.pack(">BBHI", version, level, profile,
                       len(entries) if n is None else n) + b"".join(
        e[0] + struct.pack(">Q", e[1]) for e in entries)


def some(n, size=1000, ends=()):
    """n entries; those of ends have names that may end a node"""
    return [(name(i, (i & 1) << 7 if i in ends else None), size)
            for i in range(n)]


def recipes(w):
    def good(vec_name, why, *a, **k):
        w.add(vec_name, "ok", node(*a, **k), why)

    def bad(vec_name, why, *a, expect="ECORRUPT", **k):
        w.add(vec_name, expect, node(*a, **k), why)

    good("ok-one", "one chunk", some(1))
    good("ok-1024", "as many as can be", some(1024))
    good("ok-min", "the first entry that may end a node", some(32, ends=[31]))
    good("ok-early", "names that would end a node stand too early",
         some(31, ends=range(31)))
    good("ok-last", "the file ends", some(40))
    good("ok-chunk-1", "one byte", some(1, 1))
    good("ok-chunk-max", "a chunk of 1 MiB", some(1, 2**20))
    for level in range(1, 7):
        good("ok-level-%d" % level, "nodes below", some(2, 2**40), level=level)
    good("ok-size-max", "2^60 bytes", some(1, 2**60), level=5)
    good("ok-size-max-2", "2^60 bytes in two", some(2, 2**59), level=5)
    bad("version-0", "no such version", some(1), version=0, expect="EVERSION")
    bad("version-2", "made by a newer hub", some(1), version=2,
        expect="EVERSION")
    bad("profile-0", "no such profile", some(1), profile=0, expect="EVERSION")
    bad("profile-2", "another chunker", some(1), profile=2, expect="EVERSION")
    bad("profile-257", "in the high byte", some(1), profile=257,
        expect="EVERSION")
    bad("level-7", "too high", some(2), level=7)
    bad("level-255", "too high", some(2), level=255)
    bad("n-0", "no entry", [])
    bad("n-1025", "one too many", some(1025))
    bad("n-less", "more entries than it says", some(3), n=2)
    bad("n-more", "fewer entries than it says", some(3), n=4)
    bad("n-wrap", "wraps", some(1), n=2**32 - 1)
    bad("ends-before", "a node that should have ended", some(40, ends=[31]))
    bad("ends-before-1", "by one", some(33, ends=[31]))
    bad("ends-before-last", "by one, at the end", some(1024, ends=[1022]))
    bad("chunk-0", "an empty chunk", some(1, 0))
    bad("chunk-over", "a chunk over 1 MiB", some(1, 2**20 + 1))
    bad("size-over", "over 2^60", some(1, 2**60 + 1), level=5)
    bad("sum-over", "over 2^60 together", some(2, 2**59) + [(b"x" * 32, 1)],
        level=5)
    bad("sum-wrap", "wraps", some(17, 2**60), level=5)
    bad("node-0", "an empty node below", some(2, 0), level=1)
    one = node(some(2))
    for n in (0, 1, 3, 4, 7, 8, 47, 87):
        w.add("cut-%d" % n, "ECORRUPT", one[:n], "cut off")
    w.add("long", "ECORRUPT", one + b"\0", "a byte too many")


def pointers(w):
    good = [(b"vibehub-pointer", b"1"), (b"profile", b"1"),
            (b"size", b"1048577"), (b"recipe", name(5).hex().encode())]

    def size(vec_name, v, expect, why):
        w.add(vec_name, expect, vec.lines(good[0], good[1], (b"size", v),
                                          good[3]), why)

    w.add("ok", "ok", vec.lines(*good), "an ordinary one")
    size("ok-size-1", b"1", "ok", "one byte")
    size("ok-size-max", b"1152921504606846976", "ok", "2^60 bytes")
    size("size-0", b"0", "ECORRUPT", "empty files are blobs")
    for n in (b"0", b"2", b"65535"):
        w.add("profile-" + n.decode(), "EVERSION",
              vec.lines(good[0], (b"profile", n), *good[2:]),
              "another chunker")
    w.add("profile-over", "ECORRUPT",
          vec.lines(good[0], (b"profile", b"65536"), *good[2:]),
          "over 16 bits")
    vec.text_faults(w, good)
    vec.number_faults(w, good, b"size", b"1152921504606846977")
    vec.hex_faults(w, good, b"recipe", 32)
    w.add("long", "ECORRUPT", vec.lines(*good) + b"x" * 100, "over 160 bytes")


def main():
    w = vec.Writer("recipe")
    recipes(w)
    w.done()
    w = vec.Writer("pointer")
    pointers(w)
    w.done()


main()
