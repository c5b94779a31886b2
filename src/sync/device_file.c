/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_file.c - the key file of a device, its own or the hub's.
 *
 * A file whose certificates do not fit to its key is damaged: it is said, and
 * no other key is made in its place.
 */
#include "sync/device.h"

#include <string.h>

#include "crypt/box.h"
#include "fmt/hubfile.h"
#include "os/os_file.h"

int device_write(const char *path, const struct device *d, int secret,
		 struct err *e)
{
	struct hubfile_key *k = secret_new(sizeof(*k));
	struct buf text = BUF_INIT;
	int rc;

	if (!k)
		return err_nomem(e);
	memcpy(k->device, d->id, sizeof(k->device));
	memcpy(k->hub, d->hub, 32);
	sign_seed(d->secret, k->seed_secret);
	if (d->vault) {
		memcpy(k->box_secret, d->vault->box_secret, 32);
		memcpy(k->identity, d->vault->identity, 32);
		k->chain = d->vault->chain;
	}
	/* At once as large as it may get: growing would leave copies. */
	if (!buf_grow(&text, HUBFILE_MAX))
		hubfile_key_encode(&text, k);
	rc = buf_error(&text) ? err_nomem(e) :
		os_replace(path, text.p, text.n, secret, e);
	secret_free(k);
	buf_wipe(&text);
	return rc;
}

/* A key that others can read is no key. */
static int check_private(const char *path, struct err *e)
{
	struct os_stat st;
	int rc = os_stat(path, &st, e);

	if (rc < 0)
		return rc;
	if (st.mode & 077)
		return err_set(e, HUB_EDENIED, "key file '%s' can be read by "
			       "others: run chmod 600 on it", path);
	return 0;
}

static int read_text(const char *path, int private, struct hubfile_key *k,
		     struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = buf_grow(&text, HUBFILE_MAX + 1) ? err_nomem(e) :
		os_read_file(path, HUBFILE_MAX, &text, e);

	if (!rc && private)
		rc = check_private(path, e);
	if (!rc) {
		rc = hubfile_key_decode(k, text.p, text.n, e);
		if (rc < 0)
			err_in(e, "key file '%s'", path);
	}
	buf_wipe(&text);
	return rc;
}

static int take_vault(struct device *d, const struct hubfile_key *k,
		      const char *path, struct err *e)
{
	const struct cert *last = cert_chain_last(&k->chain);
	uint8_t pk[BOX_PUBLIC], sk_secret[BOX_SECRET];
	int rc;

	box_pair(k->box_secret, pk, sk_secret);
	secret_wipe(sk_secret, sizeof(sk_secret));
	rc = cert_chain_check(&k->chain, k->hub, k->identity, e);
	if (!rc && (memcmp(last->sign_pk, d->key, 32) ||
		    memcmp(last->box_pk, pk, 32)))
		rc = err_set(e, HUB_ECORRUPT, "its certificate is of another "
			     "key");
	if (rc == HUB_EAUTH)
		rc = err_set(e, HUB_ECORRUPT, "its certificates are damaged");
	if (rc < 0)
		return err_in(e, "key file '%s'", path), rc;
	d->vault = secret_new(sizeof(*d->vault));
	if (!d->vault)
		return err_nomem(e);
	memcpy(d->vault->box_secret, k->box_secret, 32);
	memcpy(d->vault->identity, k->identity, 32);
	d->vault->chain = k->chain;
	return 0;
}

int device_read(const char *path, int private, struct device *d,
		struct err *e)
{
	struct hubfile_key *k = secret_new(sizeof(*k));
	int rc;

	memset(d, 0, sizeof(*d));
	if (!k)
		return err_nomem(e);
	rc = read_text(path, private, k, e);
	if (!rc) {
		d->secret = sign_from_seed(k->seed_secret);
		if (!d->secret)
			rc = err_nomem(e);
	}
	if (!rc) {
		sign_public(d->secret, d->key);
		memcpy(d->id, k->device, sizeof(d->id));
		memcpy(d->hub, k->hub, 32);
		if (k->chain.n)
			rc = take_vault(d, k, path, e);
	}
	if (rc < 0)
		device_release(d);
	secret_free(k);
	return rc;
}
