/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange.c - objects from one repository into another.
 *
 * Each new commit, oldest first, is compared with its first parent: only
 * folders that differ are read.  A folder that the receiver has is entered all
 * the same, because a killed git may have left it there without its files;
 * blobs that it has are not read.
 */
#include "repo/exchange_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/tree_internal.h"

#define BLOB_MAX (1u << 30)
#define TAG_DEPTH_MAX 16

struct exchange {
	struct repo *from, *to;
	struct sink *sink;
	struct tree_src src;
	int strict;
	struct exchange_stats *st;
	struct buf data;
	struct err *e;
};

static int copy_object(struct exchange *x, const struct oid *id,
		       enum obj_type type, uint64_t max)
{
	struct oid got;
	int rc;

	if (sink_has(x->sink, id))
		return 0;
	rc = repo_read_as(x->from, id, type, max, &x->data, x->e);
	if (rc == HUB_EABSENT)
		return err_set(x->e, HUB_ECORRUPT, "object %s is missing from "
			       "'%s': `hub verify` tells more", oid_hex(id),
			       repo_commondir(x->from));
	if (!rc)
		rc = sink_put(x->sink, type, x->data.p, x->data.n, &got, x->e);
	if (!rc) {
		x->st->objects++;
		x->st->bytes += x->data.n;
	}
	return rc;
}

static int check_name(struct exchange *x, const struct tree_entry *en)
{
	if (!x->strict || path_component_ok(en->name, en->name_n))
		return 0;
	return err_set(x->e, HUB_EDENIED, "a commit holds a file named '%.*s', "
		       "which no computer could write: it was not sent",
		       (int)en->name_n, en->name);
}

static int copy_tree(struct exchange *x, const struct oid *old,
		     const struct oid *id, size_t depth);

static int copy_entry(struct exchange *x, const struct tree_entry *en,
		      const struct tree_entry *was, size_t depth)
{
	int rc;

	if (was && oid_eq(&was->id, &en->id) && was->mode == en->mode)
		return 0;
	rc = check_name(x, en);
	if (rc < 0 || en->mode == MODE_GITLINK)
		return rc;
	if (en->mode != MODE_TREE)
		return copy_object(x, &en->id, OBJ_BLOB, BLOB_MAX);
	return copy_tree(x, was && was->mode == MODE_TREE ? &was->id :
			 &oid_zero, &en->id, depth + 1);
}

/* Everything below ${id} that ${old} has not, then the tree itself. */
static int copy_tree(struct exchange *x, const struct oid *old,
		     const struct oid *id, size_t depth)
{
	struct tree_cursor a = TREE_CURSOR_INIT, b = TREE_CURSOR_INIT;
	int rc = 0;

	if (oid_eq(old, id) || oid_eq(id, &tree_empty_id))
		goto self;
	rc = tree_depth_check(depth, "", x->e);
	if (!rc)
		rc = tree_cursor_open(&a, &x->src, old, x->e);
	if (!rc)
		rc = tree_cursor_open(&b, &x->src, id, x->e);
	while (!rc && b.has) {
		int c = a.has ? tree_entry_cmp(&a.en, &b.en) : 1;

		if (c < 0) {
			tree_cursor_next(&a);
			continue;
		}
		rc = copy_entry(x, &b.en, c ? NULL : &a.en, depth);
		if (!c)
			tree_cursor_next(&a);
		tree_cursor_next(&b);
	}
self:
	tree_cursor_release(&a);
	tree_cursor_release(&b);
	if (!rc)	/* the empty one too: git fsck wants it */
		rc = copy_object(x, id, OBJ_TREE, TREE_OBJECT_MAX);
	return rc;
}

static int copy_commit(void *arg, const struct oid *id)
{
	struct exchange *x = arg;
	struct commit c = COMMIT_INIT, parent = COMMIT_INIT;
	int rc = commit_read(x->from, id, &c, x->e);

	if (!rc && c.parents_n)
		rc = commit_read(x->from, &c.parents[0], &parent, x->e);
	if (rc == HUB_EABSENT)
		rc = err_set(x->e, HUB_ECORRUPT, "commit %s, or the one before "
			     "it, is missing from '%s': `hub verify` tells more",
			     oid_hex(id), repo_commondir(x->from));
	if (!rc)
		rc = copy_tree(x, c.parents_n ? &parent.tree : &oid_zero,
			       &c.tree, 0);
	if (!rc)
		rc = copy_object(x, id, OBJ_COMMIT, COMMIT_MAX);
	x->st->commits += !rc;
	commit_release(&c);
	commit_release(&parent);
	return rc;
}

