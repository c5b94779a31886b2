/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oid.h - the name of a git object (SHA-1), as bytes. */
#ifndef BASE_OID_H
#define BASE_OID_H

#include <stdint.h>
#include "base/buf.h"

#define OID_SIZE 20
#define OID_HEX 40

struct oid { uint8_t h[OID_SIZE]; };

extern const struct oid oid_zero;

int oid_cmp(const struct oid *a, const struct oid *b);
int oid_eq(const struct oid *a, const struct oid *b);
int oid_is_zero(const struct oid *a);
/* oid_hex(): text in one of 4 rotating static buffers (one thread; for messages). */
const char *oid_hex(const struct oid *a);
/* oid_parse(): exactly 40 lower-case digits.  0 or HUB_ECORRUPT. */
int oid_parse(struct oid *ret, const char *s, size_t n);

#endif
