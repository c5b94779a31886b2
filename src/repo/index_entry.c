/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_entry.c - entries of a git index, whoever reads and writes it. */
#include <string.h>

#include "base/path.h"
#include "os/os_file.h"
#include "repo/index_internal.h"

/* An entry of either kind in the form of the file. */
static int find(struct index *x, const char *path, size_t n, int stage,
		struct index_raw_entry *ret)
{
	const git_index_entry *en = NULL;
	struct buf p = BUF_INIT;

	if (x->raw)
		return index_raw_get(x->raw, path, n, stage, ret);
	buf_add(&p, path, n);
	if (!buf_error(&p))
		en = git_index_get_bypath(x->g, p.p, stage);
	buf_release(&p);
	if (!en)
		return HUB_EABSENT;
	*ret = (struct index_raw_entry){
		.ctime_s = (uint32_t)en->ctime.seconds,
		.ctime_ns = en->ctime.nanoseconds,
		.mtime_s = (uint32_t)en->mtime.seconds,
		.mtime_ns = en->mtime.nanoseconds,
		.ino = en->ino, .mode = en->mode, .uid = en->uid,
		.gid = en->gid, .size = en->file_size,
		.intent = !!(en->flags_extended &
			     GIT_INDEX_ENTRY_INTENT_TO_ADD),
		.skip = !!(en->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE),
		.valid = !!(en->flags & GIT_INDEX_ENTRY_VALID),
	};
	repo_from_git(&ret->id, &en->id);
	return 0;
}

int index_get(struct index *x, const char *path, size_t n,
	      struct index_entry *ret)
{
	struct index_raw_entry en;
	int stage;

	if (find(x, path, n, 0, &en)) {
		for (stage = 1; stage <= 3; stage++)
			if (!find(x, path, n, stage, &en))
				return HUB_ECONFLICT;
		return HUB_EABSENT;
	}
	if (en.intent)
		return HUB_EABSENT;
	memset(ret, 0, sizeof(*ret));
	ret->leaf.mode = en.mode;
	ret->leaf.id = en.id;
	ret->skip = en.skip;
	ret->st.size = en.size;
	ret->st.mtime_ns = (int64_t)(int32_t)en.mtime_s * SECOND +
		en.mtime_ns;
	ret->st.ctime_ns = (int64_t)(int32_t)en.ctime_s * SECOND +
		en.ctime_ns;
	ret->st.ino = en.ino;
	ret->st.uid = en.uid;
	ret->st.gid = en.gid;
	/* racily clean: git itself would look at the content */
	if (x->have_st && ret->st.mtime_ns >= x->st.mtime_ns)
		ret->st.mtime_ns = 0;
	return 0;
}

/* Git may have been built without nanoseconds. */
static int same_time(int64_t git, int64_t now)
{
	if (git % SECOND == 0)
		return git / SECOND == now / SECOND;
	return git == now;
}

int index_stat_matches(const struct index_entry *en, const struct os_stat *st)
{
	int is_link = en->leaf.mode == MODE_LINK;

	if (!en->st.mtime_ns || is_link != (st->type == OS_LNK) ||
	    (!is_link && st->type != OS_REG))
		return 0;
	if (!is_link && (en->leaf.mode == MODE_EXEC) != !!st->exec)
		return 0;
	return (uint32_t)en->st.size == (uint32_t)st->size &&
		(uint32_t)en->st.ino == (uint32_t)st->ino &&
		en->st.uid == st->uid && en->st.gid == st->gid &&
		same_time(en->st.mtime_ns, st->mtime_ns) &&
		same_time(en->st.ctime_ns, st->ctime_ns);
}

/* Seconds, rounded down, also before 1970, and the rest. */
static void to_time(int64_t ns, uint32_t *ret_s, uint32_t *ret_ns)
{
	int64_t s = ns / SECOND - (ns % SECOND < 0);

	*ret_s = (uint32_t)(int32_t)s;
	*ret_ns = (uint32_t)(ns - s * SECOND);
}

