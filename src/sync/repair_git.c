/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_git.c - git objects of a repository: damaged files are put aside, what
 * was whole in them stays, and what is missing then comes from another
 * repository of the same history, or from the git segments of a place.
 *
 * Order: 1. what a damaged pack has whole, in a pack of its own  2. the damaged
 * files aside  3. what is missing, each object compared with its name.
 */
#include "sync/repair_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os_file.h"
#include "os/os_proc.h"
#include "repo/gitseg.h"
#include "repo/mend.h"
#include "repo/ref.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "repo/tree_raw.h"
#include "sync/verify_internal.h"

struct git {
	struct repair_job *j;
	const char *gitdir;		/* ends with '/' */
	const char *aside;
	struct buf objects, scratch;
	struct map files[3];		/* by enum mend_what */
	uint64_t moved, salvaged, taken;
	struct verify now;		/* what git fsck said last */
};

static int note(void *arg, enum mend_what what, const char *path,
		struct err *e)
{
	struct git *g = arg;

	return map_put(&g->files[what], path, strlen(path), g) ? err_nomem(e)
							       : 0;
}

/* ---- putting aside ---- */

static int aside(struct git *g, const char *path, struct err *e)
{
	uint64_t before = g->j->r->put_aside;
	int rc = repair_aside(g->j, g->aside, path, g->objects.n + 1, 0, e);

	g->moved += g->j->r->put_aside - before;
	return rc;
}

/* The files of one pack: first the one that makes git see it. */
static int aside_pack(struct git *g, const char *stem, int idx_only,
		      struct err *e)
{
	static const char *const ext[] = { ".idx", ".rev", ".bitmap", ".pack" };
	struct buf p = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < (idx_only ? 2 : 4); i++) {
		buf_reset(&p);
		buf_addf(&p, "%s%s", stem, ext[i]);
		rc = buf_error(&p) ? err_nomem(e) : aside(g, p.p, e);
	}
	buf_release(&p);
	return rc;
}

/* ---- what a damaged pack has whole ---- */

static int move_in(struct git *g, const char *name, struct err *e)
{
	static const char *const ext[] = { ".pack", ".idx" };
	struct buf from = BUF_INIT, to = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < 2; i++) {
		buf_reset(&from);
		buf_reset(&to);
		buf_addf(&from, "%s/objects/pack/%s%s", g->scratch.p, name,
			 ext[i]);
		buf_addf(&to, "%s/pack/%s%s", g->objects.p, name, ext[i]);
		rc = buf_error(&from) || buf_error(&to) ? err_nomem(e) :
			os_rename(from.p, to.p, e);
		if (!rc)
			rc = os_sync_parent(to.p, e);
	}
	buf_release(&from);
	buf_release(&to);
	return rc;
}

