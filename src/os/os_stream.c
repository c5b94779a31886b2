/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_stream.c - what all byte streams have in common. */
#include <limits.h>
#include "os/os_clock.h"
#include "os/os_stream.h"
#include "base/banned.h"

#define ONCE (1u << 30)		/* so much in one call: the number is an int */

int os_stream_read(struct os_stream *s, void *p, size_t n, struct err *e)
{
	return s->ops->read(s, p, n > ONCE ? ONCE : n, e);
}

int os_stream_write(struct os_stream *s, const void *p, size_t n,
		    struct err *e)
{
	return s->ops->write(s, p, n > ONCE ? ONCE : n, e);
}

int os_stream_wait(struct os_stream *s, int what, int ms, struct err *e)
{
	return s->ops->wait(s, what, ms, e);
}

void os_stream_shut(struct os_stream *s)
{
	s->ops->shut(s);
}

void os_stream_close(struct os_stream *s)
{
	if (s)
		s->ops->close(s);
}

/* 0 when it is time to try again. */
static int wait_for(struct os_stream *s, int what, unsigned ms, struct err *e)
{
	int rc = os_stream_wait(s, what, ms && ms < INT_MAX ? (int)ms : -1, e);

	if (rc == 0)
		return err_set(e, HUB_EOFFLINE, "no answer within %u ms", ms);
	return rc < 0 ? rc : 0;
}

int os_stream_read_full(struct os_stream *s, void *p, size_t n, unsigned ms,
			struct err *e)
{
	size_t done = 0;
	int k;

	while (done < n) {
		k = os_stream_read(s, (char *)p + done, n - done, e);
		if (k == HUB_EABSENT)
			return err_set(e, HUB_EOFFLINE, "the other side ended "
				       "after %zu of %zu bytes", done, n);
		if (k == 0)
			k = wait_for(s, OS_STREAM_READ, ms, e);
		if (k < 0)
			return k;
		done += (size_t)k;
	}
	return 0;
}

int os_stream_write_full(struct os_stream *s, const void *p, size_t n,
			 unsigned ms, struct err *e)
{
	size_t done = 0;
	int k;

	while (done < n) {
		k = os_stream_write(s, (const char *)p + done, n - done, e);
		if (k == 0)
			k = wait_for(s, OS_STREAM_WRITE, ms, e);
		if (k < 0)
			return k;
		done += (size_t)k;
	}
	return 0;
}
