/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - reading of our small text formats, for fmt/ only: a first line
 * "<name> <version>", then "<key> <value>" lines in a fixed order, one space
 * between, each ended by a newline.  Nothing is optional here: a caller asks
 * for the line that must come next.
 *
 * All return 0, or HUB_ECORRUPT with a message that names the format and the
 * line.
 */
#ifndef FMT_TEXT_H
#define FMT_TEXT_H

#include "base/buf.h"
#include "base/rd.h"
#include "fmt/cert.h"

#define TEXT_TIME_MAX 253402300799u	/* 9999-12-31T23:59:59Z */

struct text {
	struct rd r;
	const char *name;	/* of the format, its first word */
	size_t all;		/* bytes of the whole file */
	unsigned line;		/* number of the line read last */
};

/* text_open(): check the size and read line 1.  HUB_EVERSION if it has another
 * number than ${version}. */
int text_open(struct text *t, const char *name, unsigned version, size_t max,
	      const void *p, size_t n, struct err *e);
/* text_is(): has the next line this key? */
int text_is(const struct text *t, const char *key);
/* text_value(): the next line must have this key; its value, borrowed. */
int text_value(struct text *t, const char *key, struct span *ret,
	       struct err *e);
/* text_hex(): ${n} bytes. */
int text_hex(struct text *t, const char *key, uint8_t *ret, size_t n,
	     struct err *e);
/* text_number(): ${min} .. ${max}. */
int text_number(struct text *t, const char *key, uint64_t min, uint64_t max,
		uint64_t *ret, struct err *e);
/* text_time(): seconds since 1970, to the year 9999. */
int text_time(struct text *t, const char *key, int64_t *ret, struct err *e);
/* text_string(): a value of fewer than ${size} bytes that ${check} likes. */
int text_string(struct text *t, const char *key, char *ret, size_t size,
		int (*check)(const char *s), struct err *e);
/* text_chain(): the line "chain": 1 to CERT_CHAIN_MAX certificates in hex. */
int text_chain(struct text *t, struct cert_chain *ret, struct err *e);
/* text_offset(): bytes read so far. */
size_t text_offset(const struct text *t);
/* text_close(): nothing may follow. */
int text_close(const struct text *t, struct err *e);
/* text_bad(): HUB_ECORRUPT: the line read last is no good ${key} line. */
int text_bad(const struct text *t, const char *key, struct err *e);

/* Encoding: "<key> <hex>\n". */
void text_add_hex(struct buf *out, const char *key, const uint8_t *p,
		  size_t n);
void text_add_chain(struct buf *out, const struct cert_chain *c);
/* "<key> <seconds>\n"; a clock before 1970 or after 9999 is moved to there. */
void text_add_time(struct buf *out, const char *key, int64_t t);

#endif
