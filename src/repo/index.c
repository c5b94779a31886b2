/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - a workspace's git index.
 *
 * Versions 2 and 3, which git writes unless told otherwise, are edited as bytes
 * (index_raw.c): that takes a tenth of what libgit2 needs.  All others go
 * through libgit2, which writes an index through its own "<path>.lock", which
 * we hold; so it works on a copy in <gitdir>/vibehub/.  In both cases the
 * finished copy is renamed onto .git/index while .git/index.lock, ours, keeps
 * every git process out.
 */
#include <stdlib.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/index_internal.h"

/*
 * An entry is racy if its file was last changed when the index was written, or
 * later: the file may have changed once more within the clock's tick, with the
 * same stat data.  git knows that by comparing the times, which only holds
 * until the index is written again: so the stat data of such entries are made
 * worthless here (size 0, as git does it), and git looks at the content.
 * libgit2 would do that only for an index that belongs to a repository.
 */
static void smudge_racy(struct index *x)
{
	size_t n = git_index_entrycount(x->g);

	for (size_t i = 0; i < n; i++) {
		/* the entries are libgit2's, and ours to change by way of
		 * git_index_add(), which would copy each of them */
		git_index_entry *en =
			(git_index_entry *)git_index_get_byindex(x->g, i);
		int64_t t = (int64_t)en->mtime.seconds * SECOND +
			    en->mtime.nanoseconds;

		if (t >= x->st.mtime_ns)
			en->file_size = 0;
	}
}

static void loaded(struct index *x)
{
	if (x->have_st)
		smudge_racy(x);
	x->conflicts = git_index_has_conflicts(x->g);
}

/* refused(): libgit2 could not read the index; say what helps. */
static int refused(struct index *x, int grc, struct err *e)
{
	const git_error *ge = git_error_last();
	const char *m = ge && ge->message ? ge->message : "";

	if (strstr(m, "extension: 'link'"))
		return err_set(e, HUB_EVERSION, "'%s' is a split index, which hub "
			       "cannot keep; turn it off: `git config --unset "
			       "core.splitIndex; git update-index "
			       "--no-split-index`", x->path.p);
	if (strstr(m, "extension: 'sdir'"))
		return err_set(e, HUB_EVERSION, "'%s' is a sparse index, which "
			       "hub cannot keep; turn it off: `git "
			       "sparse-checkout disable`", x->path.p);
	if (strstr(m, "mandatory extension"))
		return err_set(e, HUB_EVERSION, "'%s' was written by a newer git: "
			       "%s", x->path.p, m);
	return repo_fail(e, grc, "the index '%s' is damaged (remove it, and `git "
			 "reset` makes it anew)", x->path.p);
}

/* libgit2 takes an index that it cannot ask for as an empty one; one that it
 * has read has a checksum. */
static int git_open(struct index *x, const char *path, struct err *e)
{
	static const git_oid none;
	int rc = git_index_open(&x->g, path);

	if (rc < 0)
		return refused(x, rc, e);
	if (x->have_st && git_oid_equal(git_index_checksum(x->g), &none))
		return err_set(e, HUB_EIO, "the index '%s' could not be read "
			       "just now: try again", x->path.p);
	loaded(x);
	return 0;
}

/* For libgit2: a copy, on which it may work. */
static int git_load(struct index *x, const struct buf *data, struct err *e)
{
	int rc = index_write_file(x->copy.p, data, e);

	return rc < 0 ? rc : git_open(x, x->copy.p, e);
}

/*
 * Read .git/index; a missing one is empty.  The stat data
 * are taken before: if the file is replaced in between, they look older than it
 * is, and the next look reads it again.
 */
static int load(struct index *x, struct err *e)
{
	struct buf data = BUF_INIT;
	int rc;

	git_index_free(x->g);
	index_raw_close(x->raw);
	x->g = NULL;
	x->raw = NULL;
	rc = os_stat(x->path.p, &x->st, e);
	x->have_st = !rc;
	if (!rc)
		rc = os_read_file(x->path.p, INDEX_MAX, &data, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		x->have_st = 0;
		rc = 0;
	}
	if (rc < 0)
		goto out;
	/* what is of another kind, or damaged, libgit2 shall judge */
	rc = x->have_st && !data.n ? HUB_ECORRUPT :
		index_raw_open(&data, &x->raw);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	else if (rc < 0)
		rc = x->copy.n ? git_load(x, &data, e) : git_open(x, x->path.p, e);
out:
	buf_release(&data);
	return rc;
}

