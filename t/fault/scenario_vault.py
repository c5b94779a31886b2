# SPDX-License-Identifier: GPL-2.0-or-later
"""scenario_vault.py - large files, places, keys, gc: as scenario.py, which reads it.

The worlds have small large files, by their policy: a call that fails is what is
looked for, not a rate."""
import os
import random
import shutil

from scenario import Case, away, back, base, lines

DAY = 86400
START = 1900000000
PASS, PASS2 = "correct horse battery staple", "another horse, another battery"


def noise(w, name, seed, n=300000):
    path = w.path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(random.Random(seed).randbytes(n))


def edit(w, name, at, n=5000):
    with open(w.path(name), "r+b") as f:
        f.seek(at)
        f.write(random.Random(at).randbytes(n))


def base_large(w):
    """a and b with the files of base() and three large ones."""
    w.extra["VIBEHUB_PASSPHRASE"] = PASS
    base(w)
    w.put("a/.vibehub/policy", "binary-over 64K\n")
    for i in range(2):
        noise(w, f"a/big{i}", i)
    noise(w, "a/dir/big", 9, 70000)
    w.sync("a")
    w.sync("b")


def large_change(w, who, seed):
    """A new one, one edited, one renamed, one copied; and small ones."""
    noise(w, f"{who}/new-{seed}", seed)
    edit(w, f"{who}/big0", 100000 + seed)
    os.rename(w.path(who, "big1"), w.path(who, f"moved-{seed}"))
    shutil.copy(w.path(who, "dir/big"), w.path(who, f"twin-{seed}"))
    w.put(f"{who}/file1", lines(20, "file 1 line") + f"and {seed}\n")


def large_send(w):
    base_large(w)
    large_change(w, "a", 11)
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def large_receive(w):
    base_large(w)
    large_change(w, "b", 12)
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def large_both(w):
    base_large(w)
    edit(w, "b/big0", 7)
    noise(w, "b/new-1", 1)
    w.sync("b")
    edit(w, "a/big0", 200000)
    noise(w, "a/new-1", 2)
    return Case("a", "hub", "-C", "a", "sync", ok=(0, 1))


def large_offline(w):
    base_large(w)
    large_change(w, "a", 13)
    away(w)
    return Case("a", "hub", "-C", "a", "sync", ok=(13,), after=back)


def large_flush(w):
    """Two runs offline, one more change, the hub is back."""
    base_large(w)
    away(w)
    large_change(w, "a", 14)
    w.sync("a", ok=(13,))
    edit(w, "a/new-14", 7)
    w.sync("a", ok=(13,))
    back(w)
    edit(w, "a/new-14", 100007)
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def large_restored(w):
    base_large(w)
    large_change(w, "a", 15)
    w.sync("a")
    w.put("a/file3", "not recorded yet\n")
    return Case("a", "hub", "-C", "a", "restore", "--at=HEAD~1", ".", ok=(0, 13))


def policy(w):
    """A pattern is added: files that are there are recorded anew by the next sync."""
    base_large(w)
    w.sync("a")
    return Case("a", "hub", "-C", "a", "track", "binary", "file*", ok=(0,), space=None)


def exported(w):
    """What is not whole is not finished: made anew, elsewhere."""
    base_large(w)

    def whole(w):
        shutil.rmtree(w.path("out"), ignore_errors=True)
        w.must("a", "hub", "-C", "a", "export", w.path("out"))
        same(w, "out", "a")
    return Case("a", "hub", "-C", "a", "export", w.path("out"), ok=(0,), again=(0, 128),
                after=whole, done=lambda w: same(w, "out", "a"))


def same(w, one, two):
    import check
    one, two = (check.disk(w.path(x)) for x in (one, two))
    odd = sorted(n for n in set(one) | set(two) if one.get(n) != two.get(n))
    if odd:
        raise RuntimeError(f"not the same: {', '.join(odd)[:200]}")


# ---- plain git, through the filter ----

def git_add(w):
    base_large(w)
    large_change(w, "a", 16)
    return Case("a", "git", "-C", "a", "add", "-A", ok=(0,), done=staged)


def staged(w):
    """What git says is added can be had again."""
    shutil.rmtree(w.path("out"), ignore_errors=True)
    w.must("a", "git", "-C", "a", "checkout-index", "-a", "--prefix=../out/")
    same(w, "out", "a")
    shutil.rmtree(w.path("out"))


def git_checkout(w):
    base_large(w)
    large_change(w, "a", 17)
    w.sync("a")
    return Case("a", "git", "-C", "a", "checkout", "-q", "HEAD~1", "--", ".", ok=(0,))


# ---- places ----

def with_place(w):
    base_large(w)
    os.mkdir(w.path("usb"))
    w.places = [("a", "usb")]
    w.must("a", "hub", "-C", "a", "remote", "add", "usb", w.path("usb"))


def remote_add(w):
    base_large(w)
    os.mkdir(w.path("usb"))
    w.places = [("a", "usb")]

    def added(w):
        w.must("a", "hub", "-C", "a", "remote", "add", "usb", w.path("usb"), ok=(0, 128))
    return Case("a", "hub", "-C", "a", "remote", "add", "usb", w.path("usb"), ok=(0,),
                again=(0, 128), after=added, space=None)


def place_first(w):
    with_place(w)
    large_change(w, "a", 18)
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def place_more(w):
    """What others did, what this one did: to the hub and on to the place."""
    with_place(w)
    w.sync("a")
    large_change(w, "b", 19)
    w.sync("b")
    w.put("a/file2", "alpha's\n")
    noise(w, "a/new-a", 20)
    return Case("a", "hub", "-C", "a", "sync", ok=(0,))