/* An empty repository, in place of what a killed run left. */
static int scratch(struct git *g, struct repo **ret, struct err *e)
{
	int rc = os_rmtree(g->scratch.p, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = os_mkdirs(g->scratch.p, e);
	if (!rc)
		rc = repo_create(g->scratch.p, 1, e);
	return rc ? rc : repo_open(g->scratch.p, ret, e);
}

/* A repository with a copy of the pack, with the ends that its index wants:
 * else nothing of it is read. */
static int copy_pack(struct git *g, const char *stem, struct repo **ret,
		     struct err *e)
{
	struct buf dir = BUF_INIT, at = BUF_INIT;
	int rc;

	buf_addf(&dir, "%s/from", g->scratch.p);
	buf_addf(&at, "%s/objects/pack%s", dir.p, strrchr(stem, '/'));
	rc = buf_error(&dir) || buf_error(&at) ? err_nomem(e) :
		os_mkdirs(dir.p, e);
	if (!rc)
		rc = repo_create(dir.p, 1, e);
	if (!rc)
		rc = mend_copy(stem, at.p, e);
	if (!rc)
		rc = repo_open(dir.p, ret, e);
	buf_release(&dir);
	buf_release(&at);
	return rc;
}

static int salvage(struct git *g, const char *stem, struct err *e)
{
	struct repo *from = NULL, *to = NULL;
	struct err why = ERR_INIT;
	struct buf idx = BUF_INIT;
	char name[64] = "";
	uint64_t n = 0;
	int rc = scratch(g, &to, e);

	buf_addf(&idx, "%s.idx", stem);
	if (!rc)
		rc = buf_error(&idx) ? err_nomem(e) :
			copy_pack(g, stem, &from, e);
	if (rc == HUB_EABSENT || rc == HUB_ECORRUPT) {
		err_clear(e);	/* the pack or the index is gone */
		rc = 0;
	}
	if (!rc && from) {
		rc = mend_salvage(from, idx.p, to, &n, name, &why);
		if (rc == HUB_ECORRUPT || rc == HUB_EABSENT)
			rc = 0;		/* without its index nothing is found */
		else if (rc < 0)
			err_set(e, rc, "%s", why.msg);
	}
	repo_close(from);
	repo_close(to);
	if (!rc && n && strcmp(name, strrchr(stem, '/') + 1))
		rc = move_in(g, name, e);
	g->salvaged += n;
	buf_release(&idx);
	return rc;
}

/* An index is made of its pack. */
static int index_pack(struct git *g, const char *stem, struct err *e)
{
	struct buf git = BUF_INIT, dir = BUF_INIT, pack = BUF_INIT;
	struct buf out = BUF_INIT;
	const char *argv[] = { NULL, NULL, "index-pack", NULL, NULL };
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct os_proc p = { .argv = argv, .env = env, .out = &out,
			     .errout = &out, .out_max = 1u << 20 };
	int status = 0, rc = os_find_program("git", &git, e);

	buf_addf(&dir, "--git-dir=%s", g->gitdir);
	buf_addf(&pack, "%s.pack", stem);
	argv[0] = git.p;
	argv[1] = dir.p;
	argv[3] = pack.p;
	if (!rc)
		rc = buf_error(&dir) || buf_error(&pack) ? err_nomem(e) :
			aside_pack(g, stem, 1, e);
	if (!rc)
		rc = os_run(&p, &status, e);
	if (!rc && status)	/* damaged in another way: none of it counts */
		rc = aside_pack(g, stem, 0, e);
	buf_release(&git);
	buf_release(&dir);
	buf_release(&pack);
	buf_release(&out);
	return rc;
}

static int each_file(struct git *g, enum mend_what what,
		     int (*fn)(struct git *g, const char *path, struct err *e),
		     struct err *e)
{
	struct buf path = BUF_INIT;
	struct map_slot *s;
	size_t pos = 0;
	int rc = 0;

	while (!rc && (s = map_next(&g->files[what], &pos))) {
		buf_reset(&path);
		buf_add(&path, s->key, s->n);
		rc = buf_error(&path) ? err_nomem(e) : fn(g, path.p, e);
	}
	buf_release(&path);
	return rc;
}

static int one_pack(struct git *g, const char *stem, struct err *e)
{
	int rc = salvage(g, stem, e);

	return rc ? rc : aside_pack(g, stem, 0, e);
}

/* ---- what is missing ---- */

struct heal {
	struct repo *to, *from;
	struct sink *sink;
	struct oid *todo;
	size_t n, alloc;
	struct map seen;
	uint64_t taken;
	struct err *e;
};

static int want(struct heal *h, const struct oid *id)
{
	size_t n = h->alloc ? 2 * h->alloc : 64;
	void *p;

	if (oid_is_zero(id) || map_get(&h->seen, id->h, OID_SIZE))
		return 0;
	if (map_put(&h->seen, id->h, OID_SIZE, h))
		return err_nomem(h->e);
	if (h->n == h->alloc) {
		p = realloc(h->todo, n * sizeof(*h->todo));
		if (!p)
			return err_nomem(h->e);
		h->todo = p;
		h->alloc = n;
	}
	h->todo[h->n++] = *id;
	return 0;
}

/* What an object that was just taken names may be missing, too. */
static int children(struct heal *h, const struct oid *id, enum obj_type type,
		    const struct buf *b)
{
	struct commit c = COMMIT_INIT;
	struct tree_entry en;
	struct tree_raw t;
	size_t i;
	int rc = 0;

	if (type == OBJ_COMMIT) {
		rc = commit_read(h->from, id, &c, h->e);
		if (!rc)
			rc = want(h, &c.tree);
		for (i = 0; !rc && i < c.parents_n; i++)
			rc = want(h, &c.parents[i]);
		commit_release(&c);
	}
	if (type == OBJ_TREE) {
		tree_raw_init(&t, b->p, b->n);
		while (!rc && (rc = tree_raw_next(&t, &en)) > 0)
			rc = en.mode == MODE_GITLINK ? 0 : want(h, &en.id);
		rc = rc == HUB_ENOMEM ? rc : 0;
	}
	return rc;
}

static int heal_one(struct heal *h, const struct oid *id)
{
	struct buf b = BUF_INIT;
	enum obj_type type;
	struct oid got;
	int rc = repo_has_quick(h->to, id);

	if (rc)
		return 0;
	rc = repo_read(h->from, id, &type, 0, &b, NULL);
	if (rc) {	/* another one may have it */
		buf_release(&b);
		return rc == HUB_ENOMEM ? err_nomem(h->e) : 0;
	}
	rc = sink_put(h->sink, type, b.p, b.n, &got, h->e);
	h->taken += !rc;
	if (!rc)
		rc = children(h, id, type, &b);
	buf_release(&b);
	return rc;
}

static int ref_id(void *arg, const char *name, const struct oid *id)
{
	(void)name;
	return want(arg, id);
}

/* All that git fsck said to be missing, and all that refs name. */
static int missing(struct heal *h, struct git *g)
{
	const struct verify *v = &g->now;
	struct oid id;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < v->n; i++)
		if (!oid_parse(&id, v->v[i].object, strlen(v->v[i].object)))
			rc = want(h, &id);
	if (!rc)
		ref_each(h->to, "refs/", ref_id, h, NULL);
	return rc;
}

