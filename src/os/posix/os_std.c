/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_std.c - the standard streams and the terminal. */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

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

int os_stdin_read(char *p, size_t n, struct err *e)
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
