/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.c - create, load and forget the identity of a workspace. */
#include "sync/device.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "fmt/hubfile.h"
#include "os/os.h"
#include "os/os_file.h"

#define KEY_LITTER_S 3600

void device_uuid(char out[PRESENCE_UUID + 1])
{
	static const struct { int at, from, n; } part[] = {
		{ 0, 0, 8 }, { 9, 8, 4 }, { 14, 12, 4 }, { 19, 16, 4 },
		{ 24, 20, 12 },
	};
	uint8_t r[16];
	char hex[33];
	size_t i;

	os_random(r, sizeof(r));
	r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
	r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
	hex_encode(hex, r, sizeof(r));
	memset(out, '-', PRESENCE_UUID);
	for (i = 0; i < 5; i++)
		memcpy(out + part[i].at, hex + part[i].from, (size_t)part[i].n);
	out[PRESENCE_UUID] = '\0';
}

/* <user dir>/devices, or with an id the key file in it. */
static int key_path(struct buf *path, const char *id, struct err *e)
{
	int rc = os_user_dir(path, e);

	if (rc < 0)
		return rc;
	buf_addstr(path, "/devices");
	if (id)
		buf_addf(path, "/%s.key", id);
	return buf_error(path) ? err_nomem(e) : 0;
}

static int key_write(const struct device *d, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_key k;
	int rc;

	memset(&k, 0, sizeof(k));
	rc = key_path(&path, NULL, e);
	if (rc < 0)
		goto out;
	rc = os_mkdirs(path.p, e);
	if (rc < 0)
		goto out;
	buf_reset(&path);
	rc = key_path(&path, d->id, e);
	if (rc < 0)
		goto out;
	memcpy(k.device, d->id, sizeof(k.device));
	memcpy(k.hub, d->hub, 32);
	sign_seed(d->secret, k.seed_secret);
	hubfile_key_encode(&text, &k);
	rc = buf_error(&text) ? err_nomem(e) :
		os_replace(path.p, text.p, text.n, 1, e);
out:
	secret_wipe(&k, sizeof(k));
	buf_wipe(&text);
	buf_release(&path);
	return rc;
}

int device_create(struct device *d, const uint8_t hub[32], const char *name,
		  struct err *e)
{
	int rc;

	memset(d, 0, sizeof(*d));
	device_uuid(d->id);
	snprintf(d->name, sizeof(d->name), "%s", name);
	memcpy(d->hub, hub, 32);
	d->secret = sign_generate();
	if (!d->secret)
		return err_set(e, HUB_ENOMEM, "no locked memory for a key: "
			       "raise `ulimit -l`");
	sign_public(d->secret, d->key);
	rc = key_write(d, e);
	if (rc < 0)
		device_release(d);
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

static int key_read(const char *id, struct hubfile_key *k, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = key_path(&path, id, e);

	if (rc < 0)
		goto out;
	rc = os_read_file(path.p, HUBFILE_MAX, &text, e);
	if (rc < 0)
		goto out;
	rc = check_private(path.p, e);
	if (rc < 0)
		goto out;
	rc = hubfile_key_decode(k, text.p, text.n, e);
	if (rc < 0)
		err_in(e, "key file '%s'", path.p);
	else if (strcmp(k->device, id))
		rc = err_set(e, HUB_ECORRUPT,
			     "key file '%s' is of another device", path.p);
out:
	buf_wipe(&text);
	buf_release(&path);
	return rc;
}

/* Temp files of killed runs, with a secret in them. */
static void sweep(void)
{
	struct buf path = BUF_INIT;

	if (!key_path(&path, NULL, NULL))
		os_replace_sweep(path.p, KEY_LITTER_S, NULL);
	buf_release(&path);
}

int device_load(struct device *d, const char *id, const char *name,
		struct err *e)
{
	struct hubfile_key k;
	int rc;

	memset(d, 0, sizeof(*d));
	memset(&k, 0, sizeof(k));
	rc = key_read(id, &k, e);
	if (rc < 0)
		goto out;
	d->secret = sign_from_seed(k.seed_secret);
	if (!d->secret) {
		rc = err_nomem(e);
		goto out;
	}
	sign_public(d->secret, d->key);
	memcpy(d->id, k.device, sizeof(d->id));
	memcpy(d->hub, k.hub, 32);
	snprintf(d->name, sizeof(d->name), "%s", name);
out:
	secret_wipe(&k, sizeof(k));
	sweep();
	return rc;
}

void device_release(struct device *d)
{
	sign_free(d->secret);
	memset(d, 0, sizeof(*d));
}
