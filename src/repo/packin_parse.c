/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packin_parse.c - a small git pack (gitformat-pack(5)) taken apart in memory. */
#include <libdeflate.h>
#include <stdlib.h>

#include "crypt/hash.h"
#include "repo/packin_internal.h"
#include "repo/sink_internal.h"

#define HEAD 12
#define SUM 20
enum { OFS_DELTA = 6, REF_DELTA = 7 };

struct parse {
	const uint8_t *p;
	size_t n, at;			/* without the checksum at the end */
	struct packin_object *o;
	size_t o_n;
	size_t content;			/* bytes so far */
	packin_base_fn base;
	void *arg;
	struct libdeflate_decompressor *z;
	struct err *e;
};

struct entry { int type; uint64_t size; };

static int wrong(const struct parse *s, const char *what)
{
	return err_set(s->e, HUB_ECORRUPT, "git pack: %s at byte %zu", what,
		       s->at);
}

static int too_much(const struct parse *s)
{
	return err_set(s->e, HUB_ELIMIT, "git pack: more than is taken apart "
		       "in memory");
}

static int read_entry(struct parse *s, struct entry *en)
{
	int shift = 4;
	uint8_t c;

	if (s->at == s->n)
		return wrong(s, "it ends too early");
	c = s->p[s->at++];
	en->type = c >> 4 & 7;
	en->size = c & 15;
	while (c & 0x80) {
		if (s->at == s->n || shift > 53)
			return wrong(s, "a size that does not end");
		c = s->p[s->at++];
		en->size |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	}
	if (en->size > PACKIN_CONTENT ||
	    s->content + en->size > PACKIN_CONTENT)
		return too_much(s);
	s->content += (size_t)en->size;
	return 0;
}

/* inflate(): exactly ${size} bytes, owned. */
static int inflate(struct parse *s, size_t size, char **ret)
{
	char *p = malloc(size + 1);
	size_t in = 0, out = 0;

	if (!p)
		return err_nomem(s->e);
	if (libdeflate_zlib_decompress_ex(s->z, s->p + s->at, s->n - s->at, p,
					  size, &in, &out) || out != size) {
		free(p);
		return wrong(s, "a damaged zlib stream");
	}
	p[size] = '\0';
	s->at += in;
	*ret = p;
	return 0;
}

/* The object that begins ${back} bytes before ${at}. */
static const struct packin_object *at_offset(const struct parse *s,
					     uint64_t at, uint64_t back)
{
	size_t i;

	for (i = s->o_n; back && back < at && i-- > 0; )
		if (s->o[i].at == at - back)
			return &s->o[i];
	return NULL;
}

static int read_back(struct parse *s, uint64_t *ret)
{
	uint64_t v;
	uint8_t c;

	if (s->at == s->n)
		return wrong(s, "it ends too early");
	c = s->p[s->at++];
	v = c & 0x7f;
	while (c & 0x80) {
		if (s->at == s->n || v >> 40)
			return wrong(s, "an offset that does not end");
		c = s->p[s->at++];
		v = (v + 1) << 7 | (c & 0x7f);
	}
	*ret = v;
	return 0;
}

/* The base, borrowed or in ${room}. */
static int find_base(struct parse *s, int kind, uint64_t at,
		     struct packin_object *ret, struct buf *room)
{
	const struct packin_object *o = NULL;
	struct oid id;
	uint64_t back = 0;
	size_t i;
	int rc;

	if (kind == OFS_DELTA) {
		rc = read_back(s, &back);
		if (rc < 0)
			return rc;
		o = at_offset(s, at, back);
		if (!o)
			return wrong(s, "a difference to nothing");
		*ret = *o;
		return 0;
	}
	if (s->n - s->at < OID_SIZE)
		return wrong(s, "it ends too early");
	memcpy(id.h, s->p + s->at, OID_SIZE);
	s->at += OID_SIZE;
	for (i = 0; i < s->o_n; i++)
		if (oid_eq(&s->o[i].id, &id)) {
			*ret = s->o[i];
			return 0;
		}
	rc = s->base ? s->base(s->arg, &id, &ret->type, room, s->e) :
		HUB_EABSENT;
	if (rc == HUB_EABSENT)		/* it may come later */
		return too_much(s);
	ret->p = room->p;
	ret->n = room->n;
	return rc;
}

