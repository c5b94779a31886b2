#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-presence(5)."""

import hashlib

import ed25519
import vec

CONTEXT = "vibehub-presence"
SEED = hashlib.sha256(b"presence vectors").digest()


def hexof(text, n):
    return hashlib.sha512(text).hexdigest().encode()[:2 * n]


def tip(text, ref):
    return (b"tip", hexof(text, 20) + b" " + ref)


TIPS = [tip(b"1", b"refs/heads/main"), tip(b"2", b"refs/heads/work"),
        tip(b"3", b"refs/vibehub/meta")]


def body(tips=TIPS, **change):
    """All lines but "sig"."""
    values = [
        (b"vibehub-presence", b"1"),
        (b"hub", hexof(b"hub", 32)),
        (b"device", b"0f8fad5b-d9cb-469f-a165-70867728950e"),
        (b"key", ed25519.public(SEED).hex().encode()),
        (b"name", b"laptop"),
        (b"seen", b"1795246140"),
        (b"nonce", hexof(b"nonce", 16)),
        (b"token", hexof(b"token", 32)),
        (b"state", b"ok"),
        (b"pending", b"12"),
    ]
    return [(k, change.get(k.decode(), v)) for k, v in values] + tips


def sig_of(text, context=CONTEXT, seed=SEED):
    return ed25519.sign_context(seed, context, text).hex().encode()


def signed(lines):
    return lines + [(b"sig", sig_of(vec.lines(*lines)))]


def main():
    w = vec.Writer("presence")

    def good(name, why, tips=TIPS, /, **change):
        w.add(name, "ok", vec.lines(*signed(body(tips, **change))), why,
              seed=SEED.hex(), signature="ok")

    def bad(name, why, tips=TIPS, /, **change):
        w.add(name, "ECORRUPT", vec.lines(*signed(body(tips, **change))), why)

    def sorted_tips(n, size):
        return [tip(b"%d" % i, (b"refs/heads/%05d" % i).ljust(size, b"x"))
                for i in range(n)]

    good("ok", "three tips")
    good("ok-no-tips", "nothing seen yet", [])
    good("ok-256-tips", "as many as there may be", sorted_tips(256, 20))
    good("ok-ref-255-bytes", "the longest name", sorted_tips(2, 255))
    good("ok-ref-bytes", "names are bytes",
         [tip(b"1", b"refs/heads/\xc3\xa9\xff"), tip(b"2", b"refs/x")])
    good("ok-ref-dot-inside", "as git allows",
         [tip(b"1", b"refs/heads/a./b.c"), tip(b"2", b"refs/heads/{@}")])
    good("ok-ref-shorter-first", "a prefix sorts before",
         [tip(b"1", b"refs/a"), tip(b"2", b"refs/a-"), tip(b"3", b"refs/a/b")])
    for s in (b"behind", b"conflict", b"parked", b"error"):
        good("ok-state-" + s.decode(), "a state", state=s)
    good("ok-name-32", "the longest name", name=b"A.b_c-0" + b"z" * 25)
    good("ok-name-1", "the shortest name", name=b"-")
    good("ok-seen-0", "1970", seen=b"0")
    good("ok-seen-9999", "the last second", seen=b"253402300799")
    good("ok-pending-max", "64 bits", pending=b"18446744073709551615")

    vec.text_faults(w, signed(body([])))
    for key, n in ((b"hub", 32), (b"key", 32), (b"nonce", 16),
                   (b"token", 32), (b"sig", 64)):
        vec.hex_faults(w, signed(body()), key, n)
    vec.number_faults(w, signed(body()), b"seen", b"253402300800")
    vec.number_faults(w, signed(body()), b"pending", b"20000000000000000000")
    vec.uuid_faults(w, signed(body()), b"device")

    bad("name-33", "a name too long", name=b"a" * 33)
    bad("name-blank", "a blank in it", name=b"my laptop")
    bad("name-slash", "a slash in it", name=b"a/b")
    bad("name-utf8", "not ASCII", name="é".encode())
    bad("name-escape", "an escape", name=b"\x1b[2J")
    bad("state-unknown", "a word of the future", state=b"resting")
    bad("state-prefix", "half a word", state=b"o")
    bad("state-longer", "a word too long", state=b"okay")

    bad("tips-257", "one tip too many", sorted_tips(257, 20))
    bad("tips-unsorted", "another order", [TIPS[1], TIPS[0], TIPS[2]])
    bad("tips-twice", "a name twice", [TIPS[0], TIPS[0]])
    bad("tips-twice-other-id", "a name twice",
        [TIPS[0], tip(b"9", b"refs/heads/main")])
    bad("tip-zero-id", "no object", [(b"tip", b"0" * 40 + b" refs/heads/x")])
    bad("tip-upper-id", "upper-case hex",
        [(b"tip", hexof(b"1", 20).upper() + b" refs/heads/x")])
    bad("tip-short-id", "39 digits",
        [(b"tip", hexof(b"1", 20)[:39] + b" refs/heads/x")])
    bad("tip-no-ref", "no name", [(b"tip", hexof(b"1", 20))])
    bad("tip-empty-ref", "an empty name", [(b"tip", hexof(b"1", 20) + b" ")])
    for name, ref in (
            ("head", b"HEAD"), ("no-refs", b"heads/main"),
            ("only-refs", b"refs/"), ("256-bytes", b"refs/" + b"x" * 251),
            ("dot-dot", b"refs/heads/a..b"), ("dot-first", b"refs/heads/.a"),
            ("parent", b"refs/../x"), ("dot-last", b"refs/heads/a."),
            ("lock", b"refs/heads/a.lock"), ("lock-folder", b"refs/a.lock/b"),
            ("blank", b"refs/heads/a b"), ("control", b"refs/heads/a\x1f"),
            ("del", b"refs/heads/a\x7f"), ("tilde", b"refs/heads/a~1"),
            ("caret", b"refs/heads/a^"), ("colon", b"refs/heads/a:b"),
            ("question", b"refs/heads/a?"), ("star", b"refs/heads/*"),
            ("bracket", b"refs/heads/a[b"), ("backslash", b"refs/heads/a\\b"),
            ("at-brace", b"refs/heads/a@{b"), ("slash-last", b"refs/heads/"),
            ("two-slashes", b"refs//heads"), ("nul", b"refs/heads/a\0b")):
        bad("tip-ref-" + name, "no name of a ref", [tip(b"1", ref)])
    bad("tip-before-pending", "another order",
        [], pending=b"1\ntip " + TIPS[0][1] + b"\npending 1")

    text = vec.lines(*body())
    for name, why, sig in (
            ("signature-other-context", "made for another kind of record",
             sig_of(text, "vibehub-accepted")),
            ("signature-no-context", "made over the text alone",
             ed25519.sign(SEED, text).hex().encode()),
            ("signature-other-key", "by another device",
             sig_of(text, seed=hashlib.sha256(b"other").digest())),
            ("signature-other-text", "of another text", sig_of(text[:-1])),
            ("signature-zero", "none", b"0" * 128)):
        w.add(name, "ok", text + vec.lines((b"sig", sig)), why,
              signature="EAUTH")
    # S + L verifies with a lax check: RFC 8032 5.1.7 forbids it.
    s = bytes.fromhex(sig_of(text).decode())
    big = int.from_bytes(s[32:], "little") + ed25519.L
    w.add("signature-not-reduced", "ok", text + vec.lines(
        (b"sig", (s[:32] + big.to_bytes(32, "little")).hex().encode())),
        "the same signature written another way", signature="EAUTH")
    w.done()


main()
