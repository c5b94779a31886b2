/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * upkeep_vault.c - gc of the vaults, a piece of it now and then, as part of sync.
 *
 * When it is due is a fact in state.db, so that other runs pay one look-up.  For
 * the hub its file vibehub/gc/last, "<seconds> <milliseconds>\n", tells other
 * computers who was here and how long the next run may take.  It is no lock:
 * two runs at once lose nothing (gc.h), it only saves work.
 *
 * Content that a computer named in the moment in which another one's gc dropped it
 * is taken back by the next gc.  Who misses some does not wait for tomorrow's.
 */
#include "sync/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/repo.h"
#include "sync/collect.h"

#define EVERY_S 86400u
#define WANTED_S 3600u	/* where content was not named: once an hour */
#define LAST_MAX 64u

struct turn { uint64_t last, ms; };	/* begun; how long the next may take */

static void decode(struct turn *t, const char *s, size_t n)
{
	const char *blank = n ? memchr(s, ' ', n) : NULL;

	t->last = t->ms = 0;
	if (!blank || s[n - 1] != '\n' ||
	    hex_dec_u64(s, (size_t)(blank - s), &t->last) ||
	    hex_dec_u64(blank + 1, n - 2 - (size_t)(blank - s), &t->ms))
		t->last = t->ms = 0;
	if (t->ms < UPKEEP_VAULT_MS || t->ms > UPKEEP_VAULT_MAX_MS)
		t->ms = UPKEEP_VAULT_MS;
}

static void encode(struct buf *b, const struct turn *t)
{
	buf_reset(b);
	buf_addf(b, "%llu %llu\n", (unsigned long long)t->last,
		 (unsigned long long)t->ms);
}

/* What is remembered in state.db under ${key}; 1, or 0: nothing yet. */
static int recall(struct workspace *ws, const char *key, struct turn *t,
		  struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = state_get(ws->state, key, &b, e);

	decode(t, b.p, rc ? 0 : b.n);
	buf_release(&b);
	if (rc == HUB_EABSENT)
		err_clear(e);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : 1;
}

static int remember(struct workspace *ws, const char *key,
		    const struct turn *t, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	encode(&b, t);
	rc = buf_error(&b) ? err_nomem(e) : state_begin(ws->state, e);
	if (!rc) {
		rc = state_put(ws->state, key, b.p, b.n, e);
		if (!rc)
			rc = state_commit(ws->state, e);
		else
			state_rollback(ws->state);
	}
	buf_release(&b);
	return rc;
}

static int is_due(const struct turn *t, uint64_t now, int wanted)
{
	return now < t->last ||
		now - t->last >= (wanted ? WANTED_S : EVERY_S);
}

/* due(): 1: it is this run's turn. */
static int due(struct workspace *ws, const char *key, uint64_t now,
	       int wanted, struct turn *t, struct err *e)
{
	int rc = recall(ws, key, t, e);

	if (rc < 0 || (rc && !is_due(t, now, wanted)))
		return rc < 0 ? rc : 0;
	if (rc || wanted)
		return 1;
	t->last = now;
	return remember(ws, key, t, e);
}

static void said(struct workspace *ws, const char *what, int rc,
		 const struct gc_report *r, const struct err *why)
{
	char *note = ws->rep.upkeep_note;
	size_t n = sizeof(ws->rep.upkeep_note);

	if (rc == HUB_EDENIED || rc == HUB_EOFFLINE)
		return;		/* another computer's, another day's */
	if (rc < 0)
		snprintf(note, n, "gc of %.40s: %.200s", what, why->msg);
	else if (r->missing || r->damaged)
		snprintf(note, n, "gc of %.40s: %llu objects are missing, %llu "
			 "damaged: `hub verify` tells which", what,
			 (unsigned long long)r->missing,
			 (unsigned long long)r->damaged);
}

static void next(struct turn *t, uint64_t now, const struct gc_report *r)
{
	t->last = now;
	t->ms = r->unfinished ? 2 * t->ms : UPKEEP_VAULT_MS;
	if (t->ms > UPKEEP_VAULT_MAX_MS)
		t->ms = UPKEEP_VAULT_MAX_MS;
}

