# SPDX-License-Identifier: GPL-2.0-or-later
"""stuff.py - large files to measure with, the same each time: media, logs, db.

  media  files of 1 to 200 MB that do not compress
  logs   web servers' logs, 16 files, in pieces of which most are the day before's
         with another date (log rotation keeps copies; they deduplicate little)
  db     one SQLite data base: orders with words, numbers and an index; as a copied
         file, nobody has it open
"""
import os
import random
import sqlite3

MB = 1000000
WORDS = ('able about account add address after again all amount and answer area ask bank base '
         'best blue board book box bring build call card case change city clear close code cold '
         'come cost country course cup date day deal door draw drive early east easy end even '
         'eye face fact fall farm fast feel field find fire first floor fly food form free').split()


def media(folder, size):
    rng = random.Random(1)
    i = 0
    while size > 0:
        n = min(size, int(MB * 10 ** rng.uniform(0, 2.3)))
        size -= n
        with open(os.path.join(folder, f'm{i:04d}.bin'), 'wb') as f:
            while n:
                k = min(n, 4 * MB)
                f.write(rng.randbytes(k))
                n -= k
        i += 1


def line(rng, day, second):
    path = '/'.join(rng.choice(WORDS) for _ in range(rng.randrange(1, 5)))
    at = f'{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}'
    return (f'10.{rng.randrange(4)}.{rng.randrange(256)}.{rng.randrange(256)} - - '
            f'[{day:02d}/Nov/2026:{at} +0000] "GET /{path}?id={rng.randrange(10**6)} '
            f'HTTP/1.1" {rng.choice((200, 200, 200, 304, 404, 500))} {rng.randrange(90000)} "-" '
            f'"Mozilla/5.0 (X11; Linux x86_64; rv:{rng.randrange(90, 120)}.0) Firefox"\n')


def logs(folder, size):
    rng = random.Random(2)
    for day in range(1, 17):
        lines = [line(rng, day, i) for i in range(86400)]
        with open(os.path.join(folder, f'access-{day:02d}.log'), 'w', encoding='ascii') as f:
            while f.tell() < size // 16:
                f.writelines(rng.sample(lines, 20000))


def db(folder, size):
    rng = random.Random(3)
    file = os.path.join(folder, 'orders.db')
    c = sqlite3.connect(file)
    c.executescript('pragma journal_mode=off; pragma synchronous=off;'
                    'create table orders(id integer primary key, who text, what text, '
                    'amount real, token blob, note text)')
    while os.path.getsize(file) < size * 0.93:
        c.executemany('insert into orders(who, what, amount, token, note) values(?,?,?,?,?)',
                      [(f'{rng.choice(WORDS)}.{rng.choice(WORDS)}@example.org', rng.choice(WORDS),
                        rng.randrange(10**6) / 100, rng.randbytes(16),
                        ' '.join(rng.choices(WORDS, k=rng.randrange(3, 30))))
                       for _ in range(50000)])
        c.commit()
    c.execute('create index who on orders(who)')
    c.commit()
    c.close()


def make(what, folder, size):
    """In ${folder}, which appears when it is whole."""
    if os.path.isdir(folder):
        return
    os.makedirs(folder + '.part')
    {'media': media, 'logs': logs, 'db': db}[what](folder + '.part', size)
    os.rename(folder + '.part', folder)
