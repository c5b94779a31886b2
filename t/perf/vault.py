# SPDX-License-Identifier: GPL-2.0-or-later
"""vault.py - large files under everything at once: six computers write and sync them
to one hub and a place, while gc, prune, forget and repair --dry-run run in a loop;
one run in four is killed at a random moment.

Days go by between the rounds, not within one: packs get old enough to be dropped,
compacted and deleted, and two of the computers are away for months and come back
with content that had been let go.  A version that lay on disk when a sync began that
ended with 0 or 1 is acknowledged; each has a size of its own, by which the pointer
to it is found.  In the end:

  every acknowledged version is in history, and its content can be read, or was let
  go by prune or forget; what is on a branch now can be read;
  hub verify --read-data finds nothing, at the hub and at the place; gc misses nothing;
  all computers hold the same, and a new one from the place alone, too;
  nothing but the documented exit codes of runs beside others was seen.
"""
import collections
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time

import hammer

COMPUTERS = 6
PLACED = 3              # of them know the place
AWAY = {4: (2, 6), 5: (3, 9)}   # computer -> rounds in which it is not here
DAYS = (0.3, 1.5, 3, 12, 31, 2.5, 33, 5, 31, 1.2, 20, 3)    # after each round
KILLED = 0.25
DAY = 86400
OK = {'sync': {0, 1, 11, 13, 20}, 'gc': {0, 11}, 'prune': {0, 11}, 'forget': {0, 10, 11},
      'repair': {0, 11}}


class World:
    def __init__(self, work, env, program):
        self.work, self.program = os.path.join(work, 'vault'), program
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        self.env = dict(env, VIBEHUB_PASSPHRASE='correct horse battery staple',
                        VIBEHUB_TEST_KDF='min')
        # What is on the disk is never older than what the clock says: no temp
        # file of a living run looks like one of a dead one.
        self.now = time.time() - 400 * DAY
        self.begun, self.since = self.now, time.monotonic()
        self.lock, self.n = threading.Lock(), 0
        self.exits = {name: collections.Counter() for name in OK}
        self.odd, self.sizes, self.old = [], {}, []

    def path(self, *names):
        return os.path.join(self.work, *names)

    def jump(self, days):
        self.now += time.monotonic() - self.since + days * DAY
        self.since = time.monotonic()

    def env_of(self, who):
        home = self.path('home-' + who)
        if not os.path.isdir(home):
            os.makedirs(home)
            shutil.copy(os.path.join(self.env['HOME'], '.gitconfig'), home)
        return dict(self.env, HOME=home, VIBEHUB_HOSTNAME=who,
                    VIBEHUB_NOW=str(int(self.now + time.monotonic() - self.since)))

    def must(self, who, *argv):
        r = subprocess.run([self.program, *argv], env=self.env_of(who), cwd=self.work,
                           capture_output=True, text=True)
        if r.returncode:
            raise RuntimeError(f'hub {" ".join(argv)}: {r.returncode}: {r.stderr}')
        return r.stdout

    def hub(self, name, who, kill, *argv):
        """A run beside others; killed after ${kill} seconds, None: never."""
        p = subprocess.Popen([self.program, *argv], cwd=self.work,
                             env=self.env_of(who.split(',')[0]),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        try:
            said = p.communicate(timeout=kill)[0]
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGKILL)
            said = p.communicate()[0]
        with self.lock:
            self.exits[name][p.returncode] += 1
            if p.returncode not in OK[name] | {-9}:
                self.odd.append(f'day {(self.now - self.begun) / DAY:.1f}: {name} of {who}: '
                                f'{p.returncode}: {said.strip()[-400:]}')
        return p.returncode

    def content(self, rnd, was):
        """New bytes of a size that no others have; ${was} but for a piece, or None."""
        with self.lock:
            self.n += 1
            size = rnd.choice((70000, 300000, 1300000)) + self.n
        if was:
            size = len(was) // 50000 * 50000 + 50000 + self.n
            at = rnd.randrange(len(was))
            data = was[:at] + rnd.randbytes(4000) + was[at + 4000:] + rnd.randbytes(60000)
        else:
            data = rnd.randbytes(size)
        data = (data + rnd.randbytes(max(0, size - len(data))))[:size]
        with self.lock:
            while size in self.sizes:
                size, data = size + 1, data + b'+'
            self.sizes[size] = hashlib.sha1(data).hexdigest()
            self.old.append(data)
            del self.old[:-60]
        return data


