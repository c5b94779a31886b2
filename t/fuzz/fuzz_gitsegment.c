/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_gitsegment.c - a git segment from arbitrary bytes, whole and in pieces of
 * seven bytes: both ways say the same.  Its checksum is made right, else hardly
 * any input would come to its end.  Nothing is written: the work ends before
 * the objects would become durable.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "os/os_file.h"
#include "repo/gitseg.h"

#define PIECE 7
#define SUM 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct repo *repo;
static struct buf dir = BUF_INIT;

static void must(int cond)
{
	if (!cond)
		abort();
}

static void gone(void)
{
	repo_close(repo);
	os_rmtree(dir.p, NULL);
	buf_release(&dir);
	repo_lib_shutdown();
}

static void set_up(void)
{
	const char *tmp = getenv("TEST_TMP");
	uint8_t r[4];

	must(!crypt_init(NULL) && !repo_lib_init(NULL));
	secret_random(r, sizeof(r));
	buf_addf(&dir, "%s/fuzz-gitsegment-%02x%02x%02x%02x", tmp ? tmp : "/tmp",
		 r[0], r[1], r[2], r[3]);
	must(!repo_create(dir.p, 1, NULL) && !repo_open(dir.p, &repo, NULL));
	atexit(gone);
}

static int blob(void *arg, const void *p, size_t n)
{
	uint64_t *sum = arg;

	must(n <= 64);
	while (n)
		*sum = *sum * 31 + ((const uint8_t *)p)[--n];
	return 0;
}

static int take(const uint8_t *p, size_t n, size_t piece, uint64_t *sum)
{
	struct gitseg_in *s = NULL;
	struct err e = ERR_INIT;
	int rc = gitseg_in_open(repo, &s, &e);
	size_t k;

	must(!rc);
	gitseg_in_watch(s, 64, blob, sum);
	for (; !rc && n; p += k, n -= k) {
		k = n < piece ? n : piece;
		rc = gitseg_in_add(s, p, k, &e);
	}
	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_ELIMIT);
	must(rc == e.rc);
	gitseg_in_abort(s);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t a = 0, b = 0;
	struct buf all = BUF_INIT;
	const uint8_t *p;
	struct sha1 *sum;
	int rc;

	if (!repo)
		set_up();
	if (size < SUM)
		return 0;
	buf_add(&all, data, size);
	must(!buf_error(&all));
	sum = sha1_new();
	must(sum != NULL);
	sha1_add(sum, all.p, size - SUM);
	sha1_end(sum, (uint8_t *)all.p + size - SUM);
	sha1_free(sum);
	p = (const uint8_t *)all.p;
	rc = take(p, size, size, &a);
	must(take(p, size, PIECE, &b) == rc && a == b);
	buf_release(&all);
	return 0;
}
