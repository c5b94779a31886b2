#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""t/place-bytes.py - what the keeper of a place can see in it.

	shape VAULT...	  names, sizes and clear bytes are of the forms that the
			  pages of the formats admit; all else looks random
	without VAULT WORD...	  no file of it, and no name, has any of the words
			  as text, in hex or in UTF-16, nor any hex word as bytes
	nonces VAULT...	  no two different files have a nonce in common; prints
			  how many there are

VAULT is a folder with format, keys, packs and states."""

import os
import re
import struct
import sys
import zlib

PACKS = [12, 14] + list(range(16, 25))
NAMES = (r"format|keys/[0-9a-f]{32}|packs/[0-9a-f]{2}/[0-9a-f]{64}"
         r"|states/\d+/\d+/s")
FORMAT = re.compile(
    rb"vibehub-vault 1\nhub [0-9a-f]{64}\nplace [0-9a-f]{64}\nsuite 1\n"
    rb"min_reader 1\nmin_writer 1\ncreated \d{10}\n")
bad = 0


def wrong(name, what):
    global bad
    bad += 1
    print("%s: %s" % (name, what))


def files(vault):
    for folder, _, names in os.walk(vault):
        for n in names:
            path = os.path.join(folder, n)
            if not n.startswith("."):        # what a killed writer left
                with open(path, "rb") as f:
                    yield os.path.relpath(path, vault), path, f.read()


def random_looking(path, data):
    """Sealed bytes cannot be compressed, wherever one looks."""
    for at in range(0, len(data), 4096):
        piece = data[at:at + 4096]
        if len(zlib.compress(piece, 9)) < len(piece):
            return wrong(path, "sealed bytes that can be compressed")


def pack(path, b):
    kind, klass, _, zero = struct.unpack_from(">BBII", b, 6)
    if b[:6] != b"VHpk\1\1" or kind not in (1, 2) or klass not in PACKS \
            or len(b) != 1 << klass or zero:
        wrong(path, "no pack")
    random_looking(path, b[16:])


def state(path, b):
    if b[:6] != b"VHst\1\1" or b[6] not in (12, 14, 16) or b[7] \
            or len(b) != 1 << b[6]:
        wrong(path, "no state")
    random_looking(path, b[56:])


def slot(path, b):
    if b[:6] == b"VHrm\1\1":
        if len(b) != 4096 or b[6:8] != b"\0\0":
            wrong(path, "no removal")
        return random_looking(path, b[60:])
    passphrase = b[6] == 1
    at = 116 + (136 if passphrase else 0)
    n, = struct.unpack_from(">I", b, at)
    if b[:6] != b"VHsl\1\1" or b[6] not in (1, 2) or (n - 48) % 1024 \
            or len(b) != at + 4 + n + 60 + 1168:
        return wrong(path, "no key slot")
    if not passphrase and any(b[88:116]):
        wrong(path, "something in the head of a slot")
    random_looking(path, b[at + 4:])


def shape(vault):
    for name, path, b in files(vault):
        if not re.fullmatch(NAMES, name):
            wrong(path, "such a name has no place here")
        elif name == "format":
            if not FORMAT.fullmatch(b):
                wrong(path, "more than a format file")
        else:
            {"packs": pack, "states": state, "keys": slot}[
                name.split("/")[0]](path, b)


def without(vault, words):
    forms = []
    for w in words:
        b = w.encode()
        forms += [(w, x) for x in (b, b.hex().encode(), w.encode("utf-16-le"))]
        if re.fullmatch(r"([0-9a-f]{2}){8,}", w):
            forms.append((w, bytes.fromhex(w)))
    for name, path, data in files(vault):
        for w, form in forms:
            if form in data or form in name.encode():
                wrong(path, "'%s' is in it" % w)


def nonces_of(name, b):
    kind = name.split("/")[0]
    if kind == "packs":
        return [b[48:72]]
    if kind == "states":
        return [b[88:112]]
    if b[:4] == b"VHrm":
        return [b[92:116]]
    if b[:4] == b"VHsl":
        return [b[-1192:-1168]] + ([b[148:172]] if b[6] == 1 else [])
    return []


def nonces(vaults):
    seen = {}
    for vault in vaults:
        for name, path, b in files(vault):
            for i, n in enumerate(nonces_of(name, b)):
                # The box of a passphrase stays when the rest is sealed anew.
                what = b[:116] + b[172:252] if i else b
                old = seen.setdefault(n, (path, what))
                if len(n) != 24 or old[1] != what:
                    wrong(path, "has a nonce of %s" % old[0])
    print(len(seen))


def main():
    verb, args = sys.argv[1], sys.argv[2:]
    if verb == "nonces":
        nonces(args)
    elif verb == "without":
        without(args[0], args[1:])
    else:
        for vault in args:
            shape(vault)
    sys.exit(bad != 0)


main()
