/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gitseg.c - the bytes of a git segment, one object after the other.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "crypt/hash.h"
#include "repo/gitseg_internal.h"
#include "repo/tree.h"
#include "repo/tree_raw.h"

#define BLOCK 65535u		/* a stored block of zlib holds no more */

struct gitseg {
	struct gitseg_list list;
	size_t at;			/* next object */
	struct buf content, out;
	size_t out_at;			/* what was given out of ${out} */
	struct sha1 *sum;
	uint64_t bytes;
	int ended;
	struct gitseg_watch watch;
	int strict;
};

int gitseg_open(struct repo *r, const struct oid *tips, size_t tips_n,
		const struct oid *have, size_t have_n, struct gitseg **ret,
		struct err *e)
{
	struct gitseg *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_nomem(e);
	buf_init(&s->content);
	buf_init(&s->out);
	s->list.r = r;
	s->sum = sha1_new();
	rc = s->sum ? 0 : err_nomem(e);
	if (!rc)
		rc = gitseg_list_make(&s->list, tips, tips_n, have, have_n, e);
	buf_add(&s->out, "PACK\0\0\0\2", 8);
	buf_add_u32(&s->out, (uint32_t)s->list.n);
	if (!rc && buf_error(&s->out))
		rc = err_nomem(e);
	if (rc < 0) {
		gitseg_close(s);
		return rc;
	}
	sha1_add(s->sum, s->out.p, s->out.n);
	*ret = s;
	return 0;
}

void gitseg_close(struct gitseg *s)
{
	if (!s)
		return;
	gitseg_list_release(&s->list);
	buf_release(&s->content);
	buf_release(&s->out);
	sha1_free(s->sum);
	free(s);
}

void gitseg_watch(struct gitseg *s, size_t max, gitseg_blob_fn fn, void *arg)
{
	s->watch.max = max;
	s->watch.fn = fn;
	s->watch.arg = arg;
}

void gitseg_stats(const struct gitseg *s, struct gitseg_stats *ret)
{
	ret->commits = s->list.commits;
	ret->objects = s->list.n;
	ret->bytes = s->bytes;
}

void gitseg_strict(struct gitseg *s)
{
	s->strict = 1;
}

static int check_tree(const struct gitseg *s, const struct oid *id,
		      struct err *e)
{
	struct tree_raw t;
	struct tree_entry en;
	const char *why;

	if (tree_raw_check(s->content.p, s->content.n, &why))
		return err_set(e, HUB_EDENIED, "tree %s: %s", oid_hex(id), why);
	tree_raw_init(&t, s->content.p, s->content.n);
	while (tree_raw_next(&t, &en) > 0)
		if (!path_component_ok(en.name, en.name_n))
			return err_set(e, HUB_EDENIED, "tree %s: no computer "
				       "could write a file named '%.*s'",
				       oid_hex(id), (int)en.name_n, en.name);
	return 0;
}

static int show_blob(struct gitseg *s, const struct oid *id, struct err *e)
{
	int rc;

	buf_reset(&s->content);
	rc = repo_read_as(s->list.r, id, OBJ_BLOB, 0, &s->content, e);
	return rc < 0 ? rc : s->watch.fn(s->watch.arg, s->content.p,
					 s->content.n);
}

int gitseg_size(struct gitseg *s, uint64_t *ret, struct err *e)
{
	enum obj_type type;
	struct oid id;
	uint64_t n;
	size_t i;
	int rc = 0;

	*ret = 0;
	for (i = 0; !rc && i < s->list.n; i++) {
		memcpy(id.h, s->list.en[i].id, OID_SIZE);
		rc = repo_size(s->list.r, &id, &type, &n, e);
		*ret += rc ? 0 : n;
		if (!rc && s->watch.fn && type == OBJ_BLOB && n <= s->watch.max)
			rc = show_blob(s, &id, e);
	}
	return rc;
}

