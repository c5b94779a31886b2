/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace.h - a place on a box that speaks sftp and nothing else: a NAS,
 * rented space.  What lies there is what folder.h describes, name by name: the
 * box's disk can be carried home and used as a folder.
 *
 * Packs are written behind: pack_put() returns when its bytes are sent, and
 * their fate shows at the next pack_put() or flush().  Reading goes ahead of a
 * reader that goes forward.  Memory: SFTPPLACE_BLOCKS of 32 KiB, and what
 * net/sftp.h holds.
 *
 * A state is made as in a folder: a folder with its one file, renamed to a name
 * that must be free.  Version 3 demands that a rename never replaces; whether a
 * box keeps to it is tried when the place is added.
 */
#ifndef REMOTE_SFTPPLACE_H
#define REMOTE_SFTPPLACE_H

#include "net/sftp.h"
#include "store/place.h"

#define SFTPPLACE_BLOCKS 64

/* What a box cannot do; said to people when a place is added. */
enum {
	SFTPPLACE_NO_SYNC = 1,		/* nobody knows when bytes are on disk */
	SFTPPLACE_NO_SYNC_NAMES = 2,	/* the same of names */
	SFTPPLACE_NO_REPLACE = 4,	/* a file is away while it is replaced */
	SFTPPLACE_ONE_WRITER = 8,	/* two computers could lose a state */
};

/*
 * sftpplace_open(): a vault at ${path} on the box behind ${s}.  ${name} is for
 * messages, and copied.  ${drop}(${arg}), if not NULL, is called by place_close(),
 * and by nobody if this fails; ${s} must live until then.  HUB_EABSENT if there
 * is no such folder: whether a disk is missing or the vault, nobody can say.
 */
int sftpplace_open(struct sftp *s, const char *path, const char *name,
		   void (*drop)(void *arg), void *arg, struct place **ret,
		   struct err *e);
/*
 * sftpplace_create(): make its folders, all but the one that holds ${path}, and
 * open it; existing ones are fine.  *ret_lacks (may be NULL: nothing is tried):
 * SFTPPLACE_* of this box.
 */
int sftpplace_create(struct sftp *s, const char *path, const char *name,
		     void (*drop)(void *arg), void *arg, unsigned *ret_lacks,
		     struct place **ret, struct err *e);

#endif
