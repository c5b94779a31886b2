#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of hubformat-state(5): whole files, made by Python's sqlite3 with
the smallest pages.  Their bytes depend on the version of SQLite that made
them; what they say does not."""

import os
import sqlite3
import tempfile

import vec

# As in the manual page, word for word.
TABLES = {
    "base": "CREATE TABLE base(path BLOB PRIMARY KEY, rec BLOB NOT NULL) "
            "WITHOUT ROWID",
    "meta": "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) "
            "WITHOUT ROWID",
    "runs": "CREATE TABLE runs(id INTEGER PRIMARY KEY, "
            "begun INTEGER NOT NULL, ended INTEGER NOT NULL, "
            "what TEXT NOT NULL, exit INTEGER NOT NULL, "
            "\"before\" BLOB NOT NULL, recorded BLOB NOT NULL, "
            "\"after\" BLOB NOT NULL, changed INTEGER NOT NULL, "
            "received INTEGER NOT NULL, conflicts INTEGER NOT NULL, "
            "message TEXT NOT NULL)",
    "sets": "CREATE TABLE sets(name TEXT NOT NULL, item BLOB NOT NULL, "
            "PRIMARY KEY(name, item)) WITHOUT ROWID",
}
APPLICATION_ID = 0x56487374
RUN = "INSERT INTO runs VALUES(NULL,1,2,'sync',0,zeroblob(20),zeroblob(20)," \
      "zeroblob(20),0,0,0,'')"


def make(*more, tables=TABLES, app=APPLICATION_ID, version=1, wal=False):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "s.db")
        c = sqlite3.connect(path, isolation_level=None)
        c.execute("PRAGMA page_size=512")
        for sql in tables.values():
            c.execute(sql)
        c.execute("PRAGMA application_id=%d" % app)
        c.execute("PRAGMA user_version=%d" % version)
        for sql in more:
            if isinstance(sql, tuple):
                c.execute(*sql)
            else:
                c.execute(sql)
        if wal:
            c.execute("PRAGMA journal_mode=WAL")
        c.close()
        with open(path, "rb") as f:
            return f.read()


def main():
    w = vec.Writer("state")

    def good(name, why, data):
        w.add(name, "ok", data, why)

    def bad(name, why, data, expect="ECORRUPT"):
        w.add(name, expect, data, why)

    row = "INSERT INTO base VALUES(%s,%s)"
    ok = make()
    good("ok-empty", "a new workspace", ok)
    good("ok-wal", "as hub leaves it", make(wal=True))
    good("ok-zero-bytes", "a file that was only just created", b"")
    good("ok-rows", "something in every table", make(
        ("INSERT INTO base VALUES(?,?)", (b"a/b", b"\1" * 64)),
        ("INSERT INTO base VALUES(?,?)", (b"\xff", b"")),
        ("INSERT INTO meta VALUES(?,?)", ("hub", b"x")),
        ("INSERT INTO sets VALUES(?,?)", ("offered", b"\0" * 20)), RUN))
    good("ok-statistics", "what ANALYZE leaves does no harm", make(
        row % ("x'61'", "x'62'"), "ANALYZE"))
    good("ok-limits", "the longest of each", make(
        row % ("zeroblob(4095)", "zeroblob(255)"),
        RUN.replace("'sync'", "'%s'" % ("x" * 15)).replace(
            "'')", "'%s')" % ("y" * 255))))

    bad("newer", "made by a newer hub", make(version=2), "EVERSION")
    bad("newer-other-tables", "a newer hub may have others",
        make("CREATE TABLE more(a)", version=3), "EVERSION")
    bad("version-0", "no such version", make(version=0))
    bad("version-negative", "no such version", make(version=-1))
    bad("application-0", "whose is it?", make(app=0))
    bad("application-other", "another program's", make(app=1))
    bad("foreign", "a data base of somebody else",
        make(tables={"t": "CREATE TABLE t(a)"}, app=0, version=0))
    bad("table-more", "a table too many", make("CREATE TABLE zz(a)"))
    bad("table-missing", "a table too few", make("DROP TABLE sets"))
    bad("table-other", "another shape", make(
        tables=dict(TABLES, meta="CREATE TABLE meta(name, value)")))
    bad("table-view", "a view in its place", make(
        tables=dict(TABLES, meta="CREATE VIEW meta AS SELECT path AS name, "
                                 "rec AS value FROM base")))
    bad("trigger", "a trigger", make(
        "CREATE TRIGGER zz AFTER INSERT ON base BEGIN DELETE FROM meta; END"))
    bad("index", "an index", make("CREATE INDEX zz ON base(rec)"))
    bad("base-path-empty", "a row without a path",
        make(row % ("x''", "x'01'")))
    bad("base-path-text", "not bytes", make(row % ("'a'", "x'01'")))
    bad("base-path-4096", "a path too long",
        make(row % ("zeroblob(4096)", "x'01'")))
    bad("base-rec-text", "not bytes", make(row % ("x'61'", "'a'")))
    bad("base-rec-256", "a record too long",
        make(row % ("x'61'", "zeroblob(256)")))
    bad("run-id-19", "the id of no commit",
        make(RUN.replace("zeroblob(20)", "zeroblob(19)", 1)))
    bad("run-what-16", "a word too long",
        make(RUN.replace("sync", "x" * 16)))
    bad("run-message-256", "a message too long",
        make(RUN.replace("'')", "'%s')" % ("y" * 256))))
    bad("run-message-nul", "a NUL in a message",
        make(RUN.replace("'')", "'a'||char(0)||'b')")))

    bad("not-a-data-base", "text", b"vibehub-state 1\n" * 32)
    bad("header-only", "16 bytes", ok[:16])
    bad("cut", "half of it", ok[:len(ok) // 2])
    bad("page-size-0", "a header that makes no sense",
        ok[:16] + b"\0\0" + ok[18:])
    rows = make(*[(row % ("x'%04x'" % i, "zeroblob(60)"))
                  for i in range(40)])
    bad("page-damaged", "an inner page overwritten",
        rows[:512 * 6] + b"\xa5" * 1024 + rows[512 * 8:])
    w.done()


main()