def place_alone(w):
    """The hub is gone: the place gets it."""
    with_place(w)
    w.sync("a")
    away(w)
    large_change(w, "a", 21)
    return Case("a", "hub", "-C", "a", "sync", ok=(13,), after=back)


def place_merge(w):
    """c has only the place, and wrote there; a brings it to the hub."""
    with_place(w)
    w.sync("a")
    away(w)
    w.must("c", "hub", "clone", "--from=usb", "c")
    large_change(w, "c", 22)
    w.put("c/file3", "gamma's\n")
    w.sync("c", ok=(0, 13))
    back(w)
    w.must("c", "hub", "-C", "c", "config", "hub", w.path("hub.git"))
    edit(w, "a/big1", 8)
    noise(w, "b/new-b", 23)
    w.sync("b")
    return Case("a", "hub", "-C", "a", "sync", ok=(0, 1))


def clone_from(w):
    with_place(w)
    large_change(w, "a", 24)
    w.sync("a")
    away(w)

    def met(w):
        back(w)
        w.must("c", "hub", "-C", "c", "config", "hub", w.path("hub.git"))
    return Case("c", "hub", "clone", "--from=usb", "c", ok=(0,), after=met, space=None)


def from_sync(w):
    """A computer that has only the place brings its work there."""
    clone_from(w)
    w.must("c", "hub", "clone", "--from=usb", "c")
    os.rename(w.path("c/moved-24"), w.path("c/big1"))
    large_change(w, "c", 25)

    def met(w):
        back(w)
        w.must("c", "hub", "-C", "c", "config", "hub", w.path("hub.git"))
    return Case("c", "hub", "-C", "c", "sync", ok=(0,), after=met, space=None)


def init_from(w):
    """The lost hub is made again: what was at the place is in it."""
    with_place(w)
    w.sync("a")
    w.sync("b")
    os.rename(w.path("hub.git"), w.path("lost.git"))

    def joined(w):
        w.must("c", "hub", "clone", "hub.git", "c")
    return Case("c", "hub", "init", "--from=usb", "hub.git", ok=(0,), again=(0, 128),
                after=joined)


# ---- keys ----

def opened(*passphrases):
    """One of them makes a kit, and a new computer gets in with it by the place."""
    def check(w):
        for p in passphrases:
            w.extra["VIBEHUB_PASSPHRASE"] = p
            rc, err = w.run("a", "hub", "-C", "a", "key", "kit", "--kit=" + w.path("kit"))
            if not rc:
                break
        if rc:
            raise RuntimeError(f"no passphrase opens: status {rc}: {err.strip()}")
        w.sync("a")
        w.must("c", "hub", "clone", "--from=usb", "c")
        w.must("c", "hub", "-C", "c", "config", "hub", w.path("hub.git"))
        w.extra["VIBEHUB_PASSPHRASE"] = PASS
    return check


def key_passwd(w):
    with_place(w)
    w.sync("a")
    w.extra["VIBEHUB_NEW_PASSPHRASE"] = PASS2
    return Case("a", "hub", "-C", "a", "key", "passwd", ok=(0,), again=(0, 12),
                after=opened(PASS2), space=None)


def key_rotate(w):
    with_place(w)
    w.sync("a")
    noise(w, "a/sealed-anew", 26)
    return Case("a", "hub", "-C", "a", "key", "rotate", ok=(0,), after=opened(PASS),
                space=None)


def key_add(w):
    with_place(w)
    w.sync("a")
    w.extra["VIBEHUB_NEW_PASSPHRASE"] = PASS2
    return Case("a", "hub", "-C", "a", "key", "add", ok=(0,), after=opened(PASS2),
                space=None)


# ---- gc ----

def left_over(w, gone=1200000, kept=70000):
    """Content that nothing names, beside some in the same pack that is needed."""
    w.now = str(START)
    base_large(w)
    noise(w, "a/gone", 27, gone)
    noise(w, "a/kept", 28, kept)
    w.sync("a")
    w.must("a", "git", "-C", "a", "rm", "-q", "--cached", "gone")
    os.unlink(w.path("a/gone"))
    w.must("a", "git", "-C", "a", "commit", "-q", "--amend", "-m", "without it")
    w.must("a", "git", "-C", "a", "push", "-q", "-f", w.path("hub.git"), "HEAD:main")
    for x in "ab":
        for name in os.listdir(w.path("hub.git/vibehub/devices")):
            os.unlink(w.path("hub.git/vibehub/devices", name))
        w.sync(x, ok=(0, 1))
    shutil.rmtree(w.path("hub.git/logs"), ignore_errors=True)


def at_day(w, day, *done):
    for d in done:
        w.now = str(START + d * DAY)
        w.must("a", "hub", "gc", "hub.git")
    w.now = None
    return Case("a", "hub", "gc", "hub.git", ok=(0,), now=START + day * DAY, space=None)


def gc_drop(w):
    left_over(w)
    return at_day(w, 40)


def gc_delete(w):
    left_over(w)
    return at_day(w, 80, 40)


ALL = (large_send, large_receive, large_both, large_offline, large_flush, large_restored,
       policy, exported, git_add, git_checkout, remote_add, place_first, place_more,
       place_alone, place_merge, clone_from, from_sync, init_from,
       key_passwd, key_rotate, key_add, gc_drop, gc_delete)

import scenario_care  # noqa: E402  it needs what stands above

ALL += scenario_care.ALL
