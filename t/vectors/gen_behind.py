#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-behind(5).  Each but those of the hash itself has the hash
that its bytes should have, so that nothing else is wrong with it."""

import hashlib

import vec

HEAD = hashlib.sha1(b"head").hexdigest().encode()
NEXT = hashlib.sha1(b"next").hexdigest().encode()
ZERO = b"0" * 40


def oid(name):
    return hashlib.sha1(name).hexdigest().encode()


def escape(path):
    return path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")


def path(kind, name, ident=None):
    ident = ident or (ZERO if kind == b"none" else oid(name))
    return b"path " + kind + b" " + ident + b" " + escape(name) + b"\n"


PATHS = [path(b"file", b"a"), path(b"none", b"a/b c"), path(b"exec", b"b"),
         path(b"link", b"\xc3\xa9\n\\n")]


def head(**change):
    values = [(b"vibehub-behind", b"1"), (b"head", HEAD),
              (b"applying", ZERO), (b"fresh", b"0"), (b"list", b"1"),
              (b"count", b"%d" % len(PATHS))]
    return [(k, change.get(k.decode(), v)) for k, v in values]


def sealed(data):
    digest = hashlib.blake2b(data, digest_size=32).hexdigest().encode()
    return data + b"hash " + digest + b"\n"


def whole(paths=None, lines=None, **change):
    paths = PATHS if paths is None else paths
    change.setdefault("count", b"%d" % len(paths))
    return sealed(vec.lines(*(lines or head(**change))) + b"".join(paths))


def main():
    w = vec.Writer("behind")

    def ok(name, why, *a, **k):
        w.add(name, "ok", whole(*a, **k), why)

    def bad(name, why, *a, **k):
        w.add(name, "ECORRUPT", whole(*a, **k), why)

    ok("ok", "four paths, one of each kind")
    ok("ok-none", "nothing is behind", [])
    ok("ok-applying", "a checkout under way", applying=NEXT)
    ok("ok-fresh", "the first one", [], head=ZERO, applying=NEXT, fresh=b"1")
    ok("ok-no-list", "too many to be listed", [], list=b"0")
    ok("ok-bytes", "any bytes but NUL",
       [path(b"file", bytes(range(1, 256)))])
    ok("ok-path-max", "the limit", [path(b"file", b"x" * 4095)])
    ok("ok-path-max-escaped", "the limit counts bytes of the path",
       [path(b"file", b"\n" * 4095)])
    w.add("version-2", "EVERSION",
          sealed(vec.lines((b"vibehub-behind", b"2"), (b"x", b"y"))),
          "made by a newer hub")
    w.add("empty", "ECORRUPT", b"", "nothing")
    good = whole()
    w.add("half", "ECORRUPT", good[:len(good) // 2], "cut off")
    w.add("no-newline", "ECORRUPT", good[:-1], "the last line has no end")
    w.add("more", "ECORRUPT", good + b"\n", "something follows")
    w.add("hash-other", "ECORRUPT", good.replace(b" a\n", b" A\n"),
          "another byte")
    w.add("hash-upper", "ECORRUPT",
          good[:-65] + good[-65:-1].upper() + b"\n", "not canonical")
    w.add("hash-missing", "ECORRUPT", good[:-70], "no hash")
    for i in range(1, 6):
        k = head()[i][0].decode()
        bad(k + "-missing", "a line is missing",
            lines=head()[:i] + head()[i + 1:])
        bad(k + "-twice", "a line is there twice",
            lines=head()[:i] + [head()[i]] + head()[i:])
    for k in ("head", "applying"):
        bad(k + "-upper", "not canonical", **{k: HEAD.upper()})
        bad(k + "-short", "a byte too few", **{k: HEAD[2:]})
        bad(k + "-long", "a byte too many", **{k: HEAD + b"00"})
    for k in ("fresh", "list"):
        bad(k + "-2", "neither 0 nor 1", **{k: b"2"})
        bad(k + "-leading-zero", "not canonical", **{k: b"01"})
    bad("list-0-with-paths", "a list that is not there", list=b"0")
    bad("count-less", "a path more than counted", count=b"3")
    bad("count-more", "a path less than counted", count=b"5")
    bad("count-over", "over the limit", count=b"67108865")
    bad("count-over-64-bits", "more than 64 bits",
        count=b"18446744073709551620")
    bad("paths-unsorted", "another order", [PATHS[1], PATHS[0]])
    bad("paths-twice", "a path is there twice", [PATHS[0], PATHS[0]])
    bad("path-empty", "no path", [b"path file " + oid(b"a") + b" \n"])
    bad("path-long", "4,096 bytes", [path(b"file", b"x" * 4096)])
    bad("path-nul", "no path has one", [path(b"file", b"a\0b")])
    bad("path-other-escape", "not canonical",
        [b"path file " + oid(b"a") + b" a\\t\n"])
    bad("path-escaped-end", "half an escape",
        [b"path file " + oid(b"a") + b" a\\\n"])
    bad("kind-other", "no such kind", [path(b"tree", b"a")])
    bad("kind-upper", "case counts", [path(b"FILE", b"a")])
    bad("none-with-id", "nothing has an id",
        [path(b"none", b"a", oid(b"a"))])
    bad("file-without-id", "a file has one", [path(b"file", b"a", ZERO)])
    bad("id-upper", "not canonical", [path(b"file", b"a", oid(b"a").upper())])
    bad("id-short", "39 digits", [path(b"file", b"a", oid(b"a")[1:])])
    w.done()


main()