int index_peek(struct repo *r, struct index **ret, struct err *e)
{
	struct index *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return err_nomem(e);
	x->r = r;
	buf_init(&x->path);
	buf_init(&x->lock);
	buf_init(&x->copy);
	rc = repo_path(&x->path, r->gitdir, "index", e);
	if (!rc)
		rc = load(x, e);
	if (rc < 0)
		index_close(x);
	else
		*ret = x;
	return rc;
}

int index_open(struct repo *r, struct index **ret, struct err *e)
{
	struct index *x = calloc(1, sizeof(*x));
	struct buf dir = BUF_INIT;
	uint8_t rnd[4];
	unsigned n;
	int rc;

	if (!x)
		return err_nomem(e);
	x->r = r;
	buf_init(&x->path);
	buf_init(&x->lock);
	buf_init(&x->copy);
	os_random(rnd, sizeof(rnd));
	memcpy(&n, rnd, sizeof(n));
	buf_addf(&x->path, "%sindex", r->gitdir);
	buf_addf(&x->lock, "%sindex.lock", r->gitdir);
	buf_addf(&dir, "%s" TMP, r->gitdir);
	buf_addf(&x->copy, "%s/" COPY "%08x", dir.p, n);
	rc = buf_error(&x->path) || buf_error(&x->lock) || buf_error(&x->copy) ?
		err_nomem(e) : os_mkdirs(dir.p, e);
	if (!rc)
		rc = load(x, e);
	if (rc < 0)
		index_close(x);
	else
		*ret = x;
	buf_release(&dir);
	return rc;
}

/* The file with our mark: durable, made once. */
static int make_mark(const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = os_read_file(path, sizeof(MARK_TEXT), &text, NULL);

	if (rc || text.n != sizeof(MARK_TEXT) - 1 ||
	    memcmp(text.p, MARK_TEXT, text.n))
		rc = os_replace(path, MARK_TEXT, sizeof(MARK_TEXT) - 1, 0, e);
	buf_release(&text);
	return rc;
}

/*
 * The lock appears with our mark in it, so that a lock left by a killed run
 * can be told from git's.  It's a second name of a file that is durable already,
 * or a power cut could take the mark away.
 */
static int take(struct index *x, uint64_t until, struct err *e)
{
	struct buf mark = BUF_INIT;
	int rc;

	buf_add(&mark, x->path.p, x->path.n - strlen("index"));
	buf_addstr(&mark, MARK_FILE);
	rc = buf_error(&mark) ? err_nomem(e) : make_mark(mark.p, e);
	if (!rc)
		rc = os_link_new(mark.p, x->lock.p, e);
	while (rc == HUB_ECONFLICT && os_mono_ms() < until &&
	       !os_interrupted()) {
		os_sleep_ms(LOCK_POLL_MS);
		rc = os_link_new(mark.p, x->lock.p, e);
	}
	buf_release(&mark);
	return rc;
}

int index_lock(struct index *x, unsigned wait_ms, struct err *e)
{
	struct os_stat st;
	int rc = 0;

	if (x->r->index_left)	/* or we would wait for ourselves */
		rc = index_unlock_left(x->r, e);
	x->r->index_left = rc < 0;
	if (rc == 0)
		rc = take(x, os_mono_ms() + wait_ms, e);
	if (rc == HUB_ECONFLICT)
		return err_set(e, HUB_EBUSY, "git works on '%s' ('%s' exists): "
			       "try again later; if no git runs, remove that "
			       "file", x->path.p, x->lock.p);
	if (rc < 0)
		return rc;
	x->locked = 1;
	rc = os_stat(x->path.p, &st, NULL);
	if ((rc == 0) != x->have_st ||
	    (!rc && (st.mtime_ns != x->st.mtime_ns || st.size != x->st.size ||
		     st.ino != x->st.ino)))
		return load(x, e);
	return 0;
}

void index_close(struct index *x)
{
	if (!x)
		return;
	git_index_free(x->g);
	index_raw_close(x->raw);
	if (x->copy.n)
		os_unlink(x->copy.p, NULL);
	if (x->locked && os_unlink(x->lock.p, NULL) < 0)
		x->r->index_left = 1;
	buf_release(&x->path);
	buf_release(&x->lock);
	buf_release(&x->copy);
	free(x);
}

int index_missing(const struct index *x)
{
	return !x->have_st;
}

uint64_t index_count(const struct index *x)
{
	return x->raw ? index_raw_count(x->raw) : git_index_entrycount(x->g);
}
