/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hubops.c - requests to a hub, encoded and decoded: hubformat-hubops(5). */
#include "fmt/hubops.h"

#include <stdlib.h>
#include <string.h>

#include "fmt/presence.h"

static int bad(const char *what, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "a session's %s is malformed", what);
}

static int text_ok(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 127)
			return 0;
	return n <= HUBOPS_NAME_MAX;
}

static void add_name(struct buf *out, const char *p, size_t n)
{
	buf_add_u16(out, (uint16_t)n);
	buf_add(out, p, n);
}

/* A name of at most HUBOPS_NAME_MAX bytes, no control characters. */
static struct hubops_name get_name(struct rd *r)
{
	struct hubops_name ret = { NULL, 0 };
	struct span s = rd_bytes(r, rd_u16(r));

	if (!r->failed && !text_ok((const char *)s.p, s.n))
		r->failed = 1;
	if (!r->failed) {
		ret.p = (const char *)s.p;
		ret.n = s.n;
	}
	return ret;
}

static void copy_name(struct rd *r, char out[HUBOPS_NAME_MAX + 1])
{
	struct hubops_name n = get_name(r);

	if (n.n)
		memcpy(out, n.p, n.n);
	out[n.n] = '\0';
}

static int hex_ok(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
		      (p[i] >= 'a' && p[i] <= 'f')))
			return 0;
	return n == 64;
}

static int kind_ok(enum hubops_kind kind, const char *p, size_t n)
{
	char uuid[PRESENCE_UUID + 1];

	if (kind == HUBOPS_PRESENCE) {
		if (n != PRESENCE_UUID)
			return 0;
		memcpy(uuid, p, n);
		uuid[n] = '\0';
		return presence_uuid_ok(uuid);
	}
	if (kind == HUBOPS_ACCEPTED)
		return hex_ok(p, n);
	if (kind == HUBOPS_REFLOG)
		return n > 5 && !memcmp(p, "refs/", 5);
	return kind == HUBOPS_ACTS && !n;
}

static enum hubops_kind get_kind(struct rd *r, struct hubops_name *name)
{
	enum hubops_kind kind = (enum hubops_kind)rd_u8(r);

	*name = get_name(r);
	if (!r->failed && !kind_ok(kind, name->p, name->n))
		r->failed = 1;
	return kind;
}

static int name_cmp(const struct hubops_name *a, const struct hubops_name *b)
{
	return mem_cmp(a->p, a->n, b->p, b->n);
}

/* ---- LOOK ---- */

#define KNOWN_AT 32

void hubops_look_begin(struct buf *out, const uint8_t token[32])
{
	buf_reset(out);
	buf_add(out, token, 32);
	buf_add_u16(out, 0);
}

int hubops_look_add(struct buf *out, const struct hubops_known *k)
{
	uint8_t *n = (uint8_t *)out->p + KNOWN_AT;
	unsigned v;

	if (buf_error(out))
		return 0;
	v = ((unsigned)n[0] << 8 | n[1]) + 1;
	if (v > HUBOPS_KNOWN_MAX)
		return 0;
	n[0] = (uint8_t)(v >> 8);
	n[1] = (uint8_t)v;
	buf_add_u8(out, (uint8_t)k->kind);
	add_name(out, k->name.p, k->name.n);
	buf_add(out, k->hash, HUBOPS_HASH);
	return 1;
}

int hubops_known_next(struct rd *files, struct hubops_known *ret)
{
	if (!files->n || files->failed)
		return 0;
	ret->kind = get_kind(files, &ret->name);
	rd_copy(files, ret->hash, HUBOPS_HASH);
	if (ret->kind > HUBOPS_ACCEPTED)
		files->failed = 1;
	return !files->failed;
}

int hubops_look_decode(struct hubops_look *ret, const void *p, size_t n,
		       struct err *e)
{
	struct hubops_known k, last = { .kind = 0 };
	struct rd r;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rd_copy(&r, ret->token, 32);
	ret->n = rd_u16(&r);
	ret->files = r;
	if (ret->n > HUBOPS_KNOWN_MAX)
		return bad("look request", e);
	for (i = 0; i < ret->n; i++) {
		if (!hubops_known_next(&r, &k) || (last.kind &&
		    (k.kind < last.kind || (k.kind == last.kind &&
		     name_cmp(&last.name, &k.name) >= 0))))
			return bad("look request", e);
		last = k;
	}
	return rd_end(&r) ? bad("look request", e) : 0;
}

void hubops_seen_begin(struct buf *out, const uint8_t token[32],
		       const char *head, const void *format, size_t format_n)
{
	buf_reset(out);
	buf_add(out, token, 32);
	add_name(out, head, strlen(head));
	add_name(out, format, format_n);
}

void hubops_seen_refs(struct buf *out, size_t n)
{
	buf_add_u8(out, 1);
	buf_add_u32(out, (uint32_t)n);
}

void hubops_seen_ref(struct buf *out, const struct oid *id, const char *name)
{
	buf_add(out, id->h, OID_SIZE);
	add_name(out, name, strlen(name));
}

