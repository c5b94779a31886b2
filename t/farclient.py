#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""farclient.py COMMAND...: a hostile workspace: each request of hubformat-hubops(5)
with what must be refused.  Prints a line for each: its name, and the status it
got, or "taken"."""

import hashlib
import struct
import subprocess
import sys
import zlib

REQUEST, DATA, END, ANSWER, PING, BYE, PIECE = 1, 2, 3, 4, 5, 6, 7


class Session:
    def __init__(self, argv):
        self.p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def frame(self, kind, payload=b""):
        self.p.stdin.write(struct.pack(">IB", len(payload) + 1, kind) + payload)

    def next(self):
        while True:
            head = self.p.stdout.read(5)
            if len(head) < 5:
                return None, b""
            n, kind = struct.unpack(">IB", head)
            data = self.p.stdout.read(n - 1)
            if kind != PING:
                return kind, data

    def ask(self, op, head=b"", body=None):
        """The status of the answer, or of its body's end."""
        self.frame(REQUEST, bytes([op, body is not None]) + head)
        if body is not None:
            for i in range(0, len(body), 60000):
                self.frame(DATA, body[i:i + 60000])
            self.frame(END)
        self.p.stdin.flush()
        out = b""
        while True:
            kind, data = self.next()
            if kind is None:
                return "gone", b""
            if kind == PIECE:
                out += data
            if kind == ANSWER:
                break
        status, flags = data[0], data[1]
        if not flags & 1:
            return status, out + data[2:]
        while True:
            kind, data = self.next()
            if kind is None:
                return "gone", b""
            if kind == END:
                return (data[0] if data else 0), out
            out += data


def name(s):
    return struct.pack(">H", len(s)) + s


def obj(kind, data):
    types = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
    n, t = len(data), types[kind]
    c, n = t << 4 | n & 15, n >> 4
    head = b""
    while n:
        head += bytes([c | 0x80])
        c, n = n & 0x7f, n >> 7
    head += bytes([c])
    oid = hashlib.sha1(kind + b" %d\0" % len(data) + data).digest()
    return oid, head + zlib.compress(data)


def pack(*objects, count=None):
    p = b"PACK" + struct.pack(">II", 2, len(objects) if count is None else count)
    p += b"".join(o for _, o in objects)
    return p + hashlib.sha1(p).digest()


def stream(p):
    return struct.pack(">I", len(p)) + p + b"\0\0\0\0"


def push(ref, old, new, who=b"evil"):
    return name(ref) + old + new + name(who) + name(b"x")


def commit(tree, *parents, text=b"x"):
    return obj(b"commit", b"tree " + tree.hex().encode() + b"\n"
               + b"".join(b"parent " + p.hex().encode() + b"\n" for p in parents)
               + b"author a <b> 1 +0000\ncommitter a <b> 1 +0000\n\n" + text + b"\n")


def tree(*entries):
    return obj(b"tree", b"".join(m + b" " + n + b"\0" + i for m, n, i in entries))


