/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_secret.c - ask for a passphrase on the terminal, without showing it.
 *
 * The terminal is put back whatever happens, also when a signal asks us to
 * stop: our handlers only take a note (os_init()).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

/* One byte at a time: what follows the line is not ours. */
static int read_line(int fd, struct buf *ret, size_t max, struct err *e)
{
	ssize_t k;
	char c = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		/* read() alone would go on behind a signal. */
		if (poll(&p, 1, -1) < 0 && os_interrupted())
			return err_set(e, HUB_ECANCEL, "interrupted");
		k = sys.read(fd, &c, 1);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_os(e, "read", "the terminal");
		if (k == 0 && !ret->n)
			return err_set(e, HUB_ECANCEL, "no passphrase was given");
		if (k == 0 || c == '\n')
			return 0;
		if (ret->n == max)
			return err_set(e, HUB_ELIMIT, "a passphrase has at most "
				       "%zu bytes", max);
		if (c != '\r')
			buf_addch(ret, c);
	}
}

static void say(int fd, const char *text)
{
	if (sys.write(fd, text, strlen(text)) < 0)
		return;			/* it asks without */
}

/* Ask on ${in}, the prompt goes to ${out}. */
static int ask(int in, int out, const char *prompt, struct buf *ret,
	       size_t max, struct err *e)
{
	struct termios was, quiet;
	int rc;

	if (tcgetattr(in, &was) < 0)
		return err_set(e, HUB_EUSAGE, "there is no terminal to ask on");
	/* At once as large as it may get: growing would leave copies. */
	buf_reset(ret);
	if (buf_grow(ret, max + 1))
		return err_nomem(e);
	quiet = was;
	quiet.c_lflag &= (tcflag_t)~(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	if (tcsetattr(in, TCSAFLUSH, &quiet) < 0)
		return err_os(e, "set", "the terminal");
	say(out, prompt);
	rc = read_line(in, ret, max, e);
	tcsetattr(in, TCSAFLUSH, &was);
	say(out, "\n");
	if (rc < 0)
		buf_wipe(ret);
	return rc;
}

int os_read_secret(const char *prompt, struct buf *ret, size_t max,
		   struct err *e)
{
	if (!os_tty(0) || !os_tty(2))
		return err_set(e, HUB_EUSAGE, "there is no terminal to ask on");
	return ask(0, 2, prompt, ret, max, e);
}

int os_ask_secret(const char *prompt, struct buf *ret, size_t max,
		  struct err *e)
{
	int fd, rc;

	RETRY(fd, sys.openat(AT_FDCWD, "/dev/tty", O_RDWR | O_CLOEXEC, 0));
	if (fd < 0)
		return err_set(e, HUB_EUSAGE, "there is no terminal to ask on");
	rc = ask(fd, fd, prompt, ret, max, e);
	sys.close(fd);
	return rc;
}
