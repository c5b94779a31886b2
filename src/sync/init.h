/* SPDX-License-Identifier: GPL-2.0-or-later */
/* init.h - make a hub. */
#ifndef SYNC_INIT_H
#define SYNC_INIT_H

#include "base/buf.h"

enum init_result { INIT_MADE, INIT_ADOPTED, INIT_WAS_HUB };

/*
 * init_hub(): make the folder ${path} a hub: a bare repository with hub's
 * settings, hooks and vibehub/.  An empty or missing folder becomes a new one
 * (made beside it and renamed: a kill leaves nothing half-made), an existing
 * bare repository is extended in place and keeps all it has, an existing hub
 * is left alone.  ${layout} "central": a first commit with the folders of the
 * founding layout; only for a hub without commits; NULL: none.
 * HUB_ECONFLICT if something else lies there; HUB_EUSAGE for another layout.
 */
int init_hub(const char *path, const char *layout, enum init_result *ret,
	     struct err *e);

#endif
