/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.c - open the keys of a hub, enrol a device.
 */
#include "sync/keys.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "sync/keys_internal.h"

struct keys *keys_new(const char *hub_dir)
{
	struct keys *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	buf_init(&k->dir);
	buf_addstr(&k->dir, hub_dir);
	if (buf_error(&k->dir)) {
		keys_close(k);
		return NULL;
	}
	return k;
}

void keys_close(struct keys *k)
{
	if (!k)
		return;
	slots_opened_release(&k->open);
	device_release(&k->dev);
	place_close(k->place);
	buf_release(&k->dir);
	free(k);
}

int keys_path(struct buf *path, const char *hub_dir, const char *name,
	      struct err *e)
{
	buf_reset(path);
	buf_addf(path, "%s/vibehub/%s", hub_dir, name);
	return buf_error(path) ? err_nomem(e) : 0;
}

int keys_exist(const char *hub_dir, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int there = 1, rc = keys_path(&path, hub_dir, KEYS_FILE, e);

	if (!rc)
		rc = os_stat(path.p, &st, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		there = rc = 0;
	}
	buf_release(&path);
	return rc < 0 ? rc : there;
}

static int open_place(struct keys *k, struct err *e)
{
	struct buf vault = BUF_INIT;
	int rc;

	folder_path_hub(&vault, k->dir.p);
	rc = buf_error(&vault) ? err_nomem(e) :
		folder_open(vault.p, &k->place, e);
	buf_release(&vault);
	return rc;
}

void keys_by(const struct keys *k, struct slots_by *by)
{
	by->key = k->dev.secret ? k->dev.secret : k->open.identity;
	by->chain = k->dev.vault ? &k->dev.vault->chain : NULL;
}

/* By the slot of k->dev. */
static int open_by(struct keys *k, const uint8_t hub[32], struct err *e)
{
	const struct device_vault *v = k->dev.vault;
	uint8_t uuid[16];

	cert_uuid(uuid, k->dev.id);
	return slots_open_device(k->place, hub, uuid, v->box_secret,
				 v->identity, &k->open, e);
}

static int open_by_hub(struct keys *k, const uint8_t hub[32], struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = keys_path(&path, k->dir.p, KEYS_FILE, e);

	device_release(&k->dev);
	if (!rc)
		rc = device_read(path.p, 0, &k->dev, e);
	if (rc == HUB_EABSENT)
		err_set(e, rc, "the hub '%s' has no keys yet: `hub key init` "
			"makes them", k->dir.p);
	if (rc == HUB_EDENIED)
		err_set(e, rc, "this user may not read the key of the hub, '%s': "
			"`hub key enrol` takes the passphrase instead",
			path.p);
	if (!rc && (!k->dev.vault || memcmp(k->dev.hub, hub, 32)))
		rc = err_set(e, HUB_ECORRUPT, "'%s' is not the key file of this "
			     "hub", path.p);
	if (!rc)
		rc = open_by(k, hub, e);
	buf_release(&path);
	return rc;
}

int keys_open_as(struct keys *k, const struct device *d, const uint8_t hub[32],
		 struct err *e)
{
	int rc = device_load(&k->dev, d->id, d->name, e);

	if (!rc && !k->dev.vault)
		return 1;
	if (!rc)
		rc = open_by(k, hub, e);
	if (rc != HUB_EABSENT)
		return rc;
	err_clear(e);
	return 1;
}

/* Enrol ${d}, and go on as it. */
static int become(struct keys *k, struct device *d, struct err *e)
{
	int rc = keys_enrol(k, d, e);

	if (rc < 0)
		return rc;
	device_release(&k->dev);
	cert_uuid(k->open.id, d->id);
	return device_load(&k->dev, d->id, d->name, e);
}

void keys_signer(const struct keys *k, struct vault_signer *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!k->dev.vault)
		BUG("states are signed by devices");
	cert_uuid(ret->device, k->dev.id);
	ret->key = k->dev.secret;
	ret->chain = &k->dev.vault->chain;
}

int keys_open(const char *hub_dir, const uint8_t hub[32], struct device *d,
	      struct keys **ret, struct err *e)
{
	struct keys *k = NULL;
	int rc = keys_exist(hub_dir, e), again = 1;

