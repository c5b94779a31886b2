# SPDX-License-Identifier: GPL-2.0-or-later
"""places.py - a sealed copy of a hub, and everything back from it, beside restic
and borg (Debian's; encrypted; borg with zstd and keyed BLAKE2b, restic as it
comes, which compresses).

Data: `files`, the 78,329 files of all the works, and large ones, --media MB each:
`media`, `logs`, `db` (stuff.py).  For each:

  store    large ones: into a new hub, `hub sync`; for restic and borg the same
           figures as of send
  send     a hub in which everything is already, to an empty place; for restic
           and borg the first backup of the same folder into an empty repository
  recover  everything back, on a computer that has never seen it, with the
           passphrase alone: `hub clone --from`, restore, extract
  verify   every byte at the place is read: `hub verify --place --read-data`,
           `check --read-data`, `check --verify-data`

Each round has places and folders of its own.  Key derivation counts, but for
the memory: that round's hub is made with a small one.
"""
import os
import shutil
import statistics
import subprocess

import meter
import peers
import stuff

MB = 1000000
PASS = 'a passphrase for the measurements only'
# (data, work) -> [(who, what)]: hub's is to be below theirs
BARS = {
    ('files', 'send'): [('restic', 'wall'), ('borg', 'wall'),
                        ('borg', 'size')],
    ('files', 'recover'): [('restic', 'wall'), ('restic', 'cpu')],
    ('media', 'recover'): [('restic', 'wall'), ('restic', 'cpu')],
    **{(data, 'store'): [(who, kind) for who in ('restic', 'borg')
                         for kind in ('wall', 'cpu', 'size')]
       for data in ('media', 'logs', 'db')},
    ('files', 'verify'): [('restic', 'wall'), ('restic', 'cpu')],
    ('media', 'verify'): [('restic', 'wall'), ('restic', 'cpu')],
}
MEMORY_BAR = 150


class Hub:
    name = 'hub'

    def __init__(self, env, program, work):
        self.env, self.program = env, program
        self.hub = os.path.join(work, 'hub.git')
        self.work = os.path.join(work, 'hub-work')

    def prepare(self, source):
        """The folder in a hub; what is left to do: its sync."""
        for folder in self.hub, self.work:
            shutil.rmtree(folder, ignore_errors=True)
        peers.call(self.program, 'init', self.hub, env=self.env)
        peers.call(self.program, 'clone', self.hub, self.work, env=self.env)
        subprocess.run(f"cp -a '{source}'/. '{self.work}'/", shell=True,
                       check=True)

    def store(self):
        return [self.program, 'sync', '-q'], self.work, self.env

    def start(self, place):
        os.makedirs(place)
        subprocess.run([self.program, 'remote', 'remove', 'place'],
                       cwd=self.work, env=self.env, capture_output=True,
                       check=False)
        peers.call(self.program, 'remote', 'add', 'place', place,
                   cwd=self.work, env=self.env)

    def send(self, place, source):
        return [self.program, 'sync', '-q'], self.work, self.env

    def recover(self, place, folder):
        home = folder + '.home'
        os.makedirs(home)
        env = dict(self.env, VIBEHUB_HOME=home)
        return [self.program, 'clone', '-q', '--from=' + place, folder], \
            os.path.dirname(folder), env

    def verify(self, place):
        return [self.program, 'verify', '--place=place', '--read-data'], \
            self.work, self.env


class Restic:
    name = 'restic'

    def __init__(self, env, program, work):
        self.env = dict(env, RESTIC_PASSWORD=PASS, RESTIC_PROGRESS_FPS='0.01')

    def start(self, place):
        peers.call('restic', 'init', '-q', '-r', place, env=self.env)

    def send(self, place, source):
        return ['restic', '-q', '-r', place, 'backup', '.'], source, self.env

    def recover(self, place, folder):
        return ['restic', '-q', '-r', place, 'restore', 'latest', '--target',
                folder], os.path.dirname(folder), self.env

    def verify(self, place):
        return ['restic', '-q', '-r', place, 'check', '--read-data'], \
            os.path.dirname(place), self.env


class Borg:
    name = 'borg'

    def __init__(self, env, program, work):
        self.env = dict(env, BORG_PASSPHRASE=PASS)

    def start(self, place):
        peers.call('borg', 'init', '-e', 'repokey-blake2', place, env=self.env)

    def send(self, place, source):
        return ['borg', 'create', '-C', 'zstd', place + '::a', '.'], source, \
            self.env

    def recover(self, place, folder):
        os.makedirs(folder)
        return ['borg', 'extract', place + '::a'], folder, self.env

    def verify(self, place):
        return ['borg', 'check', '--verify-data', place], \
            os.path.dirname(place), self.env


def same(a, b):
    return not subprocess.run(['diff', '-rq', '--no-dereference',
                               '--exclude=.git', a, b],
                              capture_output=True, check=False).stdout


