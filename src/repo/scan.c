/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.c - walk a workspace's files, folder by folder, in the order of paths.
 *
 * What this file does not do: open files, know what is tracked, compare.
 *
 * A folder is read whole and sorted, then its entries are gone through one by
 * one; meeting a folder, it is done before the next entry.  There is no
 * recursion: levels[] holds the folders on the way.
 *
 *	path	src/repo/scan.c			levels	0 ""  open
 *		|   |    |				1 "src/"  maybe closed
 *		0   4    9  = path_n of levels		2 "src/repo/"  open
 *
 * Invariants:
 *  1. path begins with the names of levels 1..top; what stands behind
 *     levels[top].path_n belongs to the entry in work.
 *  2. names and rules are stacks with one section per level (a level without
 *     rules of its own has none in rules).
 *  3. Of the levels, 0 and lowest_open..top have open handles, no others; at
 *     most HANDLES_MAX + 1.  A tree may be 2,000 levels deep, and a process
 *     has 1,000 handles.  Coming back to a closed level, it is opened again
 *     from the root, name by name, never through a symlink; half of
 *     HANDLES_MAX levels above it at the same time, so that this is rare.
 */
#include "repo/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "os/os.h"
#include "repo/scan_internal.h"
#include "base/banned.h"

#define HANDLES_MAX 64
#define LEVELS_MAX (PATH_LEN_MAX / 2 + 2)	/* "a/a/a/..." and the root */

struct level {
	struct os_dir *dir;		/* NULL: closed for now */
	size_t next, end;		/* entries not gone through yet */
	size_t first, text;		/* where its section of names begins */
	size_t path_n;			/* of its path with the slash; root: 0 */
	struct scan_rules *rules;	/* that hold for its entries */
	int ignored;			/* whatever is not tracked in here is */
};

struct scan {
	const struct scan_ops *ops;
	struct buf path;
	struct scan_names names;
	size_t top, lowest_open;
	struct err why;			/* of what is noted and survived */
	struct level levels[LEVELS_MAX];
};

static int note(struct scan *s, enum scan_note what, const struct err *why)
{
	return s->ops->note(s->ops->arg, what, s->path.p, s->path.n, why);
}

/* ---- handles (invariant 3) ---- */

/* open_level(): level ${i} from the open folder ${d} above it. */
static int open_level(struct scan *s, size_t i, struct os_dir *d,
		      struct os_dir **ret)
{
	char *name = s->path.p + s->levels[i - 1].path_n;
	char *slash = s->path.p + s->levels[i].path_n - 1;
	int rc;

	*slash = '\0';
	rc = os_dir_at(d, name, ret, &s->why);
	*slash = '/';
	return rc;
}

static void close_from(struct scan *s, size_t i)
{
	for (; i <= s->top; i++) {
		os_dir_close(s->levels[i].dir);
		s->levels[i].dir = NULL;
	}
}

/* reopen(): the top level, which is closed, and some above it. */
static int reopen(struct scan *s)
{
	size_t keep = s->top > HANDLES_MAX / 2 ? s->top - HANDLES_MAX / 2 : 1;
	struct os_dir *d = s->levels[0].dir, *below;
	size_t i;
	int rc;

	for (i = 1; i <= s->top; i++) {
		rc = open_level(s, i, d, &below);
		if (i > 1 && i <= keep)
			os_dir_close(d);
		if (rc < 0) {
			close_from(s, keep);
			return rc;
		}
		d = below;
		if (i >= keep)
			s->levels[i].dir = d;
	}
	s->lowest_open = keep;
	return 0;
}

/*
 * here(): make sure that the top level is open.  1; 0 if it cannot be, which
 * was noted, and the rest of it is left out; < 0 to stop.
 */
static int here(struct scan *s, struct err *e)
{
	struct level *l = &s->levels[s->top];
	int rc;

	if (l->dir || !(rc = reopen(s)))
		return 1;
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	l->next = l->end;
	buf_setlen(&s->path, l->path_n);
	return note(s, SCAN_UNREADABLE, &s->why);
}

/* ---- levels ---- */

