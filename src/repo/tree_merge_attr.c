/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_merge_attr.c - how the file at hand is to be merged.
 *
 * The attribute files are those of our side's tree, the hub's: neither the disk
 * nor a configuration is asked, so every computer gets the same answer.  The
 * levels of the merge are the folders on the way to the file, with their tree
 * objects in memory; each one's file is read when it is first needed.
 */
#include <stdlib.h>
#include <string.h>
#include "repo/tree_merge.h"
#include "base/banned.h"

#define NAME ".gitattributes"

/* What is too large has no rules, on any computer. */
static int read_file(struct tree_merge *m, struct tree_merge_level *l,
		     struct err *e)
{
	const struct tree_cursor *c = &l->c[OURS];
	struct tree_entry en;
	struct tree_raw it;
	int rc = 0;

	if (l->attrs_read)
		return 0;
	tree_raw_init(&it, c->obj.p, c->obj.n);
	while (tree_raw_next(&it, &en) > 0) {
		if ((en.mode == MODE_FILE || en.mode == MODE_EXEC) &&
		    en.name_n == sizeof(NAME) - 1 &&
		    !memcmp(en.name, NAME, en.name_n)) {
			rc = tree_src_text(&m->src, &en.id, &l->attrs, e);
			if (!rc)
				buf_reset(&l->attrs);
			break;
		}
	}
	l->attrs_read = rc >= 0;
	return rc < 0 ? rc : 0;
}

int tree_merge_attr(struct tree_merge *m, enum attr_merge *ret, struct err *e)
{
	struct attr_file *files = calloc(m->depth, sizeof(*files));
	struct tree_merge_level *l;
	size_t i = m->depth;
	int rc = 0;

	if (!files)
		return err_nomem(e);
	for (l = m->top; !rc && l; l = l->up) {
		rc = read_file(m, l, e);
		i--;
		files[i].text = buf_span(&l->attrs);
		files[i].base_n = l->path_n;
	}
	if (!rc)
		*ret = attr_merge(files, m->depth, m->path.p, m->path.n);
	free(files);
	return rc;
}
