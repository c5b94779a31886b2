/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ignore_wildmatch.c - does one glob match one path, as git's WM_PATHNAME says.
 *
 * The language (what git documents in gitignore(5), and what it does where
 * that page is silent):
 *	*	any bytes but '/'
 *	**	where it is a whole component: "**" at the end is everything,
 *		"**" and a slash is any number of components, also none (an
 *		escaped slash there takes at least one); elsewhere the same
 *		as "*"
 *	?	one byte but '/'
 *	[...]	one byte but '/', see class_has()
 *	\x	x itself; a backslash at the end matches nothing
 *
 * Why one loop and two resume points are enough, where the obvious recursion
 * is exponential.  A later star makes every earlier star of its kind useless:
 *	"*"	cannot leave its component.  Text between two of them without
 *		a slash may as well be found as early as possible (the second
 *		star then has more to choose from); text with a slash in it
 *		can sit in one place only.
 *	"**"	starts after any slash, so to reach it earlier is never worse;
 *		and a "*" before it has done its work.
 * So a mismatch is answered by moving the last "*" by one byte, or, when that
 * would cross a slash, the last "**" by one component.
 *
 * Cost: about pattern times text in the worst case.  WILD_STEPS_MAX is the
 * hard end for hostile pairs: beyond it the answer is "no match".  256 bytes
 * of pattern on the longest path need less than a quarter of it.
 */
#include "repo/ignore.h"

#include <string.h>

#include "base/banned.h"

#define WILD_STEPS_MAX (1u << 22)
#define NOWHERE ((size_t)-1)

struct wild {
	const unsigned char *p;	/* pattern */
	size_t pn;
	const unsigned char *s;	/* text */
	size_t n;
	size_t pi, si;		/* where we are in both */
	size_t star_p, star_s;	/* after the last "*"; text it ends before */
	size_t deep_p, deep_s;	/* the same for the last "**" and its slash */
	size_t steps;
};

enum went {
	GO_ON,
	MATCH,
	MISMATCH,	/* but a star may be moved */
	NEVER,		/* whatever the text: every match passes through here */
};

/* The classes are git's, which are ASCII and know four blanks only. */
static int is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int is_lower(int c) { return c >= 'a' && c <= 'z'; }
static int is_upper(int c) { return c >= 'A' && c <= 'Z'; }
static int is_digit(int c) { return c >= '0' && c <= '9'; }
static int is_alpha(int c) { return is_lower(c) || is_upper(c); }
static int is_alnum(int c) { return is_alpha(c) || is_digit(c); }
static int is_blank(int c) { return c == ' ' || c == '\t'; }
static int is_cntrl(int c) { return c < 0x20 || c == 0x7f; }
static int is_print(int c) { return c >= 0x20 && c <= 0x7e; }
static int is_graph(int c) { return c > 0x20 && c <= 0x7e; }
static int is_punct(int c) { return is_graph(c) && !is_alnum(c); }

static int is_xdigit(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const struct {
	const char *name;
	int (*has)(int c);
} classes[] = {
	{ "alnum", is_alnum }, { "alpha", is_alpha }, { "blank", is_blank },
	{ "cntrl", is_cntrl }, { "digit", is_digit }, { "graph", is_graph },
	{ "lower", is_lower }, { "print", is_print }, { "punct", is_punct },
	{ "space", is_space }, { "upper", is_upper }, { "xdigit", is_xdigit },
};

/* named(): 1 or 0, or -1 if there is no class of this name. */
static int named(const unsigned char *name, size_t n, int c)
{
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strlen(classes[i].name) == n &&
		    !memcmp(classes[i].name, name, n))
			return classes[i].has(c);
	return -1;
}

/*
 * class_named(): "[:name:]" whose '[' is at ${*at}; moves that to its ']'.
 * ${*close} remembers the next ']' from one call to the next, so that a class
 * full of "[:" is not searched again for each.  1, 0 or -1 as named(); -2
 * (nothing moved) if it is not of that form and '[' stands for itself.
 */
static int class_named(const struct wild *w, size_t *at, size_t *close, int c)
{
	size_t from = *at + 2;

	if (*close < from)
		*close = from;
	while (*close < w->pn && w->p[*close] != ']')
		++*close;
	if (*close == w->pn)
		return -1;
	if (*close == from || w->p[*close - 1] != ':')
		return -2;
	*at = *close;
	return named(w->p + from, *close - 1 - from, c);
}

/*
 * class_has(): the bracket expression whose '[' is at w->pi: is byte ${c} in
 * it?  Moves w->pi behind the closing ']'.  A ']' that comes first stands for
 * itself, '!' or '^' before that negates, "a-z" is a range of bytes unless an
 * end is missing, a backslash quotes.  1, 0, or -1 where git gives up: no
 * closing ']', an unknown [:name:].
 */
