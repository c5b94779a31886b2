#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubprotocol-filter(5), "pktline": a stream of packets.  ok: all of
it is packets, with nothing behind; a cut packet is ECORRUPT, as it is for who
reads to the end of a stream."""

import vec

FLUSH = b"0000"


def packet(data):
    return b"%04x" % (len(data) + 4) + data


def text(*words):
    return b"".join(packet(w.encode() + b"\n") for w in words) + FLUSH


def main():
    w = vec.Writer("pktline")

    def good(name, data, why):
        w.add(name, "ok", data, why)

    def bad(name, data, why):
        w.add(name, "ECORRUPT", data, why)

    good("ok-flush", FLUSH, "the end of a list")
    good("ok-empty", b"", "nothing came")
    good("ok-one-byte", packet(b"x"), "the shortest")
    good("ok-65516", packet(b"\0" * 65516), "the longest")
    good("ok-hello", text("git-filter-client", "version=2"), "git's greeting")
    good("ok-answer", text("git-filter-server", "version=2"), "ours")
    good("ok-capabilities",
         text("capability=clean", "capability=smudge", "capability=delay"),
         "what git can")
    good("ok-clean", text("command=clean", "pathname=a b.bin") +
         packet(b"content\0") + FLUSH, "a file")
    good("ok-no-newline", packet(b"pathname=x") + FLUSH, "git may leave it out")
    good("ok-newline-in-path", text("command=smudge", "pathname=a\nb") + FLUSH,
         "only the last newline is none of the value")
    good("ok-pathname-empty", packet(b"pathname=\n"), "no value is a value")
    good("ok-upper", b"000Ax00000", "capital digits: git reads them")
    bad("upper-flush-cut", b"000", "three digits")
    bad("length-1", b"0001", "the delimiter of another protocol")
    bad("length-2", b"0002", "an end of response")
    bad("length-3", b"0003", "no length has three")
    bad("length-4", b"0004", "an empty packet: git forbids it")
    bad("length-fff1", b"fff1" + b"x" * 9, "a byte too long")
    bad("length-ffff", b"ffff" + b"x" * 9, "far too long")
    bad("not-hex", b"00g5x", "no digit")
    bad("plus", b"+005x", "a sign")
    bad("blank", b" 005x", "a blank")
    bad("newline", b"\n005x", "a newline")
    bad("nul", b"0\x00005x", "a NUL")
    bad("cut", packet(b"content")[:-1], "the content is cut off")
    bad("cut-head", packet(b"x") + b"00", "the head is cut off")
    bad("behind", FLUSH + b"x", "a byte behind the end")
    w.done()


main()
