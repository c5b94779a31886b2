/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder.h - a place that is a folder: on this disk, a USB disk, a mounted share.
 *
 *	<vault>/format				hubformat-vault(5)
 *	<vault>/keys/<32 hex>			key slots
 *	<vault>/packs/ab/<64 hex>		packs, by the first byte of their id
 *	<vault>/states/<n/4096>/<n>/s		state n: a folder with one file
 *	<vault>/damaged/			what was put aside by a repair
 *
 * <vault> is hub.git/vibehub/vault for a hub's own, <root>/<hub id> for a place
 * that may hold the vaults of several hubs.
 *
 * A state is made as a folder with its one file, synced, and renamed to its
 * number: POSIX refuses to rename over a folder that is not empty, Windows over
 * any.  That is exclusive also where there are no locks (NFS, SMB), and never
 * shows half of a state, which a file made with O_EXCL would.
 */
#ifndef REMOTE_FOLDER_H
#define REMOTE_FOLDER_H

#include "store/place.h"

/* folder_path_hub(), folder_path_place(): <vault>, appended. */
void folder_path_hub(struct buf *ret, const char *hub_git);
void folder_path_place(struct buf *ret, const char *root,
		       const uint8_t hub[32]);

/*
 * folder_create(): make the folders of a new vault and open it; existing ones
 * are fine.  Its format file is the caller's to put.  Fails with HUB_EUSAGE if
 * the file system cannot create exclusively (folder_probe()) and ${single} is
 * not set: then the place is for one writer only.
 */
int folder_create(const char *vault, int single, struct place **ret,
		  struct err *e);
/*
 * folder_open(): one that is there.  Owned: place_close().
 * HUB_EOFFLINE if the folder is not there: whether the disk is missing or the
 * vault, nobody can say.
 */
int folder_open(const char *vault, struct place **ret, struct err *e);

/*
 * folder_probe(): does renaming a folder to a name that is taken fail there, and
 * to a free one succeed?  1, 0, or a code.  ${vault} must exist; leaves nothing.
 */
int folder_probe(const char *vault, struct err *e);

/* folder_each(): the ids of the hubs that have a vault below ${root}. */
typedef int (*folder_fn)(void *arg, const uint8_t hub[32], struct err *e);
int folder_each(const char *root, folder_fn fn, void *arg, struct err *e);

#endif
