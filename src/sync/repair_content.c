/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_content.c - what the files of a hub's history need and its vault lacks:
 * from the places, then from the working files; and which versions of which
 * files are lost.
 */
#include "sync/repair_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os_file.h"
#include "sync/follow.h"
#include "sync/large.h"

struct content {
	struct repair_job *j;
	struct hub *h;
	struct vault *v;
	struct vault_put *put;		/* NULL: nothing to store so far */
	struct file_store any;
	struct map lost;		/* recipes */
	uint8_t *chunk;			/* PACK_PLAIN_MAX */
	uint64_t stored;
	struct buf full;
};

static char is_lost, is_back;

/* From the vault, else from elsewhere. */
static int read_any(void *arg, struct file_want *w, size_t n, struct err *e)
{
	struct content *c = arg;
	struct err why = ERR_INIT;
	struct file_store own;
	size_t i;
	int rc = 0;

	vault_store(c->v, &own);
	for (i = 0; !rc && i < n; i++) {
		rc = own.read(own.arg, &w[i], 1, &why);
		if (rc < 0)
			rc = repair_unread(c->j, rc, &why, e);
		if (rc == HUB_EABSENT)
			rc = repair_from(c->j, &w[i], e);
	}
	return rc;
}

static int store(struct content *c, unsigned type, size_t n, struct err *e)
{
	uint8_t name[32];
	int rc = 0;

	c->stored++;
	if (c->j->r->dry_run)
		return 0;
	if (!c->put)
		rc = vault_put_begin(c->v, &c->put, e);
	return rc ? rc : vault_put_object(c->put, type, c->chunk, n, name, e);
}

static int one_object(void *arg, const uint8_t name[32], unsigned type,
		      uint64_t size, struct err *e)
{
	struct content *c = arg;
	struct file_want w = { .type = type, .out = c->chunk };
	struct vault_at at;
	int rc = vault_find(c->v, name, &at, e);

	if (rc)
		return rc < 0 ? rc : 0;
	memcpy(w.name, name, 32);
	w.n = type == PACK_CHUNK ? (uint32_t)size : 0;
	rc = repair_from(c->j, &w, e);
	return rc ? rc : store(c, type, w.n, e);
}

/* Is it that nobody has it, or has it right? */
static int nobody(int rc)
{
	return rc == HUB_EABSENT || err_is_damage(rc);
}

