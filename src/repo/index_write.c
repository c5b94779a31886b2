/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_write.c - the finished copy of a workspace's index becomes the index, and
 * what killed runs left of both goes. */
#include <stdlib.h>

#include "os/os.h"
#include "os/os_file.h"
#include "repo/index_internal.h"

int index_write_file(const char *path, const struct buf *b, struct err *e)
{
	int fd = -1, rc, rc2;

	rc = os_create(path, 0, &fd, e);
	if (rc < 0)
		return rc;
	rc = os_write(fd, b->p, b->n, path, e);
	rc2 = os_close(fd, path, rc ? NULL : e);
	return rc ? rc : rc2;
}

/* libgit2 syncs no index; one that a power cut left empty stops git and us. */
static int sync_copy(struct index *x, struct err *e)
{
	int fd = -1, rc = os_open_append(x->copy.p, &fd, e);

	if (!rc)
		rc = os_fsync(fd, x->copy.p, e);
	os_close(fd, x->copy.p, NULL);
	return rc;
}

/* What index_raw.c makes, as our copy; durable, and what is edited from now on
 * (a second write has to know what the first one did). */
static int raw_write(struct index *x, struct err *e)
{
	struct buf text = BUF_INIT;
	struct index_raw *now = NULL;
	int rc = index_raw_text(x->raw, x->have_st ? x->st.mtime_ns : INT64_MAX,
				&text);

	if (!rc)
		rc = index_write_file(x->copy.p, &text, e);
	else
		err_nomem(e);
	if (!rc)
		rc = sync_copy(x, e);
	if (!rc) {
		rc = index_raw_open(&text, &now);
		if (rc < 0)
			err_set(e, rc == HUB_ENOMEM ? rc : HUB_EBUG, "the new "
				"index of '%s' cannot be read", x->path.p);
	}
	if (!rc) {
		index_raw_close(x->raw);
		x->raw = now;
	}
	buf_release(&text);
	return rc;
}

static int git_write(struct index *x, struct err *e)
{
	int rc = git_index_write(x->g);

	if (rc < 0)
		return repo_fail(e, rc, "cannot write the index '%s'",
				 x->path.p);
	return sync_copy(x, e);
}

int index_write(struct index *x, struct err *e)
{
	int rc;

	if (!x->locked)
		BUG("index_write() without the lock");
	rc = x->raw ? raw_write(x, e) : git_write(x, e);
	if (!rc)
		rc = os_rename(x->copy.p, x->path.p, e);
	if (!rc)
		rc = os_sync_parent(x->path.p, e);
	if (!rc)
		x->have_st = !os_stat(x->path.p, &x->st, NULL);
	return rc;
}

/* sweep(): copies that killed runs left. */
static void sweep(struct repo *r)
{
	struct buf p = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;

	if (repo_path(&p, r->gitdir, TMP, NULL) == 0 &&
	    os_dir_open(p.p, &d, NULL) == 0)
		while (os_dir_next(d, &name, &type, NULL) == 1)
			if (!strncmp(name, COPY, strlen(COPY)))
				os_dir_unlink(d, name, NULL);
	os_dir_close(d);
	buf_release(&p);
}

int index_unlock_left(struct repo *r, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%sindex.lock", r->gitdir);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, INDEX_MAX, &text, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	} else if (!rc && text.n >= sizeof(MARK) - 1 &&
		   !memcmp(text.p, MARK, sizeof(MARK) - 1)) {
		rc = os_unlink(path.p, e);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int index_unlock_own(struct repo *r, struct err *e)
{
	int rc = index_unlock_left(r, e);

	sweep(r);
	return rc;
}
