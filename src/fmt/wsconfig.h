/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wsconfig.h - .git/vibehub/config: which hub this workspace belongs to and who
 * it is there.  git-config syntax, one section:
 *
 *	[vibehub]
 *		version = 1
 *		hubid = <64 hex>
 *		hub = "<url>"
 *		device = <uuid>
 *		name = <device name>
 *
 * Written only by hub, in exactly this form; read strictly
 * (hubformat-workspace(5)).
 */
#ifndef FMT_WSCONFIG_H
#define FMT_WSCONFIG_H

#include "base/buf.h"
#include "fmt/presence.h"

#define WSCONFIG_URL_MAX 8192	/* bytes of the hub's address */
#define WSCONFIG_MAX (2 * WSCONFIG_URL_MAX + 512)

struct wsconfig {
	uint8_t hub[32];
	struct buf url;			/* 1 .. WSCONFIG_URL_MAX, no NUL */
	char device[PRESENCE_UUID + 1];
	char name[PRESENCE_NAME_MAX + 1];
};

void wsconfig_encode(struct buf *out, const struct wsconfig *c);
/* wsconfig_decode(): only the canonical form; HUB_ECORRUPT, HUB_EVERSION,
 * HUB_ENOMEM.  ${ret}
 * needs wsconfig_release() after 0. */
int wsconfig_decode(struct wsconfig *ret, const void *p, size_t n,
		    struct err *e);
void wsconfig_release(struct wsconfig *c);

#endif