static int one_root(void *arg, const struct pointer *p, struct err *e)
{
	struct content *c = arg;
	struct err why = ERR_INIT;
	int rc = one_object(c, p->recipe, PACK_RECIPE, 0, &why);

	if (!rc)
		rc = file_each(&c->any, p, one_object, c, &why);
	if (nobody(rc))
		return map_put(&c->lost, p->recipe, 32, &is_lost) ?
			err_nomem(e) : 0;
	if (!rc && c->j->ws)
		rc = workspace_progress(c->j->ws, "checking", c->stored, 0,
					&why);
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

static int commit(struct content *c, struct err *e)
{
	struct vault_change none = { .kind = VAULTSTATE_ORDINARY };
	int rc = c->put ? vault_put_commit(c->put, &none, e) : 0;

	vault_put_end(c->put);
	c->put = NULL;
	c->j->r->objects += rc ? 0 : c->stored;
	if (!rc && c->stored)
		rc = repair_act(c->j, e, "%llu objects that the vault lacked "
				"%s taken from places",
				(unsigned long long)c->stored,
				c->j->r->dry_run ? "would be" : "were");
	return rc;
}

/* ---- working files ---- */

static int put_file(struct content *c, const char *path, size_t n,
		    const struct pointer *ptr, struct err *e)
{
	struct workspace *ws = c->j->ws;
	struct large_file f = { .fd = -1, .size = ptr->size, .path = path };
	struct pointer now;
	int rc;

	buf_reset(&c->full);
	buf_addstr(&c->full, ws->root.p);
	buf_add(&c->full, path, n);
	if (buf_error(&c->full))
		return err_nomem(e);
	if (os_open_read(c->full.p, &f.fd, NULL))
		return 0;
	rc = c->j->r->dry_run ? large_name(ws, &f, &now, e) :
		large_put(ws, &f, &now, e);
	os_close(f.fd, path, NULL);
	if (rc == HUB_EBUSY) {		/* it became shorter */
		err_clear(e);
		return 0;
	}
	if (rc || now.size != ptr->size || memcmp(now.recipe, ptr->recipe, 32))
		return rc;
	if (map_put(&c->lost, ptr->recipe, 32, &is_back))
		return err_nomem(e);
	return repair_act(c->j, e, "'%.*s' %s stored again from the working "
			  "file", (int)n, path, c->j->r->dry_run ? "would be" :
			  "was");
}

struct walk { struct content *c; struct err *e; };

static int one_file(void *arg, const char *path, size_t n,
		    const struct tree_leaf *leaf)
{
	struct walk *w = arg;
	struct content *c = w->c;
	struct map_slot *s;
	struct pointer ptr;
	int rc = large_peek(c->j->ws->repo, leaf, &ptr, NULL);

	if (rc <= 0)
		return rc == HUB_ENOMEM ? err_nomem(w->e) : 0;
	s = map_get(&c->lost, ptr.recipe, 32);
	if (!s || s->value != &is_lost)
		return 0;
	return put_file(c, path, n, &ptr, w->e);
}

static int from_files(struct content *c, struct err *e)
{
	struct workspace *ws = c->j->ws;
	struct walk w = { c, e };
	struct buf branch = BUF_INIT;
	struct oid tip, tree;
	int rc = ws && c->lost.count ? repo_head(ws->repo, &branch, &tip, e)
				     : 1;

	if (!rc && oid_is_zero(&tip))
		rc = 1;
	if (!rc)
		rc = follow_commit_tree(ws->repo, &tip, &tree, e);
	if (!rc)
		rc = tree_walk(ws->repo, &tree, "", 0, one_file, &w, e);
	if (!rc)
		rc = large_commit(ws, e);
	buf_release(&branch);
	return rc < 0 ? rc : 0;
}

/* ---- what is lost ---- */

static int tell(void *arg, const char *path, size_t n, const struct pointer *p,
		const struct commit *at)
{
	struct content *c = arg;
	struct map_slot *s = map_get(&c->lost, p->recipe, 32);
	struct repair *r = c->j->r;
	struct repair_lost *l;

	if (!s || s->value != &is_lost || r->lost_found++ >= REPAIR_LOST_MAX)
		return 0;
	if (r->lost_n == r->lost_alloc) {
		l = realloc(r->lost, (2 * r->lost_n + 16) * sizeof(*l));
		if (!l)
			return HUB_ENOMEM;
		r->lost = l;
		r->lost_alloc = 2 * r->lost_n + 16;
	}
	l = &r->lost[r->lost_n];
	l->path = malloc(n + 1);
	if (!l->path)
		return HUB_ENOMEM;
	memcpy(l->path, path, n);
	l->path[n] = '\0';
	memcpy(l->commit, oid_hex(&at->id), OID_HEX + 1);
	l->time = at->time;
	r->lost_n++;
	return 0;
}

static int nothing(void *arg, const struct pointer *p, struct err *e)
{
	(void)arg;
	(void)p;
	(void)e;
	return 0;
}

/* Every version of every file that is lost, by a second look at the history. */
static int tell_all(struct content *c, struct err *e)
{
	struct collect_roots *roots;
	struct map_slot *s;
	size_t pos = 0, n = 0;
	int rc;

	while ((s = map_next(&c->lost, &pos)))
		n += s->value == &is_lost;
	if (!n)
		return 0;
	roots = collect_roots_new(c->h, vault_keys(c->v)->identity);
	if (!roots)
		return err_nomem(e);
	collect_roots_pass(roots);
	collect_roots_watch(roots, tell, c);
	rc = collect_roots_each(roots, nothing, NULL, e);
	collect_roots_free(roots);
	if (rc == HUB_ECORRUPT) {	/* the same that the first look met */
		err_clear(e);
		rc = 0;
	}
	return rc;
}

int repair_content(struct repair_job *j, struct hub *h, struct vault *v,
		   struct err *e)
{
	struct content c = { .j = j, .h = h, .v = v, .lost = MAP_INIT,
			     .full = BUF_INIT };
	struct collect_roots *roots =
		collect_roots_new(h, vault_keys(v)->identity);
	int rc;

	if (roots)
		collect_roots_pass(roots);
	c.any.read = read_any;
	c.any.arg = &c;
	c.chunk = malloc(PACK_PLAIN_MAX);
	rc = c.chunk && roots ? collect_roots_each(roots, one_root, &c, e) :
		err_nomem(e);
	if (rc == HUB_ECORRUPT) {	/* git's objects are told as left */
		err_clear(e);
		rc = repair_act(j, e, "the history cannot be read whole: of "
				"the files in it only a part was looked at");
	}
	if (!rc)
		rc = commit(&c, e);
	if (!rc)
		rc = from_files(&c, e);
	if (!rc)
		rc = tell_all(&c, e);
	vault_put_end(c.put);
	collect_roots_free(roots);
	map_release(&c.lost);
	buf_release(&c.full);
	free(c.chunk);
	return rc;
}
