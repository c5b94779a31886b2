/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_pass.c - get a passphrase from the environment or a person.
 *
 * The command of _COMMAND is the owner's own line, from the owner's own
 * environment, and may hold pipes and quotes: it is the one thing that hub gives
 * to a shell.  Nothing foreign is ever put into it.
 */
#include "cmd/cmd_pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypt/sign.h"
#include "os/os.h"
#include "os/os_file.h"
#include "os/os_proc.h"

#define NEW_MIN 8
#define COMMAND_TIMEOUT_MS 300000

enum source { VALUE, FROM_FILE, COMMAND, DESCRIPTOR, SOURCES };

static const char *const names[][SOURCES] = {
	[PASS_WANT_OLD] = { "VIBEHUB_PASSPHRASE", "VIBEHUB_PASSPHRASE_FILE",
			    "VIBEHUB_PASSPHRASE_COMMAND",
			    "VIBEHUB_PASSPHRASE_FD" },
	[PASS_WANT_NEW] = { "VIBEHUB_NEW_PASSPHRASE",
			    "VIBEHUB_NEW_PASSPHRASE_FILE",
			    "VIBEHUB_NEW_PASSPHRASE_COMMAND",
			    "VIBEHUB_NEW_PASSPHRASE_FD" },
	[PASS_WANT_FIRST] = { "VIBEHUB_PASSPHRASE", "VIBEHUB_PASSPHRASE_FILE",
			      "VIBEHUB_PASSPHRASE_COMMAND",
			      "VIBEHUB_PASSPHRASE_FD" },
};

static int source_of(enum pass_want want)
{
	int i;

	for (i = 0; i < SOURCES; i++)
		if (os_env(names[want][i]))
			break;
	return i;
}

int cmd_pass_given(enum pass_want want)
{
	return source_of(want) < SOURCES;
}

/* To the end of the first line: a secret that lies in a pipe is short. */
static int read_fd(int fd, const char *what, struct buf *ret, struct err *e)
{
	size_t got = 1;
	int rc = 0;
	char c;

	while (!rc && ret->n <= PASS_MAX) {
		rc = os_read(fd, &c, 1, &got, what, e);
		if (!rc && (!got || c == '\n'))
			break;
		if (!rc)
			buf_addch(ret, c);
	}
	return rc;
}

static int from_fd(const char *name, const char *value, struct buf *ret,
		   struct err *e)
{
	uint64_t fd;

	if (hex_dec_u64(value, strlen(value), &fd) < 0 || fd > 65535)
		return err_set(e, HUB_EUSAGE, "%s is not the number of a "
			       "descriptor", name);
	return read_fd((int)fd, name, ret, e);
}

static int from_file(const char *path, struct buf *ret, struct err *e)
{
	int fd = -1, rc = os_open_read(path, &fd, e);

	if (!rc)
		rc = read_fd(fd, path, ret, e);
	os_close(fd, path, NULL);
	return rc;
}

static int from_command(const char *name, const char *line, struct buf *ret,
			struct err *e)
{
	const char *argv[] = { "sh", "-c", line, NULL };
	struct os_proc p = { .argv = argv, .out = ret, .out_max = 65536,
			     .timeout_ms = COMMAND_TIMEOUT_MS };
	int status = 0, rc = os_run(&p, &status, e);

	if (!rc && status)
		rc = err_set(e, HUB_EAUTH, "the command of %s failed with "
			     "status %d", name, status);
	return rc;
}

/* Only the first line, without its end. */
static void first_line(struct buf *b)
{
	size_t n = 0;

	while (n < b->n && b->p[n] != '\n')
		n++;
	while (n && b->p[n - 1] == '\r')
		n--;
	secret_wipe(b->p + n, b->n - n);
	buf_setlen(b, n);
}

static int from_environment(enum pass_want want, struct buf *ret,
			    struct err *e)
{
	int s = source_of(want), rc = 0;
	const char *name = names[want][s], *v = os_env(name);

	switch (s) {
	case VALUE:
		buf_addstr(ret, v);
		break;
	case FROM_FILE:
		rc = from_file(v, ret, e);
		break;
	case COMMAND:
		rc = from_command(name, v, ret, e);
		break;
	default:
		rc = from_fd(name, v, ret, e);
	}
	first_line(ret);
	if (!rc && !ret->n)
		rc = err_set(e, HUB_EAUTH, "%s gives no passphrase", name);
	if (!rc && ret->n > PASS_MAX)
		rc = err_set(e, HUB_ELIMIT, "%s gives more than %d bytes", name,
			     PASS_MAX);
	return rc;
}

static int no_terminal(enum pass_want want, struct err *e)
{
	return err_set(e, HUB_EUSAGE, "a passphrase is needed, and there is no "
		       "terminal to ask on: set %s, %s, %s or %s",
		       names[want][VALUE], names[want][FROM_FILE],
		       names[want][COMMAND], names[want][DESCRIPTOR]);
}

static int ask(enum pass_want want, const char *prompt, struct buf *ret,
	       struct err *e)
{
	struct buf again = BUF_INIT;
	int rc;

	if (!os_tty(0) || !os_tty(2))
		return no_terminal(want, e);
	rc = os_read_secret(prompt, ret, PASS_MAX, e);
	if (!rc && want != PASS_WANT_OLD) {
		rc = os_read_secret("Once more: ", &again, PASS_MAX, e);
		if (!rc && buf_cmp(ret, &again))
			rc = err_set(e, HUB_EUSAGE, "these were two different "
				     "passphrases: nothing was changed");
	}
	buf_wipe(&again);
	return rc;
}

int cmd_pass_get(enum pass_want want, const char *prompt, struct buf *ret,
		 enum pass_kind *kind, struct err *e)
{
	enum pass_kind k;
	int rc;

	buf_reset(ret);
	/* At once as large as it may get: growing would leave copies. */
	if (buf_grow(ret, PASS_MAX + 2))
		return err_nomem(e);
	rc = cmd_pass_given(want) ? from_environment(want, ret, e) :
		ask(want, prompt, ret, e);
	if (rc < 0)
		return rc;
	k = pass_normal(ret);
	if (kind)
		*kind = k;
	if (want != PASS_WANT_OLD && ret->n < NEW_MIN)
		return err_set(e, HUB_EUSAGE, "a passphrase has at least %d "
			       "signs; hub makes a good one", NEW_MIN);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int cmd_pass_make(struct buf *ret, struct err *e)
{
	char text[PASS_TEXT + 1];

	buf_reset(ret);
	pass_generate(text);
	buf_addstr(ret, text);
	secret_wipe(text, sizeof(text));
	return buf_error(ret) ? err_nomem(e) : 0;
}
