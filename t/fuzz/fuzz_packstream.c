/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_packstream.c - a small git pack from arbitrary bytes, as it comes over a
 * session: its checksum is made right first, or nothing would ever be read.
 */
#include <stdlib.h>
#include <string.h>
#include <git2.h>
#include "crypt/hash.h"
#include "repo/packin_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static int base(void *arg, const struct oid *id, enum obj_type *type,
		struct buf *ret, struct err *e)
{
	(void)arg;
	(void)e;
	if (id->h[0] != 'b')
		return HUB_EABSENT;
	*type = OBJ_BLOB;
	buf_reset(ret);
	buf_addstr(ret, "what others are made of, and a little more");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packin_object o[PACKIN_FEW];
	struct sha1 *sum = sha1_new();
	uint8_t *p = malloc(size + 20);
	struct oid id;
	size_t n = 0, i;
	int rc;

	git_libgit2_init();
	if (!p || !sum)
		abort();
	memcpy(p, data, size);
	sha1_add(sum, p, size);
	sha1_end(sum, p + size);
	rc = packin_parse(p, size + 20, base, NULL, o, &n, NULL);
	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_ELIMIT ||
	     rc == HUB_EVERSION);
	must(n <= PACKIN_FEW);
	for (i = 0; i < n; i++)
		must(!repo_hash(o[i].type, o[i].p, o[i].n, &id) &&
		     oid_eq(&id, &o[i].id));
	packin_drop(o, n);
	free(p);
	sha1_free(sum);
	return 0;
}
