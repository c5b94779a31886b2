#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubprotocol-sftp(5), "sftpmsg": one packet each, with its length.
"ask-" are requests, of which u-fmt-sftpmsg.c makes the same bytes; the others
are answers, and "rules" says what must be read in them."""

import struct
import vec


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


def s(data):
    return u32(len(data)) + data


def packet(kind, *parts):
    data = bytes([kind]) + b"".join(parts)
    return u32(len(data)) + data


def attrs(size=None, ids=None, perm=None, times=None, more=None):
    flags, out = 0, b""
    if size is not None:
        flags, out = flags | 1, out + u64(size)
    if ids is not None:
        flags, out = flags | 2, out + u32(ids[0]) + u32(ids[1])
    if perm is not None:
        flags, out = flags | 4, out + u32(perm)
    if times is not None:
        flags, out = flags | 8, out + u32(times[0]) + u32(times[1])
    if more is not None:
        flags, out = flags | 0x80000000, out + u32(len(more)) + b"".join(
            s(a) + s(b) for a, b in more)
    return u32(flags) + out


def name(n, a, long=None):
    return s(n) + s(long if long is not None else b"-rw-r--r-- " + n) + a


def asks(w):
    h = b"\0\1\2\3"

    def put(vec_name, kind, *parts):
        w.add("ask-" + vec_name, "ok", packet(kind, *parts), "a request")

    put("init", 1, u32(3))
    put("lstat", 7, u32(1), s(b"/a/b"))
    put("stat", 17, u32(2), s(b"/"))
    put("opendir", 11, u32(0xffffffff), s(b"/d\xc3\xa9"))
    put("remove", 13, u32(4), s(b"f"))
    put("rmdir", 15, u32(5), s(b"d"))
    put("close", 4, u32(6), s(h))
    put("readdir", 12, u32(7), s(h))
    put("open-read", 3, u32(8), s(b"/f"), u32(1), attrs())
    put("open-new", 3, u32(9), s(b"/f"), u32(2 | 8 | 0x20), attrs(perm=0o444))
    put("mkdir", 14, u32(10), s(b"/d"), attrs(perm=0o777))
    put("rename", 18, u32(11), s(b"/a"), s(b"/b"))
    put("read", 5, u32(12), s(h), u64(0x123456789a), u32(32768))
    put("write", 6, u32(13), s(h), u64(1 << 40), s(b"hello\0"))
    put("write-nothing", 6, u32(13), s(h), u64(0), s(b""))
    put("fsync", 200, u32(14), s(b"fsync@openssh.com"), s(h))
    put("posix-rename", 200, u32(15), s(b"posix-rename@openssh.com"),
        s(b"/a"), s(b"/b"))
    put("hardlink", 200, u32(17), s(b"hardlink@openssh.com"), s(b"/a"), s(b"/b"))
    put("statvfs", 200, u32(16), s(b"statvfs@openssh.com"), s(b"/"))


def answers(w):
    def good(vec_name, rules, *args):
        w.add(vec_name, "ok", packet(*args), "an answer", rules=rules)

    def bad(vec_name, why, *args):
        w.add(vec_name, "ECORRUPT", packet(*args), why)

    # greetings
    ossh = [(b"posix-rename@openssh.com", b"1"), (b"statvfs@openssh.com", b"2"),
            (b"fstatvfs@openssh.com", b"2"), (b"hardlink@openssh.com", b"1"),
            (b"fsync@openssh.com", b"1"), (b"limits@openssh.com", b"1")]
    all_of = b"".join(s(a) + s(b) for a, b in ossh)
    good("hello-bare", "hello can=0", 2, u32(3))
    good("hello-openssh", "hello can=15", 2, u32(3), all_of)
    good("hello-other-versions", "hello can=0", 2, u32(3),
         s(ossh[0][0]) + s(b"2") + s(ossh[1][0]) + s(b"1") + s(ossh[4][0]) + s(b""))
    good("hello-fsync", "hello can=4", 2, u32(3), s(b"fsync@openssh.com"), s(b"1"))
    good("hello-near", "hello can=0", 2, u32(3), s(b"fsync@openssh.co"), s(b"1"),
         s(b"fsync@openssh.com "), s(b"1"))
    for v in (0, 2, 4, 6, 0xffffffff):
        w.add("hello-version-%d" % v, "EVERSION", packet(2, u32(v)),
              "another version")
    bad("hello-odd", "a name without a value", 2, u32(3), s(b"x"))
    bad("hello-cut", "cut in a value", 2, u32(3), s(b"x"), u32(4), b"abc")
    bad("hello-far", "a name of 4 GB", 2, u32(3), u32(0xffffffff), b"abc")

    # status
    i = u32(7)
    good("status-ok", "status 7 0 'Success'", 101, i, u32(0), s(b"Success"), s(b""))
    good("status-bare", "status 7 4 ''", 101, i, u32(4))
    good("status-absent", "status 7 2 'No such file'", 101, i, u32(2),
         s(b"No such file"), s(b"en"))
    good("status-unknown", "status 7 4294967295 ''", 101, i, u32(0xffffffff), s(b""), s(b""))
    bad("status-cut", "no number", 101, i, b"\0\0\0")
    bad("status-text-only", "no language", 101, i, u32(0), s(b"x"))
    bad("status-text-cut", "cut in the text", 101, i, u32(0), u32(9), b"x")
    bad("status-behind", "a byte more", 101, i, u32(0), s(b""), s(b""), b"x")

    # handle, data, extended
    good("handle", "data 102 7 4", 102, i, s(b"\0\1\2\3"))
    good("handle-256", "data 102 7 256", 102, i, s(b"h" * 256))
    bad("handle-257", "longer than any", 102, i, s(b"h" * 257))
    bad("handle-empty", "none", 102, i, s(b""))
    bad("handle-behind", "a byte more", 102, i, s(b"h"), b"x")
    good("bytes", "data 103 7 6", 103, i, s(b"hello\n"))
    good("bytes-none", "data 103 7 0", 103, i, s(b""))
    good("bytes-32768", "data 103 7 32768", 103, i, s(b"\xaa" * 32768))
    bad("bytes-lie-more", "says more than there is", 103, i, u32(7), b"hello\n")
    bad("bytes-lie-less", "says less than there is", 103, i, u32(5), b"hello\n")
    bad("bytes-no-length", "no length", 103, i)
    stat = [4096, 1024, 100, 50, 40, 9, 8, 7, 6, 5, 255]
    good("space", "data 201 7 88 free=40960", 201, i, b"".join(map(u64, stat)))
    good("space-no-frsize", "data 201 7 88 free=163840", 201, i,
         b"".join(map(u64, [4096, 0] + stat[2:])))
    good("space-huge", "data 201 7 88 free=18446744073709551615", 201, i,
         b"".join(map(u64, [4096, 4096, 0, 0, 1 << 63] + stat[5:])))
    good("space-short", "data 201 7 80 free=?", 201, i, b"".join(map(u64, stat[:10])))
    good("space-long", "data 201 7 89 free=?", 201, i, b"".join(map(u64, stat)), b"x")
    good("extended-empty", "data 201 7 0 free=?", 201, i)

    # attributes
    good("attrs-none", "attrs 7 f=0 s=0 p=0 m=0", 105, i, attrs())
    good("attrs-file", "attrs 7 f=15 s=5 p=100644 m=1700000000 file", 105, i,
         attrs(5, (1, 2), 0o100644, (1, 1700000000)))
    good("attrs-dir", "attrs 7 f=4 s=0 p=40755 m=0 dir", 105, i, attrs(perm=0o040755))
    good("attrs-link", "attrs 7 f=4 s=0 p=120777 m=0", 105, i, attrs(perm=0o120777))
    good("attrs-size", "attrs 7 f=1 s=18446744073709551615 p=0 m=0", 105, i,
         attrs(size=(1 << 64) - 1))
    good("attrs-more", "attrs 7 f=1 s=9 p=0 m=0", 105, i,
         attrs(size=9, more=[(b"a@b", b"c"), (b"", b"")]))
    bad("attrs-cut", "cut in the size", 105, i, u32(1), b"\0" * 7)
    bad("attrs-unknown", "a flag that version 3 has not", 105, i, u32(0x10), u64(0))
    bad("attrs-more-lie", "so many pairs are not there", 105, i,
        u32(0x80000000), u32(0xffffffff), s(b"a"), s(b"b"))
    bad("attrs-behind", "a byte more", 105, i, attrs(), b"x")

    # names
    good("names-none", "names 7", 104, i, u32(0))
    good("names-two", "names 7 [a s=5] [b. s=0]", 104, i, u32(2),
         name(b"a", attrs(5)), name(b"b.", attrs(perm=0o40700)))
    good("names-dots", "names 7 [. s=0] [.. s=0]", 104, i, u32(2),
         name(b".", attrs()), name(b"..", attrs()))
    good("names-1024", "names 7 [%s s=0]" % ("x" * 60), 104, i, u32(1),
         name(b"x" * 1024, attrs(), b""))
    good("names-bytes", "names 7 [\\ff s=1]", 104, i, u32(1), name(b"\xff", attrs(1)))
    bad("names-1025", "a name that is too long", 104, i, u32(1), name(b"x" * 1025, attrs()))
    bad("names-empty", "an empty name", 104, i, u32(1), name(b"", attrs()))
    bad("names-slash", "a name that leads elsewhere", 104, i, u32(1),
        name(b"../../etc/passwd", attrs()))
    bad("names-slash-second", "the second one", 104, i, u32(2), name(b"a", attrs()),
        name(b"a/", attrs()))
    bad("names-nul", "a NUL in a name", 104, i, u32(1), name(b"a\0b", attrs()))
    bad("names-lie-more", "one is missing", 104, i, u32(3), name(b"a", attrs()),
        name(b"b", attrs()))
    bad("names-lie-less", "one too many", 104, i, u32(1), name(b"a", attrs()),
        name(b"b", attrs()))
    bad("names-lie-far", "four billion", 104, i, u32(0xffffffff), name(b"a", attrs()))
    bad("names-cut", "cut in the attributes", 104, i, u32(1), s(b"a"), s(b""), u32(1), u32(0))

    # other packets
    for kind in (0, 2, 3, 20, 100, 106, 199, 202, 255):
        if kind != 2:
            bad("type-%d" % kind, "no answer", kind, i, u32(0))
    w.add("length-0", "ECORRUPT", u32(0), "an empty packet")
    w.add("length-4", "ECORRUPT", u32(4) + b"\x65\0\0\0", "no room for an id")
    w.add("length-far", "ECORRUPT", u32((256 << 10) + 1) + b"x", "too long a packet")
    w.add("shell", "ECORRUPT", b"Welcome to box!\n", "what a shell says at its start")
    w.add("cut", "ECORRUPT", packet(101, i, u32(0), s(b"x"), s(b""))[:-1], "cut off")


def main():
    w = vec.Writer("sftpmsg")
    asks(w)
    answers(w)
    w.done()


main()
