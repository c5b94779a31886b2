/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - this workspace's identity towards its hub: an id, a name, and an
 * Ed25519 key kept in the user's folder (<user dir>/devices/<uuid>.key, 0600),
 * not in the workspace: whoever copies the workspace to another computer does
 * not copy the key.
 */
#ifndef SYNC_DEVICE_H
#define SYNC_DEVICE_H

#include "crypt/sign.h"
#include "fmt/cert.h"
#include "fmt/presence.h"

/* What a device with a key slot has besides; in locked memory. */
struct device_vault {
	uint8_t box_secret[32];		/* X25519 seed */
	uint8_t identity[32];		/* the hub's, as first seen */
	struct cert_chain chain;	/* from it to this device */
};

struct device {
	char id[PRESENCE_UUID + 1];
	char name[PRESENCE_NAME_MAX + 1];
	uint8_t hub[32];
	uint8_t key[SIGN_PUBLIC_SIZE];
	struct sign_secret *secret;	/* owned: device_release() */
	struct device_vault *vault;	/* owned; NULL: no key slot yet */
};

/* device_create(): a new id and key for hub ${hub}; the key file is durable
 * when this returns.  ${name} must satisfy presence_name_ok(). */
int device_create(struct device *d, const uint8_t hub[32], const char *name,
		  struct err *e);
/* device_load(): the key of a known id.  HUB_EABSENT: there is no key file on
 * this computer (a copied workspace); HUB_ECORRUPT; HUB_EDENIED if others may
 * read the file. */
int device_load(struct device *d, const char *id, const char *name,
		struct err *e);
/* device_save(): write its key file anew, after .vault was set. */
int device_save(const struct device *d, struct err *e);
void device_release(struct device *d);
/* device_make(): as device_create(), but nothing is written: for the hub's own
 * device, whose file is in the hub. */
int device_make(struct device *d, const uint8_t hub[32], const char *name,
		struct err *e);
/*
 * device_read(), device_write(): the key file ${path} (hubformat-device(5)).
 * device_read() leaves the name empty; it checks that the chain of certificates
 * fits to the key and is signed.  ${private}: HUB_EDENIED if others may read it.
 * ${secret}: OS_PRIVATE or OS_GROUP.
 */
int device_read(const char *path, int private, struct device *d,
		struct err *e);
int device_write(const char *path, const struct device *d, int secret,
		 struct err *e);
/* device_uuid(): a random version-4 UUID. */
void device_uuid(char out[PRESENCE_UUID + 1]);

#endif
