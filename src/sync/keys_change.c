/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys_change.c - add and remove slots, a new epoch.
 *
 * One change at a time: a lock in the hub's folder.  Where the file system has
 * none, nothing keeps two people from rotating in the same second.
 */
#include <string.h>

#include "base/hex.h"
#include "fmt/presence.h"
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

static int fits(const char *what, const uint8_t id[SLOT_ID],
		const char *label)
{
	char hex[2 * SLOT_ID + 1];
	size_t n = strlen(what);

	hex_encode(hex, id, SLOT_ID);
	return (n >= 4 && !strncmp(hex, what, n)) ||
		(label && !strcmp(label, what));
}

static int look(void *arg, const struct slots_info *s, struct err *e)
{
	struct search *f = arg;

	f->passphrases += !s->rc && s->type == SLOT_PASSPHRASE;
	if (f->what && fits(f->what, s->id, s->rc ? NULL : s->notes.label)) {
		*f->ret = *s;
		f->found++;
	}
	return 0;
}

/* Among those that were removed: of several of one name the last. */
static int look_gone(struct keys *k, struct search *f, struct err *e)
{
	struct slots_gone g = SLOTS_GONE_INIT;
	uint64_t last = 0;
	size_t i;
	int rc = slots_gone_load(&g, k->place, k->open.ring, e);

	for (i = 0; !rc && i < g.n; i++) {
		const struct slots_gone_one *o = &g.at[i];

		if (!fits(f->what, o->id, o->body.label) ||
		    (f->found && o->body.time < last))
			continue;
		memset(f->ret, 0, sizeof(*f->ret));
		memcpy(f->ret->id, o->id, SLOT_ID);
		memcpy(f->ret->notes.label, o->body.label,
		       sizeof(f->ret->notes.label));
		f->ret->type = o->body.type;
		f->ret->epoch = o->epoch;
		f->ret->gone = 1;
		f->found = 1;
		last = o->body.time;
	}
	slots_gone_release(&g);
	return rc;
}

/* The UUID of a device that has no slot here. */
static int by_uuid(const char *what, const char *hex, struct slots_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(hex) != 2 * SLOT_ID || hex_decode(ret->id, SLOT_ID, hex,
						     2 * SLOT_ID) < 0)
		return 0;
	ret->type = SLOT_DEVICE;
	memcpy(ret->notes.label, what, strlen(what));
	return 1;
}

/* A UUID may be written with its dashes. */
static void plain_id(char out[SLOT_LABEL_MAX + 1], const char *what)
{
	size_t n = 0;

	if (strlen(what) != PRESENCE_UUID || !presence_uuid_ok(what)) {
		memcpy(out, what, strlen(what) + 1);
		return;
	}
	for (; *what; what++)
		if (*what != '-')
			out[n++] = *what;
	out[n] = '\0';
}

int keys_find(struct keys *k, const char *what, struct slots_info *ret,
	      struct err *e)
{
	char id[SLOT_LABEL_MAX + 1];
	struct search f = { .what = id, .ret = ret };
	int rc = 0;

	if (strlen(what) > SLOT_LABEL_MAX)
		return err_set(e, HUB_EABSENT, "no key slot has so long a name");
	plain_id(id, what);
	rc = slots_each(k->place, k->open.ring, look, &f, e);
	if (!rc && !f.found)
		rc = look_gone(k, &f, e);
	if (!rc && !f.found && !by_uuid(what, id, ret))
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

static int may_remove(struct keys *k, const struct slots_info *s,
		      struct err *e)
{
	struct slots_info again;
	struct search f = { .ret = &again };
	int rc;

	if (is_hub_slot(k, s->id))
		return err_set(e, HUB_EGUARD, "this is the hub's own slot: "
			       "workspaces are enrolled by it");
	if (s->rc || s->type != SLOT_PASSPHRASE)
		return 0;
	rc = slots_each(k->place, k->open.ring, look, &f, e);
	if (!rc && f.passphrases < 2)
		rc = err_set(e, HUB_EGUARD, "this is the last passphrase: "
			     "without one nothing can be recovered; `hub key "
			     "add` another one first");
	return rc;
}

int keys_remove(struct keys *k, const struct slots_info *s,
		const struct keys_pins *pins, struct err *e)
{
	struct slots_removal what = { .type = s->type, .now = now_s(),
				      .label = s->notes.label };
	struct os_lock *lock = NULL;
	struct slots_by by;
	int rc;

	if (s->gone)
		return 0;
	rc = take_lock(k, &lock, e);
	memcpy(what.id, s->id, SLOT_ID);
	if (pins) {
		what.pins = pins->at;
		what.pins_n = pins->n;
	}
	keys_by(k, &by);
	if (!rc)
		rc = may_remove(k, s, e);
	if (!rc)	/* what no member made leaves no trace */
		rc = s->rc ? k->place->ops->slot_delete(k->place, s->id, e) :
			slots_remove(k->place, k->open.ring, &by, &what, e);
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

static int finish(struct keys *k, const struct slots_by *by, struct err *e)
{
	int rc = read_again(k, e);

	if (!rc && (k->open.notes.flags & SLOT_ROTATING))
		rc = slots_rotate_finish(k->place, k->open.ring, by,
					 k->open.id, e);
	return rc;
}

int keys_rotate_finish(struct keys *k, struct err *e)
{
	struct os_lock *lock = NULL;
	struct slots_by by;
	int rc = take_lock(k, &lock, e);

	keys_by(k, &by);
	if (!rc)
		rc = finish(k, &by, e);
	os_lock_drop(lock);
	return rc;
}

void keys_rotate_left(struct keys *k)
{
	if (k->open.notes.flags & SLOT_ROTATING)
		keys_rotate_finish(k, NULL);
}

int keys_rotate(struct keys *k, struct err *e)
{
	struct os_lock *lock = NULL;
	struct keyring *next = NULL;
	struct slots_by by;
	int rc = take_lock(k, &lock, e);

	keys_by(k, &by);
	if (!rc)
		rc = finish(k, &by, e);
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
