#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-acts(5): one line each, with its newline."""

import vec

OLD, NEW, ZERO = "1f" * 20, "e0" * 20, "00" * 20


def line(old=OLD, new=NEW, time="1795246140", ref="refs/heads/main",
         end="\n"):
    text = "%s %s %s %s%s" % (old, new, time, ref, end)
    return text.encode("utf-8", "surrogateescape")


def main():
    w = vec.Writer("acts")

    def good(name, why, **change):
        w.add(name, "ok", line(**change), why)

    def bad(name, why, **change):
        w.add(name, "ECORRUPT", line(**change), why)

    good("ok", "a forced push")
    good("ok-deleted", "the ref is gone", new=ZERO)
    good("ok-same", "moved nowhere", new=OLD)
    good("ok-1970", "a clock at its start", time="0")
    good("ok-9999", "the last second", time="253402300799")
    good("ok-tag", "any ref", ref="refs/tags/v1.0")
    good("ok-shortest", "one byte below refs/", ref="refs/x")
    good("ok-bytes", "names are bytes", ref="refs/heads/\udcff\u00e4")
    good("ok-longest", "4,000 bytes of name", ref="refs/" + "a" * 3995)
    bad("created", "old is zero: nothing was taken away", old=ZERO)
    bad("upper", "not canonical", old=OLD.upper())
    bad("old-short", "39 digits", old=OLD[1:])
    bad("new-long", "41 digits", new=NEW + "0")
    bad("new-not-hex", "a letter too far", new="g" + NEW[1:])
    bad("time-missing", "no number", time="")
    bad("time-negative", "before 1970", time="-1")
    bad("time-plus", "not canonical", time="+1")
    bad("time-leading-zero", "not canonical", time="01")
    bad("time-year-10000", "one second too late", time="253402300800")
    bad("time-over-64-bits", "wraps to 1", time="18446744073709551617")
    bad("time-not-decimal", "hexadecimal", time="6b00")
    bad("ref-empty", "no name", ref="")
    bad("ref-nothing-below", "refs/ itself", ref="refs/")
    bad("ref-head", "not below refs/", ref="HEAD")
    bad("ref-blank", "a blank in a name", ref="refs/heads/a b")
    bad("ref-tab", "a control character", ref="refs/heads/a\tb")
    bad("ref-nul", "a NUL", ref="refs/heads/a\0b")
    bad("ref-delete", "0x7f", ref="refs/heads/a\x7f")
    bad("too-long", "4,001 bytes of name", ref="refs/" + "a" * 3996)
    bad("two-lines", "one line at a time", end="\n" + line().decode())
    bad("crlf", "a carriage return", end="\r\n")
    bad("torn", "no newline: a power cut", end="")
    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("newline-only", "ECORRUPT", b"\n", "an empty line")
    w.add("half", "ECORRUPT", line()[:70] + b"\n", "cut off")
    w.add("two-blanks", "ECORRUPT", line().replace(b" ", b"  ", 1), "a blank more")
    w.done()


main()
