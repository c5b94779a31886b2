/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repair.c - what was done, what was lost; where content comes from; a vault. */
#include "sync/repair_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_file.h"
#include "sync/verify_internal.h"

void repair_release(struct repair *r)
{
	size_t i;

	verify_release(&r->found);
	verify_release(&r->left);
	for (i = 0; i < r->acts_n; i++)
		free(r->acts[i].what);
	for (i = 0; i < r->lost_n; i++)
		free(r->lost[i].path);
	free(r->acts);
	free(r->lost);
	memset(r, 0, sizeof(*r));
}

int repair_act(struct repair_job *j, struct err *e, const char *fmt, ...)
{
	struct repair *r = j->r;
	struct buf b = BUF_INIT;
	struct repair_act *p;
	va_list ap;

	if (r->acts_n == r->acts_alloc) {
		p = realloc(r->acts, (2 * r->acts_n + 16) * sizeof(*p));
		if (!p)
			return err_nomem(e);
		r->acts = p;
		r->acts_alloc = 2 * r->acts_n + 16;
	}
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (buf_error(&b)) {
		buf_release(&b);
		return err_nomem(e);
	}
	r->acts[r->acts_n].where = j->where;
	r->acts[r->acts_n++].what = buf_detach(&b, NULL);
	return 0;
}

int repair_aside(struct repair_job *j, const char *dir, const char *path,
		 size_t skip, int keep, struct err *e)
{
	const char *name = path + skip;
	uint8_t salt[6];
	struct buf to = BUF_INIT;
	int rc = os_mkdirs(dir, e);

	os_random(salt, sizeof(salt));
	buf_addf(&to, "%s/git-", dir);
	for (; *name; name++)
		buf_addch(&to, *name == '/' ? '-' : *name);
	buf_addch(&to, '.');
	hex_add(&to, salt, sizeof(salt));
	if (!rc)
		rc = buf_error(&to) ? err_nomem(e) :
			keep ? os_copy_file(path, to.p, e) :
			os_rename(path, to.p, e);
	if (!rc)
		rc = os_sync_parent(to.p, e);
	if (!rc)
		rc = os_sync_parent(path, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		j->r->put_aside++;
	}
	buf_release(&to);
	return rc;
}

/* ---- where content comes from ---- */

struct places_link *repair_places(struct repair_job *j, size_t i)
{
	if (!j->ws)
		return NULL;
	if (!j->asked) {
		j->asked = 1;
		/* None of them is no failure: then there is less to take. */
		if (places_source_open(j->ws, &j->places, NULL) < 0)
			j->places = NULL;
	}
	return j->places ? places_source_link(j->places, i) : NULL;
}

int repair_unread(struct repair_job *j, int rc, const struct err *why,
		  struct err *e)
{
	if (rc == HUB_ENOMEM || rc == HUB_ECANCEL)
		return err_set(e, rc, "%s", why->msg);
	if (rc != HUB_EABSENT && !err_is_damage(rc) && !j->unread_n++)
		j->unread = *why;
	return HUB_EABSENT;
}

int repair_from(void *job, struct file_want *w, struct err *e)
{
	struct repair_job *j = job;
	struct err why = ERR_INIT;
	struct file_store s;
	int rc = HUB_EABSENT;

	if (j->own) {
		vault_store(j->own, &s);
		rc = s.read(s.arg, w, 1, &why);
	}
	if (rc < 0)
		rc = repair_unread(j, rc, &why, e);
	if (rc == HUB_EABSENT && repair_places(j, 0)) {
		rc = places_source_read(j->places, w, &why);
		rc = rc < 0 ? repair_unread(j, rc, &why, e) : 0;
	}
	return rc;
}

int repair_tell_unread(struct repair_job *j, struct err *e)
{
	unsigned long long n = j->unread_n;
	struct verify *v = j->r->dry_run ? &j->r->found : &j->r->left;

	return n && verify_add(v, "place", "content", "see to that disk, then "
			       "`hub repair` once more", "%llu reads failed, "
			       "the first: %s", n, j->unread.msg) ?
		err_nomem(e) : 0;
}

/* ---- a vault ---- */

int repair_may_go_on(struct repair_job *j, int rc, const struct err *why,
		     struct err *e)
{
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc != HUB_EREMOTE || j->r->accept_rollback)
		return 0;
	return err_set(e, rc, "%s; find out why, then `hub repair "
		       "--accept-rollback` goes on from what is there",
		       why->msg);
}

