#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An sftp server that misbehaves: t/sftp-peer.py [WHAT MODE [N]]

It speaks sftp version 3 on stdin and stdout over the whole file system, as
OpenSSH's does, written from the draft.  The N-th (default: first) request of kind
WHAT, an SSH_FXP_ name, "fsync", "posix-rename" or "statvfs", is answered as MODE
says; "*" is any kind.  MODE:

  short     the answer's last byte is missing, its length says so
  cut       the answer is cut off, and nothing follows
  wrongid   it has a number that nobody asked with
  twice     it comes twice
  type      it is of an unknown type
  other     it is of another type than it must be
  huge      its length is 4 GB
  noise     random bytes
  hang      it never comes, nor does anything else
  close     the server ends
  late      it comes late, but it comes
  failure   status "failure"; denied, absent, full: likewise
  more      READ: a byte more than asked for; none: no byte, and no end
  slash, dots, empty, endless    READDIR: names that none can have; no end
  lie       LSTAT: another size
WHAT "INIT": shell, version6, version2, and those above.

Options before them: --no=EXT leaves an extension out, --overwrite lets a rename
replace, --slow=SECONDS waits before each answer."""

import errno
import os
import stat
import struct
import sys
import time

NAMES = {1: "INIT", 3: "OPEN", 4: "CLOSE", 5: "READ", 6: "WRITE", 7: "LSTAT",
         11: "OPENDIR", 12: "READDIR", 13: "REMOVE", 14: "MKDIR", 15: "RMDIR",
         17: "STAT", 18: "RENAME", 200: "EXTENDED"}
EXTENSIONS = [("posix-rename@openssh.com", "1"), ("statvfs@openssh.com", "2"),
              ("hardlink@openssh.com", "1"), ("fsync@openssh.com", "1")]
STATUS = {"failure": 4, "denied": 3, "absent": 2, "full": 14}

without, overwrite, slow = set(), False, 0.0
handles, count = {}, 0


def u32(n):
    return struct.pack(">I", n)


def s(data):
    return u32(len(data)) + data


class Rd:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        out, self.data = self.data[:n], self.data[n:]
        assert len(out) == n
        return out

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.take(8))[0]

    def s(self):
        return self.take(self.u32())


def send(data):
    try:
        while data:
            data = data[os.write(1, data):]
    except OSError:
        sys.exit(0)


def receive(n):
    out = b""
    while len(out) < n:
        more = os.read(0, n - len(out))
        if not more:
            sys.exit(0)
        out += more
    return out


def packet(kind, *parts):
    data = bytes([kind]) + b"".join(parts)
    return u32(len(data)) + data


def status(i, code, text=b""):
    return packet(101, i, u32(code), s(text), s(b""))


def attrs(st, size=None):
    return u32(1 | 4 | 8) + struct.pack(
        ">QIII", st.st_size if size is None else size, st.st_mode,
        int(st.st_atime), int(st.st_mtime))


def handle(thing):
    global count
    count += 1
    handles[b"h%d" % count] = thing
    return s(b"h%d" % count)


def do_open(i, r, mode):
    path, how = r.s(), r.u32()
    perm = r.u32() and r.u32() or 0o666
    flags = {1: os.O_RDONLY, 2: os.O_WRONLY, 3: os.O_RDWR}[how & 3]
    flags |= (os.O_CREAT if how & 8 else 0) | (os.O_EXCL if how & 0x20 else 0)
    return packet(102, i, handle(os.open(path, flags, perm)))


def do_read(i, r, mode):
    fd, off, n = handles[r.s()], r.u64(), r.u32()
    data = os.pread(fd, n, off)
    if mode == "more":
        data = data + b"x" * (n + 1 - len(data))
    elif mode == "none":
        return packet(103, i, s(b""))
    return packet(103, i, s(data)) if data else status(i, 1)


def do_readdir(i, r, mode):
    h = r.s()
    d = handles[h]
    n = d["at"]
    names = d["names"][n:n + 100]
    d["at"] += len(names)
    bad = {"slash": b"../../etc/passwd", "dots": b"..", "empty": b""}.get(mode)
    if mode == "endless":
        return packet(104, i, u32(0))
    if bad is not None:
        names = [bad] + names
    if not names:
        return status(i, 1)
    out = u32(len(names))
    for name in names:
        try:
            st = os.lstat(os.path.join(d["path"], name))
        except OSError:
            st = os.lstat(b"/")
        out += s(name) + s(b"long " + name) + attrs(st)
    return packet(104, i, out)


def do_rename(i, old, new, replace):
    if not replace and not overwrite and os.path.lexists(new):
        return status(i, 4, b"it is there")
    if overwrite and not replace and os.path.isdir(new):
        os.system("rm -rf '%s'" % new.decode())
    os.rename(old, new)
    return status(i, 0)


def do_extended(i, r, mode):
    name = r.s().decode().partition("@")[0]
    if name == "fsync":
        os.fstat(handles[r.s()])        # quick: no test pulls a plug here
        return status(i, 0)
    if name == "posix-rename":
        return do_rename(i, r.s(), r.s(), True)
    if name == "hardlink":
        os.link(r.s(), r.s())
        return status(i, 0)
    if name == "statvfs":
        v = os.statvfs(r.s())
        out = [v.f_bsize, v.f_frsize, v.f_blocks, v.f_bfree, v.f_bavail,
               v.f_files, v.f_ffree, v.f_favail, 0, 0, v.f_namemax]
        if mode == "nospace":
            out[4] = 0
        return packet(201, i, b"".join(struct.pack(">Q", x) for x in out))
    return status(i, 8)


def do(kind, i, r, mode):
    what = NAMES.get(kind)
    if what == "OPEN":
        return do_open(i, r, mode)
    if what == "CLOSE":
        h = handles.pop(r.s())
        if isinstance(h, int):
            os.close(h)
        return status(i, 0)
    if what == "READ":
        return do_read(i, r, mode)
    if what == "WRITE":
        fd, off = handles[r.s()], r.u64()
        os.pwrite(fd, r.s(), off)
        return status(i, 0)
    if what in ("LSTAT", "STAT"):
        st = (os.lstat if what == "LSTAT" else os.stat)(r.s())
        return packet(105, i, attrs(st, 12345 if mode == "lie" else None))
    if what == "OPENDIR":
        path = r.s()
        names = [b".", b".."] + os.listdir(path)
        return packet(102, i, handle({"path": path, "names": names, "at": 0}))
    if what == "READDIR":
        return do_readdir(i, r, mode)
    if what == "REMOVE":
        os.unlink(r.s())
    elif what == "RMDIR":
        os.rmdir(r.s())
    elif what == "MKDIR":
        os.mkdir(r.s())
    elif what == "RENAME":
        return do_rename(i, r.s(), r.s(), False)
    elif what == "EXTENDED":
        return do_extended(i, r, mode)
    else:
        return status(i, 8)
    return status(i, 0)


def answer(kind, i, body, mode):
    if mode in STATUS:
        return status(i, STATUS[mode], mode.encode())
    try:
        return do(kind, i, Rd(body), mode)
    except OSError as e:
        code = {errno.ENOENT: 2, errno.ENOTDIR: 2, errno.EACCES: 3,
                errno.EPERM: 3}.get(e.errno, 4)
        return status(i, code, os.strerror(e.errno).encode())


def spoil(data, mode):
    if mode == "short":
        data = u32(len(data) - 5) + data[4:-1]
    elif mode == "cut":
        send(data[:-1])
        sys.exit(0)
    elif mode == "wrongid":
        data = data[:5] + u32(0x7fffff01) + data[9:]
    elif mode == "twice":
        data += data
    elif mode == "type":
        data = data[:4] + b"\x4d" + data[5:]
    elif mode == "other":
        data = packet(105 if data[4] != 105 else 104, data[5:9], u32(0))
    elif mode == "huge":
        data = b"\xff\xff\xff\xff" + data[4:]
    elif mode == "noise":
        data = os.urandom(4096)
    elif mode == "hang":
        time.sleep(600)
    elif mode == "close":
        sys.exit(0)
    elif mode == "late":
        time.sleep(0.3)
    send(data)


def greet(mode):
    ext = b"".join(s(a.encode()) + s(b.encode()) for a, b in EXTENSIONS
                   if a.partition("@")[0] not in without)
    version = {"version6": 6, "version2": 2}.get(mode, 3)
    if mode == "shell":
        send(b"Welcome to the box!\n")
    spoil(packet(2, u32(version), ext), mode)


def main():
    global overwrite, slow
    args = sys.argv[1:]
    while args and args[0].startswith("--"):
        name, _, value = args.pop(0)[2:].partition("=")
        if name == "no":
            without.add(value)
        elif name == "overwrite":
            overwrite = True
        elif name == "slow":
            slow = float(value)
    what, mode = (args + ["", ""])[:2]
    left = int(args[2]) if len(args) > 2 else 1
    while True:
        body = receive(struct.unpack(">I", receive(4))[0])
        kind, i, body = body[0], body[1:5], body[5:]
        name = NAMES.get(kind, "?")
        if kind == 200:
            name = Rd(body).s().decode().partition("@")[0]
        hit = what in (name, NAMES.get(kind), "*") and left > 0
        left -= hit and mode not in ("nospace",)
        m = mode if hit and left == 0 or hit and mode == "nospace" else ""
        time.sleep(slow)
        if kind == 1:
            greet(m)
        else:
            spoil(answer(kind, i, body, m), m)


main()