/* The size that a difference says it makes. */
static int made_size(struct parse *s, const char *p, size_t n, uint64_t *ret)
{
	size_t i = 0;
	int k, shift;

	for (k = 0; k < 2; k++) {
		*ret = 0;
		for (shift = 0; ; shift += 7) {
			if (i == n || shift > 56)
				return wrong(s, "a malformed difference");
			*ret |= (uint64_t)((uint8_t)p[i] & 0x7f) << shift;
			if (!((uint8_t)p[i++] & 0x80))
				break;
		}
	}
	if (*ret > PACKIN_CONTENT || s->content + *ret > PACKIN_CONTENT)
		return too_much(s);
	s->content += (size_t)*ret;
	return 0;
}

static int apply(struct parse *s, const struct packin_object *base,
		 char *delta, size_t n, struct packin_object *o)
{
	struct buf b = BUF_INIT, d = BUF_INIT, out = BUF_INIT;
	uint64_t size = 0;
	int rc = made_size(s, delta, n, &size);

	b.p = base->p;		/* views: neither is released */
	b.n = base->n;
	d.p = delta;
	d.n = n;
	if (!rc)
		rc = sink_delta_apply(&b, &d, size, &out, s->e);
	if (!rc && buf_error(&out))
		rc = err_nomem(s->e);
	if (!rc) {
		o->type = base->type;
		o->p = buf_detach(&out, &o->n);
		rc = o->p ? 0 : err_nomem(s->e);
	}
	buf_release(&out);
	return rc;
}

static int from_delta(struct parse *s, const struct entry *en,
		      struct packin_object *o)
{
	struct packin_object base = { .type = OBJ_BLOB };
	struct buf room = BUF_INIT;
	char *delta = NULL;
	int rc = find_base(s, en->type, o->at, &base, &room);

	if (!rc)
		rc = inflate(s, (size_t)en->size, &delta);
	if (!rc)
		rc = apply(s, &base, delta, (size_t)en->size, o);
	free(delta);
	buf_release(&room);
	return rc;
}

static int one(struct parse *s)
{
	struct packin_object *o = &s->o[s->o_n];
	struct entry en = { 0, 0 };
	int rc;

	memset(o, 0, sizeof(*o));
	o->at = s->at;
	rc = read_entry(s, &en);
	if (rc < 0)
		return rc;
	if (en.type == OFS_DELTA || en.type == REF_DELTA) {
		rc = from_delta(s, &en, o);
	} else if (en.type >= OBJ_COMMIT && en.type <= OBJ_TAG) {
		o->type = (enum obj_type)en.type;
		o->n = (size_t)en.size;
		rc = inflate(s, o->n, &o->p);
	} else
		rc = wrong(s, "an object of unknown type");
	if (rc < 0)
		return rc;
	s->o_n++;
	if (repo_hash(o->type, o->p, o->n, &o->id))
		return wrong(s, "an object that has no name");
	return 0;
}

static int check_sum(struct parse *s)
{
	struct sha1 *sum = sha1_new();
	uint8_t have[SUM];

	if (!sum)
		return err_nomem(s->e);
	sha1_add(sum, s->p, s->n);
	sha1_end(sum, have);
	sha1_free(sum);
	return memcmp(have, s->p + s->n, SUM) ?
		wrong(s, "its checksum does not match") : 0;
}

int packin_parse(const void *bytes, size_t n, packin_base_fn base, void *arg,
		 struct packin_object *ret, size_t *ret_n, struct err *e)
{
	struct parse s = { .p = bytes, .n = n < SUM ? 0 : n - SUM, .o = ret,
			   .base = base, .arg = arg, .e = e };
	uint32_t count, i;
	int rc = 0;

	*ret_n = 0;
	if (n < HEAD + SUM || memcmp(s.p, "PACK\0\0\0\2", 8))
		return wrong(&s, "this is none");
	count = (uint32_t)s.p[8] << 24 | (uint32_t)s.p[9] << 16 |
		(uint32_t)s.p[10] << 8 | s.p[11];
	if (count > PACKIN_FEW)
		return too_much(&s);
	rc = check_sum(&s);
	s.z = libdeflate_alloc_decompressor();
	if (!rc && !s.z)
		rc = err_nomem(e);
	s.at = HEAD;
	for (i = 0; !rc && i < count; i++)
		rc = one(&s);
	if (!rc && s.at != s.n)
		rc = wrong(&s, "something after its last object");
	libdeflate_free_decompressor(s.z);
	*ret_n = s.o_n;
	return rc;
}

void packin_drop(struct packin_object *o, size_t n)
{
	while (n--) {
		free(o[n].p);
		o[n].p = NULL;
	}
}
