/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.c - reading of "<key> <value>" lines.  Only what an encoder of ours
 * would have written is accepted: no other blanks, no carriage return, no
 * empty value, no missing newline at the end.
 */
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "fmt/text.h"

int text_bad(const struct text *t, const char *key, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "%s: line %u is not a valid '%s' line",
		       t->name, t->line, key);
}

int text_open(struct text *t, const char *name, unsigned version, size_t max,
	      const void *p, size_t n, struct err *e)
{
	uint64_t found = 0;
	struct span v;

	rd_init(&t->r, p, n);
	t->name = name;
	t->all = n;
	t->line = 0;
	if (n > max)
		return err_set(e, HUB_ECORRUPT, "%s: %zu bytes, at most %zu "
			       "are allowed", name, n, max);
	if (text_value(t, name, &v, NULL) < 0 ||
	    hex_dec_u64((const char *)v.p, v.n, &found) < 0)
		return err_set(e, HUB_ECORRUPT, "%s: line 1 is not '%s %u'",
			       name, name, version);
	if (found != version)
		return err_set(e, HUB_EVERSION, "%s: version %llu, this "
			       "program knows %u: use a newer hub", name,
			       (unsigned long long)found, version);
	return 0;
}

int text_is(const struct text *t, const char *key)
{
	size_t n = strlen(key);

	return t->r.n > n && !memcmp(t->r.p, key, n) && t->r.p[n] == ' ';
}

int text_value(struct text *t, const char *key, struct span *ret,
	       struct err *e)
{
	int is = text_is(t, key);
	struct span line = rd_line(&t->r);
	size_t n = strlen(key) + 1;

	t->line++;
	if (!is || t->r.failed || line.n <= n)
		return text_bad(t, key, e);
	ret->p = line.p + n;
	ret->n = line.n - n;
	return 0;
}

int text_hex(struct text *t, const char *key, uint8_t *ret, size_t n,
	     struct err *e)
{
	struct span v = { NULL, 0 };
	int rc = text_value(t, key, &v, e);

	if (rc == 0 && hex_decode(ret, n, (const char *)v.p, v.n) < 0)
		rc = text_bad(t, key, e);
	return rc;
}

int text_number(struct text *t, const char *key, uint64_t min, uint64_t max,
		uint64_t *ret, struct err *e)
{
	struct span v = { NULL, 0 };
	int rc = text_value(t, key, &v, e);

	if (rc == 0 && (hex_dec_u64((const char *)v.p, v.n, ret) < 0 ||
			*ret < min || *ret > max))
		rc = text_bad(t, key, e);
	return rc;
}

int text_time(struct text *t, const char *key, int64_t *ret, struct err *e)
{
	uint64_t v = 0;
	int rc = text_number(t, key, 0, TEXT_TIME_MAX, &v, e);

	if (rc == 0)
		*ret = (int64_t)v;
	return rc;
}

int text_string(struct text *t, const char *key, char *ret, size_t size,
		int (*check)(const char *s), struct err *e)
{
	struct span v = { NULL, 0 };
	int rc = text_value(t, key, &v, e);

	if (rc < 0)
		return rc;
	if (v.n >= size || memchr(v.p, 0, v.n))
		return text_bad(t, key, e);
	memcpy(ret, v.p, v.n);
	ret[v.n] = 0;
	return check(ret) ? 0 : text_bad(t, key, e);
}

size_t text_offset(const struct text *t)
{
	return t->all - t->r.n;
}

int text_close(const struct text *t, struct err *e)
{
	if (rd_end(&t->r) == 0)
		return 0;
	return err_set(e, HUB_ECORRUPT, "%s: there is more after line %u",
		       t->name, t->line);
}

void text_add_hex(struct buf *out, const char *key, const uint8_t *p, size_t n)
{
	buf_addstr(out, key);
	buf_addch(out, ' ');
	hex_add(out, p, n);
	buf_addch(out, '\n');
}

void text_add_time(struct buf *out, const char *key, int64_t t)
{
	if (t < 0)
		t = 0;
	if (t > (int64_t)TEXT_TIME_MAX)
		t = (int64_t)TEXT_TIME_MAX;
	buf_addf(out, "%s %lld\n", key, (long long)t);
}

/* ---- chains ---- */

#define CHAIN_MAX (1 + CERT_CHAIN_MAX * CERT_SIZE)

int text_chain(struct text *t, struct cert_chain *ret, struct err *e)
{
	uint8_t raw[CHAIN_MAX];
	struct span v;
	struct rd r;
	int rc = text_value(t, "chain", &v, e);

	if (rc < 0)
		return rc;
	if (v.n % 2 || v.n / 2 > sizeof(raw) ||
	    hex_decode(raw, v.n / 2, (const char *)v.p, v.n))
		return text_bad(t, "chain", e);
	rd_init(&r, raw, v.n / 2);
	rc = cert_chain_decode(ret, &r, e);
	if (!rc && (rd_end(&r) || ret->n < 1))
		rc = text_bad(t, "chain", e);
	return rc;
}

void text_add_chain(struct buf *out, const struct cert_chain *c)
{
	struct buf raw = BUF_INIT;

	cert_chain_encode(&raw, c);
	text_add_hex(out, "chain", (const uint8_t *)raw.p, raw.n);
	if (buf_error(&raw))
		out->failed = 1;
	buf_release(&raw);
}
