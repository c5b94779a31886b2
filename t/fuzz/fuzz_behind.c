/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_behind.c - the list of what is behind from arbitrary bytes.  What decodes
 * must encode to the same bytes.  An input of some other bytes gets the hash
 * that it should have, or hardly any would be looked into.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/behindfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static int put(void *arg, enum behindfile_kind kind, const struct oid *id,
	       const char *path, size_t n)
{
	must(n && !path[n] && !memchr(path, 0, n));
	behindfile_encode_path(arg, kind, id, path, n);
	return 0;
}

static int check(const void *p, size_t n)
{
	struct behindfile v;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = behindfile_decode(&v, p, n, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		behindfile_encode(&b, &v);
		must(behindfile_each(&v, put, &b, &e) == 0);
		behindfile_encode_end(&b);
		must(b.n == n && !memcmp(b.p, p, n));
	}
	buf_release(&b);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT;

	if (check(data, size) == HUB_ECORRUPT) {
		buf_add(&b, data, size);
		behindfile_encode_end(&b);
		must(!buf_error(&b));
		check(b.p, b.n);
	}
	buf_release(&b);
	return 0;
}
