/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpbox.c - connections to boxes.
 *
 * One idle connection is kept: a sync opens the same place several times, and
 * each time would cost what an ssh costs to begin.  It ends with the process, as
 * ssh ends when nobody holds its stdin any more.
 */
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "net/sftpbox.h"
#include "os/os.h"
#include "base/banned.h"

struct sftpbox {
	struct ssh_addr addr;
	struct os_child *child;
	struct sftp *s;
};

static struct sftpbox *idle;

const char *sftpbox_path(const struct ssh_addr *a)
{
	return strncmp(a->path, "~/", 2) ? a->path : a->path + 2;
}

struct sftp *sftpbox_sftp(struct sftpbox *b)
{
	return b->s;
}

static void end(struct sftpbox *b)
{
	if (!b)
		return;
	sftp_close(b->s);
	os_child_free(b->child);
	free(b);
}

/* Why ssh ended; what it says of hub programs is about sftp's here. */
static int gone(void *arg, struct err *e)
{
	struct sftpbox *b = arg;
	int rc = ssh_why(b->child, &b->addr, e);

	if (rc == HUB_EUSAGE ||
	    strstr(os_child_tail(b->child), "subsystem request failed"))
		return err_set(e, HUB_EDENIED, "it lets us in, but has no sftp "
			       "server");
	return rc;
}

/* Is an idle connection still one?  Nothing is expected from it. */
static int alive(struct sftpbox *b)
{
	return !sftp_fault(b->s, NULL) && sftp_idle(b->s) &&
	       os_stream_wait(os_child_stream(b->child), OS_STREAM_READ, 0,
			      NULL) == 0;
}

static int same_box(const struct ssh_addr *a, const struct ssh_addr *b)
{
	return !strcmp(a->user, b->user) && !strcmp(a->host, b->host) &&
	       a->port == b->port;
}

static int start(struct sftpbox *b, const struct ssh_conf *conf,
		 const char *name, struct err *e)
{
	const char *ms = os_env("VIBEHUB_SFTP_SILENCE");
	struct sftp_conf c = { .name = name, .gone = gone, .arg = b };
	uint64_t v;
	int rc = ssh_start(&b->addr, conf, "sftp", 1, &b->child, e);

	if (rc < 0)
		return rc;
	if (ms && hex_dec_u64(ms, strlen(ms), &v) == 0 && v < 3600000)
		c.silence_ms = (unsigned)v;
	c.stream = os_child_stream(b->child);
	return sftp_open(&c, &b->s, e);
}

int sftpbox_open(const struct ssh_addr *a, const struct ssh_conf *conf,
		 struct sftpbox **ret, struct err *e)
{
	struct ssh_addr root = *a;
	struct buf name = BUF_INIT;
	struct sftpbox *b = idle;
	int rc;

	if (b && same_box(&b->addr, a) && alive(b)) {
		idle = NULL;
		*ret = b;
		return 0;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		return err_nomem(e);
	b->addr = *a;
	memcpy(root.path, "/", 2);
	ssh_addr_show(&root, &name);
	rc = buf_error(&name) ? err_nomem(e) : start(b, conf, name.p, e);
	buf_release(&name);
	if (rc < 0)
		end(b);
	else
		*ret = b;
	return rc;
}

void sftpbox_close(struct sftpbox *b)
{
	if (!b)
		return;
	while (!sftp_idle(b->s))
		sftp_step(b->s, NULL);
	end(idle);
	idle = NULL;
	if (alive(b))
		idle = b;
	else
		end(b);
}
