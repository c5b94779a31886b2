/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - a command as one string, split into words as a POSIX shell splits
 * it, and back.  Only blanks and quotes mean something: nothing is expanded, and
 * ; | & < > ( ) $ ` are characters like others.  Pure.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buf.h"

#define WORDS_MAX 64		/* words in one command */
#define WORDS_LEN_MAX 65536u	/* bytes of one command */

struct words {
	char *at[WORDS_MAX + 1];	/* NULL-ended; point into one block */
	size_t n;
	char *block;
};

/* words_split(): owned: words_release().  HUB_EUSAGE: a quote that does not
 * end, a backslash at the end, a NUL; HUB_ELIMIT; HUB_ENOMEM; empty then. */
int words_split(const char *s, size_t n, struct words *ret);
void words_release(struct words *w);

/* words_quote(): ${s} in single quotes, appended: one word for any shell. */
void words_quote(struct buf *b, const char *s);

#endif