/*
 * fill(): names and rules of the new top level.  1 if it is ready; 0 if there
 * is nothing to go through: it is gone, or cannot be read, which is noted.
 */
static int fill(struct scan *s, struct level *l, struct err *e)
{
	int has_rules, rc;

	rc = scan_names_read(&s->names, l->dir, &has_rules, &s->why);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc == HUB_EABSENT && s->top)
		return 0;
	if (rc < 0 && s->top)
		return note(s, SCAN_UNREADABLE, &s->why);
	if (rc < 0) {
		if (e)
			*e = s->why;
		return rc;
	}
	l->end = s->names.n;
	if (has_rules && !l->ignored)
		rc = scan_rules_dir(&l->rules, l->dir, s->path.p, s->path.n, e);
	return rc < 0 ? rc : 1;
}

static void leave(struct scan *s)
{
	struct level *l = &s->levels[s->top];

	s->names.n = l->first;
	s->names.text_n = l->text;
	os_dir_close(l->dir);
	l->dir = NULL;
	scan_rules_drop(&l->rules, l[-1].rules);
	s->top--;
	if (s->lowest_open > s->top + 1)
		s->lowest_open = s->top + 1;
}

/* enter(): the open folder ${d} (consumed), called s->path, becomes the top. */
static int enter(struct scan *s, struct os_dir *d, int ignored, struct err *e)
{
	struct level *l = &s->levels[++s->top];
	int rc;

	l->dir = d;
	l->first = l->next = l->end = s->names.n;
	l->text = s->names.text_n;
	l->path_n = s->path.n;
	l->rules = l[-1].rules;
	l->ignored = ignored;
	if (s->top - s->lowest_open >= HANDLES_MAX) {
		os_dir_close(s->levels[s->lowest_open].dir);
		s->levels[s->lowest_open++].dir = NULL;
	}
	rc = os_interrupted() ? err_set(e, HUB_ECANCEL, "interrupted") :
		fill(s, l, e);
	if (rc == 1)
		return 0;
	leave(s);
	return rc;
}

/* ---- entries ---- */

/* banned(): may no tree hold this entry?  1 if it was dealt with. */
static int banned(struct scan *s, const struct scan_name *x, int *ret)
{
	const char *name = s->path.p + s->levels[s->top].path_n;

	if (path_component_ok(name, x->n))
		return 0;
	*ret = 0;
	if (path_is_dotgit(name, x->n)) {
		if (s->top || strcmp(name, ".git"))
			*ret = note(s, SCAN_NESTED_GIT, NULL);
	} else {
		if (x->type == OS_DIR)
			buf_addch(&s->path, '/');
		*ret = note(s, SCAN_BAD_NAME, NULL);
	}
	return 1;
}

/* ignored(): 1 if the entry is to be left out, 2 if a rule says so but it is
 * tracked, 0; < 0 to stop. */
static int ignored(struct scan *s, int is_dir)
{
	struct level *l = &s->levels[s->top];
	int rc;

	if (!l->ignored &&
	    (!l->rules || scan_rules_match(l->rules, s->path.p, s->path.n,
					   is_dir) != 1))
		return 0;
	rc = s->ops->tracked(s->ops->arg, s->path.p, s->path.n, is_dir);
	if (rc < 0)
		return rc;
	return rc ? 2 : 1;
}

/* cannot_look(): ${rc} at the entry s->path, with s->why. */
static int cannot_look(struct scan *s, int rc, struct err *e)
{
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	return note(s, SCAN_UNREADABLE, &s->why);
}

static int visit_file(struct scan *s, struct err *e)
{
	struct level *l = &s->levels[s->top];
	struct scan_entry en;
	int rc = here(s, e);

	if (rc <= 0)
		return rc;
	en.path = s->path.p;
	en.path_n = s->path.n;
	en.name = s->path.p + l->path_n;
	en.dir = l->dir;
	rc = os_dir_stat(l->dir, en.name, &en.st, &s->why);
	if (rc == HUB_EABSENT)
		return 0;
	if (rc < 0)
		return cannot_look(s, rc, e);
	switch (en.st.type) {
	case OS_REG:
	case OS_LNK:
		return s->ops->file(s->ops->arg, &en);
	case OS_DIR:		/* since it was listed: its turn comes later */
		scan_names_retype(&s->names, --l->next, l->end);
		return 0;
	default:
		return note(s, SCAN_SPECIAL, NULL);
	}
}

