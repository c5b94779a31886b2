# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py - is a world whole?  Every function yields what is wrong, in words."""
import hashlib
import os
import re
import stat
import subprocess

# what no run may leave behind once a later one has healed
VAULT_TMP = re.compile(r"(vibehub/vault|^usb/[0-9a-f]+)/((keys|packs|states)/)?"
                       r"\.[^/]*\.tmp-[^/]*$|"
                       r"/vibehub/(index|places)[^/]*(/.*)?/\.[a-z]*\.tmp-[^/]*$")
LOCKS = re.compile(r"vibehub/(clock|keys\.lock|gc/states\.lock|"
                   r"devices/[0-9a-f-]{36}\.states\.lock)$")
KIT_TMP = re.compile(r"/vibehub/kits/\.[^/]*\.tmp-[^/]*$")
STRAY = re.compile(r"^\.hub-|~$|\.tmp-|^tmp_|\.lock$|^index-|^clock$|^vibehub-probe$|^\.#")
EXITS = {0, 1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 128, 129, 130}
# lines of a report, which may stand beside the one line that says what failed
REPORT = re.compile(r"^hub: (conflict, both|could not (read|write)|not synced|this is a copy|"
                    r"parked:|not copied|place '|warning:|housekeeping is put off|"
                    r"a recovery kit that was made before)")
# what a world in which nothing is wrong must never be said to be: no hub, a wrong
# key, gone back, damaged, too new, parked
VERDICTS = {10, 12, 15, 16, 18, 20}


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def disk(path):
    """{name: (mode, blob id)} of a workspace, without .git"""
    out = {}
    for folder, dirs, files in os.walk(path):
        if folder == path and ".git" in dirs:
            dirs.remove(".git")
        for name in files + [d for d in dirs if os.path.islink(os.path.join(folder, d))]:
            full = os.path.join(folder, name)
            st = os.lstat(full)
            if stat.S_ISLNK(st.st_mode):
                out[os.path.relpath(full, path)] = ("link", blob_id(os.readlink(full).encode()))
            else:
                with open(full, "rb") as f:
                    out[os.path.relpath(full, path)] = (
                        "exec" if st.st_mode & 0o100 else "file", blob_id(f.read()))
    return out


def git(w, repo, *argv, given=None, **more):
    """-> (status, stdout, stderr)"""
    env = w.env("a")
    env.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*",
               GIT_OPTIONAL_LOCKS="0", **more)
    r = subprocess.run(["git", "-C", w.path(repo), *argv], env=env, input=given or b"",
                       capture_output=True, timeout=60)
    out = r.stdout if given else r.stdout.decode("utf-8", "replace")
    return r.returncode, out, r.stderr.decode("utf-8", "replace")


def history(w, repo):
    """ids of all objects that a ref of the repository reaches"""
    rc, out, err = git(w, repo, "rev-list", "--objects", "--all", "--no-object-names")
    return set(out.split()) if rc == 0 else set()


def blobs(w, repo):
    """Of history() those that hold a file's content; commits may be replayed.
    What pointers stand for is among them."""
    rc, out, _ = git(w, repo, "cat-file", "--batch-all-objects",
                     "--batch-check=%(objecttype) %(objectname) %(objectsize)")
    kinds = [line.split() for line in out.splitlines()]
    have = history(w, repo)
    small = {oid for kind, oid, n in kinds if kind == "blob" and int(n) < 200} & have
    resolve(w, repo, small - w.contents.keys())
    return {oid for kind, oid, _ in kinds if kind == "blob"} & have | large(w, have)


def batch(raw):
    """The objects in what `git cat-file --batch` printed"""
    at = 0
    while at < len(raw):
        head, _, rest = raw[at:at + 200].partition(b"\n")
        at += len(head) + 1
        if len(head.split()) == 3:
            n = int(head.split()[2])
            yield head.split()[0].decode(), raw[at:at + n]
            at += n + 1


