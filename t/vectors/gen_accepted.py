#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-accepted(5)."""

import hashlib

import ed25519
import vec

CONTEXT = "vibehub-accepted"
SEED = hashlib.sha256(b"accepted vectors").digest()


def hexof(text):
    return hashlib.sha256(text).hexdigest().encode()


def body(**change):
    values = [(b"vibehub-accepted", b"1"), (b"hub", hexof(b"a hub")),
              (b"change", hexof(b"a change")),
              (b"device", b"0f8fad5b-d9cb-469f-a165-70867728950e"),
              (b"key", ed25519.public(SEED).hex().encode()),
              (b"time", b"1795246140")]
    return [(k, change.get(k.decode(), v)) for k, v in values]


def sig_of(text, context=CONTEXT, seed=SEED):
    return ed25519.sign_context(seed, context, text).hex().encode()


def signed(lines):
    return lines + [(b"sig", sig_of(vec.lines(*lines)))]


def main():
    w = vec.Writer("accepted")

    def good(name, why, **change):
        w.add(name, "ok", vec.lines(*signed(body(**change))), why,
              seed=SEED.hex(), signature="ok")

    good("ok", "accepted by a person")
    good("ok-time-0", "1970", time=b"0")
    good("ok-time-9999", "the last second", time=b"253402300799")
    vec.text_faults(w, signed(body()))
    for key, n in ((b"hub", 32), (b"change", 32), (b"key", 32), (b"sig", 64)):
        vec.hex_faults(w, signed(body()), key, n)
    vec.number_faults(w, signed(body()), b"time", b"253402300800")
    vec.uuid_faults(w, signed(body()), b"device")
    text = vec.lines(*body())
    for name, why, sig in (
            ("signature-other-context", "made for another kind of record",
             sig_of(text, "vibehub-presence")),
            ("signature-other-key", "by another device",
             sig_of(text, seed=hashlib.sha256(b"other").digest())),
            ("signature-other-text", "of another text", sig_of(text[:-1]))):
        w.add(name, "ok", text + vec.lines((b"sig", sig)), why,
              signature="EAUTH")
    w.done()


main()
