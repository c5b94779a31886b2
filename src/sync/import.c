/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import.c - walk a folder, have its files copied, record them.
 *
 * Order: look at everything and ask for the space; copies to tmp/; a batch of
 * them durable, then their names, each looked at once more; at last a commit.
 * So a kill leaves whole files or none, and the next import goes on.
 */
#include "sync/import_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "sync/act.h"

#define SPARE (16u << 20)

/* ---- the second pass ---- */

static int set_dst(struct import *im, const char *path, size_t n)
{
	buf_setlen(&im->dst, im->into_n);
	buf_add(&im->dst, path, n);
	return buf_error(&im->dst) ? err_nomem(im->e) : 0;
}

static int on_file(void *arg, const struct scan_entry *en)
{
	struct import *im = arg;
	struct import_src s = IMPORT_SRC_INIT;
	int rc = set_dst(im, en->path, en->path_n);

	if (!rc)
		rc = workspace_progress(im->ws, "importing", im->done++,
					im->files, im->e);
	if (rc < 0 || dbside_is_side(&im->dbs, en->path, en->path_n))
		return rc;
	if (!path_ok(im->dst.p, im->dst.n)) {
		import_note(im, REPORT_BAD_NAME, en, "its path is too long");
		return 0;
	}
	rc = import_src_open(im, en, &s);
	if (!rc && s.is_db && dbside_note(&im->dbs, en->path, en->path_n))
		rc = err_nomem(im->e);
	if (!rc)
		rc = import_place(im, &s);
	import_src_close(&s);
	return rc < 0 ? rc : 0;
}

static int on_note(void *arg, enum scan_note what, const char *path, size_t n,
		   const struct err *why)
{
	static const enum report_kind kind[] = {
		[SCAN_IGNORED] = REPORT_IGNORED,
		[SCAN_NESTED_GIT] = REPORT_NESTED,
		[SCAN_BAD_NAME] = REPORT_BAD_NAME,
		[SCAN_SPECIAL] = REPORT_SPECIAL,
		[SCAN_UNREADABLE] = REPORT_UNREADABLE,
		[SCAN_TOO_LONG] = REPORT_BAD_NAME,
	};
	struct import *im = arg;

	report_add(&im->ret->rep, kind[what], path, n, why ? why->msg : NULL);
	return 0;
}

/* ---- the first pass ---- */

static int count_file(void *arg, const struct scan_entry *en)
{
	struct import *im = arg;
	struct os_dir *d;
	struct os_stat st;
	const char *name;
	int rc = set_dst(im, en->path, en->path_n);

	im->files++;
	if (rc < 0 || en->st.type != OS_REG)
		return rc;
	rc = wdir_get(&im->dirs, im->dst.p, im->dst.n, 0, &d, &name, NULL);
	if (!rc)
		rc = os_dir_stat(d, name, &st, NULL);
	if (rc || st.type != OS_REG || st.size != en->st.size)
		im->need += en->st.size;
	return 0;
}

static int count_note(void *arg, enum scan_note what, const char *path,
		      size_t n, const struct err *why)
{
	(void)arg;
	(void)what;
	(void)path;
	(void)n;
	(void)why;
	return 0;
}

/* Nothing is left out for a rule of theirs: it would be left behind unseen. */
static int never_ignored(void *arg, const char *path, size_t n, int is_dir)
{
	(void)arg;
	(void)path;
	(void)n;
	(void)is_dir;
	return 1;
}

static int walk(struct import *im,
		int (*file)(void *arg, const struct scan_entry *en),
		int (*note)(void *arg, enum scan_note what, const char *path,
			    size_t n, const struct err *why))
{
	struct scan_ops ops = { .arg = im, .file = file, .note = note,
				.tracked = never_ignored };

	return scan_run(im->src.p, NULL, NULL, &ops, im->e);
}

static int check_space(struct import *im)
{
	uint64_t have;
	int rc = walk(im, count_file, count_note);

	if (rc < 0 || os_disk_free(im->ws->root.p, &have, NULL))
		return rc;
	if (im->need + SPARE > have)
		return err_set(im->e, HUB_ELIMIT, "%llu MB are to come and "
			       "%llu MB are free in '%s': make room, then "
			       "import again",
			       (unsigned long long)(im->need >> 20),
			       (unsigned long long)(have >> 20),
			       im->ws->root.p);
	return 0;
}

/* ---- the run ---- */

/* Is ${a} the folder ${b} or above it?  Both end with '/'. */
static int is_above(const struct buf *a, const struct buf *b)
{
	return a->n <= b->n && !memcmp(a->p, b->p, a->n);
}

static int check_into(struct import *im)
{
	const char *into = im->o->into;
	struct os_dir *d;
	struct os_stat st;
	const char *name;
	size_t n = strlen(into);
	int rc;

	if (!n)
		return 0;
	if (!path_ok(into, n))
		return err_set(im->e, HUB_EUSAGE, "no folder may be called "
			       "'%s'", into);
	buf_addf(&im->dst, "%s/", into);
	im->into_n = im->dst.n;
	rc = wdir_get(&im->dirs, into, n, !im->o->dry_run, &d, &name, im->e);
	if (!rc)
		rc = os_dir_stat(d, name, &st, im->e);
	if (rc == HUB_EABSENT) {
		err_clear(im->e);
		return 0;
	}
	if (!rc && st.type != OS_DIR)
		rc = err_set(im->e, HUB_ECONFLICT, "'%s' is no folder", into);
	return rc;
}

