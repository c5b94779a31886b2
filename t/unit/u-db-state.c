/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-db-state.c - a workspace's memory: rows, facts, sets, runs, transactions,
 * and files that are not ours, too new or damaged. */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include "db/state.h"
#include "tap.h"

static char path[4096];

static struct state *open_new(const char *name)
{
	struct state *s = NULL;
	struct err e = ERR_INIT;
	char side[4200];

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	unlink(path);
	snprintf(side, sizeof(side), "%s-wal", path);
	unlink(side);
	if (state_open(path, &s, &e) < 0)
		printf("# %s\n", e.msg);
	ok(s != NULL, "open %s", name);
	return s;
}

static struct state *reopen(struct state *s)
{
	struct err e = ERR_INIT;

	state_close(s);
	s = NULL;
	if (state_open(path, &s, &e) < 0)
		printf("# %s\n", e.msg);
	return s;
}

static int put(struct state *s, const char *p, const char *rec)
{
	return state_base_put(s, p, strlen(p), rec, strlen(rec), NULL);
}

static int get_is(struct state *s, const char *p, const char *want)
{
	struct buf b = BUF_INIT;
	int rc = state_base_get(s, p, strlen(p), &b, NULL);
	int good = want ? rc == 0 && !strcmp(b.p, want) : rc == HUB_EABSENT;

	buf_release(&b);
	return good;
}

/* All paths below a prefix, with commas. */
static int list_is(struct state *s, const char *prefix, const char *want)
{
	struct state_cursor *c = NULL;
	struct span p, r;
	struct buf b = BUF_INIT;
	int rc;

	rc = state_base_open(s, prefix, strlen(prefix), &c, NULL);
	while (rc == 0 && (rc = state_base_next(c, &p, &r, NULL)) == 1) {
		buf_add(&b, p.p, p.n);
		buf_addch(&b, ',');
		rc = 0;
	}
	state_base_close(c);
	if (strcmp(b.p, want))
		printf("# got %s\n", b.p);
	rc = rc == 0 && !strcmp(b.p, want);
	buf_release(&b);
	return rc;
}

static void test_base(void)
{
	struct state *s = open_new("base.db");
	struct buf b = BUF_INIT;
	uint64_t n = 99;
	char big[5000];

	if (!s)
		return;
	ok(put(s, "a", "1") == HUB_EBUG, "no writing outside a transaction");
	ok(state_begin(s, NULL) == 0, "begin");
	ok(state_begin(s, NULL) == HUB_EBUG, "not twice");
	ok(put(s, "d/x", "1") == 0 && put(s, "d.x", "2") == 0 &&
	   put(s, "d0", "3") == 0 && put(s, "d/\xff", "4") == 0 &&
	   put(s, "d", "5") == 0 && put(s, "D/x", "6") == 0, "put");
	ok(put(s, "d/x", "7") == 0 && get_is(s, "d/x", "7"), "replace");
	ok(state_base_put(s, "e\0f", 3, "", 0, NULL) == 0 &&
	   state_base_get(s, "e\0f", 3, &b, NULL) == 0 && b.n == 0,
	   "NUL in a path, empty record");
	memset(big, 'x', sizeof(big));
	ok(state_base_put(s, big, 4095, big, 255, NULL) == 0, "longest");
	ok(state_base_put(s, big, 4096, big, 1, NULL) == HUB_ELIMIT &&
	   state_base_put(s, "p", 1, big, 256, NULL) == HUB_ELIMIT &&
	   state_base_put(s, "", 0, big, 1, NULL) == HUB_ELIMIT,
	   "too long, or empty");
	ok(state_base_get(s, "", 0, &b, NULL) == HUB_EABSENT, "get of nothing");
	ok(state_base_del(s, big, 4095, NULL) == 0 &&
	   state_base_del(s, "e\0f", 3, NULL) == 0 &&
	   state_base_del(s, "never", 5, NULL) == 0, "delete");
	ok(state_commit(s, NULL) == 0, "commit");
	s = reopen(s);
	ok(s && list_is(s, "", "D/x,d,d.x,d/x,d/\xff,d0,"), "order is memcmp's");
	ok(list_is(s, "d", "d/x,d/\xff,"), "below a folder");
	ok(list_is(s, "d/x", ""), "below a file");
	ok(get_is(s, "d/y", NULL) && get_is(s, "d", "5"), "get");
	state_begin(s, NULL);
	put(s, "z", "1");
	state_base_del(s, "d", 1, NULL);
	state_rollback(s);
	state_rollback(s);
	ok(get_is(s, "z", NULL) && get_is(s, "d", "5"), "rollback");
	state_begin(s, NULL);
	put(s, "z", "1");
	s = reopen(s);
	ok(get_is(s, "z", NULL), "close undoes an open transaction");
	state_begin(s, NULL);
	ok(state_base_count(s, &n, NULL) == 0 && n == 6, "count");
	ok(state_base_clear(s, NULL) == 0 && state_commit(s, NULL) == 0 &&
	   state_base_count(s, &n, NULL) == 0 && n == 0, "clear");
	ok(state_commit(s, NULL) == HUB_EBUG, "commit without begin");
	state_close(s);
	buf_release(&b);
}

