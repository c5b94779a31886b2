#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""t/fuzz/seed.py FORMAT...: (re)make t/fuzz/corpus/FORMAT from the vectors:
all that decode and an eighth of those that do not, none over 2 KB.  Files that a
fuzzer found are kept: their names do not begin with "vec-"."""

import os
import sys
import zlib

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


# formats whose smallest file is larger than that of others
LIMIT = {"vaultstate": 4096, "removal": 4096, "removalbody": 4096}


def read(path):
    with open(path) as f:
        head, _, text = f.read().partition("\n\n")
    return head, bytes.fromhex("".join(text.split()))


def main():
    for name in sys.argv[1:]:
        vectors = os.path.join(TOP, "t", "vectors", name)
        corpus = os.path.join(TOP, "t", "fuzz", "corpus", name)
        os.makedirs(corpus, exist_ok=True)
        for f in os.listdir(corpus):
            if f.startswith("vec-"):
                os.remove(os.path.join(corpus, f))
        for f in sorted(os.listdir(vectors)):
            if not f.endswith(".vec"):
                continue
            head, data = read(os.path.join(vectors, f))
            some = zlib.crc32(f.encode()) % 8 == 0     # stable
            if ("expect: ok" in head or some) and len(data) <= LIMIT.get(name, 2048):
                with open(os.path.join(corpus, "vec-" + f[:-4]), "wb") as o:
                    o.write(data)


main()
