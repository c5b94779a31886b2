# SPDX-License-Identifier: GPL-2.0-or-later
"""random-sync.py SEED STEPS [COMPUTERS] - random edits and plain git commands
in several workspaces, synced in random order; run by t3112 in its trash folder.

After every sync: exit 0 or 1, what was on disk is in the history, disk = HEAD =
hub, git status is clean.  At the end all workspaces are the same.
"""
import os
import random
import shutil
import subprocess
import sys

seed, steps = int(sys.argv[1]), int(sys.argv[2])
count = int(sys.argv[3]) if len(sys.argv) > 3 else 3
R = random.Random(seed)
ROOT = os.getcwd()
NAMES = ["a", "b", "c.txt", "d", "a.b", "long name.txt"]
trace = []


def env(k):
    home = os.path.join(ROOT, "h%d" % k)
    if not os.path.isdir(home):
        os.makedirs(home)
        with open(home + "/.gitconfig", "w") as f:
            f.write("[user]\n name = U%d\n email = u%d@example\n[init]\n"
                    " defaultBranch = main\n[gc]\n auto = 0\n" % (k, k))
    e = dict(os.environ, HOME=home, VIBEHUB_HOME=home + "/v", VIBEHUB_HOSTNAME="c%d" % k)
    e.pop("XDG_CONFIG_HOME", None)
    return e


def fail(what):
    print("seed %d, step %d: %s" % (seed, len(trace), what))
    print("\n".join(trace[-25:]))
    sys.exit(1)


