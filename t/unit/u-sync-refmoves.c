/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-sync-refmoves.c - which records explain that a ref is elsewhere. */
#include "crypt/sign.h"
#include "os/os.h"
#include "os/os_file.h"
#include "sync/refmoves.h"
#include "gitcli.h"

#define REF "refs/heads/main"
#define DAY 86400

static struct hub hub;
static const char *dir;
static struct oid a, b, c, x, gone;	/* a-b-c, a-x; gone: not there */
static struct err e;

static struct oid commit(const struct oid *parent)
{
	struct oid id = oid_zero;
	char hex[OID_HEX + 1];

	snprintf(hex, sizeof(hex), "%s", oid_hex(parent));
	git(dir, "commit-tree", "-m", "x",
	    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
	    oid_is_zero(parent) ? NULL : "-p", hex, NULL);
	oid_parse(&id, git_out.p, git_out.n);
	return id;
}

static void set_up(void)
{
	git(tap_dir(), "init", "-q", "--bare", dir, NULL);
	git(dir, "hash-object", "-t", "tree", "-w", "/dev/null", NULL);
	a = commit(&oid_zero);
	b = commit(&a);
	c = commit(&b);
	put_file(path("msg"), "other\n");
	git(dir, "commit-tree", "-F", path("msg"),
	    "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-p", oid_hex(&a),
	    NULL);
	oid_parse(&x, git_out.p, git_out.n);
	memset(gone.h, 0x77, OID_SIZE);
	os_mkdirs(path("h/logs/refs/heads"), NULL);
	os_mkdirs(path("h/vibehub"), NULL);
	buf_init(&hub.path);
	buf_addstr(&hub.path, dir);
	ok(!repo_open(dir, &hub.repo, &e) && !oid_is_zero(&x) &&
	   !oid_is_zero(&c), "set up: %s", e.msg);
}

/* A line of the log: "<old> <new> ..." per pair, ended by NULL. */
static void write_log(const struct oid *from, ...)
{
	struct buf t = BUF_INIT;
	va_list ap;

	va_start(ap, from);
	while (from) {
		buf_addf(&t, "%s ", oid_hex(from));
		buf_addf(&t, "%s N <m> 1 +0000\tpush\n",
			 oid_hex(va_arg(ap, const struct oid *)));
		from = va_arg(ap, const struct oid *);
	}
	va_end(ap);
	put_file(path("h/logs/" REF), t.p);
	buf_release(&t);
}

static void write_act(const struct oid *from, const struct oid *to,
		      long long time, const char *ref)
{
	struct buf t = BUF_INIT;

	if (from) {
		buf_addf(&t, "torn %s", oid_hex(from));
		buf_addf(&t, "\n%s ", oid_hex(from));
		buf_addf(&t, "%s %lld %s\n", oid_hex(to), time, ref);
	}
	put_file(path("h/vibehub/acts"), t.p);
	buf_release(&t);
}

static int explain(const struct oid *was, const struct oid *now, long long seen)
{
	return refmoves_explain(&hub, REF, was, now, seen, &e);
}

static void by_log(void)
{
	write_act(NULL, NULL, 0, "");
	os_unlink(path("h/logs/" REF), NULL);
	ok(!explain(&c, &x, 0) && !explain(&c, NULL, 0), "no records");
	write_log(&a, &b, &b, &c, &c, &x, NULL);
	ok(explain(&b, &x, 0) == 1 && explain(&c, &x, 0) == 1,
	   "moved away, and the log ends where the ref is");
	ok(!explain(&x, &b, 0), "nothing says that it left x");
	ok(!explain(&b, NULL, 0), "the log ends at x, but the ref is gone");
	write_log(&a, &b, &b, &c, NULL);
	ok(!explain(&b, &x, 0), "the log ends elsewhere");
	write_log(&b, &x, &x, &c, NULL);
	ok(explain(&b, &x, 0) == 1, "the last move never happened");
	write_log(&c, &a, NULL);
	ok(explain(&c, &x, 0) == 1, "moved on without a line");
	write_log(&c, &oid_zero, NULL);
	ok(explain(&c, NULL, 0) == 1, "deleted");
	write_log(NULL);
}

static void by_act(void)
{
	write_act(&c, &x, 1000 * DAY, REF);
	ok(explain(&c, &x, 2000 * DAY) == 1, "an act on this very tip");
	ok(explain(&b, &x, 1000 * DAY) == 1 &&
	   explain(&b, &x, 1001 * DAY) == 1, "on a descendant, later");
	ok(!explain(&b, &x, 1001 * DAY + 1), "but not when it was older");
	ok(explain(&gone, &x, 900 * DAY) == 1 &&
	   !explain(&gone, &x, 1002 * DAY), "what is pruned");
	ok(!explain(&x, &b, 0), "of another history");
	write_act(&c, &x, 1000 * DAY, REF "2");
	ok(!explain(&c, &x, 0) && !explain(&gone, &x, 0), "another ref");
	write_act(&c, &oid_zero, 1000 * DAY, REF);
	ok(explain(&b, NULL, 0) == 1, "deleted");
	os_unlink(path("h/vibehub/acts"), NULL);
	ok(!explain(&b, NULL, 0), "no acts");
}

/* Longer than the blocks it is read in, with a line that is none. */
static void large(void)
{
	struct buf t = BUF_INIT;
	size_t i;

	for (i = 0; i < 3000; i++) {
		buf_addf(&t, "%s ", oid_hex(&a));
		buf_addf(&t, "%s N <m> 1 +0000\t%*s\n", oid_hex(&b),
			 (int)(i % 50), "");
	}
	for (i = 0; i < 200000; i++)
		buf_addch(&t, 'x');
	buf_addf(&t, "\n%s ", oid_hex(&b));
	buf_addf(&t, "%s N <m> 1 +0000\n", oid_hex(&x));
	put_file(path("h/logs/" REF), t.p);
	ok(explain(&b, &x, 0) == 1 && explain(&a, &x, 0) == 1 &&
	   !explain(&c, &x, 0), "a long log");
	buf_reset(&t);
	while (t.n < 65536 - 20)
		buf_addstr(&t, "y\n");
	buf_addf(&t, "%s ", oid_hex(&b));
	buf_addf(&t, "%s N <m> 1 +0000\n", oid_hex(&x));
	put_file(path("h/logs/" REF), t.p);
	ok(explain(&b, &x, 0) == 1, "a line across the end of a block");
	buf_release(&t);
}

int main(void)
{
	os_init();
	if (crypt_init(&e) || repo_lib_init(&e))
		return 1;
	dir = strdup(path("h"));
	set_up();
	by_log();
	by_act();
	large();
	repo_close(hub.repo);
	buf_release(&hub.path);
	repo_lib_shutdown();
	free((char *)(uintptr_t)dir);
	buf_release(&git_out);
	return done();
}
