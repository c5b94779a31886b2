/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-sync-lookahead.c - a scan in a thread of its own says what one without it
 * does, in the same order, whatever the system and the call-backs say.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "os/os_clock.h"
#include "os/os_thread.h"
#include "os/posix/sys.h"
#include "sync/lookahead.h"
#include "lib-scan.h"

static const char *bad_open, *bad_stat;	/* a name; every use of it fails */
static int fails_with;
static atomic_int ahead;		/* files the helper looked at */
static _Thread_local int is_main;
static int asked_fails;			/* tracked() of a folder or file does */

static int my_openat(int fd, const char *name, int flags, unsigned mode)
{
	if (bad_open && !strcmp(name, bad_open)) {
		errno = fails_with;
		return -1;
	}
	return sys_real.openat(fd, name, flags, mode);
}

static int my_fstatat(int fd, const char *name, struct stat *st, int flags)
{
	if (!is_main)
		ahead++;
	if (bad_stat && !strcmp(name, bad_stat)) {
		errno = fails_with;
		return -1;
	}
	return sys_real.fstatat(fd, name, st, flags);
}

static struct walk by(int threads, int *rc, struct err *e)
{
	struct walk w;

	run = threads ? lookahead_run : scan_run;
	ahead = 0;
	w = walk(NULL, rc, e);
	buf_add(&w.text, w.whys.p, w.whys.n);
	return w;
}

static void both(const char *what)
{
	struct err e1 = ERR_INIT, e2 = ERR_INIT;
	int rc1, rc2;
	struct walk a = by(0, &rc1, &e1), b = by(1, &rc2, &e2);

	ok(rc1 == rc2 && !strcmp(e1.msg, e2.msg) && !a.bad && !b.bad &&
	   !buf_cmp(&a.text, &b.text), "%s: the same %d files, %d", what,
	   a.files, rc1);
	walk_release(&a);
	walk_release(&b);
}

static void index_of(size_t n)
{
	char path[540], *text = calloc(1, n + 1);

	snprintf(path, sizeof(path), "%s.git/", root);
	put(path, "");
	memset(text, 'x', n);
	snprintf(path, sizeof(path), "%s.git/index", root);
	put(path, text);
	free(text);
}

static void fill(void)
{
	char path[128];
	int a, b, c;

	for (a = 0; a < 12; a++)
		for (b = 0; b < 9; b++)
			for (c = 0; c < 24; c++) {
				snprintf(path, sizeof(path), "d%d/s%d%s/f%d%s", a,
					 b, b % 3 ? "" : "/t/u", c,
					 c % 4 ? "" : ".o");
				put(path, "x");
			}
	for (a = 0; a < 1500; a++) {
		snprintf(path, sizeof(path), "d5/many/%d", a);
		put(path, "");
	}
}

static void test_when(void)
{
	struct walk w;
	int rc;

	w = by(1, &rc, NULL);
	ok(!rc && !ahead, "no thread for a small index");
	walk_release(&w);
	index_of(200000);
	setenv("VIBEHUB_THREADS", "1", 1);
	w = by(1, &rc, NULL);
	ok(!rc && !ahead, "VIBEHUB_THREADS=1: no thread");
	walk_release(&w);
	unsetenv("VIBEHUB_THREADS");
	w = by(1, &rc, NULL);
	ok(!rc && (ahead > 4000 || os_cpus() < 2), "a thread otherwise");
	walk_release(&w);
}

static void test_rules(void)
{
	put(".gitignore", "*.o\nd3/\n/d4/s1\nnone/\n");
	put("d2/.gitignore", "!*.o\ns4/\n");
	both("rules");
	tracked[0] = "d3/s1/f1";
	tracked[1] = "d1/s1/f4.o";
	tracked[2] = "d7/s0/t/u/f8.o";
	both("tracked files that are ignored");
	mkfifo("d1/p.o", 0666);
	tracked[3] = "d1/p.o";
	both("a FIFO that is tracked");
	tracked[3] = NULL;
	both("and one that is not");
}

static void test_faults(void)
{
	bad_open = "s4";
	fails_with = EACCES;
	both("folders that cannot be opened");
	fails_with = EMFILE;
	both("no more handles");
	bad_open = NULL;
	fails_with = EIO;
	bad_stat = "f3";
	both("files that cannot be examined");
	bad_stat = "f4.o";
	tracked[3] = "d0/s0/t/u/f4.o";
	both("ignored ones");
	tracked[3] = NULL;
	bad_stat = NULL;
	bad_open = ".gitignore";
	both("rules that cannot be read");
	bad_open = NULL;
}

static int fail_asked(void *arg, const char *path, size_t n, int is_dir)
{
	return is_dir == asked_fails ? HUB_EIO : 0;
}

static int ok_file(void *arg, const struct scan_entry *en)
{
	os_sleep_ms(*(int *)arg);
	*(int *)arg = 0;
	return 0;
}

static int stop_note(void *arg, enum scan_note what, const char *path, size_t n,
		     const struct err *e)
{
	return asked_fails == 2 ? 8 : 0;
}

static void test_stops(void)
{
	int slow = 30;
	struct scan_ops ops = { &slow, ok_file, stop_note, fail_asked };
	char git[540];

	snprintf(git, sizeof(git), "%s.git", root);
	for (stop_at = 1; stop_at < 3500; stop_at += 510) {
		stop_with = 7;
		both("stopped by a file");
	}
	stop_at = 0;
	for (asked_fails = 0; asked_fails < 3; asked_fails++)
		ok(lookahead_run(root, git, NULL, &ops, NULL) ==
		   (asked_fails < 2 ? HUB_EIO : 8), "stopped by another call");
	ok(!lookahead_run(root, git, NULL, &ops, NULL), "the scan must wait");
	snprintf(root, sizeof(root), "%s/gone", tap_dir());
	index_of(200000);
	both("no such folder");
}

int main(void)
{
	is_main = 1;
	sys.openat = my_openat;
	sys.fstatat = my_fstatat;
	tree("ahead");
	fill();
	test_when();
	both("plain");
	test_rules();
	test_faults();
	test_stops();
	sys = sys_real;
	return done();
}
