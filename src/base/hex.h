/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hex.h - bytes as lower-case hexadecimal.  Only the canonical form decodes. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/buf.h"

/* hex_encode(): writes 2*n characters and a NUL to ${out}. */
void hex_encode(char *out, const uint8_t *in, size_t n);
void hex_add(struct buf *b, const uint8_t *in, size_t n);
/* hex_decode(): exactly 2*${n} lower-case digits at ${in} into ${n} bytes.
 * 0 or HUB_ECORRUPT; ${out} is unspecified then. */
int hex_decode(uint8_t *out, size_t n, const char *in, size_t in_len);
/* hex_dec_u64(): decimal text to number, 1..20 digits, no sign, no leading zero
 * but "0" itself.  0 or HUB_ECORRUPT (syntax or range). */
int hex_dec_u64(const char *s, size_t n, uint64_t *ret);

#endif
