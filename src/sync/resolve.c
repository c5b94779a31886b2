/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve.c - settle conflicts.
 *
 * A conflict is a name (conflict.h), so settling one is a change of names:
 * every computer agrees without any mark beside the files.
 */
#include "sync/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "os/os_file.h"
#include "sync/act.h"
#include "sync/follow.h"

#define NAMES_MAX 1000		/* tries for a name of its own */

struct job {
	struct workspace *ws;
	struct resolve *r;
	enum resolve_keep keep;
	struct oid tree;		/* HEAD's */
	struct err *e;
};

static char *copy_of(const char *p, size_t n)
{
	char *s = malloc(n + 1);

	if (s) {
		memcpy(s, p, n);
		s[n] = '\0';
	}
	return s;
}

static int collect(void *arg, const struct conflict_entry *c)
{
	struct job *j = arg;
	struct resolve *r = j->r;
	struct resolve_item *it;

	if (r->n == r->alloc) {
		size_t want = r->alloc ? r->alloc * 2 : 16;

		it = realloc(r->v, want * sizeof(*it));
		if (!it)
			return err_nomem(j->e);
		r->v = it;
		r->alloc = want;
	}
	it = &r->v[r->n];
	memset(it, 0, sizeof(*it));
	it->copy = copy_of(c->copy, c->copy_n);
	it->path = copy_of(c->path, c->path_n);
	it->copy_n = c->copy_n;
	it->path_n = c->path_n;
	it->who = c->who;
	r->n++;
	return it->copy && it->path ? 0 : err_nomem(j->e);
}

/* Does a person who says ${arg} mean this conflict? */
static int means(const char *arg, const struct resolve_item *it)
{
	size_t n = strlen(arg);

	return !n || !strcmp(arg, it->copy) || !strcmp(arg, it->path) ||
		(it->copy_n > n && it->copy[n] == '/' &&
		 !memcmp(arg, it->copy, n));
}

static int pick(struct job *j, const char *arg)
{
	struct buf show = BUF_INIT;
	size_t i;
	int found = 0;

	for (i = 0; i < j->r->n; i++) {
		struct resolve_item *it = &j->r->v[i];

		if (!means(arg, it))
			continue;
		found = 1;
		j->r->picked += !it->picked;
		it->picked = 1;
	}
	if (found)
		return 0;
	utf8_show(&show, *arg ? arg : ".", strlen(*arg ? arg : "."));
	err_set(j->e, HUB_EABSENT, "there is no conflict at '%s': `hub "
		"conflicts` lists them", show.p);
	buf_release(&show);
	return HUB_EABSENT;
}

static int fail(struct job *j, int rc, const char *path, const char *what)
{
	struct buf show = BUF_INIT;

	utf8_show(&show, path, strlen(path));
	err_set(j->e, rc, "'%s' %s", show.p, what);
	buf_release(&show);
	return rc;
}

/* ---- may it be done? ---- */

static int leaf_at(struct job *j, const char *path, size_t n,
		   struct tree_leaf *ret)
{
	int rc = tree_find(j->ws->repo, &j->tree, path, n, ret, j->e);

	if (rc == HUB_EABSENT) {
		err_clear(j->e);
		memset(ret, 0, sizeof(*ret));
		rc = 0;
	}
	return rc;
}

/* Is the version on disk one that was not recorded? */
static int waits(const struct workspace *ws, const char *path, size_t n)
{
	static const enum report_kind kinds[] = {
		REPORT_STAGED, REPORT_UNSTABLE, REPORT_LARGE,
		REPORT_UNREADABLE, REPORT_PARKED,
	};
	size_t k, i;

	for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (i = 0; i < ws->rep.items_n[kinds[k]]; i++) {
			const struct report_item *it =
				&ws->rep.items[kinds[k]][i];

			if (!mem_cmp(it->path, it->n, path, n))
				return 1;
		}
	return 0;
}

static int check_copy(struct job *j, const struct resolve_item *it)
{
	size_t i;

	if (it->path_leaf.mode == MODE_TREE)
		return fail(j, HUB_ECONFLICT, it->path, "is a folder: give the "
			    "copy another name with --keep=both");
	if (waits(j->ws, it->path, it->path_n))
		return fail(j, HUB_EGUARD, it->path, "is not recorded as it is "
			    "now (`hub status` says why): it would be lost");
	for (i = 0; i < j->r->n; i++)
		if (&j->r->v[i] != it && j->r->v[i].picked &&
		    !strcmp(j->r->v[i].path, it->path))
			return fail(j, HUB_EUSAGE, it->path, "has several "
				    "copies: name the one to keep (`hub "
				    "conflicts` lists them)");
	return 0;
}

static int check(struct job *j, struct resolve_item *it)
{
	int rc = leaf_at(j, it->copy, it->copy_n, &it->copy_leaf);

	if (!rc)
		rc = leaf_at(j, it->path, it->path_n, &it->path_leaf);
	if (rc < 0)
		return rc;
	if (!it->copy_leaf.mode || it->copy_leaf.mode == MODE_TREE ||
	    waits(j->ws, it->copy, it->copy_n))
		return fail(j, HUB_EGUARD, it->copy, "is not recorded as it is "
			    "now (`hub status` says why): it would be lost");
	if (j->keep == RESOLVE_COPY)
		return check_copy(j, it);
	if (j->keep == RESOLVE_PATH && !it->path_leaf.mode)
		return fail(j, HUB_EUSAGE, it->path, "is not there any more: "
			    "--keep=copy gives its name to the copy");
	return 0;
}

