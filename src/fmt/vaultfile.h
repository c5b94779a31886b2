/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vaultfile.h - the format file of a vault (hubformat-vault(5)): which hub's
 * sealed copy lies at this place, and who can read it.  Text:
 *
 *	vibehub-vault 1
 *	hub <64 hex>
 *	place <64 hex>
 *	suite 1
 *	min_reader 1
 *	min_writer 1
 *	created <seconds>
 */
#ifndef FMT_VAULTFILE_H
#define FMT_VAULTFILE_H

#include "base/buf.h"

#define VAULTFILE_MAX 4096
#define VAULTFILE_SUITE 1
#define VAULTFILE_READER 1	/* what this program can do */
#define VAULTFILE_WRITER 1

struct vaultfile {
	uint8_t hub[32];
	uint8_t place[32];	/* random, of this place: each has its own chain */
	uint32_t suite, min_reader, min_writer;
	int64_t created;
};

void vaultfile_encode(struct buf *out, const struct vaultfile *v);
/* vaultfile_decode(): only the canonical form.  HUB_ECORRUPT; HUB_EVERSION for
 * another number in line 1, another suite, or a min_reader above
 * VAULTFILE_READER.  A min_writer above VAULTFILE_WRITER decodes: such a vault
 * may be read. */
int vaultfile_decode(struct vaultfile *ret, const void *p, size_t n,
		     struct err *e);

#endif
