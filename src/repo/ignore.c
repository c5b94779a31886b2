/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ignore.c - the rules of one .gitignore file: parse, and match one path.
 *
 * What this file does not do: open files, walk, or know about other rule files
 * and parent folders; see scan_rules.c.
 *
 * Checked against git itself by t3001.  One difference is wanted: up to
 * version 2.51 git took the "**" in "foo**" + "/bar" for a whole component,
 * because it had compared and forgotten "foo" before; we do as gitignore(5)
 * says and as git does since.
 *
 * Speed: a scan asks about every path.  Rules that want a certain last byte
 * are chained by it, so that most are never looked at; of the others many fail
 * at the first byte; "name" and "*.suffix" need no wildmatch, and of other
 * patterns the part before the first special character is compared first.
 */
#include "repo/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

enum rule_flags {
	RULE_TAKES_BACK = 1,	/* "!" */
	RULE_FOLDERS = 2,	/* ends with a slash */
	RULE_NAME = 4,		/* no other slash: compared with the last
				   component, at any depth */
	RULE_SUFFIX = 8,	/* RULE_NAME of the form "*literal" */
};

struct rule {
	uint32_t at;		/* where its pattern begins in text */
	uint16_t n;
	uint16_t literal;	/* bytes before the first * ? [ or backslash */
	uint8_t flags;
	uint8_t first, last;	/* bytes that a match must begin and end with;
				   0: any */
	uint32_t before;	/* number of the next rule up with this last
				   byte; 0: none */
};

/*
 * Invariants: every rule has 1 <= n <= IGNORE_LINE_MAX, at + n is inside text,
 * literal <= n; rules stand in the order of the file; rule number i is
 * rules[i - 1], and chains go to smaller numbers.
 */
struct ignore {
	char *base, *text;	/* behind the rules, in one piece of memory */
	size_t base_n;
	size_t nr;
	uint32_t chain[256];	/* the last rule with this last byte, or 0 */
	struct rule rules[];
};

_Static_assert(IGNORE_LINE_MAX <= UINT16_MAX, "struct rule counts in 16 bits");

/* lines_next(): the next line that may be a rule, without its end of line; 0
 * at the end. */
static int lines_next(struct span *rest, struct span *line)
{
	const uint8_t *nl;

	while (rest->n) {
		line->p = rest->p;
		nl = memchr(rest->p, '\n', rest->n);
		line->n = nl ? (size_t)(nl - rest->p) : rest->n;
		rest->p += line->n + !!nl;
		rest->n -= line->n + !!nl;
		if (line->n && line->p[0] != '#')
			return 1;
	}
	return 0;
}

/*
 * pattern_end(): length of the pattern in a line: up to the first NUL (git
 * has C strings), without one '\r' at the very end of the line, without blanks
 * at the end but those quoted by a backslash.
 */
static size_t pattern_end(const uint8_t *p, size_t n)
{
	const uint8_t *nul;
	size_t i, end = 0;

	if (n && p[n - 1] == '\r')
		n--;
	nul = memchr(p, 0, n);
	if (nul)
		n = (size_t)(nul - p);
	for (i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 1 < n)
			i++;
		else if (p[i] == ' ')
			continue;
		end = i + 1;
	}
	return end;
}

static int is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

static size_t literal_n(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && !is_special(p[i]))
		i++;
	return i;
}

/* rule_parse(): 1 and the rule in ${r}, or 0 if it could match nothing. */
static int rule_parse(const char *text, struct span line, struct rule *r)
{
	const char *p = (const char *)line.p;
	size_t n = pattern_end(line.p, line.n);

	r->flags = 0;
	if (n && p[0] == '!') {
		r->flags |= RULE_TAKES_BACK;
		p++;
		n--;
	}
	if (n && p[n - 1] == '/') {
		r->flags |= RULE_FOLDERS;
		n--;
	}
	if (!memchr(p, '/', n)) {
		r->flags |= RULE_NAME;
	} else if (p[0] == '/') {
		p++;
		n--;
	}
	if (!n || n > IGNORE_LINE_MAX)
		return 0;
	r->at = (uint32_t)(p - text);
	r->n = (uint16_t)n;
	r->literal = (uint16_t)literal_n(p, n);
	r->first = is_special(p[0]) ? 0 : (uint8_t)p[0];
	/* Quoted or not, what ends no class stands for itself. */
	r->last = is_special(p[n - 1]) || p[n - 1] == ']' ? 0 :
		(uint8_t)p[n - 1];
	if ((r->flags & RULE_NAME) && p[0] == '*' &&
	    literal_n(p + 1, n - 1) == n - 1)
		r->flags |= RULE_SUFFIX;
	return 1;
}

