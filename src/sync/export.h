/* SPDX-License-Identifier: GPL-2.0-or-later */
/* export.h - the files of a recorded state as a plain folder, without git and
 * without hub. */
#ifndef SYNC_EXPORT_H
#define SYNC_EXPORT_H

#include "sync/workspace.h"

struct export_result {
	uint64_t files, bytes;
	uint64_t left_out;	/* submodules, names that no file may have */
};

/*
 * export_run(): everything below ${paths} (files or folders, "" is the root) at
 * ${at} (when.h; NULL: what was recorded last) into ${dir}, which must not exist
 * or be empty.  Large files with their content.  HUB_ECONFLICT: ${dir} holds
 * something; HUB_EABSENT: a path was not there, or content is not in the vault.
 */
int export_run(struct workspace *ws, const char *const *paths, size_t n,
	       const char *at, const char *dir, struct export_result *ret,
	       struct err *e);

#endif