/* "object <id>\ntype <type>\n..." */
static int tag_target(struct exchange *x, const struct oid *tag,
		      struct oid *target)
{
	int rc = repo_read_as(x->from, tag, OBJ_TAG, COMMIT_MAX, &x->data,
			      x->e);

	if (rc < 0)
		return rc;
	if (x->data.n < 7 + OID_HEX || memcmp(x->data.p, "object ", 7) ||
	    oid_parse(target, x->data.p + 7, OID_HEX))
		return err_set(x->e, HUB_ECORRUPT, "tag object %s is malformed",
			       oid_hex(tag));
	return 0;
}

static int copy_tip(struct exchange *x, const struct oid *tip,
		    const struct oid *have, size_t have_n, int depth)
{
	enum obj_type type;
	struct oid target;
	uint64_t size;
	int rc = repo_size(x->from, tip, &type, &size, x->e);

	if (rc == HUB_EABSENT)
		return err_set(x->e, HUB_ECORRUPT, "object %s, which a ref "
			       "names, is missing from '%s': `hub verify` tells "
			       "more", oid_hex(tip), repo_commondir(x->from));
	if (rc < 0)
		return rc;
	if (type == OBJ_COMMIT)
		return repo_walk(x->from, tip, have, have_n, 1, copy_commit, x,
				 x->e);
	if (type == OBJ_TREE)
		return copy_tree(x, &oid_zero, tip, 0);
	if (type == OBJ_BLOB)
		return copy_object(x, tip, OBJ_BLOB, BLOB_MAX);
	if (depth >= TAG_DEPTH_MAX)
		return err_set(x->e, HUB_ELIMIT, "tag %s names tags too deeply",
			       oid_hex(tip));
	rc = tag_target(x, tip, &target);
	if (!rc)
		rc = copy_tip(x, &target, have, have_n, depth + 1);
	return rc < 0 ? rc : copy_object(x, tip, OBJ_TAG, COMMIT_MAX);
}

/* Only commits that the sender knows can bound the walk. */
static int known_have(struct exchange *x, const struct oid *have, size_t n,
		      struct oid **ret, size_t *ret_n)
{
	struct oid *v = calloc(n ? n : 1, sizeof(*v));
	enum obj_type type;
	uint64_t size;
	size_t i;

	if (!v)
		return err_nomem(x->e);
	*ret = v;
	for (i = 0; i < n; i++)
		if (repo_has_quick(x->from, &have[i]) &&
		    !repo_size(x->from, &have[i], &type, &size, NULL) &&
		    type == OBJ_COMMIT)
			v[(*ret_n)++] = have[i];
	return 0;
}

int exchange_copy(struct repo *from, struct repo *to, const struct oid *tips,
		  size_t tips_n, const struct oid *have, size_t have_n,
		  int strict, const char *hint_pack,
		  struct exchange_stats *st, struct err *e)
{
	struct exchange x = { .from = from, .to = to, .src = { from, NULL },
			      .strict = strict, .st = st, .data = BUF_INIT,
			      .e = e };
	struct oid *known = NULL;
	size_t i, known_n = 0;
	int rc = 0;

	if (!hint_pack && have_n) {
		rc = exchange_fresh(from, to, st, e);
	} else if (hint_pack && *hint_pack) {
		rc = exchange_pack(from, to, hint_pack, st, e);
		if (rc == HUB_EABSENT) {	/* repacked meanwhile */
			err_clear(e);
			rc = 0;
		}
	}
	if (!rc)
		rc = known_have(&x, have, have_n, &known, &known_n);
	if (!rc)
		rc = sink_open(to, SINK_AUTO, &x.sink, e);
	for (i = 0; !rc && i < tips_n; i++)
		rc = copy_tip(&x, &tips[i], known, known_n, 0);
	if (!rc) {
		rc = sink_commit(x.sink, NULL, e);
		x.sink = NULL;
	}
	sink_abort(x.sink);
	buf_release(&x.data);
	free(known);
	return rc;
}

