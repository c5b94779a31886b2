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
#include "fmt/presence.h"

struct device {
	char id[PRESENCE_UUID + 1];
	char name[PRESENCE_NAME_MAX + 1];
	uint8_t hub[32];
	uint8_t key[SIGN_PUBLIC_SIZE];
	struct sign_secret *secret;	/* owned: device_release() */
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
void device_release(struct device *d);
/* device_uuid(): a random version-4 UUID. */
void device_uuid(char out[PRESENCE_UUID + 1]);

#endif
