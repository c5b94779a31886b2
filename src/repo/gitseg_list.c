/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gitseg_list.c - which objects a git segment has, and in which order.
 *
 * Commits are walked oldest first; each is compared with its first two parents,
 * and only what differs from both is looked into: what equals a parent's was
 * listed with that parent, or the reader has it.  Reading no blob, it takes as
 * long as the trees that differ.
 *
 * Paths are known by a hash only: two that share one stand beside each other in
 * the segment, that is all.
 */
#include "repo/gitseg_internal.h"

#include <stdlib.h>

#include "repo/tree_internal.h"

#define TAG_DEPTH_MAX 16
#define PARENTS 2
struct lister {
	struct gitseg_list *l;
	struct tree_src src;
	struct oid *have;		/* commits known here, then tips done */
	size_t have_n;
	struct buf data;
	struct err *e;
};

/* ---- the set of objects ---- */

static size_t slot_of(const struct gitseg_list *l, const uint8_t *id)
{
	size_t h;

	memcpy(&h, id, sizeof(h));
	return h & (l->slots_n - 1);
}

static void link_entry(struct gitseg_list *l, size_t n)
{
	size_t i = slot_of(l, l->en[n].id);

	while (l->slots[i])
		i = (i + 1) & (l->slots_n - 1);
	l->slots[i] = (uint32_t)n + 1;
}

static int make_room(struct gitseg_list *l)
{
	size_t i, a;
	void *m;

	if (l->n == l->alloc) {
		a = l->alloc ? l->alloc * 2 : 256;
		m = a > UINT32_MAX ? NULL : realloc(l->en, a * sizeof(*l->en));
		if (!m)
			return HUB_ENOMEM;
		l->en = m;
		l->alloc = a;
	}
	if ((l->n + 1) * 4 <= l->slots_n * 3)
		return 0;
	a = l->slots_n ? l->slots_n * 2 : 512;
	m = calloc(a, sizeof(*l->slots));
	if (!m)
		return HUB_ENOMEM;
	free(l->slots);
	l->slots = m;
	l->slots_n = a;
	for (i = 0; i < l->n; i++)
		link_entry(l, i);
	return 0;
}

size_t gitseg_list_find(const struct gitseg_list *l, const uint8_t *id)
{
	size_t i;

	if (!l->slots_n)
		return GITSEG_NONE;
	for (i = slot_of(l, id); l->slots[i]; i = (i + 1) & (l->slots_n - 1))
		if (!memcmp(l->en[l->slots[i] - 1].id, id, OID_SIZE))
			return l->slots[i] - 1;
	return GITSEG_NONE;
}

static int is_listed(const struct gitseg_list *l, const struct oid *id)
{
	return gitseg_list_find(l, id->h) != GITSEG_NONE;
}

void gitseg_list_relink(struct gitseg_list *l)
{
	size_t i;

	if (l->slots_n)
		memset(l->slots, 0, l->slots_n * sizeof(*l->slots));
	for (i = 0; i < l->n; i++)
		link_entry(l, i);
}

static int new_entry(struct gitseg_list *l, const struct oid *id,
		     enum obj_type type, uint32_t path)
{
	struct gitseg_entry *en;

	if (make_room(l))
		return HUB_ENOMEM;
	en = &l->en[l->n];
	memset(en, 0, sizeof(*en));
	memcpy(en->id, id->h, OID_SIZE);
	en->type = (uint8_t)type;
	en->path = path;
	en->seq = (uint32_t)l->n;
	link_entry(l, l->n++);
	return 0;
}

int gitseg_list_add(struct gitseg_list *l, const struct oid *id,
		    enum obj_type type)
{
	return new_entry(l, id, type, 0);
}

static int list_add(struct lister *x, const struct oid *id, enum obj_type type,
		    uint32_t path)
{
	return new_entry(x->l, id, type, path) ? err_nomem(x->e) : 0;
}

/* ---- numbers of paths ---- */

/* FNV-1a, of the name after the hash of its folder. */
static uint64_t path_hash(uint64_t h, const char *name, size_t n)
{
	size_t i;

	h ^= '/';
	for (i = 0; i < n; i++)
		h = (h ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3);
	return h * UINT64_C(0x9e3779b97f4a7c15);
}

static struct gitseg_path *path_slot(struct gitseg_path *t, size_t alloc,
				     uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) & (alloc - 1);

	while (t[i].used && t[i].hash != hash)
		i = (i + 1) & (alloc - 1);
	return &t[i];
}

static int paths_grow(struct gitseg_list *l)
{
	size_t i, a = l->paths_alloc ? l->paths_alloc * 2 : 512;
	struct gitseg_path *t = calloc(a, sizeof(*t));

	if (!t)
		return HUB_ENOMEM;
	for (i = 0; i < l->paths_alloc; i++)
		if (l->paths[i].used)
			*path_slot(t, a, l->paths[i].hash) = l->paths[i];
	free(l->paths);
	l->paths = t;
	l->paths_alloc = a;
	return 0;
}