/* ---- a whole repository ---- */

/* Loose objects of one folder objects/xx. */
static int loose_folder(struct exchange *x, struct os_dir *objects,
			const char *xx)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type t;
	enum obj_type type;
	char hex[OID_HEX + 1];
	struct oid id;
	int rc = os_dir_at(objects, xx, &d, x->e);

	memcpy(hex, xx, 3);
	while (!rc && (rc = os_dir_next(d, &name, &t, x->e)) > 0) {
		struct oid got;

		rc = 0;
		if (strlen(name) != OID_HEX - 2)
			continue;
		memcpy(hex + 2, name, OID_HEX - 1);
		if (oid_parse(&id, hex, OID_HEX) || sink_has(x->sink, &id))
			continue;
		rc = repo_read(x->from, &id, &type, BLOB_MAX, &x->data, x->e);
		if (!rc)
			rc = sink_put(x->sink, type, x->data.p, x->data.n, &got,
				      x->e);
		else if (rc == HUB_EABSENT)
			rc = 0;		/* packed and pruned meanwhile */
		x->st->objects += !rc;
	}
	os_dir_close(d);
	return rc;
}

static int loose_all(struct exchange *x)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type t;
	uint8_t raw;
	int rc;

	buf_addf(&path, "%sobjects", repo_commondir(x->from));
	rc = buf_error(&path) ? err_nomem(x->e) : os_dir_open(path.p, &d, x->e);
	while (!rc && (rc = os_dir_next(d, &name, &t, x->e)) > 0)
		rc = strlen(name) == 2 && !hex_decode(&raw, 1, name, 2) ?
			loose_folder(x, d, name) : 0;
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

/* borrows(): does ${r} take objects from other folders (git clone --shared)?
 * 1, 0, < 0. */
static int borrows(struct repo *r, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc;

	buf_addf(&p, "%sobjects/info/alternates", repo_commondir(r));
	rc = buf_error(&p) ? err_nomem(e) : os_stat(p.p, &st, e);
	buf_release(&p);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : st.size > 0;
}

struct clone { struct exchange x; struct oid *done; size_t n; };

/* add_done(): a tip whose whole history is there bounds the next walk. */
static int add_done(struct clone *c, const struct oid *id)
{
	struct oid *v = realloc(c->done, (c->n + 1) * sizeof(*v));

	if (!v)
		return err_nomem(c->x.e);
	c->done = v;
	v[c->n++] = *id;
	return 0;
}

static int copy_ref(void *arg, const char *name, const struct oid *id)
{
	struct clone *c = arg;
	int rc = exchange_copy(c->x.from, c->x.to, id, 1, c->done, c->n, 0,
			       NULL, c->x.st, c->x.e);

	return rc < 0 ? rc : add_done(c, id);
}

/* What was pushed while the packs were copied is fetched; the rest is there. */
static int check_ref(void *arg, const char *name, const struct oid *id)
{
	struct clone *c = arg;
	int rc = repo_has(c->x.to, id, c->x.e);

	if (rc < 0)
		return rc;
	return rc ? add_done(c, id) : copy_ref(c, name, id);
}

int exchange_clone(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e)
{
	struct clone c = { .x = { .from = from, .to = to, .st = st,
				  .data = BUF_INIT, .e = e } };
	struct exchange *x = &c.x;
	int rc;

	rc = borrows(from, e);
	if (rc) {
		if (rc > 0)
			rc = ref_each(from, "refs/", copy_ref, &c, e);
		goto out;
	}
	rc = sink_open(to, SINK_AUTO, &x->sink, e);
	if (!rc)	/* loose ones first: gc moves objects into packs, never
			   back */
		rc = loose_all(x);
	if (!rc) {
		rc = sink_commit(x->sink, NULL, e);
		x->sink = NULL;
	}
	if (!rc)
		rc = exchange_packs(from, to, st, e);
	if (!rc)
		rc = ref_each(from, "refs/", check_ref, &c, e);
out:
	sink_abort(x->sink);
	buf_release(&x->data);
	free(c.done);
	return rc;
}
