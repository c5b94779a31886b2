/* SPDX-License-Identifier: GPL-2.0-or-later */
/* releasedfile.c - encode and decode the record of released contents,
 * hubformat-released(5).  What is encoded decodes. */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "fmt/presence.h"
#include "fmt/releasedfile.h"
#include "fmt/text.h"

#define NAME "vibehub-released"
#define VERSION 1
#define SIZE_MAX_FILE ((uint64_t)1 << 60)
#define TIP_LINE (4 + OID_HEX + 1)
/* "content <64 hex> 1 0 prune\n" */
#define CONTENT_LINE_MIN (8 + 64 + 1 + 1 + 1 + 1 + 1 + 5 + 1)

static const char *const whats[] = {
	[RELEASEDFILE_PRUNE] = "prune", [RELEASEDFILE_FORGET] = "forget",
};
#define WHATS (sizeof(whats) / sizeof(*whats))

const char *releasedfile_what_name(enum releasedfile_what w)
{
	if ((unsigned)w >= WHATS)
		BUG("no such way to release: %d", (int)w);
	return whats[w];
}

void releasedfile_release(struct releasedfile *f)
{
	free(f->tips);
	free(f->contents);
	memset(f, 0, sizeof(*f));
}

/* ---- encode ---- */

static int content_ok(const struct releasedfile_content *c)
{
	return c->size && c->size <= SIZE_MAX_FILE && c->time >= 0 &&
		c->time <= (int64_t)TEXT_TIME_MAX && (unsigned)c->what < WHATS;
}

static void check(const struct releasedfile *f)
{
	size_t i;

	if (!presence_name_ok(f->by) || f->chain.n < 1 ||
	    f->chain.n > CERT_CHAIN_MAX)
		BUG("a record of released contents by nobody");
	for (i = 1; i < f->tips_n; i++)
		if (oid_cmp(&f->tips[i - 1], &f->tips[i]) >= 0)
			BUG("tips not in order");
	for (i = 0; i < f->contents_n; i++)
		if (!content_ok(&f->contents[i]) ||
		    (i && memcmp(f->contents[i - 1].recipe,
				 f->contents[i].recipe, 32) >= 0))
			BUG("released contents not in order");
}

int releasedfile_encode(struct buf *out, const struct releasedfile *f)
{
	size_t i, from = out->n;

	check(f);
	if (f->tips_n > RELEASEDFILE_TIPS_MAX)
		return HUB_ELIMIT;
	buf_addf(out, NAME " %d\n", VERSION);
	text_add_hex(out, "hub", f->hub, 32);
	text_add_time(out, "time", f->time);
	buf_addf(out, "by %s\n", f->by);
	for (i = 0; i < f->tips_n; i++)
		text_add_hex(out, "tip", f->tips[i].h, OID_SIZE);
	for (i = 0; i < f->contents_n; i++) {
		buf_addstr(out, "content ");
		hex_add(out, f->contents[i].recipe, 32);
		buf_addf(out, " %llu %lld %s\n",
			 (unsigned long long)f->contents[i].size,
			 (long long)f->contents[i].time,
			 whats[f->contents[i].what]);
	}
	text_add_chain(out, &f->chain);
	if (buf_error(out))
		return HUB_ENOMEM;
	return out->n - from > RELEASEDFILE_MAX - 134 ? HUB_ELIMIT : 0;
}

void releasedfile_encode_sig(struct buf *out, const uint8_t sig[64])
{
	text_add_hex(out, "sig", sig, 64);
}

/* ---- decode ---- */

