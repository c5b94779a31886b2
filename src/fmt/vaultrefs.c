/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vaultrefs.c - encode and decode the refs object of a vault. */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "fmt/presence.h"
#include "fmt/text.h"
#include "fmt/vaultrefs.h"

#define NAME "vibehub-refs"
#define VERSION 1

_Static_assert(VAULTREFS_NAME_MAX == PRESENCE_REF_MAX, "one rule for refs");

void vaultrefs_release(struct vaultrefs *v)
{
	size_t i;

	for (i = 0; i < v->refs_n; i++)
		free(v->refs[i].name);
	free(v->refs);
	memset(v, 0, sizeof(*v));
}

static int grow(struct vaultrefs *v, struct err *e)
{
	size_t n = v->refs_alloc ? 2 * v->refs_alloc : 16;
	struct vaultrefs_ref *p;

	if (v->refs_n < v->refs_alloc)
		return 0;
	p = realloc(v->refs, n * sizeof(*p));
	if (!p)
		return err_nomem(e);
	v->refs = p;
	v->refs_alloc = n;
	return 0;
}

int vaultrefs_add(struct vaultrefs *v, const struct oid *oid, const char *name,
		  struct err *e)
{
	size_t n = strlen(name);
	char *copy;
	int rc;

	if (!presence_ref_ok(name) || oid_is_zero(oid) ||
	    (v->refs_n && strcmp(v->refs[v->refs_n - 1].name, name) >= 0))
		return err_set(e, HUB_EUSAGE, "'%s' cannot be in a list of "
			       "refs here", name);
	rc = grow(v, e);
	if (rc < 0)
		return rc;
	copy = malloc(n + 1);
	if (!copy)
		return err_nomem(e);
	memcpy(copy, name, n + 1);
	v->refs[v->refs_n].oid = *oid;
	v->refs[v->refs_n++].name = copy;
	return 0;
}

const struct oid *vaultrefs_find(const struct vaultrefs *v, const char *name)
{
	size_t lo = 0, hi = v->refs_n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(v->refs[mid].name, name);
		if (c == 0)
			return &v->refs[mid].oid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

void vaultrefs_encode(struct buf *out, const struct vaultrefs *v)
{
	size_t i;

	if (!presence_ref_ok(v->head) || v->git_n > VAULTREFS_GIT_MAX)
		BUG("refs with head '%s'", v->head);
	buf_addf(out, NAME " %d\nhead %s\n", VERSION, v->head);
	for (i = 0; i < v->refs_n; i++)
		buf_addf(out, "ref %s %s\n", oid_hex(&v->refs[i].oid),
			 v->refs[i].name);
	for (i = 0; i < v->git_n; i++) {
		buf_addstr(out, "git ");
		hex_add(out, v->git[i].recipe, 32);
		buf_addf(out, " %llu %llu\n",
			 (unsigned long long)v->git[i].size,
			 (unsigned long long)v->git[i].objects);
	}
}

static int read_ref(struct text *t, struct vaultrefs *v, struct err *e)
{
	char name[VAULTREFS_NAME_MAX + 1];
	struct span s = { NULL, 0 };
	struct oid oid;
	size_t n;
	int rc = text_value(t, "ref", &s, e);

	if (rc < 0)
		return rc;
	if (s.n <= OID_HEX + 1 || s.p[OID_HEX] != ' ' ||
	    s.n - OID_HEX - 1 > VAULTREFS_NAME_MAX ||
	    oid_parse(&oid, (const char *)s.p, OID_HEX) < 0)
		return text_bad(t, "ref", e);
	n = s.n - OID_HEX - 1;
	memcpy(name, s.p + OID_HEX + 1, n);
	name[n] = 0;
	if (strlen(name) != n)
		return text_bad(t, "ref", e);
	rc = vaultrefs_add(v, &oid, name, e);
	return rc == HUB_EUSAGE ? text_bad(t, "ref", e) : rc;
}

static int read_git(struct text *t, struct vaultrefs_git *g, struct err *e)
{
	struct span s = { NULL, 0 };
	const char *p, *blank;
	int rc = text_value(t, "git", &s, e);

	if (rc < 0)
		return rc;
	p = (const char *)s.p;
	if (s.n < 68 || p[64] != ' ' || hex_decode(g->recipe, 32, p, 64) < 0)
		return text_bad(t, "git", e);
	blank = memchr(p + 65, ' ', s.n - 65);
	if (!blank ||
	    hex_dec_u64(p + 65, (size_t)(blank - p) - 65, &g->size) < 0 ||
	    hex_dec_u64(blank + 1, s.n - (size_t)(blank - p) - 1,
			&g->objects) < 0)
		return text_bad(t, "git", e);
	return 0;
}

static int read_all(struct text *t, struct vaultrefs *v, struct err *e)
{
	int rc = text_string(t, "head", v->head, sizeof(v->head),
			     presence_ref_ok, e);

	while (rc == 0 && text_is(t, "ref"))
		rc = read_ref(t, v, e);
	while (rc == 0 && v->git_n < VAULTREFS_GIT_MAX && text_is(t, "git"))
		rc = read_git(t, &v->git[v->git_n++], e);
	if (rc == 0)
		rc = text_close(t, e);
	return rc;
}

int vaultrefs_decode(struct vaultrefs *ret, const void *p, size_t n,
		     struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, VAULTREFS_MAX, p, n, e);
	if (rc == 0)
		rc = read_all(&t, ret, e);
	if (rc < 0)
		vaultrefs_release(ret);
	return rc;
}