static int progress(void *arg, const struct vault_report *rep, struct err *e)
{
	struct repair_job *j = arg;

	return j->ws ? workspace_progress(j->ws, "checking", rep->packs, 0, e)
		     : 0;
}

/* They are neither mended nor put aside: another cable may make them whole. */
static int unread_packs(struct repair_job *j, unsigned long long n,
			struct err *e)
{
	struct verify *v = j->r->dry_run ? &j->r->found : &j->r->left;

	return verify_add(v, j->where, "packs", "see to that disk; packs that "
			  "stay so may be moved away, then `hub repair` takes "
			  "what they had from the places", "%llu could not be "
			  "read (input/output error): nothing was done with "
			  "them", n) ? err_nomem(e) : 0;
}

static int told(struct repair_job *j, const struct vault_repaired *v,
		struct err *e)
{
	const char *would = j->r->dry_run ? "would be " : "";
	unsigned long long n = v->packs, o = v->objects;
	int rc = 0;

	j->r->put_aside += v->packs + v->states;
	j->r->objects += v->objects;
	if (o)
		rc = repair_act(j, e, "%llu objects of damaged packs %sstored "
				"again", o, would);
	if (!rc && n)
		rc = repair_act(j, e, "%llu damaged packs put aside", n);
	n = v->states;
	if (!rc && n)
		rc = repair_act(j, e, "%llu damaged states put aside", n);
	if (!rc && v->rebuilt)
		rc = repair_act(j, e, "the index was made again from the "
				"packs");
	n = v->unread;
	if (!rc && n)
		rc = unread_packs(j, n, e);
	n = v->lost;
	if (!rc && n)
		rc = repair_act(j, e, "%llu objects of damaged packs are in no "
				"place that was asked", n);
	return rc;
}

int repair_vault(struct repair_job *j, struct vault *v,
		 struct vault_repaired *ret, struct err *e)
{
	struct vault_repair how = { .dry_run = j->r->dry_run,
				    .from = repair_from, .progress = progress,
				    .arg = j };
	int rc = vault_repair(v, &how, ret, e);

	return rc < 0 ? rc : told(j, ret, e);
}

/* ---- a workspace ---- */

/* Order: HEAD, without which nothing is a repository; objects; refs to them. */
static int mend_workspace(struct repair_job *j, const char *dir,
			  const char *aside, struct err *e)
{
	struct repair_refs how = { .path = j->ws->root.p, .dir = dir,
				   .aside = aside };
	int rc = repair_head(j, repo_gitdir(j->ws->repo), dir, aside, e);

	if (rc < 0 || (rc && j->r->dry_run))
		return rc < 0 ? rc : 0;
	rc = repair_git(j, dir, aside, j->path, e);
	if (!rc && repo_open(j->path, &how.other, NULL))
		how.other = NULL;	/* its own damage is mended later */
	if (!rc)
		rc = repair_refs(j, &how, e);
	repo_close(how.other);
	return rc < 0 ? rc : 0;
}

/* By a new handle: the old one has seen the damage. */
static int look_again(struct repair_job *j, const char *dir, struct err *e)
{
	struct repo *repo = NULL;
	int rc = repo_open(j->ws->root.p, &repo, e);

	if (!rc)
		rc = verify_refs(&j->r->left, j->where, repo, e);
	if (!rc)
		rc = verify_git(&j->r->left, j->where, dir, e);
	repo_close(repo);
	return rc;
}

int repair_workspace(struct repair *r, struct workspace *ws, const char *path,
		     struct err *e)
{
	struct repair_job j = { .r = r, .where = "workspace", .ws = ws,
				.path = path };
	const char *gitdir = repo_commondir(ws->repo);
	struct buf aside = BUF_INIT;
	uint64_t before = r->found.found;
	int rc = verify_refs(&r->found, j.where, ws->repo, e);

	if (!rc)
		rc = verify_git(&r->found, j.where, gitdir, e);
	buf_addf(&aside, "%sdamaged", ws->vdir.p);
	if (!rc && buf_error(&aside))
		rc = err_nomem(e);
	if (!rc && r->found.found > before)
		rc = mend_workspace(&j, gitdir, aside.p, e);
	if (!rc && r->found.found > before && !r->dry_run)
		rc = look_again(&j, gitdir, e);
	places_source_close(j.places);
	buf_release(&aside);
	return rc;
}