static int prepare(struct import *im)
{
	struct os_dir *probe = NULL;
	int rc = os_abspath(im->o->dir, &im->src, im->e);

	if (!rc && im->src.p[im->src.n - 1] != '/')
		buf_addch(&im->src, '/');
	if (!rc)
		rc = buf_error(&im->src) ? err_nomem(im->e) :
			os_dir_open(im->src.p, &probe, im->e);
	os_dir_close(probe);
	if (rc < 0)
		return rc;
	if (is_above(&im->src, &im->ws->root) ||
	    is_above(&im->ws->root, &im->src))
		return err_set(im->e, HUB_EUSAGE, "'%s' and the workspace '%s' "
			       "lie in one another", im->src.p,
			       im->ws->root.p);
	im->io = malloc(2 * (size_t)IMPORT_IO);
	im->waits = calloc(IMPORT_BATCH, sizeof(*im->waits));
	if (!im->io || !im->waits)
		return err_nomem(im->e);
	rc = wdir_open(&im->dirs, im->ws->root.p, im->e);
	if (!rc)
		rc = check_into(im);
	if (!rc && !im->o->dry_run)
		rc = workspace_tmp(im->ws, &im->tmp_path, im->e);
	if (!rc && !im->o->dry_run)
		rc = os_dir_open(im->tmp_path.p, &im->tmp, im->e);
	return rc;
}

static int copy_all(struct import *im)
{
	struct buf git = BUF_INIT;
	struct os_stat st;
	int rc = im->o->dry_run ? 0 : check_space(im);

	buf_addf(&git, "%s.git", im->src.p);
	if (!buf_error(&git) && !os_lstat(git.p, &st, NULL))
		report_add(&im->ret->rep, REPORT_NESTED, ".git", 4, NULL);
	buf_release(&git);
	if (!rc)
		rc = walk(im, on_file, on_note);
	if (!rc)
		rc = import_place_flush(im);
	if (!rc && im->ret->copied + im->ret->beside && !im->o->dry_run &&
	    os_has_syncfs())
		rc = os_syncfs(im->ws->root.p, im->e);
	return rc;
}

/* What came, as a commit of its own; then what ws->rep says is its own, too. */
static int record(struct import *im, struct act *a)
{
	struct report *rep = &im->ws->rep;
	uint64_t ignored = rep->count[REPORT_IGNORED];
	struct buf subject = BUF_INIT;
	int k, rc;

	for (k = 0; k < REPORT_KINDS; k++)
		report_reset(rep, (enum report_kind)k);
	buf_addstr(&subject, "Import ");
	utf8_show(&subject, im->src.p, im->src.n > 1 ? im->src.n - 1 : 1);
	rc = buf_error(&subject) ? err_nomem(im->e) :
		act_record(a, subject.p, im->e);
	im->ret->ignored = rep->count[REPORT_IGNORED] > ignored;
	im->ret->made = a->made;
	buf_release(&subject);
	return rc;
}

/* The conflicts go where hooks and the log of runs look for them. */
static void hand_over(struct import *im)
{
	struct report *c = &im->conflicts, *rep = &im->ws->rep;
	size_t i;

	for (i = 0; i < c->items_n[REPORT_CONFLICT]; i++) {
		struct report_item *it = &c->items[REPORT_CONFLICT][i];

		report_add(rep, REPORT_CONFLICT, it->path, it->n, it->why);
	}
	rep->count[REPORT_CONFLICT] += c->count[REPORT_CONFLICT] - i;
}

static int steps(struct import *im, struct act *a)
{
	int rc = prepare(im);

	if (!rc && !im->o->dry_run)
		rc = act_record(a, NULL, im->e);
	if (!rc)
		rc = copy_all(im);
	if (!rc && !im->o->dry_run)
		rc = record(im, a);
	if (!rc && !im->o->dry_run)
		hand_over(im);
	return rc;
}

int import_run(struct workspace *ws, const struct import_options *o,
	       struct import_result *ret, struct err *e)
{
	struct import im = { .ws = ws, .o = o, .ret = ret, .src = BUF_INIT,
			     .dst = BUF_INIT, .tmp_path = BUF_INIT, .e = e };
	struct act a;
	int rc = 0;

	buf_init(&im.dirs.path);
	if (!o->dry_run)
		rc = act_open(&a, ws, "import", e);
	if (!rc)
		rc = steps(&im, &a);
	while (im.waits_n)
		free(im.waits[--im.waits_n].path);
	free(im.waits);
	free(im.io);
	os_dir_close(im.tmp);
	wdir_close(&im.dirs);
	dbside_release(&im.dbs);
	report_release(&im.conflicts);
	buf_release(&im.src);
	buf_release(&im.dst);
	buf_release(&im.tmp_path);
	return o->dry_run ? rc : act_close(&a, rc, e);
}

void import_release(struct import_result *r)
{
	report_release(&r->rep);
}
