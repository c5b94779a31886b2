/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-db-copy.c - copies of data bases that others use, left open, or left
 * behind.  Whoever writes is another process: SQLite's locks are the
 * process's, and opening a file here would drop those of a handle here.
 */
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "os/os_clock.h"
#include "tap.h"

#define ACCOUNTS 200
#define SUM 20000

static char dir[2048], src[2100], dst[2100];
static int serial;

/* A folder of its own for each data base, so that its neighbours show. */
static void fresh(const char *name)
{
	snprintf(dir, sizeof(dir), "%s/s%d", tap_dir(), ++serial);
	mkdir(dir, 0777);
	snprintf(src, sizeof(src), "%s/%s", dir, name);
	snprintf(dst, sizeof(dst), "%s/d%d", tap_dir(), serial);
}

static int sql(sqlite3 *h, const char *text)
{
	char *msg = NULL;
	int rc = sqlite3_exec(h, text, NULL, NULL, &msg);

	if (rc)
		printf("# %s: %s\n", text, msg ? msg : "?");
	sqlite3_free(msg);
	return rc;
}

static int64_t number(sqlite3 *h, const char *text)
{
	sqlite3_stmt *st = NULL;
	int64_t v = -1;

	if (!sqlite3_prepare_v2(h, text, -1, &st, NULL) &&
	    sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* A handle on ${path} whatever its name. */
static sqlite3 *handle(const char *path)
{
	sqlite3 *h = NULL;

	sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			NULL);
	sqlite3_busy_timeout(h, 10000);
	return h;
}

/* ACCOUNTS rows that always add up to SUM, each with 200 bytes more. */
static sqlite3 *bank(const char *path, const char *mode, int page_size)
{
	sqlite3 *h = handle(path);
	char text[400];

	snprintf(text, sizeof(text), "PRAGMA page_size=%d; "
		 "PRAGMA journal_mode=%s", page_size, mode);
	sql(h, text);
	snprintf(text, sizeof(text),
		 "CREATE TABLE a(id INTEGER PRIMARY KEY, v INTEGER, x BLOB);"
		 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n "
		 "WHERE i<%d) INSERT INTO a SELECT i, %d, zeroblob(200) FROM n",
		 ACCOUNTS, SUM / ACCOUNTS);
	sql(h, text);
	return h;
}

/* What is wrong with the copy?  NULL: nothing. */
static const char *check(int64_t want_n)
{
	static const char *const side[] = { "-wal", "-shm", "-journal",
					    ".src" };
	char name[2200];
	uint8_t p[20] = { 0 };
	FILE *f = fopen(dst, "rb");
	sqlite3 *h;
	size_t i;
	int good;

	if (!f || fread(p, 1, 20, f) != 20)
		return "no copy";
	fclose(f);
	if (p[18] != 1 || p[19] != 1)
		return "not in rollback mode";
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s%s", dst, side[i]);
		if (access(name, F_OK) == 0)
			return "a file beside it";
	}
	h = handle(dst);
	good = number(h, "SELECT sum(v) FROM a") == SUM &&
	       number(h, "SELECT count(*) FROM a") == want_n &&
	       number(h, "SELECT count(*) FROM pragma_integrity_check WHERE "
			 "integrity_check = 'ok'") == 1;
	sqlite3_close(h);
	return good ? NULL : "content";
}

static int copy(void)
{
	struct err e = ERR_INIT;
	int rc;

	unlink(dst);
	rc = db_copy_live(src, dst, 300, &e);
	if (rc < 0)
		printf("# %s\n", e.msg);
	return rc;
}

static void add_file(struct hash *h, const char *path)
{
	struct stat st;
	char block[4096];
	size_t n;
	FILE *f;

	if (stat(path, &st) || !(f = fopen(path, "rb")))
		return;
	hash_add(h, &st.st_mtim, sizeof(st.st_mtim));
	hash_add(h, &st.st_ino, sizeof(st.st_ino));
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		hash_add(h, block, n);
	fclose(f);
}

/* The folder of the source, names and bytes and times; of -shm the name. */
static void picture(uint8_t out[32])
{
	struct dirent **names = NULL;
	char path[5000];
	struct hash h;
	int i, n = scandir(dir, &names, NULL, alphasort);

	hash_init(&h, NULL, 0);
	for (i = 0; i < n; i++) {
		size_t len = strlen(names[i]->d_name);

		hash_add(&h, names[i]->d_name, len + 1);
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' &&
		    strcmp(names[i]->d_name + len - 4, "-shm"))
			add_file(&h, path);
		free(names[i]);
	}
	free(names);
	hash_end(&h, out);
}

