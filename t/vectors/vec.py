# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes vectors: t/vectors/<format>/<name>.vec.

A file is "key: value" lines, a blank line, and the hex of the bytes.  Keys:
	format     which decoder
	expect     ok, or the code that it must give
	why        one line for people
	seed       of the signing key, where there is one
	signature  ok or EAUTH: what a check of it must say
A vector never changes after a release: new behaviour is a new version of the
format.  Each bad vector has one fault."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Writer:
    def __init__(self, name):
        self.name = name
        self.dir = os.path.join(sys.argv[1] if len(sys.argv) > 1 else HERE,
                                name)
        self.names = set()
        self.prefix = ""        # of the names of what is added now
        os.makedirs(self.dir, exist_ok=True)

    def add(self, name, expect, data, why, **more):
        name = self.prefix + name
        assert name not in self.names, name
        self.names.add(name)
        lines = ["format: " + self.name, "expect: " + expect, "why: " + why]
        lines += ["%s: %s" % (k, v) for k, v in sorted(more.items())]
        text = data.hex()
        lines += [""] + [text[i:i + 64] for i in range(0, len(text), 64)]
        with open(os.path.join(self.dir, name + ".vec"), "w") as f:
            f.write("\n".join(lines) + "\n")

    def done(self):
        """What this generator no longer makes must go."""
        for f in sorted(os.listdir(self.dir)):
            if f.endswith(".vec") and f[:-4] not in self.names:
                print("not made any more: %s/%s" % (self.dir, f))
        print("%s: %d vectors" % (self.name, len(self.names)))


def lines(*pairs):
    return b"".join(k + b" " + v + b"\n" for k, v in pairs)


def text_faults(w, good, newest=1, free=()):
    """The faults that every text format can have; ${good} is a list of
    (key, value), the first being the name and the version; ${newest}: the
    newest version that there is; ${free}: keys whose values may begin and end
    with blanks."""
    name = good[0][0]
    newer = newest + 1

    def put(vec, data, why, expect="ECORRUPT"):
        w.add(vec, expect, data, why)

    data = lines(*good)
    rest = lines(*good[1:])
    put("version-%d" % newer, name + b" %d\n" % newer + rest,
        "made by a newer hub", "EVERSION")
    put("version-%d-other-content" % newer,
        name + b" %d\nsomething else\n" % newer,
        "a newer hub may have other lines", "EVERSION")
    put("version-0", name + b" 0\n" + rest, "no such version", "EVERSION")
    put("version-leading-zero", name + b" 01\n" + rest, "not canonical")
    put("version-plus", name + b" +1\n" + rest, "not canonical")
    put("version-over-64-bits", name + b" 18446744073709551617\n" + rest,
        "a number that wraps to 1")
    put("version-missing", name + b"\n" + rest, "no version")
    put("name-other", b"vibehub-something 1\n" + rest, "another format")
    put("name-upper", name.upper() + b" 1\n" + rest, "case counts")
    put("empty", b"", "nothing")
    put("newline-only", b"\n", "an empty line")
    put("no-newline-at-end", data[:-1], "the last line is not ended")
    put("crlf", data.replace(b"\n", b"\r\n"), "carriage returns")
    put("blank-line-at-end", data + b"\n", "one newline too many")
    put("blank-line-first", b"\n" + data, "a blank line")
    put("bom", b"\xef\xbb\xbf" + data, "a byte order mark")
    put("nul-at-end", data + b"\0", "a byte more")
    put("twice", data + data, "the whole file twice")
    put("half", data[:len(data) // 2], "cut off")
    for i, (key, value) in enumerate(good[1:], 1):
        k = key.decode()
        if sum(1 for x in good if x[0] == key) > 1:
            continue
        put("%s-missing" % k, lines(*(good[:i] + good[i + 1:])),
            "a line is missing")
        put("%s-twice" % k, lines(*(good[:i] + [good[i]] + good[i:])),
            "a line is there twice")
        put("%s-empty" % k, lines(*(good[:i] + [(key, b"")] + good[i + 1:])),
            "no value")
        blanks = "ok" if key in free else "ECORRUPT"
        put("%s-two-blanks" % k,
            lines(*(good[:i] + [(key, b" " + value)] + good[i + 1:])),
            "two blanks", blanks)
        put("%s-blank-at-end" % k,
            lines(*(good[:i] + [(key, value + b" ")] + good[i + 1:])),
            "a blank at the end", blanks)
        put("%s-nul-at-end" % k,
            lines(*(good[:i] + [(key, value + b"\0")] + good[i + 1:])),
            "a NUL in the value")
    put("two-lines-swapped",
        lines(*(good[:1] + [good[2], good[1]] + good[3:])), "another order")
    put("tab", data.replace(b" ", b"\t", 1), "a tab for the blank")
    put("unknown-line", lines(*(good + [(b"more", b"1")])), "a line more")


def hex_faults(w, good, key, n):
    """The faults that a value of n bytes in hex can have."""
    i = [k for k, v in good].index(key)
    value = good[i][1]

    def put(vec, v, why):
        w.add("%s-%s" % (key.decode(), vec), "ECORRUPT",
              lines(*(good[:i] + [(key, v)] + good[i + 1:])), why)

    assert len(value) == 2 * n and value != value.upper()
    put("upper", value.upper(), "upper-case hex")
    put("short", value[:-2], "a byte too few")
    put("odd", value[:-1], "half a byte")
    put("long", value + b"00", "a byte too many")
    put("not-hex", value[:-1] + b"g", "no hex digit")


def number_faults(w, good, key, over, under=None):
    i = [k for k, v in good].index(key)

    def put(vec, v, why):
        w.add("%s-%s" % (key.decode(), vec), "ECORRUPT",
              lines(*(good[:i] + [(key, v)] + good[i + 1:])), why)

    put("leading-zero", b"0" + good[i][1], "not canonical")
    put("plus", b"+" + good[i][1], "a sign")
    put("minus", b"-1", "negative")
    put("hex", b"0x10", "not decimal")
    put("over", over, "over the limit")
    put("over-64-bits", b"18446744073709551616", "more than 64 bits")
    if under is not None:
        put("under", under, "under the limit")


def uuid_faults(w, good, key):
    i = [k for k, v in good].index(key)
    value = good[i][1]

    def put(vec, v, why):
        w.add("%s-%s" % (key.decode(), vec), "ECORRUPT",
              lines(*(good[:i] + [(key, v)] + good[i + 1:])), why)

    put("upper", value.upper(), "upper-case hex")
    put("short", value[:-1], "a digit too few")
    put("long", value + b"0", "a digit too many")
    put("no-dashes", value.replace(b"-", b"0"), "no dashes")
    put("braces", b"{" + value + b"}", "braces")