/* From the repository ${from}: what of the missing it has. */
static int heal(struct git *g, const char *from, struct err *e)
{
	struct heal h = { .seen = MAP_INIT, .e = e };
	struct oid id;
	int rc = repo_open(g->gitdir, &h.to, e);

	if (!rc)
		rc = repo_open(from, &h.from, e);
	if (!rc)
		rc = missing(&h, g);
	if (!rc && h.n)
		rc = sink_open(h.to, SINK_AUTO, &h.sink, e);
	while (!rc && h.n) {
		id = h.todo[--h.n];
		rc = heal_one(&h, &id);
	}
	if (!rc && h.sink) {
		rc = sink_commit(h.sink, NULL, e);
		h.sink = NULL;
	}
	g->taken += rc ? 0 : h.taken;
	sink_abort(h.sink);
	repo_close(h.to);
	repo_close(h.from);
	map_release(&h.seen);
	free(h.todo);
	return rc;
}

/* ---- from a place ---- */

static int take_bytes(void *arg, const void *p, size_t n, struct err *e)
{
	return gitseg_in_add(arg, p, n, e);
}

static int take_segment(struct places_link *l, struct repo *to,
			const struct vaultrefs_git *s, struct err *e)
{
	struct file_sink sink = { .write = take_bytes };
	struct gitseg_in *in = NULL;
	struct file_store store;
	struct pointer ptr;
	int rc = gitseg_in_open(to, &in, e);

	memcpy(ptr.recipe, s->recipe, 32);
	ptr.size = s->size;
	vault_store(l->vault, &store);
	sink.arg = in;
	if (!rc)
		rc = file_get(&store, &ptr, &sink, e);
	if (!rc) {
		rc = gitseg_in_end(in, NULL, e);
		in = NULL;
	}
	gitseg_in_abort(in);
	return rc;
}