static int class_has(struct wild *w, int c)
{
	const unsigned char *p = w->p;
	size_t i = w->pi + 1, close = 0, pn = w->pn;
	int negated = i < pn && (p[i] == '!' || p[i] == '^');
	int found = 0, low = 0, r;	/* low: may begin a range; 0: nothing */

	i += (size_t)negated;
	do {
		if (i >= pn)
			return -1;
		if (p[i] == '-' && low && i + 1 < pn && p[i + 1] != ']') {
			i++;
			if (p[i] == '\\' && ++i == pn)
				return -1;
			found |= c >= low && c <= p[i];
			low = 0;
			continue;
		}
		if (p[i] == '[' && i + 1 < pn && p[i + 1] == ':') {
			r = class_named(w, &i, &close, c);
			if (r == -1)
				return -1;
			if (r >= 0) {
				found |= r;
				low = 0;
				continue;
			}
		} else if (p[i] == '\\' && ++i == pn) {
			return -1;
		}
		low = p[i];
		found |= c == low;
	} while (++i >= pn || p[i] != ']');
	w->steps += i - w->pi;
	w->pi = i + 1;
	return found != negated;
}

/* one(): match one element that is no star against the byte at w->si. */
static enum went one(struct wild *w)
{
	int c, r;

	if (w->si == w->n)
		return MISMATCH;
	c = w->s[w->si++];
	switch (w->p[w->pi]) {
	case '?':
		w->pi++;
		return c != '/' ? GO_ON : MISMATCH;
	case '[':
		r = class_has(w, c);
		if (r < 0)
			return NEVER;
		return r && c != '/' ? GO_ON : MISMATCH;
	case '\\':
		if (++w->pi == w->pn)
			return NEVER;
		break;
	}
	return w->p[w->pi++] == c ? GO_ON : MISMATCH;
}

/* star(): a run of '*' at w->pi. */
static enum went star(struct wild *w)
{
	size_t from = w->pi, end = from;
	int slash, quoted;

	while (end < w->pn && w->p[end] == '*')
		end++;
	slash = end < w->pn && w->p[end] == '/';
	quoted = end + 1 < w->pn && w->p[end] == '\\' && w->p[end + 1] == '/';
	w->steps += end - from;
	w->pi = end;
	if (end - from < 2 || (from && w->p[from - 1] != '/') ||
	    (end < w->pn && !slash && !quoted)) {
		w->star_p = end;
		w->star_s = w->si;
		return GO_ON;
	}
	if (end == w->pn)
		return MATCH;
	w->pi += slash ? 1 : 2;
	w->deep_p = w->pi;
	w->deep_s = w->si;
	w->star_p = NOWHERE;
	return slash ? GO_ON : MISMATCH;
}

/*
 * move_star(): let the last "*" take at least one byte more, and at once as
 * many as the literal behind it asks for.  0 if its component has too few.
 */
static int move_star(struct wild *w)
{
	size_t i = w->star_s;
	int c = w->star_p < w->pn ? w->p[w->star_p] : '*';

	if (i == w->n || w->s[i] == '/')
		return 0;
	i++;
	if (c != '?' && c != '[' && c != '\\' && c != '*') {
		while (i < w->n && w->s[i] != c && w->s[i] != '/')
			i++;
		w->steps += i - w->star_s;
		if (i == w->n || w->s[i] != c)
			return 0;
	}
	w->si = w->star_s = i;
	w->pi = w->star_p;
	return 1;
}

/* retry(): after a mismatch, move the last star.  0 if there is none to move. */
static int retry(struct wild *w)
{
	const unsigned char *slash;

	if (w->star_p != NOWHERE && move_star(w))
		return 1;
	if (w->deep_p == NOWHERE || w->deep_s == w->n)
		return 0;
	slash = memchr(w->s + w->deep_s, '/', w->n - w->deep_s);
	if (!slash)
		return 0;
	w->si = w->deep_s = (size_t)(slash - w->s) + 1;
	w->pi = w->deep_p;
	w->star_p = NOWHERE;
	return 1;
}

int ignore_wildmatch(const char *pat, size_t pn, const char *s, size_t n)
{
	struct wild w = {
		.p = (const unsigned char *)pat, .pn = pn,
		.s = (const unsigned char *)s, .n = n,
		.star_p = NOWHERE, .deep_p = NOWHERE,
	};
	enum went r;

	for (; w.steps < WILD_STEPS_MAX; w.steps++) {
		if (w.pi == w.pn)
			r = w.si == w.n ? MATCH : MISMATCH;
		else if (w.p[w.pi] == '*')
			r = star(&w);
		else
			r = one(&w);
		if (r == MATCH)
			return 1;
		if (r == NEVER || (r == MISMATCH && !retry(&w)))
			return 0;
	}
	return 0;
}
