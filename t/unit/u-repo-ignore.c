/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-repo-ignore.c - single rules of ignore.h; t3001 compares with git at large. */
#include <ctype.h>
#include <time.h>

#include "repo/ignore.h"
#include "base/path.h"
#include "tap.h"

#define S(s) (s), sizeof(s) - 1

/* says(): the verdict of a rule file in folder ${base} on one path. */
static int says(const char *text, size_t n, const char *base, const char *path,
		int is_dir)
{
	struct ignore *ig;
	struct err e = ERR_INIT;
	int r;

	if (ignore_parse(text, n, base, strlen(base), &ig, &e))
		return -9;
	r = ignore_match(ig, path, strlen(path), is_dir);
	ignore_free(ig);
	return r;
}

static const struct {
	const char *rules, *base, *path;
	int is_dir, want;
} lines[] = {
	{ "foo", "", "foo", 0, 1 },
	{ "foo", "", "a/b/foo", 0, 1 },
	{ "foo", "", "food", 0, -1 },
	{ "/foo", "", "foo", 0, 1 },
	{ "/foo", "", "a/foo", 0, -1 },
	{ "a/foo", "", "a/foo", 0, 1 },
	{ "a/foo", "", "b/a/foo", 0, -1 },
	{ "foo/", "", "foo", 0, -1 },
	{ "foo/", "", "foo", 1, 1 },
	{ "foo/", "", "a/foo", 1, 1 },
	{ "*.o", "", "a/b.o", 0, 1 },
	{ "*.o", "", ".o", 0, 1 },
	{ "*", "", "a", 0, 1 },
	{ "*.o\n!b.o\n", "", "b.o", 0, 0 },
	{ "!b.o\n*.o\n", "", "b.o", 0, 1 },
	{ "#foo", "", "#foo", 0, -1 },
	{ "\\#foo", "", "#foo", 0, 1 },
	{ "\\!foo", "", "!foo", 0, 1 },
	{ "!!foo", "", "!foo", 0, 0 },
	{ " #foo", "", " #foo", 0, 1 },
	{ "foo  ", "", "foo", 0, 1 },
	{ "foo\\ ", "", "foo ", 0, 1 },
	{ "foo\\  ", "", "foo ", 0, 1 },
	{ "foo\t", "", "foo", 0, -1 },
	{ "foo\r\n", "", "foo", 0, 1 },
	{ "foo\r", "", "foo", 0, 1 },
	{ "foo\r\r\n", "", "foo\r", 0, 1 },
	{ "foo \r\n", "", "foo", 0, 1 },
	{ "\xef\xbb\xbf" "foo", "", "foo", 0, 1 },
	{ "a\n\xef\xbb\xbf" "foo", "", "foo", 0, -1 },
	{ "/\n//\n!\n!/\n \n\\", "", "a", 1, -1 },
	{ "foo\\", "", "foo\\", 0, -1 },
	{ "/x", "a/b/", "a/b/x", 0, 1 },
	{ "/x", "a/b/", "a/b/c/x", 0, -1 },
	{ "x", "a/b/", "a/b/c/x", 0, 1 },
	{ "c/x", "a/b/", "a/b/c/x", 0, 1 },
	{ "x", "a/b/", "a/x", 0, -1 },
	{ "b", "a/b/", "a/b", 1, -1 },
	{ "**/foo", "", "foo", 0, 1 },
	{ "**/foo", "", "a/b/foo", 0, 1 },
	{ "foo/**", "", "foo/a/b", 0, 1 },
	{ "foo/**", "", "foo", 1, -1 },
	{ "a/**/b", "", "a/b", 0, 1 },
	{ "a/**/b", "", "a/x/y/b", 0, 1 },
	{ "a/**/b", "", "a/xb", 0, -1 },
	{ "a/*/b", "", "a/x/y/b", 0, -1 },
	/* the two that git reads otherwise before 2.52 */
	{ "foo**/bar", "", "foobar", 0, -1 },
	{ "foo**/bar", "", "foo/x/bar", 0, -1 },
	{ "foo**/bar", "", "foox/bar", 0, 1 },
	{ "/foo**bar/x", "", "fooxbar/x", 0, 1 },
	/* characters outside ASCII are bytes */
	{ "?", "", "\xc3\xa9", 0, -1 },
	{ "??", "", "\xc3\xa9", 0, 1 },
	{ "\xff*", "", "\xff\xfe", 0, 1 },
};

static void test_lines(void)
{
	size_t i;
	int r;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		r = says(lines[i].rules, strlen(lines[i].rules), lines[i].base,
			 lines[i].path, lines[i].is_dir);
		if (r != lines[i].want)
			printf("# line %zu, path %s: %d, not %d\n", i,
			       lines[i].path, r, lines[i].want);
		ok(r == lines[i].want, "line %zu", i);
	}
	ok(says(S("a\0b\nc\n"), "", "a", 0) == 1, "a NUL ends the pattern");
	ok(says(S("a\0b\nc\n"), "", "c", 0) == 1, "but not the file");
	ok(says(S("\0#a\n\0\n"), "", "a", 0) == -1, "NUL first: no rule");
	ok(says(NULL, 0, "", "a", 0) == -1, "empty file");
}

