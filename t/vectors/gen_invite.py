#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-invite(5)."""

import base64
import hashlib

import vec

HUB = hashlib.sha256(b"hub").digest()
ID = bytes(range(16))
SEED = hashlib.sha256(b"invite seed").digest()
HOST = hashlib.sha256(b"host key").digest()
URL = b"ssh://bob@example.org:2222/srv/hub.git"


def text(version=1, hub=HUB, url=URL, check=None, more=b""):
    raw = bytes([version]) + hub + ID + SEED + HOST + url
    if check is None:
        check = hashlib.blake2b(raw, digest_size=32).digest()[:4]
    return b"hub-invite:" + base64.urlsafe_b64encode(raw + check + more).rstrip(b"=")


def main():
    w = vec.Writer("invite")
    good = text()
    w.add("ok", "ok", good, "an address with user and port")
    w.add("ok-newline", "ok", good + b"\n", "pasted with its newline", exact=0)
    w.add("ok-blanks", "ok", b"  " + good + b" \r\n", "and with blanks", exact=0)
    w.add("ok-short", "ok", text(url=b"ssh://a/"), "a short address")
    w.add("ok-one-more", "ok", text(url=b"ssh://a/b"), "another length of the last group")
    w.add("ok-two-more", "ok", text(url=b"ssh://a/bc"), "and another")
    w.add("ok-longest", "ok", text(url=b"ssh://h/" + b"a" * 1016), "1024 bytes of address")
    w.add("version", "EVERSION", text(version=2), "a newer one")

    def bad(name, data, why):
        w.add(name, "ECORRUPT", data, why)

    bad("empty", b"", "nothing")
    bad("prefix", good[:11], "only what it begins with")
    bad("prefix-other", b"hub-invited" + good[10:], "another word")
    bad("prefix-upper", b"Hub" + good[3:], "case counts")
    bad("check", text(check=b"\0\0\0\0"), "a slip")
    bad("more", text(more=b"\0"), "a byte more")
    bad("padding", text(url=b"ssh://a/") + b"=", "padded")
    bad("alphabet", good[:40] + b"+" + good[41:], "the other alphabet")
    bad("blank", good[:40] + b" " + good[40:], "broken into two")
    bad("nul", good[:40] + b"\0" + good[41:], "not text")
    bad("not-canonical", text(url=b"ssh://a/b")[:-1] + b"_", "bits that are not used are set")
    bad("long", text(url=b"ssh://h/" + b"a" * 1017), "1025 bytes of address")
    bad("url-none", text(url=b""), "no address")
    bad("url-other", text(url=b"https://example.org/"), "another way")
    bad("url-blank", text(url=b"ssh://a/b c"), "a blank in it")
    bad("url-newline", text(url=b"ssh://a/b\n"), "a newline in it")
    for n in 12, 60, 120, len(good) - 1, len(good) - 4:
        bad(f"cut-{n}", good[:n], "cut off")
    w.done()


main()
