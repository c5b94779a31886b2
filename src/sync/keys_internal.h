/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys_internal.h - for keys*.c only. */
#ifndef SYNC_KEYS_INTERNAL_H
#define SYNC_KEYS_INTERNAL_H

#include "sync/keys.h"

#define KEYS_FILE "key"

/* keys_path(): hub.git/vibehub/<name>. */
int keys_path(struct buf *path, const char *hub_dir, const char *name,
	      struct err *e);
/* keys_new(): NULL when out of memory. */
struct keys *keys_new(const char *hub_dir);
/* keys_open_as(): ${d} has a slot: act as it.  1: its slot is not there any
 * more. */
int keys_open_as(struct keys *k, const struct device *d, const uint8_t hub[32],
		 struct err *e);
/* keys_by(): as whom ${k} signs; borrowed. */
void keys_by(const struct keys *k, struct slots_by *by);
/* keys_certify(): make a box key and a certificate for ${d}, into d->vault. */
int keys_certify(struct device *d, const struct slots_by *by,
		 const uint8_t identity[32], enum cert_role role, uint64_t now,
		 struct err *e);

#endif
