/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init.c - make a hub.
 *
 * Order: repository, settings, hooks, vibehub/devices, first commit, keys;
 * vibehub/format comes last: a folder without it is no hub yet, and the next
 * `hub init` goes on.
 */
#include "sync/init.h"

#include <stdlib.h>
#include <string.h>

#include "fmt/hubfile.h"
#include "hooks_text.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/tree.h"
#include "sync/follow.h"
#include "sync/keys.h"

#define FOLDER_TEXT_MAX 160

static const struct { const char *name, *text; } central[] = {
	{ "blueprints", "Plans, designs and documents that others build on.\n" },
	{ "code", "Source code and scripts.\n" },
	{ "data", "Data files and data bases.\n" },
	{ "deployments", "What runs where: configurations and releases.\n" },
	{ "logs", "Logs and reports.\n" },
};
#define CENTRAL_N (sizeof(central) / sizeof(*central))

static int set_config(struct repo *r, struct err *e)
{
	static const char *const kv[][2] = {
		{ "core.fsync", "all" },
		{ "core.logAllRefUpdates", "always" },
		{ "receive.fsckObjects", "true" },
		{ "transfer.fsckObjects", "true" },
		{ "receive.advertisePushOptions", "true" },
		{ "gc.pruneExpire", "14.days.ago" },
		{ "vibehub.hub", "true" },
	};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < sizeof(kv) / sizeof(*kv); i++)
		rc = repo_config_set(r, kv[i][0], kv[i][1], e);
	return rc;
}

/* A hook that the user wrote stays; ours is renewed. */
static int put_hook(const char *dir, const char *name, const char *text,
		    struct err *e)
{
	struct buf path = BUF_INIT, old = BUF_INIT;
	struct os_dir *d = NULL;
	int rc;

	buf_addf(&path, "%s/hooks", dir);
	rc = buf_error(&path) ? err_nomem(e) : os_mkdirs(path.p, e);
	if (!rc)
		rc = os_dir_open(path.p, &d, e);
	buf_addf(&path, "/%s", name);
	if (!rc)
		rc = os_read_file(path.p, 65536, &old, e);
	if (!rc && !strstr(old.p, "hub hook "))
		goto out;
	if (!rc || rc == HUB_EABSENT) {
		err_clear(e);
		rc = os_replace(path.p, text, strlen(text), 0, e);
	}
	if (!rc)
		rc = os_dir_chmod_exec(d, name, 1, e);
	if (!rc)
		rc = os_dir_sync(d, e);
out:
	os_dir_close(d);
	buf_release(&path);
	buf_release(&old);
	return rc;
}

/* One folder of the layout: a tree with a README.md (git keeps no empty
 * folders). */
static int first_tree(struct repo *r, struct sink *s, struct oid *tree,
		      struct err *e)
{
	struct tree_change ch[CENTRAL_N];
	struct buf path[CENTRAL_N], text = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; i < CENTRAL_N; i++)
		buf_init(&path[i]);
	for (i = 0; !rc && i < CENTRAL_N; i++) {
		buf_addf(&path[i], "%s/README.md", central[i].name);
		buf_reset(&text);
		buf_addf(&text, "# %s\n\n%s", central[i].name, central[i].text);
		memset(&ch[i], 0, sizeof(ch[i]));
		ch[i].path = path[i].p;
		ch[i].path_n = path[i].n;
		ch[i].leaf.mode = MODE_FILE;
		rc = buf_error(&path[i]) || buf_error(&text) ? err_nomem(e) :
			sink_put(s, OBJ_BLOB, text.p, text.n, &ch[i].leaf.id,
				 e);
	}
	if (!rc)
		rc = tree_update(r, s, &oid_zero, ch, CENTRAL_N, tree, e);
	for (i = 0; i < CENTRAL_N; i++)
		buf_release(&path[i]);
	buf_release(&text);
	return rc;
}

