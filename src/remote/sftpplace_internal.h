/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sftpplace_internal.h - what the files of a place on a box share. */
#ifndef REMOTE_SFTPPLACE_INTERNAL_H
#define REMOTE_SFTPPLACE_INTERNAL_H

#include "remote/folder_internal.h"	/* names and numbers of the layout */
#include "remote/sftpplace.h"

#define SFTPPLACE_PUTS 16	/* packs on their way */
#define SFTPPLACE_FILES 8	/* packs open for reading */

struct sftpplace;

enum sftpplace_put_state {
	PUT_FREE, PUT_OPENING, PUT_READY, PUT_SENDING, PUT_LAST,
};

/* A pack on its way, or a temp file that is open for one. */
struct sftpplace_put {
	struct sftpplace *f;
	enum sftpplace_put_state state;
	char temp[32];
	struct sftp_handle h;
	uint8_t id[PLACE_PACK_ID];
	uint64_t size;
	int under_way;		/* requests without an answer */
	int there;		/* the box has it already */
	int again;		/* its old name was removed for it */
	int rc;
	struct err why;
};

/* A pack that is open for reading. */
struct sftpplace_file {
	uint8_t id[PLACE_PACK_ID];
	uint64_t used;		/* 0: free */
	struct sftp_handle h;
	uint64_t next;		/* where the last read ended */
	uint64_t end;		/* its size, as far as known */
	unsigned ahead;		/* blocks to read ahead */
};

enum sftpplace_block_state { BLOCK_FREE, BLOCK_ASKED, BLOCK_HERE };

/* SFTPMSG_DATA bytes of one. */
struct sftpplace_block {
	struct sftpplace *f;
	struct sftpplace_file *file;	/* NULL: nobody wants it any more */
	enum sftpplace_block_state state;
	uint64_t at;		/* its offset */
	uint64_t used;
	uint8_t *p;		/* owned */
	uint32_t n;		/* so many are here */
	int rc;
	struct err why;
};

struct sftpplace {
	struct place place;	/* first */
	struct sftp *s;
	char *root, *name;
	void (*drop)(void *arg);
	void *drop_arg;
	int sync_names;		/* can the box? 1, 0; -1: not tried yet */

	uint8_t dirty[256];	/* packs/xx that flush() has to sync */
	int dirty_top;		/* packs/ itself, too */
	uint8_t made[256];	/* packs/xx is there */
	struct sftpplace_put put[SFTPPLACE_PUTS];
	unsigned put_ahead;	/* temp files to hold open */
	int put_rc;		/* of a pack that nobody waited for */
	uint64_t put_size;
	struct err put_why;

	struct sftpplace_file file[SFTPPLACE_FILES];
	struct sftpplace_block block[SFTPPLACE_BLOCKS];
	uint64_t tick;
};

struct sftpplace *sftpplace_of(struct place *p);
/* sftpplace_pathf(): "<root>/..." on the box; HUB_ELIMIT. */
int sftpplace_pathf(const struct sftpplace *f, char out[FOLDER_PATH_MAX],
		    struct err *e, const char *fmt, ...) ERR_PRINTF(4, 5);
/* sftpplace_absent(): as folder_absent(). */
int sftpplace_absent(struct sftpplace *f, int rc, struct err *e);
/* sftpplace_sync_names(): the names in a folder are durable, if the box can. */
int sftpplace_sync_names(struct sftpplace *f, const char *dir, struct err *e);
/* sftpplace_replace(): new content for a name; ${dir}: the folder it is in. */
int sftpplace_replace(struct sftpplace *f, const char *dir, const char *path,
		      const void *bytes, size_t n, struct err *e);
/* sftpplace_rmtree(): a folder with files in it, or a file. */
int sftpplace_rmtree(struct sftpplace *f, const char *path, struct err *e);

/* sftpplace_state.c */
int sftpplace_state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			   struct err *e);
int sftpplace_state_get(struct place *p, uint64_t seq, struct buf *ret,
			struct err *e);
int sftpplace_state_create(struct place *p, uint64_t seq, const void *bytes,
			   size_t n, struct err *e);
int sftpplace_state_delete(struct place *p, uint64_t seq, struct err *e);
/* sftpplace_state_probe(): is a rename onto a taken name refused? 1, 0. */
int sftpplace_state_probe(struct sftpplace *f, struct err *e);

/* sftpplace_pack.c */
int sftpplace_pack_path(const struct sftpplace *f, char path[FOLDER_PATH_MAX],
			const uint8_t id[PLACE_PACK_ID], struct err *e);
int sftpplace_pack_stat(struct place *p, const uint8_t id[PLACE_PACK_ID],
			uint64_t *ret_size, struct err *e);
int sftpplace_pack_each(struct place *p, place_pack_fn fn, void *arg,
			struct err *e);
int sftpplace_pack_delete(struct place *p, const uint8_t id[PLACE_PACK_ID],
			  struct err *e);
int sftpplace_flush(struct place *p, struct err *e);

/* sftpplace_put.c */
int sftpplace_put_pack(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       const void *bytes, size_t n, enum place_put how,
		       struct err *e);
/* sftpplace_put_settle(): until ${id} is not on its way any more; NULL: all. */
int sftpplace_put_settle(struct sftpplace *f, const uint8_t *id,
			 struct err *e);
/* sftpplace_put_end(): all are there, or why not; temp files are closed. */
int sftpplace_put_end(struct sftpplace *f, struct err *e);

/* sftpplace_get.c */
int sftpplace_get_pack(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       uint64_t off, void *buf, size_t n, struct err *e);
/* sftpplace_get_forget(): what was read of a pack does not count any more. */
void sftpplace_get_forget(struct sftpplace *f, const uint8_t *id);
void sftpplace_get_release(struct sftpplace *f);

/* sftpplace_aside.c */
int sftpplace_aside(struct place *p, enum place_what what, const uint8_t *id,
		    uint64_t seq, struct err *e);

#endif
