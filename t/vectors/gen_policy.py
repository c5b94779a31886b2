#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-policy(5).  "rules": the two limits and the patterns that
a reader finds, large ones as they are, small ones behind "!", joined by "|"."""

import vec

M, G = 1 << 20, 1 << 30


def main():
    w = vec.Writer("policy")

    def good(name, text, why, binary=M, over=16 * M, rules=()):
        found = "|".join([str(binary), str(over)] + list(rules))
        more = {"rules": found} if len(found) < 150 else {}
        w.add(name, "ok", text, why, **more)

    def bad(name, text, why):
        w.add(name, "ECORRUPT", text, why)

    good("ok-empty", b"", "the defaults")
    good("ok-comment", b"# nothing\n\n  # more\n\t\n", "comments and blanks")
    good("ok-all", b"binary-over 2M\ntext-over 64M\nlarge *.psd\n"
         b"small docs/*.pdf\n", "every word", 2 * M, 64 * M,
         ["*.psd", "!docs/*.pdf"])
    good("ok-blanks", b"  large \t *.a  \t\n", "blanks around",
         rules=["*.a"])
    good("ok-inner-blanks", b"large my file.bin\n", "a blank in a pattern",
         rules=["my file.bin"])
    good("ok-crlf", b"large *.a\r\nsmall *.b\r\n", "an editor of Windows",
         rules=["*.a", "!*.b"])
    good("ok-no-newline", b"large *.a", "the last line is not ended",
         rules=["*.a"])
    good("ok-order", b"small a\nlarge b\nsmall c\n", "the order stays",
         rules=["!a", "b", "!c"])
    good("ok-escape", b"large \\#a\nsmall \\!b\n", "escapes",
         rules=["\\#a", "!\\!b"])
    good("ok-folder", b"large media/\n", "a folder", rules=["media/"])
    good("ok-utf8", "large Füße/*\n".encode(), "not ASCII",
         rules=["Füße/*"])
    good("ok-bytes", b"binary-over 65536\ntext-over 70000\n", "bytes", 65536,
         70000)
    good("ok-min", b"binary-over 64K\n", "the least", 65536)
    good("ok-max", b"text-over 1G\n", "the most", M, G)
    good("ok-max-k", b"text-over 1048576K\n", "the same in K", M, G)
    good("ok-pattern-1024", b"large " + b"a" * 1024 + b"\n",
         "a pattern of 1024 bytes", rules=["a" * 1024])

    bad("word-unknown", b"larg *.a\n", "no such word")
    bad("word-upper", b"Large *.a\n", "case counts")
    bad("word-alone", b"large\n", "no pattern")
    bad("word-blank", b"small  \n", "no pattern")
    bad("word-only-size", b"binary-over\n", "no size")
    bad("words-joined", b"large*.a\n", "no blank")
    bad("pattern-not", b"large !*.a\n", "what would it mean")
    bad("pattern-hash", b"small #a\n", "git would take it for a comment")
    bad("pattern-nul", b"large a\0b\n", "a NUL")
    bad("pattern-tab", b"large a\tb\n", "a control character")
    bad("pattern-cr", b"large a\rb\n", "a carriage return inside")
    bad("pattern-1025", b"large " + b"a" * 1025 + b"\n", "too long")
    bad("binary-twice", b"binary-over 1M\nbinary-over 1M\n", "twice")
    bad("text-twice", b"text-over 1M\ntext-over 2M\n", "twice")
    for name, v in (("under", b"65535"), ("under-k", b"63K"), ("zero", b"0"),
                    ("over", b"1073741825"), ("over-g", b"2G"),
                    ("over-k", b"1048577K"), ("over-64", b"9" * 20),
                    ("wrap", b"17179869185G"),
                    ("lower", b"1m"), ("leading-zero", b"01M"),
                    ("blank", b"1 M"), ("letter", b"M"), ("plus", b"+1M"),
                    ("fraction", b"1.5M"), ("b", b"1MB"), ("t", b"1T")):
        bad("size-" + name, b"text-over " + v + b"\n", "no size")
    bad("large-file", b"#" * (256 * 1024 + 1), "over 256 KiB")
    bad("bom", b"\xef\xbb\xbflarge *.a\n", "a byte order mark")
    w.done()


main()
