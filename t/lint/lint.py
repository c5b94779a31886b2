# SPDX-License-Identifier: GPL-2.0-or-later
"""lint.py - what the lints of this folder share.

A lint is a program t/lint/NAME that defines

    check(root)   problems of the tree below root, as "file:line: text" lines
    GOOD          {name: text}: a small tree in which it finds nothing
    BAD           [{name: text}, ...]: trees in each of which it finds something

and ends with lint.main(check, GOOD, BAD).  Run without arguments it first
proves on GOOD and BAD that it can pass and fail, then looks at the real tree.
GOOD is put below every tree of BAD, so that each BAD holds its fault alone.
"""
import concurrent.futures
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPDX = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"


def files(root, *patterns):
    """Names, relative to root, of the files that match; sorted."""
    out = set()
    for p in patterns:
        for f in glob.glob(os.path.join(root, p), recursive=True):
            if os.path.isfile(f):
                out.add(os.path.relpath(f, root))
    return sorted(out)


def text(root, name):
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as f:
        return f.read()


def lines(root, name):
    return text(root, name).split("\n")


def room(name):
    """src/os/posix/x.c -> os"""
    return name.split("/")[1]


INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(root, name):
    """(line number, '<' or '"', header) of every #include."""
    for n, line in enumerate(lines(root, name), 1):
        m = INCLUDE.match(line)
        if m:
            yield n, m.group(1), m.group(2)


def code(source):
    """The source with comments, strings and characters blanked; lines stay."""
    def blank(m):
        s = m.group(0)
        if s.startswith("/"):
            return re.sub(r"[^\n]", " ", s)
        return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[0]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  blank, source, flags=re.S)


def exceptions(root, name):
    """A list of exceptions: "KEY: reason" lines; a reason is obligatory."""
    out = {}
    path = os.path.join(root, "t/lint", name)
    if os.path.exists(path):
        for n, line in enumerate(open(path, encoding="utf-8"), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            key, sep, reason = line.partition(": ")
            if not sep or not reason.strip():
                sys.exit(f"t/lint/{name}:{n}: 'KEY: reason' expected")
            out[key] = reason
    return out


def cflags():
    return shlex.split(os.environ.get("HUB_CFLAGS", "-std=c11 -Wall -Wextra -Isrc "
                                      "-Wmissing-prototypes -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64"))


def compile_all(root, names, argv_of):
    """Run argv_of(name) for every name, two at a time; what failed, as problems."""
    def one(name):
        r = subprocess.run(argv_of(name), cwd=root, capture_output=True, text=True)
        return "" if r.returncode == 0 else r.stderr.strip() or f"{name}: failed"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        return [p for p in pool.map(one, names) if p]


def make_tree(root, tree):
    for name, body in tree.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(body)


def self_test(check, good, bad):
    problems = []
    for i, tree in enumerate([{}] + bad):
        with tempfile.TemporaryDirectory() as root:
            make_tree(root, {**good, **tree})
            found = check(root)
            if i == 0 and found:
                problems.append("self-test: complains about GOOD: " + "; ".join(found))
            if i > 0 and not found:
                problems.append(f"self-test: finds nothing in BAD {i}: {', '.join(tree)}")
    return problems


def main(check, good, bad):
    name = os.path.basename(sys.argv[0])
    problems = self_test(check, good, bad) or check(TOP)
    for p in problems:
        print(f"{name}: {p}")
    sys.exit(1 if problems else 0)
