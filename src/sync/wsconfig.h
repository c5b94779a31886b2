/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wsconfig.h - .git/vibehub/config: which hub this workspace belongs to and who
 * it is there.  git-config syntax, one section:
 *
 *	[vibehub]
 *		hubid = <64 hex>
 *		hub = "<url>"
 *		device = <uuid>
 *		name = <device name>
 *
 * Written only by hub, in exactly this form; read strictly.
 */
#ifndef SYNC_WSCONFIG_H
#define SYNC_WSCONFIG_H

#include "base/buf.h"
#include "fmt/presence.h"

#define WSCONFIG_MAX 16384

struct wsconfig {
	uint8_t hub[32];
	struct buf url;
	char device[PRESENCE_UUID + 1];
	char name[PRESENCE_NAME_MAX + 1];
};

/* wsconfig_read(): HUB_EABSENT if there is no such file in ${vdir} (which ends
 * with '/'); HUB_ECORRUPT.  ${ret} needs wsconfig_release() after 0. */
int wsconfig_read(const char *vdir, struct wsconfig *ret, struct err *e);
int wsconfig_write(const char *vdir, const struct wsconfig *c, struct err *e);
void wsconfig_release(struct wsconfig *c);

#endif
