/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.c - join the scan of the disk with the base records.
 *
 * Invariant: both streams come in memcmp order of full paths.  When the scan
 * reports a path, every base record before it that was not met is gone from
 * the disk, unless something there could not be looked at.
 */
#include "sync/compare_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "sync/lookahead.h"

int compare_leaf_eq(const struct tree_leaf *a, const struct tree_leaf *b)
{
	return a->mode == b->mode && (!a->mode || oid_eq(&a->id, &b->id));
}

static int next_base(struct compare *j)
{
	struct span path, rec;
	int rc = state_base_next(j->cursor, &path, &rec, j->e);

	j->have = rc > 0;
	if (rc <= 0)
		return rc;
	buf_reset(&j->base_path);
	buf_add(&j->base_path, path.p, path.n);
	if (buf_error(&j->base_path))
		return err_nomem(j->e);
	rc = baserec_decode(&j->base_rec, rec.p, rec.n);
	if (rc < 0)
		return err_set(j->e, rc, "the base record of '%s' is damaged: "
			       "the next `hub sync` makes .git/vibehub/state.db "
			       "anew", j->base_path.p);
	return 0;
}

/* Is ${path} or a folder above it in ${m} (folders with a trailing '/')? */
static int in_map_above(const struct map *m, const char *path, size_t n,
			int with_slash)
{
	size_t i;

	if (!m->count)
		return 0;
	for (i = 1; i < n; i++)
		if (path[i] == '/' && map_get(m, path, i + !!with_slash))
			return 1;
	return map_get(m, path, n) != NULL;
}

/* The base record under the cursor has no file on disk. */
static int base_gone(struct compare *j)
{
	struct change *c;
	static char there;

	if (j->base_rec.kind == BASEREC_UNWRITTEN) {
		if (map_put(&j->links, j->base_path.p, j->base_path.n, &there))
			return err_nomem(j->e);
		return 0;
	}
	if (in_map_above(&j->blocked, j->base_path.p, j->base_path.n, 1))
		return 0;
	c = changes_add(j->out, j->base_path.p, j->base_path.n);
	if (!c)
		return err_nomem(j->e);
	c->base = content_leaf(&j->base_rec);
	c->base_flags = j->base_rec.flags;
	c->rec.size = j->base_rec.size;
	return 0;
}

/*
 * A large file that was renamed: its new name waits until large content can be
 * recorded, so its old one must not go away either, or the other computers
 * would lose the file meanwhile.
 */
static void keep_renamed(struct compare *j)
{
	size_t i;

	for (i = 0; j->large.count && i < j->out->n; i++) {
		struct change *c = &j->out->v[i];

		if (c->disk.mode || !c->rec.size ||
		    !map_get(&j->large, &c->rec.size, sizeof(c->rec.size)))
			continue;
		c->waits = 1;
		report_add(&j->ws->rep, REPORT_LARGE, c->path, c->n,
			   "renamed, and its new name waits");
	}
}

/* Let the cursor pass everything before ${path}. */
static int advance(struct compare *j, const char *path, size_t n)
{
	int rc = 0;

	while (!rc && j->have &&
	       mem_cmp(j->base_path.p, j->base_path.n, path, n) < 0) {
		rc = base_gone(j);
		if (!rc)
			rc = next_base(j);
	}
	return rc;
}

static int db_unchanged(struct compare *j, const struct scan_entry *en)
{
	struct dbside_wal wal;
	struct os_dir *dir;

	if (compare_folder(j, en, &dir, NULL) < 0)
		return 0;
	dbside_wal(dir, en->name, &wal);
	return dbside_unchanged(j->ws->state, en->path, en->path_n, &wal);
}

static int on_file(void *arg, const struct scan_entry *en)
{
	struct compare *j = arg;
	int rc, known, same;

	if (!(++j->seen & 1023)) {
		rc = workspace_progress(j->ws, "scanning", j->seen, 0, j->e);
		if (rc < 0)
			return rc;
	}
	rc = advance(j, en->path, en->path_n);
	if (rc < 0)
		return rc;
	known = j->have && !mem_cmp(j->base_path.p, j->base_path.n, en->path,
				    en->path_n);
	if (!known) {
		if (dbside_is_side(&j->dbs, en->path, en->path_n))
			return 0;
		if (in_map_above(&j->links, en->path, en->path_n, 0)) {
			report_add(&j->ws->rep, REPORT_NESTED, en->path,
				   en->path_n, "below a submodule, or a file "
				   "that could not be written here");
			return 0;
		}
		return compare_look(j, en, 0);
	}
	if (!j->sink && j->base_rec.kind == BASEREC_DB)
		j->base_rec.flags &= ~(unsigned)BASEREC_NOSTAT;
	same = content_same_stat(&j->base_rec, &en->st, j->ws->exec_bits);
	if (j->base_rec.kind == BASEREC_DB) {
		if (dbside_note(&j->dbs, en->path, en->path_n))
			return err_nomem(j->e);
		same = same && db_unchanged(j, en);
	}
	if (same && j->rule_new)
		same = !compare_other_form(j, en);
	rc = same ? 0 : compare_look(j, en, 1);
	if (!rc)
		rc = next_base(j);
	return rc;
}

static int on_note(void *arg, enum scan_note what, const char *path, size_t n,
		   const struct err *why)
{
	static const enum report_kind kind[] = {
		[SCAN_IGNORED] = REPORT_IGNORED,
		[SCAN_NESTED_GIT] = REPORT_NESTED,
		[SCAN_BAD_NAME] = REPORT_BAD_NAME,
		[SCAN_SPECIAL] = REPORT_SPECIAL,
		[SCAN_UNREADABLE] = REPORT_UNREADABLE,
		[SCAN_TOO_LONG] = REPORT_BAD_NAME,
	};
	static char there;
	struct compare *j = arg;

	report_add(&j->ws->rep, kind[what], path, n, why ? why->msg : NULL);
	if (what == SCAN_IGNORED || what == SCAN_NESTED_GIT)
		return 0;
	return map_put(&j->blocked, path, n, &there) ? err_nomem(j->e) : 0;
}

