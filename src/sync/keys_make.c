/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys_make.c - the keys of a new hub.
 *
 * Order: folders of the vault; slot of the passphrase, slot of the hub; first
 * state; the hub's key file.  That comes last: without it there are no keys
 * (keys_exist()), and the next attempt makes all of them anew.
 */
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "repo/repo.h"
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

static int drop_slot(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct place *p = arg;

	return p->ops->slot_delete(p, id, e);
}

static int make_place(const char *hub_dir, struct place **ret, struct err *e)
{
	struct buf vault = BUF_INIT;
	int rc;

	folder_path_hub(&vault, hub_dir);
	rc = buf_error(&vault) ? err_nomem(e) :
		folder_create(vault.p, 1, ret, e);
	if (!rc)
		rc = (*ret)->ops->slot_each(*ret, drop_slot, *ret, e);
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

/* TO BE WIRED: the format file and state 1 of the hub's vault, by ${d}
 * (store/vault.h). */
static int first_state(struct place *p, const struct keyring *ring,
		       const struct device *d, struct err *e)
{
	return 0;
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
		rc = first_state(p, ring, &d, e);
	if (!rc)
		rc = write_key(hub_dir, &d, e);
	device_release(&d);
	keyring_free(ring);
	sign_free(identity);
	place_close(p);
	return rc;
}