/* ---- the hub's ---- */

/* 1: no other computer did it today; ${wanted}: in the last hour. */
static int take_turn(const char *path, uint64_t now, int wanted,
		     struct turn *t)
{
	struct buf b = BUF_INIT;
	int rc = os_read_file(path, LAST_MAX, &b, NULL), mine;

	decode(t, b.p, rc ? 0 : b.n);
	mine = is_due(t, now, wanted);
	if (mine) {
		t->last = now;
		encode(&b, t);
		mine = !buf_error(&b) &&
			!os_replace(path, b.p, b.n, 0, NULL);
	}
	buf_release(&b);
	return mine;
}

static int run_hub(struct workspace *ws, struct hub *hub, uint64_t now,
		   struct turn *t, struct err *e)
{
	struct gc_report r = { 0 };
	struct err why = ERR_INIT;
	struct buf dir = BUF_INIT, path = BUF_INIT, text = BUF_INIT;
	int rc = 0;

	buf_addf(&dir, "%s/" COLLECT_DIR, hub->path.p);
	buf_addf(&path, "%s/last", dir.p);
	if (buf_error(&dir) || buf_error(&path))
		rc = err_nomem(e);
	else if (!os_mkdirs(dir.p, NULL) && take_turn(path.p, now, ws->rep.unnamed, t)) {
		rc = collect_run(hub->path.p, ws->hub_id,
				 ws->dev.secret && ws->dev.vault ? &ws->dev :
				 NULL, 0, (unsigned)t->ms, &r, &why);
		said(ws, "the hub's vault", rc, &r, &why);
		next(t, now, &r);
		encode(&text, t);
		if (!buf_error(&text))	/* lost: a day's work again */
			os_replace(path.p, text.p, text.n, 0, NULL);
	}
	buf_release(&dir);
	buf_release(&path);
	buf_release(&text);
	return rc == HUB_ECANCEL || rc == HUB_ENOMEM ?
		err_set(e, rc, "%s", rc == HUB_ENOMEM ? "out of memory" :
			why.msg) : 0;
}

int upkeep_vault(struct workspace *ws, struct hub *hub, struct err *e)
{
	uint64_t now = (uint64_t)os_now();
	struct turn t;
	int rc = due(ws, "gc-hub", now, ws->rep.unnamed, &t, e);

	if (rc <= 0 || hub->far || keys_exist(hub->path.p, NULL) <= 0)
		return rc < 0 ? rc : 0;
	rc = run_hub(ws, hub, now, &t, e);
	t.last = now;
	return rc < 0 ? rc : remember(ws, "gc-hub", &t, e);
}

/* ---- a place's ---- */

/* Does the hub have all that the place names? */
static int knows_all(struct hub *hub, struct vault *v)
{
	struct vaultrefs refs;
	size_t i;
	int all = 1;

	if (vault_refs(v, &refs, NULL))
		return 0;
	for (i = 0; all && i < refs.refs_n; i++)
		all = repo_has(hub->repo, &refs.refs[i].oid, NULL) > 0;
	vaultrefs_release(&refs);
	return all;
}

int upkeep_place(struct workspace *ws, struct hub *hub, const char *name,
		 struct vault *v, struct err *e)
{
	uint64_t now = (uint64_t)os_now();
	struct gc_report r = { 0 };
	struct err why = ERR_INIT;
	struct turn t;
	char key[64];
	int rc;

	snprintf(key, sizeof(key), "gc-place-%s", name);
	rc = due(ws, key, now, 0, &t, e);
	if (rc <= 0 || hub->far || !knows_all(hub, v))
		return rc < 0 ? rc : 0;
	rc = collect_run_at(hub, v, 0, (unsigned)t.ms, &r, &why);
	said(ws, name, rc, &r, &why);
	if (rc == HUB_ECANCEL || rc == HUB_ENOMEM)
		return err_set(e, rc, "%s", why.msg);
	next(&t, now, &r);
	return remember(ws, key, &t, e);
}
