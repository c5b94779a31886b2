/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-ignore.c - made-up rules and paths, to compare ignore.c with git.
 *
 *	test-ignore gen SEED FOLDERS	make FOLDERS folders with rule files in
 *			the current folder; paths to ask about, NUL-ended, go
 *			to stdout
 *	test-ignore check	read on stdin what
 *			`git check-ignore --no-index -z -v -n --stdin` said of
 *			them; each disagreement is printed, status 1 if any
 *	test-ignore match PATTERN PATH	status of ignore_wildmatch()
 *
 * Half of the paths are made from the patterns, so that many match.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repo/ignore.h"

#define RULES_MAX 6
#define PATHS 40
#define TEXT 512

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* A piece of a pattern, and texts that it may match (or nearly does). */
static const struct piece {
	const char *pat, *like[4];
} pieces[] = {
	{ "a", { "a", "a", "A", "" } },
	{ "b", { "b", "b", "b", "a" } },
	{ "ab", { "ab", "ab", "a", "abb" } },
	{ ".", { ".", ".", ".", "x" } },
	{ "foo", { "foo", "foo", "foo", "fo" } },
	{ "c.o", { "c.o", "c.o", "c.o", "c-o" } },
	{ "*", { "", "a", "ab.b", "a/b" } },
	{ "*", { "", "b", "foo", "/" } },
	{ "?", { "a", "]", "\303", "/" } },
	{ "**", { "", "a", "a/b", "b/a/ab" } },
	{ "**/", { "", "a/", "b/ab/", "foo/a/b/" } },
	{ "/**/", { "/", "/a/", "/ab/b/", "" } },
	{ "/**", { "/", "/a", "/a/b", "" } },
	{ "**\\/", { "", "a/", "b/ab/", "foo/a/b/" } },
	{ "*/", { "a/", "/", "ab/", "a/b/" } },
	{ "/", { "/", "/", "/", "" } },
	{ "/", { "/", "/", "/", "//" } },
	{ "\\/", { "/", "/", "/", "\\" } },
	{ "[ab]", { "a", "b", "c", "/" } },
	{ "[!a]", { "b", "!", "a", "/" } },
	{ "[^ab]", { "c", "^", "a", "/" } },
	{ "[a-c]", { "a", "c", "d", "-" } },
	{ "[c-a]", { "a", "b", "c", "-" } },
	{ "[]a]", { "]", "a", "a]", "[" } },
	{ "[!]a]", { "b", "]", "a]", "[" } },
	{ "[a-]", { "-", "a", "]", "b" } },
	{ "[-a]", { "-", "a", "]", "b" } },
	{ "[a-c-e]", { "b", "-", "d", "e" } },
	{ "[a\\]b]", { "]", "a", "b", "\\" } },
	{ "[a-\\c]", { "b", "c", "\\", "-" } },
	{ "[\\a-c]", { "b", "a", "\\", "-" } },
	{ "[+-/]", { ".", "/", "-", "," } },
	{ "[a/]", { "a", "/", "b", "" } },
	{ "[[:alpha:]]", { "a", "Z", "1", "\303" } },
	{ "[[:upper:]b]", { "A", "b", "a", ":" } },
	{ "[![:digit:]]", { "a", "1", "!", "" } },
	{ "[[:space:]]", { " ", "\t", "\v", "a" } },
	{ "[[:punct:]]", { "!", "~", "_", "a" } },
	{ "[[:xdigit:]-z]", { "f", "-", "z", "g" } },
	{ "[[:bogus:]]", { ":", "b", "[", "" } },
	{ "[[:al]", { "[", ":", "a", "" } },
	{ "[[:]", { "[", ":", "]", "" } },
	{ "[[:]]", { "[]", ":]", "]", "" } },
	{ "[[:a]b:]c]", { "[b:]c]", ":", "a", "" } },
	{ "[[:a-z:]]", { ":", "b", "a]", "" } },
	{ "[[=a=]]", { "a]", "=]", "[]", "" } },
	{ "[a", { "a", "[a", "[", "" } },
	{ "[", { "[", "a", "", "" } },
	{ "]", { "]", "]", "]", "" } },
	{ "[a-", { "a", "[a-", "-", "" } },
	{ "[[:alpha:", { "a", "[", ":", "" } },
	{ "\\a", { "a", "a", "\\a", "\\" } },
	{ "\\*", { "*", "*", "\\*", "a" } },
	{ "\\[a]", { "[a]", "[a]", "a", "" } },
	{ "\\\\", { "\\", "\\", "\\\\", "" } },
	{ "\\", { "\\", "", "a", "" } },
	{ " ", { " ", " ", "", "a" } },
	{ "\\ ", { " ", " ", "", "\\" } },
	{ "\t", { "\t", "\t", "", " " } },
	{ "\r", { "\r", "\r", "", " " } },
	{ "#", { "#", "#", "", "a" } },
	{ "!", { "!", "!", "", "a" } },
	{ "\\#", { "#", "#", "", "\\#" } },
	{ "\\!", { "!", "!", "", "\\!" } },
	{ "{a,b}", { "{a,b}", "a", "b", "" } },
	{ "\303\251", { "\303\251", "\303\251", "\303", "\251" } },
	{ "\377", { "\377", "\377", "", "\376" } },
	{ "[\200-\377]", { "\303", "\377", "a", "\200" } },
	{ "[\303\251]", { "\303", "\251", "\303\251", "" } },
};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

