/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places_put.c - a git segment into a vault, alone or merged with others. */
#include "sync/places_internal.h"

#include <string.h>

struct put {
	const struct places_work *w;
	struct gitseg *seg;
};

static int read_segment(void *arg, void *p, size_t n, size_t *got,
			struct err *e)
{
	const struct put *t = arg;
	struct gitseg_stats st;
	int rc = gitseg_read(t->seg, p, n, got, e);

	gitseg_stats(t->seg, &st);
	return rc < 0 || !t->w->progress ? rc :
		t->w->progress(t->w->arg, "copying", st.bytes, 0, e);
}

static int put_alone(struct put *t, struct vault_put *pt, uint64_t objects,
		     struct vaultrefs_git *ret, struct err *e)
{
	struct file_source src = { .read = read_segment, .arg = t };
	struct pointer ptr;
	int rc = file_put(vault_put_packer(pt), &src, &ptr, e);

	if (rc < 0)
		return rc;
	memcpy(ret->recipe, ptr.recipe, 32);
	ret->size = ptr.size;
	ret->objects = objects;
	return 0;
}

int places_put(const struct places_work *w, struct gitseg *seg, int merge,
	       struct places_pointers *large, struct vault_put *pt,
	       struct vaultrefs *to, int *bad, struct err *e)
{
	size_t n = to->git_n, from = merge ? places_merge_from(to) : n;
	struct put t = { .w = w, .seg = seg };
	struct gitseg_stats st;
	int rc;

	*bad = 0;
	gitseg_stats(seg, &st);
	if (!st.objects)
		return 0;
	if (from == VAULTREFS_GIT_MAX)
		return err_set(e, HUB_ELIMIT, "%s has %d segments of git's "
			       "history, and commits that are not here: `hub "
			       "sync` must bring them first", w->what,
			       VAULTREFS_GIT_MAX);
	gitseg_watch(seg, POINTER_MAX, places_pointer, large);
	if (from == n)
		rc = put_alone(&t, pt, st.objects, &to->git[n], e);
	else
		rc = places_merge(w, &to->git[from], n - from, seg,
				  vault_put_packer(pt), &to->git[from], bad, e);
	if (!rc)
		to->git_n = from + 1;
	return rc;
}