static int collect(void *arg, const void *p, size_t n)
{
	struct buf *b = arg;

	buf_add(b, p, n);
	buf_addch(b, ',');
	return b->n > 8 ? 1 : 0;
}

static int refuse(void *arg, const void *p, size_t n)
{
	return HUB_ECANCEL;
}

static void test_meta(void)
{
	struct state *s = open_new("meta.db");
	struct buf b = BUF_INIT;
	struct oid o = { { 1, 2, 3 } }, o2;
	uint64_t v = 0;

	if (!s)
		return;
	ok(state_get(s, "hub", &b, NULL) == HUB_EABSENT, "no such fact");
	state_begin(s, NULL);
	ok(state_put_str(s, "hub", "two", NULL) == 0 &&
	   state_put(s, "empty", NULL, 0, NULL) == 0 &&
	   state_put_oid(s, "head", &o, NULL) == 0 &&
	   state_put_u64(s, "n", 0xfedcba9876543210u, NULL) == 0, "put");
	state_commit(s, NULL);
	s = reopen(s);
	ok(state_get(s, "hub", &b, NULL) == 0 && !strcmp(b.p, "two"), "text");
	ok(state_get(s, "empty", &b, NULL) == 0 && b.n == 0, "empty");
	ok(state_get_oid(s, "head", &o2, NULL) == 0 && oid_eq(&o, &o2), "oid");
	ok(state_get_u64(s, "n", &v, NULL) == 0 && v == 0xfedcba9876543210u,
	   "number");
	ok(state_get_u64(s, "head", &v, NULL) == HUB_ECORRUPT &&
	   state_get_oid(s, "n", &o2, NULL) == HUB_ECORRUPT,
	   "a fact of another size");
	state_begin(s, NULL);
	ok(state_del(s, "hub", NULL) == 0 && state_del(s, "hub", NULL) == 0 &&
	   state_get(s, "hub", &b, NULL) == HUB_EABSENT, "delete");
	ok(state_set_add(s, "x", "b", 1, NULL) == 0 &&
	   state_set_add(s, "x", "b", 1, NULL) == 0 &&
	   state_set_add(s, "x", "a\0z", 3, NULL) == 0 &&
	   state_set_add(s, "x", "", 0, NULL) == 0 &&
	   state_set_add(s, "y", "c", 1, NULL) == 0, "add to sets");
	ok(state_set_has(s, "x", "b", 1, NULL) == 1 &&
	   state_set_has(s, "x", "c", 1, NULL) == 0 &&
	   state_set_has(s, "x", "", 0, NULL) == 1 &&
	   state_set_has(s, "y", "", 0, NULL) == 0, "has");
	buf_reset(&b);
	ok(state_set_each(s, "x", collect, &b, NULL) == 0 && b.n == 7 &&
	   !memcmp(b.p, ",a\0z,b,", 7), "each, in order, once");
	ok(state_set_each(s, "x", refuse, NULL, NULL) == HUB_ECANCEL,
	   "each returns what the function says");
	ok(state_set_clear(s, "x", NULL) == 0 &&
	   state_set_has(s, "x", "b", 1, NULL) == 0 &&
	   state_set_has(s, "y", "c", 1, NULL) == 1, "clear one set");
	state_commit(s, NULL);
	state_close(s);
	buf_release(&b);
}

