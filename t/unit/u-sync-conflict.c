/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-sync-conflict.c - names under which a losing version is kept. */
#include "sync/conflict.h"
#include "tap.h"

#define T 1795246140		/* 2026-11-21 07:29:00 UTC */

static void name_is(const char *path, const char *device, const char *content,
		    int attempt, const char *want)
{
	struct buf b = BUF_INIT;

	conflict_name(path, strlen(path), device, T, content, strlen(content),
		      attempt, &b);
	if (!ok(!strcmp(b.p, want), "%s -> %s", path, want))
		printf("# %s\n", b.p);
	ok(conflict_is_copy(b.p, b.n, NULL), "... and is known for a copy");
	buf_release(&b);
}

static void copy_of(const char *path, const char *want)
{
	struct buf orig = BUF_INIT;
	int is = conflict_is_copy(path, strlen(path), &orig);

	ok(want ? is && !strcmp(orig.p, want) : !is, "%s is %s", path,
	   want ? want : "no copy");
	buf_release(&orig);
}

static void long_names(void)
{
	struct buf p = BUF_INIT, b = BUF_INIT;
	int i;

	for (i = 0; i < 84; i++)	/* 3 bytes each: 252, and ".txt" cut */
		buf_addstr(&p, "\xe6\xbc\xa2");
	buf_addstr(&p, ".md");
	conflict_name(p.p, p.n, "a-device-with-a-name-of-32-bytes", T, "x", 1,
		      0, &b);
	ok(b.n <= 255, "a name of 255 bytes stays below the limit: %zu", b.n);
	ok(!strcmp(b.p + b.n - 4, ").md"), "... keeps its extension");
	ok((strstr(b.p, " (conflict") - b.p) % 3 == 0,
	   "... is cut between characters");
	buf_release(&p);
	buf_release(&b);
}

int main(void)
{
	/* printf hello | b2sum -l 256 */
	name_is("x.txt", "desk", "hello", 0,
		"x (conflict desk 2026-11-21 0729 UTC 324dcf0).txt");
	name_is("d/e.f/x", "desk", "hello", 0,
		"d/e.f/x (conflict desk 2026-11-21 0729 UTC 324dcf0)");
	name_is("a.tar.gz", "d", "hello", 1,
		"a (conflict d 2026-11-21 0729 UTC 324dcf027dd).tar.gz");
	name_is(".bashrc", "d", "hello", 0,
		".bashrc (conflict d 2026-11-21 0729 UTC 324dcf0)");
	name_is("x (conflict old 2020-01-02 0304 UTC abcdef0).txt", "d",
		"hello", 0, "x (conflict d 2026-11-21 0729 UTC 324dcf0).txt");
	copy_of("x (conflict old 2020-01-02 0304 UTC abcdef0).txt", "x.txt");
	copy_of("p/x (conflict old 2020-01-02 0304 UTC abcdef0123a)", "p/x");
	copy_of("x (conflict old 2020-01-02 0304 UTC abcdef).txt", NULL);
	copy_of("x (conflict old 2020-01-02 0304 UTC ABCDEF0).txt", NULL);
	copy_of("x (conflict 2020-01-02 0304 UTC abcdef0).txt", NULL);
	copy_of("x (conflict of interest).txt", NULL);
	copy_of("a (conflict d 2020-01-02 0304 UTC abcdef0)/x", NULL);
	copy_of("", NULL);
	long_names();
	return done();
}
