/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpmsg.h - the packets of sftp version 3 (draft-ietf-secsh-filexfer-02), the
 * part of it that hub speaks: hubprotocol-sftp(5).  Big-endian:
 *
 *	u32 length of the rest   u8 type   u32 id   ...
 *
 * INIT and VERSION have a version in place of the id.  A string is a u32 and so
 * many bytes.  What is ours is made by these functions, what is a box's is read
 * by them: nothing of it is believed before.
 */
#ifndef FMT_SFTPMSG_H
#define FMT_SFTPMSG_H

#include "base/rd.h"

#define SFTPMSG_VERSION 3
#define SFTPMSG_HEAD 4			/* the length */
#define SFTPMSG_PACKET_MAX (256u << 10)	/* of what follows it */
#define SFTPMSG_DATA 32768u		/* asked for, or sent, at once */
#define SFTPMSG_HANDLE_MAX 256
#define SFTPMSG_PATH_MAX 4096
#define SFTPMSG_NAME_MAX 1024		/* of a listing */

enum sftpmsg_type {
	SFTPMSG_INIT = 1, SFTPMSG_HELLO = 2, SFTPMSG_OPEN = 3,
	SFTPMSG_CLOSE = 4, SFTPMSG_READ = 5, SFTPMSG_WRITE = 6,
	SFTPMSG_LSTAT = 7, SFTPMSG_OPENDIR = 11, SFTPMSG_READDIR = 12,
	SFTPMSG_REMOVE = 13, SFTPMSG_MKDIR = 14, SFTPMSG_RMDIR = 15,
	SFTPMSG_STAT = 17, SFTPMSG_RENAME = 18,
	SFTPMSG_STATUS = 101, SFTPMSG_HANDLE = 102, SFTPMSG_BYTES = 103,
	SFTPMSG_NAME = 104, SFTPMSG_ATTRS = 105,
	SFTPMSG_EXTENDED = 200, SFTPMSG_EXTENDED_REPLY = 201,
};

/* Of a STATUS.  Those over 8 are of later versions; boxes send them anyway. */
enum sftpmsg_status {
	SFTPMSG_OK = 0, SFTPMSG_EOF = 1, SFTPMSG_NO_SUCH_FILE = 2,
	SFTPMSG_DENIED = 3, SFTPMSG_FAILURE = 4, SFTPMSG_BAD_MESSAGE = 5,
	SFTPMSG_NO_CONNECTION = 6, SFTPMSG_CONNECTION_LOST = 7,
	SFTPMSG_UNSUPPORTED = 8, SFTPMSG_EXISTS = 11, SFTPMSG_READ_ONLY = 12,
	SFTPMSG_NO_SPACE = 14, SFTPMSG_QUOTA = 15,
};

/* How a file is opened. */
enum { SFTPMSG_FOR_READ = 1, SFTPMSG_FOR_WRITE = 2, SFTPMSG_CREATE = 8,
       SFTPMSG_EXCLUSIVE = 0x20 };

/* Of what a VERSION offers, what hub uses. */
enum {
	SFTPMSG_CAN_POSIX_RENAME = 1,	/* posix-rename@openssh.com 1 */
	SFTPMSG_CAN_STATVFS = 2,	/* statvfs@openssh.com 2 */
	SFTPMSG_CAN_FSYNC = 4,		/* fsync@openssh.com 1 */
	SFTPMSG_CAN_HARDLINK = 8,	/* hardlink@openssh.com 1 */
};
#define SFTPMSG_X_POSIX_RENAME "posix-rename@openssh.com"
#define SFTPMSG_X_STATVFS "statvfs@openssh.com"
#define SFTPMSG_X_FSYNC "fsync@openssh.com"
#define SFTPMSG_X_HARDLINK "hardlink@openssh.com"

/* ---- requests: one packet is appended ---- */

void sftpmsg_init(struct buf *out);
/* sftpmsg_path(): LSTAT, STAT, OPENDIR, REMOVE, RMDIR. */
void sftpmsg_path(struct buf *out, enum sftpmsg_type type, uint32_t id,
		  const char *path);
/* sftpmsg_handle(): CLOSE, READDIR. */
void sftpmsg_handle(struct buf *out, enum sftpmsg_type type, uint32_t id,
		    struct span handle);
/* sftpmsg_open(): ${how}: SFTPMSG_FOR_READ, ...; ${mode}: of a new file. */
void sftpmsg_open(struct buf *out, uint32_t id, const char *path,
		  uint32_t how, uint32_t mode);
void sftpmsg_mkdir(struct buf *out, uint32_t id, const char *path,
		   uint32_t mode);
void sftpmsg_rename(struct buf *out, uint32_t id, const char *from,
		    const char *to);
void sftpmsg_read(struct buf *out, uint32_t id, struct span handle,
		  uint64_t off, uint32_t n);
/* sftpmsg_write(): at most SFTPMSG_DATA bytes. */
void sftpmsg_write(struct buf *out, uint32_t id, struct span handle,
		   uint64_t off, const void *p, size_t n);
/* sftpmsg_extended(): with one string, or two; ${b}.p NULL: one. */
void sftpmsg_extended(struct buf *out, uint32_t id, const char *name,
		      struct span a, struct span b);

/* ---- answers ---- */

struct sftpmsg_attrs {
	uint32_t flags;		/* SFTPMSG_HAS_*: what is known */
	uint64_t size;
	uint32_t perm;		/* as st_mode */
	uint32_t mtime;		/* seconds since 1970 */
};
enum { SFTPMSG_HAS_SIZE = 1, SFTPMSG_HAS_IDS = 2, SFTPMSG_HAS_PERM = 4,
       SFTPMSG_HAS_TIMES = 8 };

/* Everything is borrowed from the packet. */
struct sftpmsg_reply {
	enum sftpmsg_type type;
	uint32_t id;
	uint32_t status;	/* STATUS */
	struct span text;	/* STATUS: for people; may be empty */
	struct span data;	/* HANDLE, BYTES, EXTENDED_REPLY */
	struct sftpmsg_attrs attrs;	/* ATTRS */
	uint32_t names;		/* NAME: how many */
	struct rd rest;		/* NAME: sftpmsg_next() */
};

struct sftpmsg_name {
	struct span name;	/* neither "" nor with '/' or NUL in it */
	struct sftpmsg_attrs attrs;
};

/* sftpmsg_length(): what the first four bytes announce, 5 to
 * SFTPMSG_PACKET_MAX; HUB_ECORRUPT. */
int sftpmsg_length(const uint8_t p[SFTPMSG_HEAD], uint32_t *ret);
/* sftpmsg_hello(): VERSION, without its length: what the box offers.
 * HUB_EVERSION: it speaks another version; HUB_ECORRUPT. */
int sftpmsg_hello(const void *p, size_t n, unsigned *ret_can, struct err *e);
/* sftpmsg_reply(): any other answer, without its length, all of it checked.
 * HUB_ECORRUPT. */
int sftpmsg_reply(struct sftpmsg_reply *ret, const void *p, size_t n,
		  struct err *e);
/* sftpmsg_next(): 1 and the next name of a listing, 0 at its end. */
int sftpmsg_next(struct sftpmsg_reply *r, struct sftpmsg_name *ret);
/* sftpmsg_free(): statvfs's answer: bytes that the user may still write. */
int sftpmsg_free(struct span data, uint64_t *ret);

/* sftpmsg_is_dir(), sftpmsg_is_file(): 0 also if that is not known. */
int sftpmsg_is_dir(const struct sftpmsg_attrs *a);
int sftpmsg_is_file(const struct sftpmsg_attrs *a);

#endif
