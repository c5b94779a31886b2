/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pointer.h - what git holds in place of a large file: a small text blob
 * (hubformat-pointer(5)).
 *
 *	vibehub-pointer 1
 *	profile 1
 *	size <decimal>			1 .. 2^60
 *	recipe <64 hex>			name of the recipe's top node
 */
#ifndef FMT_POINTER_H
#define FMT_POINTER_H

#include "base/buf.h"

#define POINTER_MAX 160		/* bytes of a blob that may be a pointer */
#define POINTER_MARK "vibehub-pointer "	/* what such a blob begins with */

struct pointer {
	uint64_t size;
	uint8_t recipe[32];
};

/* pointer_is(): does content begin with POINTER_MARK?  A file of the user's that
 * does goes to the vault whatever its size, so that no file can be taken for a
 * pointer.  ${p} has the first bytes, at least 16 or all there are. */
int pointer_is(const void *p, size_t n);
/* pointer_encode(): append it.  BUG() for a size that no reader accepts. */
void pointer_encode(struct buf *out, const struct pointer *ptr);
/* pointer_decode(): only the canonical form.  HUB_ECORRUPT; HUB_EVERSION for
 * another number in line 1 or another profile. */
int pointer_decode(struct pointer *ret, const void *p, size_t n, struct err *e);

#endif