/* Type and size of an entry of a pack. */
static void add_head(struct buf *b, int type, uint64_t n)
{
	uint8_t c = (uint8_t)(type << 4 | (n & 15));

	for (n >>= 4; n; n >>= 7) {
		buf_add_u8(b, c | 0x80);
		c = n & 0x7f;
	}
	buf_add_u8(b, c);
}

/* A zlib stream of stored blocks. */
static void add_stored(struct buf *b, const char *p, size_t n)
{
	uint32_t sum = libdeflate_adler32(1, p, n);
	uint8_t head[5];
	size_t k;

	buf_add(b, "\x78\x01", 2);
	do {
		k = n < BLOCK ? n : BLOCK;
		head[0] = k == n;
		head[1] = (uint8_t)k;
		head[2] = (uint8_t)(k >> 8);
		head[3] = (uint8_t)~head[1];
		head[4] = (uint8_t)~head[2];
		buf_add(b, head, sizeof(head));
		buf_add(b, p, k);
		p += k;
		n -= k;
	} while (n);
	buf_add_u32(b, sum);
}

static int next_object(struct gitseg *s, struct err *e)
{
	const struct gitseg_entry *en = &s->list.en[s->at];
	enum obj_type type = (enum obj_type)en->type;
	uint64_t max = type == OBJ_BLOB ? GITSEG_BLOB_MAX :
		type == OBJ_TREE ? TREE_OBJECT_MAX : COMMIT_MAX;
	struct oid id;
	int rc;

	memcpy(id.h, en->id, OID_SIZE);
	rc = repo_read(s->list.r, &id, &type, 0, &s->content, e);
	if (rc == HUB_EABSENT)
		return err_set(e, HUB_ECORRUPT, "object %s is missing from "
			       "'%s': `hub verify` tells more", oid_hex(&id),
			       repo_commondir(s->list.r));
	if (rc < 0)
		return rc;
	if (type != (enum obj_type)en->type)
		return err_set(e, HUB_ECORRUPT, "object %s of '%s' is of "
			       "another type than what names it says",
			       oid_hex(&id), repo_commondir(s->list.r));
	if (s->content.n > max)
		return err_set(e, HUB_ELIMIT, "object %s has %zu bytes, more "
			       "than a git segment takes", oid_hex(&id),
			       s->content.n);
	if (s->strict && type == OBJ_TREE) {
		rc = check_tree(s, &id, e);
		if (rc < 0)
			return rc;
	}
	if (s->watch.fn && type == OBJ_BLOB && s->content.n <= s->watch.max) {
		rc = s->watch.fn(s->watch.arg, s->content.p, s->content.n);
		if (rc < 0)
			return rc;
	}
	s->at++;
	buf_reset(&s->out);
	add_head(&s->out, type, s->content.n);
	add_stored(&s->out, s->content.p, s->content.n);
	if (buf_error(&s->out))
		return err_nomem(e);
	sha1_add(s->sum, s->out.p, s->out.n);
	return 0;
}

/* refill(): something in ${out} again; nothing at the end. */
static int refill(struct gitseg *s, struct err *e)
{
	uint8_t sum[20];

	s->out_at = 0;
	if (s->at < s->list.n)
		return next_object(s, e);
	buf_reset(&s->out);
	if (s->ended)
		return 0;
	s->ended = 1;
	sha1_end(s->sum, sum);
	buf_add(&s->out, sum, sizeof(sum));
	return buf_error(&s->out) ? err_nomem(e) : 0;
}

int gitseg_read(struct gitseg *s, void *p, size_t n, size_t *got,
		struct err *e)
{
	uint8_t *to = p;
	size_t k;
	int rc;

	*got = 0;
	while (*got < n) {
		if (s->out_at == s->out.n) {
			rc = refill(s, e);
			if (rc < 0)
				return rc;
			if (!s->out.n)
				break;
		}
		k = s->out.n - s->out_at;
		k = k < n - *got ? k : n - *got;
		memcpy(to + *got, s->out.p + s->out_at, k);
		s->out_at += k;
		*got += k;
	}
	s->bytes += *got;
	return 0;
}
