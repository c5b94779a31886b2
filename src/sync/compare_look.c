/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_look.c - one file whose stat does not say that it is unchanged. */
#include "sync/compare_internal.h"

#include <string.h>

#include "os/os.h"

int compare_folder(struct compare *j, const struct scan_entry *en,
		   struct os_dir **ret, struct err *e)
{
	const char *name;
	int rc = 0;

	*ret = en->dir;
	if (!en->dir && !j->dirs.dir[0])
		rc = wdir_open(&j->dirs, j->ws->root.p, e);
	if (!rc && !en->dir)
		rc = wdir_get(&j->dirs, en->path, en->path_n, 0, ret, &name, e);
	return rc;
}

/* A file system without executable bits or symlinks keeps the tree's. */
static void keep_mode(const struct workspace *ws, const struct tree_leaf *base,
		      struct tree_leaf *disk)
{
	if (!base->mode || disk->mode == MODE_LINK)
		return;
	if (!ws->symlinks && base->mode == MODE_LINK)
		disk->mode = MODE_LINK;
	else if (!ws->exec_bits && base->mode != MODE_LINK)
		disk->mode = base->mode;
}

static int told(struct compare *j, enum content_verdict v,
		const struct scan_entry *en, const struct err *why)
{
	static char there;
	enum report_kind k = v == CONTENT_LARGE ? REPORT_LARGE :
		v == CONTENT_UNSTABLE ? REPORT_UNSTABLE : REPORT_UNREADABLE;

	if (v == CONTENT_GONE)
		return 0;
	if (v == CONTENT_LARGE &&
	    map_put(&j->large, &en->st.size, sizeof(en->st.size), &there))
		return err_nomem(j->e);
	report_add(&j->ws->rep, k, en->path, en->path_n,
		   v == CONTENT_UNREADABLE || v == CONTENT_LARGE ? why->msg :
		   NULL);
	return map_put(&j->blocked, en->path, en->path_n, &there) ?
		err_nomem(j->e) : 0;
}

/* The base has a pointer: to how many bytes, and what is its blob? */
static int base_pointer(struct compare *j, struct content_job *job)
{
	struct tree_leaf leaf = content_leaf(&j->base_rec);
	struct pointer ptr;
	int rc = 1;

	if (content_is_large(&j->base_rec))
		ptr.size = j->base_rec.size;
	else
		rc = large_peek(j->ws->repo, &leaf, &ptr, j->e);
	if (rc == HUB_EABSENT) {	/* unknown: it is compared */
		err_clear(j->e);
		rc = 0;
	}
	if (rc <= 0)
		return rc;
	job->large_size = ptr.size;
	job->bare = leaf.id;
	return 0;
}

static void keep_kind(struct baserec *rec, const struct tree_leaf *disk)
{
	int exec = disk->mode == MODE_EXEC;

	if (disk->mode == MODE_LINK)
		rec->kind = BASEREC_LINK;
	else if (content_is_large(rec))
		rec->kind = exec ? BASEREC_LARGE_EXEC : BASEREC_LARGE;
	else if (rec->kind != BASEREC_DB)
		rec->kind = exec ? BASEREC_EXEC : BASEREC_FILE;
}

int compare_look(struct compare *j, const struct scan_entry *en, int known)
{
	struct content_job job = {
		.ws = j->ws, .rule = &j->rule, .path = en->path,
		.path_n = en->path_n,
		.name = en->name, .sink = j->sink, .st = en->st,
		.tmp = j->sink ? j->tmp.p : NULL,
		.fs_now_ns = j->fs_now_ns,
		.patience = j->sink ? &j->patience : NULL,
	};
	struct err why = ERR_INIT;
	enum content_verdict v = CONTENT_OK;
	struct tree_leaf disk;
	struct dbside_wal wal;
	struct baserec rec;
	struct change *c;
	int rc;

	buf_setlen(&j->full, j->ws->root.n);
	buf_add(&j->full, en->path, en->path_n);
	if (buf_error(&j->full))
		return err_nomem(j->e);
	job.full = j->full.p;
	rc = compare_folder(j, en, &job.dir, &why);
	if (rc < 0 && rc != HUB_ENOMEM)
		return told(j, content_verdict_of(rc), en, &why);
	if (rc < 0)
		return err_nomem(j->e);
	dbside_wal(job.dir, en->name, &wal);
	rc = known ? base_pointer(j, &job) : 0;
	if (rc < 0)
		return rc;
	rc = content_read(&job, &disk, &rec, &v, &why);
	if (rc < 0)
		return err_set(j->e, rc, "%s", why.msg);
	if (v != CONTENT_OK)
		return told(j, v, en, &why);
	c = changes_add(j->out, en->path, en->path_n);
	if (!c)
		return err_nomem(j->e);
	if (known) {
		c->base = content_leaf(&j->base_rec);
		c->base_flags = j->base_rec.flags;
		keep_mode(j->ws, &c->base, &disk);
		keep_kind(&rec, &disk);
	}
	if (rec.kind == BASEREC_DB)
		rc = dbside_note(&j->dbs, en->path, en->path_n);
	if (j->sink && !job.large_size)
		j->ws->large_new |= content_is_large(&rec);
	c->disk = disk;
	c->rec = rec;
	c->wal = wal;
	return rc ? err_nomem(j->e) : 0;
}

int compare_other_form(struct compare *j, const struct scan_entry *en)
{
	uint8_t head[POLICY_HEAD];
	size_t got = 0;
	struct os_dir *dir;
	int fd = -1, large = content_is_large(&j->base_rec), want = 0;

	if (en->st.type != OS_REG || j->base_rec.kind == BASEREC_DB ||
	    (!large && !rule_may_be_large(&j->rule, en->path, en->path_n,
					  en->st.size)))
		return 0;
	if (!compare_folder(j, en, &dir, NULL) &&
	    !os_dir_open_file(dir, en->name, &fd, NULL) &&
	    !os_pread(fd, head, sizeof(head), 0, &got, en->name, NULL))
		want = rule_large(&j->rule, en->path, en->path_n, head, got,
				  en->st.size, large);
	else
		want = large;
	os_close(fd, en->name, NULL);
	return want != large;
}
