/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_salvage.c - what was in packs that are damaged: found in the index and
 * in the packs' own directories, read where it is whole, and stored again.
 *
 * Every object is compared with its name by whoever reads it: nothing wrong is
 * ever stored.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "fmt/recipe.h"
#include "store/vault_repair_internal.h"

static int add(struct vault_mend *m, const uint8_t pack[32],
	       const struct pack_entry *at, struct err *e)
{
	size_t n = m->todo_alloc ? 2 * m->todo_alloc : 256;
	void *p;

	if (m->todo_n == m->todo_alloc) {
		p = realloc(m->todo, n * sizeof(*m->todo));
		if (!p)
			return err_nomem(e);
		m->todo = p;
		m->todo_alloc = n;
	}
	memcpy(m->todo[m->todo_n].pack, pack, 32);
	m->todo[m->todo_n++].at = *at;
	return 0;
}

/* ---- which objects ---- */

static int from_segment(struct vault_mend *m, const void *p, size_t n,
			struct err *e)
{
	struct segment_entry en;
	struct segment_pack sp;
	struct segment s;
	uint32_t i;
	int rc = segment_open(&s, p, n, e), any = 0;

	for (i = 0; rc == 0 && !any && i < s.packs_n; i++) {
		segment_pack(&s, i, &sp);
		any = map_get(&m->bad, sp.id, 32) != NULL;
	}
	for (i = 0; rc == 0 && any && i < s.entries_n; i++) {
		segment_entry(&s, i, &en);
		segment_pack(&s, en.pack, &sp);
		if (map_get(&m->bad, sp.id, 32))
			rc = add(m, sp.id, &en.at, e);
	}
	return rc;
}

static int from_index(struct vault_mend *m, struct err *e)
{
	const struct vaultstate *s = m->v->st;
	struct segment_ref *list = NULL;
	const struct segment_ref *r;
	struct buf b = BUF_INIT;
	size_t n = 0, i;
	int rc = vault_index_list(m->v, s, &list, &n, e);

	if (err_is_damage(rc))
		rc = 0;		/* it has been reported */
	for (i = 0; rc == 0 && i < n + s->recent_n; i++) {
		r = i < n ? &list[i] : &s->recent[i - n];
		buf_reset(&b);
		rc = vault_index_object(m->v, PACK_SEGMENT, r->name, r->pack,
					&b, e);
		if (rc == 0)
			rc = from_segment(m, b.p, b.n, e);
		if (err_is_damage(rc))
			rc = 0;
	}
	if (rc == 0 && s->inline_n)
		rc = from_segment(m, s->inline_segment, s->inline_n, e);
	free(list);
	buf_release(&b);
	return rc;
}

/* Its directory, where that is whole. */
static int from_pack(struct vault_mend *m, const uint8_t pack[32],
		     struct err *e)
{
	struct pack_entry *all = NULL;
	struct pack_head head;
	size_t n = 0, i;
	int rc = packread_head(m->v->read, pack, &head, NULL);

	if (rc == 0 && head.kind == PACK_DATA)
		rc = packread_dir(m->v->read, pack, &all, &n, NULL);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	rc = 0;
	for (i = 0; rc == 0 && i < n; i++)
		rc = add(m, pack, &all[i], e);
	free(all);
	return rc;
}

static int order(const void *a, const void *b)
{
	const struct vault_salvage *x = a, *y = b;
	int c = memcmp(x->pack, y->pack, 32);

	if (!c)
		c = x->at.at < y->at.at ? -1 : x->at.at > y->at.at;
	return c ? c : memcmp(x->at.name, y->at.name, 32);
}

int vault_salvage_list(struct vault_mend *m, struct err *e)
{
	struct map_slot *s;
	size_t pos = 0, i, n = 0;
	int rc = m->bad.count ? from_index(m, e) : 0;

	while (rc == 0 && (s = map_next(&m->bad, &pos)))
		rc = from_pack(m, (const uint8_t *)s->key, e);
	if (rc < 0 || !m->todo_n)
		return rc;
	qsort(m->todo, m->todo_n, sizeof(*m->todo), order);
	for (i = 0; i < m->todo_n; i++)
		if (!n || order(&m->todo[n - 1], &m->todo[i]))
			m->todo[n++] = m->todo[i];
	m->todo_n = n;
	return 0;
}

/* ---- reading and storing ---- */

/* Is it in a whole pack, too?  1, 0, or a code. */
static int elsewhere(struct vault_mend *m, const struct vault_salvage *s,
		     struct err *e)
{
	struct catalog_at at;
	int rc = vault_index_find(m->v, s->at.name, &at, e);

	return rc <= 0 ? rc : !map_get(&m->bad, at.pack, 32);
}

/* 1: ->bytes is the object, ${*n} long; 0: nobody has it. */
static int read_one(struct vault_mend *m, const struct vault_salvage *s,
		    struct buf *b, struct err *e)
{
	struct file_want w = { .type = s->at.type, .n = s->at.plain };
	int rc;

	buf_reset(b);
	if (s->at.plain <= PACK_PLAIN_MAX &&
	    packread_object(m->v->read, s->pack, &s->at, b, NULL) == 0)
		return 1;
	if (!m->how->from || (s->at.type != PACK_CHUNK &&
			      s->at.type != PACK_RECIPE))
		return 0;
	buf_reset(b);
	if (buf_grow(b, s->at.plain > RECIPE_NODE_MAX ? s->at.plain
						      : RECIPE_NODE_MAX) < 0)
		return err_nomem(e);
	memcpy(w.name, s->at.name, 32);
	w.out = (uint8_t *)b->p;
	rc = m->how->from(m->how->arg, &w, NULL);
	if (rc == HUB_ENOMEM || rc == HUB_ECANCEL)
		return err_set(e, rc, rc == HUB_ENOMEM ? "out of memory" :
			       "interrupted");
	if (rc == 0)
		b->n = w.n;
	return rc == 0;
}

int vault_salvage_store(struct vault_mend *m, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->todo_n; i++) {
		const struct vault_salvage *s = &m->todo[i];

		rc = elsewhere(m, s, e);
		if (rc) {
			rc = rc < 0 ? rc : 0;
			continue;
		}
		rc = read_one(m, s, &b, e);
		if (rc < 0)
			break;
		m->r->objects += rc;
		m->r->lost += !rc;
		if (rc && m->pt)
			rc = packer_add(m->pt->packer, s->at.type, s->at.name,
					b.p, b.n, e);
		else
			rc = 0;
		if (rc == 0 && m->how->progress)
			rc = m->how->progress(m->how->arg, &m->rep, e);
	}
	buf_release(&b);
	return rc;
}
