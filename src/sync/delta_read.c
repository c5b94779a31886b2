/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delta_read.c - the two contents of a difference: from the repository, or from
 * the disk where nothing of it is recorded. */
#include "sync/delta.h"

#include <string.h>

static int from_repo(struct workspace *ws, const struct tree_leaf *leaf,
		     struct buf *data, struct history_side *side,
		     struct err *e)
{
	int rc = 0;

	side->mode = leaf->mode;
	side->id = leaf->id;
	if (leaf->mode == MODE_GITLINK)
		buf_addf(data, "Subproject commit %s\n", oid_hex(&leaf->id));
	else if (leaf->mode)
		rc = repo_read_as(ws->repo, &leaf->id, OBJ_BLOB,
				  HISTORY_TEXT_MAX, data, e);
	if (rc == HUB_ELIMIT) {
		err_clear(e);
		return 0;
	}
	side->p = data->p;
	side->n = data->n;
	return rc < 0 ? rc : buf_error(data) ? err_nomem(e) : 0;
}

/* A file's bytes; ${data} stays empty and *large is set if it is too large. */
static int read_file(struct os_dir *d, const char *name, struct buf *data,
		     int *large, struct err *e)
{
	struct os_stat st;
	size_t got = 0;
	int fd = -1, rc = os_dir_open_file(d, name, &fd, e);

	if (!rc)
		rc = os_fstat(fd, &st, name, e);
	if (rc < 0)
		goto out;
	*large = st.size > HISTORY_TEXT_MAX;
	if (*large)
		goto out;
	rc = buf_grow(data, (size_t)st.size + 1) ? err_nomem(e) :
		os_read(fd, data->p, (size_t)st.size, &got, name, e);
	if (!rc) {
		data->n = got;
		data->p[got] = '\0';
	}
out:
	os_close(fd, name, NULL);
	return rc;
}

static int from_disk(struct wdir *w, const struct delta_item *it,
		     struct buf *data, struct history_side *side,
		     struct err *e)
{
	struct os_dir *d;
	const char *name;
	int large = 0;
	int rc = wdir_get(w, it->path, it->n, 0, &d, &name, e);

	side->mode = it->to.mode;
	side->id = it->to.id;
	if (!rc)
		rc = it->to.mode == MODE_LINK ?
			os_dir_readlink(d, name, data, e) :
			read_file(d, name, data, &large, e);
	if (!rc && !large) {
		side->p = data->p;
		side->n = data->n;
	}
	return rc;
}

int delta_read(struct workspace *ws, struct wdir *w,
	       const struct delta_item *it, struct delta_texts *ret,
	       struct err *e)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->a);
	buf_init(&ret->b);
	rc = from_repo(ws, &it->from, &ret->a, &ret->from, e);
	if (rc < 0)
		return rc;
	return it->on_disk ? from_disk(w, it, &ret->b, &ret->to, e) :
		from_repo(ws, &it->to, &ret->b, &ret->to, e);
}

void delta_read_release(struct delta_texts *t)
{
	buf_release(&t->a);
	buf_release(&t->b);
}
