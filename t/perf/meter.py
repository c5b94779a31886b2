# SPDX-License-Identifier: GPL-2.0-or-later
"""meter.py - what one command costs: wall time, CPU time of everything it
started, and the largest memory of the whole process tree at one moment.

CPU: this process becomes the reaper of orphans, so that also what a command
leaves in the background (git gc, a daemon that ends by itself) is waited for
and counted.  Memory: the sum over the tree of what is no clean page of a file
(anonymous and shared memory by share, or private dirty, whichever is more),
looked at every 20 ms; only in rounds of its own, as looking costs time.
"""
import ctypes
import os
import signal
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_S = 0.02


def become_reaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Cost:
    """The sum of some commands: add with +."""

    def __init__(self, wall=0.0, cpu=0.0, mem=0.0, rc=0):
        self.wall, self.cpu, self.mem, self.rc = wall, cpu, mem, rc

    def __add__(self, o):
        return Cost(self.wall + o.wall, self.cpu + o.cpu,
                    max(self.mem, o.mem), self.rc or o.rc)


def tree_of(pid):
    out = [pid]
    try:
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/children') as f:
                for child in f.read().split():
                    out += tree_of(int(child))
    except OSError:
        pass
    return out


def memory_of(pid):
    v = {}
    try:
        with open(f'/proc/{pid}/smaps_rollup') as f:
            for line in f:
                word = line.split()
                if word[0] in ('Pss_Anon:', 'Pss_Shmem:', 'Private_Dirty:'):
                    v[word[0]] = int(word[1])
    except OSError:
        return 0
    return max(v.get('Pss_Anon:', 0) + v.get('Pss_Shmem:', 0),
               v.get('Private_Dirty:', 0))


class Sampler(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.done = 0, threading.Event()

    def run(self):
        me = os.getpid()
        while not self.done.wait(SAMPLE_S):
            kb = sum(memory_of(p) for p in tree_of(me) if p != me)
            self.peak = max(self.peak, kb)


def run(argv, cwd=None, env=None, memory=False, log=None, ok=(0,)):
    """Run one command to its end and to the end of all it started."""
    sampler = Sampler() if memory else None
    out = open(log, 'ab') if log else subprocess.DEVNULL
    begun = time.monotonic()
    child = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                             stdout=out, stderr=out)
    if sampler:
        sampler.start()
    wall = cpu = 0.0
    rc = None
    while True:
        try:
            pid, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += used.ru_utime + used.ru_stime
        if pid == child.pid:
            wall = time.monotonic() - begun
            rc = child.returncode = os.waitstatus_to_exitcode(status)
    if sampler:
        sampler.done.set()
        sampler.join()
    if log:
        out.close()
    if rc not in ok:
        raise RuntimeError(f'{argv} in {cwd} ended with {rc}, see {log}')
    return Cost(wall, cpu, sampler.peak / 1024 if sampler else 0.0, rc)


def stop(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
