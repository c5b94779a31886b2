#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-hub(5)."""

import hashlib

import vec

ID = hashlib.sha256(b"a hub").hexdigest().encode()


def body(**change):
    values = [(b"vibehub-hub", b"1"), (b"id", ID), (b"min_reader", b"1"),
              (b"min_writer", b"1"), (b"created", b"1795246140")]
    return [(k, change.get(k.decode(), v)) for k, v in values]


def main():
    w = vec.Writer("hub")

    def put(name, expect, why, **change):
        w.add(name, expect, vec.lines(*body(**change)), why)

    put("ok", "ok", "as made by init")
    put("ok-created-0", "ok", "1970", created=b"0")
    put("ok-created-9999", "ok", "the last second", created=b"253402300799")
    put("ok-newer-writer", "ok", "may be read, not written", min_writer=b"2")
    put("ok-writer-max", "ok", "the limit", min_writer=b"65535")
    vec.text_faults(w, body())
    vec.hex_faults(w, body(), b"id", 32)
    vec.number_faults(w, body(), b"created", b"253402300800")
    vec.number_faults(w, body(), b"min_writer", b"65536", b"0")
    vec.number_faults(w, body(), b"min_reader", b"65536", b"0")
    put("newer-reader", "EVERSION", "not for us", min_reader=b"2",
        min_writer=b"2")
    w.add("newer-reader-other-content", "EVERSION",
          vec.lines(*body(min_reader=b"7")[:3]) + b"and now for others\n",
          "a hub that is not for us may have other lines")
    put("newer-reader-bad-id", "ECORRUPT", "what comes before counts",
        id=ID[:-1] + b"g", min_reader=b"2")
    w.done()


main()