	if (rc < 0)
		return rc;
	if (!rc && !(d && d->vault))
		return err_set(e, HUB_EABSENT, "the hub '%s' has no keys yet: "
			       "`hub key init` makes them", hub_dir);
	k = keys_new(hub_dir);
	if (!k)
		return err_nomem(e);
	rc = open_place(k, e);
	if (!rc && d && d->vault)
		again = rc = keys_open_as(k, d, hub, e);
	if (rc >= 0 && again)
		rc = open_by_hub(k, hub, e);
	if (!rc && d && again)
		rc = become(k, d, e);
	if (rc < 0)
		keys_close(k);
	else
		*ret = k;
	return rc;
}

int keys_open_passphrase(const char *hub_dir, const uint8_t hub[32],
			 const char *pass, size_t n, struct keys **ret,
			 struct err *e)
{
	struct keys *k = keys_new(hub_dir);
	int rc;

	if (!k)
		return err_nomem(e);
	rc = open_place(k, e);
	if (rc == HUB_EOFFLINE && !keys_exist(hub_dir, NULL))
		rc = err_set(e, HUB_EABSENT, "the hub '%s' has no keys yet: "
			     "`hub key init` makes them", hub_dir);
	if (!rc)
		rc = slots_open_passphrase(k->place, hub, pass, n, &k->open,
					   e);
	if (rc < 0)
		keys_close(k);
	else
		*ret = k;
	return rc;
}

/* ---- enrolment ---- */

int keys_certify(struct device *d, const struct slots_by *by,
		 const uint8_t identity[32], enum cert_role role, uint64_t now,
		 struct err *e)
{
	struct device_vault *v = secret_new(sizeof(*v));
	uint8_t sk_secret[BOX_SECRET];
	struct cert *c;

	if (!v)
		return err_nomem(e);
	if (by->chain)
		v->chain = *by->chain;
	if (v->chain.n == CERT_CHAIN_MAX) {
		secret_free(v);
		return err_set(e, HUB_ELIMIT, "too many certificates lead to "
			       "this computer: enrol by another one");
	}
	c = &v->chain.at[v->chain.n++];
	memset(c, 0, sizeof(*c));
	secret_random(v->box_secret, BOX_SEED);
	box_pair(v->box_secret, c->box_pk, sk_secret);
	secret_wipe(sk_secret, sizeof(sk_secret));
	memcpy(v->identity, identity, 32);
	c->role = role;
	memcpy(c->hub, d->hub, 32);
	cert_uuid(c->device, d->id);
	memcpy(c->sign_pk, d->key, 32);
	c->issued = now;
	if (cert_sign(c, by->key)) {
		secret_free(v);
		return err_nomem(e);
	}
	secret_free(d->vault);
	d->vault = v;
	return 0;
}

/* Order: slot, key file.  A kill between leaves a slot without its key; it is
 * replaced when the device is enrolled again, under the same id. */
int keys_enrol(struct keys *k, struct device *d, struct err *e)
{
	int64_t now = os_now();
	struct slots_by by;
	int rc;

	keys_by(k, &by);
	rc = keys_certify(d, &by, k->open.ring->identity,
			  k->dev.secret ? CERT_ADMIN : CERT_OWNER,
			  now < 0 ? 0 : (uint64_t)now, e);
	if (!rc) {
		by.key = d->secret;
		by.chain = &d->vault->chain;
		rc = slots_put_device(k->place, k->open.ring, &by,
				      cert_chain_last(&d->vault->chain),
				      d->name, now < 0 ? 0 : (uint64_t)now, e);
	}
	if (!rc)
		rc = device_save(d, e);
	if (rc < 0) {
		secret_free(d->vault);
		d->vault = NULL;
	}
	return rc;
}

int keys_enrol_new(const char *hub_dir, const uint8_t hub[32],
		   struct device *d, struct err *e)
{
	struct keys *k = NULL;
	int rc = keys_open(hub_dir, hub, d, &k, e);

	keys_close(k);
	if (rc == HUB_EABSENT || rc == HUB_EDENIED) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}
