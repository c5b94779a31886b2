/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_blob.c - pointers as git holds them.
 *
 * A blob that begins like a pointer and is none was put by plain git: it is an
 * ordinary file until somebody here changes it.
 */
#include "sync/large.h"

#include <string.h>

#include "os/os_file.h"
#include "repo/sink.h"

#define SAME_MAX (1u << 30)

static int peek_blob(struct repo *r, const struct oid *id, uint64_t *size,
		     struct pointer *ret, struct err *e)
{
	struct buf text = BUF_INIT;
	enum obj_type type;
	int rc = repo_size(r, id, &type, size, e);

	if (rc < 0 || type != OBJ_BLOB || *size > POINTER_MAX)
		return rc < 0 ? rc : 0;
	rc = repo_read_as(r, id, OBJ_BLOB, POINTER_MAX, &text, e);
	if (!rc)
		rc = !pointer_decode(ret, text.p, text.n, NULL);
	buf_release(&text);
	return rc;
}

int large_peek(struct repo *r, const struct tree_leaf *leaf,
	       struct pointer *ret, struct err *e)
{
	uint64_t size;

	if (leaf->mode != MODE_FILE && leaf->mode != MODE_EXEC)
		return 0;
	return peek_blob(r, &leaf->id, &size, ret, e);
}

int large_blob(const struct pointer *p, struct oid *ret)
{
	struct buf text = BUF_INIT;
	int rc;

	pointer_encode(&text, p);
	rc = buf_error(&text) ? HUB_ENOMEM :
		repo_hash(OBJ_BLOB, text.p, text.n, ret);
	buf_release(&text);
	return rc;
}

/* A blob in memory is named like any file. */
static int name_bytes(struct workspace *ws, const struct buf *b,
		      struct pointer *ret, struct err *e)
{
	struct large_file f = { .fd = -1, .size = b->n, .path = "a blob" };
	struct buf path = BUF_INIT;
	int rc = workspace_tmp(ws, &path, e);

	buf_addstr(&path, "/same");
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_replace(path.p, b->p, b->n, 1, e);
	if (!rc)
		rc = os_open_read(path.p, &f.fd, e);
	if (!rc)
		rc = large_name(ws, &f, ret, e);
	os_close(f.fd, path.p, NULL);
	if (path.n)
		os_unlink(path.p, NULL);
	buf_release(&path);
	return rc;
}

/* 1, 0 it is none, < 0. */
static int is_pointer(struct sink *s, const struct oid *id,
		      struct pointer *ret, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = sink_read(s, id, OBJ_BLOB, POINTER_MAX, &text, e);

	if (!rc)
		rc = !pointer_decode(ret, text.p, text.n, NULL);
	buf_release(&text);
	if (rc == HUB_ELIMIT)
		err_clear(e);
	return rc == HUB_ELIMIT ? 0 : rc;
}

/* Does the blob hold what the pointer points to? */
static int holds(struct workspace *ws, struct sink *s, const struct oid *id,
		 const struct pointer *ptr, struct err *e)
{
	struct pointer named = { .size = 0 };
	struct buf text = BUF_INIT;
	int rc;

	if (ptr->size > SAME_MAX)
		return 0;
	rc = sink_read(s, id, OBJ_BLOB, ptr->size, &text, e);
	if (!rc && text.n == ptr->size)
		rc = name_bytes(ws, &text, &named, e);
	if (!rc)
		rc = named.size == ptr->size &&
			!memcmp(named.recipe, ptr->recipe,
				sizeof(named.recipe));
	buf_release(&text);
	if (rc == HUB_ELIMIT)
		err_clear(e);
	return rc == HUB_ELIMIT ? 0 : rc;
}

int large_same(struct workspace *ws, struct sink *s, const struct oid *a,
	       const struct oid *b, struct err *e)
{
	struct pointer pa, pb;
	int ia = is_pointer(s, a, &pa, e), ib;

	if (ia < 0)
		return ia;
	ib = is_pointer(s, b, &pb, e);
	if (ib < 0 || ia == ib)
		return ib < 0 ? ib : 0;
	return ia ? holds(ws, s, b, &pa, e) : holds(ws, s, a, &pb, e);
}
