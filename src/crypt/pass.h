/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pass.h - passphrases that hub makes: 130 random bits and 10 check bits, as
 * seven groups of four of Crockford's base 32 (no I, L, O, U):
 *
 *	7KQ2-M9XD-0TFA-...
 *
 * Typed back, case, blanks and dashes do not matter, O is 0, I and L are 1.
 */
#ifndef CRYPT_PASS_H
#define CRYPT_PASS_H

#include <stddef.h>
#include "base/buf.h"

#define PASS_SIGNS 28
#define PASS_TEXT 34			/* with its dashes, without the NUL */
#define PASS_MAX 1024			/* bytes of any passphrase */

/* pass_generate(): a new one.  The caller wipes it. */
void pass_generate(char out[PASS_TEXT + 1]);

enum pass_kind { PASS_OWN, PASS_MADE, PASS_MISTYPED };
/*
 * pass_normal(): what the key is derived from, in place: one of ours gets the
 * form that pass_generate() gave it; any other stays as it is, byte by byte.
 * PASS_MISTYPED: it has the form of ours but for its check signs: taken as it is,
 * but if it does not open anything, say so.  Sticky failure in ${b}.
 */
enum pass_kind pass_normal(struct buf *b);

#endif
