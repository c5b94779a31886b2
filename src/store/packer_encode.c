/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer_encode.c - compress an object where that pays, and make sure that it
 * comes back.
 *
 * zstd at level 1, each object alone, with its size in the frame.  Less than
 * 1/32 saved is not worth decoding for ever after.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "store/packer_internal.h"

#define LEVEL 1

/* A buffer of at least ${n} bytes; what was in it is lost. */
static int room(uint8_t **p, size_t *have, size_t n)
{
	if (*have >= n)
		return 0;
	free(*p);
	*have = 0;
	*p = malloc(n);
	if (!*p)
		return HUB_ENOMEM;
	*have = n;
	return 0;
}

void packer_coder_release(struct packer_coder *c)
{
	ZSTD_freeCCtx(c->cctx);
	ZSTD_freeDCtx(c->dctx);
	free(c->out);
	free(c->back);
	free(c->open);
	memset(c, 0, sizeof(*c));
}

int packer_encode(struct packer_coder *c, const void *plain, size_t n,
		  struct packer_code *ret, struct err *e)
{
	size_t most = n - n / 32, got;

	ret->p = plain;
	ret->n = n;
	ret->codec = PACK_RAW;
	if (!c->cctx)
		c->cctx = ZSTD_createCCtx();
	if (!c->cctx || room(&c->out, &c->out_n, ZSTD_compressBound(n)) < 0)
		return err_nomem(e);
	got = ZSTD_compressCCtx(c->cctx, c->out, c->out_n, plain, n, LEVEL);
	if (ZSTD_isError(got))
		return err_set(e, HUB_EBUG, "zstd: %s", ZSTD_getErrorName(got));
	if (got < most) {
		ret->p = c->out;
		ret->n = got;
		ret->codec = PACK_ZSTD;
	}
	return 0;
}

/* Do the opened bytes decode to the plain ones?  1, 0 or HUB_ENOMEM. */
static int same(struct packer_coder *c, const struct pack_entry *en,
		const uint8_t *plain)
{
	const uint8_t *p = c->open;
	size_t n = en->stored - PACK_TAG;

	if (en->codec == PACK_ZSTD) {
		if (!c->dctx)
			c->dctx = ZSTD_createDCtx();
		if (!c->dctx || room(&c->back, &c->back_n, en->plain) < 0)
			return HUB_ENOMEM;
		n = ZSTD_decompressDCtx(c->dctx, c->back, en->plain, p, n);
		p = c->back;
	}
	return n == en->plain && !memcmp(p, plain, n);
}

int packer_check(struct packer_coder *c, struct packer_build *b,
		 const void *plain, size_t n, struct err *e)
{
	const struct pack_entry *en = &b->entries[b->entries_n - 1];
	int rc;

	if (en->plain != n)
		BUG("an object of %zu bytes was added as %u", n, en->plain);
	if (room(&c->open, &c->open_n, en->stored) < 0)
		return err_nomem(e);
	rc = packer_build_open(b, b->entries_n - 1, c->open, e);
	if (rc < 0)
		return rc;
	rc = same(c, en, plain);
	if (rc < 0)
		return err_nomem(e);
	return rc ? 0 : err_set(e, HUB_EBUG, "what was encoded does not decode "
				"to the same bytes: this computer's memory or "
				"processor may be faulty");
}