def resolve(w, repo, oids):
    """Those that are pointers: what is their content?  A pure function of it, so asked
    once in the life of a world."""
    given = "".join(oid + "\n" for oid in sorted(oids)).encode()
    out = batch(git(w, repo, "cat-file", "--batch", given=given)[1]) if oids else ()
    pointers = [oid for oid, data in out if data.startswith(b"vibehub-pointer 1\n")]
    w.contents.update((oid, None) for oid in oids)
    if not pointers:
        return
    with open(w.root + ".attributes", "w") as f:
        f.write("* filter=vibehub\n")
    asked = repo if repo in workspaces(w) else workspaces(w)[0]
    objects = w.path(repo, ".git/objects" if os.path.isdir(w.path(repo, ".git")) else "objects")
    gone = [x for x in ("unmounted", "lost.git") if os.path.isdir(w.path(x))]
    if gone:
        os.rename(w.path(gone[0]), w.path("hub.git"))
    for oid in pointers:    # one by one: with --batch the size is the pointer's
        rc, out, err = git(w, asked, "-c", "core.attributesFile=" + f.name,
                           "cat-file", "--filters", "--path=any", oid, given=b"\n",
                           GIT_ALTERNATE_OBJECT_DIRECTORIES=objects)
        if rc or out.startswith(b"vibehub-pointer"):
            raise RuntimeError(f"the content of pointer {oid} is not to be had: {err}")
        w.contents[oid] = blob_id(out)
    if gone:
        os.rename(w.path("hub.git"), w.path(gone[0]))


def large(w, oids):
    return {w.contents[oid] for oid in oids if w.contents.get(oid)}


def held(w, repo):
    """ids of all that is in the repository, or that its pointers stand for"""
    return history(w, repo) | blobs(w, repo)


def workspaces(w):
    return [x for x in "abc" if os.path.exists(w.path(x, ".git", "vibehub", "config"))]


def contents(w):
    """Every content that somebody has: {blob id: where}"""
    out = {}
    for x in "abc":
        if not os.path.isdir(w.path(x)):
            continue
        for name, (_, oid) in disk(w.path(x)).items():
            out.setdefault(oid, f"{x}/{name}")
        if os.path.isdir(w.path(x, ".git")):
            for oid in blobs(w, x):
                out.setdefault(oid, f"history of {x}")
    for hub in "hub.git", "unmounted":
        if os.path.isdir(w.path(hub)):
            for oid in blobs(w, hub):
                out.setdefault(oid, "history of the hub")
    return out


def said(rc, err, ok, program="hub"):
    """How a run ended: orderly?  Its words are one line?"""
    if rc is None:
        yield "hangs"
        return
    if rc < 0:
        yield f"crashes (signal {-rc})"
        return
    if "Sanitizer" in err or "runtime error" in err:
        yield "sanitizer: " + next((x for x in err.splitlines() if "ERROR" in x or
                                    "runtime error" in x), "?")[:200]
    if program != "hub":
        return
    if rc not in EXITS:
        yield f"undocumented exit status {rc}: {err.strip()[:200]}"
    lines = err.splitlines()
    odd = [x for x in lines if not x.startswith("hub: ")]
    if odd:
        yield f"says on stderr: {odd[0][:200]}"
    errors = [x for x in lines if not REPORT.match(x)]
    if rc not in ok and rc != 130 and len(errors) != 1 and rc not in (1, 19, 20):
        yield f"ends with {rc} and says {len(errors)} lines: {err.strip()[:300]}"


def judged(rc, err, case):
    """A call failed, nothing is damaged: "could not look" is never "not there"."""
    if rc in VERDICTS and rc not in case.verdicts:
        yield f"wrong verdict {rc}: {err.strip()[:300]}"


def acknowledged(w, case, before, err):
    """The faulted run said "done": then it is."""
    try:
        if case.done:
            case.done(w)
    except RuntimeError as e:
        yield f"said done, but {e}"
    x = case.space
    if case.argv[1] == "init":
        if not os.path.exists(w.path("hub.git", "vibehub", "format")):
            yield "init said done, there is no hub"
        return
    if 13 in case.ok or not x:
        return
    head = git(w, x, "rev-parse", "HEAD")[1].strip()
    tip = git(w, "hub.git", "rev-parse", "refs/heads/main")[1].strip()
    if head != tip:
        yield f"said done, but HEAD is {head[:8]} and the hub's main {tip[:8]}"
    if "could not write" not in err:
        yield from clean(w, x, "said done, but ")
    have = held(w, "hub.git")
    for oid, where in before.items():
        if where.startswith(x + "/") and oid not in have:
            yield f"said done, but the content of {where} is not in the hub"


