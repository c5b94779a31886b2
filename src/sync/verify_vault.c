/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify_vault.c - the vault of a hub as it lies there: slots, states, index,
 * packs.  Damage becomes a finding with the name of the object. */
#include "sync/verify_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "store/slots.h"

#define WHERE "hub"

static int one_slot(void *arg, const struct slots_info *s, struct err *e)
{
	struct verify *v = arg;
	char hex[2 * SLOT_ID + 1], name[64];

	if (!s->rc)
		return 0;
	if (!err_is_damage(s->rc))
		return err_set(e, s->rc, "%s", s->why.msg);
	hex_encode(hex, s->id, SLOT_ID);
	snprintf(name, sizeof(name), "key slot %s", hex);
	return verify_add(v, WHERE, name, "`hub key list` shows the others; "
			  "the next sync of that computer, or `hub key "
			  "passphrase`, makes a new one", "%s", s->why.msg) ?
		err_nomem(e) : 0;
}

int verify_problem(struct verify *v, const char *where, const char *todo,
		   const struct vault_problem *p, struct err *e)
{
	static const char *const kind[] = {
		[VAULT_STATE] = "state", [VAULT_SEGMENT] = "index segment",
		[VAULT_LIST] = "segment list", [VAULT_REFS] = "refs",
		[VAULT_PACK] = "pack", [VAULT_CHUNK] = "object",
	};
	char hex[65], name[128];

	v->unread += p->why->rc == HUB_EIO;
	hex_encode(hex, p->id, 32);
	if (p->what == VAULT_STATE)
		snprintf(name, sizeof(name), "state %llu",
			 (unsigned long long)p->seq);
	else
		snprintf(name, sizeof(name), "%s %s", kind[p->what], hex);
	return verify_add(v, where, name, todo, "%s", p->why->msg) ?
		err_nomem(e) : 0;
}

static int problem(void *arg, const struct vault_problem *p, struct err *e)
{
	return verify_problem(arg, WHERE, VERIFY_WAY_OUT, p, e);
}

static int progress(void *arg, const struct vault_report *r, struct err *e)
{
	(void)arg;
	(void)r;
	return os_interrupted() ? err_set(e, HUB_ECANCEL, "interrupted") : 0;
}

int verify_vault(struct verify *v, struct keys *k, struct vault *vault,
		 struct err *e)
{
	struct vault_check how = { .read_data = v->read_data, .pass_unread = 1,
				   .problem = problem, .progress = progress,
				   .arg = v };
	struct vault_report r;
	int rc = slots_each(k->place, k->open.ring, one_slot, v, e);

	if (rc || !vault || !vault_seq(vault))
		return rc;
	rc = vault_check(vault, &how, &r, e);
	v->packs += r.packs;
	return rc;
}
