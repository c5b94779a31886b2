/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.h - just enough of UTF-8: validity, boundaries, safe printing. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* utf8_next(): length 1..4 of the valid character at ${s}, or 0 if the bytes
 * there are no valid one (surrogates, overlong forms, > U+10FFFF included). */
size_t utf8_next(const char *s, size_t n, uint32_t *ret_cp);
int utf8_valid(const char *s, size_t n);
/* utf8_cut(): largest length <= ${max} at which ${s} can be cut without
 * splitting a character; bytes that are not UTF-8 count as one each. */
size_t utf8_cut(const char *s, size_t n, size_t max);
/* utf8_is_control(): C0, C1, DEL, the line separators U+2028 and U+2029 and the
 * bidi controls: what must not reach a terminal. */
int utf8_is_control(uint32_t cp);
/* utf8_show(): add ${s} for a terminal: what
 * utf8_is_control() names and bad bytes become \ooo; a name cannot move the cursor. */
void utf8_show(struct buf *b, const char *s, size_t n);

#endif
