# SPDX-License-Identifier: GPL-2.0-or-later
"""large.py - one large file from a computer to another, beside git-annex and
git-lfs.  Each work is a change in A, then A sends and B receives; both together
are one sample.  `stored` is by how much the hub grew; `beside` is what lies in the
two workspaces besides the file itself.

  new     a file of --large MB that does not compress
  edit    10 MB in its middle overwritten
  insert  300 bytes inserted at its first quarter
  rename  the file gets another name
  twice   a copy of it under another name
"""
import os
import shutil
import subprocess

import meter
import peers

# work -> (wall and cpu against annex, against lfs; MB that may be stored)
BARS = {
    'new': (0.3, 0.5, None), 'edit': (0.2, None, 12.0),
    'insert': (None, None, 1.0), 'rename': (None, None, 0.1),
    'twice': (None, None, 0.1),
}
MB = 1000000


def noise(path, size):
    with open(path, 'wb') as f:
        while size:
            n = min(size, 4 * MB)
            f.write(os.urandom(n))
            size -= n


class Hub(peers.Hub):
    def send(self, folder):
        return [self.program, 'sync', '-q']

    receive = send


class Annex(peers.Git):
    """git-annex as it comes: all files are annexed and locked (links), which is
    its faster way.  `assist` would do the same; Debian 12 does not have it."""
    name = 'annex'

    def setup(self, shared):
        super().setup(shared)
        peers.call('git', 'annex', 'init', '-q', 'hub', cwd=shared,
                   env=self.env)

    def start(self, shared, folder):
        super().start(shared, folder)
        peers.call('git', 'annex', 'init', '-q', cwd=folder, env=self.env)

    def prepare_change(self, folder, name):
        peers.call('git', 'annex', 'unlock', '-q', name, cwd=folder,
                   env=self.env)

    def send(self, folder):
        return ['sh', '-c', 'git annex add -q . && '
                'git annex sync -q --content']

    def receive(self, folder):
        return ['git', 'annex', 'sync', '-q', '--content']


class Lfs(peers.Git):
    name = 'lfs'

    def start(self, shared, folder):
        super().start(shared, folder)
        peers.call('git', 'lfs', 'install', '--local', cwd=folder,
                   env=self.env)
        with open(os.path.join(folder, '.git/info/attributes'), 'w') as f:
            f.write('* filter=lfs diff=lfs merge=lfs -text\n')

    def send(self, folder):
        return ['sh', '-c', 'git add -A && git commit -q -m sync && '
                'git push -q -u origin HEAD']

    def receive(self, folder):
        return ['git', 'pull', '-q', 'origin', 'main']


def make(names, env, program):
    known = {'hub': lambda: Hub(env, program), 'annex': lambda: Annex(env),
             'lfs': lambda: Lfs(env)}
    have = {'hub': True, 'annex': shutil.which('git-annex'),
            'lfs': shutil.which('git-lfs')}
    return [known[n]() for n in names if have.get(n)]


class Run:
    def __init__(self, work, env, program, size, names, note):
        self.work, self.env, self.size, self.note = work, env, size, note
        self.peers = make(names, env, program)
        self.rows = []

    def path(self, peer, what):
        return os.path.join(self.work, f'large-{peer.name}-{what}')

    def measure(self, peer, work, memory):
        shared = self.path(peer, 'shared')
        a, b = self.path(peer, 'A'), self.path(peer, 'B')
        before = peer.size(shared)
        os.sync()
        log = os.path.join(self.work, f'large-{peer.name}.log')
        cost = meter.run(peer.send(a), cwd=a, env=self.env, memory=memory,
                         log=log)
        more = meter.run(peer.receive(b), cwd=b, env=self.env, memory=memory,
                         log=log)
        cost += more
        row = {'work': work, 'who': peer.name, 'wall': cost.wall,
               'cpu': cost.cpu, 'stored_mb': (peer.size(shared) - before) / MB,
               'beside_mb': (peers.bytes_of(a + '/.git') +
                             peers.bytes_of(b + '/.git')) / MB}
        if memory:
            row['memory_mb'] = max(cost.mem or 0, more.mem or 0)
        self.rows.append(row)
        self.note('{work:7} {who:6} wall {wall:7.2f} cpu {cpu:7.2f} stored '
                  '{stored_mb:8.1f} MB beside {beside_mb:8.1f} MB'.format(**row))

    def check(self, peer, name):
        a, b = (os.path.join(self.path(peer, w), name) for w in 'AB')
        if subprocess.run(['cmp', '-s', a, b]).returncode:
            raise RuntimeError(f'{peer.name}: {name} did not come')

    def change(self, peer, work, source):
        a = self.path(peer, 'A')
        big = os.path.join(a, 'big.bin')
        if work == 'new':
            shutil.copyfile(source, big)
            return 'big.bin'
        if work in ('edit', 'insert') and hasattr(peer, 'prepare_change'):
            peer.prepare_change(a, 'big.bin')
        if work == 'edit':
            with open(big, 'r+b') as f:
                f.seek(self.size // 2)
                f.write(os.urandom(10 * MB))
            return 'big.bin'
        if work == 'insert':
            # Not where the edit was: at one of its ends.
            at = self.size // 4
            with open(big, 'rb') as f, open(big + '~', 'wb') as g:
                left = at
                while left:
                    left -= g.write(f.read(min(left, 4 * MB)))
                g.write(os.urandom(300))
                shutil.copyfileobj(f, g, 4 * MB)
            os.replace(big + '~', big)
            return 'big.bin'
        if work == 'rename':
            os.rename(big, os.path.join(a, 'renamed.bin'))
            return 'renamed.bin'
        shutil.copyfile(os.path.join(a, 'renamed.bin'),
                        os.path.join(a, 'twice.bin'))
        return 'twice.bin'

    def all(self, memory):
        source = os.path.join(self.work, 'large-source')
        noise(source, self.size)
        for peer in self.peers:
            peer.setup(self.path(peer, 'shared'))
            for w in 'AB':
                peer.start(self.path(peer, 'shared'), self.path(peer, w))
        for work in BARS:
            for peer in self.peers:
                name = self.change(peer, work, source)
                self.measure(peer, work, memory)
                self.check(peer, name)

    def verdicts(self):
        """[(text, ok)]"""
        by = {(r['work'], r['who']): r for r in self.rows}
        out = []
        for work, (annex, lfs, stored) in BARS.items():
            mine = by.get((work, 'hub'))
            for who, bar in (('annex', annex), ('lfs', lfs)):
                theirs = by.get((work, who))
                if not (mine and theirs and bar):
                    continue
                for what in ('wall', 'cpu'):
                    ratio = mine[what] / max(theirs[what], 1e-9)
                    out.append((f'{work} {what}: {ratio:.2f} of {who}, bar '
                                f'{bar}', ratio <= bar))
            if mine and stored:
                got = mine['stored_mb']
                out.append((f'{work}: {got:.2f} MB stored, bar {stored}',
                            got <= stored))
        mine = by.get(('new', 'hub'))
        if mine:
            ratio = mine['stored_mb'] * MB / self.size
            out.append((f'hub takes {ratio:.3f} of the data, bar 1.02',
                        ratio <= 1.02))
        return out


def run(work, env, program, size, names, memory, note):
    r = Run(work, env, program, size, names, note)
    r.all(memory)
    verdicts = r.verdicts()
    for text, ok in verdicts:
        print(f"{'ok  ' if ok else 'MISS'} {text}")
    return {'rows': r.rows, 'misses': sum(not ok for _, ok in verdicts),
            'ok': True}
