#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-gitsegment(5), made without git and without zlib."""

import hashlib
import struct

import vec

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}


def adler(p):
    a, b = 1, 0
    for c in p:
        a = (a + c) % 65521
        b = (b + a) % 65521
    return struct.pack(">I", b << 16 | a)


def size(kind, n):
    out = [kind << 4 | (n & 15)]
    n >>= 4
    while n:
        out[-1] |= 0x80
        out.append(n & 0x7f)
        n >>= 7
    return bytes(out)


def block(p, last):
    return bytes([last]) + struct.pack("<HH", len(p), len(p) ^ 0xffff) + p


def stream(p, most=65535):
    cut = [p[i:i + most] for i in range(0, len(p), most)] or [b""]
    return b"".join(block(c, i + 1 == len(cut)) for i, c in enumerate(cut))


def obj(kind, p, **more):
    return more.get("head", size(kind, len(p))) + more.get("zlib", b"\x78\x01") \
        + more.get("blocks", stream(p)) + more.get("sum", adler(p))


def oid(kind, p):
    return hashlib.sha1(b"%s %d\0" % (NAMES[kind], len(p)) + p).digest()


def pack(*objects, n=None, head=b"PACK\0\0\0\2"):
    b = head + struct.pack(">I", len(objects) if n is None else n) \
        + b"".join(objects)
    return b + hashlib.sha1(b).digest()


CONTENT = b"one line\n"
ENTRY = b"100644 f\0" + oid(BLOB, CONTENT)
WHO = b"A <a@b> 1795246140 +0000\n"
MADE = b"tree " + oid(TREE, ENTRY).hex().encode() + b"\nauthor " + WHO \
    + b"committer " + WHO + b"\nfirst\n"
NOTE = b"object " + oid(COMMIT, MADE).hex().encode() + \
    b"\ntype commit\ntag v1\ntagger " + WHO + b"\nv1\n"


def main():
    w = vec.Writer("gitsegment")
    all_of = [obj(BLOB, CONTENT), obj(TREE, ENTRY), obj(COMMIT, MADE),
              obj(TAG, NOTE)]

    def good(name, data, why):
        w.add(name, "ok", data, why)

    def bad(name, data, why, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    good("ok-none", pack(), "no object")
    good("ok-all", pack(*all_of), "one of each type")
    good("ok-order", pack(*all_of[::-1]), "a reader takes any order")
    good("ok-twice", pack(all_of[0], all_of[0]), "one object twice")
    good("ok-empty-blob", pack(obj(BLOB, b"")), "no content: one empty block")
    good("ok-empty-tree", pack(obj(TREE, b"")), "git has this one")
    good("ok-15", pack(obj(BLOB, b"x" * 15)), "the largest size of one byte")
    good("ok-16", pack(obj(BLOB, b"x" * 16)), "the smallest of two")
    good("ok-2048", pack(obj(BLOB, b"x" * 2048)), "the smallest of three")
    good("ok-blocks", pack(obj(BLOB, CONTENT, blocks=stream(CONTENT, 2))),
         "blocks of two bytes")
    good("ok-empty-block", pack(obj(BLOB, CONTENT, blocks=block(b"", 0) +
                                    stream(CONTENT))), "an empty block first")
    good("ok-zlib-level", pack(obj(BLOB, CONTENT, zlib=b"\x78\x9c")),
         "another level in the head")
    good("ok-dot-git", pack(obj(TREE, b"100644 .git\0" + b"\1" * 20)),
         "well formed: whoever checks out refuses it")
    bad("empty", b"", "nothing")
    bad("magic", pack(head=b"PACk\0\0\0\2"), "no pack")
    bad("version-3", pack(head=b"PACK\0\0\0\3"), "git packs of version 3")
    bad("head-cut", pack()[:11], "the head is cut off")
    bad("sum-cut", pack(*all_of)[:-1], "the checksum is cut off")
    bad("sum-wrong", pack(*all_of)[:-1] + b"x", "the checksum is another")
    bad("behind", pack(*all_of) + b"\0", "a byte behind the end")
    bad("more-announced", pack(*all_of, n=5), "an object less than announced")
    bad("fewer-announced", pack(*all_of, n=3), "one more than announced")
    for kind in (0, 5, 6, 7):
        bad("type-%d" % kind, pack(obj(BLOB, CONTENT, head=size(kind, 9))),
            "deltas and unknown types")
    bad("size-needless-zero", pack(obj(BLOB, CONTENT, head=b"\xb9\x00")),
        "not canonical")
    bad("size-short", pack(obj(BLOB, CONTENT, head=size(BLOB, 8))),
        "a byte more than announced")
    bad("size-long", pack(obj(BLOB, CONTENT, head=size(BLOB, 10))),
        "a byte less than announced")
    bad("blob-1-gib", pack(obj(BLOB, b"", head=size(BLOB, 2 ** 30 + 1))),
        "over the limit of blobs", "ELIMIT")
    bad("size-2-to-59", pack(obj(BLOB, b"", head=size(BLOB, 2 ** 59))),
        "a size of nine bytes", "ELIMIT")
    bad("size-ten-bytes", pack(obj(BLOB, b"", head=b"\xbf" + b"\xff" * 9)),
        "a size without end", "ELIMIT")
    bad("tree-too-large", pack(obj(TREE, b"", head=size(TREE, 2 ** 30))),
        "over the limit of trees", "ELIMIT")
    bad("zlib-method", pack(obj(BLOB, CONTENT, zlib=b"\x77\x02")), "not deflate")
    bad("zlib-check", pack(obj(BLOB, CONTENT, zlib=b"\x78\x02")),
        "its own checksum")
    bad("zlib-dictionary", pack(obj(BLOB, CONTENT, zlib=b"\x78\x20")),
        "a preset dictionary")
    bad("block-compressed", pack(obj(BLOB, CONTENT, blocks=b"\x03" +
                                     stream(CONTENT)[1:])), "fixed codes")
    bad("block-length", pack(obj(BLOB, CONTENT, blocks=b"\x01\x09\x00\x00\x00" +
                                 CONTENT)), "a length without its complement")
    bad("block-too-long", pack(obj(BLOB, b"x", blocks=stream(CONTENT))),
        "more than the object has")
    bad("adler", pack(obj(BLOB, CONTENT, sum=b"\0\0\0\1")), "checksum of zlib")
    bad("tree-bad-mode", pack(obj(TREE, b"0100644 f\0" + b"\1" * 20)),
        "a mode with a leading zero")
    bad("tree-cut", pack(obj(TREE, ENTRY[:-1])), "an entry is cut off")
    w.done()


main()