/* ---- the change of names ---- */

static int is_free(struct job *j, const struct buf *name, int *ret)
{
	struct buf full = BUF_INIT;
	struct tree_leaf leaf;
	struct os_stat st;
	size_t i;
	int rc = leaf_at(j, name->p, name->n, &leaf);

	*ret = !leaf.mode;
	for (i = 0; i < j->r->n; i++)
		if (j->r->v[i].name && !strcmp(j->r->v[i].name, name->p))
			*ret = 0;
	if (!rc && *ret) {	/* an ignored file, for example */
		buf_addf(&full, "%s%s", j->ws->root.p, name->p);
		if (buf_error(&full))
			rc = err_nomem(j->e);
		else
			*ret = os_lstat(full.p, &st, NULL) == HUB_EABSENT;
	}
	buf_release(&full);
	return rc;
}

static int own_name(struct job *j, struct resolve_item *it)
{
	struct buf name = BUF_INIT;
	int attempt, free_now = 0, rc = 0;

	for (attempt = 0; !rc && !free_now && attempt < NAMES_MAX; attempt++) {
		buf_reset(&name);
		rc = conflict_rename(it->copy, it->copy_n, attempt, &name);
		if (!rc)
			rc = is_free(j, &name, &free_now);
	}
	if (!rc && !free_now)
		rc = fail(j, HUB_ELIMIT, it->copy, "finds no free name");
	if (!rc) {
		it->name = buf_detach(&name, NULL);
		rc = it->name ? 0 : err_nomem(j->e);
	}
	buf_release(&name);
	return rc;
}

static void add(struct tree_change *v, size_t *n, const char *path,
		const struct tree_leaf *leaf)
{
	v[*n].path = path;
	v[*n].path_n = strlen(path);
	if (leaf)
		v[*n].leaf = *leaf;
	(*n)++;
}

static int cmp_changes(const void *x, const void *y)
{
	const struct tree_change *a = x, *b = y;

	return mem_cmp(a->path, a->path_n, b->path, b->path_n);
}

static int new_tree(struct job *j, struct oid *ret)
{
	struct tree_change *v = calloc(2 * j->r->n, sizeof(*v));
	struct sink *sink = NULL;
	size_t i, n = 0;
	int rc = v ? sink_open(j->ws->repo, SINK_AUTO, &sink, j->e) :
		err_nomem(j->e);

	for (i = 0; !rc && i < j->r->n; i++) {
		struct resolve_item *it = &j->r->v[i];

		if (!it->picked)
			continue;
		add(v, &n, it->copy, NULL);
		if (j->keep == RESOLVE_COPY)
			add(v, &n, it->path, &it->copy_leaf);
		else if (j->keep == RESOLVE_BOTH)
			add(v, &n, it->name, &it->copy_leaf);
	}
	if (!rc) {
		qsort(v, n, sizeof(*v), cmp_changes);
		rc = tree_update(j->ws->repo, sink, &j->tree, v, n, ret,
				 j->e);
	}
	if (!rc) {
		rc = sink_commit(sink, NULL, j->e);
		sink = NULL;
	}
	sink_abort(sink);
	free(v);
	return rc;
}

static int commit(struct job *j, struct act *a)
{
	static const char *const kept[] = { "the file", "the copy", "both" };
	struct buf subject = BUF_INIT;
	const struct resolve_item *it = j->r->v;
	struct oid tree;
	int rc = new_tree(j, &tree);

	while (!it->picked)
		it++;
	if (j->r->picked == 1) {
		buf_addstr(&subject, "Resolve the conflict at ");
		utf8_show(&subject, it->path, it->path_n);
	} else {
		buf_addf(&subject, "Resolve %zu conflicts", j->r->picked);
	}
	buf_addf(&subject, ": keep %s", kept[j->keep]);
	if (!rc)
		rc = buf_error(&subject) ? err_nomem(j->e) :
			act_commit(a, &tree, subject.p, NULL, j->e);
	j->r->made = a->made;
	buf_release(&subject);
	return rc;
}

static int steps(struct job *j, struct act *a, const char *const *paths,
		 size_t paths_n)
{
	size_t i;
	int rc = conflict_list(j->ws, collect, j, j->e);

	for (i = 0; !rc && i < paths_n; i++)
		rc = pick(j, paths[i]);
	if (!rc)
		rc = act_record(a, NULL, j->e);
	if (!rc)
		rc = follow_commit_tree(j->ws->repo, &a->tip, &j->tree, j->e);
	for (i = 0; !rc && i < j->r->n; i++)
		if (j->r->v[i].picked)
			rc = check(j, &j->r->v[i]);
	for (i = 0; !rc && j->keep == RESOLVE_BOTH && i < j->r->n; i++)
		if (j->r->v[i].picked)
			rc = own_name(j, &j->r->v[i]);
	return rc < 0 || !j->r->picked ? rc : commit(j, a);
}

int resolve_run(struct workspace *ws, const char *const *paths, size_t paths_n,
		enum resolve_keep keep, struct resolve *ret, struct err *e)
{
	struct job j = { .ws = ws, .r = ret, .keep = keep, .e = e };
	struct act a;
	int rc = act_open(&a, ws, "resolve", e);

	if (!rc)
		rc = steps(&j, &a, paths, paths_n);
	return act_close(&a, rc, e);
}

void resolve_release(struct resolve *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->v[i].copy);
		free(r->v[i].path);
		free(r->v[i].name);
	}
	free(r->v);
	memset(r, 0, sizeof(*r));
}
