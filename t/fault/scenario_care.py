# SPDX-License-Identifier: GPL-2.0-or-later
"""scenario_care.py - the care of a vault: gc that rewrites packs, prune, forget, repair of
what was damaged, computers that come and go; and rivals that are quicker.  As
scenario_vault.py, which reads it."""
import hashlib
import json
import os
import shutil
import subprocess

from scenario import Case
from scenario_vault import (DAY, PASS, START, base_large, edit, large_change, left_over, noise,
                            opened, with_place)


def at(day):
    return str(START + int(day * DAY))


def said(w, who, *argv):
    """What the command prints."""
    r = subprocess.run(argv, cwd=w.root, env=w.env(who), stdin=subprocess.DEVNULL,
                       capture_output=True, text=True, timeout=60)
    if r.returncode:
        raise RuntimeError(f"{' '.join(argv)}: status {r.returncode}: {r.stderr[:300]}")
    return r.stdout


def later_gc(*days):
    """Days go by, on which everybody works and gc runs."""
    def run(w):
        for d in days:
            w.now = at(d)
            for x in "ab":
                w.must(x, "hub", "-C", x, "sync", ok=(0, 1))
            w.must("a", "hub", "gc", "hub.git")
    return run


# ---- gc, prune, forget ----

def gc_compact(w):
    """Packs that are mostly useless are written anew."""
    left_over(w, 3600000, 900000)
    w.now = None
    return Case("a", "hub", "gc", "hub.git", ok=(0,), now=at(40), space=None,
                after=later_gc(44, 80))


def old_versions(w):
    """A film of which there are three versions, at the hub and at a place."""
    w.now = at(0)
    with_place(w)
    noise(w, "a/film", 31, 3600000)
    noise(w, "a/kept", 32, 900000)
    w.sync("a")
    w.sync("b")
    for d in 1, 2:
        w.now = at(d)
        edit(w, "a/film", d * 500000)
        w.sync("a")
        w.sync("b")
    w.now = at(3)
    noise(w, "a/film", 33, 70000)
    w.sync("a")
    w.sync("b")
    w.now = at(4)
    w.sync("a")
    w.sync("b")
    w.now = None


def let_go(w):
    import check
    old_versions(w)
    check.contents(w)       # while all of it is there
    w.now = at(4)
    w.must("a", "hub", "prune", "--keep-last=1", "hub.git")
    w.now = None


def gc_place(w):
    """A sync that sees to the vaults: packs of hub and place are dropped, and compacted."""
    let_go(w)
    return Case("a", "hub", "-C", "a", "sync", ok=(0,), now=at(40), after=later_gc(44, 80))


def gc_place_delete(w):
    let_go(w)
    later_gc(40)(w)
    w.now = None
    return Case("a", "hub", "-C", "a", "sync", ok=(0,), now=at(80), after=later_gc(84))


def nothing_more(*argv):
    """What was let go is let go: once more there is nothing to do."""
    def check(w):
        n = json.loads(said(w, "a", *argv, "--dry-run", "--json"))["contents"]
        if n:
            raise RuntimeError(f"{n} contents were not let go")
    return check


def again_then_gc(*argv):
    """Locks that a killed run left on the record are removed when they are old."""
    def run(w):
        w.now = at(5.1)
        w.must("a", *argv, ok=(0, 11))
        w.now = at(5.2)
        w.must("a", *argv)
        nothing_more(*argv)(w)
        later_gc(40, 80)(w)
    return run


def prune(w):
    old_versions(w)
    argv = ("hub", "prune", "--keep-last=1", "hub.git")
    return Case("a", *argv, ok=(0,), again=(0, 11), now=at(5), space=None,
                done=nothing_more(*argv), after=again_then_gc(*argv))


def forget(w):
    old_versions(w)
    argv = ("hub", "-C", "a", "forget", "film", "--keep-current")
    return Case("a", *argv, ok=(0,), again=(0, 11), now=at(5), space=None,
                done=nothing_more(*argv), after=again_then_gc(*argv))


# ---- repair ----

def flip(w, path, where):
    os.chmod(path, 0o644)
    with open(path, "r+b") as f:
        f.seek(where)
        c = f.read(1)[0]
        f.seek(where)
        f.write(bytes([c ^ 16]))
        f.seek(0)
        w.rotten.add(hashlib.sha1(f.read()).digest())


def files(*folder):
    for where, _, names in os.walk(os.path.join(*folder)):
        for name in names:
            yield os.path.join(where, name)


def damage(w, vault, slots):
    """Two packs, a slot, the newest state."""
    packs = sorted(files(vault, "packs"), key=lambda f: (os.path.getsize(f), f))
    flip(w, packs[-1], 5000)
    flip(w, packs[0], 200)
    for slot in slots:
        flip(w, slot, 150)
    states = os.path.join(vault, "states/0")
    newest = max(int(x) for x in os.listdir(states) if x.isdigit())
    shutil.rmtree(os.path.join(states, str(newest)))


def damaged(w, vault, slots):
    import check
    check.contents(w)       # while all of it can be read
    damage(w, vault, slots)


def repair_hub(w):
    with_place(w)
    large_change(w, "a", 41)
    w.sync("a")
    w.sync("b")
    keys = w.path("hub.git/vibehub/vault/keys")
    damaged(w, w.path("hub.git/vibehub/vault"), sorted(files(keys))[:1])
    loose = [f for f in files(w.path("hub.git/objects")) if len(os.path.basename(f)) == 38]
    for f in sorted(loose)[:2]:
        os.unlink(f)
    return Case("a", "hub", "-C", "a", "repair", "--accept-rollback", ok=(0,), verdicts=(16,))