class Run:
    def __init__(self, work, env, program, names, note):
        self.work, self.program, self.names, self.note = \
            work, program, names, note
        self.env = dict(env, VIBEHUB_PASSPHRASE=PASS)
        self.samples = {}	# (data, work, who) -> [Cost]
        self.size = {}		# (data, who) -> bytes
        self.stored = {}	# data -> bytes of the hub
        self.memory = {}	# (data, work, who) -> MB
        self.wrong = []

    def peers_of(self, folder, memory):
        env = dict(self.env)
        if memory:
            env['VIBEHUB_TEST_KDF'] = 'min'
        known = {'hub': Hub, 'restic': Restic, 'borg': Borg}
        return [known[n](env, self.program, folder) for n in self.names
                if n == 'hub' or shutil.which(n)]

    def keep(self, what, work, peer, command, memory):
        argv, folder, env = command
        os.sync()
        cost = meter.run(argv, cwd=folder, env=env, memory=memory,
                         log=os.path.join(self.work, 'places.log'))
        key = what, work, peer.name
        if memory:
            self.memory[key] = cost.mem
        else:
            self.samples.setdefault(key, []).append(cost)
        self.note(f'{what:6} {work:8} {peer.name:7} wall {cost.wall:7.2f}  '
                  f'cpu {cost.cpu:7.2f}' +
                  (f'  mem {cost.mem:6.1f} MB' if memory else ''))

    def same_store(self, what, p, memory):
        """What one does to store, others do to send."""
        if p.name != 'hub' and not memory:
            self.samples.setdefault((what, 'store', p.name), []).append(
                self.samples[what, 'send', p.name][-1])

    def round(self, what, source, tag, memory):
        base = os.path.join(self.work, f'places-{what}' + 'm' * memory)
        os.makedirs(base, exist_ok=True)
        all_of_them = self.peers_of(base, memory)
        for p in all_of_them:
            if p.name == 'hub':
                p.prepare(source)
                self.keep(what, 'store', p, p.store(), memory)
                self.stored[what] = peers.bytes_of(p.hub)

        def at(peer, name):
            return os.path.join(base, f'{peer.name}-{name}{tag}')

        for p in all_of_them:
            p.start(at(p, 'place'))
            self.keep(what, 'send', p, p.send(at(p, 'place'), source), memory)
            self.same_store(what, p, memory)
            self.size[what, p.name] = peers.bytes_of(at(p, 'place'))
        for p in all_of_them:
            self.keep(what, 'recover', p,
                      p.recover(at(p, 'place'), at(p, 'back')), memory)
            if tag == 0 and not same(source, at(p, 'back')):
                self.wrong.append(f'{p.name}: {what} came back different')
        for p in all_of_them:
            self.keep(what, 'verify', p, p.verify(at(p, 'place')), memory)

    def ratio(self, what, work, who, kind):
        if kind == 'size' and work == 'store':
            return self.stored[what] / self.size[what, who]
        if kind == 'size':
            return self.size[what, 'hub'] / self.size[what, who]
        return statistics.median(
            getattr(a, kind) / max(getattr(b, kind), 1e-9) for a, b in
            zip(self.samples[what, work, 'hub'],
                self.samples[what, work, who]))

    def rows(self):
        out = []
        for (what, work, who), got in self.samples.items():
            out.append({
                'data': what, 'work': work, 'who': who, 'rounds': len(got),
                'wall': statistics.median(c.wall for c in got),
                'cpu': statistics.median(c.cpu for c in got),
                'size_mb': (self.stored[what] if (work, who) == ('store', 'hub')
                            else self.size[what, who]) / MB,
                'memory_mb': self.memory.get((what, work, who))})
        return out

    def verdicts(self):
        """[(text, ok)]"""
        out = [(text, False) for text in self.wrong]
        for (what, work), bars in BARS.items():
            for who, kind in bars:
                if (what, work, who) not in self.samples or \
                        (what, work, 'hub') not in self.samples:
                    continue
                r = self.ratio(what, work, who, kind)
                bar = 1.03 if (work, kind) == ('store', 'size') else 1
                out.append((f'{what} {work} {kind}: {r:.2f} of {who}, bar {bar}',
                            r <= bar))
        for (what, work, who), mb in self.memory.items():
            if who == 'hub':
                out.append((f'{what} {work} memory: {mb:.0f} MB, bar '
                            f'{MEMORY_BAR}', mb <= MEMORY_BAR))
        return out


def table(rows):
    form = '{:6} {:8} {:7} {:>8} {:>8} {:>8} {:>7}'
    print(form.format('data', 'work', 'who', 'wall s', 'cpu s', 'place MB',
                      'mem MB'))
    for r in rows:
        print(form.format(r['data'], r['work'], r['who'], f"{r['wall']:.2f}",
                          f"{r['cpu']:.2f}", f"{r['size_mb']:.0f}",
                          f"{r['memory_mb']:.0f}" if r['memory_mb'] else ''))


def run(work, env, program, source, o, note):
    """${o}: places_data, media (MB), places_peers, places_rounds, memory."""
    r = Run(work, env, program, o.places_peers.split(','), note)
    for what in o.places_data.split(','):
        folder = source
        if what != 'files':
            folder = os.path.join(work, 'places-source-' + what)
            stuff.make(what, folder, o.media * MB)
        for i in range(o.places_rounds):
            r.round(what, folder, i, False)
        if o.memory:
            r.round(what, folder, 'm', True)
    rows, verdicts = r.rows(), r.verdicts()
    table(rows)
    for text, ok in verdicts:
        print(f"{'ok  ' if ok else 'MISS'} {text}")
    return {'rows': rows, 'misses': sum(not ok for _, ok in verdicts),
            'ok': not r.wrong}
