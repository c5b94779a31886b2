/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authkeys.h - the lines of hub in an authorized_keys file of OpenSSH (sshd(8)):
 * one for each computer or invitation, with a forced command.  They end with
 * "vibehub:<id>"; all other lines stay as they are, byte for byte.
 */
#ifndef SYNC_AUTHKEYS_H
#define SYNC_AUTHKEYS_H

#include "base/buf.h"

/* Of the hub: its authorized_keys file, as `hub share` was told. */
#define AUTHKEYS_CONFIG "vibehub.authorizedkeys"
#define AUTHKEYS_MAX (4u << 20)

/*
 * authkeys_put(): the line of ${id} (a UUID) lets the key ${pk} in, for `hub serve`
 * of the hub at ${hub} (absolute) as ${id}; durable when this returns.  The
 * file and its folder are made if need be (0600).  HUB_EUSAGE: a path that
 * no such line can hold.  authkeys_remove(): no line of ${id} is left.
 */
int authkeys_put(const char *file, const char *hub, const char *id,
		 const uint8_t pk[32], struct err *e);
int authkeys_remove(const char *file, const char *id, struct err *e);

/* authkeys_default(): ~/.ssh/authorized_keys, appended. */
int authkeys_default(struct buf *ret, struct err *e);

#endif