static int visit_dir(struct scan *s, int in_ignored, struct err *e)
{
	struct level *l = &s->levels[s->top];
	const char *name = s->path.p + l->path_n;
	struct os_stat st;
	struct os_dir *d;
	int rc = here(s, e);

	if (rc <= 0)
		return rc;
	rc = os_dir_at(l->dir, name, &d, &s->why);
	/* Gone, unless something else has its name now.  That would have come
	 * earlier in the order: the next scan will see it. */
	if (rc == HUB_EABSENT &&
	    os_dir_stat(l->dir, name, &st, NULL) == HUB_EABSENT)
		return 0;
	buf_addch(&s->path, '/');
	if (buf_error(&s->path)) {
		if (!rc)
			os_dir_close(d);
		return err_nomem(e);
	}
	if (rc < 0)
		return cannot_look(s, rc, e);
	return enter(s, d, in_ignored, e);
}

static int visit(struct scan *s, const struct scan_name *x, struct err *e)
{
	int is_dir = x->type == OS_DIR, state, rc;

	buf_setlen(&s->path, s->levels[s->top].path_n);
	buf_add(&s->path, s->names.text + x->at, x->n);
	if (buf_error(&s->path))
		return err_nomem(e);
	if (banned(s, x, &rc))
		return rc;
	state = ignored(s, is_dir);
	if (state < 0)
		return state;
	if (state != 1 && is_dir && s->path.n < PATH_LEN_MAX)
		return visit_dir(s, state == 2, e);
	if (state != 1 && !is_dir && s->path.n <= PATH_LEN_MAX)
		return x->type == OS_OTHER ? note(s, SCAN_SPECIAL, NULL) :
			visit_file(s, e);
	if (is_dir)
		buf_addch(&s->path, '/');
	return note(s, state == 1 ? SCAN_IGNORED : SCAN_TOO_LONG, NULL);
}

static int walk(struct scan *s, struct err *e)
{
	const struct scan_name *v;
	struct level *l;
	int rc;

	for (;;) {
		l = &s->levels[s->top];
		if (l->next == l->end) {
			if (!s->top)
				return 0;
			leave(s);
			continue;
		}
		v = &s->names.v[l->next++];
		/* A folder that changes while it is read may list a name twice. */
		if (l->next - 1 > l->first && v->key == v[-1].key &&
		    !strcmp(s->names.text + v->at, s->names.text + v[-1].at))
			continue;
		rc = visit(s, v, e);
		if (rc)
			return rc;
	}
}

/* outer_rules(): those of the whole workspace; the last is the strongest. */
static int outer_rules(struct scan_rules **top, const char *gitdir,
		       const char *global_excludes, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = 0;

	if (global_excludes)
		rc = scan_rules_file(top, global_excludes, e);
	if (!rc && gitdir) {
		buf_addf(&path, "%s/info/exclude", gitdir);
		rc = buf_error(&path) ? err_nomem(e) :
			scan_rules_file(top, path.p, e);
	}
	buf_release(&path);
	return rc;
}

int scan_run(const char *workdir, const char *gitdir,
	     const char *global_excludes, const struct scan_ops *ops,
	     struct err *e)
{
	struct scan *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_nomem(e);
	s->ops = ops;
	buf_init(&s->path);
	s->lowest_open = 1;
	rc = outer_rules(&s->levels[0].rules, gitdir, global_excludes, e);
	if (rc < 0)
		goto out;
	rc = os_dir_open(workdir, &s->levels[0].dir, e);
	if (rc < 0)
		goto out;
	rc = fill(s, &s->levels[0], e);
	if (rc == 1)
		rc = walk(s, e);
out:
	while (s->top)
		leave(s);
	os_dir_close(s->levels[0].dir);
	scan_rules_drop(&s->levels[0].rules, NULL);
	scan_names_release(&s->names);
	buf_release(&s->path);
	free(s);
	return rc;
}
