/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookahead.c - a thread that scans, and hands on what it sees in batches.
 *
 * Two thirds of a sync that finds nothing is the system's work in fstatat() and
 * getdents(); another processor can do it while this one reads the base records.
 * The helper runs the ordinary scan, whose call-backs write into a batch; the
 * caller's thread plays the batches to the call-backs it was given.  So nothing
 * that can go wrong in a scan is known here: it comes as it comes to anybody, as a
 * note or as the result.
 *
 *	helper: scan_run() -> add() -> push()     play() -> ops: caller
 *	                        ring[first .. first + n - 1]
 *
 * Questions: is a path tracked that an ignore rule matches?  A folder's answer is
 * waited for.  A file's is not, there may be very many: the helper goes on as if it
 * were tracked, and what it then says of that path is left out if it is not.
 *
 * Invariants:
 *  1. ring[first] .. ring[first + n - 1] are the caller's, the others the helper's;
 *     first, n, ended, stop and answer are behind m.
 *  2. A question about a folder is the last item of its batch.
 */
#include "sync/lookahead.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_thread.h"

#define RING 4
#define ITEMS (LOOKAHEAD_FILES / RING)
#define INDEX_MIN (128u << 10)	/* bytes for about 1,000 files */

enum kind { FILE_SEEN, NOTE, ASK_FILE, ASK_DIR };

struct item {
	enum kind kind;
	enum scan_note note;
	int has_why;			/* the batch's */
	size_t at, n, name;		/* in text: the path, its last component */
	struct os_stat st;
};

struct batch {
	size_t n;
	struct item v[ITEMS];
	struct buf text;
	struct err why;			/* of one note */
	int why_used;
};

struct lookahead {
	const char *workdir, *gitdir, *global;
	const struct scan_ops *ops;
	struct os_mutex *m;
	struct os_cond *moved;		/* what is behind m has changed */
	size_t first, n;
	int ended, stop;
	int answer;			/* to ASK_DIR; -1: none yet */
	struct batch ring[RING];
	/* the helper's own; the caller's when it has ended */
	struct batch *fill;		/* NULL: none yet */
	int rc;				/* of the scan */
	struct err why;
	/* the caller's own */
	struct buf skip;		/* no more of this path */
	struct err *e;
};

/* ---- the helper ---- */

/* room(): the batch to write in, once there is one; NULL to stop. */
static struct batch *room(struct lookahead *l)
{
	if (l->fill)
		return l->fill;
	os_mutex_lock(l->m);
	while (l->n == RING && !l->stop)
		os_cond_wait(l->moved, l->m);
	if (!l->stop)
		l->fill = &l->ring[(l->first + l->n) % RING];
	os_mutex_unlock(l->m);
	return l->fill;
}

/* push(): l->fill is the caller's now.  m is held. */
static void push(struct lookahead *l)
{
	l->fill = NULL;
	l->n++;
	os_cond_wake(l->moved);
}

static struct batch *room_for(struct lookahead *l, const struct err *why)
{
	struct batch *b = room(l);

	if (!b || (b->n < ITEMS && !(why && b->why_used)))
		return b;
	os_mutex_lock(l->m);
	push(l);
	os_mutex_unlock(l->m);
	return room(l);
}

static int add(struct lookahead *l, const struct item *what, const char *path,
	       const struct err *why)
{
	struct batch *b = room_for(l, why);
	struct item *x;

	if (!b)
		return HUB_ECANCEL;
	x = &b->v[b->n++];
	*x = *what;
	x->at = b->text.n;
	buf_add(&b->text, path, x->n);
	buf_addch(&b->text, '\0');
	if (why) {
		x->has_why = b->why_used = 1;
		b->why = *why;
	}
	return buf_error(&b->text) ? err_nomem(&l->why) : 0;
}

static int add_file(void *arg, const struct scan_entry *en)
{
	struct item x = { .kind = FILE_SEEN, .n = en->path_n,
			  .name = (size_t)(en->name - en->path), .st = en->st };

	return add(arg, &x, en->path, NULL);
}

static int add_note(void *arg, enum scan_note what, const char *path, size_t n,
		    const struct err *why)
{
	struct item x = { .kind = NOTE, .note = what, .n = n };

	return add(arg, &x, path, why);
}

static int ask(void *arg, const char *path, size_t n, int is_dir)
{
	struct item x = { .kind = is_dir ? ASK_DIR : ASK_FILE, .n = n };
	struct lookahead *l = arg;
	int rc = add(l, &x, path, NULL);

	if (rc < 0 || !is_dir)
		return rc < 0 ? rc : 1;
	os_mutex_lock(l->m);
	l->answer = -1;
	push(l);
	while (l->answer < 0 && !l->stop)
		os_cond_wait(l->moved, l->m);
	rc = l->stop ? HUB_ECANCEL : l->answer;
	os_mutex_unlock(l->m);
	return rc;
}

