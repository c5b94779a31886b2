#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-hubops(5).  The first byte says which message follows:
the number of the request, 192 for the answer to LOOK, 193 for that to VERIFY."""

import struct

import vec

LOOK, FETCH, PUSH, PUT, GET, ENROL, REDEEM, SEEN = 64, 65, 66, 67, 68, 71, 73, 192
FOUND = 193
DEV = b"0f8fad5b-d9cb-469f-a165-70867728950e"
DEV2 = b"7c9e6679-7425-40de-944b-e07fc1f90ae7"
CHANGE = b"ab" * 32


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def name(s):
    return u16(len(s)) + s


def oid(n):
    return bytes([n]) * 20


def known(kind, n, h=b"h" * 16):
    return bytes([kind]) + name(n) + h


def look(*files, count=None):
    return (b"T" * 32 + u16(len(files) if count is None else count)
            + b"".join(files))


def ref(n, s):
    return oid(n) + name(s)


def refs(*r, count=None):
    return b"\1" + u32(len(r) if count is None else count) + b"".join(r)


def file(kind, n, data=None):
    if data is None:
        return bytes([kind]) + name(n) + b"\1"
    return bytes([kind]) + name(n) + b"\0" + u32(len(data)) + data


def seen(r, *files, head=b"refs/heads/main", fmt=b"vibehub-hub 1\n", count=None):
    return (b"T" * 32 + name(head) + name(fmt) + r
            + u32(len(files) if count is None else count) + b"".join(files))


def ids(*v, count=None):
    return u32(len(v) if count is None else count) + b"".join(v)


def push(n=b"refs/heads/main", who=b"laptop", why=b"hub sync"):
    return name(n) + oid(1) + oid(2) + name(who) + name(why)


def found(*f, count=None):
    return (b"".join(struct.pack(">Q", i) for i in range(9))
            + u32(len(f) if count is None else count)
            + b"".join(name(s) for t in f for s in t))


def enrol(n=b"laptop", sig=b"s" * 64):
    return b"H" * 32 + b"d" * 16 + b"k" * 32 + b"b" * 32 + name(n) + sig


def put(w, op, prefix, good, least):
    """${good} {name: bytes} decode; each cut and each byte more does not."""
    for k, v in good.items():
        w.add(f"{prefix}-{k}", "ok", bytes([op]) + v, "well formed")
    first = good["usual"]
    for n in range(least):
        w.add(f"{prefix}-cut-{n}", "ECORRUPT", bytes([op]) + first[:n],
              f"only {n} bytes")
    w.add(f"{prefix}-cut-last", "ECORRUPT", bytes([op]) + first[:-1],
          "the last byte is missing")


def main():
    w = vec.Writer("hubops")

    def bad(n, op, data, why):
        w.add(n, "ECORRUPT", bytes([op]) + data, why)

    put(w, LOOK, "look", {
        "usual": look(known(1, DEV), known(1, DEV2), known(2, CHANGE)),
        "none": look(), "one": look(known(2, CHANGE))}, 4)
    bad("look-more", LOOK, look(known(1, DEV)) + b"\0", "something follows")
    bad("look-order", LOOK, look(known(1, DEV2), known(1, DEV)), "not ascending")
    bad("look-twice", LOOK, look(known(1, DEV), known(1, DEV)), "one name twice")
    bad("look-kinds", LOOK, look(known(2, CHANGE), known(1, DEV)), "kinds not ascending")
    bad("look-kind-0", LOOK, look(known(0, DEV)), "no such kind")
    bad("look-reflog", LOOK, look(known(3, b"refs/heads/a")), "a reflog is not looked at")
    bad("look-uuid", LOOK, look(known(1, DEV[:-1] + b"g")), "no UUID")
    bad("look-change", LOOK, look(known(2, CHANGE[:-1])), "a change id too short")
    bad("look-count", LOOK, look(known(1, DEV), count=2), "fewer than announced")
    bad("look-many", LOOK, look(count=701), "over the limit")

    r = refs(ref(1, b"refs/heads/main"), ref(2, b"refs/tags/v1"))
    put(w, SEEN, "seen", {
        "usual": seen(r, file(1, DEV, b"text\n"), file(2, CHANGE)),
        "no-refs": seen(b"\0"), "no-ref": seen(refs()),
        "empty-file": seen(b"\0", file(1, DEV, b"")),
        "unborn": seen(refs(), head=b"")}, 40)
    bad("seen-more", SEEN, seen(r) + b"\0", "something follows")
    bad("seen-order", SEEN, seen(refs(ref(1, b"refs/heads/b"), ref(1, b"refs/heads/a"))),
        "refs not ascending")
    bad("seen-twice", SEEN, seen(refs(ref(1, b"refs/heads/b"), ref(1, b"refs/heads/b"))),
        "a ref twice")
    bad("seen-name", SEEN, seen(refs(ref(1, b"heads/main"))), "a name not below refs/")
    bad("seen-newline", SEEN, seen(refs(ref(1, b"refs/heads/a\nb"))), "a newline in a name")
    bad("seen-nul", SEEN, seen(refs(ref(1, b"refs/heads/a\0b"))), "a NUL in a name")
    bad("seen-long", SEEN, seen(refs(ref(1, b"refs/heads/" + b"a" * 1024))), "a name too long")
    bad("seen-flag", SEEN, seen(b"\2"), "a flag that is none")
    bad("seen-count", SEEN, seen(refs(count=1 << 31)), "fewer refs than announced")
    bad("seen-files", SEEN, seen(r, file(1, DEV, b"x"), count=1 << 31),
        "fewer files than announced")
    bad("seen-dots", SEEN, seen(r, file(1, b"../../etc/passwd" + b"x" * 20, b"x")),
        "a name that leads elsewhere")
    bad("seen-acts", SEEN, seen(r, file(4, b"", b"x")), "acts are not looked at")
    bad("seen-gone", SEEN, seen(r, bytes([1]) + name(DEV) + b"\2"), "a flag that is none")

    put(w, FETCH, "fetch", {
        "usual": ids(oid(1), oid(2)) + ids(oid(3)), "none": ids() + ids(),
        "first": ids(oid(1)) + ids()}, 8)
    bad("fetch-more", FETCH, ids(oid(1)) + ids() + b"\0", "something follows")
    bad("fetch-count", FETCH, ids(oid(1), count=200001) + ids(), "over the limit")

    put(w, PUSH, "push", {"usual": push(), "why": push(why=b"")}, 6)
    bad("push-more", PUSH, push() + b"\0", "something follows")
    bad("push-nul", PUSH, push(n=b"refs/heads/\0"), "a NUL in a name")
    bad("push-control", PUSH, push(who=b"a\nb"), "a newline in a name")
    bad("push-long", PUSH, push(who=b"a" * 1025), "a name too long")

    for k, v in {"presence": b"\1" + name(DEV) + b"text", "empty": b"\1" + name(DEV),
                 "accepted": b"\2" + name(CHANGE) + b"x"}.items():
        w.add("put-" + k, "ok", bytes([PUT]) + v, "well formed")
    bad("put-uuid", PUT, b"\1" + name(b"x") + b"text", "no UUID")
    bad("put-cut", PUT, b"\1" + u16(36) + DEV[:-1], "a name that ends too early")
    bad("put-kind", PUT, b"\5" + name(DEV), "no such kind")
    for k, v in {"log": b"\3" + name(b"refs/heads/main"), "acts": b"\4" + name(b"")}.items():
        w.add("get-" + k, "ok", bytes([GET]) + v, "well formed")
    bad("get-more", GET, b"\4" + name(b"") + b"x", "something follows")
    bad("get-name", GET, b"\3" + name(b"HEAD"), "a name not below refs/")
    bad("get-acts-name", GET, b"\4" + name(b"x"), "acts have no name")

    put(w, ENROL, "enrol", {"usual": enrol(), "short": enrol(n=b"a")}, 6)
    bad("enrol-more", ENROL, enrol() + b"\0", "something follows")
    bad("enrol-name", ENROL, enrol(n=b"a b"), "a name with a blank")
    put(w, REDEEM, "redeem", {"usual": b"k" * 32 + enrol()}, 6)
    bad("redeem-key", REDEEM, b"k" * 32, "a key and nothing else")
    bad("redeem-more", REDEEM, b"k" * 32 + enrol() + b"\0", "something follows")
    bad("enrol-none", ENROL, enrol(n=b""), "no name")
    bad("enrol-long", ENROL, enrol(n=b"a" * 33), "a name too long")

    put(w, FOUND, "found", {
        "usual": found((b"refs/heads/main", b"it is gone", b"hub repair")),
        "none": found(), "empty": found((b"", b"", b""))}, 6)
    bad("found-more", FOUND, found() + b"\0", "something follows")
    bad("found-count", FOUND, found(count=1 << 30), "fewer than announced")
    bad("found-escape", FOUND, found((b"a\33[0m", b"", b"")), "a control character")
    w.done()


main()