def clean(w, x, prefix=""):
    rc, out, err = git(w, x, "status", "--porcelain")
    if rc or out or err:
        yield f"{prefix}git status in {x}: {(out + err).strip()[:200]}"


def fsck(w, repo):
    objects = w.path(repo, ".git/objects" if os.path.isdir(w.path(repo, ".git")) else "objects")
    without = []
    if not any(os.path.exists(os.path.join(objects, x)) for x in (
            "info/commit-graph", "info/commit-graphs", "pack/multi-pack-index")):
        # each is a process more, which looks whether they are there
        without = ["-c", "core.commitGraph=false", "-c", "core.multiPackIndex=false"]
    rc, out, err = git(w, repo, *without, "fsck", "--strict", "--no-dangling", "--no-progress")
    bad = [x for x in (out + err).splitlines() if not x.startswith(("notice:", "Checking"))]
    if rc or bad:
        yield f"git fsck in {repo}: {'; '.join(bad)[:200]}"


def vaults(w):
    """Every vault, every place: open to the last byte, and nothing waits."""
    checks = [("a", "hub.git")] if os.path.isdir(w.path("hub.git/vibehub/vault")) else []
    for who, *args in checks + [(x, "-C", x, "--place=" + name) for x, name in w.places]:
        rc, err = w.run(who, "hub", "verify", "--read-data", *args)
        if rc:
            yield f"hub verify {' '.join(args)}: status {rc}: {err.strip()[:300]}"
    for x in workspaces(w):
        if os.path.exists(w.path(x, ".git/vibehub/outbox/format")):
            yield f"the outbox of {x} is not empty"


def nonces(w, seen):
    """No two sealed files, of all trials, that are forks of one world, have the same:
    ${seen}: {nonce: digest of the file}."""
    for folder, dirs, files in os.walk(w.root):
        if "objects" in dirs and "refs" in dirs:
            dirs.remove("objects")      # git's: many, and compressed
        for name in files:
            full = os.path.join(folder, name)
            if os.path.islink(full):
                continue
            with open(full, "rb", 0) as f:
                head = f.read(4)
                if head not in (b"VHpk", b"VHst"):
                    continue
                data = head + f.read()
            nonce = data[48:72] if head == b"VHpk" else data[88:112]
            digest = hashlib.sha1(data).digest()
            if digest in w.rotten or len(nonce) != 24:
                continue
            if seen.setdefault(nonce, digest) != digest:
                yield f"a nonce is used twice: {full}"


def strays(w):
    for folder, dirs, files in os.walk(w.root):
        for name in files + dirs:
            if not STRAY.search(name):
                continue
            rel = os.path.relpath(os.path.join(folder, name), w.root)
            if VAULT_TMP.search(rel) or KIT_TMP.search(rel):
                continue    # gc, the next list or kit sweeps them when they are old
            if not LOCKS.search(rel):
                yield "left behind: " + re.sub(r"[0-9a-f]{4,}", "X",
                                               re.sub(r"objects/..", "objects/X", rel))


def main_of(w, repo):
    """The tip of main without asking git; "" if it is packed or unborn."""
    try:
        with open(w.path(repo, "refs/heads/main")) as f:
            return f.read().strip()
    except OSError:
        return ""


def settled(w):
    tips = {main_of(w, x + "/.git") for x in workspaces(w)} | {main_of(w, "hub.git")}
    return len(tips) == 1


def whole(w, before):
    """After healing and convergence."""
    spaces = workspaces(w)
    yield from fsck(w, "hub.git")
    first = None
    for x in spaces:
        yield from fsck(w, x)
        yield from clean(w, x)
        now = disk(w.path(x))
        if first is None:
            first = now
        elif now != first:
            odd = sorted(n for n in set(now) | set(first) if now.get(n) != first.get(n))
            yield f"{spaces[0]} and {x} differ: {', '.join(odd)[:200]}"
    have = held(w, "hub.git")
    lost = [f"{where} ({oid[:8]})" for oid, where in before.items() if oid not in have]
    if lost:
        yield f"LOST: {', '.join(lost)[:300]}"
    yield from vaults(w)
    yield from strays(w)