static int first_commit(struct repo *r, struct err *e)
{
	struct buf branch = BUF_INIT, text = BUF_INIT;
	struct commit c = COMMIT_INIT;
	struct sink *s = NULL;
	struct oid tip, id;
	int rc = repo_head(r, &branch, &tip, e);

	if (rc < 0 || !oid_is_zero(&tip))
		goto out;
	rc = sink_open(r, SINK_LOOSE, &s, e);
	if (!rc)
		rc = first_tree(r, s, &c.tree, e);
	if (rc < 0)
		goto out;
	c.author_time = c.time = os_now();
	repo_identity(r, &c.author);
	buf_addstr(&c.committer, c.author.p);
	buf_addstr(&c.message, "Lay out code, data, logs, blueprints and "
		   "deployments\n");
	rc = commit_encode(&text, &c);
	if (!rc)
		rc = sink_put(s, OBJ_COMMIT, text.p, text.n, &id, e);
	if (!rc) {
		rc = sink_commit(s, NULL, e);
		s = NULL;
	}
	if (!rc)
		rc = ref_set_hub(r, branch.p, &oid_zero, &id, "hub", "init",
				 e);
out:
	sink_abort(s);
	commit_release(&c);
	buf_release(&branch);
	buf_release(&text);
	return rc;
}

int init_add_vault(const char *dir, const uint8_t hub[32],
		   const struct init_vault *vault, struct err *e)
{
	int rc = vault->keep ? vault->keep(vault->arg, hub, e) : 0;

	return rc < 0 ? rc : keys_make(dir, hub, vault->pass, vault->n, e);
}

int init_format(const char *dir, const uint8_t id[32], struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_hub h;
	int rc;

	memset(&h, 0, sizeof(h));
	memcpy(h.id, id, sizeof(h.id));
	h.min_reader = HUBFILE_READER;
	h.min_writer = HUBFILE_WRITER;
	h.created = os_now();
	hubfile_hub_encode(&text, &h);
	buf_addf(&path, "%s/vibehub/format", dir);
	rc = buf_error(&path) || buf_error(&text) ? err_nomem(e) :
		os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

/* Make the bare repository at ${dir} a hub. */
static int extend(const char *dir, const char *layout,
		  const struct init_vault *vault, struct err *e)
{
	struct buf path = BUF_INIT;
	struct repo *r = NULL;
	uint8_t id[32];
	int rc = repo_open(dir, &r, e);

	if (!rc && !repo_is_bare(r))
		rc = err_set(e, HUB_ECONFLICT, "'%s' is a working copy: a hub is "
			     "a bare repository in a folder of its own", dir);
	if (!rc)
		rc = set_config(r, e);
	if (!rc)
		rc = put_hook(dir, "pre-receive", hook_pre_receive, e);
	if (!rc)
		rc = put_hook(dir, "post-receive", hook_post_receive, e);
	buf_addf(&path, "%s/vibehub/devices", dir);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) : os_mkdirs(path.p, e);
	if (!rc && layout)
		rc = first_commit(r, e);
	os_random(id, sizeof(id));
	if (!rc && vault)
		rc = init_add_vault(dir, id, vault, e);
	if (!rc)
		rc = init_format(dir, id, e);
	repo_close(r);
	buf_release(&path);
	return rc;
}

enum lies { LIES_NOTHING, LIES_EMPTY, LIES_HUB, LIES_REPO, LIES_OTHER };

