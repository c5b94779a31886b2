#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-device(5).  The seeds are of no use to anybody."""

import hashlib

import vec


def body(**change):
    values = [(b"vibehub-device-key", b"1"),
              (b"device", b"0f8fad5b-d9cb-469f-a165-70867728950e"),
              (b"hub", hashlib.sha256(b"a hub").hexdigest().encode()),
              (b"seed", hashlib.sha256(b"a seed").hexdigest().encode())]
    return [(k, change.get(k.decode(), v)) for k, v in values]


def main():
    w = vec.Writer("device")
    w.add("ok", "ok", vec.lines(*body()), "as made by clone")
    w.add("ok-zero", "ok", vec.lines(*body(
        device=b"00000000-0000-0000-0000-000000000000", hub=b"0" * 64,
        seed=b"0" * 64)), "any bytes are a seed")
    vec.text_faults(w, body())
    vec.hex_faults(w, body(), b"hub", 32)
    vec.hex_faults(w, body(), b"seed", 32)
    vec.uuid_faults(w, body(), b"device")
    w.done()


main()
