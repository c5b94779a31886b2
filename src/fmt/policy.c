/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.c - read the content policy and decide, hubformat-policy(5).
 *
 * People write this file, so blanks and tabs are free and the end of the last
 * line may be missing.  A line that is not understood is an error all the same:
 * a rule that silently does nothing would store files in the wrong form for ever.
 */
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "base/rd.h"
#include "fmt/pointer.h"
#include "fmt/policy.h"

struct line {
	struct span word, rest;
	unsigned nr;
};

struct seen {
	int binary, text;
};

void policy_init(struct policy *p)
{
	p->binary_over = POLICY_BINARY_OVER;
	p->text_over = POLICY_TEXT_OVER;
	buf_init(&p->rules);
}

void policy_release(struct policy *p)
{
	buf_release(&p->rules);
	policy_init(p);
}

/* ---- sizes ---- */

int policy_size_parse(const char *s, size_t n, uint64_t *ret)
{
	unsigned shift = 0;
	uint64_t v = 0;

	if (n && s[n - 1] == 'K')
		shift = 10;
	else if (n && s[n - 1] == 'M')
		shift = 20;
	else if (n && s[n - 1] == 'G')
		shift = 30;
	n -= shift != 0;
	if (hex_dec_u64(s, n, &v) < 0 || v > POLICY_OVER_MAX >> shift ||
	    v << shift < POLICY_OVER_MIN)
		return HUB_EUSAGE;
	*ret = v << shift;
	return 0;
}

void policy_size_add(struct buf *out, uint64_t v)
{
	static const char letters[] = "KMG";
	int i;

	for (i = -1; i < 2 && v && !(v & 1023); i++)
		v >>= 10;
	buf_addf(out, "%llu", (unsigned long long)v);
	if (i >= 0)
		buf_addch(out, letters[i]);
}

/* ---- lines ---- */

static int is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

int policy_pattern_check(const char *pattern, size_t n, struct err *e)
{
	size_t i;

	if (!n || n > POLICY_PATTERN_MAX)
		return err_set(e, HUB_EUSAGE, "a pattern has 1 to %d bytes",
			       POLICY_PATTERN_MAX);
	if (pattern[0] == '!' || pattern[0] == '#')
		return err_set(e, HUB_EUSAGE, "a pattern does not begin with "
			       "'%c'; write '\\%c'", pattern[0], pattern[0]);
	for (i = 0; i < n; i++)
		if ((uint8_t)pattern[i] < ' ' || pattern[i] == 0x7f)
			return err_set(e, HUB_EUSAGE, "a pattern has no control "
				       "characters; write '?' for one");
	if (is_blank((uint8_t)pattern[n - 1]) || is_blank((uint8_t)pattern[0]))
		return err_set(e, HUB_EUSAGE, "a pattern neither begins nor ends "
			       "with a blank; write '?' for it");
	return 0;
}

/* The next line that says something: 1, or 0 at the end. */
static int next_line(struct rd *r, struct line *l)
{
	const uint8_t *nl, *p, *end;

	while (r->n) {
		nl = memchr(r->p, '\n', r->n);
		p = r->p;
		end = nl ? nl : r->p + r->n;
		rd_bytes(r, (size_t)(end - p) + !!nl);
		l->nr++;
		if (end > p && end[-1] == '\r')
			end--;
		while (p < end && is_blank(*p))
			p++;
		while (end > p && is_blank(end[-1]))
			end--;
		if (p == end || *p == '#')
			continue;
		l->word.p = p;
		while (p < end && !is_blank(*p))
			p++;
		l->word.n = (size_t)(p - l->word.p);
		while (p < end && is_blank(*p))
			p++;
		l->rest.p = p;
		l->rest.n = (size_t)(end - p);
		return 1;
	}
	return 0;
}

static int word_is(const struct line *l, const char *word)
{
	return l->word.n == strlen(word) &&
	       !memcmp(l->word.p, word, l->word.n);
}

static int bad(const struct line *l, struct err *e, const char *why)
{
	return err_set(e, HUB_ECORRUPT, POLICY_PATH ": line %u: %s", l->nr, why);
}

static int take_size(const struct line *l, int *seen, uint64_t *ret,
		     struct err *e)
{
	if ((*seen)++)
		return bad(l, e, "there is such a line above already");
	if (policy_size_parse((const char *)l->rest.p, l->rest.n, ret) < 0)
		return bad(l, e, "not a size from 64K to 1G, such as 4M");
	return 0;
}

static int take_pattern(const struct line *l, int large, struct policy *p,
			struct err *e)
{
	struct err why = ERR_INIT;

	if (policy_pattern_check((const char *)l->rest.p, l->rest.n, &why) < 0)
		return bad(l, e, why.msg);
	if (!large)
		buf_addch(&p->rules, '!');
	buf_add(&p->rules, l->rest.p, l->rest.n);
	buf_addch(&p->rules, '\n');
	return 0;
}

static int take(const struct line *l, struct seen *seen, struct policy *p,
		struct err *e)
{
	if (word_is(l, "binary-over"))
		return take_size(l, &seen->binary, &p->binary_over, e);
	if (word_is(l, "text-over"))
		return take_size(l, &seen->text, &p->text_over, e);
	if (word_is(l, "large"))
		return take_pattern(l, 1, p, e);
	if (word_is(l, "small"))
		return take_pattern(l, 0, p, e);
	return bad(l, e, "none of 'binary-over', 'text-over', 'large', 'small'");
}

int policy_decode(struct policy *ret, const void *p, size_t n, struct err *e)
{
	struct line l = { { NULL, 0 }, { NULL, 0 }, 0 };
	struct seen seen = { 0, 0 };
	struct rd r;
	int rc = 0;

	policy_init(ret);
	if (n > POLICY_MAX)
		return err_set(e, HUB_ECORRUPT, POLICY_PATH ": %zu bytes, at "
			       "most %u are allowed", n, POLICY_MAX);
	rd_init(&r, p, n);
	while (rc == 0 && next_line(&r, &l))
		rc = take(&l, &seen, ret, e);
	if (rc == 0 && buf_error(&ret->rules))
		rc = err_nomem(e);
	if (rc < 0)
		policy_release(ret);
	return rc;
}

/* ---- decide ---- */

int policy_binary(const void *head, size_t n)
{
	return n && memchr(head, 0, n < POLICY_HEAD ? n : POLICY_HEAD) != NULL;
}

int policy_is_plain(const char *path, size_t n)
{
	static const char *const names[] = {
		".gitignore", ".gitattributes", ".gitmodules", ".mailmap",
	};
	size_t i, at = n;

	if (n > 9 && !memcmp(path, ".vibehub/", 9))
		return 1;
	while (at && path[at - 1] != '/')
		at--;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (n - at == strlen(names[i]) &&
		    !memcmp(path + at, names[i], n - at))
			return 1;
	return 0;
}

uint64_t policy_over(const struct policy *p, const struct policy_file *f)
{
	if (f->plain || f->rule == POLICY_SMALL)
		return POLICY_SMALL_MAX;
	if (f->rule == POLICY_LARGE)
		return 0;
	return policy_binary(f->head, f->head_n) ? p->binary_over :
						   p->text_over;
}

int policy_large(const struct policy *p, const struct policy_file *f)
{
	uint64_t over = policy_over(p, f);

	if (!f->size)
		return 0;
	if (pointer_is(f->head, f->head_n) || f->size > over)
		return 1;
	/* Not to and fro with a file that grows and shrinks about the limit. */
	return f->was_large && f->size >= over / 2;
}
