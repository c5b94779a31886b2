# SPDX-License-Identifier: GPL-2.0-or-later
"""power.py - what is on the disk after the power failed in the middle of a run.

From a tree as it was before and the record of a run (inject_record.h) the disk
is made as it may be after the first n calls.  What fsync and syncfs covered is
there in every model; of the rest:

	strict	nothing: neither data nor names
	empty	names (new, renamed, removed), but of no file new data
	zeros	names and sizes, zeros where the data were to be
	data	data of files that have a name, but no change of names

Linux file systems lie in between.  What a folder fsync has not covered may be
lost on all of them, whatever was fsynced in it."""
import os
import re
import shutil

MODELS = ("strict", "empty", "zeros", "data")


class File:
    def __init__(self, data=None, *, mode=0o644, mtime=None):
        self.now = bytearray(data or b"")
        self.synced = data          # None: no fsync yet
        self.dirty = []             # (from, to) written since
        self.mode, self.mtime = mode, mtime
        self.prints = {}            # model -> hash, until it changes

    def write(self, off, data):
        self.prints.clear()
        self.grow(off + len(data))
        self.now[off:off + len(data)] = data
        self.dirty.append((off, off + len(data)))
        self.mtime = None

    def grow(self, n):
        if n > len(self.now):
            self.now.extend(bytes(n - len(self.now)))

    def cut(self, n):
        self.prints.clear()
        self.grow(n)
        del self.now[n:]

    def sync(self):
        if self.dirty or self.synced != self.now:
            self.prints.clear()
            self.synced, self.dirty = bytes(self.now), []

    def print_of(self, model):
        if model not in self.prints:
            self.prints[model] = hash((self.after(model), self.mtime))
        return self.prints[model], self.mode

    def after(self, model):
        if model == "data":
            return bytes(self.now)
        if model != "zeros":
            return self.synced or b""
        out = bytearray(self.now)
        for a, b in self.dirty:
            b = min(b, len(out))
            out[a:b] = bytes(max(0, b - a))
        return bytes(out)


class Folder:
    def __init__(self):
        self.now, self.synced = {}, {}

    def sync(self):
        self.synced = dict(self.now)


class Disk:
    def __init__(self, path):
        self.root_path = path
        self.root = self.load(path)
        self.open = {}

    def load(self, path):
        d = Folder()
        for e in os.scandir(path):
            if e.is_symlink():
                d.now[e.name] = os.readlink(e.path)
            elif e.is_dir():
                d.now[e.name] = self.load(e.path)
            else:
                st = e.stat()
                with open(e.path, "rb") as f:
                    d.now[e.name] = File(f.read(), mode=st.st_mode & 0o7777,
                                          mtime=st.st_mtime_ns)
        d.sync()
        return d

    def find(self, path):
        """-> (folder, name) of an absolute path"""
        path = os.path.normpath(path)       # no symlinks in what hub opens by name
        names = [x for x in path[len(self.root_path):].split("/") if x]
        d = self.root
        for name in names[:-1]:
            d = d.now[name]
        return d, names[-1] if names else None

    def node(self, path):
        d, name = self.find(path)
        return d if name is None else d.now.get(name)

    def sync_all(self, d):
        for x in d.now.values():
            if isinstance(x, Folder):
                self.sync_all(x)
            elif isinstance(x, File):
                x.sync()
        d.sync()

    def do(self, op, rest, data):
        if op == "O":
            ino, mode, path = rest.split(" ", 2)
            d, name = self.find(path)
            self.open[ino] = d.now.setdefault(name, File(mode=int(mode, 8)))
        elif op == "W":
            ino, off, _ = rest.split(" ")
            self.open[ino].write(int(off), data)
        elif op == "T":
            ino, n = rest.split(" ")
            self.open[ino].cut(int(n))
        elif op == "S":
            ino, path = rest.split(" ", 1)
            x = None if path.endswith(" (deleted)") else self.node(path)
            if isinstance(x, Folder) or ino not in self.open:
                x and x.sync()
            else:
                self.open[ino].sync()
        elif op == "Y":
            self.sync_all(self.root)
        else:
            self.do_name(op, rest)

    def do_name(self, op, rest):
        if op in "RL":
            src, dst = rest.split(" ", 1)
            d1, n1 = self.find(src)
            d2, n2 = self.find(dst)
            x = d1.now[n1]
            if op == "R":
                del d1.now[n1]
            d2.now[n2] = x
        elif op == "E":
            one, two = rest.split(" ", 1)
            d1, n1 = self.find(one)
            d2, n2 = self.find(two)
            d1.now[n1], d2.now[n2] = d2.now[n2], d1.now[n1]
        elif op in "UX":
            d, name = self.find(rest)
            del d.now[name]
        elif op == "M":
            d, name = self.find(rest)
            d.now[name] = Folder()
        elif op == "N":
            path, target = rest.split(" ", 1)
            d, name = self.find(path)
            d.now[name] = target
        elif op == "P":
            mode, path = rest.split(" ", 1)
            self.node(path).mode = int(mode, 8) & 0o7777

    # ---- after the failure ----

    def put(self, model, d, path, done):
        os.mkdir(path)
        names = d.now if model in ("empty", "zeros") else d.synced
        for name, x in names.items():
            full = path + "/" + name
            if isinstance(x, Folder):
                self.put(model, x, full, done)
            elif isinstance(x, File) and x in done:
                os.link(done[x], full)
            elif isinstance(x, File):
                done[x] = full
                with open(full, "wb") as f:
                    f.write(x.after(model))
                os.chmod(full, x.mode)
                if x.mtime:
                    os.utime(full, ns=(x.mtime, x.mtime))
            else:
                os.symlink(x, full)

    def print_of(self, model, d):
        """Equal for equal disks."""
        names = d.now if model in ("empty", "zeros") else d.synced
        return hash(tuple(
            (name, self.print_of(model, x) if isinstance(x, Folder) else
             x.print_of(model) if isinstance(x, File) else x)
            for name, x in sorted(names.items())))


LINE = re.compile(rb"([A-Z])(?: ([^\n]*))?\n")


def read(path):
    """The record: [(op, rest, data)]"""
    with open(path, "rb") as f:
        raw = f.read()
    out, at = [], 0
    while at < len(raw):
        m = LINE.match(raw, at)
        op, rest, at = m[1].decode(), (m[2] or b"").decode("utf-8", "surrogateescape"), m.end()
        n = int(rest.split(" ")[2]) if op == "W" else 0
        out.append((op, rest, raw[at:at + n]))
        at += n
    return out


def points(before, root, record, model, seen):
    """Numbers of calls after which the disk is another than after the one before, and
    than all in ${seen}, which those of other models share."""
    disk = start(before, root)
    last, out = None, []
    for n, call in enumerate(record, 1):
        disk.do(*call)
        if call[0] == "W" and n < len(record) and record[n][0] == "W":
            continue
        now = disk.print_of(model, disk.root)
        if now != last and now not in seen or n == len(record):
            out.append(n)
        last = now
        seen.add(now)
    return out


def start(before, root):
    disk = Disk(before)
    disk.root_path, disk.n = root, 0
    return disk


def fail(disk, before, root, record, model, n):
    """Make ${root} what is left after n calls.  -> the disk, for the next time"""
    if not disk or disk.n > n:
        disk = start(before, root)
    for call in record[disk.n:n]:
        disk.do(*call)
    disk.n = n
    shutil.rmtree(root, ignore_errors=True)
    disk.put(model, disk.root, root, {})
    return disk
