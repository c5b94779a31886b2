/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys_change.c - add and remove slots, a new epoch.
 *
 * One change at a time: a lock in the hub's folder.  Where the file system has
 * none, nothing keeps two people from rotating in the same second.
 */
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "sync/keys.h"
#include "sync/keys_internal.h"

#define LOCK "keys.lock"

static uint64_t now_s(void)
{
	int64_t t = os_now();

	return t < 0 ? 0 : (uint64_t)t;
}

static int take_lock(struct keys *k, struct os_lock **ret, struct err *e)
{
	struct buf path = BUF_INIT;
	struct err why = ERR_INIT;
	int rc = keys_path(&path, k->dir.p, LOCK, e);

	if (!rc)
		rc = os_lock_take(path.p, ret, &why);
	if (rc == HUB_EBUSY)
		err_set(e, rc, "another run changes the keys of '%s' now: try "
			"again", k->dir.p);
	else if (rc == HUB_EIO)		/* no locks there */
		rc = 0;
	else if (rc < 0 && why.rc)
		err_set(e, rc, "%s", why.msg);
	buf_release(&path);
	return rc;
}

int keys_add(struct keys *k, const char *pass, size_t n, const char *label,
	     uint8_t ret_id[SLOT_ID], struct err *e)
{
	struct os_lock *lock = NULL;
	int rc;

	if (!k->open.identity)
		BUG("a passphrase slot without the identity key");
	rc = take_lock(k, &lock, e);
	if (!rc)
		rc = slots_put_passphrase(k->place, k->open.ring,
					  k->open.identity, pass, n, label,
					  now_s(), ret_id, e);
	os_lock_drop(lock);
	return rc;
}

/* ---- find ---- */

struct search {
	const char *what;
	struct slots_info *ret;
	int found;
	int passphrases;	/* that count */
};

static int fits(const char *what, const struct slots_info *s)
{
	char hex[2 * SLOT_ID + 1];
	size_t n = strlen(what);

	hex_encode(hex, s->id, SLOT_ID);
	return (n >= 4 && !strncmp(hex, what, n)) ||
		(!s->rc && !strcmp(s->notes.label, what));
}

static int look(void *arg, const struct slots_info *s, struct err *e)
{
	struct search *f = arg;

	f->passphrases += !s->rc && s->type == SLOT_PASSPHRASE;
	if (f->what && fits(f->what, s)) {
		*f->ret = *s;
		f->found++;
	}
	return 0;
}

int keys_find(struct keys *k, const char *what, struct slots_info *ret,
	      struct err *e)
{
	struct search f = { .what = what, .ret = ret };
	int rc = slots_each(k->place, k->open.ring, look, &f, e);

	if (!rc && !f.found)
		return err_set(e, HUB_EABSENT, "no key slot '%s': `hub key list` "
			       "shows them", what);
	if (!rc && f.found > 1)
		return err_set(e, HUB_EUSAGE, "'%s' means %d key slots: give "
			       "more of the id", what, f.found);
	return rc;
}

/* ---- remove ---- */

/* The slot of the hub's device, whoever we are. */
static int is_hub_slot(struct keys *k, const uint8_t id[SLOT_ID])
{
	struct buf path = BUF_INIT;
	struct device d;
	uint8_t uuid[16];
	int same = 0;

	if (!keys_path(&path, k->dir.p, KEYS_FILE, NULL) &&
	    !device_read(path.p, 0, &d, NULL)) {
		cert_uuid(uuid, d.id);
		same = !memcmp(uuid, id, SLOT_ID);
		device_release(&d);
	}
	buf_release(&path);
	return same;
}

static int may_remove(struct keys *k, const uint8_t id[SLOT_ID],
		      struct err *e)
{
	struct slots_info s = { .rc = 0 };
	struct search f = { .ret = &s };
	char hex[2 * SLOT_ID + 1];
	int rc;

	hex_encode(hex, id, SLOT_ID);
	f.what = hex;
	rc = slots_each(k->place, k->open.ring, look, &f, e);
	if (rc < 0 || !f.found)
		return rc;
	if (!s.rc && s.type == SLOT_PASSPHRASE && f.passphrases < 2)
		return err_set(e, HUB_EGUARD, "this is the last passphrase: "
			       "without one nothing can be recovered; `hub key "
			       "add` another one first");
	if (is_hub_slot(k, id))
		return err_set(e, HUB_EGUARD, "this is the hub's own slot: "
			       "workspaces are enrolled by it");
	return 0;
}

int keys_remove(struct keys *k, const uint8_t id[SLOT_ID], struct err *e)
{
	struct os_lock *lock = NULL;
	int rc = take_lock(k, &lock, e);

	if (!rc)
		rc = may_remove(k, id, e);
	if (!rc)
		rc = k->place->ops->slot_delete(k->place, id, e);
	os_lock_drop(lock);
	return rc;
}

/* ---- rotate ---- */

/* Read our slot again: another run may have rotated before we had the lock. */
static int read_again(struct keys *k, struct err *e)
{
	struct slots_opened o = SLOTS_OPENED_INIT;
	uint8_t uuid[16];
	int rc;

	if (!k->dev.vault)		/* by passphrase: its slot is as it was */
		return 0;
	cert_uuid(uuid, k->dev.id);
	rc = slots_open_device(k->place, k->open.ring->hub, uuid,
			       k->dev.vault->box_secret,
			       k->dev.vault->identity, &o, e);
	if (rc < 0)
		return rc;
	slots_opened_release(&k->open);
	k->open = o;
	return 0;
}

/* A slot of an epoch that we do not know: somebody has begun one, and has not
 * come to our slot.  Another of the same number would lock them out. */
static int newer(void *arg, const struct slots_info *s, struct err *e)
{
	const struct keys *k = arg;
	char hex[2 * SLOT_ID + 1];

	if (s->epoch <= keyring_epoch(k->open.ring))
		return 0;
	hex_encode(hex, s->id, SLOT_ID);
	return err_set(e, HUB_ECONFLICT, "the key slot %.8s has a newer key than "
		       "this computer's: `hub key rotate` was interrupted on "
		       "another computer, run it there; or remove that slot",
		       hex);
}

int keys_rotate(struct keys *k, struct err *e)
{
	struct os_lock *lock = NULL;
	struct keyring *next = NULL;
	struct slots_by by;
	int rc = take_lock(k, &lock, e);

	keys_by(k, &by);
	if (!rc)
		rc = read_again(k, e);
	if (!rc && (k->open.notes.flags & SLOT_ROTATING))
		rc = slots_rotate_finish(k->place, k->open.ring, &by,
					 k->open.id, e);
	if (!rc)
		rc = slots_each(k->place, k->open.ring, newer, k, e);
	if (!rc)
		rc = slots_rotate(k->place, k->open.ring, &by, k->open.id,
				  now_s(), &next, e);
	if (next) {
		keyring_free(k->open.ring);
		k->open.ring = next;
	}
	if (!rc)		/* what the place has is what counts */
		rc = read_again(k, e);
	os_lock_drop(lock);
	return rc;
}
