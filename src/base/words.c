/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.c - split a command into words, and quote a word. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "base/banned.h"

void words_release(struct words *w)
{
	free(w->block);
	memset(w, 0, sizeof(*w));
}

static int blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* One word from *at to ${out}: its end there, NULL if a quote does not end. */
static char *one(const char **at, const char *end, char *out)
{
	const char *p = *at;
	char quote = 0;

	for (; p < end && (quote || !blank(*p)); p++) {
		if (quote == '\'') {
			if (*p == '\'')
				quote = 0;
			else
				*out++ = *p;
		} else if (*p == '\\') {
			if (++p == end)
				return NULL;
			/* In double quotes only these are escaped. */
			if (quote && !strchr("\"\\$`\n", *p))
				*out++ = '\\';
			if (*p != '\n')
				*out++ = *p;
		} else if (*p == '"') {
			quote = quote ? 0 : '"';
		} else if (*p == '\'' && !quote) {
			quote = '\'';
		} else {
			*out++ = *p;
		}
	}
	*at = p;
	return quote ? NULL : out;
}

static int split(const char *s, size_t n, struct words *w)
{
	const char *p = s, *end = s + n;
	char *out = w->block;

	for (;;) {
		while (p < end && blank(*p))
			p++;
		if (p == end)
			return 0;
		if (w->n == WORDS_MAX)
			return HUB_ELIMIT;
		w->at[w->n++] = out;
		out = one(&p, end, out);
		if (!out)
			return HUB_EUSAGE;
		*out++ = 0;
	}
}

int words_split(const char *s, size_t n, struct words *ret)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (n > WORDS_LEN_MAX)
		return HUB_ELIMIT;
	if (n && memchr(s, 0, n))
		return HUB_EUSAGE;
	/* A word loses nothing but what divides it from the next. */
	ret->block = malloc(n + 2);
	if (!ret->block)
		return HUB_ENOMEM;
	rc = split(s, n, ret);
	if (rc < 0)
		words_release(ret);
	return rc;
}

void words_quote(struct buf *b, const char *s)
{
	buf_addch(b, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_addstr(b, "'\\''");
		else
			buf_addch(b, *s);
	}
	buf_addch(b, '\'');
}
