/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content_large.c - one large file's content: into the vault, or only its name.
 *
 * It is in no memory: where a small file is compared with a second read of
 * itself, a large one is named a second time.
 */
#include "sync/content_internal.h"

#include <string.h>

#include "os/os_file.h"
#include "repo/index.h"

/* 1 if it goes to the vault, or is compared with what is there. */
int content_large(const struct content_job *job, int fd, uint64_t size,
		  struct err *e)
{
	struct buf head = BUF_INIT;
	int rc;

	if (job->form != CONTENT_BY_RULE || !size)
		return size && job->form == CONTENT_POINTER;
	rc = content_prefix(fd, &head, POLICY_HEAD, job->name, e);
	if (!rc)
		rc = rule_large(job->rule, job->path, job->path_n, head.p,
				head.n, size, job->large_size != 0);
	buf_release(&head);
	return rc;
}

/* git's filter could not have the content of another version just then, and
 * the index says which one was to be there: as a file it would go to the vault,
 * and everybody would have a pointer for content.  Only asked for what looks
 * like a pointer. */
static int is_staged(const struct content_job *job, const struct oid *id)
{
	struct index *x = NULL;
	struct index_entry en;
	int yes = !index_peek(job->ws->repo, &x, NULL) && !index_missing(x) &&
		!index_get(x, job->path, job->path_n, &en) &&
		oid_eq(&en.leaf.id, id);

	index_close(x);
	return yes;
}

/* A pointer that lies there in place of the file, because something wrote it
 * that knows nothing of us: it is what the tree has, or the index. */
int content_is_bare(const struct content_job *job, int fd,
		    uint64_t size, struct oid *id)
{
	struct pointer ptr;
	struct buf text = BUF_INIT;
	int yes = size <= POINTER_MAX &&
		!content_prefix(fd, &text, size, job->name, NULL) &&
		!pointer_decode(&ptr, text.p, text.n, NULL) &&
		!repo_hash(OBJ_BLOB, text.p, text.n, id) &&
		(oid_eq(id, &job->bare) || is_staged(job, id));

	buf_release(&text);
	return yes;
}

static int store_pointer(const struct content_job *job,
			 const struct pointer *ptr, struct oid *id,
			 struct err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	pointer_encode(&text, ptr);
	rc = buf_error(&text) ? err_nomem(e) :
		content_store(job, text.p, text.n, id, e);
	buf_release(&text);
	return rc;
}

/* Is our own trouble, or that of the vault, or the file's? */
static int large_verdict(int rc, enum content_verdict *v)
{
	if (rc == HUB_ENOMEM || rc == HUB_ECANCEL || rc == HUB_EREMOTE || !rc)
		return rc;	/* a vault that was put back alarms, as a hub does */
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT || rc == HUB_EOFFLINE ||
	    err_is_damage(rc))
		*v = CONTENT_LARGE;
	else
		*v = content_verdict_of(rc);
	return 0;
}

/* ${size} bytes of ${fd} to the vault, or only their name. */
int content_put_large(const struct content_job *job, int fd, uint64_t size,
		      struct pointer *ptr, struct tree_leaf *leaf,
		      enum content_verdict *v, struct err *e)
{
	struct large_file f = { fd, size, job->path };
	int rc;

	*v = CONTENT_OK;
	memset(ptr, 0, sizeof(*ptr));
	if (!job->sink && job->form != CONTENT_POINTER &&
	    job->large_size != size) {	/* new, and only looked at */
		rc = large_ready(job->ws, e);
		return large_verdict(rc ? rc : large_room(job->ws, size, e), v);
	}
	rc = job->sink ? large_put(job->ws, &f, ptr, e) :
		large_name(job->ws, &f, ptr, e);
	rc = large_verdict(rc, v);
	if (!rc && *v == CONTENT_OK)
		rc = store_pointer(job, ptr, &leaf->id, e);
	return rc;
}

/* As only_grew(), of a file that is in no memory. */
static int large_only_grew(const struct content_job *job, int fd,
			   const struct pointer *ptr,
			   const struct os_stat *now)
{
	struct large_file f = { fd, ptr->size, job->path };
	struct pointer again;

	return now->size >= ptr->size &&
		!large_name(job->ws, &f, &again, NULL) &&
		!memcmp(again.recipe, ptr->recipe, sizeof(again.recipe));
}

int content_read_large(const struct content_job *job, int fd,
		       struct os_stat *st, struct content_seen *seen,
		       struct tree_leaf *leaf, enum content_verdict *v,
		       struct err *e)
{
	struct os_stat after;
	int writer = content_being_written(job, fd, st);
	int rc = content_put_large(job, fd, st->size, &seen->ptr, leaf, v, e);

	if (rc < 0 || *v != CONTENT_OK || !seen->ptr.size)
		return rc;
	if (os_fstat(fd, &after, job->name, e)) {
		*v = CONTENT_UNREADABLE;
		return 0;
	}
	seen->grew = writer || !content_same_file(st, &after);
	if ((seen->grew || (job->fs_now_ns &&
			    content_racy(st->mtime_ns, job->fs_now_ns))) &&
	    !large_only_grew(job, fd, &seen->ptr, &after))
		*v = CONTENT_UNSTABLE;
	return 0;
}