def run(k, *cmd, ok=(0,), cwd=None):
    r = subprocess.run(cmd, env=env(k), cwd=cwd, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if ok is not None and r.returncode not in ok:
        fail("%s: code %d\n%s" % (" ".join(cmd), r.returncode, r.stdout.decode("latin-1")))
    return r


def git(k, *args, ok=(0,)):
    return run(k, "git", "-C", "w%d" % k, *args, ok=ok)


def disk(top):
    out = {}
    for d, dirs, files in os.walk(top):
        if d == top:
            dirs.remove(".git")
        for n in list(dirs):
            if os.path.islink(os.path.join(d, n)):
                files.append(n)
        for n in files:
            p = os.path.join(d, n)
            rel = os.path.relpath(p, top)
            if os.path.islink(p):
                out[rel] = ("120000", os.readlink(p).encode())
            else:
                mode = "100755" if os.stat(p).st_mode & 0o100 else "100644"
                out[rel] = (mode, open(p, "rb").read())
    return out


def tree(repo, ref):
    out = {}
    r = subprocess.run(["git", "-C", repo, "ls-tree", "-rz", ref], stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL)
    for line in r.stdout.split(b"\0"):
        if line:
            meta, name = line.split(b"\t", 1)
            mode, _, oid = meta.split()
            out[os.fsdecode(name)] = (mode.decode(), oid.decode())
    return out


def blob_id(data):
    import hashlib
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def ids(files):
    return {p: (m, blob_id(d)) for p, (m, d) in files.items()}


def some_path(top, depth=0):
    p = R.choice(NAMES)
    if depth < 2 and R.random() < 0.45:
        return os.path.join(p, some_path(top, depth + 1))
    return p


def clear(p):
    if os.path.islink(p) or os.path.isfile(p):
        os.unlink(p)
    elif os.path.isdir(p):
        shutil.rmtree(p)


def put(top, rel):
    p = os.path.join(top, rel)
    parts = rel.split("/")
    for i in range(1, len(parts)):
        q = os.path.join(top, *parts[:i])
        if os.path.islink(q) or os.path.isfile(q):
            os.unlink(q)
    clear(p)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    return p


serial = 0


def content():
    global serial
    serial += 1
    kind = R.random()
    if kind < 0.1:
        return b""
    if kind < 0.2:
        return b"same for all\n"
    if kind < 0.3:
        return b"bin\0%d" % serial
    return b"".join(b"line %d\n" % i for i in range(12)) + b"version %d\n" % serial


def edit(k):
    top = "w%d" % k
    have = sorted(disk(top))
    what = R.randrange(10)
    if what < 3 or not have:
        rel = some_path(top)
        open(put(top, rel), "wb").write(content())
        return "write " + rel
    rel = R.choice(have)
    p = os.path.join(top, rel)
    if what < 5 and not os.path.islink(p):
        lines = open(p, "rb").read().split(b"\n")
        lines.insert(R.randrange(len(lines)), b"edit %d" % R.randrange(1000))
        open(p, "wb").write(b"\n".join(lines))
        return "edit " + rel
    if what == 5:
        os.unlink(p)
        return "delete " + rel
    if what == 6:
        q = some_path(top)
        if q == rel or q.startswith(rel + "/") or rel.startswith(q + "/"):
            return "nothing"
        data = open(p, "rb").read() if not os.path.islink(p) else b"was link"
        os.unlink(p)
        open(put(top, q), "wb").write(data)
        return "move %s to %s" % (rel, q)
    if what == 7:
        os.chmod(p, R.choice([0o755, 0o644])) if not os.path.islink(p) else None
        return "chmod " + rel
    if what == 8:
        rel = some_path(top)
        os.symlink(R.choice(["a", "..", "/nowhere", "b/c.txt"]), put(top, rel))
        return "link " + rel
    rel = R.choice(NAMES)
    clear(os.path.join(top, rel))
    return "rm -r " + rel


def git_step(k):
    what = R.randrange(7)
    if what == 0:
        git(k, "add", "-A")
        git(k, "commit", "-qm", "by hand %d" % len(trace), ok=(0, 1))
        return "git commit"
    if what == 1:
        git(k, "add", "-A")
        return "git add -A"
    if what == 2:
        git(k, "add", "-A")
        git(k, "stash", ok=(0, 1))
        git(k, "stash", "pop", ok=(0, 1))
        return "git stash, pop"
    if what == 3:
        if git(k, "rev-parse", "-q", "--verify", "HEAD^", ok=None).returncode == 0:
            git(k, "reset", "-q", "--soft", "HEAD^")
        return "git reset --soft HEAD^"
    if what == 4:
        git(k, "fetch", "-q", "origin")
        return "git fetch"
    if what == 5:
        git(k, "gc", "-q")
        return "git gc"
    git(k, "reset", "-q", ok=None)
    return "git reset"


def sync(k, strict=True):
    top = "w%d" % k
    before = ids(disk(top))
    staged = git(k, "diff", "--cached", "--name-only").stdout
    r = run(k, "hub", "-C", top, "sync", ok=(0, 1))
    trace.append("   -> %d %s" % (r.returncode, r.stdout.decode("latin-1").strip()))
    pending = b"pending" in r.stdout
    after = ids(disk(top))
    for rel, (mode, oid) in before.items():
        if pending:
            break
        if git(k, "cat-file", "-e", oid, ok=None).returncode:
            fail("w%d: %s (%s) was not recorded" % (k, rel, oid))
    if pending:
        return True
    head, hub = tree(top, "HEAD"), tree("hub.git", "main")
    if head != hub:
        fail("w%d: HEAD is not the hub's: %r" % (k, set(head.items()) ^ set(hub.items())))
    if after != head:
        fail("w%d: disk is not HEAD: %r" % (k, set(after.items()) ^ set(head.items())))
    st = git(k, "status", "--porcelain").stdout
    if st and not staged:
        fail("w%d: git status says\n%s" % (k, st.decode("latin-1")))
    return False


run(0, "hub", "init", "-q", "hub.git")
for k in range(count):
    run(k, "hub", "clone", "-q", "hub.git", "w%d" % k)
for _ in range(steps):
    k = R.randrange(count)
    x = R.random()
    if x < 0.6:
        trace.append("w%d: %s" % (k, edit(k)))
    elif x < 0.7:
        trace.append("w%d: %s" % (k, git_step(k)))
    elif x < 0.75 and os.path.isdir("hub.git"):
        trace.append("w%d: offline sync" % k)
        os.rename("hub.git", "away")
        run(k, "hub", "-C", "w%d" % k, "sync", ok=(13,))
        os.rename("away", "hub.git")
    else:
        trace.append("w%d: sync" % k)
        sync(k)
for k in range(count):
    git(k, "reset", "-q", ok=None)
for turn in range(2):
    for k in range(count):
        trace.append("w%d: last sync" % k)
        if sync(k):
            fail("w%d: still pending" % k)
want = ids(disk("w0"))
for k in range(1, count):
    if ids(disk("w%d" % k)) != want:
        fail("w0 and w%d differ: %r" % (k, set(want.items()) ^ set(ids(disk("w%d" % k)).items())))
r = subprocess.run(["git", "-C", "hub.git", "fsck", "--strict", "--full"],
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
if r.returncode:
    fail("fsck: " + r.stdout.decode())