struct seen { int n; int64_t first, last; struct state_run r; };

static int see_run(void *arg, const struct state_run *r)
{
	struct seen *v = arg;

	if (!v->n++) {
		v->first = r->id;
		v->r = *r;
	}
	v->last = r->id;
	return 0;
}

static int see_one(void *arg, const struct state_run *r)
{
	see_run(arg, r);
	return 1;
}

static void test_runs(void)
{
	struct state *s = open_new("runs.db");
	struct state_run r = { 0, 10, 20, "sync", -3, { { 1 } }, { { 2 } },
			       { { 3 } }, 4, 5, 6, "all is well" };
	struct seen v = { 0 };
	int i, rc = 0;

	if (!s)
		return;
	state_begin(s, NULL);
	for (i = 0; rc == 0 && i < 10003; i++) {
		r.changed = (uint64_t)i;
		rc = state_run_add(s, &r, NULL);
	}
	ok(rc == 0 && state_commit(s, NULL) == 0, "add 10,003 runs");
	s = reopen(s);
	ok(state_run_each(s, see_run, &v, NULL) == 0 && v.n == 10000 &&
	   v.first == 10003 && v.last == 4, "the newest 10,000, newest first");
	r.id = 10003;
	ok(v.r.id == r.id && v.r.begun == 10 && v.r.ended == 20 &&
	   !strcmp(v.r.what, "sync") && v.r.exit_code == -3 &&
	   oid_eq(&v.r.before, &r.before) && oid_eq(&v.r.after, &r.after) &&
	   oid_eq(&v.r.recorded, &r.recorded) && v.r.changed == 10002 &&
	   v.r.received == 5 && v.r.conflicts == 6 &&
	   !strcmp(v.r.message, "all is well"), "a run comes back whole");
	v.n = 0;
	ok(state_run_each(s, see_one, &v, NULL) == 0 && v.n == 1, "stops");
	state_close(s);
}

/* Run ${sql} on a fresh state.db, behind hub's back, and open it again. */
static int after_sql(const char *sql)
{
	struct state *s = open_new("edited.db");
	struct err e = ERR_INIT;
	sqlite3 *h = NULL;
	int rc;

	state_close(s);
	sqlite3_open(path, &h);
	rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
	if (rc)
		printf("# %s\n", sqlite3_errmsg(h));
	sqlite3_close(h);
	rc = state_open(path, &s, &e);
	if (rc < 0)
		printf("# %s\n", e.msg);
	state_close(s);
	return rc;
}

static int put_file(const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		return -1;
	return 0;
}

static void test_foreign(void)
{
	struct state *s = NULL;
	char junk[8192];
	struct stat st;

	ok(after_sql("PRAGMA user_version=2") == HUB_EVERSION, "newer");
	ok(after_sql("PRAGMA user_version=0") == HUB_ECORRUPT, "version 0");
	ok(after_sql("PRAGMA application_id=7") == HUB_ECORRUPT, "not ours");
	ok(after_sql("CREATE TABLE t(a)") == HUB_ECORRUPT, "a table too many");
	ok(after_sql("DROP TABLE sets") == HUB_ECORRUPT, "one too few");
	ok(after_sql("DROP TABLE meta; CREATE TABLE meta(name TEXT, value)")
	   == HUB_ECORRUPT, "another shape");
	ok(after_sql("CREATE TRIGGER z AFTER INSERT ON base BEGIN "
		     "DELETE FROM meta; END") == HUB_ECORRUPT, "a trigger");
	ok(after_sql("CREATE INDEX i ON base(rec)") == HUB_ECORRUPT, "an index");
	ok(after_sql("ANALYZE") == 0, "statistics do no harm");
	ok(after_sql("PRAGMA journal_mode=DELETE; VACUUM") == 0,
	   "another log mode is put right");
	memset(junk, 'j', sizeof(junk));
	put_file(junk, sizeof(junk));
	ok(state_open(path, &s, NULL) == HUB_ECORRUPT, "no data base");
	put_file("", 0);
	ok(state_open(path, &s, NULL) == 0, "an empty file is a new one");
	state_close(s);
	s = NULL;
	snprintf(path, sizeof(path), "%s/nowhere/s.db", tap_dir());
	ok(state_open(path, &s, NULL) == HUB_EABSENT, "no such folder");
	snprintf(path, sizeof(path), "%s", tap_dir());
	ok(state_open(path, &s, NULL) < 0 && !s, "a folder");
	snprintf(path, sizeof(path), "%s/file:x?mode=memory", tap_dir());
	unlink(path);
	ok(chdir(tap_dir()) == 0 &&
	   state_open("file:x?mode=memory", &s, NULL) == 0 &&
	   stat(path, &st) == 0, "a name is a name, never a URI");
	state_close(s);
}

