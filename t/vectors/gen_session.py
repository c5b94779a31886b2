#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubprotocol-session(5): streams of frames, heads of HELLO, heads of
the operations of a place."""

import struct

import vec

HUB = bytes(range(32))


def frame(kind, payload=b""):
    return struct.pack(">IB", 1 + len(payload), kind) + payload


def request(op, head=b"", flags=0):
    return frame(1, bytes([op, flags]) + head)


def answer(status=0, head=b"", flags=0):
    return frame(4, bytes([status, flags]) + head)


def hello(version=1, kind=2, flags=0, hub=HUB, flight=1024, program=b"hub 1.0",
          length=None, more=b""):
    return (struct.pack(">HBB", version, kind, flags) + hub +
            struct.pack(">IB", flight, len(program) if length is None else length) +
            program + more)


def frames():
    w = vec.Writer("session")

    def ok(name, data, why):
        w.add(name, "ok", data, why)

    def bad(name, data, why, code="ECORRUPT"):
        w.add(name, code, data, why)

    ok("ok-hello", request(1, hello()), "the first request")
    ok("ok-body", request(24, HUB + b"\0", 1) + frame(2, b"abc") + frame(3),
       "a request with a body")
    ok("ok-answers", answer() + answer(0, b"head") + answer(1, b"not there"),
       "three answers")
    ok("ok-pieces", frame(7, b"a" * 65536) + answer(0, b"b"), "a long head")
    ok("ok-void", frame(2, b"x") + frame(3, b"\3the disk is bad"),
       "a body that failed")
    ok("ok-alive", frame(5) + frame(5) + frame(6), "pings, and the end")
    ok("ok-largest-data", frame(2, b"d" * 65536), "the limit")
    ok("ok-largest-head", request(20, b"h" * 65536), "the limit")
    ok("ok-longest-message", answer(16, b"m" * 1024), "the limit")
    ok("ok-answer-body", answer(0, b"", 1) + frame(2, b"1") + frame(3),
       "an answer with a body")
    bad("length-0", struct.pack(">I", 0), "no type")
    bad("length-over", struct.pack(">IB", 65553, 2) + b"d" * 65552,
        "over the limit")
    bad("length-4-gb", b"\xff\xff\xff\xff\2", "over the limit")
    bad("data-empty", frame(2), "nothing is in it")
    bad("data-long", frame(2, b"d" * 65537), "over the limit")
    bad("piece-empty", frame(7), "nothing is in it")
    bad("piece-long", frame(7, b"d" * 65537), "over the limit")
    bad("request-op-0", request(0), "no operation")
    bad("request-flags-2", request(20, b"", 2), "an unknown flag")
    bad("request-long", request(20, b"h" * 65537), "over the limit")
    bad("request-short", frame(1, b"\24"), "no flags")
    bad("answer-flags-128", answer(0, b"", 128), "an unknown flag")
    bad("answer-short", frame(4, b"\0"), "no flags")
    bad("answer-failed-body", answer(1, b"", 1), "a failure has no body")
    bad("answer-message-long", answer(1, b"m" * 1025), "over the limit")
    bad("end-status-0", frame(3, b"\0"), "no status says it")
    bad("end-message-long", frame(3, b"\1" + b"m" * 1025), "over the limit")
    bad("ping-with-more", frame(5, b"x"), "nothing is in it")
    bad("bye-with-more", frame(6, b"x"), "nothing is in it")
    bad("type-0", frame(0), "no type", "EVERSION")
    bad("type-8", frame(8, b"x"), "of a newer hub", "EVERSION")
    bad("second-bad", answer() + frame(2), "the second is empty")
    w.done()


def hellos():
    w = vec.Writer("hello")

    def bad(name, why, code="ECORRUPT", **k):
        w.add(name, code, hello(**k), why)

    w.add("ok", "ok", hello(), "a place")
    w.add("ok-hub", "ok", hello(kind=1), "a hub")
    w.add("ok-flags", "ok", hello(flags=3), "both flags")
    w.add("ok-any", "ok", hello(hub=bytes(32)), "any hub")
    w.add("ok-no-program", "ok", hello(program=b""), "no name")
    w.add("ok-longest-program", "ok", hello(program=b"p" * 64), "the limit")
    w.add("ok-flight-max", "ok", hello(flight=0xffffffff), "the limit")
    w.add("ok-newer", "ok", hello(version=2, more=b"more"),
          "a newer one has more")
    bad("version-0", "no such version", "EVERSION", version=0)
    bad("kind-0", "no kind", kind=0)
    bad("kind-3", "an unknown kind", kind=3)
    bad("flags-4", "an unknown flag", flags=4)
    bad("flight-0", "nothing could be asked", flight=0)
    bad("program-65", "over the limit", program=b"p" * 65)
    bad("program-short", "cut off", length=8)
    bad("program-newline", "not printable", program=b"hub\n1")
    bad("program-nul", "not printable", program=b"hub\0")
    bad("program-utf8", "not ASCII", program=b"h\xc3\xbcb")
    bad("more", "something follows", more=b"x")
    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("half", "ECORRUPT", hello()[:20], "cut off")
    w.done()


FIELDS = {"i": HUB, "s": HUB[:16], "q": struct.pack(">Q", 4711), "o": struct.pack(">Q", 65536),
          "l": struct.pack(">I", 1 << 20), "b": b"\1"}
OPS = {16: "ib", 17: "", 18: "", 19: "", 20: "q", 21: "q", 22: "q", 23: "q", 24: "ib", 25: "iol",
       26: "i", 27: "", 28: "i", 29: "", 30: "s", 31: "s", 32: "s", 33: "bqi", 34: "", 35: "",
       36: "q", 37: ""}


def places():
    w = vec.Writer("placewire")
    for op, fields in OPS.items():
        data = bytes([op]) + b"".join(FIELDS[f] for f in fields)
        w.add("ok-%d" % op, "ok", data, "operation %d" % op)
        w.add("more-%d" % op, "ECORRUPT", data + b"\0", "a byte more")
        if fields:
            w.add("less-%d" % op, "ECORRUPT", data[:-1], "a byte less")
    w.add("op-15", "EVERSION", b"\17", "no operation of a place")
    w.add("op-38", "EVERSION", b"\46", "of a newer hub")
    w.add("select-flags", "ECORRUPT", b"\20" + HUB + b"\4", "an unknown flag")
    w.add("put-flags", "ECORRUPT", b"\30" + HUB + b"\2", "an unknown flag")
    w.add("get-n-max", "ok", b"\31" + HUB + bytes(8) + struct.pack(">I", 1 << 24),
          "the limit")
    w.add("get-n-over", "ECORRUPT", b"\31" + HUB + bytes(8) +
          struct.pack(">I", (1 << 24) + 1), "over the limit")
    w.add("get-off-over", "ECORRUPT", b"\31" + HUB + b"\x80" + bytes(11),
          "over 63 bits")
    w.add("aside-what-4", "ECORRUPT", b"\41\4" + bytes(40), "nothing of this kind")
    w.done()


frames()
hellos()
places()
