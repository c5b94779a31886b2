/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.c - create, load and forget the identity of a workspace. */
#include "sync/device.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
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

int device_save(const struct device *d, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = key_path(&path, NULL, e);

	if (!rc)
		rc = os_mkdirs(path.p, e);
	buf_reset(&path);
	if (!rc)
		rc = key_path(&path, d->id, e);
	if (!rc)
		rc = device_write(path.p, d, OS_PRIVATE, e);
	buf_release(&path);
	return rc;
}

int device_make(struct device *d, const uint8_t hub[32], const char *name,
		struct err *e)
{
	memset(d, 0, sizeof(*d));
	device_uuid(d->id);
	snprintf(d->name, sizeof(d->name), "%s", name);
	memcpy(d->hub, hub, 32);
	d->secret = sign_generate();
	if (!d->secret)
		return err_set(e, HUB_ENOMEM, "no locked memory for a key: "
			       "raise `ulimit -l`");
	sign_public(d->secret, d->key);
	return 0;
}

int device_create(struct device *d, const uint8_t hub[32], const char *name,
		  struct err *e)
{
	int rc = device_make(d, hub, name, e);

	if (!rc)
		rc = device_save(d, e);
	if (rc < 0)
		device_release(d);
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
	struct buf path = BUF_INIT;
	int rc;

	memset(d, 0, sizeof(*d));
	rc = key_path(&path, id, e);
	if (!rc)
		rc = device_read(path.p, 1, d, e);
	if (!rc && strcmp(d->id, id)) {
		rc = err_set(e, HUB_ECORRUPT, "key file '%s' is of another "
			     "device", path.p);
		device_release(d);
	}
	if (!rc)
		snprintf(d->name, sizeof(d->name), "%s", name);
	sweep();
	buf_release(&path);
	return rc;
}

void device_release(struct device *d)
{
	sign_free(d->secret);
	secret_free(d->vault);
	memset(d, 0, sizeof(*d));
}
