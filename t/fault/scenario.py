# SPDX-License-Identifier: GPL-2.0-or-later
"""scenario.py - what the faulted run has to do, and what lies there before.

A world is one folder with a hub, the workspaces of some computers and a home
for each.  Every scenario is a function that fills a new world and returns a
Case: the command in which faults happen, and what may come out of it."""
import os
import random
import shutil
import subprocess

TIME_LIMIT = 60      # of a run that takes a second: a machine may be busy


def sanitizer(program):
    """The run-time that must come before inject.so, with a colon; mostly none."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    for line in out.splitlines():
        if "libasan" in line:
            return line.split("=> ")[1].split(" (")[0] + ":"
    return ""


class World:
    """One folder: hub.git, workspaces a, b, c, and home-X for computer X."""

    def __init__(self, root, build, so):
        self.root, self.build, self.so = root, build, so
        self.begin()
        self.asan = sanitizer(build + "/bin/hub")

    def begin(self):
        """now: what the clock says; extra: more environment; places: (workspace, name);
        contents: blob of a pointer -> blob that the file would be (check.py); rotten:
        digests of files that were damaged on purpose"""
        self.now, self.extra, self.places, self.contents = None, {}, [], {}
        self.rotten = set()

    def path(self, *names):
        return os.path.join(self.root, *names)

    def env(self, who):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("GIT_", "VIBEHUB_", "XDG_", "LC_", "HUB_FAULT"))}
        env.update(HOME=self.path("home-" + who), VIBEHUB_HOSTNAME="computer-" + who,
                   PATH=self.build + "/bin:" + os.environ["PATH"], LC_ALL="C.UTF-8",
                   GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0", TZ="UTC",
                   VIBEHUB_TEST_KDF="min", VIBEHUB_THREADS="1",    # calls are counted
                   **self.extra)
        if self.now:
            env["VIBEHUB_NOW"] = self.now
        return env

    def run(self, who, *argv, fault=None):
        """-> (exit status, negative for a signal, None for a hang; stderr)"""
        env = self.env(who)
        if fault:
            env.update(fault, LD_PRELOAD=self.asan + self.so, HUB_FAULT_ROOT=self.root)
            if self.asan:       # libgit2 leaks when it fails
                env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        try:
            r = subprocess.run(argv, cwd=self.root, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return None, "hangs"
        return r.returncode, r.stderr.decode("utf-8", "replace")

    def must(self, who, *argv, ok=(0,)):
        rc, err = self.run(who, *argv)
        if rc not in ok:
            raise RuntimeError(f"set-up: {' '.join(argv)}: status {rc}: {err}")

    def new(self):
        self.begin()
        for who in "abc":
            os.makedirs(self.path("home-" + who))
            with open(self.path("home-" + who, ".gitconfig"), "w") as f:
                f.write(f"[user]\n\tname = {who}\n\temail = {who}@example.org\n"
                        "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n")

    def put(self, name, text, mode=None):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        if mode:
            os.chmod(path, mode)

    def link(self, name, to):
        if os.path.lexists(self.path(name)):
            os.unlink(self.path(name))
        os.symlink(to, self.path(name))

    def sync(self, who, ok=(0,)):
        self.must(who, "hub", "-C", who, "sync", ok=ok)


class Case:
    """argv: the command, run by computer who; ok: what it may return when
    nothing is wrong; again: when it runs once more; after(world): done before the
    computers converge; done(world): what "done" says; space: the workspace that is in
    the hub then, None: none; now: what the clock says; rival: (part of a name,
    computer, command...), see inject.c;
    verdicts: exit statuses that may say that something is damaged."""

    def __init__(self, who, *argv, ok=(0, 1), again=None, after=None, done=None, space="",
                 now=None, rival=None, verdicts=()):
        self.who, self.argv, self.ok, self.after = who, argv, ok, after
        self.again, self.done, self.now = again or ok, done, now and str(now)
        self.space, self.rival, self.verdicts = space, rival, verdicts
        if space == "" and argv[0] == "git":
            self.space = None
        elif space == "":
            self.space = os.path.basename(argv[-1] if argv[1] == "clone" else argv[2])


def lines(n, word):
    return "".join(f"{word} {i}\n" for i in range(n))


def base(w):
    """Two computers, a and b, with the same few files."""
    w.must("a", "hub", "init", "hub.git")
    w.must("a", "hub", "clone", "hub.git", "a")
    for i in range(4):
        w.put(f"a/file{i}", lines(20, f"file {i} line"))
    w.put("a/dir/in", "a file in a folder\n")
    w.put("a/dir/deep/er", "deeper\n")
    w.put("a/thing", "a file that becomes a folder\n")
    w.put("a/run.sh", "#!/bin/sh\n", 0o755)
    w.put("a/binary", "\0" + random.Random(1).randbytes(30000).decode("latin1"))
    w.link("a/link", "file0")
    w.sync("a")
    w.must("b", "hub", "clone", "hub.git", "b")


def change(w, who, word):
    w.put(f"{who}/new-{word}", f"new by {word}\n")
    w.put(f"{who}/sub-{word}/new", f"new in a folder by {word}\n")
    w.put(f"{who}/file1", lines(20, "file 1 line") + f"and {word}\n")
    os.unlink(w.path(who, "dir/deep/er"))
    os.chmod(w.path(who, "file2"), 0o755)
    w.link(f"{who}/link", f"new-{word}")


def init(w):
    return Case("a", "hub", "init", "hub.git", ok=(0,), after=join)


def init_central(w):
    return Case("a", "hub", "init", "--template=central", "hub.git", ok=(0,), after=join)


def init_adopt(w):
    w.must("a", "git", "init", "-q", "seed")
    w.put("seed/old", "from before\n")
    w.must("a", "git", "-C", "seed", "add", ".")
    w.must("a", "git", "-C", "seed", "commit", "-qm", "old")
    w.must("a", "git", "clone", "-q", "--bare", "seed", "hub.git")
    shutil.rmtree(w.path("seed"))
    return Case("a", "hub", "init", "hub.git", ok=(0,), after=join)


def init_again(w):
    base(w)
    change(w, "a", "alpha")
    return Case("a", "hub", "init", "hub.git", ok=(0,))


def join(w):
    w.must("a", "hub", "clone", "hub.git", "a")
    w.put("a/first", "first\n")


def clone(w):
    base(w)
    return Case("c", "hub", "clone", "hub.git", "c", ok=(0,))


def clone_adopt(w):
    base(w)
    w.must("c", "git", "clone", "-q", "hub.git", "c")
    w.put("c/mine", "not committed\n")
    return Case("c", "hub", "clone", w.path("hub.git"), "c", ok=(0,))


def clone_again(w):
    """What is a workspace of this hub stays the one it is."""
    base(w)
    change(w, "a", "alpha")
    return Case("a", "hub", "clone", w.path("hub.git"), "a", ok=(0,))


def idle(w):
    base(w)
    w.sync("b")
    w.sync("a")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def send(w):
    base(w)
    change(w, "a", "alpha")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def receive(w):
    base(w)
    change(w, "b", "beta")
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def both(w):
    base(w)
    change(w, "b", "beta")
    w.put("b/file3", "beta's\n")
    w.sync("b")
    change(w, "a", "alpha")
    return Case("a", "hub", "-C", "a", "sync")


def to_folder(w):
    base(w)
    os.unlink(w.path("b/thing"))
    w.put("b/thing/inside", "a folder now\n")
    w.put("b/thing/more/inside", "a folder in it\n")
    shutil.rmtree(w.path("b/dir"))
    w.put("b/dir", "a file now\n")
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def many(w):
    w.must("a", "hub", "init", "hub.git")
    w.must("a", "hub", "clone", "hub.git", "a")
    for i in range(300):
        w.put(f"a/d{i % 10}/f{i}", lines(i % 17 + 1, f"file {i}"))
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def receive_many(w):
    base(w)
    for i in range(40):
        w.put(f"b/d{i % 3}/f{i}", f"file {i}\n")
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def clone_many(w):
    many(w)
    w.sync("a")
    return Case("b", "hub", "clone", "hub.git", "b", ok=(0,))


def away(w):
    os.rename(w.path("hub.git"), w.path("unmounted"))


def back(w):
    if os.path.exists(w.path("unmounted")):
        os.rename(w.path("unmounted"), w.path("hub.git"))


def offline(w):
    base(w)
    change(w, "a", "alpha")
    away(w)
    return Case("a", "hub", "-C", "a", "sync", ok=(13,), after=back)


def online(w):
    base(w)
    for i in range(3):
        w.put(f"a/offline{i}", f"{i}\n")
        w.put("a/file0", lines(20, "file 0 line") + f"offline {i}\n")
        away(w)
        w.sync("a", ok=(13,))
        back(w)
    change(w, "b", "beta")
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def by_git(w):
    base(w)
    change(w, "a", "alpha")
    w.must("a", "git", "-C", "a", "add", "-A")
    w.must("a", "git", "-C", "a", "commit", "-qm", "by hand")
    w.put("a/file3", "and not committed\n")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def copied(w):
    """The workspace of a, as it was before its last run, at another place."""
    base(w)
    shutil.copytree(w.path("a"), w.path("c"), symlinks=True)
    shutil.rmtree(w.path("home-c"))
    shutil.copytree(w.path("home-a"), w.path("home-c"))
    w.sync("a")
    change(w, "c", "gamma")
    return Case("c", "hub", "-C", "c", "sync")


# 13 is no exit status of these: it says that nothing of theirs is in the hub yet.

def restored(w):
    base(w)
    then = subprocess.run(["git", "-C", w.path("a"), "rev-parse", "HEAD"], check=True,
                          capture_output=True, text=True).stdout.strip()
    change(w, "a", "alpha")
    w.sync("a")
    w.put("a/file3", "not recorded yet\n")
    w.put("a/extra", "neither\n")
    return Case("a", "hub", "-C", "a", "restore", "--at=" + then, ".", ok=(0, 13))


def undone(w):
    base(w)
    change(w, "a", "alpha")
    w.sync("a")
    w.sync("b")
    w.put("b/file1", "beta's, after that\n")
    w.sync("b")
    w.sync("a")
    w.put("a/file3", "not recorded yet\n")
    return Case("a", "hub", "-C", "a", "undo", "3", ok=(0, 1, 13, 129))


def imported(w):
    """What was not copied is still in the folder; importing again ends it."""
    base(w)
    w.put("old/file0", "other than here\n")
    w.put("old/file1", lines(20, "file 1 line"))
    w.put("old/deep/er/new", "new\n", 0o755)
    w.link("old/link", "somewhere")
    for i in range(8):
        w.put(f"old/more/{i}", f"{i}\n")
    return Case("a", "hub", "-C", "a", "import", "../old", ok=(0, 1, 13), after=imported_all)


def imported_all(w):
    w.must("a", "hub", "-C", "a", "import", "../old", ok=(0, 1))
    here = {oid for _, oid in disk_of(w, "a")}
    for name, oid in disk_of(w, "old"):
        if oid not in here:
            raise RuntimeError(f"not imported: {name}")


def verified(w):
    """Nothing is damaged: no failed call may say so."""
    base(w)
    return Case("a", "hub", "verify", "--read-data", "hub.git", ok=(0,), space=None)


def verified_here(w):
    base(w)
    change(w, "a", "alpha")
    return Case("a", "hub", "-C", "a", "verify", ok=(0,), space=None)


def status(w):
    base(w)
    change(w, "a", "alpha")
    return Case("a", "hub", "-C", "a", "status", ok=(0,), space=None)


def disk_of(w, folder):
    import check
    return [(name, oid) for name, (_, oid) in check.disk(w.path(folder)).items()]


ALL = (init, init_central, init_adopt, init_again, clone, clone_adopt, clone_again, idle,
       send, receive, both, to_folder, many, receive_many, clone_many, offline, online,
       by_git, copied, restored, undone, imported, verified, verified_here, status)

import scenario_vault  # noqa: E402  it needs what stands above

ALL += scenario_vault.ALL
