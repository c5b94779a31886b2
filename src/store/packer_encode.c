/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer_encode.c - compress an object where that pays, and make sure that it
 * comes back.
 *
 * zstd, each object alone, with its size in the frame.  Two ways, measured on
 * objects of 256 KiB: its double search (level 3) with larger tables than it takes
 * for them; and for what repeats itself much, as logs do, the quick search of
 * level 1 for matches of 6 bytes and more, which there saves more and takes half
 * the time.  (Level 1 of a data base is 14 % larger, of logs 4 %.)
 *
 * Less than 1/32 saved is not worth decoding for ever after.  Of a larger object eight
 * samples are tried first, together: where these save nothing, what zstd would
 * take to find that out over all of it is a sixth of all the work on it.  A part of
 * an eighth that compresses lies in a sample and is seen.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/sign.h"
#include "store/packer_internal.h"

#define LEVEL 3
#define TABLE_LOG 17
#define REPETITIVE 4		/* the samples in so small a part of their size */
#define SAMPLES 8
#define SAMPLE 2048u
#define SAMPLED (64u << 10)	/* smaller objects are just tried */

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
	memset(c, 0, sizeof(*c));
}

static size_t tune(ZSTD_CCtx *z, int way, int least)
{
	size_t rc = ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);

	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(z, ZSTD_c_hashLog, TABLE_LOG);
	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(z, ZSTD_c_chainLog, TABLE_LOG);
	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(z, ZSTD_c_strategy, way);
	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(z, ZSTD_c_minMatch, least);
	return rc;
}

/* How may it be compressed? (ZSTD_strategy)  0: that would not pay.
 * c->out has room for the samples' code. */
static int promising(struct packer_coder *c, const uint8_t *p, size_t n)
{
	uint8_t part[SAMPLES * SAMPLE];
	size_t i, got;

	if (n < SAMPLED)
		return ZSTD_dfast;
	for (i = 0; i < SAMPLES; i++)
		memcpy(part + i * SAMPLE, p + (n - SAMPLE) / (SAMPLES - 1) * i,
		       SAMPLE);
	got = ZSTD_compressCCtx(c->cctx, c->out, c->out_n, part, sizeof(part),
				1);
	secret_wipe(part, sizeof(part));
	if (!ZSTD_isError(got) && got >= sizeof(part) - sizeof(part) / 128)
		return 0;
	return ZSTD_isError(got) || got > sizeof(part) / REPETITIVE ?
		ZSTD_dfast : ZSTD_fast;
}

int packer_encode(struct packer_coder *c, const void *plain, size_t n,
		  struct packer_code *ret, struct err *e)
{
	size_t most = n - n / 32, got;
	int way;

	ret->p = plain;
	ret->n = n;
	ret->codec = PACK_RAW;
	if (!c->cctx)
		c->cctx = ZSTD_createCCtx();
	if (!c->cctx || room(&c->out, &c->out_n, ZSTD_compressBound(n)) < 0)
		return err_nomem(e);
	way = promising(c, plain, n);
	if (!way)
		return 0;
	got = tune(c->cctx, way, way == ZSTD_fast ? 6 : 5);
	if (!ZSTD_isError(got))
		got = ZSTD_compress2(c->cctx, c->out, c->out_n, plain, n);
	if (ZSTD_isError(got))
		return err_set(e, HUB_EBUG, "zstd: %s", ZSTD_getErrorName(got));
	if (got < most) {
		ret->p = c->out;
		ret->n = got;
		ret->codec = PACK_ZSTD;
	}
	return 0;
}

/* Do the compressed bytes decode to the plain ones?  1, 0 or HUB_ENOMEM. */
static int decodes(struct packer_coder *c, const struct packer_code *code,
		   const void *plain, size_t n)
{
	size_t got;

	if (!c->dctx)
		c->dctx = ZSTD_createDCtx();
	if (!c->dctx || room(&c->back, &c->back_n, n) < 0)
		return HUB_ENOMEM;
	got = ZSTD_decompressDCtx(c->dctx, c->back, n, code->p, code->n);
	return got == n && !memcmp(c->back, plain, n);
}

int packer_check(struct packer_coder *c, struct packer_build *b,
		 const struct packer_code *code, const void *plain, size_t n,
		 struct err *e)
{
	int rc = 1;

	if (b->entries[b->entries_n - 1].plain != n)
		BUG("an object of %zu bytes was added as another", n);
	if (code->codec == PACK_ZSTD)
		rc = decodes(c, code, plain, n);
	if (rc < 0)
		return err_nomem(e);
	/* The box opens to the code, and the code decodes to the plain bytes. */
	if (rc && packer_build_check(b, code->p))
		return 0;
	return err_set(e, HUB_EBUG, "what was encoded does not decode to the "
		       "same bytes: this computer's memory or processor may be "
		       "faulty");
}
