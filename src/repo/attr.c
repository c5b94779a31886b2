/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attr.c - the `merge` attribute of a path.
 *
 * What this file does not do: read trees (tree_merge_attr.c does), or know of
 * any other attribute, but for macros that may set this one.
 *
 * As in git the rules are asked from the strongest to the weakest, and what
 * was said first about an attribute stands, `!merge` included.  A macro
 * that is set stands for its definition, in the place where it is set.
 */
#include "repo/attr.h"

#include <string.h>

#include "repo/ignore.h"
#include "base/banned.h"

enum value { UNKNOWN, VALUE_SET, VALUE_UNSET, VALUE_NONE, VALUE_TEXT };

struct macro {
	struct span name, body;
	int known;		/* a stronger rule spoke of it */
};

struct ask {
	struct macro macro[ATTR_MACROS_MAX];
	size_t macro_n;
	enum value merge;
	struct span text;	/* of VALUE_TEXT */
};

struct item {
	enum value value;
	struct span name, text;
};

static int is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int span_is(struct span s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

static void skip(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* word(): the next one of ${rest}; empty at its end. */
static struct span word(struct span *rest)
{
	struct span w;

	while (rest->n && is_blank(*rest->p))
		skip(rest, 1);
	w = *rest;
	for (w.n = 0; w.n < rest->n && !is_blank(w.p[w.n]); w.n++)
		;
	skip(rest, w.n);
	return w;
}

/* word_last(): the same from the end. */
static struct span word_last(struct span *rest)
{
	struct span w;
	size_t end;

	while (rest->n && is_blank(rest->p[rest->n - 1]))
		rest->n--;
	for (end = rest->n; rest->n && !is_blank(rest->p[rest->n - 1]);)
		rest->n--;
	w.p = rest->p + rest->n;
	w.n = end - rest->n;
	return w;
}

static int name_ok(struct span s)
{
	size_t i;

	if (!s.n || s.p[0] == '-')
		return 0;
	for (i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!(c == '-' || c == '.' || c == '_' ||
		      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z')))
			return 0;
	}
	return 1;
}

/* item_parse(): "a", "-a", "!a", "a=text": 1 if it is one. */
static int item_parse(struct span w, struct item *ret)
{
	const uint8_t *eq = w.n ? memchr(w.p, '=', w.n) : NULL;

	ret->value = VALUE_SET;
	ret->text.n = 0;
	if (w.n && (*w.p == '-' || *w.p == '!')) {
		ret->value = *w.p == '-' ? VALUE_UNSET : VALUE_NONE;
		skip(&w, 1);
	} else if (eq) {
		ret->value = VALUE_TEXT;
		ret->text.p = eq + 1;
		ret->text.n = w.n - (size_t)(eq + 1 - w.p);
		w.n = (size_t)(eq - w.p);
	}
	ret->name = w;
	return name_ok(w);
}

static int items_ok(struct span rest)
{
	struct item it;
	struct span w;

	while ((w = word(&rest)).n)
		if (!item_parse(w, &it))
			return 0;
	return 1;
}

static struct macro *macro_get(struct ask *a, struct span name)
{
	size_t i;

	for (i = 0; i < a->macro_n; i++)
		if (a->macro[i].name.n == name.n &&
		    !memcmp(a->macro[i].name.p, name.p, name.n))
			return &a->macro[i];
	return NULL;
}

static void macro_put(struct ask *a, struct span name, struct span body)
{
	struct macro *m = macro_get(a, name);

	if (!m && a->macro_n == ATTR_MACROS_MAX)
		return;
	if (!m)
		m = &a->macro[a->macro_n++];
	m->name = name;
	m->body = body;
	m->known = 0;
}

/* take(): what these attributes say, the last one first.  Recursion is bounded:
 * each macro is entered once. */
static void take(struct ask *a, struct span rest)
{
	struct macro *m;
	struct item it;
	struct span w;

	while (a->merge == UNKNOWN && (w = word_last(&rest)).n) {
		if (!item_parse(w, &it))
			continue;
		if (span_is(it.name, "merge")) {
			a->merge = it.value;
			a->text = it.text;
			continue;
		}
		m = macro_get(a, it.name);
		if (!m || m->known)
			continue;
		m->known = 1;
		if (it.value == VALUE_SET)
			take(a, m->body);
	}
}

static uint8_t unescaped(uint8_t c)
{
	static const char from[] = "abfnrtv\\\"", to[] = "\a\b\f\n\r\t\v\\\"";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? (uint8_t)to[at - from] : 0;
}

static int octal(const uint8_t *p)
{
	int i, v = 0;

	for (i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > (i ? '7' : '3'))
			return -1;
		v = v * 8 + (p[i] - '0');
	}
	return v;
}

/* unquote(): "a\tb\001" of C; length, or 0 if ${rest} begins with no such. */
static size_t unquote(struct span *rest, uint8_t *out)
{
	struct span r = { rest->p + 1, rest->n - 1 };
	size_t n = 0;

	while (r.n && *r.p != '"') {
		int v = *r.p;

		if (v == '\\') {
			skip(&r, 1);
			v = r.n >= 3 ? octal(r.p) : -1;
			if (v >= 0)
				skip(&r, 2);
			else
				v = r.n ? unescaped(*r.p) : 0;
			if (!v)
				return 0;
		}
		out[n++] = (uint8_t)v;
		skip(&r, 1);
	}
	if (!r.n)
		return 0;
	skip(&r, 1);
	*rest = r;
	return n;
}

/* matches(): does a pattern match a file?  One that ends with a slash is for
 * folders, and folders have no content. */
static int matches(const uint8_t *pattern, size_t n, const char *path,
		   size_t path_n, size_t base_n)
{
	const char *p = (const char *)pattern;
	size_t name = path_n;

	if (!n || p[n - 1] == '/')
		return 0;
	if (!memchr(p, '/', n)) {
		while (name && path[name - 1] != '/')
			name--;
		return ignore_wildmatch(p, n, path + name, path_n - name);
	}
	if (*p == '/') {
		p++;
		n--;
	}
	return ignore_wildmatch(p, n, path + base_n, path_n - base_n);
}

/* line_head(): the pattern of a line, or the name of a macro (*macro): its
 * length; 0 if the line is no rule.  ${line} becomes the attributes. */
static size_t line_head(struct span *line, uint8_t *out, int *macro)
{
	struct span w;
	size_t n = 0;

	*macro = 0;
	while (line->n && is_blank(*line->p))
		skip(line, 1);
	if (!line->n || *line->p == '#' || line->n >= ATTR_LINE_MAX)
		return 0;
	if (*line->p == '"')
		n = unquote(line, out);
	if (!n) {
		w = word(line);
		n = w.n;
		memcpy(out, w.p, n);
	}
	if (n > 6 && !memcmp(out, "[attr]", 6)) {
		*macro = 1;
		n -= 6;
		memmove(out, out + 6, n);
	} else if (out[0] == '!') {
		return 0;
	}
	return items_ok(*line) ? n : 0;
}

static struct span until_nul(struct span s)
{
	const uint8_t *nul = s.n ? memchr(s.p, 0, s.n) : NULL;

	if (nul)
		s.n = (size_t)(nul - s.p);
	return s;
}

static void read_macros(struct ask *a, struct span rest)
{
	static const uint8_t binary[] = "binary", body[] = "-diff -merge -text";
	uint8_t head[ATTR_LINE_MAX];
	int macro;

	macro_put(a, (struct span){ binary, sizeof(binary) - 1 },
		  (struct span){ body, sizeof(body) - 1 });
	while (rest.n) {
		const uint8_t *nl = memchr(rest.p, '\n', rest.n);
		struct span line = rest, name;
		size_t n;

		line.n = nl ? (size_t)(nl - rest.p) : rest.n;
		skip(&rest, line.n + !!nl);
		line = until_nul(line);
		n = line_head(&line, head, &macro);
		if (!n || !macro)
			continue;
		/* it stands, unquoted, right before the attributes */
		name.p = line.p - n;
		name.n = n;
		if (name_ok(name))
			macro_put(a, name, line);
	}
}

static void ask_file(struct ask *a, const struct attr_file *f,
		     const char *path, size_t path_n)
{
	struct span rest = f->text, line;
	uint8_t head[ATTR_LINE_MAX];
	int macro;
	size_t n;

	while (a->merge == UNKNOWN && rest.n) {
		size_t end = rest.n;

		while (rest.n && rest.p[rest.n - 1] != '\n')
			rest.n--;
		line.p = rest.p + rest.n;
		line.n = end - rest.n;
		rest.n -= rest.n > 0;
		line = until_nul(line);
		n = line_head(&line, head, &macro);
		if (n && !macro && matches(head, n, path, path_n, f->base_n))
			take(a, line);
	}
}

/* A file begins with no byte order mark, and is not too large. */
static struct attr_file sane(struct attr_file f)
{
	if (f.text.n > ATTR_FILE_MAX)
		f.text.n = 0;
	if (f.text.n >= 3 && !memcmp(f.text.p, "\xef\xbb\xbf", 3))
		skip(&f.text, 3);
	return f;
}

enum attr_merge attr_merge(const struct attr_file *files, size_t n,
			   const char *path, size_t path_n)
{
	struct ask a = { .merge = UNKNOWN };
	struct attr_file f;

	read_macros(&a, sane(files[0]).text);
	while (n-- && a.merge == UNKNOWN) {
		f = sane(files[n]);
		ask_file(&a, &f, path, path_n);
	}
	if (a.merge == VALUE_UNSET ||
	    (a.merge == VALUE_TEXT && span_is(a.text, "binary")))
		return ATTR_MERGE_NEVER;
	if (a.merge == VALUE_TEXT && span_is(a.text, "union"))
		return ATTR_MERGE_UNION;
	return ATTR_MERGE_LINES;
}
