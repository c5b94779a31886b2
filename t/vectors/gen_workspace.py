#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-workspace(5)."""

import hashlib

import vec

ID = hashlib.sha256(b"a hub").hexdigest().encode()
UUID = b"01234567-89ab-4cde-8f01-23456789abcd"


def quote(b):
    out = b""
    for i in range(len(b)):
        c = b[i:i + 1]
        out += {b"\n": b"\\n", b"\t": b"\\t", b'"': b'\\"',
                b"\\": b"\\\\"}.get(c, c)
    return b'"' + out + b'"'


def text(head=b"[vibehub]", url=quote(b"/mnt/nas/hub.git"), drop=None,
         **change):
    values = [(b"version", b"1"), (b"hubid", ID), (b"hub", url),
              (b"device", UUID), (b"name", b"laptop")]
    out = head + b"\n"
    for k, v in values:
        if k.decode() != drop:
            out += b"\t" + k + b" = " + change.get(k.decode(), v) + b"\n"
    return out


def main():
    w = vec.Writer("workspace")

    def put(vector, expect, why, **change):
        w.add(vector, expect, text(**change), why)

    put("ok", "ok", "as made by clone")
    put("ok-url-bytes", "ok", "any bytes but NUL",
        url=quote(bytes(range(1, 256))))
    put("ok-url-one", "ok", "one byte", url=b'"/"')
    put("ok-url-max", "ok", "the limit", url=quote(b"/" * 8192))
    put("ok-url-max-escaped", "ok", "the limit counts bytes of the address",
        url=quote(b"\\" * 8192))
    put("ok-name-max", "ok", "32 bytes", name=b"a" * 32)
    put("version-2", "EVERSION", "a newer hub", version=b"2")
    put("version-empty", "EVERSION", "no number of ours", version=b"")
    put("version-01", "EVERSION", "no number of ours", version=b"01")
    put("head-other", "ECORRUPT", "another section", head=b"[core]")
    put("head-upper", "ECORRUPT", "not canonical", head=b"[VIBEHUB]")
    put("head-blank", "ECORRUPT", "not canonical", head=b"[vibehub] ")
    for k in ("version", "hubid", "hub", "device", "name"):
        put(k + "-missing", "ECORRUPT", "a line is missing", drop=k)
    put("hubid-short", "ECORRUPT", "31 bytes", hubid=ID[2:])
    put("hubid-long", "ECORRUPT", "33 bytes", hubid=ID + b"00")
    put("hubid-upper", "ECORRUPT", "not canonical", hubid=ID.upper())
    put("hubid-not-hex", "ECORRUPT", "no digit", hubid=ID[:-1] + b"g")
    put("url-empty", "ECORRUPT", "no address", url=b'""')
    put("url-no-quotes", "ECORRUPT", "not canonical", url=b"/mnt/nas")
    put("url-one-quote", "ECORRUPT", "no end", url=b'"')
    put("url-open", "ECORRUPT", "no end", url=b'"/mnt/nas')
    put("url-escaped-end", "ECORRUPT", "the last quote is text",
        url=b'"/mnt/nas\\"')
    put("url-quote-inside", "ECORRUPT", "not escaped", url=b'"/a"b"')
    put("url-tab", "ECORRUPT", "not escaped", url=b'"/a\tb"')
    put("url-nul", "ECORRUPT", "no address has one", url=b'"/a\0b"')
    put("url-other-escape", "ECORRUPT", "not canonical", url=b'"/a\\x"')
    put("url-over", "ECORRUPT", "over the limit", url=quote(b"/" * 8193))
    put("device-short", "ECORRUPT", "no UUID", device=UUID[:-1])
    put("device-upper", "ECORRUPT", "not canonical", device=UUID.upper())
    put("device-path", "ECORRUPT", "would leave the folder",
        device=b"../../../../../../../etc/passwd.....")
    put("name-empty", "ECORRUPT", "no name", name=b"")
    put("name-long", "ECORRUPT", "33 bytes", name=b"a" * 33)
    put("name-slash", "ECORRUPT", "not allowed", name=b"a/b")
    put("name-nul", "ECORRUPT", "not allowed", name=b"a\0b")
    good = text()
    w.add("empty", "ECORRUPT", b"", "nothing")
    w.add("half", "ECORRUPT", good[:len(good) // 2], "cut off")
    w.add("no-newline", "ECORRUPT", good[:-1], "the last line has no end")
    w.add("more", "ECORRUPT", good + b"\tx = y\n", "something follows")
    w.add("crlf", "ECORRUPT", good.replace(b"\n", b"\r\n"),
          "not canonical")
    w.add("bom", "ECORRUPT", b"\xef\xbb\xbf" + good, "not canonical")
    w.add("over", "ECORRUPT", good + b"#" * 20000, "over the limit")
    w.done()


main()
