/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-db-unread.c - a disk that does not answer is not a damaged memory: nobody
 * must be told to delete it. */
#undef _FILE_OFFSET_BITS
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "db/state.h"
#include "tap.h"

#define ROWS 3000

static int at, calls, stay;	/* which pread() fails; 0: none */

/* SQLite's; a 64 bit off_t on either side. */
ssize_t pread64(int fd, void *p, size_t n, __off64_t off)
{
	calls++;
	if (at && (calls == at || (stay && calls > at))) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, p, n, off);
}

static int use(const char *path, struct err *e)
{
	struct state *s = NULL;
	struct state_cursor *c = NULL;
	struct span p, r;
	int rc = state_open(path, &s, e);

	if (!rc)
		rc = state_base_open(s, NULL, 0, &c, e);
	while (!rc && (rc = state_base_next(c, &p, &r, e)) > 0)
		rc = 0;
	state_base_close(c);
	state_close(s);
	return rc;
}

static void fill(const char *path)
{
	struct state *s = NULL;
	struct err e = ERR_INIT;
	char name[32];
	int i, rc = state_open(path, &s, &e);

	if (!rc)
		rc = state_begin(s, &e);
	for (i = 0; !rc && i < ROWS; i++) {
		snprintf(name, sizeof(name), "a/path/of/a/file/%d", i);
		rc = state_base_put(s, name, strlen(name), "record", 6, &e);
	}
	if (!rc)
		rc = state_commit(s, &e);
	state_close(s);
	ok(rc == 0, "fill: %s", e.msg);
}

static void sweep(const char *path)
{
	struct err e = ERR_INIT;
	int rc, n, wrong = 0, failed = 0;

	for (n = 1; n < 1000; n++) {
		at = n;
		calls = 0;
		rc = use(path, &e);
		failed += rc < 0;
		wrong += rc == HUB_ECORRUPT || rc == HUB_EABSENT;
		if (rc == HUB_ECORRUPT)
			printf("# %d: %s\n", n, e.msg);
		if (calls < n)
			break;
	}
	at = 0;
	ok(failed > 3 && n < 1000, "%d reads, %d failures", n, failed);
	ok(!wrong, "none is damage");
	ok(use(path, &e) == 0, "whole, all the time");
}

int main(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/state.db", tap_dir());
	fill(path);
	sweep(path);
	stay = 1;
	sweep(path);
	return done();
}
