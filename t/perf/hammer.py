# SPDX-License-Identifier: GPL-2.0-or-later
"""hammer.py - many workspaces on one hub, all busy, some killed.

Each workspace has one thread that edits files, some its own and some shared
by all, and runs `hub sync`; one run in four is killed at a random moment.  A
version that lay on disk when a run began that ended with exit code 0 or 1
(1: both versions of a conflict were kept) is acknowledged.  In the end:

  every acknowledged version is reachable from the hub's refs;
  two rounds of sync later all workspaces hold the same tree and the same disk;
  git fsck --strict finds nothing, in the hub and in every workspace.
"""
import collections
import hashlib
import os
import random
import shutil
import signal
import subprocess
import threading
import time

PLACES = 16
SHARED = 40
KILLED = 0.25


def blob(content):
    return hashlib.sha1(b'blob %d\0' % len(content) + content).hexdigest()


class Place(threading.Thread):
    def __init__(self, folder, n, env, program, until, log):
        super().__init__()
        self.folder, self.n, self.env, self.program = folder, n, env, program
        self.until, self.log = until, log
        self.rnd = random.Random(n * 7919 + int(time.time()))
        self.waiting = {}		# path -> blob id, not acknowledged yet
        self.acknowledged = set()
        self.exits = collections.Counter()
        self.times = []
        self.turn = 0

    def edit(self):
        self.turn += 1
        r = self.rnd
        for _ in range(r.randint(1, 4)):
            if r.random() < 0.5:
                path = f'shared/s{r.randrange(SHARED):02d}.txt'
            else:
                path = f'own/{self.n:02d}/f{r.randrange(30):02d}.txt'
            full = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            content = b''
            try:
                with open(full, 'rb') as f:
                    content = f.read()
            except FileNotFoundError:
                pass
            if r.random() < 0.05 and content:
                os.unlink(full)
                self.waiting.pop(path, None)
                continue
            content = content[-4000:] + \
                b'%d %d %d\n' % (self.n, self.turn, r.getrandbits(60))
            with open(full, 'wb') as f:
                f.write(content)
            self.waiting[path] = blob(content)

    def sync(self, kill):
        begun = time.monotonic()
        with open(self.log, 'ab') as log:
            p = subprocess.Popen([self.program, 'sync'], cwd=self.folder,
                                 env=self.env, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log)
            if kill:
                try:
                    p.wait(self.rnd.random() * 0.5)
                except subprocess.TimeoutExpired:
                    p.send_signal(signal.SIGKILL)
            rc = p.wait()
        self.times.append(time.monotonic() - begun)
        self.exits[rc] += 1
        if rc in (0, 1):
            self.acknowledged.update(self.waiting.values())
            self.waiting = {}
        return rc

    def run(self):
        while time.monotonic() < self.until:
            self.edit()
            self.sync(self.rnd.random() < KILLED)


def disk_of(folder):
    sums = {}
    for where, dirs, names in os.walk(folder):
        if '.git' in dirs:
            dirs.remove('.git')
        for name in names:
            path = os.path.join(where, name)
            with open(path, 'rb') as f:
                sums[os.path.relpath(path, folder)] = blob(f.read())
    return sums


def git(env, folder, *argv):
    return subprocess.run(['git', '-C', folder, *argv], env=env, check=True,
                          capture_output=True, text=True).stdout


def fsck(env, folder):
    got = subprocess.run(['git', '-C', folder, 'fsck', '--strict', '--full',
                          '--no-dangling'], env=env, capture_output=True,
                         text=True)
    return (got.stdout + got.stderr).strip() if got.returncode else ''


def reachable(env, hub):
    lines = git(env, hub, 'rev-list', '--objects', '--all').splitlines()
    return {line.split()[0] for line in lines}


def make_places(work, env, program, seconds):
    hub = os.path.join(work, 'hub.git')
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    subprocess.run([program, 'init', hub], env=env, check=True,
                   stdout=subprocess.DEVNULL)
    places = []
    for n in range(PLACES):
        folder = os.path.join(work, f'w{n:02d}')
        subprocess.run([program, 'clone', f'--name=place{n:02d}', hub, folder],
                       env=env, check=True, stdout=subprocess.DEVNULL)
        places.append(Place(folder, n, env, program, 0,
                            os.path.join(work, f'w{n:02d}.log')))
    until = time.monotonic() + seconds
    for p in places:
        p.until = until
    return hub, places


def faults_of(env, hub, places):
    faults = []
    known = reachable(env, hub)
    for p in places:
        lost = p.acknowledged - known
        if lost:
            faults.append(f'{p.folder}: {len(lost)} acknowledged versions are '
                          f'not in the hub, one is {min(lost)}')
    trees = {git(env, p.folder, 'rev-parse', 'HEAD^{tree}') for p in places}
    if len(trees) > 1:
        faults.append(f'{len(trees)} different trees')
    first = disk_of(places[0].folder)
    for p in places:
        here = disk_of(p.folder)
        if here != first:
            odd = sorted(set(here.items()) ^ set(first.items()))
            faults.append(f'{p.folder}: the disk differs, as {odd[0][0]}')
        if git(env, p.folder, 'status', '--porcelain'):
            faults.append(f'{p.folder}: git status is not clean')
    for folder in [hub] + [p.folder for p in places]:
        said = fsck(env, folder)
        if said:
            faults.append(f'fsck of {folder}: {said.splitlines()[0]}')
    return faults


def run(work, env, program, seconds, note):
    work = os.path.join(work, 'hammer')
    hub, places = make_places(work, env, program, seconds)
    for p in places:
        p.start()
    for p in places:
        p.join()
    exits = sum((p.exits for p in places), collections.Counter())
    times = sorted(t for p in places for t in p.times)
    last = collections.Counter()
    for _ in range(2):
        for p in places:
            last[p.sync(False)] += 1
    faults = faults_of(env, hub, places)
    bad = sorted(set(last) - {0, 1}) + sorted(set(exits) - {0, 1, -9})
    for f in faults:
        note('hammer: ' + f)
    return {
        'ok': not faults and not bad,
        'runs': sum(exits.values()), 'killed': exits[-9],
        'exits': dict(sorted(exits.items())), 'last': dict(last),
        'acknowledged': sum(len(p.acknowledged) for p in places),
        'median_s': round(times[len(times) // 2], 3),
        'p99_s': round(times[len(times) * 99 // 100], 3),
        'longest_s': round(times[-1], 3),
        'commits': int(git(env, hub, 'rev-list', '--count', '--all')),
        'faults': faults,
    }
