/* SPDX-License-Identifier: GPL-2.0-or-later */
/* folder_internal.h - what the files of a folder place share. */
#ifndef REMOTE_FOLDER_INTERNAL_H
#define REMOTE_FOLDER_INTERNAL_H

#include "os/os_file.h"
#include "remote/folder.h"

#define FOLDER_PATH_MAX 4096
#define FOLDER_TEMP ".new.tmp-"		/* as os_replace_sweep() knows them */
#define FOLDER_BLOCK 4096u		/* states in one folder */

struct folder {
	struct place place;	/* first */
	char *root;
	uint8_t dirty[256];	/* packs/xx that flush() has to sync */
	int dirty_top;		/* packs/ itself, too */
};

/* folder_of(): the folder behind a place. */
struct folder *folder_of(struct place *p);
/* folder_pathf(): "<root>/..." into ${out}; HUB_ELIMIT if it does not fit. */
int folder_pathf(const struct folder *f, char out[FOLDER_PATH_MAX],
		 struct err *e, const char *fmt, ...) ERR_PRINTF(4, 5);
/* folder_temp(): a fresh temp name. */
void folder_temp(char out[32]);
/* folder_is_temp(): is it one? */
int folder_is_temp(const char *name);
/* folder_write(): a new file, durable but for its name; ${protect}: read-only. */
int folder_write(const char *path, const void *bytes, size_t n, int protect,
		 struct err *e);
/* folder_absent(): ${rc} is HUB_EABSENT: believe it only while the vault itself
 * is still there, else HUB_EOFFLINE.  Other codes pass. */
int folder_absent(const struct folder *f, int rc, struct err *e);

/* folder_state.c */
int folder_state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			struct err *e);
int folder_state_get(struct place *p, uint64_t seq, struct buf *ret,
		     struct err *e);
int folder_state_create(struct place *p, uint64_t seq, const void *bytes,
			size_t n, struct err *e);
int folder_state_delete(struct place *p, uint64_t seq, struct err *e);

/* folder_pack.c */
int folder_pack_put(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    const void *bytes, size_t n, enum place_put how,
		    struct err *e);
int folder_pack_get(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, struct err *e);
int folder_pack_stat(struct place *p, const uint8_t id[PLACE_PACK_ID],
		     uint64_t *ret_size, struct err *e);
int folder_pack_each(struct place *p, place_pack_fn fn, void *arg,
		     struct err *e);
int folder_pack_delete(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       struct err *e);
int folder_flush(struct place *p, struct err *e);

/* folder_aside.c */
int folder_aside(struct place *p, enum place_what what, const uint8_t *id,
		 uint64_t seq, struct err *e);

#endif