static void add_rule(struct ignore *ig, struct span line)
{
	struct rule *r = &ig->rules[ig->nr];

	if (!rule_parse(ig->text, line, r))
		return;
	r->before = ig->chain[r->last];
	ig->chain[r->last] = (uint32_t)++ig->nr;
}

int ignore_parse(const void *p, size_t n, const char *base, size_t base_n,
		 struct ignore **ret, struct err *e)
{
	struct ignore *ig;
	struct span all = { p, n }, rest, line;
	size_t nr = 0;

	if (n > IGNORE_FILE_MAX)
		return err_set(e, HUB_ELIMIT,
			       "'%.*s.gitignore' has more than %u bytes; make it shorter",
			       (int)base_n, base, IGNORE_FILE_MAX);
	if (n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) {
		all.p += 3;
		all.n -= 3;
	}
	for (rest = all; lines_next(&rest, &line); )
		nr++;
	ig = malloc(sizeof(*ig) + nr * sizeof(struct rule) + base_n + all.n + 1);
	if (!ig)
		return err_nomem(e);
	ig->base = (char *)(ig->rules + nr);
	ig->base_n = base_n;
	ig->text = ig->base + base_n;
	ig->nr = 0;
	memset(ig->chain, 0, sizeof(ig->chain));
	if (base_n)
		memcpy(ig->base, base, base_n);
	if (all.n)
		memcpy(ig->text, all.p, all.n);
	rest.p = (const uint8_t *)ig->text;
	rest.n = all.n;
	while (lines_next(&rest, &line))
		add_rule(ig, line);
	*ret = ig;
	return 0;
}

void ignore_free(struct ignore *ig)
{
	free(ig);
}

size_t ignore_count(const struct ignore *ig)
{
	return ig->nr;
}

/* rule_on_name(): a RULE_NAME and the last component of a path. */
static int rule_on_name(const struct rule *r, const char *pat,
			const char *name, size_t n)
{
	size_t tail;

	if (!n || (r->first && r->first != (uint8_t)name[0]))
		return 0;
	if (r->literal == r->n)
		return n == r->n && !memcmp(pat, name, n);
	if (r->flags & RULE_SUFFIX) {
		tail = r->n - 1u;
		return n >= tail && !memcmp(pat + 1, name + n - tail, tail);
	}
	if (n < r->literal || memcmp(pat, name, r->literal))
		return 0;
	return ignore_wildmatch(pat, r->n, name, n);
}

/* rule_on_path(): a rule with a slash, and the path below the rules' folder. */
static int rule_on_path(const struct rule *r, const char *pat,
			const char *path, size_t n)
{
	size_t known = r->literal;

	if (r->first && r->first != (uint8_t)path[0])
		return 0;
	if (n < known || memcmp(pat, path, known))
		return 0;
	if (known == r->n)
		return n == known;
	/* One byte stays: "**" looks at what stands before it. */
	if (known)
		known--;
	return ignore_wildmatch(pat + known, r->n - known, path + known,
				n - known);
}

int ignore_match(const struct ignore *ig, const char *path, size_t n,
		 int is_dir)
{
	const struct rule *r;
	const char *pat, *name;
	uint32_t any, sure;	/* numbers of the next rule of two chains */
	size_t name_n;
	int hit;

	if (n <= ig->base_n || memcmp(path, ig->base, ig->base_n))
		return -1;
	path += ig->base_n;
	n -= ig->base_n;
	for (name = path + n; name > path && name[-1] != '/'; name--)
		;
	name_n = n - (size_t)(name - path);
	any = ig->chain[0];
	sure = path[n - 1] ? ig->chain[(uint8_t)path[n - 1]] : 0;
	while (any || sure) {
		r = &ig->rules[(any > sure ? any : sure) - 1];
		*(any > sure ? &any : &sure) = r->before;
		if ((r->flags & RULE_FOLDERS) && !is_dir)
			continue;
		pat = ig->text + r->at;
		if (r->flags & RULE_NAME)
			hit = rule_on_name(r, pat, name, name_n);
		else
			hit = rule_on_path(r, pat, path, n);
		if (hit)
			return !(r->flags & RULE_TAKES_BACK);
	}
	return -1;
}
