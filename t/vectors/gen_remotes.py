#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-remotes(5): the list of places (remotes), and what is
remembered of one (place)."""

import vec

ID, ID2 = b"0a" * 32, b"fe" * 32


def one(name=b"usb", url=b"/media/usb", place=ID, removable=b"yes"):
    return [(b"remote", name), (b"url", url), (b"place", place),
            (b"removable", removable)]


def remotes():
    w = vec.Writer("remotes")
    head = [(b"vibehub-remotes", b"1")]

    def good(name, why, *places):
        w.add(name, "ok", vec.lines(*(head + sum(places, []))), why)

    def bad(name, why, *places):
        w.add(name, "ECORRUPT", vec.lines(*(head + sum(places, []))), why)

    good("ok", "one place", one())
    good("ok-none", "the last was removed")
    good("ok-two", "ascending", one(b"a"), one(b"b", place=ID2, removable=b"no"))
    good("ok-same-url", "the names differ", one(b"a"), one(b"b"))
    good("ok-order", "by byte: capitals first", one(b"Z"), one(b"a"))
    good("ok-name-32", "the longest name", one(b"n" * 32))
    good("ok-name-all", "every kind of character", one(b"_aZ0.9-x"))
    good("ok-url-blanks", "blanks are content", one(url=b" /a b "))
    good("ok-url-bytes", "paths are bytes", one(url=b"/\xff\xfe"))
    good("ok-url-4096", "the longest path", one(url=b"/" * 4096))
    good("ok-64", "as many as there may be",
         *[one(b"n%02d" % i) for i in range(64)])
    vec.text_faults(w, head + one(), free=[b"url"])
    vec.hex_faults(w, head + one(), b"place", 32)
    bad("order", "descending", one(b"b"), one(b"a"))
    bad("same-name", "twice one name", one(b"a"), one(b"a", b"/b"))
    bad("more-than-64", "one too many", *[one(b"n%02d" % i) for i in range(65)])
    for n, v in (("33", b"n" * 33), ("origin", b"origin"), ("dash", b"-a"),
                 ("dot", b".a"), ("dots", b"a..b"), ("dot-at-end", b"a."),
                 ("lock", b"a.lock"), ("slash", b"a/b"), ("utf8", b"\xc3\xa4"),
                 ("blank", b"a b")):
        bad("name-" + n, "no name of a remote", one(v))
    for n, v in (("4097", b"/" * 4097), ("tab", b"/a\tb"), ("cr", b"/a\r"),
                 ("delete", b"/a\x7f")):
        bad("url-" + n, "no path", one(url=v))
    for v in (b"Yes", b"1", b"true", b"yess", b"n"):
        bad("removable-is-" + v.decode(), "neither yes nor no", one(removable=v))
    w.done()


def place():
    w = vec.Writer("place")
    good = [(b"vibehub-place", b"1"), (b"time", b"1795246140"),
            (b"done", b"1795240000"), (b"seq", b"17"), (b"pending", b"4096"),
            (b"rc", b"11"), (b"mark", ID), (b"lacks", b"9"),
            (b"why", b"the place is not there now")]

    def but(**change):
        return [(k, change.get(k.decode(), v)) for k, v in good]

    def ok(name, what, **change):
        w.add(name, "ok", vec.lines(*but(**change)), what)

    def bad(name, what, **change):
        w.add(name, "ECORRUPT", vec.lines(*but(**change)), what)

    ok("ok", "a run that failed")
    ok("ok-well", "a run that did not", rc=b"0", why=b"-")
    ok("ok-never", "never up to date", done=b"0", seq=b"0", pending=b"0")
    ok("ok-largest", "the largest numbers", time=b"253402300799",
       seq=b"18446744073709551615", pending=b"18446744073709551615", rc=b"64",
       lacks=b"255")
    ok("ok-lacks-nothing", "a folder", lacks=b"0")
    ok("ok-why-bytes", "any bytes but newline and NUL", why=b"\xc3\xa4 \x01")
    vec.text_faults(w, good, free=[b"why"])
    vec.hex_faults(w, good, b"mark", 32)
    vec.number_faults(w, good, b"time", b"253402300800")
    vec.number_faults(w, good, b"done", b"253402300800")
    vec.number_faults(w, good, b"rc", b"65")
    vec.number_faults(w, good, b"lacks", b"256")
    bad("seq-over-64-bits", "wraps to 0", seq=b"18446744073709551616")
    bad("pending-plus", "a sign", pending=b"+1")
    bad("why-too-long", "over what a message holds", why=b"w" * 600)
    w.add("too-long", "ECORRUPT", vec.lines(*good) + b"#" * 1024, "over 1,024")
    w.done()


remotes()
place()