static void add(char *to, const char *what)
{
	size_t n = strlen(to), m = strlen(what);

	if (n + m + 2 < TEXT)
		memcpy(to + n, what, m + 1);
}

/* disputed(): git up to 2.51 forgets what stood before this "**"; ignore.c
 * says why we do not. */
static int disputed(const char *pat, const char *next)
{
	size_t n = strlen(pat);

	return n && next[0] == '*' && pat[n - 1] != '/' &&
		strcspn(pat, "*?[\\") == n;
}

static void make_rule(char *pat, const struct piece **used, int *nr)
{
	int want = 1 + (int)pick(5);

	pat[0] = '\0';
	*nr = 0;
	if (!pick(8))
		add(pat, pick(2) ? "/" : "!");
	while (*nr < want) {
		const struct piece *p = &pieces[pick(PIECES)];

		if (pick(2))	/* the first ones more often */
			p = &pieces[pick(18)];
		if (disputed(pat, p->pat))
			continue;
		add(pat, p->pat);
		used[(*nr)++] = p;
	}
	if (!pick(6))
		add(pat, "/");
	if (!pick(20))
		add(pat, pick(2) ? "  " : "\\  ");
}

/* say_path(): ${path} with what git would take apart or refuse made harmless. */
static void say_path(const char *folder, const char *path)
{
	char out[TEXT + 32];
	size_t n;
	const char *p = path, *end;

	n = (size_t)snprintf(out, sizeof(out), "%s", folder);
	for (; *p; p = *end ? end + 1 : end) {
		size_t len;

		end = strchr(p, '/');
		if (!end)
			end = p + strlen(p);
		len = (size_t)(end - p);
		if (!len)
			continue;
		out[n++] = '/';
		memcpy(out + n, p, len);
		n += len;
		if ((len == 1 && p[0] == '.') ||
		    (len == 2 && !memcmp(p, "..", 2)))
			out[n++] = 'a';
	}
	out[n++] = '\0';
	if (strlen(folder) + 1 < n)
		fwrite(out, 1, n, stdout);
}

static void make_path(const char *folder, const struct piece *used[][8],
		      const int *nr, int rules)
{
	char path[TEXT] = "";
	int i, r = (int)pick((unsigned)rules);

	if (!pick(4))
		add(path, pick(2) ? "a/" : "foo/b/");
	if (pick(2)) {
		for (i = 0; i < nr[r]; i++)
			add(path, used[r][i]->like[pick(pick(3) ? 3 : 4)]);
	} else {
		for (i = 1 + (int)pick(4); i > 0; i--)
			add(path, pieces[pick(PIECES)].like[pick(4)]);
	}
	if (!pick(4))
		add(path, pick(2) ? "/a" : "/ab.b/foo");
	say_path(folder, path);
}

