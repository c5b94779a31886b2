/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_std.c - the standard streams and the terminal.
 *
 * Input is buffered once for os_read_line() and os_read_std() together, so a
 * protocol may mix lines and raw bytes.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

static struct {
	char p[65536];
	size_t at, n;
} in;

int os_tty(int fd)
{
	return isatty(fd) == 1;
}

int os_tty_width(void)
{
	struct winsize w;

	if (ioctl(2, TIOCGWINSZ, &w) < 0 || !w.ws_col)
		return 80;
	return w.ws_col;
}

/* Wait until  is ready for ; -1 when we are asked to stop. */
static int wait_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR || os_interrupted())
			return -1;
	return 0;
}

int os_write_std(int fd, const void *p, size_t n)
{
	size_t done = 0;
	ssize_t k;

	while (done < n) {
		RETRY(k, sys.write(fd, (const char *)p + done, n - done));
		if (k < 0 && errno == EAGAIN && !wait_ready(fd, POLLOUT))
			continue;
		if (k <= 0)
			return HUB_EIO;
		done += (size_t)k;
	}
	return 0;
}

/* Read some input straight to : bytes, 0 at the end, or a code. */
static int read_some(char *p, size_t n, struct err *e)
{
	ssize_t k;

	if (n > 1 << 30)
		n = 1 << 30;
	do {
		if (wait_ready(0, POLLIN) < 0)
			return err_set(e, HUB_ECANCEL, "interrupted");
		k = sys.read(0, p, n);
	} while (k < 0 && (errno == EINTR || errno == EAGAIN));
	return k < 0 ? err_os(e, "read", "standard input") : (int)k;
}

static int fill(struct err *e)
{
	int k = read_some(in.p, sizeof(in.p), e);

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
		return read_some(p, n, e);
	if (k > n)
		k = n;
	memcpy(p, in.p + in.at, k);
	in.at += k;
	return (int)k;
}
