/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gitseg_in.c - a git segment into a repository.
 *
 * The stream arrives in pieces that are cut anywhere.  A head of some bytes is
 * gathered, then what it announces; each object, once whole, is named by its
 * content and goes into a sink: few become loose files, many one pack.  So
 * nothing is visible before the checksum at the end was compared, and what was
 * there already is not written again.
 *
 * Memory: an object grows as its bytes come, never by what its head says.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "base/rd.h"
#include "crypt/hash.h"
#include "repo/gitseg_internal.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "repo/tree_raw.h"

#define HEAD 12
#define SUM 20

enum step {
	AT_HEAD,		/* "PACK", version, count */
	AT_OBJECT,		/* type and size */
	AT_ZLIB,		/* two bytes */
	AT_BLOCK,		/* head of a stored block */
	IN_BLOCK,
	AT_ADLER,
	AT_SUM,
	AT_END,
};

struct gitseg_in {
	struct sink *sink;
	struct gitseg_work *work;
	enum step step;
	uint8_t head[SUM];	/* being gathered */
	size_t have;
	uint32_t left;		/* objects to come */
	enum obj_type type;
	uint64_t size;		/* of the object */
	uint32_t block;		/* bytes of the block to come */
	int last;		/* block of this object */
	struct buf content;
	struct sha1 *sum;
	int trust;		/* not computed */
	struct gitseg_stats st;
	struct gitseg_watch watch;
};