/* Copy, and nothing around the source may have changed. */
static void copy_ok(int64_t want_n, const char *what)
{
	uint8_t before[32], after[32];
	const char *bad;
	int rc;

	picture(before);
	rc = copy();
	picture(after);
	bad = rc < 0 ? "failed" : check(want_n);
	ok(!bad, "%s%s%s", what, bad ? ": " : "", bad ? bad : "");
	ok(!memcmp(before, after, 32), "... and the source is as it was");
}

static void file_hash(const char *path, uint8_t out[32])
{
	struct hash h;
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	hash_init(&h, NULL, 0);
	while (f && (n = fread(block, 1, sizeof(block), f)) > 0)
		hash_add(&h, block, n);
	if (f)
		fclose(f);
	hash_end(&h, out);
}

/* ---- other processes ---- */

/* Run ${fn} in a child that has ${src} open until it is killed; returns when
 * it says that it is ready. */
static pid_t child(void (*fn)(int say))
{
	int p[2];
	char c = 0;
	pid_t pid;

	fflush(stdout);
	if (pipe(p))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		fn(p[1]);
		_exit(0);
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		printf("# child failed\n");
	close(p[0]);
	return pid;
}

static void ready(int say)
{
	if (write(say, "r", 1) != 1)
		_exit(1);
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

/* One committed row in the log that is not in the main file. */
static void hold_wal(int say)
{
	sqlite3 *h = handle(src);

	sql(h, "PRAGMA wal_autocheckpoint=0;"
	       "INSERT INTO a VALUES(100000, 0, zeroblob(5000))");
	ready(say);
	wait_for_ever();
}

/* A transaction that has already changed the main file. */
static void hold_journal(int say)
{
	sqlite3 *h = handle(src);

	sql(h, "PRAGMA cache_size=5; PRAGMA cache_spill=1; BEGIN;"
	       "UPDATE a SET v = 0, x = zeroblob(300)");
	ready(say);
	wait_for_ever();
}

static void hold_lock(int say)
{
	sqlite3 *h = handle(src);

	sql(h, "BEGIN EXCLUSIVE; UPDATE a SET v = v");
	ready(say);
	wait_for_ever();
}

static void hold_exclusive_wal(int say)
{
	sqlite3 *h = handle(src);

	sql(h, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_autocheckpoint=0;"
	       "INSERT INTO a VALUES(100000, 0, zeroblob(5000))");
	ready(say);
	wait_for_ever();
}

/* Money goes round for ever; now and then a checkpoint. */
static void transfer(int say)
{
	sqlite3 *h = handle(src);
	char text[300];
	unsigned i, r = 1;

	sql(h, "PRAGMA synchronous=OFF; PRAGMA cache_size=5");
	for (i = 0;; i++) {
		r = r * 1103515245u + 12345u;
		snprintf(text, sizeof(text), "BEGIN IMMEDIATE;"
			 "UPDATE a SET v=v-%u, x=zeroblob(%u) WHERE id=%u;"
			 "UPDATE a SET v=v+%u WHERE id=%u;"
			 "UPDATE a SET x=randomblob(100) WHERE id %% 7 = %u;"
			 "COMMIT", r >> 28, r >> 24, 1 + (r >> 8) % ACCOUNTS,
			 r >> 28, 1 + (r >> 12) % ACCOUNTS, i % 7);
		sqlite3_exec(h, text, NULL, NULL, NULL);
		if (!sqlite3_get_autocommit(h))
			sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
		if (i % 64 == 63)
			sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)",
				     NULL, NULL, NULL);
		if (i == 3)
			ready(say);
	}
}

/* The same, but opened and closed for each transfer: most of the time there is
 * no log, so that the copy is made without locks and has to notice. */
static void transfer_reopening(int say)
{
	char text[300];
	unsigned i;

	for (i = 0;; i++) {
		sqlite3 *h = handle(src);

		snprintf(text, sizeof(text), "PRAGMA synchronous=OFF; BEGIN;"
			 "UPDATE a SET v=v-1 WHERE id=1+%u%%100;"
			 "UPDATE a SET v=v+1 WHERE id=200-%u%%100;"
			 "UPDATE a SET x=randomblob(20000) WHERE id%%50=%u;"
			 "COMMIT", i, i, i % 50);
		sqlite3_exec(h, text, NULL, NULL, NULL);
		sqlite3_close(h);
		if (i == 100)
			ready(say);
		usleep(i % 16 * 1000);
	}
}

/* ---- tests ---- */