static void helper(void *arg)
{
	struct scan_ops ops = { arg, add_file, add_note, ask };
	struct lookahead *l = arg;

	l->rc = scan_run(l->workdir, l->gitdir, l->global, &ops, &l->why);
	os_mutex_lock(l->m);
	if (l->fill)
		push(l);
	l->ended = 1;
	os_cond_wake(l->moved);
	os_mutex_unlock(l->m);
}

/* ---- the caller's thread ---- */

static int play_ask(struct lookahead *l, const struct item *x, const char *path)
{
	int is_dir = x->kind == ASK_DIR;
	int rc = l->ops->tracked(l->ops->arg, path, x->n, is_dir);

	buf_reset(&l->skip);
	if (rc < 0)
		return rc;
	if (is_dir) {
		os_mutex_lock(l->m);
		l->answer = rc;
		os_cond_wake(l->moved);
		os_mutex_unlock(l->m);
		return 0;
	}
	if (rc)
		return 0;
	buf_add(&l->skip, path, x->n);
	if (buf_error(&l->skip))
		return err_nomem(l->e);
	return l->ops->note(l->ops->arg, SCAN_IGNORED, path, x->n, NULL);
}

static int play_item(struct lookahead *l, struct batch *b, const struct item *x)
{
	struct scan_entry en;
	const char *path = b->text.p + x->at;

	if (x->kind == ASK_FILE || x->kind == ASK_DIR)
		return play_ask(l, x, path);
	if (l->skip.n && l->skip.n == x->n && !memcmp(l->skip.p, path, x->n))
		return 0;
	if (x->kind == NOTE)
		return l->ops->note(l->ops->arg, x->note, path, x->n,
				    x->has_why ? &b->why : NULL);
	en.path = path;
	en.path_n = x->n;
	en.name = path + x->name;
	en.dir = NULL;
	en.st = x->st;
	return l->ops->file(l->ops->arg, &en);
}

/* next(): the next batch, waiting for it; NULL: that was all. */
static struct batch *next(struct lookahead *l)
{
	struct batch *b;

	os_mutex_lock(l->m);
	while (!l->n && !l->ended)
		os_cond_wait(l->moved, l->m);
	b = l->n ? &l->ring[l->first] : NULL;
	os_mutex_unlock(l->m);
	return b;
}

static int play(struct lookahead *l)
{
	struct batch *b;
	size_t i;
	int rc;

	while ((b = next(l))) {
		for (i = 0; i < b->n; i++) {
			rc = play_item(l, b, &b->v[i]);
			if (rc)
				return rc;
		}
		b->n = 0;
		b->why_used = 0;
		buf_reset(&b->text);
		os_mutex_lock(l->m);
		l->first = (l->first + 1) % RING;
		l->n--;
		os_cond_wake(l->moved);
		os_mutex_unlock(l->m);
	}
	return 0;
}

static int start(struct lookahead *l, struct os_thread **ret)
{
	l->m = os_mutex_new();
	l->moved = os_cond_new();
	if (!l->m || !l->moved)
		return HUB_ENOMEM;
	return os_thread_start(helper, l, ret, NULL);
}

static void stop(struct lookahead *l, struct os_thread *t)
{
	os_mutex_lock(l->m);
	l->stop = 1;
	os_cond_wake(l->moved);
	os_mutex_unlock(l->m);
	os_thread_join(t);
}

static void lookahead_free(struct lookahead *l)
{
	size_t i;

	for (i = 0; i < RING; i++)
		buf_release(&l->ring[i].text);
	buf_release(&l->skip);
	os_cond_free(l->moved);
	os_mutex_free(l->m);
	free(l);
}

static int is_large(const char *gitdir)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int ret = 0;

	buf_addf(&path, "%s/index", gitdir);
	if (!buf_error(&path) && !os_stat(path.p, &st, NULL))
		ret = st.size >= INDEX_MIN;
	buf_release(&path);
	return ret;
}

static struct lookahead *lookahead_new(void)
{
	struct lookahead *l = calloc(1, sizeof(*l));
	size_t i;

	if (!l)
		return NULL;
	for (i = 0; i < RING; i++)
		buf_init(&l->ring[i].text);
	buf_init(&l->skip);
	return l;
}

int lookahead_run(const char *workdir, const char *gitdir,
		  const char *global_excludes, const struct scan_ops *ops,
		  struct err *e)
{
	struct lookahead *l = NULL;
	struct os_thread *t;
	int rc;

	if (is_large(gitdir) && os_cpus() > 1)
		l = lookahead_new();
	if (!l)
		return scan_run(workdir, gitdir, global_excludes, ops, e);
	l->workdir = workdir;
	l->gitdir = gitdir;
	l->global = global_excludes;
	l->ops = ops;
	l->e = e;
	if (start(l, &t) < 0) {
		rc = scan_run(workdir, gitdir, global_excludes, ops, e);
		goto out;
	}
	rc = play(l);
	stop(l, t);
	if (!rc && l->rc && e)
		*e = l->why;
	rc = rc ? rc : l->rc;
out:
	lookahead_free(l);
	return rc;
}
