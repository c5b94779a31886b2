#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-vault(5), hubformat-vaultstate(5), hubformat-segment(5) and
hubformat-vaultrefs(5).

vaultstate holds head and opened body, one behind the other, as the layout has
them; sealedstate holds whole files, sealed with the keys below."""

import hashlib
import struct

import aead
import certs
import ed25519
import vec

HUB = hashlib.sha256(b"a hub").digest()
PLACE = hashlib.sha256(b"a place").digest()
SEED = hashlib.sha256(b"a device").digest()
UUID = bytes(range(16))
EPOCH_KEY = b"e" * 32
HEAD = 112


def h(x):
    return hashlib.blake2b(x, digest_size=32).digest()


def u8(n):
    return struct.pack(">B", n)


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


# ---- format file ----

def vaultfile():
    w = vec.Writer("vaultfile")

    def lines(**c):
        v = [(b"vibehub-vault", b"1"), (b"hub", HUB.hex().encode()),
             (b"place", PLACE.hex().encode()), (b"suite", b"1"),
             (b"min_reader", b"1"), (b"min_writer", b"1"),
             (b"created", b"1795246140")]
        return [(k, c.get(k.decode(), x)) for k, x in v]

    def good(name, why, **c):
        w.add(name, "ok", vec.lines(*lines(**c)), why)

    good("ok", "as made")
    good("ok-writer-2", "may be read, not written", min_writer=b"2")
    good("ok-writer-max", "32 bits", min_writer=b"4294967295")
    good("ok-created-0", "1970", created=b"0")
    vec.text_faults(w, lines())
    for key in (b"hub", b"place"):
        vec.hex_faults(w, lines(), key, 32)
    vec.number_faults(w, lines(), b"created", b"253402300800")
    for key in ("suite", "min_reader", "min_writer"):
        for n, v in (("0", b"0"), ("large", b"4294967296"), ("word", b"x")):
            w.add("%s-%s" % (key, n), "ECORRUPT",
                  vec.lines(*lines(**{key: v})), "not a number of it")
    w.add("suite-2", "EVERSION", vec.lines(*lines(suite=b"2")), "newer")
    w.add("min_reader-2", "EVERSION", vec.lines(*lines(min_reader=b"2")),
          "newer")
    w.done()


# ---- segments ----

def pack(i, klass=16, kind=1, flags=0, named=1795246140):
    return h(b"pack %d" % i) + u8(klass) + u8(kind) + u16(flags) + u64(named)


def drop(i, time=1795246150):
    return h(b"pack %d" % i) + u64(time)


def entry(i, pk=0, at=136, stored=116, plain=100, codec=0, typ=1, zero=0):
    return h(b"object %d" % i) + u32(pk) + u32(at) + u32(stored) + \
        u32(plain) + u8(codec) + u8(typ) + u16(zero)


def table(records, count=None):
    return u32(len(records) if count is None else count) + b"".join(records)


def seg(packs=(), drops=(), entries=(), version=1, zero=b"\0\0\0", **n):
    return u8(version) + zero + table(packs, n.get("packs_n")) + \
        table(drops, n.get("drops_n")) + table(entries, n.get("entries_n"))


def by_id(records):
    return sorted(records, key=lambda r: r[:32])


PACKS = by_id([pack(1), pack(2, 24), pack(3, 12, 2)])
DROPS = by_id([drop(8), drop(9)])


def ordinal(i):
    return [p[:32] for p in PACKS].index(h(b"pack %d" % i))


ENTRIES = by_id([
    entry(1, ordinal(1)), entry(2, ordinal(2), 5000, 90, 100, 1),
    entry(3, ordinal(2), 1 << 23, 1 << 20, (1 << 20) - 16, 0),
    entry(4, ordinal(3), 136, 200, 184, 0, 6),
    entry(5, ordinal(1), 300, 100, 84, 0, 2)])
SEGMENT = seg(PACKS, DROPS, ENTRIES)


def segment():
    w = vec.Writer("segment")

    def good(name, why, *a):
        w.add("ok" + name, "ok", seg(*a), why)

    def bad(name, why, data, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    good("", "a bit of everything", PACKS, DROPS, ENTRIES)
    good("-empty", "says nothing")
    good("-packs", "packs alone", PACKS)
    good("-drops", "drops alone", (), DROPS)
    good("-no-drops", "no drops", PACKS, (), ENTRIES)
    good("-300", "300 entries", [pack(1)], (),
         by_id([entry(i) for i in range(300)]))
    bad("empty", "nothing", b"")
    bad("version-0", "no such version", seg(version=0), "EVERSION")
    bad("version-2", "newer", seg(version=2), "EVERSION")
    bad("zero", "a byte that must be zero", seg(zero=b"\0\0\1"))
    bad("long", "a byte more", SEGMENT + b"\0")
    for n in (1, 3, 4, 8, 50, len(SEGMENT) // 2, len(SEGMENT) - 1):
        bad("cut-%d" % n, "cut off", SEGMENT[:n])
    bad("packs-too-many", "more than there are", seg(PACKS, packs_n=4))
    bad("packs-max", "a count that wraps", seg(PACKS, packs_n=0xffffffff))
    bad("drops-max", "a count that wraps", seg(PACKS, DROPS,
                                               drops_n=0xffffffff))
    bad("entries-max", "a count that wraps",
        seg(PACKS, DROPS, ENTRIES, entries_n=0xffffffff))
    bad("packs-order", "another order", seg(PACKS[::-1]))
    bad("packs-twice", "a pack twice", seg([PACKS[0]] * 2))
    bad("drops-order", "another order", seg((), DROPS[::-1]))
    bad("drops-twice", "a drop twice", seg((), [DROPS[0]] * 2))
    bad("drop-of-named", "named and dropped", seg([pack(1)], [drop(1)]))
    bad("entries-order", "another order", seg(PACKS, (), ENTRIES[::-1]))
    bad("entries-twice", "a name twice", seg(PACKS, (), [ENTRIES[0]] * 2))
    for k in (0, 11, 13, 15, 25, 255):
        bad("class-%d" % k, "no such class", seg([pack(1, k)]))
    for k in (0, 3):
        bad("kind-%d" % k, "no such kind", seg([pack(1, kind=k)]))
    for f in (1, 256):
        bad("flags-%d" % f, "flags", seg([pack(1, flags=f)]))
    one = [pack(1)]
    for name, why, e in (
            ("no-pack", "a pack that is not listed", entry(1, 1)),
            ("in-head", "inside the head", entry(1, at=135)),
            ("beyond", "beyond the end", entry(1, at=65536 - 115)),
            ("wraps", "an offset that wraps", entry(1, at=0xffffffff)),
            ("codec", "no such codec", entry(1, codec=2)),
            ("type-0", "no type", entry(1, typ=0)),
            ("type-7", "no such type", entry(1, typ=7)),
            ("type-kind", "a type of the other kind", entry(1, typ=3)),
            ("no-bytes", "an empty object", entry(1, stored=16, plain=0)),
            ("raw-size", "raw, and not its size", entry(1, stored=117)),
            ("no-tag", "shorter than its tag", entry(1, stored=16, plain=9,
                                                     codec=1)),
            ("zero-1", "a byte that must be zero", entry(1, zero=1)),
            ("zero-2", "a byte that must be zero", entry(1, zero=256))):
        bad("entry-" + name, why, seg(one, (), [e]))
    w.done()


def ref(i, entries=10, size=1000):
    return h(b"segment %d" % i) + h(b"meta pack %d" % i) + u32(entries) + \
        u32(size)


def segmentlist():
    w = vec.Writer("segmentlist")

    def lst(refs, count=None, version=1, zero=b"\0\0\0"):
        return u8(version) + zero + table(refs, count)

    three = [ref(3), ref(1, 0, 16), ref(2, 200000, 12 << 20)]
    w.add("ok", "ok", lst(three), "three, oldest first")
    w.add("ok-empty", "ok", lst([]), "none")
    for name, why, data, code in (
            ("empty", "nothing", b"", "ECORRUPT"),
            ("version-2", "newer", lst([], version=2), "EVERSION"),
            ("zero", "must be zero", lst([], zero=b"\1\0\0"), "ECORRUPT"),
            ("more", "more than there are", lst(three, 4), "ECORRUPT"),
            ("less", "less than there are", lst(three, 2), "ECORRUPT"),
            ("max", "a count that wraps", lst(three, 0xffffffff), "ECORRUPT"),
            ("cut", "cut off", lst(three)[:-1], "ECORRUPT"),
            ("too-small", "no segment is so small", lst([ref(1, 0, 15)]),
             "ECORRUPT"),
            ("too-large", "nor so large", lst([ref(1, 0, (12 << 20) + 1)]),
             "ECORRUPT"),
            ("entries", "more than bytes for them", lst([ref(1, 20, 1000)]),
             "ECORRUPT")):
        w.add(name, code, data, why)
    w.done()


# ---- states ----

def chain():
    return u8(1) + certs.cert(HUB, UUID, SEED, certs.IDENTITY, role=3)


def obj(i):
    return bytes(65) if i is None else \
        u8(1) + h(b"object %d" % i) + h(b"pack of %d" % i)


VECTOR = [(bytes([i]) * 16, i + 5) for i in range(3)]


def body(**c):
    g = c.get
    vector = g("vector", VECTOR)
    recent = g("recent", [ref(1), ref(2)])
    inline = g("inline", SEGMENT)
    return b"".join([
        u64(g("time", 1795246140)), u8(g("kind", 1)), g("device", UUID),
        u64(g("device_seq", 117654051225600)), g("chain", chain()),
        u16(g("vector_n", len(vector))),
        b"".join(d + u64(n) for d, n in vector),
        g("refs", obj(1)), u64(12), u64(345678), u8(g("n", len(recent))),
        b"".join(recent), g("lst", obj(None)),
        u32(g("inline_n", len(inline))), inline])


def head(klass=12, epoch=1, seq=3, previous=h(b"the one before"), **c):
    g = c.get
    return g("magic", b"VHst") + u8(g("version", 1)) + u8(g("suite", 1)) + \
        u8(klass) + u8(g("flags", 0)) + u32(epoch) + \
        u32(g("box", (1 << klass) - HEAD)) + u64(seq) + previous + \
        g("commit", aead.commit(STATE_KEY)) + g("nonce", b"n" * 24)


def state_key():
    return aead.kh(EPOCH_KEY, b"vibehub-state")


STATE_KEY = state_key()


def signed(b, epoch=1, seq=3, previous=h(b"the one before"), seed=SEED,
           context="vibehub-state", place=PLACE):
    return b + ed25519.sign_context(
        seed, context, u32(epoch) + u64(seq) + previous + HUB + place + b)


def padded(b, klass=12):
    return b + bytes((1 << klass) - HEAD - 16 - len(b))


def fit(b):
    return min(k for k in (12, 14, 16) if len(b) <= (1 << k) - HEAD - 16)


def vaultstate():
    w = vec.Writer("vaultstate")

    def put(name, why, expect="ok", **c):
        b = signed(body(**c))
        k = fit(b)
        w.add(name, expect, head(k) + padded(b, k), why)

    put("ok", "a bit of everything")
    put("ok-bare", "no refs, nothing recent, nothing inline", recent=[],
        inline=b"", refs=obj(None), vector=[])
    for k, name in ((2, "progress"), (3, "drop"), (4, "checkpoint")):
        put("ok-" + name, "another kind", kind=k)
    put("ok-list", "with a list", lst=obj(2))
    put("ok-32-recent", "as many as there may be",
        recent=[ref(i) for i in range(32)])
    put("ok-512-devices", "as many as there may be",
        vector=[(u16(i) * 8, i + 1) for i in range(512)])
    b = signed(body(previous=bytes(32)), seq=1, previous=bytes(32))
    w.add("ok-first", "ok", head(seq=1, previous=bytes(32)) + padded(b),
          "the first one")
    put("ok-empty-segment", "an inline segment that says nothing",
        inline=seg())
    for k in (0, 5, 255):
        put("kind-%d" % k, "no such kind", "ECORRUPT", kind=k)
    put("device-seq-0", "numbers begin at 1", "ECORRUPT", device_seq=0)
    put("no-chain", "nobody made it", "ECORRUPT", chain=u8(0))
    put("chain-5", "too long a chain", "ECORRUPT",
        chain=u8(5) + chain()[1:] * 5)
    put("chain-damaged", "no certificate", "ECORRUPT",
        chain=u8(1) + b"X" + chain()[2:])
    put("vector-513", "too many devices", "ECORRUPT",
        vector=[(u16(i) * 8, i + 1) for i in range(513)])
    put("vector-order", "another order", "ECORRUPT", vector=VECTOR[::-1])
    put("vector-twice", "a device twice", "ECORRUPT", vector=VECTOR[:1] * 2)
    put("vector-0", "a device without a change", "ECORRUPT",
        vector=[(b"d" * 16, 0)])
    put("vector-n", "more than there are", "ECORRUPT", vector_n=60000)
    put("refs-2", "neither yes nor no", "ECORRUPT", refs=u8(2) + obj(1)[1:])
    put("refs-none-named", "none, but named", "ECORRUPT",
        refs=u8(0) + obj(1)[1:])
    put("list-none-named", "none, but named", "ECORRUPT",
        lst=u8(0) + obj(1)[1:])
    put("recent-33", "too many segments", "ECORRUPT",
        recent=[ref(i) for i in range(33)])
    put("recent-small", "no segment is so small", "ECORRUPT",
        recent=[ref(1, 0, 15)])
    put("recent-entries", "more than bytes for them", "ECORRUPT",
        recent=[ref(1, 100, 1000)])
    put("inline-damaged", "no segment", "ECORRUPT", inline=SEGMENT[:-1])
    put("inline-version", "a newer segment", "EVERSION", inline=seg(version=2))
    put("inline-n", "more than there are", "ECORRUPT", inline_n=16384)
    put("inline-max", "a count that wraps", "ECORRUPT", inline_n=0xffffffff)
    good = signed(body())

    def bad(name, why, data, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    bad("empty", "nothing", b"")
    bad("padding", "not all zero behind it",
        head() + padded(good)[:-1] + b"\1")
    bad("class-too-large", "a larger file than it needs",
        head(14) + padded(good, 14))
    bad("cut", "a byte less", (head() + padded(good))[:-1])
    bad("long", "a byte more", head() + padded(good) + b"\0")
    bad("no-signature", "cut before its signature",
        head() + body()[:(1 << 12) - HEAD - 16])
    for name, why, c, code in (
            ("magic", "another magic", {"magic": b"VHsT"}, "ECORRUPT"),
            ("version-2", "newer", {"version": 2}, "EVERSION"),
            ("suite-2", "newer", {"suite": 2}, "EVERSION"),
            ("flags", "flags", {"flags": 1}, "ECORRUPT"),
            ("class-13", "no such class", {"klass": 13}, "ECORRUPT"),
            ("epoch-0", "epochs begin at 1", {"epoch": 0}, "ECORRUPT"),
            ("seq-0", "numbers begin at 1", {"seq": 0}, "ECORRUPT"),
            ("first-previous", "nothing is before the first", {"seq": 1},
             "ECORRUPT"),
            ("no-previous", "something is before the third",
             {"previous": bytes(32)}, "ECORRUPT"),
            ("box", "another size of the box", {"box": 4096}, "ECORRUPT")):
        bad("head-" + name, why, head(**c) + padded(good), code)
    w.done()


def sealedstate():
    w = vec.Writer("sealedstate")

    def seal(b, key=STATE_KEY, hub=HUB, place=PLACE, hd=None, **c):
        k = fit(b)
        hd = hd or head(k, **c)
        return hd + aead.xa_seal(key, hd[88:112], hd[:88] + hub + place,
                                 padded(b, k))

    def put(name, why, data, expect="ok"):
        w.add(name, expect, data, why)

    good = signed(body())
    put("ok", "made by a device of the hub", seal(good))
    put("ok-empty", "nothing in it", seal(signed(body(
        recent=[], inline=b"", refs=obj(None), vector=[]))))
    data = seal(good)
    for at in (0, 4, 7, 11, 20, 30, 60, 90, 112, 2000, 4095):
        bad = bytearray(data)
        bad[at] ^= 1
        # a flipped version says that it is newer
        put("bit-%d" % at, "a bit flipped", bytes(bad),
            "EVERSION" if at == 4 else "ECORRUPT")
    put("other-key", "sealed with another key", seal(good, key=b"k" * 32),
        "ECORRUPT")
    put("other-hub", "of another hub", seal(good, hub=b"h" * 32), "ECORRUPT")
    put("other-place", "of another place", seal(good, place=b"p" * 32),
        "ECORRUPT")
    put("no-commit", "no commitment to the key",
        seal(good, commit=bytes(32)), "ECORRUPT")
    put("epoch-2", "an epoch that is not known",
        seal(signed(body(), epoch=2), epoch=2), "EAUTH")
    put("signed-other-place", "signed for another place",
        seal(signed(body(), place=b"p" * 32)), "EAUTH")
    put("signed-other-seq", "signed for another number",
        seal(signed(body(), seq=4)), "EAUTH")
    put("signed-other-previous", "signed to follow another one",
        seal(signed(body(), previous=h(b"another"))), "EAUTH")
    put("signed-other-key", "signed by another device",
        seal(signed(body(), seed=b"s" * 32)), "EAUTH")
    put("signed-other-context", "signed as something else",
        seal(signed(body(), context="vibehub-cert")), "EAUTH")
    put("other-device", "the chain is of another device",
        seal(signed(body(device=b"d" * 16))), "EAUTH")
    viewer = u8(1) + certs.cert(HUB, UUID, SEED, certs.IDENTITY, role=4)
    put("viewer", "made by who may only read",
        seal(signed(body(chain=viewer))), "EAUTH")
    alien = u8(1) + certs.cert(HUB, UUID, SEED, SEED, role=3)
    put("alien", "certified by itself", seal(signed(body(chain=alien))),
        "EAUTH")
    w.done()


# ---- refs ----

def vaultrefs():
    w = vec.Writer("vaultrefs")

    def oid(i):
        return hashlib.sha1(b"%d" % i).hexdigest().encode()

    def git(i, size=b"1000", objects=b"10"):
        return (b"git", h(b"git %d" % i).hex().encode() + b" " + size + b" " +
                objects)

    def r(i, name):
        return (b"ref", oid(i) + b" " + name)

    first = [(b"vibehub-refs", b"1"), (b"head", b"refs/heads/main")]
    refs = [r(1, b"refs/heads/main"), r(2, b"refs/heads/work"),
            r(3, b"refs/tags/v1")]

    def good(name, why, lines, start=first):
        w.add(name, "ok", vec.lines(*(start + lines)), why)

    def bad(name, why, lines, start=first):
        w.add(name, "ECORRUPT", vec.lines(*(start + lines)), why)

    good("ok", "three refs, two packs", refs + [git(2), git(1)])
    good("ok-empty", "nothing but the head", [])
    good("ok-48-packs", "as many as there may be",
         [git(i) for i in range(48)])
    good("ok-sizes", "64 bits", [git(1, b"18446744073709551615", b"0")])
    good("ok-500-refs", "many",
         [r(i, b"refs/heads/%05d" % i) for i in range(500)])
    bad("packs-49", "too many", [git(i) for i in range(49)])
    bad("refs-order", "another order", refs[::-1])
    bad("refs-twice", "a name twice", refs[:1] * 2)
    bad("git-before-ref", "another order", [git(1)] + refs)
    bad("ref-zero", "no object", [(b"ref", b"0" * 40 + b" refs/heads/x")])
    bad("ref-name", "no name of a ref", [r(1, b"heads/x")])
    bad("ref-nul", "no name of a ref", [r(1, b"refs/heads/a\0b")])
    bad("ref-256", "too long a name", [r(1, b"refs/" + b"x" * 251)])
    bad("git-short", "half an id", [(b"git", b"00 1 1")])
    bad("git-no-objects", "a number is missing",
        [(b"git", git(1)[1].rsplit(b" ", 1)[0])])
    bad("git-minus", "not a number", [git(1, b"-1")])
    bad("git-zero", "not canonical", [git(1, b"01")])
    bad("git-more", "a number too many", [git(1, b"1", b"1 1")])
    data = vec.lines(*(first + refs))
    for name, why, text, code in (
            ("empty", "nothing", b"", "ECORRUPT"),
            ("no-head", "a line is missing", vec.lines(first[0], *refs),
             "ECORRUPT"),
            ("head-twice", "a line twice",
             vec.lines(*(first + first[1:] + refs)), "ECORRUPT"),
            ("version-2", "newer", data.replace(b"refs 1", b"refs 2"),
             "EVERSION"),
            ("version-01", "not canonical", data.replace(b"refs 1", b"refs 01"),
             "ECORRUPT"),
            ("crlf", "carriage returns", data.replace(b"\n", b"\r\n"),
             "ECORRUPT"),
            ("cut", "the last line is not ended", data[:-1], "ECORRUPT"),
            ("blank-line", "an empty line", data + b"\n", "ECORRUPT"),
            ("nul", "a byte more", data + b"\0", "ECORRUPT"),
            ("upper", "upper-case hex", data.replace(oid(1), oid(1).upper()),
             "ECORRUPT"),
            ("unknown", "a line of the future", data + b"note x\n",
             "ECORRUPT")):
        w.add(name, code, text, why)
    bad("head-no-ref", "no name of a ref", [], [first[0], (b"head", b"main")])
    w.done()


vaultfile()
segment()
segmentlist()
vaultstate()
sealedstate()
vaultrefs()