void hubops_seen_no_refs(struct buf *out)
{
	buf_add_u8(out, 0);
}

size_t hubops_seen_files(struct buf *out)
{
	size_t at = out->n;

	buf_add_u32(out, 0);
	return at;
}

void hubops_seen_file(struct buf *out, const struct hubops_file *f)
{
	buf_add_u8(out, (uint8_t)f->kind);
	add_name(out, f->name.p, f->name.n);
	buf_add_u8(out, f->gone != 0);
	if (f->gone)
		return;
	buf_add_u32(out, (uint32_t)f->bytes.n);
	buf_add(out, f->bytes.p, f->bytes.n);
}

void hubops_seen_end(struct buf *out, size_t at, size_t n)
{
	uint8_t *p = (uint8_t *)out->p + at;

	if (buf_error(out))
		return;
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

int hubops_ref_next(struct rd *refs, struct hubops_ref *ret)
{
	rd_copy(refs, ret->id.h, OID_SIZE);
	ret->name = get_name(refs);
	if (ret->name.n < 6 || memcmp(ret->name.p, "refs/", 5))
		refs->failed = 1;
	return !refs->failed;
}

int hubops_file_next(struct rd *files, struct hubops_file *ret)
{
	uint8_t gone;

	memset(ret, 0, sizeof(*ret));
	ret->kind = get_kind(files, &ret->name);
	gone = rd_u8(files);
	if (gone > 1 || ret->kind > HUBOPS_ACCEPTED)
		files->failed = 1;
	ret->gone = gone;
	if (!gone)
		ret->bytes = rd_bytes(files, rd_u32(files));
	if (ret->bytes.n > HUBOPS_FILE_MAX)
		files->failed = 1;
	return !files->failed;
}

static int seen_refs(struct hubops_seen *s, struct rd *r)
{
	struct hubops_ref ref, last = { .name = { NULL, 0 } };
	size_t i;

	s->refs_n = rd_u32(r);
	s->refs = *r;
	for (i = 0; i < s->refs_n; i++) {
		if (!hubops_ref_next(r, &ref) ||
		    (i && name_cmp(&last.name, &ref.name) >= 0))
			return -1;
		last = ref;
	}
	s->refs.n -= r->n;
	return 0;
}

int hubops_seen_decode(struct hubops_seen *ret, const void *p, size_t n,
		       struct err *e)
{
	struct hubops_file f;
	uint8_t has;
	struct rd r;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rd_copy(&r, ret->token, 32);
	ret->head = get_name(&r);
	ret->format = rd_bytes(&r, rd_u16(&r));
	has = rd_u8(&r);
	if (r.failed || has > 1 || (has && seen_refs(ret, &r)))
		return bad("look answer", e);
	ret->has_refs = has;
	ret->files_n = rd_u32(&r);
	ret->files = r;
	for (i = 0; i < ret->files_n; i++)
		if (!hubops_file_next(&r, &f))
			return bad("look answer", e);
	return rd_end(&r) ? bad("look answer", e) : 0;
}

/* ---- FETCH ---- */

static void add_ids(struct buf *out, const struct oid *v, size_t n)
{
	size_t i;

	buf_add_u32(out, (uint32_t)n);
	for (i = 0; i < n; i++)
		buf_add(out, v[i].h, OID_SIZE);
}

void hubops_fetch_encode(struct buf *out, const struct oid *want, size_t want_n,
			 const struct oid *have, size_t have_n)
{
	add_ids(out, want, want_n);
	add_ids(out, have, have_n);
}

static struct span get_ids(struct rd *r, size_t *n)
{
	*n = rd_u32(r);
	if (*n > HUBOPS_OIDS_MAX)
		r->failed = 1;
	return rd_bytes(r, r->failed ? 0 : *n * OID_SIZE);
}

int hubops_fetch_decode(const void *p, size_t n, struct oid **want,
			size_t *want_n, struct oid **have, size_t *have_n,
			struct err *e)
{
	struct span a, b;
	struct rd r;

	*want = NULL;
	rd_init(&r, p, n);
	a = get_ids(&r, want_n);
	b = get_ids(&r, have_n);
	if (rd_end(&r))
		return bad("fetch request", e);
	*want = calloc(*want_n + *have_n + 1, sizeof(**want));
	if (!*want)
		return err_nomem(e);
	*have = *want + *want_n;
	if (a.n)
		memcpy(*want, a.p, a.n);
	if (b.n)
		memcpy(*have, b.p, b.n);
	return 0;
}

/* ---- PUSH, FILE_PUT, FILE_GET ---- */

int hubops_push_encode(struct buf *out, const char *name,
		       const struct oid *old, const struct oid *now,
		       const char *who, const char *why)
{
	if (!text_ok(name, strlen(name)) || !text_ok(who, strlen(who)) ||
	    !text_ok(why, strlen(why)))
		return HUB_EUSAGE;
	add_name(out, name, strlen(name));
	buf_add(out, old->h, OID_SIZE);
	buf_add(out, now->h, OID_SIZE);
	add_name(out, who, strlen(who));
	add_name(out, why, strlen(why));
	return 0;
}

int hubops_push_decode(struct hubops_push *ret, const void *p, size_t n,
		       struct err *e)
{
	struct rd r;

	rd_init(&r, p, n);
	copy_name(&r, ret->name);
	rd_copy(&r, ret->old.h, OID_SIZE);
	rd_copy(&r, ret->now.h, OID_SIZE);
	copy_name(&r, ret->who);
	copy_name(&r, ret->why);
	return rd_end(&r) ? bad("push request", e) : 0;
}

void hubops_put_encode(struct buf *out, enum hubops_kind kind,
		       const char *name, const void *p, size_t n)
{
	hubops_get_encode(out, kind, name);
	buf_add(out, p, n);
}

int hubops_put_decode(struct hubops_put *ret, const void *p, size_t n,
		      struct err *e)
{
	struct hubops_name name;
	struct rd r;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	ret->kind = get_kind(&r, &name);
	if (r.failed)
		return bad("file request", e);
	if (name.n)
		memcpy(ret->name, name.p, name.n);
	ret->bytes = rd_bytes(&r, r.n);
	return 0;
}

void hubops_get_encode(struct buf *out, enum hubops_kind kind,
		       const char *name)
{
	buf_add_u8(out, (uint8_t)kind);
	add_name(out, name, strlen(name));
}

int hubops_get_decode(struct hubops_put *ret, const void *p, size_t n,
		      struct err *e)
{
	int rc = hubops_put_decode(ret, p, n, e);

	return !rc && ret->bytes.n ? bad("file request", e) : rc;
}

void hubops_enrol_encode(struct buf *out, const struct hubops_enrol *q)
{
	buf_add(out, q->hub, sizeof(q->hub));
	buf_add(out, q->device, sizeof(q->device));
	buf_add(out, q->sign_pk, sizeof(q->sign_pk));
	buf_add(out, q->box_pk, sizeof(q->box_pk));
	add_name(out, q->name, strlen(q->name));
}

int hubops_enrol_decode(struct hubops_enrol *ret, const void *p, size_t n,
			struct err *e)
{
	struct hubops_name name;
	struct rd r;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rd_copy(&r, ret->hub, sizeof(ret->hub));
	rd_copy(&r, ret->device, sizeof(ret->device));
	rd_copy(&r, ret->sign_pk, sizeof(ret->sign_pk));
	rd_copy(&r, ret->box_pk, sizeof(ret->box_pk));
	name = get_name(&r);
	if (name.n >= sizeof(ret->name))
		return bad("request for a key", e);
	if (name.n)
		memcpy(ret->name, name.p, name.n);
	ret->signed_n = n - r.n;
	rd_copy(&r, ret->sig, sizeof(ret->sig));
	return rd_end(&r) || !presence_name_ok(ret->name) ?
		bad("request for a key", e) : 0;
}

int hubops_redeem_decode(const void *p, size_t n, uint8_t ssh[32],
			 struct span *enrol, struct err *e)
{
	struct hubops_enrol q;

	*enrol = (struct span){ NULL, 0 };
	if (n <= 32)
		return bad("request to join", e);
	memcpy(ssh, p, 32);
	*enrol = (struct span){ (const uint8_t *)p + 32, n - 32 };
	return hubops_enrol_decode(&q, enrol->p, enrol->n, e);
}

/* ---- VERIFY ---- */

void hubops_found_begin(struct buf *out, const uint64_t count[HUBOPS_COUNTS],
			size_t n)
{
	size_t i;

	for (i = 0; i < HUBOPS_COUNTS; i++)
		buf_add_u64(out, count[i]);
	buf_add_u32(out, (uint32_t)n);
}

static void add_text(struct buf *out, const char *s)
{
	size_t i, n = strlen(s);

	if (n > HUBOPS_NAME_MAX)
		n = HUBOPS_NAME_MAX;
	buf_add_u16(out, (uint16_t)n);
	for (i = 0; i < n; i++)
		buf_addch(out, text_ok(s + i, 1) ? s[i] : '?');
}

void hubops_found_add(struct buf *out, const char *object, const char *what,
		      const char *todo)
{
	add_text(out, object);
	add_text(out, what);
	add_text(out, todo);
}

int hubops_finding_next(struct rd *findings, struct hubops_finding *ret)
{
	int i;

	for (i = 0; i < 3; i++)
		ret->text[i] = get_name(findings);
	return !findings->failed;
}

int hubops_found_decode(struct hubops_found *ret, const void *p, size_t n,
			struct err *e)
{
	struct hubops_finding f;
	struct rd r;
	size_t i;

	rd_init(&r, p, n);
	for (i = 0; i < HUBOPS_COUNTS; i++)
		ret->count[i] = rd_u64(&r);
	ret->n = rd_u32(&r);
	ret->findings = r;
	for (i = 0; i < ret->n; i++)
		if (!hubops_finding_next(&r, &f))
			return bad("list of findings", e);
	return rd_end(&r) ? bad("list of findings", e) : 0;
}
