/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_outbox.c - what waits in a workspace for its hub: are its packs what
 * their names say, and is everything there that its states name?
 *
 * The hash of each pack needs no key.  States, index and the copy of the key slot
 * are looked at with this computer's keys, which may be out of reach while the
 * hub is: then only the packs are.
 */
#include "sync/verify_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypt/hash.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "store/packread.h"
#include "sync/large_internal.h"

#define WHERE "workspace"
#define TODO "`hub sync`, when the hub is there, stores again what the files here " \
	"still have, and tells what is lost"

struct outbox {
	struct verify *v;
	struct workspace *ws;
	struct large *l;
	struct place *place;
	const struct keyring *ring;	/* NULL: out of reach */
	uint8_t *bytes;			/* PLACE_PACK_MAX */
};

static int found(struct outbox *o, const char *object, const char *why,
		 struct err *e)
{
	return verify_add(o->v, WHERE, object, TODO, "%s", why) ? err_nomem(e)
								: 0;
}

/* ---- packs ---- */

static int check_bytes(struct outbox *o, const uint8_t id[32], size_t n,
		       struct err *why)
{
	uint8_t hash[32];

	if (o->v->read_data && o->ring)
		return packread_check(o->ring, id, o->bytes, n, NULL, NULL, why);
	hash_tree(hash, o->bytes, n);
	return memcmp(hash, id, 32) ? err_set(why, HUB_ECORRUPT, "the bytes are "
					      "not those of this pack") : 0;
}

static int one_pack(void *arg, const uint8_t id[32], uint64_t size,
		    struct err *e)
{
	struct outbox *o = arg;
	struct err why = ERR_INIT;
	char hex[65], name[128];
	int rc = size > PLACE_PACK_MAX ?
		err_set(&why, HUB_ECORRUPT, "it is too large") :
		o->place->ops->pack_get(o->place, id, 0, o->bytes,
					(size_t)size, &why);

	if (!rc)
		rc = check_bytes(o, id, (size_t)size, &why);
	o->v->packs++;
	if (!rc || rc == HUB_EABSENT)	/* it has just been sent */
		return 0;
	if (!err_is_damage(rc))
		return err_set(e, rc, "%s", why.msg);
	hex_encode(hex, id, 32);
	snprintf(name, sizeof(name), "vibehub/outbox/packs/%.2s/%s", hex, hex);
	return found(o, name, why.msg, e);
}

/* ---- what names them ---- */

/* Packs that are there have been read. */
static int problem(void *arg, const struct vault_problem *p, struct err *e)
{
	struct outbox *o = arg;
	struct vault_problem named = *p;
	struct err why = ERR_INIT;

	if ((p->what == VAULT_PACK || p->what == VAULT_CHUNK) &&
	    p->why->rc != HUB_EABSENT)
		return 0;
	err_set(&why, p->why->rc, "of the outbox: %s", p->why->msg);
	named.why = &why;
	return verify_problem(o->v, WHERE, TODO, &named, e);
}

static int check_states(struct outbox *o, struct err *e)
{
	struct vault_check how = { .problem = problem, .arg = o };
	struct vault_report r;
	struct err why = ERR_INIT;
	int rc = large_out(o->l, 0, &why);

	if (rc == HUB_EABSENT)
		return found(o, "vibehub/outbox", "it has lost its format file, "
			     "or is gone", e);
	if (err_is_damage(rc) || rc == HUB_EREMOTE)
		return found(o, "vibehub/outbox", why.msg, e);
	return rc < 0 ? err_set(e, rc, "%s", why.msg) :
		vault_check(o->l->out.v, &how, &r, e);
}

/* The copy for the day when the hub is away. */
static int check_slot(struct outbox *o, struct err *e)
{
	struct slots_opened own = SLOTS_OPENED_INIT;
	const struct device *d = &o->ws->dev;
	struct err why = ERR_INIT;
	uint8_t id[16];
	int rc;

	if (!d->vault)
		return 0;
	cert_uuid(id, d->id);
	rc = slots_open_device(o->place, o->ws->hub_id, id, d->vault->box_secret,
			       d->vault->identity, &own, &why);
	slots_opened_release(&own);
	if (!rc || rc == HUB_EABSENT)
		return 0;
	if (!err_is_damage(rc))
		return err_set(e, rc, "%s", why.msg);
	return verify_add(o->v, WHERE, "vibehub/outbox/keys", "`hub sync`, when "
			  "the hub is there, makes it anew", "%s", why.msg) ?
		err_nomem(e) : 0;
}

static int check(struct outbox *o, struct err *e)
{
	int rc = check_slot(o, e);

	if (!rc && large_out_waits(o->l)) {
		/* No keys: then the packs' hashes are all there is. */
		if (!large_keys(o->l, NULL))
			o->ring = o->l->ring;
		rc = large_out_lock(o->l, e);
		if (rc == HUB_EDENIED)	/* a disk for reading */
			rc = 0;
		o->bytes = rc ? NULL : malloc(PLACE_PACK_MAX);
		if (!rc)
			rc = o->bytes ? o->place->ops->pack_each(o->place,
					one_pack, o, e) : err_nomem(e);
		if (!rc && o->ring)
			rc = check_states(o, e);
		free(o->bytes);
	}
	if (!rc && large_heal_flagged(o->l))
		rc = found(o, "vibehub/outbox-damaged", "what waited for the "
			   "hub was damaged, and not all of that has been "
			   "looked at", e);
	return rc;
}

/* There is no outbox: was there one when it was last written to? */
static int check_gone(struct outbox *o, const char *vdir, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int rc = 0;

	buf_addf(&path, "%sindex-outbox/mark", vdir);
	if (buf_error(&path))
		rc = err_nomem(e);
	else if (!os_stat(path.p, &st, NULL))
		rc = found(o, "vibehub/outbox", "it is gone, with what waited "
			   "in it for the hub", e);
	buf_release(&path);
	return rc;
}

int verify_outbox(struct verify *v, const char *dir, const char *vdir,
		  struct err *e)
{
	struct outbox o = { .v = v };
	struct buf path = BUF_INIT;
	struct err why = ERR_INIT;
	int rc;

	buf_addf(&path, "%soutbox", vdir);
	rc = buf_error(&path) ? err_nomem(e) :
		folder_open(path.p, &o.place, &why);
	if (rc == HUB_EOFFLINE) {	/* nothing large was ever stored here */
		rc = check_gone(&o, vdir, e);
		goto out;
	}
	if (rc < 0) {
		err_set(e, rc, "%s", why.msg);
		goto out;
	}
	rc = workspace_open(dir, WORKSPACE_READ, &o.ws, &why);
	if (rc < 0) {	/* config and the like: findings of their own */
		rc = err_is_damage(rc) ? 0 : err_set(e, rc, "%s", why.msg);
		goto out;
	}
	o.l = large_of(o.ws);
	rc = o.l ? check(&o, e) : err_nomem(e);
out:
	place_close(o.place);
	workspace_close(o.ws);
	buf_release(&path);
	return rc;
}
