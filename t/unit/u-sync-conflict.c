/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync/conflict.h"
#include "tap.h"

#define NOV 1795246140		/* 2026-11-21T07:29:00Z */

static struct buf b = BUF_INIT, orig = BUF_INIT;

static const char *name(const char *path, int attempt)
{
	buf_reset(&b);
	conflict_name(path, strlen(path), "desk", NOV, "hello", 5, attempt, &b);
	return b.p;
}

static const char *renamed(const char *path, int attempt)
{
	buf_reset(&b);
	if (conflict_rename(path, strlen(path), attempt, &b))
		return "(no copy)";
	return b.p;
}

static void is(const char *got, const char *want, const char *what)
{
	if (!ok(!strcmp(got, want), "%s", what))
		printf("# got '%s'\n# want '%s'\n", got, want);
}

static void names(void)
{
	is(name("a/b.txt", 0),
	   "a/b (conflict desk 2026-11-21 0729 UTC 324dcf0).txt", "a name");
	is(name("a/b.txt", 1),
	   "a/b (conflict desk 2026-11-21 0729 UTC 324dcf027dd).txt",
	   "a longer one");
	is(name("x.tar.gz", 0),
	   "x (conflict desk 2026-11-21 0729 UTC 324dcf0).tar.gz", "tar.gz");
	is(name(".rc", 0), ".rc (conflict desk 2026-11-21 0729 UTC 324dcf0)",
	   "a leading dot is no extension");
	is(name("b (conflict lap 2020-01-01 0000 UTC 1234567).txt", 0),
	   "b (conflict desk 2026-11-21 0729 UTC 324dcf0).txt", "not nested");
}

static void long_names(void)
{
	char path[300], want = 0;
	size_t i;

	for (i = 0; i < 250; i++)	/* "ä" is two bytes */
		path[i] = (char)(i & 1 ? 0xa4 : 0xc3);
	memcpy(path + 250, ".txt", 5);
	name(path, 0);
	ok(b.n <= 255 && b.n >= 254, "a long name is cut to fit: %zu", b.n);
	for (i = 0; i < b.n; i++)
		want |= b.p[i] == ' ' && (unsigned char)b.p[i - 1] == 0xc3;
	ok(!want, "at a character's end");
	ok(conflict_is_copy(b.p, b.n, &orig), "and is still seen as one");
}

static void parse(void)
{
	static const char *const no[] = {
		"", "a", "a (conflict)", "a (conflict x).txt",
		"a (conflict desk 2026-11-21 0729 UTC 32)",
		"a (conflict desk 2026-11-21 0729 UTC 324dcfg)",
		"a (conflict  2026-11-21 0729 UTC 324dcf0)",
		"a (conflict desk 2026-11-21 0729 UTC 324dcf0",
		"d (conflict desk 2026-11-21 0729 UTC 324dcf0)/a",
		"x/ (conflict desk 2026-11-21 0729 UTC 324dcf0)",
	};
	struct conflict_who w;
	size_t i;

	name("a/b.txt", 0);
	ok(conflict_parse(b.p, b.n, &orig, &w), "what we made is one");
	is(orig.p, "a/b.txt", "of this path");
	is(w.device, "desk", "by this device");
	ok(w.time == NOV, "of that time");
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!conflict_parse(no[i], strlen(no[i]), &orig, &w),
		   "'%s' is none", no[i]);
	ok(conflict_parse("a (conflict "
		"a-device-name-of-more-than-thirty-two-bytes-is-not-ours "
		"2026-99-21 0729 UTC 324dcf0)", 100, &orig, &w) &&
	   strlen(w.device) == 32 && !w.time, "cut, and no time");
}

static void rename_copy(void)
{
	is(renamed("a/b (conflict desk 2026-11-21 0729 UTC 324dcf0).txt", 0),
	   "a/b (desk 2026-11-21 0729).txt", "a name of its own");
	is(renamed("a/b (conflict desk 2026-11-21 0729 UTC 324dcf0).txt", 1),
	   "a/b (desk 2026-11-21 0729 2).txt", "another one");
	is(renamed("a/b.txt", 0), "(no copy)", "nothing to rename");
	ok(!conflict_is_copy("a/b (desk 2026-11-21 0729).txt", 30, NULL),
	   "which is no conflict");
}

int main(void)
{
	names();
	long_names();
	parse();
	rename_copy();
	buf_release(&b);
	buf_release(&orig);
	return done();
}
