/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packin_index.c - a large pack as it comes, by libgit2: every object is named
 * by its content, the index is written, what it borrows is put in.
 */
#include <stdlib.h>

#include "os/os_file.h"
#include "repo/packin_internal.h"

struct packin_index {
	git_indexer *x;
	git_indexer_progress st;
	struct buf dir;
};

int packin_index_open(const char *dir, struct repo *q,
		      struct packin_index **ret, struct err *e)
{
	struct packin_index *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_nomem(e);
	buf_init(&s->dir);
	buf_addstr(&s->dir, dir);
	rc = git_indexer_new(&s->x, dir, 0, q->odb, NULL);
	if (rc < 0) {
		rc = repo_fail(e, rc, "cannot take a git pack into '%s'", dir);
		packin_index_abort(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void packin_index_abort(struct packin_index *s)
{
	if (!s)
		return;
	git_indexer_free(s->x);
	buf_release(&s->dir);
	free(s);
}

/* What libgit2 says of the bytes is about a damaged pack, unless the system
 * failed. */
static int failed(struct packin_index *s, int git_rc, struct err *e)
{
	int rc = repo_fail(e, git_rc, "cannot take a git pack into '%s'",
			   s->dir.p);

	if (rc == HUB_EIO && git_error_last() &&
	    git_error_last()->klass == GIT_ERROR_INDEXER && e)
		e->rc = rc = HUB_ECORRUPT;
	return rc;
}

int packin_index_add(struct packin_index *s, const void *p, size_t n,
		     struct err *e)
{
	int rc = git_indexer_append(s->x, p, n, &s->st);

	return rc < 0 ? failed(s, rc, e) : 0;
}

int packin_index_end(struct packin_index *s, uint64_t *objects, struct err *e)
{
	int rc = git_indexer_commit(s->x, &s->st);

	if (rc < 0)
		rc = failed(s, rc, e);
	*objects += s->st.total_objects;
	packin_index_abort(s);
	return rc;
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n > k && !strcmp(s + n - k, end);
}

static int move_kind(const char *from, const char *to, const char *kind,
		     struct err *e)
{
	struct os_dir *a = NULL, *b = NULL;
	const char *name;
	enum os_type type;
	int rc = os_dir_open(from, &a, e);

	if (!rc)
		rc = os_dir_open(to, &b, e);
	while (!rc && (rc = os_dir_next(a, &name, &type, e)) > 0)
		rc = ends_with(name, kind) ?
			os_dir_rename_to(a, name, b, name, e) : 0;
	if (!rc)
		rc = os_dir_sync(b, e);
	os_dir_close(a);
	os_dir_close(b);
	return rc;
}

int packin_index_move(const char *from, const char *to, struct err *e)
{
	int rc = move_kind(from, to, ".pack", e);

	return rc < 0 ? rc : move_kind(from, to, ".idx", e);
}