static int gen(unsigned folders)
{
	static const char *const ends[] = { "\n", "\n", "\n", "\r\n", "\n#x\n",
		"\n\n", " \n", "\r\r\n", " \r\n", "\n \n", "\n/\n!\n" };
	const struct piece *used[RULES_MAX][8];
	char name[32], file[64], pat[TEXT];
	int nr[RULES_MAX], rules, i;
	unsigned f;

	for (f = 0; f < folders; f++) {
		FILE *out;

		snprintf(name, sizeof(name), "d%05u", f);
		snprintf(file, sizeof(file), "%s/a", name);
		if (mkdir(name, 0777) || mkdir(file, 0777))
			return 2;
		/* one file in eight lies deeper than the others */
		snprintf(file, sizeof(file), "%s%s/.gitignore", name,
			 pick(8) ? "" : "/a");
		out = fopen(file, "wb");
		if (!out)
			return 2;
		if (!pick(16))
			fputs("\xef\xbb\xbf", out);
		/* mostly one rule, so that nothing hides behind another */
		rules = pick(3) ? 1 : 1 + (int)pick(RULES_MAX);
		for (i = 0; i < rules; i++) {
			make_rule(pat, used[i], &nr[i]);
			fprintf(out, "%s%s%s", i && !pick(3) ? "!" : "", pat,
				i + 1 == rules && !pick(4) ? "" :
				ends[pick(sizeof(ends) / sizeof(ends[0]))]);
		}
		if (!pick(32))
			fwrite("a\0b\n", 1, 4, out);
		if (fclose(out))
			return 2;
		for (i = 0; i < PATHS; i++)
			make_path(name, used, nr, rules);
	}
	return 0;
}

/* rules_of(): the rule file of folder ${path}[0..n), or NULL. */
static struct ignore *rules_of(const char *path, size_t n)
{
	char file[TEXT + 64];
	static char text[1 << 16];
	struct ignore *ig = NULL;
	FILE *in;
	size_t len;

	snprintf(file, sizeof(file), "%.*s.gitignore", (int)n, path);
	in = fopen(file, "rb");
	if (!in)
		return NULL;
	len = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (ignore_parse(text, len, path, n, &ig, NULL))
		exit(2);
	return ig;
}

/* ask(): what the rules on the way say: the first ignored folder decides. */
static int ask(const char *path)
{
	struct ignore *rules[TEXT];
	size_t n = strlen(path), i;
	struct stat st;
	int r = -1, k, nr = 0;
	int is_dir = !lstat(path, &st) && S_ISDIR(st.st_mode);

	for (i = 0; i <= n; i++) {
		if (i < n && path[i] != '/')
			continue;
		for (r = -1, k = nr; r < 0 && k > 0; k--)
			r = ignore_match(rules[k - 1], path, i,
					 i < n || is_dir);
		if (r == 1 || i == n)
			break;
		rules[nr] = rules_of(path, i + 1);
		nr += rules[nr] != NULL;
	}
	while (nr > 0)
		ignore_free(rules[--nr]);
	return r;
}

/* field(): one NUL-ended piece of stdin; 0 at the end. */
static int field(char *to, size_t max)
{
	size_t n = 0;
	int c;

	while ((c = getchar()) != EOF) {
		if (n < max)
			to[n++] = (char)c;
		if (!c)
			return 1;
	}
	return 0;
}

static int check(void)
{
	char file[TEXT], line[TEXT], pat[TEXT], path[TEXT + 32];
	unsigned long cases = 0, hits = 0, bad = 0;

	while (field(file, sizeof(file)) && field(line, sizeof(line)) &&
	       field(pat, sizeof(pat)) && field(path, sizeof(path))) {
		int git = !file[0] ? -1 : pat[0] != '!';
		int we = ask(path);

		cases++;
		hits += git >= 0;
		if (we == git)
			continue;
		bad++;
		printf("%s:%s <%s> path <%s>: git %d, hub %d\n", file, line,
		       pat, path, git, we);
	}
	printf("%lu cases, %lu with a rule that matches, %lu differ\n", cases,
	       hits, bad);
	return bad || hits < cases / 10 || !cases;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "gen")) {
		seed = strtoull(argv[2], NULL, 10);
		return gen((unsigned)strtoul(argv[3], NULL, 10));
	}
	if (argc == 2 && !strcmp(argv[1], "check"))
		return check();
	if (argc == 4 && !strcmp(argv[1], "match"))
		return !ignore_wildmatch(argv[2], strlen(argv[2]), argv[3],
					 strlen(argv[3]));
	fprintf(stderr, "usage: test-ignore gen SEED FOLDERS | check | match PATTERN PATH\n");
	return 129;
}
