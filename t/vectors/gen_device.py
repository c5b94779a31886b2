#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-device(5).  The seeds are of no use to anybody."""

import hashlib

import certs
import vec

DEVICE = b"0f8fad5b-d9cb-469f-a165-70867728950e"
HUB = hashlib.sha256(b"a hub").digest()
SEED = hashlib.sha256(b"a seed").digest()


def body(**change):
    values = [(b"vibehub-device-key", b"1"), (b"device", DEVICE),
              (b"hub", HUB.hex().encode()), (b"seed", SEED.hex().encode())]
    return [(k, change.get(k.decode(), v)) for k, v in values]


def chain(n, last=DEVICE, hub=HUB):
    """n certificates, the last of this device."""
    uuid = bytes.fromhex(last.decode().replace("-", ""))
    return certs.chain(hub, n, device=uuid, seed=SEED)


def body2(n=1, **change):
    more = [(b"box", hashlib.sha256(b"a box seed").hexdigest().encode()),
            (b"identity", certs.identity_pk().hex().encode())]
    more = [(k, change.get(k.decode(), v)) for k, v in more]
    head = body(**change)
    return [(head[0][0], b"2")] + head[1:] + more + \
        [(b"cert", c.hex().encode()) for c in chain(n)]


def main():
    w = vec.Writer("device")
    w.add("ok", "ok", vec.lines(*body()), "as made by clone")
    w.add("ok-zero", "ok", vec.lines(*body(
        device=b"00000000-0000-0000-0000-000000000000", hub=b"0" * 64,
        seed=b"0" * 64)), "any bytes are a seed")
    vec.text_faults(w, body(), 2)
    vec.hex_faults(w, body(), b"hub", 32)
    vec.hex_faults(w, body(), b"seed", 32)
    vec.uuid_faults(w, body(), b"device")
    w.add("version-2-old-lines", "ECORRUPT",
          vec.lines(*([(b"vibehub-device-key", b"2")] + body()[1:])),
          "version 2 has more lines")
    w.add("version-1-new-lines", "ECORRUPT",
          vec.lines(*(body()[:1] + body2()[1:])), "version 1 has fewer lines")

    w.prefix = "2-"
    for n in (1, 2, 4):
        w.add("ok-%d" % n, "ok", vec.lines(*body2(n)),
              "a chain of %d certificates" % n)
    vec.text_faults(w, body2(), 2)
    vec.hex_faults(w, body2(), b"box", 32)
    vec.hex_faults(w, body2(), b"identity", 32)
    vec.hex_faults(w, body2(), b"cert", 224)
    w.add("cert-5", "ECORRUPT", vec.lines(*body2(4)) + vec.lines(body2()[-1]),
          "a chain has at most four")
    w.add("cert-none", "ECORRUPT", vec.lines(*body2()[:-1]), "no certificate")
    for name, c, why in (
            ("cert-other-device", chain(1, DEVICE[:-1] + b"f")[0],
             "it is of another device"),
            ("cert-other-hub", chain(1, hub=bytes(32))[0], "of another hub"),
            ("cert-other-role", certs.change(chain(1)[0], 5, b"\x05"),
             "no such role")):
        w.add(name, "ECORRUPT",
              vec.lines(*(body2()[:-1] + [(b"cert", c.hex().encode())])), why)
    w.add("cert-newer", "EVERSION", vec.lines(*(body2()[:-1] + [
        (b"cert", certs.change(chain(1)[0], 4, b"\x02").hex().encode())])),
        "a certificate of a newer hub")
    w.done()


main()
