#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-released(5)."""

import hashlib

import certs
import ed25519
import vec

CONTEXT = "vibehub-released"
SEED = hashlib.sha256(b"released vectors").digest()
HUB = hashlib.sha256(b"hub").digest()


def hexof(text, n):
    return hashlib.sha512(text).hexdigest().encode()[:2 * n]


def content(recipe, size=b"5000000", time=b"1795246000", what=b"prune"):
    return (b"content", b" ".join([recipe, size, time, what]))


TIPS = [(b"tip", b"1a" * 20), (b"tip", b"f0" * 20)]
CONTENTS = [content(b"0b" * 32), content(b"0c" * 32, what=b"forget"),
            content(b"fe" * 32, size=b"1")]


def chain(n=2):
    return bytes([n]) + b"".join(certs.chain(HUB, n, b"\1" * 16, SEED))


def body(tips=TIPS, contents=CONTENTS, **change):
    """All lines but "sig"."""
    head = [(b"vibehub-released", b"1"), (b"hub", HUB.hex().encode()),
            (b"time", b"1795246140"), (b"by", b"laptop")]
    head = [(k, change.get(k.decode(), v)) for k, v in head]
    return head + tips + contents + [
        (b"chain", change.get("chain", chain().hex().encode()))]


def signed(lines):
    sig = ed25519.sign_context(SEED, CONTEXT, vec.lines(*lines))
    return lines + [(b"sig", sig.hex().encode())]


def main():
    w = vec.Writer("released")

    def good(name, why, *lists, **change):
        w.add(name, "ok", vec.lines(*signed(body(*lists, **change))), why,
              seed=SEED.hex(), signature="ok")

    def bad(name, why, *lists, **change):
        w.add(name, "ECORRUPT", vec.lines(*signed(body(*lists, **change))),
              why)

    good("ok", "two tips, three contents")
    good("ok-nothing", "no tip, no content", [], [])
    good("ok-one-certificate", "issued by the identity", TIPS, CONTENTS,
         chain=chain(1).hex().encode())
    good("ok-four-certificates", "as long as a chain may be", TIPS, CONTENTS,
         chain=chain(4).hex().encode())
    good("ok-largest", "2^60 bytes", TIPS,
         [content(b"00" * 32, size=b"1152921504606846976")])
    good("ok-9999", "the last second", TIPS,
         [content(b"00" * 32, time=b"253402300799")], time=b"253402300799")
    lines = body()
    other = ed25519.sign_context(SEED, "vibehub-presence", vec.lines(*lines))
    w.add("ok-signed-for-else", "ok",
          vec.lines(*(lines + [(b"sig", other.hex().encode())])),
          "well formed, signed as something else", signature="EAUTH")

    bad("tip-twice", "the same tip twice", [TIPS[0], TIPS[0]], CONTENTS)
    bad("tip-order", "not ascending", TIPS[::-1], CONTENTS)
    bad("tip-short", "19 bytes", [(b"tip", b"1a" * 19)], CONTENTS)
    bad("tip-upper", "upper-case hex", [(b"tip", b"1A" * 20)], CONTENTS)
    bad("content-twice", "the same content twice", TIPS,
        [CONTENTS[0], CONTENTS[0]])
    bad("content-order", "not ascending", TIPS, CONTENTS[::-1])
    bad("content-before-tip", "another order", [], [CONTENTS[0]] + TIPS)

    def one(name, why, *args, **kw):
        bad("content-" + name, why, TIPS, [content(*args, **kw)])

    r = b"0b" * 32
    one("recipe-short", "31 bytes", b"0b" * 31)
    one("recipe-upper", "upper-case hex", b"0B" * 32)
    one("size-zero", "no file that large", r, size=b"0")
    one("size-over", "more than 2^60", r, size=b"1152921504606846977")
    one("size-leading-zero", "not canonical", r, size=b"05")
    one("size-empty", "no number", r, size=b"")
    one("time-over", "the year 10000", r, time=b"253402300800")
    one("time-minus", "before 1970", r, time=b"-1")
    one("what-other", "no such way", r, what=b"lost")
    one("what-upper", "case counts", r, what=b"Prune")
    one("what-empty", "not said", r, what=b"")
    one("more", "a word more", r, what=b"prune x")
    bad("content-words-missing", "a recipe alone", TIPS, [(b"content", r)])
    bad("by-blank", "no name", by=b"a b")
    bad("by-long", "33 characters", by=b"a" * 33)
    bad("chain-none", "signed by nobody", chain=b"00")
    bad("chain-five", "too long a chain",
        chain=(b"\5" + b"".join(certs.chain(HUB, 5, b"\1" * 16, SEED))
               ).hex().encode())
    bad("chain-cut", "a byte too few", chain=chain().hex().encode()[:-2])
    bad("chain-more", "a byte too many", chain=chain().hex().encode() + b"00")
    bad("chain-odd", "half a byte", chain=chain().hex().encode()[:-1])
    bad("chain-upper", "upper-case hex", chain=chain().hex().encode().upper())
    bad("chain-no-certificate", "another magic",
        chain=certs.change(chain(), 1, b"XXXX").hex().encode())
    vec.text_faults(w, signed(body()))
    vec.hex_faults(w, signed(body()), b"hub", 32)
    vec.hex_faults(w, signed(body()), b"sig", 64)
    vec.number_faults(w, signed(body()), b"time", b"253402300800")
    w.done()


main()