static int path_number(struct lister *x, uint64_t hash, uint32_t *ret)
{
	struct gitseg_list *l = x->l;
	struct gitseg_path *p;

	if ((l->paths_n + 1) * 4 > l->paths_alloc * 3 && paths_grow(l))
		return err_nomem(x->e);
	p = path_slot(l->paths, l->paths_alloc, hash);
	if (!p->used) {
		p->used = 1;
		p->hash = hash;
		p->n = (uint32_t)l->paths_n++;
	}
	*ret = p->n;
	return 0;
}

/* ---- trees ---- */

static int list_tree(struct lister *x, const struct oid old[PARENTS],
		     const struct oid *id, uint64_t hash, size_t depth);

static int list_entry(struct lister *x, const struct tree_entry *en,
		      const struct oid old[PARENTS], uint64_t hash,
		      size_t depth)
{
	uint32_t path;
	int rc;

	if (en->mode == MODE_GITLINK || is_listed(x->l, &en->id))
		return 0;
	hash = path_hash(hash, en->name, en->name_n);
	if (en->mode == MODE_TREE)
		return list_tree(x, old, &en->id, hash, depth + 1);
	rc = path_number(x, hash, &path);
	return rc < 0 ? rc : list_add(x, &en->id, OBJ_BLOB, path);
}

/* at_name(): move ${a} up to ${en}; 1 if the same thing stands there, else 0
 * and the folder of that name, or zero, in ${old}. */
static int at_name(struct tree_cursor *a, const struct tree_entry *en,
		   struct oid *old)
{
	int c = -1;

	*old = oid_zero;
	while (a->has && (c = tree_entry_cmp(&a->en, en)) < 0)
		tree_cursor_next(a);
	if (!a->has || c)
		return 0;
	if (oid_eq(&a->en.id, &en->id))
		return 1;
	if (a->en.mode == MODE_TREE)
		*old = a->en.id;
	return 0;
}

/* list_tree(): all below ${id} that none of ${old} has, then itself. */
static int list_tree(struct lister *x, const struct oid old[PARENTS],
		     const struct oid *id, uint64_t hash, size_t depth)
{
	struct tree_cursor a[PARENTS] = { TREE_CURSOR_INIT, TREE_CURSOR_INIT };
	struct tree_cursor b = TREE_CURSOR_INIT;
	struct oid below[PARENTS];
	uint32_t path;
	int i, same, rc = 0;

	if (is_listed(x->l, id) || oid_eq(&old[0], id) || oid_eq(&old[1], id))
		return 0;
	if (!oid_eq(id, &tree_empty_id))
		rc = tree_depth_check(depth, "", x->e);
	for (i = 0; !rc && i < PARENTS; i++)
		rc = tree_cursor_open(&a[i], &x->src, &old[i], x->e);
	if (!rc)
		rc = tree_cursor_open(&b, &x->src, id, x->e);
	while (!rc && b.has) {
		for (same = i = 0; i < PARENTS; i++)
			same |= at_name(&a[i], &b.en, &below[i]);
		rc = same ? 0 : list_entry(x, &b.en, below, hash, depth);
		tree_cursor_next(&b);
	}
	for (i = 0; i < PARENTS; i++)
		tree_cursor_release(&a[i]);
	tree_cursor_release(&b);
	if (!rc)
		rc = path_number(x, hash, &path);
	return rc < 0 ? rc : list_add(x, id, OBJ_TREE, path);
}

/* ---- commits and tips ---- */

static int missing(struct lister *x, const struct oid *id, const char *what)
{
	return err_set(x->e, HUB_ECORRUPT, "%s %s is missing from '%s': `hub "
		       "verify` tells more", what, oid_hex(id),
		       repo_commondir(x->l->r));
}

static int list_commit(void *arg, const struct oid *id)
{
	struct lister *x = arg;
	struct commit c = COMMIT_INIT, p = COMMIT_INIT;
	struct oid old[PARENTS] = { oid_zero, oid_zero };
	size_t i;
	int rc;

	if (is_listed(x->l, id))
		return 0;
	rc = commit_read(x->l->r, id, &c, x->e);
	if (rc == HUB_EABSENT)
		rc = missing(x, id, "commit");
	for (i = 0; !rc && i < c.parents_n && i < PARENTS; i++) {
		rc = commit_read(x->l->r, &c.parents[i], &p, x->e);
		if (rc == HUB_EABSENT)
			rc = missing(x, &c.parents[i], "commit");
		else
			old[i] = p.tree;
	}
	if (!rc)
		rc = list_tree(x, old, &c.tree, 0, 0);
	if (!rc)
		rc = list_add(x, id, OBJ_COMMIT, 0);
	x->l->commits += !rc;
	commit_release(&c);
	commit_release(&p);
	return rc;
}

