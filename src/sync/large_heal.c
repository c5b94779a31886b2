/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_heal.c - an outbox that is damaged.
 *
 * Its packs are what counts.  Where something else in it is damaged they go to the hub
 * all the same (large_out.c).  What was in a damaged or missing one is known
 * only from the commits that point to it: a file beside the outbox remembers
 * that they must be looked at before they are sent (large_check.c), through
 * kills, until they are.
 */
#include "sync/large_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_file.h"

#define FLAG "-damaged"		/* .git/vibehub/outbox-damaged */

/* ---- the flag ---- */

int large_heal_flag(struct large *l, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = large_out_path(l, FLAG, &path, e);

	if (!rc)
		rc = os_replace(path.p, "", 0, 0, e);
	buf_release(&path);
	return rc;
}

int large_heal_flagged(struct large *l)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int is = !large_out_path(l, FLAG, &path, NULL) &&
		!os_stat(path.p, &st, NULL);

	buf_release(&path);
	return is;
}

void large_sent(struct workspace *ws)
{
	struct large *l = large_of(ws);
	struct buf path = BUF_INIT;

	if (l && large_heal_flagged(l) && !large_out_path(l, FLAG, &path, NULL))
		os_unlink(path.p, NULL);
	buf_release(&path);
}

/* ---- looking ---- */

struct look { int n; struct err why; };

static int problem(void *arg, const struct vault_problem *p, struct err *e)
{
	struct look *k = arg;

	(void)e;
	if (!k->n++)
		k->why = *p->why;
	return 0;
}

int large_heal_look(struct large *l, struct err *why, struct err *e)
{
	struct look k = { 0, ERR_INIT };
	struct vault_check how = { .problem = problem, .arg = &k };
	struct vault_report r;
	int rc = large_out(l, 0, why);

	if (err_is_damage(rc) || rc == HUB_EREMOTE)
		return 1;
	if (rc == HUB_EABSENT)	/* packs, or a memory of them, without it */
		return err_set(why, rc, "it is gone, or has lost its format "
			       "file") < 0;
	if (!rc)
		rc = vault_check(l->out.v, &how, &r, why);
	if (rc < 0)
		return err_set(e, rc, "%s", why->msg);
	*why = k.why;
	return k.n > 0;
}

void large_heal_note(struct large *l, const char *what)
{
	struct report *r = &l->ws->rep;

	snprintf(r->outbox_note, sizeof(r->outbox_note), "what waits for the hub "
		 "in .git/vibehub/outbox was damaged (%s): what the files here "
		 "still have is stored again, and what is lost is told, when "
		 "it is sent", what);
}

/* ---- making it usable ---- */

/* outbox/${name} to outbox/damaged/${name}.<random>. */
static int put_aside(struct large *l, const char *name, struct err *e)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	uint8_t salt[6];
	char hex[2 * sizeof(salt) + 1], tail[64];
	int rc = large_out_path(l, "/damaged", &to, e);

	os_random(salt, sizeof(salt));
	hex_encode(hex, salt, sizeof(salt));
	if (!rc)
		rc = os_mkdirs(to.p, e);
	snprintf(tail, sizeof(tail), "/damaged/%s.%s", name, hex);
	if (!rc)
		rc = large_out_path(l, tail, &to, e);
	snprintf(tail, sizeof(tail), "/%s", name);
	if (!rc)
		rc = large_out_path(l, tail, &from, e);
	if (!rc)
		rc = os_rename(from.p, to.p, e);
	buf_release(&from);
	buf_release(&to);
	return rc == HUB_EABSENT ? 0 : rc;
}

int large_heal_states(struct large *l, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = large_heal_flag(l, e);

	if (!rc)
		rc = large_out_path(l, "/../index-outbox", &path, e);
	if (!rc)
		rc = os_rmtree(path.p, e);
	if (!rc || rc == HUB_EABSENT)
		rc = put_aside(l, "states", e);
	if (!rc)
		rc = put_aside(l, "format", e);
	if (!rc)
		large_heal_note(l, "its states, kept in its folder damaged");
	buf_release(&path);
	return rc;
}