static void test_limits(void)
{
	struct ignore *ig = NULL;
	struct err e = ERR_INIT;
	char *big = malloc(IGNORE_FILE_MAX + 1);

	memset(big, 'x', IGNORE_FILE_MAX + 1);
	ok(ignore_parse(big, IGNORE_FILE_MAX + 1, "a/", 2, &ig, &e) ==
	   HUB_ELIMIT && strstr(e.msg, "'a/.gitignore'"),
	   "too large: %s", e.msg);
	ok(!ignore_parse(big, IGNORE_FILE_MAX, "", 0, &ig, &e) &&
	   ignore_count(ig) == 0, "a line of 4 MiB is no rule");
	ignore_free(ig);
	memcpy(big + IGNORE_LINE_MAX, "\nfoo\n\n#\n", 8);
	ok(!ignore_parse(big, IGNORE_LINE_MAX + 8, "", 0, &ig, &e) &&
	   ignore_count(ig) == 2, "the longest line is one");
	ignore_free(ig);
	ignore_free(NULL);
	free(big);
}

static int is_blank(int c) { return c == ' ' || c == '\t'; }
static int is_git_space(int c) { return strchr(" \t\n\r", c) != NULL; }

/* Every byte against every class; <ctype.h> is in the C locale here. */
static void test_classes(void)
{
	static const struct { const char *name; int (*has)(int); } is[] = {
		{ "alnum", isalnum }, { "alpha", isalpha },
		{ "blank", is_blank }, { "cntrl", iscntrl },
		{ "digit", isdigit }, { "graph", isgraph },
		{ "lower", islower }, { "print", isprint },
		{ "punct", ispunct }, { "space", is_git_space },
		{ "upper", isupper }, { "xdigit", isxdigit },
	};
	char pat[32], c;
	size_t i;
	int ch, bad;

	for (i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		snprintf(pat, sizeof(pat), "[[:%s:]]", is[i].name);
		for (bad = 0, ch = 1; ch < 256; ch++) {
			c = (char)ch;
			bad += ignore_wildmatch(pat, strlen(pat), &c, 1) !=
				(ch != '/' && is[i].has(ch) != 0);
		}
		ok(!bad, "%s", pat);
	}
}

/* repeat(): ${unit} again and again, up to ${n} bytes. */
static void repeat(char *to, size_t n, const char *unit)
{
	size_t i, u = strlen(unit);

	for (i = 0; i < n; i++)
		to[i] = unit[i % u];
}

/* Pairs that take exponential or cubic time where the matcher is naive. */
static void test_hostile(void)
{
	static const struct { const char *pat, *end, *text; } bad[] = {
		{ "*a", "b", "a" }, { "**/a", "b", "a/" },
		{ "**/*a", "b", "aa/a/aaaaaaaa/" }, { "*?", "b", "a" },
		{ "**/*[a-z]*", "/b", "aaaa/" }, { "*", "b", "a" },
		{ "[[:", "x]b", "[" }, { "*[a-z][[:alpha:]]", "b", "a" },
		{ "**/", "b", "a/" }, { "*[aaaaaaaaaaaaaaaaaaa]", "b", "a" },
		{ "*[[:[:[:[:[:[:[:[:[:]", "b", ":" }, { "\\a*", "b", "a" },
	};
	static char pat[IGNORE_LINE_MAX], text[PATH_LEN_MAX];
	clock_t t0, t, most = 0;
	size_t i, pn, en;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		en = strlen(bad[i].end);
		repeat(text, sizeof(text), bad[i].text);
		for (pn = 16; pn <= sizeof(pat); pn *= 2) {
			repeat(pat, pn - en, bad[i].pat);
			memcpy(pat + pn - en, bad[i].end, en);
			t0 = clock();
			ignore_wildmatch(pat, pn, text, sizeof(text));
			t = clock() - t0;
			if (t > most)
				most = t;
		}
	}
	printf("# slowest: %ld us\n", (long)(most * 1000000 / CLOCKS_PER_SEC));
	ok(most < CLOCKS_PER_SEC, "hostile patterns come to an end");

	/* and the limit is far from what people write */
	repeat(pat, 256, "*a");
	memcpy(pat + 250, "b", 1);
	repeat(text, sizeof(text), "a");
	text[sizeof(text) - 4] = 'b';
	ok(ignore_wildmatch(pat, 256, text, sizeof(text)),
	   "256 bytes of pattern on the longest path still match");
}

int main(void)
{
	test_lines();
	test_limits();
	test_classes();
	test_hostile();
	return done();
}
