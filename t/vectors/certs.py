# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates (hubformat-cert(5)) for the generators of vectors."""

import hashlib
import struct

import aead
import ed25519

OWNER, ADMIN, EDITOR, VIEWER = 1, 2, 3, 4
IDENTITY = hashlib.sha256(b"an identity").digest()
ISSUED = 1700000000


def identity_pk():
    return ed25519.public(IDENTITY)


def sign(seed, context, data):
    return ed25519.sign(seed, context + b"\0" + data)


def cert(hub, device, seed, by, role=ADMIN, issued=ISSUED, box=None,
         context=b"vibehub-cert"):
    """The device with signing seed ${seed}, certified with seed ${by}."""
    if box is None:
        box = aead.box_pair(hashlib.sha256(b"box of " + seed).digest())[0]
    data = (b"VHct" + struct.pack(">BBH", 1, role, 0) + hub + device
            + ed25519.public(seed) + box + struct.pack(">Q", issued)
            + ed25519.public(by))
    assert len(data) == 160
    return data + sign(by, context, data)


def chain(hub, n, device=bytes(16), seed=bytes(32), role=ADMIN):
    out, by = [], IDENTITY
    for i in range(n - 1):
        next_seed = hashlib.sha256(b"device %d" % i).digest()
        out.append(cert(hub, hashlib.sha256(next_seed).digest()[:16],
                        next_seed, by))
        by = next_seed
    return out + [cert(hub, device, seed, by, role)]


def change(data, at, value):
    return data[:at] + value + data[at + len(value):]