/* What is at the path now? */
static int look(const char *path, enum lies *ret, struct err *e)
{
	struct buf file = BUF_INIT;
	struct os_dir *d = NULL;
	struct repo *r = NULL;
	const char *name;
	enum os_type type;
	struct os_stat st;
	int rc = os_dir_open(path, &d, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		*ret = LIES_NOTHING;
		rc = os_lstat(path, &st, e);	/* a file is in the way? */
		if (!rc)
			*ret = LIES_OTHER;
		else if (rc == HUB_EABSENT)
			err_clear(e);
		rc = rc == HUB_EABSENT ? 0 : rc;
		goto out;
	}
	if (!rc)
		rc = os_dir_next(d, &name, &type, e);
	if (rc <= 0) {
		*ret = LIES_EMPTY;
		goto out;
	}
	buf_addf(&file, "%s/vibehub/format", path);
	rc = buf_error(&file) ? err_nomem(e) : os_stat(file.p, &st, e);
	*ret = !rc ? LIES_HUB : LIES_OTHER;
	if (rc == HUB_EABSENT) {	/* known: who may not look makes no hub of a hub */
		err_clear(e);
		rc = repo_open(path, &r, e);
		if (!rc)
			*ret = LIES_REPO;
	}
	if (rc == HUB_EABSENT || rc == HUB_ECORRUPT) {
		err_clear(e);
		rc = 0;
	}
out:
	os_dir_close(d);
	repo_close(r);
	buf_release(&file);
	return rc;
}

/* A new hub is made beside its place and renamed there when it is complete. */
static int make(const char *path, const char *layout,
		const struct init_vault *vault, int replace, struct err *e)
{
	struct buf tmp = BUF_INIT;
	int rc;

	buf_addf(&tmp, "%s.hub-init~", path);
	rc = buf_error(&tmp) ? err_nomem(e) : os_rmtree(tmp.p, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = repo_create(tmp.p, 1, e);
	if (!rc)
		rc = extend(tmp.p, layout, vault, e);
	if (!rc && replace)
		rc = os_rmdir(path, e);
	if (!rc)
		rc = os_rename(tmp.p, path, e);
	if (!rc)
		rc = os_sync_parent(path, e);
	else
		os_rmtree(tmp.p, NULL);
	buf_release(&tmp);
	return rc;
}

static int init_at(const char *path, const char *layout,
		   const struct init_vault *vault, enum init_result *ret,
		   struct err *e)
{
	enum lies what;
	int rc = look(path, &what, e);

	if (rc < 0)
		return rc;
	switch (what) {
	case LIES_HUB:
		*ret = INIT_WAS_HUB;
		return 0;
	case LIES_REPO:
		*ret = INIT_ADOPTED;
		return extend(path, layout, vault, e);
	case LIES_OTHER:
		return err_set(e, HUB_ECONFLICT, "'%s' holds other files: give "
			       "a new or empty folder, `hub import` brings files "
			       "in later", path);
	default:
		*ret = INIT_MADE;
		return make(path, layout, vault, what == LIES_EMPTY, e);
	}
}

int init_is_hub(const char *path, struct err *e)
{
	enum lies what = LIES_OTHER;
	int rc = look(path, &what, e);

	return rc < 0 ? rc : what == LIES_HUB;
}

int init_hub(const char *path, const char *layout,
	     const struct init_vault *vault, enum init_result *ret,
	     struct err *e)
{
	struct buf abs = BUF_INIT, parent = BUF_INIT;
	int rc;

	if (layout && strcmp(layout, "central"))
		return err_set(e, HUB_EUSAGE, "there is no template '%s': the "
			       "only one is 'central'", layout);
	rc = os_abspath(path, &abs, e);
	while (!rc && abs.n > 1 && abs.p[abs.n - 1] == '/')
		buf_setlen(&abs, abs.n - 1);
	if (!rc) {
		buf_add(&parent, abs.p, abs.n);
		while (parent.n > 1 && parent.p[parent.n - 1] != '/')
			buf_setlen(&parent, parent.n - 1);
		rc = buf_error(&parent) ? err_nomem(e) :
			os_mkdirs(parent.p, e);
	}
	if (!rc)
		rc = init_at(abs.p, layout, vault, ret, e);
	buf_release(&abs);
	buf_release(&parent);
	return rc;
}
