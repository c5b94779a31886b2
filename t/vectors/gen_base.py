#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-base(5)."""

import hashlib
import struct

import vec

FILE, EXEC, LINK, LARGE, LARGE_EXEC, DB, UNWRITTEN = range(1, 8)
NOSTAT, BEHIND = 1, 2


def record(version=1, kind=FILE, flags=0, id_n=20, size=4711,
           mtime=1795246140123456789, ctime=1795246140987654321,
           ino=123456, dev=2049, id_len=None, ids=b""):
    head = struct.pack(">BBBBQqqQQ", version, kind, flags, id_n, size, mtime,
                       ctime, ino, dev)
    n = id_n if id_len is None else id_len
    return head + (hashlib.sha512(b"id").digest() * 4)[:n]


def main():
    w = vec.Writer("base")

    def good(name, why, **change):
        w.add(name, "ok", record(**change), why)

    def bad(name, why, expect="ECORRUPT", **change):
        w.add(name, expect, record(**change), why)

    good("ok-file", "a file")
    good("ok-exec", "with the executable bit", kind=EXEC)
    good("ok-link", "a symlink", kind=LINK)
    good("ok-large", "a content id", kind=LARGE, id_n=32)
    good("ok-large-exec", "a content id", kind=LARGE_EXEC, id_n=32)
    good("ok-db", "a data base as a git blob", kind=DB)
    good("ok-db-content", "a data base in the vault", kind=DB, id_n=32)
    good("ok-unwritten", "a path that this disk cannot hold", kind=UNWRITTEN,
         flags=NOSTAT, mtime=0, ctime=0, ino=0, dev=0)
    good("ok-unwritten-content", "the same, large", kind=UNWRITTEN, id_n=32)
    good("ok-behind", "the tree has something newer", flags=BEHIND)
    good("ok-both-flags", "and stat means nothing", flags=NOSTAT | BEHIND,
         mtime=0, ctime=0, ino=0, dev=0)
    good("ok-nostat-size", "the size means something", flags=NOSTAT, size=9,
         mtime=0, ctime=0, ino=0, dev=0)
    good("ok-before-1970", "negative times", mtime=-1, ctime=-2**63)
    good("ok-max", "all bits", size=2**64 - 1, mtime=2**63 - 1,
         ctime=2**63 - 1, ino=2**64 - 1, dev=2**64 - 1)
    good("ok-zero", "an empty file at the beginning of time", size=0, mtime=0,
         ctime=0, ino=0, dev=0)

    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("version-alone", "ECORRUPT", b"\1", "one byte")
    w.add("version-2-alone", "EVERSION", b"\2", "made by a newer hub")
    bad("version-2", "made by a newer hub", "EVERSION", version=2)
    bad("version-0", "no such version", "EVERSION", version=0)
    bad("version-255", "no such version", "EVERSION", version=255)
    bad("kind-0", "no such kind", kind=0)
    bad("kind-8", "no such kind", kind=8)
    bad("kind-255", "no such kind", kind=255)
    bad("flags-4", "a reserved bit", flags=4)
    bad("flags-128", "a reserved bit", flags=128)
    for field in ("mtime", "ctime", "ino", "dev"):
        stat = dict(mtime=0, ctime=0, ino=0, dev=0)
        stat[field] = 1
        bad("nostat-" + field, "not canonical: means nothing, is not zero",
            flags=NOSTAT, **stat)
    for n in (0, 19, 21, 31, 33, 255):
        bad("id-%d" % n, "no such length", kind=DB, id_n=n)
    for name, kind in (("file", FILE), ("exec", EXEC), ("link", LINK)):
        bad(name + "-content-id", "the other length", kind=kind, id_n=32)
    for name, kind in (("large", LARGE), ("large-exec", LARGE_EXEC)):
        bad(name + "-git-id", "the other length", kind=kind)
    bad("id-cut", "a byte too few", id_len=19)
    bad("id-long", "a byte too many", id_len=21)
    bad("id-32-of-20", "a longer id than it says", id_len=32)
    bad("id-20-of-32", "a shorter id than it says", kind=DB, id_n=32,
        id_len=20)
    for n in (3, 4, 11, 43, 44):
        w.add("cut-%d" % n, "ECORRUPT", record()[:n], "cut off")
    w.done()


main()
