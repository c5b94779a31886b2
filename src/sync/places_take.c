/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places_take.c - a git segment of a vault into a repository. */
#include "sync/places_internal.h"

#include <string.h>

struct take {
	const struct places_work *w;
	struct gitseg_in *in;
	uint64_t done, total;
};

static int take_bytes(void *arg, const void *p, size_t n, struct err *e)
{
	struct take *t = arg;
	int rc = gitseg_in_add(t->in, p, n, e);

	t->done += n;
	return rc < 0 || !t->w->progress ? rc :
		t->w->progress(t->w->arg, "receiving", t->done, t->total, e);
}

int places_take(const struct places_work *w, struct repo *r,
		const struct vaultrefs_git *g, struct places_pointers *large,
		struct gitseg_stats *ret, struct err *e)
{
	struct take t = { .w = w, .total = g->size };
	struct file_sink sink = { .write = take_bytes, .arg = &t };
	struct file_store store;
	struct pointer ptr;
	int rc = gitseg_in_open(r, &t.in, e);

	if (!rc)
		gitseg_in_trust(t.in);
	if (!rc && large)
		gitseg_in_watch(t.in, POINTER_MAX, places_pointer, large);
	memset(&ptr, 0, sizeof(ptr));
	memcpy(ptr.recipe, g->recipe, 32);
	ptr.size = g->size;
	vault_store(w->vault, &store);
	if (!rc)
		rc = file_get(&store, &ptr, &sink, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "a part of it is in no pack");
	if (!rc) {
		rc = gitseg_in_end(t.in, ret, e);
		t.in = NULL;
	}
	gitseg_in_abort(t.in);
	if (rc < 0)
		err_in(e, "git history of %s", w->what);
	return rc;
}
