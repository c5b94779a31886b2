/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys_make.c - the keys of a new hub.
 *
 * Order: folders of the vault; slot of the passphrase, slot of the hub; the
 * vault's format file; the hub's key file.  That comes last: without it there
 * are no keys (keys_exist()), and the next attempt makes all of them anew.
 */
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "repo/repo.h"
#include "store/vault.h"
#include "sync/keys.h"
#include "sync/keys_internal.h"

/* Does the repository's owner share it with a group (git-config(1))? */
static int is_shared(const char *hub_dir)
{
	struct buf v = BUF_INIT;
	struct repo *r = NULL;
	int shared = 0;

	if (!repo_open(hub_dir, &r, NULL) &&
	    !repo_config_get(r, "core.sharedRepository", &v, NULL))
		shared = strcmp(v.p, "umask") && strcmp(v.p, "false") &&
			strcmp(v.p, "0") && v.n;
	repo_close(r);
	buf_release(&v);
	return shared;
}

/* ---- is there something that must not be lost? ---- */

struct count { struct place *p; int devices, any; };

static int count_slot(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct count *c = arg;
	struct buf file = BUF_INIT;
	struct slot s;
	int rc = c->p->ops->slot_get(c->p, id, &file, e);

	if (rc == HUB_EABSENT)
		rc = 0;
	/* One that we cannot read may be anybody's. */
	else if (!rc && (slot_decode(&s, file.p, file.n, NULL) ||
			 s.type == SLOT_DEVICE))
		c->devices++;
	buf_release(&file);
	return rc;
}

static int count_pack(void *arg, const uint8_t id[PLACE_PACK_ID],
		      uint64_t size, struct err *e)
{
	struct count *c = arg;

	c->any = 1;
	return HUB_ECANCEL;		/* one is enough */
}

static int place_used(struct place *p, struct err *e)
{
	struct count c = { .p = p };
	struct err why = ERR_INIT;
	uint64_t newest = 0;
	int rc = p->ops->slot_each(p, count_slot, &c, e);

	if (!rc)
		rc = p->ops->state_newest(p, 0, &newest, e);
	if (!rc && !newest && c.devices < 2) {
		rc = p->ops->pack_each(p, count_pack, &c, &why);
		if (rc == HUB_ECANCEL && c.any)
			rc = 0;
		else if (rc < 0)
			err_set(e, rc, "%s", why.msg);
	}
	return rc < 0 ? rc : newest || c.devices > 1 || c.any;
}

static int vault_there(const char *hub_dir, struct buf *vault, struct err *e)
{
	struct os_stat st;
	int rc;

	folder_path_hub(vault, hub_dir);
	rc = buf_error(vault) ? err_nomem(e) : os_stat(vault->p, &st, e);
	if (rc == HUB_EABSENT)
		err_clear(e);
	return !rc ? 1 : rc == HUB_EABSENT ? 0 : rc;
}

int keys_used(const char *hub_dir, struct err *e)
{
	struct buf vault = BUF_INIT;
	struct place *p = NULL;
	int rc = vault_there(hub_dir, &vault, e);

	if (rc <= 0)
		goto out;
	rc = keys_exist(hub_dir, e);
	if (rc)				/* a code, or a key file: in use */
		goto out;
	rc = folder_open(vault.p, &p, e);
	if (!rc)
		rc = place_used(p, e);
out:
	place_close(p);
	buf_release(&vault);
	return rc;
}

/* What a killed attempt left: perhaps not all folders, perhaps the key file
 * already, which has sealed nothing. */
static int clear_attempt(const char *hub_dir, const char *vault, struct err *e)
{
	struct buf key = BUF_INIT;
	struct place *p = NULL;
	int rc = folder_create(vault, 1, &p, e);

	if (!rc)
		rc = place_used(p, e);
	place_close(p);
	if (rc > 0)
		rc = err_set(e, HUB_ECONFLICT, "the hub '%s' has keys "
			     "already, if perhaps not its key file: `hub key "
			     "init` makes that again", hub_dir);
	if (!rc)
		rc = keys_path(&key, hub_dir, KEYS_FILE, e);
	if (!rc)
		rc = os_unlink(key.p, e);
	if (!rc || rc == HUB_EABSENT)
		rc = os_rmtree(vault, e);
	buf_release(&key);
	return rc;
}

/* Folders for a new vault. */
static int make_place(const char *hub_dir, struct place **ret, struct err *e)
{
	struct buf vault = BUF_INIT;
	int rc = vault_there(hub_dir, &vault, e);

	if (rc > 0)
		rc = clear_attempt(hub_dir, vault.p, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = folder_create(vault.p, 1, ret, e);
	buf_release(&vault);
	return rc;
}

/* The hub's own device: certified by the identity key. */
static int make_hub_device(struct place *p, const struct keyring *ring,
			   const struct sign_secret *identity, uint64_t now,
			   struct device *d, struct err *e)
{
	struct slots_by by = { identity, NULL };
	int rc = device_make(d, ring->hub, KEYS_HUB_NAME, e);

	if (!rc)
		rc = keys_certify(d, &by, ring->identity, CERT_ADMIN, now, e);
	if (!rc)
		rc = slots_put_device(p, ring, &by,
				      cert_chain_last(&d->vault->chain),
				      KEYS_HUB_NAME, now, e);
	return rc;
}

static int write_key(const char *hub_dir, const struct device *d,
		     struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = keys_path(&path, hub_dir, KEYS_FILE, e);

	if (!rc)
		rc = device_write(path.p, d, is_shared(hub_dir) ? OS_GROUP :
				  OS_PRIVATE, e);
	buf_release(&path);
	return rc;
}

int keys_restore(struct keys *k, struct err *e)
{
	int64_t t = os_now();
	struct device d = { .secret = NULL };
	struct vaultfile f;
	int rc;

	if (!k->open.identity)
		BUG("the hub's key without the identity key");
	rc = vault_format(k->place, &f, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = vault_init(k->place, k->open.ring->hub, t, e);
	}
	if (!rc)
		rc = make_hub_device(k->place, k->open.ring, k->open.identity,
				     t < 0 ? 0 : (uint64_t)t, &d, e);
	if (!rc)
		rc = write_key(k->dir.p, &d, e);
	device_release(&d);
	return rc;
}

int keys_make(const char *hub_dir, const uint8_t hub[32], const char *pass,
	      size_t n, struct err *e)
{
	struct sign_secret *identity = sign_generate();
	int64_t t = os_now();
	uint64_t now = t < 0 ? 0 : (uint64_t)t;
	struct device d = { .secret = NULL };
	struct keyring *ring = NULL;
	struct place *p = NULL;
	uint8_t pk[SIGN_PUBLIC_SIZE];
	int rc;

	slots_cheap(os_env("VIBEHUB_TEST_KDF") != NULL);
	if (identity) {
		sign_public(identity, pk);
		ring = keyring_make(hub, pk, now);
	}
	rc = ring ? 0 : err_set(e, HUB_ENOMEM, "no locked memory for a key: "
				"raise `ulimit -l`");
	if (!rc)
		rc = make_place(hub_dir, &p, e);
	if (!rc)
		rc = slots_put_passphrase(p, ring, identity, pass, n,
					  KEYS_PASS_LABEL, now, NULL, e);
	if (!rc)
		rc = make_hub_device(p, ring, identity, now, &d, e);
	if (!rc)
		rc = vault_init(p, hub, t, e);
	if (!rc)
		rc = write_key(hub_dir, &d, e);
	device_release(&d);
	keyring_free(ring);
	sign_free(identity);
	place_close(p);
	return rc;
}