static void test_quiet(void)
{
	static const int sizes[] = { 512, 4096, 65536 };
	uint8_t a[32], b[32];
	size_t i;

	for (i = 0; i < 3; i++) {
		fresh("x.db");
		sqlite3_close(bank(src, "DELETE", sizes[i]));
		copy_ok(ACCOUNTS, "rollback mode");
		copy();
		file_hash(src, a);
		file_hash(dst, b);
		ok(!memcmp(a, b, 32), "byte for byte");
		fresh("x.db");
		sqlite3_close(bank(src, "WAL", sizes[i]));
		copy_ok(ACCOUNTS, "WAL mode, closed");
	}
	copy();
	file_hash(dst, a);
	copy();
	file_hash(dst, b);
	ok(!memcmp(a, b, 32), "the same content gives the same bytes");
}

static void test_wal(void)
{
	char name[2200];
	uint8_t a[32], b[32], c[32];
	sqlite3 *h;
	pid_t pid;

	fresh("x.db");
	sqlite3_close(bank(src, "WAL", 4096));
	pid = child(hold_wal);
	copy_ok(ACCOUNTS + 1, "WAL mode, open elsewhere");
	file_hash(dst, a);
	end_child(pid);
	copy_ok(ACCOUNTS + 1, "WAL mode, its user died");
	snprintf(name, sizeof(name), "%s-shm", src);
	unlink(name);
	copy_ok(ACCOUNTS + 1, "-shm is missing");
	file_hash(dst, b);
	h = handle(src);
	sql(h, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(h);
	copy_ok(ACCOUNTS + 1, "closed after that");
	file_hash(dst, c);
	ok(!memcmp(a, b, 32) && !memcmp(a, c, 32),
	   "whichever way it is read, the same bytes");

	fresh("x.db");
	sqlite3_close(bank(src, "WAL", 4096));
	pid = child(hold_exclusive_wal);
	copy_ok(ACCOUNTS + 1, "WAL mode, kept to itself by its user");
	end_child(pid);
}

static void test_journal(void)
{
	struct stat st;
	char name[2200];
	pid_t pid;
	sqlite3 *h;

	fresh("x.db");
	sqlite3_close(bank(src, "DELETE", 512));
	pid = child(hold_lock);
	ok(copy() == HUB_EBUSY && access(dst, F_OK) < 0,
	   "locked: busy, and no copy is left");
	end_child(pid);
	copy_ok(ACCOUNTS, "its user died before writing");

	fresh("x.db");
	sqlite3_close(bank(src, "DELETE", 512));
	pid = child(hold_journal);
	end_child(pid);
	snprintf(name, sizeof(name), "%s-journal", src);
	ok(stat(name, &st) == 0 && st.st_size > 0, "a hot journal is there");
	copy_ok(ACCOUNTS, "hot journal: rolled back in the copy");
	h = handle(src);
	ok(number(h, "SELECT sum(v) FROM a") == SUM,
	   "and by SQLite, later, in the source");
	sqlite3_close(h);
}

static void put_file(const void *p, size_t n)
{
	FILE *f = fopen(src, "wb");

	if (f && fwrite(p, 1, n, f) == n)
		fclose(f);
}

static void test_bad(void)
{
	char junk[8192];
	sqlite3 *h;
	FILE *f;

	fresh("x.db");
	ok(copy() == HUB_EABSENT, "missing");
	ok(access(dst, F_OK) < 0, "no copy of nothing");
	put_file("", 0);
	ok(copy() == HUB_ECORRUPT, "empty");
	put_file("SQLite format 3", 16);
	ok(copy() == HUB_ECORRUPT, "a header and no more");
	memset(junk, 0xee, sizeof(junk));
	put_file(junk, sizeof(junk));
	ok(copy() == HUB_ECORRUPT, "no data base");
	memcpy(junk, "SQLite format 3", 16);
	put_file(junk, sizeof(junk));
	ok(copy() == HUB_ECORRUPT, "garbage behind the header");
	memset(junk + 16, 0, sizeof(junk) - 16);
	memcpy(junk + 16, "\020\0\3\3\0\100\40\40", 8);
	put_file(junk, sizeof(junk));
	ok(copy() == HUB_ECORRUPT, "a read version of the future");
	fresh("x.db");
	sqlite3_close(bank(src, "DELETE", 4096));
	ok(truncate(src, 8192) == 0 && copy() == HUB_ECORRUPT, "cut off");
	fresh("x.db");
	h = bank(src, "WAL", 4096);
	sql(h, "PRAGMA writable_schema=1; UPDATE sqlite_schema "
	       "SET sql='CREATE TABLE a(words of the future'");
	sqlite3_close(h);
	ok(copy() == 0, "a schema that this library cannot read");
	fresh("x.db");
	mkdir(src, 0777);
	ok(copy() == HUB_EIO, "a folder");
	fresh("x.db");
	ok(symlink("/etc/passwd", src) == 0 && copy() == HUB_EIO,
	   "a symlink is not followed");

	fresh("x.db");
	sqlite3_close(bank(src, "DELETE", 4096));
	f = fopen(dst, "wb");
	if (f && fputs("mine", f) >= 0)
		fclose(f);
	ok(db_copy_live(src, dst, 100, NULL) == HUB_ECONFLICT,
	   "the target exists");
	f = fopen(dst, "rb");
	ok(f && fread(junk, 1, 5, f) == 4 && !memcmp(junk, "mine", 4),
	   "and stays as it is");
	if (f)
		fclose(f);
	snprintf(dst, sizeof(dst), "%s/nowhere/d", tap_dir());
	ok(db_copy_live(src, dst, 100, NULL) == HUB_EABSENT,
	   "no folder for the target");
	ok(db_header_is_sqlite("SQLite format 3", 16) == 1 &&
	   db_header_is_sqlite("SQLite format 3", 15) == 0 &&
	   db_header_is_sqlite("SQLite format 4", 16) == 0, "header");
}

static void test_names(void)
{
	static const char *const names[] = {
		"a?mode=memory", "%41.db", "a#b", "\xff\xfe\xc3.db", "a b\n\t",
		"file:x?mode=ro", "-x", "a%", "..db", "\"'`$;&", ":memory:",
	};
	char back[2048], name[2200], base[64];
	size_t i;
	int mode;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (mode = 0; mode < 2; mode++) {
			fresh("plain");
			sqlite3_close(bank(src, mode ? "WAL" : "DELETE", 512));
			snprintf(name, sizeof(name), "%s/%s", dir, names[i]);
			rename(src, name);
			snprintf(src, sizeof(src), "%s/%s", dir, names[i]);
			snprintf(dst, sizeof(dst), "%s/d%d %s", tap_dir(),
				 serial, names[i]);
			copy_ok(ACCOUNTS, mode ? "odd name, WAL" : "odd name");
		}
	}
	/* Relative names that SQLite would take for something else. */
	ok(getcwd(back, sizeof(back)) && chdir(dir) == 0, "into the folder");
	snprintf(base, sizeof(base), "file:d%d?mode=memory", serial);
	ok(db_copy_live(":memory:", base, 300, NULL) == 0 &&
	   access(base, F_OK) == 0, "':memory:' is the name of a file");
	ok(chdir(back) == 0, "and back");
}