/* "object <id>\n..." */
static int tag_target(struct lister *x, const struct oid *tag, struct oid *ret)
{
	int rc = repo_read_as(x->l->r, tag, OBJ_TAG, COMMIT_MAX, &x->data,
			      x->e);

	if (rc < 0)
		return rc;
	if (x->data.n < 7 + OID_HEX || memcmp(x->data.p, "object ", 7) ||
	    oid_parse(ret, x->data.p + 7, OID_HEX))
		return err_set(x->e, HUB_ECORRUPT, "tag object %s is malformed",
			       oid_hex(tag));
	return 0;
}

static int list_tip(struct lister *x, const struct oid *tip, int depth)
{
	static const struct oid none[PARENTS];
	struct oid target;
	enum obj_type type;
	int rc = repo_size(x->l->r, tip, &type, NULL, x->e);

	if (rc == HUB_EABSENT)
		return missing(x, tip, "object");
	if (rc < 0 || is_listed(x->l, tip))
		return rc;
	if (type == OBJ_COMMIT) {
		rc = repo_walk(x->l->r, tip, x->have, x->have_n, 1,
			       list_commit, x, x->e);
		if (!rc)
			x->have[x->have_n++] = *tip;
		return rc;
	}
	if (type == OBJ_TREE)
		return list_tree(x, none, tip, 0, 0);
	if (type == OBJ_BLOB)
		return list_add(x, tip, OBJ_BLOB, 0);
	if (depth >= TAG_DEPTH_MAX)
		return err_set(x->e, HUB_ELIMIT, "tag %s names tags too deeply",
			       oid_hex(tip));
	rc = tag_target(x, tip, &target);
	if (!rc)
		rc = list_tip(x, &target, depth + 1);
	return rc < 0 ? rc : list_add(x, tip, OBJ_TAG, 0);
}

/* Only commits that are here can bound the walk; a tag stands for its own. */
static void known_have(struct lister *x, const struct oid *have, size_t n)
{
	enum obj_type type;
	struct oid id;
	size_t i;
	int depth;

	for (i = 0; i < n; i++) {
		id = have[i];
		for (depth = 0; depth < TAG_DEPTH_MAX; depth++) {
			if (!repo_has_quick(x->l->r, &id) ||
			    repo_size(x->l->r, &id, &type, NULL, NULL))
				break;
			if (type == OBJ_COMMIT)
				x->have[x->have_n++] = id;
			if (type != OBJ_TAG || tag_target(x, &id, &id))
				break;
		}
	}
	err_clear(x->e);
}

static int by_oid(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

/* list_tips(): those that the reader does not have as they are. */
static int list_tips(struct lister *x, const struct oid *tips, size_t tips_n,
		     const struct oid *have, size_t have_n)
{
	struct oid *sorted = calloc(have_n + 1, sizeof(*sorted));
	size_t i;
	int rc = sorted ? 0 : err_nomem(x->e);

	if (!rc && have_n) {
		memcpy(sorted, have, have_n * sizeof(*sorted));
		qsort(sorted, have_n, sizeof(*sorted), by_oid);
	}
	for (i = 0; !rc && i < tips_n; i++)
		if (!have_n || !bsearch(&tips[i], sorted, have_n,
					sizeof(*sorted), by_oid))
			rc = list_tip(x, &tips[i], 0);
	free(sorted);
	return rc;
}

/* ---- order ---- */

static int kind(const struct gitseg_entry *en)
{
	return en->type == OBJ_BLOB ? 0 : en->type == OBJ_TREE ? 1 :
		en->type == OBJ_COMMIT ? 2 : 3;
}

static int by_place(const void *a, const void *b)
{
	const struct gitseg_entry *x = a, *y = b;
	int k = kind(x) - kind(y);

	if (k)
		return k;
	if (x->path != y->path)
		return x->path < y->path ? -1 : 1;
	if (kind(x) > 1)	/* commits, tags: oldest first */
		return x->seq < y->seq ? -1 : x->seq > y->seq;
	return x->seq > y->seq ? -1 : x->seq < y->seq;
}

int gitseg_list_make(struct gitseg_list *l, const struct oid *tips,
		     size_t tips_n, const struct oid *have, size_t have_n,
		     struct err *e)
{
	struct lister x = { .l = l, .src = { l->r, NULL }, .data = BUF_INIT,
			    .e = e };
	int rc;

	x.have = calloc(have_n + tips_n + 1, sizeof(*x.have));
	if (!x.have)
		return err_nomem(e);
	known_have(&x, have, have_n);
	rc = list_tips(&x, tips, tips_n, have, have_n);
	if (!rc && l->n > GITSEG_FEW)
		qsort(l->en, l->n, sizeof(*l->en), by_place);
	free(x.have);
	buf_release(&x.data);
	return rc;
}

void gitseg_list_release(struct gitseg_list *l)
{
	free(l->en);
	free(l->slots);
	free(l->paths);
	memset(l, 0, sizeof(*l));
}
