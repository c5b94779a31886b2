# SPDX-License-Identifier: GPL-2.0-or-later
"""works.py - the works that are measured against peers.

Every work has rounds; in each round every peer does the same once, so that what
else the machine does meets all of them.  Nothing big is deleted before the end:
ext4 creates files slowly for a while after that.
"""
import os
import time

import data
import meter

BARS = {  # work -> (wall ratio, cpu ratio, size ratio)
    'first': (0.4, 0.4, 1.05), 'clone': (1.0, 1.0, None),
    'noop': (0.4, 0.4, None), 'one': (0.5, 0.5, None),
    'thousand': (0.6, 0.6, None),
}
ORDER = ['first', 'clone', 'noop', 'one', 'thousand']


class Bench:
    def __init__(self, work, source, peers, env, note):
        self.work, self.source, self.peers = work, source, peers
        self.env, self.note = env, note
        self.samples = {}	# (work, peer) -> [Cost]
        self.memory = {}	# (work, peer) -> MB
        self.sizes = {}		# peer -> bytes of the shared store
        self.turn = 0

    def path(self, peer, what):
        return os.path.join(self.work, f'{peer.name}-{what}')

    def one_cost(self, peer, argv, folder, memory):
        return meter.run(argv, cwd=folder, env=self.env, memory=memory,
                         log=os.path.join(self.work, f'{peer.name}.log'))

    def keep(self, work, peer, cost, memory):
        if memory:
            self.memory[work, peer.name] = cost.mem
        else:
            self.samples.setdefault((work, peer.name), []).append(cost)
        self.note(f'{work:9s} {peer.name:6s} wall {cost.wall:7.2f}  '
                  f'cpu {cost.cpu:7.2f}' +
                  (f'  mem {cost.mem:6.1f} MB' if memory else ''))

    # -- first sync and clone make the folders that the others use: -A, -B

    def first(self, memory, round_no):
        tag = 'm' if memory else str(round_no)
        for peer in self.peers:
            shared = self.path(peer, f'shared{tag}')
            folder = self.path(peer, f'A{tag}')
            if os.path.isdir(folder):
                self.note(f'first     {peer.name}: {folder} is there already')
                continue
            peer.setup(shared)
            peer.start(shared, folder)
            data.copy_into(self.source, folder)
            os.sync()
            self.keep('first', peer,
                      self.one_cost(peer, peer.first(folder), folder, memory),
                      memory)
            self.sizes[peer.name] = peer.size(shared)

    def clone(self, memory, round_no):
        tag = 'm' if memory else str(round_no)
        for peer in self.peers:
            shared = self.path(peer, 'shared0')
            folder = self.path(peer, 'B' if tag == '0' else f'C{tag}')
            if os.path.isdir(folder):
                continue
            os.sync()
            cost = self.one_cost(peer, peer.clone(shared, folder), self.work,
                                 memory)
            if peer.name == 'annex':
                peer.prepare(folder)
                cost += self.one_cost(peer, peer.sync(folder), folder, memory)
            elif peer.name == 'git':
                peer.settings(folder)
            self.keep('clone', peer, cost, memory)

    # -- the daily works

    def pair(self, peer):
        return self.path(peer, 'A0'), self.path(peer, 'B')

    def settle(self):
        """Both sides equal, caches warm, no file younger than the clock."""
        for peer in self.peers:
            for folder in self.pair(peer) + self.pair(peer)[:1]:
                self.one_cost(peer, peer.sync(folder), folder, False)
        time.sleep(0.1)

    def noop(self, memory, round_no):
        for peer in self.peers:
            here = self.pair(peer)[0]
            self.keep('noop', peer,
                      self.one_cost(peer, peer.sync(here), here, memory),
                      memory)

    def change(self, work, n, memory):
        self.turn += 1
        stamp = f'/* {self.turn} {time.time()} */\n'
        names = data.files(self.source)
        step = max(1, len(names) // n)
        names = names[self.turn % step::step][:n]
        for peer in self.peers:
            here, there = self.pair(peer)
            for name in names:
                with open(os.path.join(here, name), 'a') as f:
                    f.write(stamp)
            os.sync()
            time.sleep(0.1)
            cost = self.one_cost(peer, peer.sync(here), here, memory)
            cost += self.one_cost(peer, peer.sync(there), there, memory)
            with open(os.path.join(there, names[-1])) as f:
                if not f.read().endswith(stamp):
                    raise RuntimeError(f'{peer.name}: {names[-1]} did not come')
            self.keep(work, peer, cost, memory)

    def one(self, memory, round_no):
        self.change('one', 1, memory)

    def thousand(self, memory, round_no):
        self.change('thousand', 1000, memory)

    def run(self, work, rounds, with_memory):
        if work not in ('first', 'clone'):
            self.settle()
        for i in range(rounds):
            getattr(self, work)(False, i)
        if with_memory:
            getattr(self, work)(True, rounds)
