/* SPDX-License-Identifier: GPL-2.0-or-later */
/* init.h - make a hub. */
#ifndef SYNC_INIT_H
#define SYNC_INIT_H

#include "base/buf.h"

enum init_result { INIT_MADE, INIT_ADOPTED, INIT_WAS_HUB };

/* The vault's first passphrase.  keep() is called before anything is sealed with
 * it: a passphrase that was made up is lost if it is not durable then. */
struct init_vault {
	const char *pass;
	size_t n;
	int (*keep)(void *arg, const uint8_t hub[32], struct err *e);
	void *arg;
};

/*
 * init_hub(): make the folder ${path} a hub: a bare repository with hub's
 * settings, hooks and vibehub/.  An empty or missing folder becomes a new one
 * (made beside it and renamed: a kill leaves nothing half-made), an existing
 * bare repository is extended in place and keeps all it has, an existing hub
 * is left alone.  ${layout} "central": a first commit with the folders of the
 * founding layout; only for a hub without commits; NULL: none.
 * ${vault} NULL: without keys (keys_make() makes them later).
 * HUB_ECONFLICT if something else lies there; HUB_EUSAGE for another layout.
 */
int init_hub(const char *path, const char *layout,
	     const struct init_vault *vault, enum init_result *ret,
	     struct err *e);
/* init_add_vault(): give keys to the hub ${dir}, which has none. */
int init_add_vault(const char *dir, const uint8_t hub[32],
		   const struct init_vault *vault, struct err *e);
/* init_format(): write the hub's format file: it is hub ${id} from now on. */
int init_format(const char *dir, const uint8_t id[32], struct err *e);
/*
 * init_from(): a new hub at ${path}, which must be absent or empty, of what lies at
 * ${place} (clone_from()): same hub id, keys, refs, content.  Made beside it and
 * renamed.  ${progress} may be NULL.
 */
int init_from(const char *path, const char *place, const char *pass, size_t n,
	      struct err *e);
/* init_is_hub(): would init_hub() leave ${path} as it is?  1, 0, or a code. */
int init_is_hub(const char *path, struct err *e);

#endif
