/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.c - the order of a verification; a workspace's own files. */
#include "sync/verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "db/state.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/workspace.h"
#include "sync/wsfile.h"

#define HUB "hub"
#define WORKSPACE "workspace"

static char *shown(const char *s)
{
	struct buf b = BUF_INIT;

	utf8_show(&b, s, strlen(s));
	return buf_detach(&b, NULL);
}

int verify_add(struct verify *v, const char *where, const char *object,
	       const char *todo, const char *fmt, ...)
{
	struct verify_finding *f;
	struct buf what = BUF_INIT;
	va_list ap;

	if (v->found++ >= VERIFY_FINDINGS_MAX)
		return 0;
	if (v->n == v->alloc) {
		size_t want = v->alloc ? v->alloc * 2 : 16;

		f = realloc(v->v, want * sizeof(*f));
		if (!f)
			return HUB_ENOMEM;
		v->v = f;
		v->alloc = want;
	}
	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	f = &v->v[v->n++];
	f->where = where;
	f->object = shown(object);
	f->what = buf_error(&what) ? NULL : shown(what.p);
	f->todo = shown(todo);
	buf_release(&what);
	return f->object && f->what && f->todo ? 0 : HUB_ENOMEM;
}

void verify_release(struct verify *v)
{
	size_t i;

	for (i = 0; i < v->n; i++) {
		free(v->v[i].object);
		free(v->v[i].what);
		free(v->v[i].todo);
	}
	free(v->v);
	memset(v, 0, sizeof(*v));
}

static int count_ref(void *arg, const char *name, const struct oid *id)
{
	struct verify *v = arg;

	(void)name;
	(void)id;
	v->refs++;
	return 0;
}

int verify_refs(struct verify *v, const char *where, struct repo *r,
		struct err *e)
{
	static const char *const todo = VERIFY_WAY_OUT "; if that cannot tell, "
		"write the right id into it: the other computers' `git "
		"rev-parse` shows it";
	struct buf branch = BUF_INIT;
	struct verify other = VERIFY_INIT;
	struct err why = ERR_INIT;
	struct oid tip;
	int rc = ref_each(r, "refs/", count_ref, strcmp(where, HUB) ? &other :
			  v, &why);

	if (rc == HUB_ECORRUPT) {
		rc = verify_add(v, where, "refs", todo, "%s", why.msg);
	} else if (!rc) {	/* HEAD's own damage, not what it names */
		rc = repo_head(r, &branch, &tip, &why);
		if (rc == HUB_ECORRUPT)
			rc = verify_add(v, where, "HEAD", VERIFY_WAY_OUT "; or "
					"write `ref: refs/heads/main` into it "
					"(or the branch that it named)", "%s",
					why.msg);
	}
	buf_release(&branch);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

int verify_hub(const char *path, const uint8_t *known_id, struct verify *v,
	       struct err *e)
{
	struct hub *h = NULL;
	struct buf dir = BUF_INIT;
	int rc = hub_open(path, known_id, &h, e);

	if (rc == HUB_ECORRUPT) {
		rc = verify_add(v, HUB, path, "`hub clone` from another copy, "
				"or bring the file back from a backup", "%s",
				e->msg) ? err_nomem(e) : 0;
		goto out;
	}
	if (rc < 0)
		goto out;
	rc = verify_refs(v, HUB, h->repo, e);
	if (!rc)
		rc = verify_git(v, HUB, repo_commondir(h->repo), e);
	if (!rc)
		rc = verify_records(v, h, e);
	if (!rc)
		rc = verify_large(v, h, e);
out:
	hub_close(h);
	buf_release(&dir);
	return rc;
}

/* ---- a workspace ---- */

static int check_state(struct verify *v, const char *vdir, struct err *e)
{
	struct buf path = BUF_INIT;
	struct state *s = NULL;
	struct err why = ERR_INIT;
	struct os_stat st;
	int rc;

	buf_addf(&path, "%sstate.db", vdir);
	rc = buf_error(&path) ? err_nomem(e) : os_stat(path.p, &st, NULL);
	if (rc == HUB_EABSENT) {	/* the next sync makes it */
		rc = 0;
		goto out;
	}
	if (!rc)
		rc = state_open(path.p, &s, &why);
	if (!rc)
		rc = workspace_state_read(s, &why);
	state_close(s);
	if (rc == HUB_ECORRUPT)
		rc = verify_add(v, WORKSPACE, path.p, "delete it and its -wal: "
				"the next sync compares everything and makes "
				"it anew", "%s", why.msg);
	else if (rc < 0)
		err_set(e, rc, "%s", why.msg);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
out:
	buf_release(&path);
	return rc;
}

static int check_config(struct verify *v, const char *vdir, struct buf *hub,
			uint8_t id[32], struct err *e)
{
	struct wsconfig c;
	int rc = wsfile_read(vdir, &c, e);

	if (rc == HUB_ECORRUPT)
		return verify_add(v, WORKSPACE, "config", "run `hub clone` on "
				  "this folder again", "%s", e->msg) ?
			err_nomem(e) : 0;
	if (rc < 0)
		return rc;
	buf_reset(hub);
	buf_addstr(hub, c.url.p);
	memcpy(id, c.hub, 32);
	wsconfig_release(&c);
	return buf_error(hub) ? err_nomem(e) : 0;
}

int verify_workspace(const char *dir, struct buf *hub, uint8_t id[32],
		     struct verify *v, struct err *e)
{
	struct buf root = BUF_INIT, vdir = BUF_INIT;
	struct repo *r = NULL;
	int rc = repo_discover(dir, &root, e);

	if (!rc)
		rc = repo_open(root.p, &r, e);
	if (rc < 0)
		goto out;
	buf_addf(&vdir, "%svibehub/", repo_gitdir(r));
	rc = buf_error(&vdir) ? err_nomem(e) :
		check_config(v, vdir.p, hub, id, e);
	if (!rc)
		rc = verify_refs(v, WORKSPACE, r, e);
	if (!rc)
		rc = verify_git(v, WORKSPACE, repo_commondir(r), e);
	if (!rc)
		rc = check_state(v, vdir.p, e);
	if (!rc)
		rc = verify_outbox(v, dir, vdir.p, e);
out:
	if (rc == HUB_EABSENT)
		err_set(e, rc, "'%s' is in no workspace: name a hub (`hub "
			"verify HUB.git`)", dir);
	repo_close(r);
	buf_release(&root);
	buf_release(&vdir);
	return rc;
}