static int on_tracked(void *arg, const char *path, size_t n, int is_dir)
{
	struct compare *j = arg;
	struct state_cursor *c = NULL;
	struct buf rec = BUF_INIT;
	struct span p, r;
	int rc;

	if (!is_dir) {
		rc = state_base_get(j->ws->state, path, n, &rec, j->e);
		buf_release(&rec);
		return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : 1;
	}
	rc = state_base_open(j->ws->state, path, n, &c, j->e);
	if (!rc)
		rc = state_base_next(c, &p, &r, j->e);
	state_base_close(c);
	return rc;
}

/* The file system's own clock: what a file written now gets as its mtime. */
static int fs_clock(struct workspace *ws, int64_t *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int fd = -1, rc;

	buf_addf(&path, "%sclock", ws->vdir.p);
	rc = buf_error(&path) ? err_nomem(e) : os_create(path.p, 0, &fd, e);
	if (!rc)
		rc = os_write(fd, "", 1, path.p, e);
	if (!rc)
		rc = os_fstat(fd, &st, path.p, e);
	if (!rc)
		*ret = st.mtime_ns;
	os_close(fd, path.p, NULL);
	buf_release(&path);
	return rc;
}

/* The user's own ignore file: core.excludesFile, or git's default. */
static int excludes_file(struct repo *r, struct buf *ret, struct err *e)
{
	struct buf home = BUF_INIT, val = BUF_INIT;
	const char *xdg = os_env("XDG_CONFIG_HOME");
	struct os_stat st;
	int rc = repo_config_get(r, "core.excludesfile", &val, e);

	if (rc && rc != HUB_EABSENT)
		goto out;
	if (os_home_dir(&home, NULL))
		buf_reset(&home);
	if (!rc && val.n > 1 && !memcmp(val.p, "~/", 2))
		buf_addf(ret, "%s%s", home.p, val.p + 1);
	else if (!rc)
		buf_addstr(ret, val.p);
	else if (xdg)
		buf_addf(ret, "%s/git/ignore", xdg);
	else if (home.n)
		buf_addf(ret, "%s/.config/git/ignore", home.p);
	rc = buf_error(ret) ? err_nomem(e) : 0;
	if (!rc && ret->n && os_stat(ret->p, &st, NULL) == HUB_EABSENT)
		buf_reset(ret);
out:
	buf_release(&home);
	buf_release(&val);
	return rc;
}

static int scan(struct compare *j)
{
	struct scan_ops ops = { .arg = j, .file = on_file, .note = on_note,
				.tracked = on_tracked };
	struct buf global = BUF_INIT;
	int rc = excludes_file(j->ws->repo, &global, j->e);

	if (!rc)
		rc = lookahead_run(j->ws->root.p, repo_gitdir(j->ws->repo),
				   global.n ? global.p : NULL, &ops, j->e);
	buf_release(&global);
	return rc;
}

/* Which policy was asked when this workspace was last compared? */
static int load_rule(struct compare *j)
{
	struct buf was = BUF_INIT;
	int rc = rule_load(&j->rule, j->ws->root.p, j->e);

	if (rc < 0)
		return rc;
	memcpy(j->ws->rule_id, j->rule.id, sizeof(j->ws->rule_id));
	memcpy(j->ws->rep.policy_note, j->rule.bad,
	       sizeof(j->ws->rep.policy_note));
	rc = state_get(j->ws->state, META_RULE, &was, j->e);
	j->rule_new = rc || was.n != sizeof(j->rule.id) ||
		memcmp(was.p, j->rule.id, was.n) != 0;
	buf_release(&was);
	if (rc == HUB_EABSENT)
		err_clear(j->e);
	return rc == HUB_EABSENT ? 0 : rc;
}

int compare_run(struct workspace *ws, struct sink *sink, struct changes *out,
		struct err *e)
{
	struct compare j = {
		.ws = ws, .sink = sink, .out = out, .base_path = BUF_INIT,
		.blocked = MAP_INIT, .links = MAP_INIT, .full = BUF_INIT,
		.dirs.path = BUF_INIT,
		.tmp = BUF_INIT, .patience = CONTENT_PATIENCE, .e = e,
	};
	int rc = 0;

	buf_addstr(&j.full, ws->root.p);
	rc = load_rule(&j);
	if (!rc && sink)	/* status only reads: every fresh file is compared */
		rc = fs_clock(ws, &j.fs_now_ns, e);
	if (!rc && sink)
		rc = workspace_tmp(ws, &j.tmp, e);
	if (!rc)
		rc = state_base_open(ws->state, NULL, 0, &j.cursor, e);
	if (!rc)
		rc = next_base(&j);
	if (!rc)
		rc = scan(&j);
	while (!rc && j.have) {
		rc = base_gone(&j);
		if (!rc)
			rc = next_base(&j);
	}
	if (!rc)
		keep_renamed(&j);
	state_base_close(j.cursor);
	rule_release(&j.rule);
	map_release(&j.large);
	buf_release(&j.base_path);
	buf_release(&j.full);
	buf_release(&j.tmp);
	map_release(&j.blocked);
	map_release(&j.links);
	dbside_release(&j.dbs);
	wdir_close(&j.dirs);
	return rc;
}
