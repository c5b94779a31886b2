/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone.h - make a workspace of a hub. */
#ifndef SYNC_CLONE_H
#define SYNC_CLONE_H

#include "base/buf.h"

enum clone_result { CLONE_MADE, CLONE_ADOPTED, CLONE_WAS };

/*
 * clone_prepare(): everything but the first sync: the repository, the device
 * and its key, .git/vibehub/.  ${dir} NULL: named after the hub.  A missing or
 * empty folder becomes a new workspace, a plain git clone of the same hub is
 * adopted with all that is in it, a workspace of this hub stays what it is (an
 * interrupted clone goes on).  ${name}: the device's name, NULL: this
 * computer's.  *root is the workspace's absolute path.
 * HUB_EABSENT: no hub at ${url}; HUB_ECONFLICT: something else is in ${dir}.
 */
int clone_prepare(const char *url, const char *dir, const char *name,
		  struct buf *root, enum clone_result *ret, struct err *e);

#endif