def repair_place(w):
    with_place(w)
    large_change(w, "a", 42)
    w.sync("a")
    w.sync("b")
    vault = os.path.join(w.path("usb"), os.listdir(w.path("usb"))[0])
    damaged(w, vault, sorted(files(vault, "keys"))[:1])
    flip(w, os.path.join(vault, "format"), 30)
    return Case("a", "hub", "-C", "a", "repair", "--place=usb", "--accept-rollback", ok=(0,),
                verdicts=(16,))


# ---- computers that come and go ----

def third(w):
    """A computer that was here, and is lost."""
    w.must("c", "hub", "clone", "hub.git", "c")
    noise(w, "c/from-c", 43)
    w.sync("c")
    w.sync("a")
    shutil.rmtree(w.path("c"))
    shutil.rmtree(w.path("home-c"))
    os.mkdir(w.path("home-c"))
    shutil.copy(w.path("home-a/.gitconfig"), w.path("home-c/.gitconfig"))


def gone(label):
    def check(w):
        keys = json.loads(said(w, "a", "hub", "-C", "a", "key", "list", "--json"))
        if any(s["label"] == label for s in keys["slots"]):
            raise RuntimeError(f"the slot '{label}' is there")
        if any(s["epoch"] < keys["epoch"] for s in keys["slots"]):
            raise RuntimeError("a slot has not the newest key")
    return check


def key_revoke(w):
    with_place(w)
    third(w)

    def after(w):
        gone("computer-c")(w)
        opened(PASS)(w)
    return Case("a", "hub", "-C", "a", "key", "revoke", "computer-c", ok=(0,),
                done=gone("computer-c"), after=after, space=None)


def key_change(w):
    """A new passphrase and a new epoch in one."""
    with_place(w)
    w.sync("a")
    w.extra["VIBEHUB_NEW_PASSPHRASE"] = PASS + "!"
    return Case("a", "hub", "-C", "a", "key", "passwd", "--rotate", ok=(0,), again=(0, 12),
                after=opened(PASS + "!"), space=None)


def key_remove(w):
    with_place(w)
    w.extra["VIBEHUB_NEW_PASSPHRASE"] = PASS + "!"
    w.must("a", "hub", "-C", "a", "key", "add", "--label=spare")
    w.sync("a")
    return Case("a", "hub", "-C", "a", "key", "remove", "spare", ok=(0,), again=(0, 10),
                done=gone("spare"), after=opened(PASS), space=None)


def enrol(w):
    """A clone that found no keys gets its slot, and its large files."""
    with_place(w)
    w.sync("a")
    os.rename(w.path("hub.git/vibehub/key"), w.path("key.away"))
    w.must("c", "hub", "clone", "hub.git", "c", ok=(1,))
    os.rename(w.path("key.away"), w.path("hub.git/vibehub/key"))

    def after(w):
        noise(w, "c/mine", 44)
        w.sync("c", ok=(0, 1))
    return Case("c", "hub", "-C", "c", "key", "enrol", ok=(0,), after=after, space=None)


# ---- two at once: the other one is quicker ----

STATE = "/states/0/"


def race_hub(w):
    """Between the look at the hub's newest state and the next one another computer
    makes its own, and moves the branch."""
    base_large(w)
    large_change(w, "b", 51)
    noise(w, "b/dir/more", 52)
    large_change(w, "a", 53)
    return Case("a", "hub", "-C", "a", "sync", ok=(0, 1),
                rival=(STATE, "b", "hub", "-C", "b", "sync"))


def race_place(w):
    """The same at a place: another computer has only that."""
    with_place(w)
    w.sync("a")
    os.rename(w.path("hub.git"), w.path("unmounted"))
    w.must("c", "hub", "clone", "--from=usb", "c")
    os.rename(w.path("unmounted"), w.path("hub.git"))
    large_change(w, "c", 54)
    large_change(w, "a", 55)

    def met(w):
        w.must("c", "hub", "-C", "c", "config", "hub", w.path("hub.git"))
    return Case("a", "hub", "-C", "a", "sync", ok=(0, 1), after=met,
                rival=(STATE, "c", "hub", "-C", "c", "sync"))


def race_gc(w):
    """What gc is about to drop comes back with a sync."""
    left_over(w, 1200000, 70000)
    w.now = None
    noise(w, "b/again", 27, 1200000)
    w.put("hub.git/vibehub/gc/last", at(40) + " 10000\n")     # b's sync runs no gc
    return Case("a", "hub", "gc", "hub.git", ok=(0,), now=at(40), space=None,
                rival=(STATE, "b", "hub", "-C", "b", "sync"),
                after=later_gc(44, 80, 120))


def race_drop(w):
    """The other way round: a sync relies on what gc drops just now."""
    left_over(w, 1200000, 70000)
    w.now = None
    noise(w, "b/again", 27, 1200000)
    noise(w, "b/new", 29)
    return Case("b", "hub", "-C", "b", "sync", ok=(0, 1), now=at(40),
                rival=(STATE, "a", "hub", "gc", "hub.git"),
                after=later_gc(44, 80, 120))


ALL = (gc_compact, gc_place, gc_place_delete, prune, forget, repair_hub, repair_place,
       key_revoke, key_change, key_remove, enrol, race_hub, race_place, race_gc, race_drop)