/* drop_conflict(): stages 1 to 3 of a path that becomes an ordinary entry, or
 * goes. */
static void drop_conflict(struct index *x, const char *path)
{
	if (x->conflicts && git_index_conflict_remove(x->g, path) == 0)
		x->conflicts = git_index_has_conflicts(x->g);
}

static int git_put(struct index *x, const char *path,
		   const struct index_raw_entry *r, struct err *e)
{
	git_index_entry en;
	int rc;

	memset(&en, 0, sizeof(en));
	en.path = path;
	en.flags = r->valid ? GIT_INDEX_ENTRY_VALID : 0;
	en.flags_extended = r->skip ? GIT_INDEX_ENTRY_SKIP_WORKTREE : 0;
	en.mode = r->mode;
	repo_to_git(&en.id, &r->id);
	en.mtime.seconds = (int32_t)r->mtime_s;
	en.mtime.nanoseconds = r->mtime_ns;
	en.ctime.seconds = (int32_t)r->ctime_s;
	en.ctime.nanoseconds = r->ctime_ns;
	en.dev = r->dev;
	en.ino = r->ino;
	en.uid = r->uid;
	en.gid = r->gid;
	en.file_size = r->size;
	drop_conflict(x, path);
	rc = git_index_add(x->g, &en);
	return rc < 0 ? repo_fail(e, rc, "cannot put '%s' into the index", path)
		      : 0;
}

int index_put(struct index *x, const char *path, size_t n,
	      const struct tree_leaf *leaf, const struct os_stat *st,
	      struct err *e)
{
	struct index_raw_entry en = { .mode = leaf->mode, .id = leaf->id }, old;
	struct buf p = BUF_INIT;
	int rc;

	if (!find(x, path, n, 0, &old)) {	/* the user's marks stay */
		en.skip = old.skip;
		en.valid = old.valid;
	}
	if (st) {
		to_time(st->mtime_ns, &en.mtime_s, &en.mtime_ns);
		to_time(st->ctime_ns, &en.ctime_s, &en.ctime_ns);
		en.dev = (uint32_t)st->dev;
		en.ino = (uint32_t)st->ino;
		en.uid = st->uid;
		en.gid = st->gid;
		en.size = (uint32_t)st->size;
	}
	if (x->raw && !path_ok(path, n))
		return err_set(e, HUB_EDENIED, "no index may hold '%.*s'",
			       (int)n, path);
	if (x->raw)
		return index_raw_put(x->raw, path, n, &en) ? err_nomem(e) : 0;
	buf_add(&p, path, n);
	rc = buf_error(&p) ? err_nomem(e) : git_put(x, p.p, &en, e);
	buf_release(&p);
	return rc;
}

int index_clashes(struct index *x, const char *path, size_t n)
{
	struct index_entry en;
	struct buf p = BUF_INIT;
	size_t k;
	int got = 0;

	if (x->raw)
		return index_raw_clashes(x->raw, path, n);
	for (k = 1; !got && k < n; k++)
		got = path[k] == '/' &&
			index_get(x, path, k, &en) != HUB_EABSENT;
	buf_add(&p, path, n);
	buf_addch(&p, '/');
	if (!got && !buf_error(&p))
		got = !git_index_find_prefix(NULL, x->g, p.p);
	buf_release(&p);
	return got;
}

int index_remove(struct index *x, const char *path, size_t n, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc;

	if (x->raw)
		return index_raw_remove(x->raw, path, n) ? err_nomem(e) : 0;
	buf_add(&p, path, n);
	if (buf_error(&p))
		return err_nomem(e);
	drop_conflict(x, p.p);
	rc = git_index_remove(x->g, p.p, 0);
	if (rc == GIT_ENOTFOUND)
		rc = 0;
	if (rc < 0)
		rc = repo_fail(e, rc, "cannot remove '%s' from the index", p.p);
	buf_release(&p);
	return rc;
}
