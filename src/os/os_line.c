/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_line.c - lines and bytes from standard input.
 *
 * One buffer for os_read_line() and os_read_std() together, so a protocol may
 * mix lines and raw bytes.
 */
#include <string.h>
#include "os/os.h"
#include "os/os_common.h"
#include "base/banned.h"

static struct {
	char p[65536];
	size_t at, n;
} in;

static int fill(struct err *e)
{
	int k = os_stdin_read(in.p, sizeof(in.p), e);

	in.at = 0;
	in.n = k > 0 ? (size_t)k : 0;
	return k;
}

int os_read_line(struct buf *ret, size_t max, struct err *e)
{
	const char *nl = NULL;
	size_t k;
	int rc;

	buf_reset(ret);
	while (!nl) {
		if (in.at == in.n) {
			rc = fill(e);
			if (rc < 0)
				return rc;
			if (!rc)
				break;
		}
		nl = memchr(in.p + in.at, '\n', in.n - in.at);
		k = nl ? (size_t)(nl - (in.p + in.at)) : in.n - in.at;
		if (ret->n + k > max)
			return err_set(e, HUB_ELIMIT, "a line of the input is "
				       "longer than %zu bytes", max);
		buf_add(ret, in.p + in.at, k);
		in.at += k + !!nl;
	}
	if (buf_error(ret))
		return err_nomem(e);
	if (!nl && !ret->n)
		return err_set(e, HUB_EABSENT, "end of input");
	return 0;
}

int os_read_std(void *p, size_t n, struct err *e)
{
	size_t k = in.n - in.at;

	if (!k)
		return os_stdin_read(p, n, e);
	if (k > n)
		k = n;
	memcpy(p, in.p + in.at, k);
	in.at += k;
	return (int)k;
}