/* What is in the log goes into the file itself. */
static void write_back(void)
{
	sqlite3 *h = NULL;

	sqlite3_open(path, &h);
	ok(sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
			NULL) == SQLITE_OK, "written back");
	sqlite3_close(h);
}

/* A soft commit is there for everybody; what follows it may be a hard one. */
static void test_soft(void)
{
	struct state *s = open_new("soft.db"), *other = NULL;
	struct buf b = BUF_INIT;

	if (!s)
		return;
	ok(!state_begin_soft(s, NULL) && !state_put_str(s, "a", "1", NULL) &&
	   !state_commit(s, NULL), "softly");
	ok(!state_open(path, &other, NULL) && !state_get(other, "a", &b, NULL) &&
	   b.n == 1, "seen by another one");
	ok(!state_begin_soft(s, NULL) && !state_put_str(s, "a", "22", NULL),
	   "taken back");
	state_rollback(s);
	ok(!state_begin(s, NULL) && !state_put_str(s, "b", "333", NULL) &&
	   !state_commit(s, NULL) && !state_get(other, "a", &b, NULL) &&
	   b.n == 1 && !state_get(other, "b", &b, NULL) && b.n == 3,
	   "then a hard one");
	buf_release(&b);
	state_close(other);
	state_close(s);
}

/* Bytes of the middle of the file overwritten: noticed when they are read. */
static void test_damage(void)
{
	struct state *s = open_new("damage.db");
	struct state_cursor *c = NULL;
	struct err e = ERR_INIT;
	struct span p, r;
	char name[32], junk[4096];
	FILE *f;
	int i, rc;

	if (!s)
		return;
	state_begin(s, NULL);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "dir/file%05d", i);
		put(s, name, "0123456789012345678901234567890123456789");
	}
	state_commit(s, NULL);
	state_close(s);
	write_back();
	memset(junk, 0xa5, sizeof(junk));
	f = fopen(path, "r+b");
	for (i = 10; f && i < 20; i++) {
		fseek(f, i * 4096L, SEEK_SET);
		fwrite(junk, 1, sizeof(junk), f);
	}
	if (f)
		fclose(f);
	ok(state_open(path, &s, &e) == 0, "opens: nothing was read yet");
	rc = state_base_open(s, "", 0, &c, &e);
	while (rc == 0 && (rc = state_base_next(c, &p, &r, &e)) == 1)
		rc = 0;
	ok(rc == HUB_ECORRUPT, "a damaged page is HUB_ECORRUPT");
	printf("# %s\n", e.msg);
	state_base_close(c);
	state_close(s);
	ok(truncate(path, 4096 * 3 + 100) == 0 &&
	   state_open(path, &s, &e) == HUB_ECORRUPT, "cut off");
	printf("# %s\n", e.msg);
}

/* A second handle: readers go on, a second writer waits. */
static void test_two(void)
{
	struct state *s = open_new("two.db"), *t = NULL;

	if (!s)
		return;
	ok(state_open(path, &t, NULL) == 0, "second handle");
	state_begin(s, NULL);
	put(s, "a", "1");
	ok(get_is(t, "a", NULL), "not seen before the commit");
	ok(state_commit(s, NULL) == 0 && get_is(t, "a", "1"), "seen after");
	state_close(t);
	state_close(s);
}

int main(void)
{
	test_base();
	test_meta();
	test_runs();
	test_foreign();
	test_soft();
	test_damage();
	test_two();
	return done();
}
