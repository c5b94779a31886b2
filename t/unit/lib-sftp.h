/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib-sftp.h - an sftp server as a child of the test, without a network. */
#ifndef T_LIB_SFTP_H
#define T_LIB_SFTP_H

#include <unistd.h>
#include "net/sftp.h"
#include "os/os_child.h"
#include "tap.h"

struct sftp_box { struct os_child *child; struct sftp *s; };

/* Where Linux distributions put OpenSSH's; NULL: it is not installed. */
__attribute__((unused)) static const char *sftp_server(void)
{
	static const char *const at[] = {
		"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server",
		"/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server",
		"/usr/libexec/ssh/sftp-server",
	};
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(*at); i++)
		if (!access(at[i], X_OK))
			return at[i];
	return NULL;
}

__attribute__((unused)) static void sftp_box_end(struct sftp_box *b)
{
	sftp_close(b->s);
	os_child_free(b->child);
	b->s = NULL;
	b->child = NULL;
}

__attribute__((unused))
static int sftp_box_start(struct sftp_box *b, const char *const *argv,
			  unsigned silence_ms, struct err *e)
{
	struct os_child_arg a = { .argv = argv };
	struct sftp_conf c = { .name = "sftp://box/",
			       .silence_ms = silence_ms };
	int rc;

	b->child = NULL;
	b->s = NULL;
	rc = os_child_start(&a, &b->child, e);
	if (rc == 0) {
		c.stream = os_child_stream(b->child);
		rc = sftp_open(&c, &b->s, e);
	}
	if (rc < 0)
		sftp_box_end(b);
	return rc;
}

#endif
