#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-pack(5).

pack/      the clear parts of a pack's layout: head (136 bytes), what the head's
           box holds (48), the directory, one behind the other
packfile/  whole packs under the keys below; "expect" is what opening says"""

import hashlib
import struct

import aead
import vec

HUB = bytes(range(32))
NAME_KEY = b"n" * 32
EPOCH_KEY = b"e" * 32
PACK_KEY = aead.kh(EPOCH_KEY, b"vibehub-pack")
DATA_KEY = hashlib.sha256(b"data key").digest()
DATA, META = 1, 2
RAW, ZSTD = 0, 1


def head(magic=b"VHpk", version=1, suite=1, kind=DATA, klass=12, epoch=7,
         zero=0, commit=None, nonce=b"N" * 24, box=None):
    return struct.pack(">4sBBBBII", magic, version, suite, kind, klass, epoch,
                       zero) + (commit or aead.commit(PACK_KEY)) + nonce \
        + (box or b"b" * 64)


def inner(dir_at, dir_n, entries, zero=0, key=DATA_KEY):
    return key + struct.pack(">IIII", dir_at, dir_n, entries, zero)


def entry(at, stored, plain, codec=RAW, typ=1, name=b"x" * 32, zero=0):
    return name + struct.pack(">IIIBBH", at, stored, plain, codec, typ, zero)


def layout(entries, h=None, dir_at=None, dir_n=None, n=None, zero=0):
    d = b"".join(entries)
    at = 136 + sum(struct.unpack(">I", e[36:40])[0] for e in entries)
    return (h or head()) + inner(at if dir_at is None else dir_at,
                                 len(d) + 16 if dir_n is None else dir_n,
                                 len(entries) if n is None else n, zero) + d


def name(typ, plain):
    return aead.kh(NAME_KEY, b"vibehub-object-%d" % typ, plain)


def packfile(objects, klass=12, kind=DATA, epoch=7, hub=HUB, key=PACK_KEY,
             wrong_name=False, pad=0, commit=None, names=None):
    """objects: (type, codec, plain, encoded)"""
    out, d, at = b"", b"", 136
    for typ, codec, plain, enc in objects:
        nm = name(typ, plain + b"?" if wrong_name else plain)
        ad = nm + struct.pack(">BBI", codec, typ, len(plain))
        box = aead.cp_seal(DATA_KEY, at, ad, enc)
        d += entry(at, len(box), len(plain), codec, typ, nm)
        out += box
        at += len(box)
    box = aead.cp_seal(DATA_KEY, 1 << 32, b"", d)
    clear = struct.pack(">4sBBBBII", b"VHpk", 1, 1, kind, klass, epoch, 0)
    nonce = hashlib.sha256(b"nonce").digest()[:24]
    xa = aead.xa_seal(key, nonce, clear + hub,
                      inner(at, len(box), len(objects)))
    body = clear + (commit or aead.commit(key)) + nonce + xa + out + box
    fill = (1 << klass) - len(body) - 16
    assert fill >= 0
    return body + aead.cp_seal(DATA_KEY, (1 << 32) + 1, b"",
                               bytes([pad]) * fill)


def heads(w):
    one = [entry(136, 116, 100)]

    def bad(name, why, expect="ECORRUPT", **change):
        w.add(name, expect, layout(one, head(**change)), why)

    bad("magic-other", "another format", magic=b"VHst")
    bad("version-0", "no such version", "EVERSION", version=0)
    bad("version-2", "made by a newer hub", "EVERSION", version=2)
    bad("suite-0", "no such suite", "EVERSION", suite=0)
    bad("suite-2", "another suite", "EVERSION", suite=2)
    bad("kind-0", "no such kind", kind=0)
    bad("kind-3", "no such kind", kind=3)
    bad("kind-meta", "a chunk in a pack of metadata", kind=META)
    for k in (0, 11, 13, 15, 25, 32, 255):
        bad("class-%d" % k, "no such class", klass=k)
    bad("epoch-0", "epochs begin with 1", epoch=0)
    bad("zero-1", "reserved", zero=1)
    for n in (0, 3, 4, 6, 16, 135):
        w.add("head-cut-%d" % n, "ECORRUPT", layout(one)[:n], "cut off")


def dirs(w):
    def good(name, why, entries, **more):
        w.add(name, "ok", layout(entries, **more), why)

    def bad(name, why, entries, **more):
        w.add(name, "ECORRUPT", layout(entries, **more), why)

    good("ok", "one object", [entry(136, 116, 100)])
    good("ok-two", "two", [entry(136, 17, 1), entry(153, 116, 100)])
    good("ok-same-name", "a name may be there twice",
         [entry(136, 116, 100), entry(252, 116, 100)])
    good("ok-zstd", "compressed", [entry(136, 17, 100, ZSTD)])
    good("ok-recipe", "the other type", [entry(136, 116, 100, typ=2)])
    for t in (3, 4, 5, 6):
        good("ok-meta-%d" % t, "metadata", [entry(136, 116, 100, typ=t)],
             h=head(kind=META))
    good("ok-epoch-max", "the last epoch", [entry(136, 116, 100)],
         h=head(epoch=2**32 - 1))
    for k in (14, 16, 17, 20, 23, 24):
        good("ok-class-%d" % k, "a class", [entry(136, 116, 100)],
             h=head(klass=k))
    good("ok-full", "a file full to the last byte",
         [entry(136, 4096 - 136 - 64 - 16, 4096 - 136 - 64 - 16 - 16)])
    good("ok-full-24", "the largest object there can be",
         [entry(136, 2**24 - 136 - 64 - 16, 2**24 - 136 - 64 - 32, typ=2)],
         h=head(klass=24))
    good("ok-chunk-max", "the largest chunk", [entry(136, 2**20 + 16, 2**20)],
         h=head(klass=21))
    one = entry(136, 116, 100)
    bad("full-1", "a byte too much for the padding's tag",
        [entry(136, 4096 - 136 - 64 - 15, 4096 - 136 - 64 - 31)])
    bad("chunk-over", "a chunk over 1 MiB", [entry(136, 2**20 + 17, 2**20 + 1)],
        h=head(klass=21))
    bad("chunk-over-zstd", "the same, compressed",
        [entry(136, 100, 2**20 + 1, ZSTD)])
    bad("plain-over", "more than a pack can hold",
        [entry(136, 100, 2**24 - 136 - 64 - 31, ZSTD, 2)])
    bad("plain-0", "nothing", [entry(136, 16, 0)])
    bad("plain-0-zstd", "nothing", [entry(136, 20, 0, ZSTD)])
    bad("stored-16", "only a tag", [entry(136, 16, 100, ZSTD)])
    bad("stored-0", "no tag", [entry(136, 0, 100, ZSTD)])
    bad("raw-short", "raw, but another size", [entry(136, 115, 100)])
    bad("raw-long", "raw, but another size", [entry(136, 117, 100)])
    bad("zstd-no-gain", "compressed to as much", [entry(136, 116, 100, ZSTD)])
    bad("zstd-loss", "compressed to more", [entry(136, 117, 100, ZSTD)])
    bad("codec-2", "no such codec", [entry(136, 116, 100, 2)])
    for t in (0, 3, 6, 7, 255):
        bad("type-%d" % t, "not of this kind", [entry(136, 116, 100, typ=t)])
    bad("meta-type-2", "not of this kind", [entry(136, 116, 100, typ=2)],
        h=head(kind=META))
    bad("entry-zero", "reserved", [entry(136, 116, 100, zero=1)])
    bad("entry-zero-256", "reserved", [entry(136, 116, 100, zero=256)])
    bad("at-135", "in the head", [entry(135, 116, 100)])
    bad("at-137", "a gap", [entry(137, 116, 100)])
    bad("second-gap", "a gap", [one, entry(253, 116, 100)])
    bad("second-over", "two in one place", [one, entry(251, 116, 100)])
    bad("second-first", "another order", [entry(252, 116, 100), one])
    bad("dir-at-less", "inside the object", [one], dir_at=251)
    bad("dir-at-more", "a gap", [one], dir_at=253)
    bad("dir-at-0", "in the head", [one], dir_at=0)
    bad("dir-at-max", "wraps", [one], dir_at=2**32 - 1)
    bad("dir-n-less", "not so many entries", [one], dir_n=63)
    bad("dir-n-more", "not so many entries", [one], dir_n=65)
    bad("dir-n-0", "no tag", [one], dir_n=0)
    bad("entries-0", "no object", [], dir_n=16)
    bad("entries-2", "one is missing", [one], n=2, dir_n=112)
    bad("entries-1-of-2", "one too many", [one, entry(252, 116, 100)], n=1,
        dir_n=64, dir_at=252)
    bad("entries-max", "wraps to a small directory", [one], n=89478486,
        dir_n=48)
    bad("inner-zero", "reserved", [one], zero=1)
    w.add("inner-cut", "ECORRUPT", layout([one])[:136 + 47], "cut off")
    w.add("dir-cut", "ECORRUPT", layout([one])[:-1], "cut off")
    w.add("dir-long", "ECORRUPT", layout([one]) + b"\0", "a byte too many")


def files(w):
    text = b"".join(b"line %d of a text\n" % i for i in range(40))
    # a zstd frame by hand:
    long = b"a" * 1000
    # single segment, content size 1000, one RLE block (last, type 1, size 1000)
    rle = bytes.fromhex("28b52ffd60") + struct.pack("<H", 1000 - 256) \
        + struct.pack("<I", 1 | 1 << 1 | 1000 << 3)[:3] + b"a"
    chunk = (1, RAW, text, text)
    w.add("ok", "ok", packfile([chunk]), "one object")
    w.add("ok-three", "ok", packfile([chunk, (1, ZSTD, long, rle),
                                      (2, RAW, b"node", b"node")]),
          "raw, compressed, the other type")
    w.add("ok-meta", "ok", packfile([(5, RAW, b"refs", b"refs")], kind=META),
          "metadata")
    w.add("ok-class-14", "ok", packfile([chunk], klass=14), "another class")
    w.add("key-other", "EAUTH", packfile([chunk], key=b"o" * 32),
          "sealed under another key")
    w.add("key-commit", "ECORRUPT",
          packfile([chunk], key=b"o" * 32, commit=aead.commit(PACK_KEY)),
          "another key, and a commitment to ours")
    w.add("commit-other", "EAUTH", packfile([chunk], commit=b"c" * 32),
          "our key, and a commitment to another")
    w.add("hub-other", "ECORRUPT", packfile([chunk], hub=b"h" * 32),
          "of another hub")
    w.add("name-other", "ECORRUPT", packfile([chunk], wrong_name=True),
          "the name is not that of the content")
    w.add("padding", "ECORRUPT", packfile([chunk], pad=1),
          "the padding is not zero")
    w.add("zstd-other-size", "ECORRUPT",
          packfile([(1, ZSTD, long + b"a", rle)]), "decodes to fewer bytes")
    w.add("zstd-longer", "ECORRUPT",
          packfile([(1, ZSTD, long[:-1], rle)]), "decodes to more bytes")
    w.add("zstd-no-frame", "ECORRUPT",
          packfile([(1, ZSTD, long, b"no frame")]), "does not decode")
    w.add("zstd-trailing", "ECORRUPT",
          packfile([(1, ZSTD, long, rle + b"\0")]), "a byte behind the frame")
    w.add("zstd-two-frames", "ECORRUPT",
          packfile([(1, ZSTD, long + long, rle + rle)]), "two frames")
    w.add("zstd-no-size", "ECORRUPT",
          packfile([(1, ZSTD, long,
                     bytes.fromhex("28b52ffd0000") + rle[7:])]),
          "a frame that does not say its size")
    good = packfile([chunk])
    for at, what in ((9, "epoch"), (20, "commit"), (50, "nonce"), (80, "box"),
                     (200, "object"), (4096 - 1, "padding-tag"),
                     (2000, "padding-byte")):
        b = bytearray(good)
        b[at] ^= 1
        code = "EAUTH" if what in ("commit", "epoch") else "ECORRUPT"
        w.add("flip-" + what, code, bytes(b), "one bit of the %s" % what)


def main():
    w = vec.Writer("pack")
    heads(w)
    dirs(w)
    w.done()
    w = vec.Writer("packfile")
    files(w)
    w.done()


main()
