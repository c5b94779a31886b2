/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-replace.c - os_replace(): every call of it fails once, in every way. */
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "fault.h"
#include "tap.h"

#define OLD "the old content\n"

static char path[4096], big[100000];
static struct err e;

static int holds(const char *p, const void *want, size_t n)
{
	struct buf b = BUF_INIT;
	int same = !os_read_file(p, 1 << 20, &b, NULL) && b.n == n &&
		   !memcmp(b.p, want, n);

	buf_release(&b);
	return same;
}

/* Names in the scratch folder other than the file itself. */
static int strays(void)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	int n = 0;

	if (os_dir_open(tap_dir(), &d, NULL))
		return -1;
	while (os_dir_next(d, &name, &type, NULL) > 0)
		n += strcmp(name, "f") != 0;
	os_dir_close(d);
	return n;
}

static int handles(void)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	int n = 0;

	if (os_dir_open("/proc/self/fd", &d, NULL))
		return 0;
	while (os_dir_next(d, &name, &type, NULL) > 0)
		n++;
	os_dir_close(d);
	return n;
}

static void t_plain(void)
{
	struct os_stat st;
	char name[600];

	ok(!os_replace(path, "x", 1, 0, &e) && holds(path, "x", 1), "new file");
	ok(!os_replace(path, "", 0, 0, &e) && holds(path, "", 0), "by nothing");
	ok(!os_replace(path, big, sizeof(big), 1, &e) &&
	   holds(path, big, sizeof(big)), "by much");
	ok(!os_stat(path, &st, &e) && (st.mode & 0777) == 0600, "secret");
	ok(!os_replace(path, "x", 1, 0, &e) && !os_stat(path, &st, &e) &&
	   (st.mode & 0777) == 0644, "not secret");
	ok(os_replace("/nowhere/f", "x", 1, 0, &e) == HUB_EABSENT &&
	   strstr(e.msg, "/nowhere"), "no folder: %s", e.msg);
	snprintf(name, sizeof(name), "%s/%0255d", tap_dir(), 7);
	ok(!os_replace(name, "x", 1, 0, &e) && holds(name, "x", 1),
	   "a name of 255 bytes");
	os_unlink(name, &e);
	ok(!os_chdir(tap_dir(), &e) && !os_replace("f", "y", 1, 0, &e) &&
	   holds(path, "y", 1), "a name without a folder");
	ok(!strays(), "no other file");
}

/*
 * The N-th call fails, N = 1, 2, ... until none does.  After a failure the old
 * content is there, unless only making the new name durable failed.
 */
static void all_calls(const char *what, int err, int how, int code)
{
	int n, rc, bad = 0, syncs_last = 0, failures = 0, before = handles();
	const char *hit;

	for (n = 1; n < 100; n++) {
		os_replace(path, OLD, strlen(OLD), 0, NULL);
		err_clear(&e);
		fault_arm(n, err, how);
		rc = os_replace(path, big, sizeof(big), 0, &e);
		hit = fault_end();
		if (!hit && !(how & FAULT_TEAR && n < 10))
			break;
		if (!rc) {
			bad += !holds(path, big, sizeof(big));
		} else if (!strcmp(hit, "fsync") &&
			   holds(path, big, sizeof(big))) {
			syncs_last++;
			bad += rc != code;
		} else {
			failures++;
			bad += !holds(path, OLD, strlen(OLD)) || rc != code ||
			       e.os != err || !strstr(e.msg, tap_dir());
		}
		bad += !(how & FAULT_STAY) && strays();
		if (bad)
			printf("# %s: call %d (%s): %d %s\n", what, n,
			       hit ? hit : "none", rc, e.msg);
	}
	ok(n > 5 && n < 100 && !bad && (failures >= 1 || err == EINTR),
	   "%s: old or new, no temp file (%d calls, %d failures)", what, n - 1,
	   failures);
	ok(syncs_last <= (how & FAULT_STAY ? 2 : 1),
	   "%s: only the last fsync may leave the new one", what);
	ok(handles() == before, "%s: no handle is left open", what);
}

/* What must be durable before what: the calls, in the documented order. */
static void t_order(void)
{
	static const char *const want[] = {
		"openat", "openat", "write", "fsync", "close", "renameat",
		"fsync", "close",
	};
	int n, bad = 0;

	for (n = 1; n <= 9; n++) {
		const char *hit;

		fault_arm(n, EIO, 0);
		os_replace(path, OLD, strlen(OLD), 0, NULL);
		hit = fault_end();
		bad += n < 9 ? !hit || strcmp(hit, want[n - 1]) : hit != NULL;
	}
	ok(!bad, "temp file, write, fsync, close, rename, fsync of the folder");
}

static void t_stay_cleanup(void)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	int left;

	left = strays();
	os_replace_sweep(tap_dir(), 3600, &e);
	ok(strays() == left, "a sweep leaves young temp files alone");
	if (!os_dir_open(tap_dir(), &d, NULL)) {
		int fd;

		os_dir_create(d, ".f.tmp-0123456789ab", 0, &fd, NULL);
		os_close(fd, "x", NULL);
		os_dir_create(d, ".f.tmp-0123456789aX", 0, &fd, NULL);
		os_close(fd, "x", NULL);
		os_dir_create(d, ".tmp-0123456789ab", 0, &fd, NULL);
		os_close(fd, "x", NULL);
		os_dir_mkdir(d, ".d.tmp-0123456789ab", NULL);
	}
	os_dir_close(d);
	d = NULL;
	ok(!os_replace_sweep(tap_dir(), -1, &e), "sweep");
	ok(!os_dir_open(tap_dir(), &d, NULL), "open");
	left = 0;
	while (os_dir_next(d, &name, &type, NULL) > 0)
		left += strcmp(name, ".f.tmp-0123456789aX") &&
			strcmp(name, ".tmp-0123456789ab") &&
			strcmp(name, ".d.tmp-0123456789ab") && strcmp(name, "f");
	os_dir_close(d);
	ok(!left && strays() == 3, "a sweep removes ours, and only ours");
	ok(os_replace_sweep("/nowhere", 0, &e) == HUB_EABSENT, "no folder");
}

int main(void)
{
	size_t i;

	snprintf(path, sizeof(path), "%s/f", tap_dir());
	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7);
	t_plain();
	t_order();
	all_calls("EIO", EIO, 0, HUB_EIO);
	all_calls("ENOSPC", ENOSPC, 0, HUB_ELIMIT);
	all_calls("EROFS", EROFS, 0, HUB_EDENIED);
	all_calls("a torn write, then ENOSPC", ENOSPC, FAULT_TEAR, HUB_ELIMIT);
	all_calls("EINTR", EINTR, 0, 0);
	all_calls("EIO from there on", EIO, FAULT_STAY, HUB_EIO);
	t_stay_cleanup();
	return done();
}