def cases(main):
    zero = b"\0" * 20
    blob = obj(b"blob", b"hello\n")
    good = tree((b"100644", b"f", blob[0]))
    c = commit(good[0])
    head = b"refs/heads/new"
    yield "no objects", 66, push(head, zero, c[0]), b""
    yield "no blob", 66, push(head, zero, c[0]), stream(pack(c, good))
    yield "no tree", 66, push(head, zero, c[0]), stream(pack(c, blob))
    yield "no parent", 66, push(head, zero, commit(good[0], b"p" * 20)[0]), \
        stream(pack(commit(good[0], b"p" * 20), good, blob))
    for n in (b".git", b".GIT", b"..", b".", b"git~1", b".git ", b"a" * 300):
        t = tree((b"100644", n, blob[0]))
        yield "name %r" % n[:8], 66, push(head, zero, commit(t[0])[0]), \
            stream(pack(commit(t[0]), t, blob))
    a, b = (b"100644", b"a", blob[0]), (b"100644", b"b", blob[0])
    for why, t in (("unsorted", tree(b, a)), ("twice", tree(a, a)),
                   ("mode", tree((b"777", b"a", blob[0]))),
                   ("slash", tree((b"100644", b"a/b", blob[0]))),
                   ("empty name", tree((b"100644", b"", blob[0]))),
                   ("cut", obj(b"tree", b"100644 a\0abc"))):
        yield why, 66, push(head, zero, commit(t[0])[0]), stream(pack(commit(t[0]), t, blob))
    all_of_it = stream(pack(c, good, blob))
    yield "wrong checksum", 66, push(head, zero, c[0]), all_of_it[:-6] + b"xx\0\0\0\0"
    yield "count", 66, push(head, zero, c[0]), stream(pack(c, good, blob, count=9))
    yield "great count", 66, push(head, zero, c[0]), stream(pack(c, good, blob, count=1 << 31))
    yield "cut stream", 66, push(head, zero, c[0]), all_of_it[:-9]
    yield "no pack", 66, push(head, zero, c[0]), stream(b"x" * 100)
    yield "great piece", 66, push(head, zero, c[0]), b"\xff\xff\xff\xff" + b"PACK"
    bomb = obj(b"blob", b"\0" * (40 << 20))
    yield "bomb", 66, push(head, zero, c[0]), stream(pack(bomb, c, good))
    yield "back", 66, push(b"refs/heads/main", main, c[0]), all_of_it
    yield "blob as branch", 66, push(head, zero, blob[0]), stream(pack(blob))
    yield "elsewhere", 66, push(b"refs/heads/main", zero, c[0]), all_of_it
    yield "deletion", 66, push(b"refs/heads/main", main, zero), b""
    for r in (b"HEAD", b"refs/vibehub/released", b"refs/heads/../../config", b"refs/heads/a.lock",
              b"refs/heads/", b"refs/remotes/origin/x", b"refs/heads/-x"):
        yield "ref %r" % r, 66, push(r, zero, c[0]), all_of_it
    dev = b"0f8fad5b-d9cb-469f-a165-70867728950e"
    yield "presence", 67, b"", b"\1" + name(dev) + b"vibehub-presence 1\n"
    yield "accepted", 67, b"", b"\2" + name(b"ab" * 32) + b"vibehub-accepted 1\n"
    yield "a reflog", 67, b"", b"\3" + name(b"refs/heads/main") + b"x"
    yield "acts", 67, b"", b"\4" + name(b"") + b"x"
    yield "path", 67, b"", b"\1" + name(b"../../../../../../../../../../tmp/x") + b"x"
    yield "read a path", 68, b"\3" + name(b"refs/../../../../../etc/passwd"), None
    yield "read presence", 68, b"\1" + name(dev), None
    yield "fetch nonsense", 65, b"", b"\xff" * 40
    yield "fetch unknown", 65, b"", struct.pack(">I", 1) + b"u" * 20 + struct.pack(">I", 0)
    yield "look", 64, b"short", None
    yield "has", 69, b"x" * 19, None
    yield "count of unknown", 70, b"x" * 40, None
    yield "enrol", 71, b"\0" * 300, None
    yield "verify", 72, b"\7", None
    yield "unknown", 99, b"", None


def main():
    argv = sys.argv[1:]
    top = subprocess.run(["git", "-C", argv[-1], "rev-parse", "refs/heads/main"],
                         capture_output=True, text=True, check=True).stdout.strip()
    sample = (struct.pack(">HBB", 1, 1, 0) + bytes(32) + struct.pack(">IB", 9, 2) + b"py")
    for what, op, head, body in cases(bytes.fromhex(top)):
        s = Session(argv)
        if s.ask(1, sample)[0] != 0:
            print("hello taken")
        status, _ = s.ask(op, head, body)
        print(what, "taken" if status == 0 else status)
        s.p.stdin.close()
        s.p.wait()


main()
