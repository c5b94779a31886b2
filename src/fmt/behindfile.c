/* SPDX-License-Identifier: GPL-2.0-or-later */
/* behindfile.c - the list of what is behind, as text. */
#include "fmt/behindfile.h"

#include <string.h>

#include "base/hex.h"
#include "base/path.h"
#include "crypt/hash.h"
#include "fmt/text.h"

#define NAME "vibehub-behind"

static const char *const kinds[] = { "none", "file", "exec", "link" };

struct line { enum behindfile_kind kind; struct oid id; };

/* "<kind> <40 hex> <path>" */
static int split(struct span v, struct line *ret, struct buf *path)
{
	static const size_t fixed = 4 + 1 + OID_HEX + 1;
	const char *s = (const char *)v.p;
	size_t i, k = 0;

	if (v.n <= fixed || s[4] != ' ' || s[fixed - 1] != ' ' ||
	    memchr(s, 0, v.n) || oid_parse(&ret->id, s + 5, OID_HEX))
		return HUB_ECORRUPT;
	while (k < 4 && memcmp(s, kinds[k], 4))
		k++;
	if (k == 4 || (k == 0) != oid_is_zero(&ret->id))
		return HUB_ECORRUPT;
	ret->kind = (enum behindfile_kind)k;
	buf_reset(path);
	for (i = fixed; i < v.n; i++) {
		char c = s[i];

		if (c == '\\') {
			if (++i == v.n || (s[i] != 'n' && s[i] != '\\'))
				return HUB_ECORRUPT;
			c = s[i] == 'n' ? '\n' : '\\';
		}
		buf_addch(path, c);
	}
	return buf_error(path) ? HUB_ENOMEM :
		path->n > PATH_LEN_MAX ? HUB_ECORRUPT : 0;
}

static int check_paths(struct text *t, uint64_t count, struct err *e)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct line l;
	struct span v = { NULL, 0 };
	uint64_t i;
	int rc = 0;

	for (i = 0; !rc && i < count; i++) {
		struct buf *now = i & 1 ? &a : &b, *last = i & 1 ? &b : &a;

		rc = text_value(t, "path", &v, e);
		if (rc < 0)
			break;
		rc = split(v, &l, now);
		if (rc == HUB_ENOMEM)
			rc = err_nomem(e);
		else if (rc || (i && mem_cmp(last->p, last->n, now->p,
					     now->n) >= 0))
			rc = text_bad(t, "path", e);
	}
	buf_release(&a);
	buf_release(&b);
	return rc;
}

static int check_hash(struct text *t, const void *p, struct err *e)
{
	size_t n = text_offset(t);
	uint8_t is[HASH_SIZE], says[HASH_SIZE];
	int rc = text_hex(t, "hash", says, sizeof(says), e);

	if (rc < 0)
		return rc;
	hash_once(is, p, n);
	return memcmp(is, says, sizeof(is)) ? text_bad(t, "hash", e) :
		text_close(t, e);
}

int behindfile_decode(struct behindfile *ret, const void *p, size_t n,
		      struct err *e)
{
	struct text t;
	uint64_t fresh = 0, list = 0;
	size_t from;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, 1, BEHINDFILE_MAX, p, n, e);
	if (!rc)
		rc = text_hex(&t, "head", ret->head.h, OID_SIZE, e);
	if (!rc)
		rc = text_hex(&t, "applying", ret->applying.h, OID_SIZE, e);
	if (!rc)
		rc = text_number(&t, "fresh", 0, 1, &fresh, e);
	if (!rc)
		rc = text_number(&t, "list", 0, 1, &list, e);
	if (!rc)	/* without a list nothing can be in it */
		rc = text_number(&t, "count", 0, list ? BEHINDFILE_MAX : 0,
				 &ret->count, e);
	if (rc < 0)
		return rc;
	from = text_offset(&t);
	rc = check_paths(&t, ret->count, e);
	if (rc < 0)
		return rc;
	ret->fresh = (int)fresh;
	ret->list = (int)list;
	ret->paths.p = (const uint8_t *)p + from;
	ret->paths.n = text_offset(&t) - from;
	return check_hash(&t, p, e);
}

int behindfile_each(const struct behindfile *b,
		    int (*fn)(void *arg, enum behindfile_kind kind,
			      const struct oid *id, const char *path,
			      size_t n), void *arg, struct err *e)
{
	struct buf path = BUF_INIT;
	struct line l;
	struct rd r;
	int rc = 0;

	rd_init(&r, b->paths.p, b->paths.n);
	while (!rc && r.n) {
		struct span v = rd_line(&r);

		v.p += strlen("path ");
		v.n -= strlen("path ");
		rc = split(v, &l, &path);
		if (rc < 0)
			rc = rc == HUB_ENOMEM ? err_nomem(e) : err_set(e, rc,
				NAME ": not what was decoded");
		else
			rc = fn(arg, l.kind, &l.id, path.p, path.n);
	}
	buf_release(&path);
	return rc;
}

void behindfile_encode(struct buf *out, const struct behindfile *b)
{
	buf_addstr(out, NAME " 1\n");
	text_add_hex(out, "head", b->head.h, OID_SIZE);
	text_add_hex(out, "applying", b->applying.h, OID_SIZE);
	buf_addf(out, "fresh %d\nlist %d\ncount %llu\n", !!b->fresh,
		 !!b->list, (unsigned long long)b->count);
}

void behindfile_encode_path(struct buf *out, enum behindfile_kind kind,
			    const struct oid *id, const char *path, size_t n)
{
	size_t i;

	buf_addf(out, "path %s ", kinds[kind]);
	hex_add(out, kind == BEHINDFILE_NONE ? oid_zero.h : id->h, OID_SIZE);
	buf_addch(out, ' ');
	for (i = 0; i < n; i++) {
		if (path[i] == '\n')
			buf_addstr(out, "\\n");
		else if (path[i] == '\\')
			buf_addstr(out, "\\\\");
		else
			buf_addch(out, path[i]);
	}
	buf_addch(out, '\n');
}

void behindfile_encode_end(struct buf *out)
{
	uint8_t h[HASH_SIZE];

	if (buf_error(out))
		return;
	hash_once(h, out->p, out->n);
	text_add_hex(out, "hash", h, sizeof(h));
}
