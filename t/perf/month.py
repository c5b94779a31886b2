# SPDX-License-Identifier: GPL-2.0-or-later
"""month.py - a month offline against a busy hub.

One computer has 8,640 automatic commits that no hub has seen (one every five
minutes for 30 days, each of one changed file), the hub has 2,000 of another
computer, and 20 files were changed on both.  One sync must fold the former and
take less than ten times what a sync of one changed file takes here.
The commits are written by git fast-import: making them by as many runs of
`hub sync` would take the better part of an hour.
"""
import os
import subprocess
import time

import data
import meter

BASE_TIME = 1700000000
BOTH = 20
THEIRS = 2000


def git(env, folder, *argv, **more):
    return subprocess.run(['git', '-C', folder, *argv], env=env, check=True,
                          capture_output=True, text=True, **more).stdout


def name_of(env, folder):
    return git(env, folder, 'config', '-f', '.git/vibehub/config',
               'vibehub.name').strip()


def write_history(env, folder, names, count, subject_of, note_text):
    """Count commits on top of HEAD; commit i changes one of the names."""
    contents = {}
    stream = []
    for i in range(count):
        when = BASE_TIME + 300 * i
        iso = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(when))
        name = names[i % len(names)]
        if name not in contents:
            with open(os.path.join(folder, name), encoding='latin-1') as f:
                contents[name] = f.read()
        contents[name] += f'/* {note_text} {i} */\n'
        text = contents[name].encode('latin-1')
        subject = subject_of(iso) + '\n'
        stream.append(b'commit refs/heads/main\n'
                      b'author A U Thor <author@example.com> %d +0000\n'
                      b'committer A U Thor <author@example.com> %d +0000\n'
                      b'data %d\n%s' % (when, when, len(subject),
                                        subject.encode()))
        if i == 0:
            stream.append(b'from refs/heads/main^0\n')
        stream.append(b'M 100644 inline %s\ndata %d\n%s\n'
                      % (name.encode(), len(text), text))
    subprocess.run(['git', '-C', folder, 'fast-import', '--quiet', '--force'],
                   env=env, check=True, input=b''.join(stream))
    git(env, folder, 'reset', '-q', '--hard')


def sync_pair_cost(env, program, folder, log):
    return meter.run([program, 'sync'], cwd=folder, env=env, log=log,
                     ok=(0, 1))


def setup(work, env, program, source):
    hub = os.path.join(work, 'hub-shared0')
    here, there = (os.path.join(work, 'hub-' + n) for n in ('M1', 'M2'))
    for folder in (here, there):
        subprocess.run([program, 'clone', f'--name={os.path.basename(folder)}',
                        hub, folder], env=env, check=True,
                       stdout=subprocess.DEVNULL)
    return hub, here, there


def normal_costs(env, program, here, there, name, log):
    """What one changed file costs: bring it in from the other, and send."""
    out = []
    for i in range(3):
        with open(os.path.join(there, name), 'a') as f:
            f.write(f'/* normal {i} */\n')
        with open(os.path.join(here, name + '.own'), 'a') as f:
            f.write(f'{i}\n')
        time.sleep(0.1)
        sync_pair_cost(env, program, there, log)
        out.append(sync_pair_cost(env, program, here, log))
    return sorted(out, key=lambda c: c.cpu)[1]


def run(work, env, program, source, commits, note):
    if not os.path.isdir(os.path.join(work, 'hub-shared0')):
        raise SystemExit('month: run `first` with the same --work before')
    log = os.path.join(work, 'month.log')
    hub, here, there = setup(work, env, program, source)
    names = data.files(source)
    normal = normal_costs(env, program, here, there, names[7], log)
    theirs = names[10:10 + BOTH] + names[1000:1200]
    ours = names[10:10 + BOTH] + names[2000:2300]
    os.rename(hub, hub + '.away')
    me = name_of(env, here)
    write_history(env, here, ours, commits,
                  lambda iso: f'Auto-sync: {iso} {me}', 'ours')
    # one run offline, as the last of many: the disk is known again
    meter.run([program, 'sync'], cwd=here, env=env, log=log, ok=(13,))
    os.rename(hub + '.away', hub)
    write_history(env, there, theirs, THEIRS, lambda iso: f'Work of {iso}',
                  'theirs')
    sync_pair_cost(env, program, there, log)
    month = sync_pair_cost(env, program, here, log)
    count = int(git(env, here, 'rev-list', '--count', '--first-parent',
                    'origin/main'))
    kept = len([n for n in git(env, here, 'ls-files').splitlines()
                if ' (conflict ' in n])
    same = git(env, here, 'rev-parse', 'HEAD') == git(env, hub, 'rev-parse',
                                                      'main')
    folded = count < THEIRS + 200
    note(f'month: normal {normal.wall:.2f}/{normal.cpu:.2f}, '
         f'month {month.wall:.2f}/{month.cpu:.2f}')
    return {'ok': same and folded and kept == BOTH and
            month.wall < 10 * normal.wall,
            'normal_wall': round(normal.wall, 2),
            'normal_cpu': round(normal.cpu, 2),
            'month_wall': round(month.wall, 2),
            'month_cpu': round(month.cpu, 2),
            'ratio_wall': round(month.wall / normal.wall, 1),
            'ratio_cpu': round(month.cpu / normal.cpu, 1),
            'commits_in_hub': count, 'kept_both': kept, 'folded': folded,
            'same': same}
