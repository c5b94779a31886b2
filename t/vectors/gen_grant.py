#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-grant(5)."""

import hashlib

import certs
import ed25519
import vec

CONTEXT = "vibehub-grant"
SEED = hashlib.sha256(b"grant vectors").digest()
HUB = hashlib.sha256(b"hub").digest()
ID = b"6ba7b810-9dad-41d1-80b4-00c04fd430c8"
OTHER = b"12345678-9abc-4def-8123-456789abcdef"
PATHS = [(b"path", b"docs"), (b"path", b"src/a b")]


def chain(n=2):
    return bytes([n]) + b"".join(certs.chain(HUB, n, b"\1" * 16, SEED))


def body(paths=(), **change):
    """All lines but "sig"."""
    def some(*pairs):
        return [(k, change.get(k.decode(), v)) for k, v in pairs]
    return some((b"vibehub-grant", b"1"), (b"hub", HUB.hex().encode()),
                (b"id", ID), (b"kind", b"device"), (b"name", b"laptop"),
                (b"role", b"editor")) + list(paths) + some(
        (b"ssh", b"5c" * 32), (b"from", b"none"), (b"time", b"1795246140"),
        (b"until", b"0"), (b"chain", chain().hex().encode()))


def signed(lines):
    sig = ed25519.sign_context(SEED, CONTEXT, vec.lines(*lines))
    return lines + [(b"sig", sig.hex().encode())]


def main():
    w = vec.Writer("grant")

    def good(name, why, paths=(), /, **change):
        w.add(name, "ok", vec.lines(*signed(body(paths, **change))), why,
              seed=SEED.hex(), signature="ok")

    def bad(name, why, paths=(), /, **change):
        w.add(name, "ECORRUPT", vec.lines(*signed(body(paths, **change))), why)

    good("ok", "a computer that may write everywhere")
    good("ok-paths", "or in two folders only", PATHS)
    good("ok-redeemed", "by an invitation", **{"from": OTHER})
    good("ok-invite", "an invitation", kind=b"invite", until=b"1795332540")
    good("ok-no-ssh", "without a key for SSH", ssh=b"00" * 32)
    for role in b"owner", b"admin", b"viewer":
        good("ok-" + role.decode(), "another role", role=role)
    good("ok-most-paths", "16 of them",
         [(b"path", b"p%02d" % i) for i in range(16)])
    good("ok-long-path", "1024 bytes", [(b"path", b"/".join([b"a" * 31] * 32) + b"a")])
    good("ok-utf8-path", "not ASCII", [(b"path", "Bücher".encode())])
    lines = body()
    other = ed25519.sign_context(SEED, "vibehub-presence", vec.lines(*lines))
    w.add("ok-signed-for-else", "ok",
          vec.lines(*(lines + [(b"sig", other.hex().encode())])),
          "well formed, signed as something else", signature="EAUTH")

    bad("device-until", "a computer's grant does not end", until=b"1795332540")
    bad("invite-no-end", "an invitation does", kind=b"invite")
    bad("invite-redeemed", "an invitation by an invitation", kind=b"invite",
        until=b"1795332540", **{"from": OTHER})
    bad("kind-other", "no such kind", kind=b"guest")
    bad("kind-long", "longer than any", kind=b"d" * 40)
    bad("role-other", "no such role", role=b"reader")
    bad("role-upper", "case counts", role=b"Editor")
    bad("id-short", "35 characters", id=ID[:-1])
    bad("id-upper", "case counts", id=ID.upper())
    bad("from-other", "neither a UUID nor none", **{"from": b"nobody"})
    bad("from-upper", "case counts", **{"from": b"None"})
    bad("name-blank", "no name", name=b"a b")
    bad("name-long", "33 characters", name=b"a" * 33)
    bad("path-twice", "the same path twice", [PATHS[0], PATHS[0]])
    bad("path-order", "not ascending", PATHS[::-1])
    bad("path-17", "too many", [(b"path", b"p%02d" % i) for i in range(17)])
    bad("path-long", "1025 bytes", [(b"path", b"/".join([b"a" * 31] * 32) + b"aa")])
    for name, path in (("git", b".git"), ("dots", b"a/../b"), ("dot", b"./a"),
                       ("slash", b"/a"), ("slash-at-end", b"a/"), ("two-slashes", b"a//b"),
                       ("control", b"a\x01"), ("delete", b"a\x7f"), ("tab", b"a\tb"),
                       ("below-git", b"a/.GIT/b")):
        bad("path-" + name, "no path for anybody", [(b"path", path)])
    bad("chain-none", "granted by nobody", chain=b"00")
    bad("chain-cut", "a byte too few", chain=chain().hex().encode()[:-2])
    bad("chain-more", "a byte too many", chain=chain().hex().encode() + b"00")
    bad("ssh-short", "31 bytes", ssh=b"5c" * 31)
    vec.text_faults(w, signed(body()))
    vec.hex_faults(w, signed(body()), b"hub", 32)
    vec.hex_faults(w, signed(body()), b"sig", 64)
    vec.number_faults(w, signed(body()), b"time", b"253402300800")
    w.done()


main()