class Computer:
    def __init__(self, world, n):
        self.w, self.n, self.name = world, n, f'w{n}'
        self.rnd = random.Random(n * 7919 + int(time.time()))
        self.waiting, self.acknowledged = {}, set()

    def full(self, path):
        return self.w.path(self.name, path)

    def edit(self):
        r = self.rnd
        for _ in range(r.randint(1, 2)):
            path = r.choice((f'own/{self.n}-{r.randrange(6)}', f'shared/{r.randrange(8)}'))
            full = self.full(path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            was = None
            try:
                with open(full, 'rb') as f:
                    was = f.read()
            except FileNotFoundError:
                pass
            what = r.random()
            if was and what < 0.15:
                os.unlink(full)
                self.waiting.pop(path, None)
                continue
            if what < 0.4 and self.w.old:       # what was there once
                data = r.choice(self.w.old)
            else:
                data = self.w.content(r, was if what < 0.7 else None)
            with open(full + '.new', 'wb') as f:
                f.write(data)
            os.rename(full + '.new', full)
            self.waiting[path] = len(data)

    def sync(self, kill=None):
        rc = self.w.hub('sync', self.name, kill, '-C', self.name, 'sync')
        if rc not in OK['sync'] | {-9}:     # does it heal by itself?
            rc = self.w.hub('sync', self.name + ', once more', None, '-C', self.name, 'sync')
        if rc in (0, 1):
            self.acknowledged.update(self.waiting.values())
            self.waiting = {}
        return rc

    def round(self, until):
        while time.monotonic() < until:
            self.edit()
            self.sync(self.rnd.random() * 1.5 if self.rnd.random() < KILLED else None)


def care(w, until, seed):
    """gc, prune, forget, repair --dry-run, one after the other, beside all others."""
    r = random.Random(seed)
    while time.monotonic() < until:
        kill = r.random() * 0.4 if r.random() < KILLED else None
        what = r.random()
        who = f'w{r.randrange(PLACED)}'
        if what < 0.4:
            w.hub('gc', who, kill, 'gc', 'hub.git')
        elif what < 0.6:
            w.hub('prune', who, kill, 'prune', f'--keep-last={r.randint(1, 9)}', 'hub.git')
        elif what < 0.7:
            w.hub('forget', who, kill, '-C', who, 'forget', '--keep-current',
                  f'shared/{r.randrange(8)}')
        elif what < 0.9:
            w.hub('repair', who, kill, 'repair', '--dry-run', 'hub.git')
        else:
            w.hub('repair', who, kill, '-C', who, 'repair', '--dry-run', '--place=usb')


def make(w):
    os.mkdir(w.path('usb'))
    w.must('w0', 'init', 'hub.git')
    computers = [Computer(w, n) for n in range(COMPUTERS)]
    for c in computers:
        w.must(c.name, 'clone', 'hub.git', c.name)
        if c.n < PLACED:
            w.must(c.name, '-C', c.name, 'remote', 'add', 'usb', w.path('usb'))
    os.makedirs(w.path('w0/.vibehub'), exist_ok=True)
    with open(w.path('w0/.vibehub/policy'), 'w') as f:
        f.write('binary-over 64K\n')
    for c in computers + computers[:1]:
        c.sync()
    return computers


def one_round(w, computers, n, seconds):
    until = time.monotonic() + seconds
    here = [c for c in computers if not AWAY.get(c.n, (0, 0))[0] <= n < AWAY.get(c.n, (0, 0))[1]]
    for c in computers:
        if c not in here:
            c.edit()        # it works, and nobody knows
    threads = [threading.Thread(target=c.round, args=(until,)) for c in here]
    threads += [threading.Thread(target=care, args=(w, until, n * 10 + i)) for i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


# ---- what must hold ----

def pointers(w, repo):
    """{size: {blob ids}} of all pointers in its history"""
    env = w.env_of('w0')
    ids = subprocess.run(['git', '-C', w.path(repo), 'rev-list', '--objects', '--all',
                          '--no-object-names'], env=env, check=True, capture_output=True).stdout
    out = subprocess.run(['git', '-C', w.path(repo), 'cat-file', '--batch'], env=env, check=True,
                         input=ids, capture_output=True).stdout
    found, at = collections.defaultdict(set), 0
    while at < len(out):
        head, _, _ = out[at:].partition(b'\n') if at else out.partition(b'\n')
        oid, kind, n = head.split()
        data = out[at + len(head) + 1:at + len(head) + 1 + int(n)]
        at += len(head) + 1 + int(n) + 1
        if kind == b'blob' and data.startswith(b'vibehub-pointer 1\n'):
            size = int(data.split(b'\nsize ')[1].split(b'\n')[0])
            found[size].add(oid.decode())
    return found


def readable(w, repo, oid):
    """The digest of what a pointer stands for; None: it cannot be had, and why."""
    r = subprocess.run(['git', '-C', w.path(repo), '-c', 'core.attributesFile=' +
                        w.path('attributes'), 'cat-file', '--filters', '--path=any', oid],
                       env=w.env_of('w0'), capture_output=True)
    if r.returncode or r.stdout.startswith(b'vibehub-pointer'):
        return None, r.stderr.decode('utf-8', 'replace').strip()
    return hashlib.sha1(r.stdout).hexdigest(), ''


def released(w):
    """The sizes of all contents that were let go."""
    r = subprocess.run(['git', '-C', w.path('hub.git'), 'show', 'refs/vibehub/released:released'],
                       env=w.env_of('w0'), capture_output=True, text=True)
    return {int(line.split()[2]) for line in r.stdout.splitlines() if line.startswith('content ')}


def versions(w, computers, counts):
    """Every acknowledged one is there, or was let go."""
    with open(w.path('attributes'), 'w') as f:
        f.write('* filter=vibehub\n')
    known, gone = pointers(w, 'w0'), released(w)
    for size in sorted(set().union(*(c.acknowledged for c in computers))):
        counts['acknowledged'] += 1
        if size not in known:
            yield f'an acknowledged version of {size} bytes is not in history'
            continue
        for oid in known[size]:
            digest, why = readable(w, 'w0', oid)
            if digest == w.sizes[size]:
                counts['readable'] += 1
            elif digest:
                yield f'a version of {size} bytes is another content'
            elif size in gone:
                counts['let_go'] += 1
            else:
                yield f'a version of {size} bytes ({oid}) is lost: {why[-300:]}'


def settle(w, computers):
    for days in 1.1, 0.1, 3, 35, 35:
        w.jump(days)
        for c in computers:
            rc = c.sync()
            if rc not in (0, 1):
                yield f'{c.name}: the last sync ended with {rc}'
        rc = w.hub('gc', 'w0', None, 'gc', 'hub.git')
        if rc:
            yield f'the last gc ended with {rc}'


def faults_of(w, computers, counts):
    yield from settle(w, computers)
    for argv in (['verify', '--read-data', 'hub.git'],
                 ['-C', 'w0', 'verify', '--place=usb', '--read-data']):
        r = subprocess.run([w.program, *argv], env=w.env_of('w0'), cwd=w.work,
                           capture_output=True, text=True)
        if r.returncode:
            yield f'{" ".join(argv)}: {r.returncode}: {(r.stdout + r.stderr)[-600:]}'
    said = json.loads(w.must('w0', 'gc', '--json', 'hub.git'))
    if said['missing'] or said['damaged']:
        yield f'gc: {said["missing"]} missing, {said["damaged"]} damaged'
    yield from versions(w, computers, counts)
    w.must('new', 'clone', '--from=usb', 'new')
    first = hammer.disk_of(w.path('w0'))
    for name in [c.name for c in computers[1:]] + ['new']:
        here = hammer.disk_of(w.path(name))
        if here != first:
            odd = sorted(set(here.items()) ^ set(first.items()))
            yield f'{name}: the disk differs, as {odd[0][0]}'
    for name in ['hub.git'] + [c.name for c in computers]:
        said = hammer.fsck(w.env_of('w0'), w.path(name))
        if said:
            yield f'fsck of {name}: {said.splitlines()[0]}'


def run(work, env, program, seconds, note):
    w = World(work, env, program)
    computers = make(w)
    for n, days in enumerate(DAYS):
        one_round(w, computers, n, seconds / len(DAYS))
        w.jump(days)
    exits = {name: dict(sorted(c.items())) for name, c in w.exits.items()}
    counts = collections.Counter()
    odd = list(w.odd)
    faults = odd + list(faults_of(w, computers, counts)) + w.odd[len(odd):]
    for f in faults:
        note('vault: ' + f)
    return {'ok': not faults, 'exits': exits, **counts, 'faults': faults}