int gitseg_in_open(struct repo *r, struct gitseg_in **ret, struct err *e)
{
	struct gitseg_in *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_nomem(e);
	buf_init(&s->content);
	s->sum = sha1_new();
	rc = s->sum ? sink_open(r, SINK_AUTO, &s->sink, e) : err_nomem(e);
	if (!rc)
		rc = gitseg_work_open(s->sink, &s->work, e);
	if (rc < 0) {
		gitseg_in_abort(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void gitseg_in_watch(struct gitseg_in *s, size_t max, gitseg_blob_fn fn,
		     void *arg)
{
	s->watch.max = max;
	s->watch.fn = fn;
	s->watch.arg = arg;
}

void gitseg_in_trust(struct gitseg_in *s)
{
	s->trust = 1;
}

void gitseg_in_abort(struct gitseg_in *s)
{
	if (!s)
		return;
	gitseg_work_close(s->work);
	sink_abort(s->sink);
	sha1_free(s->sum);
	buf_release(&s->content);
	free(s);
}

static int wrong(const struct gitseg_in *s, const char *what, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "git segment: %s, %llu objects and "
		       "%llu bytes after its beginning", what,
		       (unsigned long long)s->st.objects,
		       (unsigned long long)s->st.bytes);
}

static int at_head(struct gitseg_in *s, struct err *e)
{
	if (memcmp(s->head, "PACK\0\0\0\2", 8))
		return wrong(s, "this is none", e);
	s->left = rd_be32(s->head + 8);
	s->step = s->left ? AT_OBJECT : AT_SUM;
	return 0;
}

/* at_object(): type and size, complete when a byte has no top bit. */
static int at_object(struct gitseg_in *s, struct err *e)
{
	uint64_t max, n = s->head[0] & 15;
	int type = s->head[0] >> 4 & 7;
	size_t i;

	for (i = 1; i < s->have; i++)
		n |= (uint64_t)(s->head[i] & 0x7f) << (4 + 7 * (i - 1));
	if (type < OBJ_COMMIT || type > OBJ_TAG)
		return wrong(s, "an object of unknown type", e);
	if (s->have > 1 && !s->head[s->have - 1])
		return wrong(s, "a size with needless zeros", e);
	s->type = (enum obj_type)type;
	s->size = n;
	max = s->type == OBJ_BLOB ? GITSEG_BLOB_MAX :
		s->type == OBJ_TREE ? TREE_OBJECT_MAX : COMMIT_MAX;
	if (n > max)
		return err_set(e, HUB_ELIMIT, "git segment: an object of %llu "
			       "bytes; %llu are allowed", (unsigned long long)n,
			       (unsigned long long)max);
	buf_reset(&s->content);
	s->step = AT_ZLIB;
	return 0;
}

static int at_zlib(struct gitseg_in *s, struct err *e)
{
	if ((s->head[0] & 15) != 8 || s->head[1] & 0x20 ||
	    (s->head[0] << 8 | s->head[1]) % 31)
		return wrong(s, "an object that is no zlib stream", e);
	s->step = AT_BLOCK;
	return 0;
}

static int at_block(struct gitseg_in *s, struct err *e)
{
	uint32_t n = s->head[1] | (uint32_t)s->head[2] << 8;
	uint32_t not_n = s->head[3] | (uint32_t)s->head[4] << 8;

	if (s->head[0] > 1 || (n ^ not_n) != 0xffff)
		return wrong(s, "a block that is not a stored one", e);
	if (n > s->size - s->content.n)
		return wrong(s, "an object longer than announced", e);
	s->last = s->head[0];
	s->block = n;
	s->step = n ? IN_BLOCK : s->last ? AT_ADLER : AT_BLOCK;
	return 0;
}

/* at_adler(): the object is whole. */
static int at_adler(struct gitseg_in *s, struct err *e)
{
	const char *why;
	int rc;

	if (s->content.n != s->size)
		return wrong(s, "an object shorter than announced", e);
	if (buf_error(&s->content))
		return err_nomem(e);
	if (rd_be32(s->head) != libdeflate_adler32(1, s->content.p,
						   s->content.n))
		return wrong(s, "an object's checksum does not match", e);
	if (s->type == OBJ_TREE &&
	    tree_raw_check(s->content.p, s->content.n, &why))
		return wrong(s, why, e);
	if (s->watch.fn && s->type == OBJ_BLOB &&
	    s->content.n <= s->watch.max) {
		rc = s->watch.fn(s->watch.arg, s->content.p, s->content.n);
		if (rc < 0)
			return rc;
	}
	rc = gitseg_work_put(s->work, s->type, &s->content, e);
	if (rc < 0)
		return rc;
	s->st.objects++;
	s->st.commits += s->type == OBJ_COMMIT;
	s->step = --s->left ? AT_OBJECT : AT_SUM;
	return 0;
}

static int at_sum(struct gitseg_in *s, struct err *e)
{
	uint8_t sum[SUM];

	sha1_end(s->sum, sum);
	s->step = AT_END;
	return !s->trust && memcmp(sum, s->head, SUM) ?
		wrong(s, "its checksum does not match", e) : 0;
}

/* gathered(): does ${head} hold all that this step asks for? */
static int gathered(const struct gitseg_in *s)
{
	static const uint8_t need[] = {
		[AT_HEAD] = HEAD, [AT_ZLIB] = 2, [AT_BLOCK] = 5, [AT_ADLER] = 4,
		[AT_SUM] = SUM,
	};

	if (s->step == AT_OBJECT)
		return s->have && (!(s->head[s->have - 1] & 0x80) ||
				   s->have == 9);
	return s->have == need[s->step];
}

static int next_step(struct gitseg_in *s, struct err *e)
{
	int rc;

	switch (s->step) {
	case AT_HEAD: rc = at_head(s, e); break;
	case AT_OBJECT: rc = at_object(s, e); break;
	case AT_ZLIB: rc = at_zlib(s, e); break;
	case AT_BLOCK: rc = at_block(s, e); break;
	case AT_ADLER: rc = at_adler(s, e); break;
	default: rc = at_sum(s, e); break;
	}
	s->have = 0;
	return rc;
}

static size_t in_block(struct gitseg_in *s, const uint8_t *p, size_t n)
{
	size_t k = n < s->block ? n : s->block;

	buf_add(&s->content, p, k);
	s->block -= (uint32_t)k;
	if (!s->block)
		s->step = s->last ? AT_ADLER : AT_BLOCK;
	return k;
}

/* Everything before the checksum counts to it. */
static int add_objects(struct gitseg_in *s, const uint8_t **at,
		       const uint8_t *end, struct err *e)
{
	const uint8_t *p = *at;
	int rc = 0;

	while (!rc && p < end && s->step < AT_SUM) {
		if (s->step == IN_BLOCK) {
			p += in_block(s, p, (size_t)(end - p));
			continue;
		}
		s->head[s->have++] = *p++;
		if (gathered(s))
			rc = next_step(s, e);
	}
	if (!s->trust)
		sha1_add(s->sum, *at, (size_t)(p - *at));
	s->st.bytes += (uint64_t)(p - *at);
	*at = p;
	return rc;
}

int gitseg_in_add(struct gitseg_in *s, const void *bytes, size_t n,
		  struct err *e)
{
	const uint8_t *p = bytes, *end = p + n;
	int rc = add_objects(s, &p, end, e);

	for (; !rc && p < end; p++) {
		if (s->step == AT_END)
			return wrong(s, "something after its end", e);
		s->st.bytes++;
		s->head[s->have++] = *p;
		if (gathered(s))
			rc = next_step(s, e);
	}
	return rc;
}

int gitseg_in_end(struct gitseg_in *s, struct gitseg_stats *ret,
		  struct err *e)
{
	int rc = 0;

	if (s->step != AT_END)
		rc = wrong(s, "it ends too early", e);
	if (!rc)
		rc = gitseg_work_end(s->work, e);
	if (!rc) {
		rc = sink_commit(s->sink, NULL, e);
		s->sink = NULL;
	}
	if (!rc && ret)
		*ret = s->st;
	gitseg_in_abort(s);
	return rc;
}