/* All segments that can be read, in a repository of their own. */
static int from_place(struct git *g, struct places_link *l, struct err *e)
{
	struct vaultrefs refs;
	struct repo *to = NULL;
	size_t i;
	int rc;

	memset(&refs, 0, sizeof(refs));
	if (vault_refs(l->vault, &refs, NULL))
		return 0;
	rc = scratch(g, &to, e);
	for (i = 0; !rc && i < refs.git_n; i++)
		if (take_segment(l, to, &refs.git[i], NULL) == HUB_ENOMEM)
			rc = err_nomem(e);
	repo_close(to);
	vaultrefs_release(&refs);
	return rc ? rc : heal(g, g->scratch.p, e);
}

/* ---- all of it ---- */

static int is_whole(struct git *g, struct err *e)
{
	int rc;

	verify_release(&g->now);
	rc = verify_git(&g->now, "hub", g->gitdir, e);
	return rc ? rc : !g->now.found;
}

static int mend(struct git *g, const char *from, struct err *e)
{
	struct places_link *l;
	size_t i = 0;
	int whole = 0, rc = each_file(g, MEND_IDX, index_pack, e);

	if (!rc)
		rc = each_file(g, MEND_PACK, one_pack, e);
	if (!rc)
		rc = each_file(g, MEND_LOOSE, aside, e);
	if (!rc)
		rc = whole = is_whole(g, e);
	if (!rc && from) {
		rc = heal(g, from, e);
		if (!rc && repair_places(g->j, 0))
			rc = whole = is_whole(g, e);
	}
	while (!rc && (l = repair_places(g->j, i++))) {
		rc = from_place(g, l, e);
		if (!rc && repair_places(g->j, i))
			rc = whole = is_whole(g, e);
	}
	return whole > 0 ? 0 : rc;
}

static int told(struct git *g, struct err *e)
{
	struct repair_job *j = g->j;
	int rc = 0;

	if (j->r->dry_run) {
		g->moved = g->files[0].count + g->files[1].count +
			g->files[2].count;
		return g->moved ? repair_act(j, e, "%llu damaged files of git "
					     "would be put aside",
					     (unsigned long long)g->moved) : 0;
	}
	if (g->moved)
		rc = repair_act(j, e, "%llu damaged files of git put aside",
				(unsigned long long)g->moved);
	if (!rc && g->salvaged)
		rc = repair_act(j, e, "%llu objects of damaged git packs are "
				"kept", (unsigned long long)g->salvaged);
	if (!rc && g->taken)
		rc = repair_act(j, e, "%llu git objects were taken from another "
				"copy", (unsigned long long)g->taken);
	return rc;
}

int repair_git(struct repair_job *j, const char *gitdir, const char *aside_dir,
	       const char *from, struct err *e)
{
	struct git g = { .j = j, .gitdir = gitdir, .aside = aside_dir,
			 .objects = BUF_INIT, .scratch = BUF_INIT };
	int rc, i;

	buf_addf(&g.objects, "%sobjects", gitdir);
	buf_addf(&g.scratch, "%s/scratch~", aside_dir);
	rc = buf_error(&g.objects) || buf_error(&g.scratch) ? err_nomem(e) :
		mend_each(g.objects.p, note, &g, e);
	if (!rc && !j->r->dry_run)
		rc = mend(&g, from, e);
	if (!rc)
		rc = told(&g, e);
	if (!j->r->dry_run)
		os_rmtree(g.scratch.p, NULL);
	for (i = 0; i < 3; i++)
		map_release(&g.files[i]);
	verify_release(&g.now);
	buf_release(&g.objects);
	buf_release(&g.scratch);
	return rc;
}
