/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_link.c - addresses of far hubs, and how one is reached: through the user's
 * ssh, as his configuration says. */
#include "sync/far_internal.h"

#include <string.h>

#include "net/ssh.h"
#include "remote/served.h"

int far_is(const char *url)
{
	return ssh_addr_is(url) && strcmp(url, WORKSPACE_NO_HUB) != 0;
}

int far_is_same(const char *a, const char *b)
{
	struct ssh_addr x, y;
	struct buf p = BUF_INIT, q = BUF_INIT;
	int same = !ssh_addr_parse(a, &x, NULL) && !ssh_addr_parse(b, &y, NULL);

	if (same) {
		ssh_addr_show(&x, &p);
		ssh_addr_show(&y, &q);
		same = !buf_error(&p) && !buf_error(&q) && !buf_cmp(&p, &q);
	}
	buf_release(&p);
	buf_release(&q);
	return same;
}

/* What the configuration says, the user's own and the workspace's. */
static int settings(struct far *f, struct buf *command, struct buf *program,
		    struct err *e)
{
	struct repo *r = NULL;
	int rc = 0;

	if (!f->ws)
		rc = repo_open(f->cache.p, &r, e);
	if (!rc) {
		repo_config_get(f->ws ? f->ws->repo : r, "core.sshCommand",
				command, NULL);
		repo_config_get(f->ws ? f->ws->repo : r,
				"vibehub.remoteProgram", program, NULL);
	}
	repo_close(r);
	return rc;
}

int far_link_open(struct far *f, const uint8_t *known_id, struct err *e)
{
	struct buf command = BUF_INIT, program = BUF_INIT;
	struct ssh_conf conf = { NULL, NULL };
	struct frame_hello mine;
	struct ssh_addr addr;
	int rc = ssh_addr_parse(f->url.p, &addr, e);

	memset(&mine, 0, sizeof(mine));
	mine.kind = FRAME_KIND_HUB;
	if (known_id)
		memcpy(mine.hub, known_id, 32);
	if (!rc && addr.scheme != SSH_HUB)
		rc = err_set(e, HUB_EUSAGE, "'%s': a hub needs the hub program "
			     "on its side: ssh://", f->url.p);
	if (!rc)
		rc = far_cache_open(f, e);
	if (!rc)
		rc = settings(f, &command, &program, e);
	conf.command = f->command.n ? f->command.p :
		command.n ? command.p : NULL;
	conf.program = program.n ? program.p : NULL;
	if (!rc)
		rc = ssh_open(&addr, &conf, &mine, &f->link, e);
	if (!rc)
		f->s = ssh_session(f->link);
	buf_release(&command);
	buf_release(&program);
	return rc;
}

void far_link_close(struct far *f)
{
	ssh_close(f->link);
	f->link = NULL;
	f->s = NULL;
}

int far_place(struct far *f, const uint8_t *known_id, struct place **ret,
	      struct err *e)
{
	struct session *s;
	int rc = far_session(f, known_id, &s, e);

	return rc < 0 ? rc : served_place(s, f->url.p, ret, e);
}
