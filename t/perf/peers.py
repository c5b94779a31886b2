# SPDX-License-Identifier: GPL-2.0-or-later
"""peers.py - hub and what it is measured against, with one face:

  setup(shared)          make the shared store
  start(shared, dir)     an empty folder joined to it
  first(dir), sync(dir)  commands of the first sync and of every later one
  clone(shared, dir)     command that makes a second folder
  size(shared)           bytes on disk of the shared store
"""
import os
import shutil
import subprocess


def call(*argv, cwd=None, env=None):
    subprocess.run(argv, cwd=cwd, env=env, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def bytes_of(folder):
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total


class Peer:
    def __init__(self, env):
        self.env = env

    def size(self, shared):
        return bytes_of(shared)


class Hub(Peer):
    name = 'hub'

    def __init__(self, env, program):
        super().__init__(env)
        self.program = program

    def setup(self, shared):
        call(self.program, 'init', shared, env=self.env)

    def start(self, shared, folder):
        call(self.program, 'clone', shared, folder, env=self.env)

    def first(self, folder):
        return [self.program, 'sync']

    def sync(self, folder):
        return [self.program, 'sync']

    def clone(self, shared, folder):
        return [self.program, 'clone', shared, folder]


class Git(Peer):
    """The script that everybody writes.  Without git's own upkeep, which would
    run in the background for minutes: this is the script at its best."""
    name = 'git'
    SYNC = 'git add -A; git commit -q -m sync; git pull -q --rebase; git push -q'
    FIRST = 'git add -A; git commit -q -m sync; git push -q -u origin HEAD'

    def setup(self, shared):
        call('git', 'init', '-q', '--bare', '-b', 'main', shared, env=self.env)

    def settings(self, folder):
        call('git', 'config', 'gc.auto', '0', cwd=folder, env=self.env)

    def start(self, shared, folder):
        call('git', 'clone', '-q', shared, folder, env=self.env)
        self.settings(folder)

    def first(self, folder):
        return ['sh', '-c', self.FIRST]

    def sync(self, folder):
        return ['sh', '-c', self.SYNC]

    def clone(self, shared, folder):
        return ['git', 'clone', '-q', 'file://' + shared, folder]


class Annex(Git):
    """git-annex assist, told to keep small files in git as the others do."""
    name = 'annex'

    def start(self, shared, folder):
        super().start(shared, folder)
        self.prepare(folder)

    def prepare(self, folder):
        call('git', 'annex', 'init', '-q', cwd=folder, env=self.env)
        call('git', 'config', 'annex.largefiles', 'nothing', cwd=folder,
             env=self.env)

    def first(self, folder):
        return ['git', 'annex', 'assist', '-q']

    def sync(self, folder):
        return ['git', 'annex', 'assist', '-q']


def make(names, env, program):
    known = {'hub': lambda: Hub(env, program), 'git': lambda: Git(env),
             'annex': lambda: Annex(env)}
    if 'annex' in names and not shutil.which('git-annex'):
        names = [n for n in names if n != 'annex']
    return [known[n]() for n in names]
