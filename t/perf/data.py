# SPDX-License-Identifier: GPL-2.0-or-later
"""data.py - the folder that everything is measured with: linux-source-6.1 of
Debian without its .gitignore files (78,329 files), made once."""
import glob
import os
import shutil
import subprocess

PACKAGE = 'linux-source-6.1'


def unpack(folder):
    found = glob.glob(f'/usr/src/{PACKAGE}.tar.*')
    if not found:
        subprocess.run(['apt-get', 'install', '-y', '-q',
                        '--no-install-recommends', PACKAGE], check=True)
        found = glob.glob(f'/usr/src/{PACKAGE}.tar.*')
    part = folder + '.part'
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    subprocess.run(['tar', '-xf', found[0], '-C', part,
                    '--strip-components=1'], check=True)
    for where, _, names in os.walk(part):
        if '.gitignore' in names:
            os.unlink(os.path.join(where, '.gitignore'))
    os.rename(part, folder)


def ready(folder):
    if not os.path.isdir(folder):
        unpack(folder)
    return folder


def files(folder):
    """Paths of plain files that are small text, sorted: these get changed."""
    out = []
    for where, dirs, names in os.walk(folder):
        if '.git' in dirs:
            dirs.remove('.git')
        for name in names:
            path = os.path.join(where, name)
            if name.endswith(('.c', '.h', '.rst', '.txt')) and \
                    not os.path.islink(path) and \
                    os.path.getsize(path) < 1 << 20:
                out.append(os.path.relpath(path, folder))
    return sorted(out)


def copy_into(source, folder):
    """All of ${source} into an existing folder, at the price of one copy."""
    part = folder + '.copy'
    subprocess.run(['cp', '-a', source, part], check=True)
    for name in os.listdir(part):
        os.rename(os.path.join(part, name), os.path.join(folder, name))
    os.rmdir(part)
