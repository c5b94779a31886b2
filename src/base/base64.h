/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64.h - RFC 4648: with padding, as SSH's files have it, or in the alphabet
 * for URLs without it.  Only the canonical form decodes. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

enum base64_kind { BASE64_PADDED, BASE64_URL };

/* base64_add(): append. */
void base64_add(struct buf *b, enum base64_kind kind, const void *p, size_t n);
/* base64_decode(): append the bytes; 0, HUB_ECORRUPT, HUB_ENOMEM. */
int base64_decode(struct buf *ret, enum base64_kind kind, const char *s,
		  size_t n);

#endif
