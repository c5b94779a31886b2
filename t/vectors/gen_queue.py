#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-queue(5): names of files."""

import vec

DEVICE = "0f8fad5b-d9cb-469f-a165-70867728950e"


def name(number="00000007", device=DEVICE, beat="0000002a", a="-", b="-"):
    return (number + a + device + b + beat).encode()


def main():
    w = vec.Writer("queue")

    def good(vec_name, why, **change):
        w.add(vec_name, "ok", name(**change), why)

    def bad(vec_name, why, **change):
        w.add(vec_name, "ECORRUPT", name(**change), why)

    good("ok", "the eighth in line")
    good("ok-first", "the first, just made", number="00000000",
         beat="00000000")
    good("ok-last", "the highest numbers", number="ffffffff",
         beat="ffffffff")
    good("ok-zero", "any UUID", device="0" * 8 + "-0000-0000-0000-" + "0" * 12)
    bad("number-upper", "not canonical", number="0000000A")
    bad("number-short", "7 digits", number="0000007")
    bad("number-long", "9 digits", number="000000007")
    bad("number-not-hex", "a letter too far", number="0000000g")
    bad("number-sign", "a sign", number="+0000007")
    bad("beat-upper", "not canonical", beat="0000002A")
    bad("beat-short", "7 digits", beat="000002a")
    bad("beat-long", "9 digits", beat="00000002a")
    bad("beat-blank", "a blank", beat=" 000002a")
    bad("beat-nul", "a NUL at the end", beat="0000002\0")
    bad("first-dash", "another mark", a="_")
    bad("second-dash", "another mark", b=".")
    bad("device-upper", "not canonical", device=DEVICE.upper())
    bad("device-no-dashes", "32 digits", device=DEVICE.replace("-", ""))
    bad("device-dots", "other marks", device=DEVICE.replace("-", "."))
    bad("device-braces", "as some write it", device="{" + DEVICE[1:-1] + "}")
    bad("device-nul", "a NUL inside", device=DEVICE[:10] + "\0" + DEVICE[11:])
    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("half", "ECORRUPT", name()[:27], "cut off")
    w.add("newline", "ECORRUPT", name() + b"\n", "a byte more")
    w.add("hidden", "ECORRUPT", b"." + name(), "a temp file")
    w.done()


main()