static int decode_tips(struct text *t, struct releasedfile *f, struct err *e)
{
	size_t max = t->r.n / TIP_LINE;
	int rc = 0;

	if (max > RELEASEDFILE_TIPS_MAX)
		max = RELEASEDFILE_TIPS_MAX;
	f->tips = calloc(max + 1, sizeof(*f->tips));
	if (!f->tips)
		return err_nomem(e);
	while (!rc && text_is(t, "tip")) {
		if (f->tips_n == max)
			return err_set(e, HUB_ECORRUPT, NAME ": too many tips");
		rc = text_hex(t, "tip", f->tips[f->tips_n].h, OID_SIZE, e);
		if (!rc && f->tips_n && oid_cmp(&f->tips[f->tips_n - 1],
						&f->tips[f->tips_n]) >= 0)
			rc = text_bad(t, "tip", e);
		f->tips_n += !rc;
	}
	return rc;
}

/* The word up to the next blank, or the rest of the line. */
static struct span word(struct span *rest)
{
	const uint8_t *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
	struct span w = { rest->p, blank ? (size_t)(blank - rest->p) : rest->n };

	rest->n -= blank ? w.n + 1 : w.n;
	rest->p += blank ? w.n + 1 : w.n;
	return w;
}

static int decode_content(struct releasedfile_content *c, struct span line)
{
	struct span w = word(&line);
	uint64_t time;
	unsigned k;

	if (hex_decode(c->recipe, 32, (const char *)w.p, w.n))
		return HUB_ECORRUPT;
	w = word(&line);
	if (hex_dec_u64((const char *)w.p, w.n, &c->size))
		return HUB_ECORRUPT;
	w = word(&line);
	if (hex_dec_u64((const char *)w.p, w.n, &time) || time > TEXT_TIME_MAX)
		return HUB_ECORRUPT;
	c->time = (int64_t)time;
	for (k = 0; k < WHATS; k++)
		if (line.n == strlen(whats[k]) &&
		    !memcmp(line.p, whats[k], line.n))
			break;
	c->what = (enum releasedfile_what)k;
	return k < WHATS && content_ok(c) ? 0 : HUB_ECORRUPT;
}

static int decode_contents(struct text *t, struct releasedfile *f,
			   struct err *e)
{
	size_t max = t->r.n / CONTENT_LINE_MIN;
	struct releasedfile_content *c;
	struct span line;
	int rc = 0;

	f->contents = calloc(max + 1, sizeof(*f->contents));
	if (!f->contents)
		return err_nomem(e);
	while (!rc && text_is(t, "content")) {
		c = &f->contents[f->contents_n];
		rc = text_value(t, "content", &line, e);
		if (!rc && (f->contents_n == max || decode_content(c, line) ||
			    (f->contents_n &&
			     memcmp(c[-1].recipe, c->recipe, 32) >= 0)))
			rc = text_bad(t, "content", e);
		f->contents_n += !rc;
	}
	return rc;
}

static int decode(struct text *t, struct releasedfile *f, struct err *e)
{
	int rc = text_hex(t, "hub", f->hub, 32, e);

	if (!rc)
		rc = text_time(t, "time", &f->time, e);
	if (!rc)
		rc = text_string(t, "by", f->by, sizeof(f->by),
				 presence_name_ok, e);
	if (!rc)
		rc = decode_tips(t, f, e);
	if (!rc)
		rc = decode_contents(t, f, e);
	if (!rc)
		rc = text_chain(t, &f->chain, e);
	f->signed_n = text_offset(t);
	if (!rc)
		rc = text_hex(t, "sig", f->sig, 64, e);
	return rc ? rc : text_close(t, e);
}

int releasedfile_decode(struct releasedfile *ret, const void *p, size_t n,
			struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, RELEASEDFILE_MAX, p, n, e);
	if (!rc)
		rc = decode(&t, ret, e);
	if (rc)
		releasedfile_release(ret);
	return rc;
}

static int by_recipe(const void *key, const void *p)
{
	return memcmp(key, ((const struct releasedfile_content *)p)->recipe,
		      32);
}

const struct releasedfile_content *
releasedfile_find(const struct releasedfile *f, const uint8_t recipe[32])
{
	return f->contents_n ? bsearch(recipe, f->contents, f->contents_n,
				       sizeof(*f->contents), by_recipe) : NULL;
}