/* Copies while another process writes; afterwards it is killed at once. */
static void test_writer(const char *mode, void (*writer)(int say), int times)
{
	int i, copies = 0, busy = 0, bad = 0, rc;
	const char *why;
	pid_t pid;

	fresh("x.db");
	sqlite3_close(bank(src, mode, 1024));
	pid = child(writer);
	for (i = 0; i < times; i++) {
		unlink(dst);
		rc = db_copy_live(src, dst, 2000, NULL);
		if (rc == HUB_EBUSY) {
			busy++;
			continue;
		}
		why = rc < 0 ? "failed" : check(ACCOUNTS);
		if (why)
			printf("# %d: %s\n", rc, why);
		bad += why != NULL;
		copies++;
	}
	end_child(pid);
	ok(bad == 0 && copies >= times / 2, "%s, being written: %d copies, all whole "
	   "(%d times busy)", mode, copies, busy);
}

static void test_killed(const char *mode)
{
	int i, bad = 0;
	const char *why;
	pid_t pid;

	fresh("x.db");
	sqlite3_close(bank(src, mode, 1024));
	for (i = 0; i < 12; i++) {
		pid = child(transfer);
		usleep((useconds_t)(i * 1700));
		end_child(pid);
		why = copy() < 0 ? "failed" : check(ACCOUNTS);
		if (why)
			printf("# %d: %s\n", i, why);
		bad += why != NULL;
	}
	ok(bad == 0, "%s, writer killed 12 times: all copies whole", mode);
}

int main(void)
{
	test_quiet();
	test_wal();
	test_journal();
	test_bad();
	test_names();
	test_writer("DELETE", transfer, 40);
	test_writer("WAL", transfer, 40);
	test_writer("WAL", transfer_reopening, 10);
	test_killed("DELETE");
	test_killed("WAL");
	return done();
}
