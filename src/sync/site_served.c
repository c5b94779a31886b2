/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * site_served.c - places behind `hub serve`: ssh://[user@]host[:port]/path.
 *
 * The connection of a place that is closed is kept: a run opens the same place
 * several times, and each new one would cost half a dozen round trips.
 */
#include "sync/site_internal.h"

#include <string.h>

#include "base/hex.h"
#include "fmt/placewire.h"
#include "net/ssh.h"
#include "os/os.h"
#include "remote/served.h"

/* What counts for ssh, and the far hub program. */
struct settings { struct buf command, program; struct ssh_conf conf; };

static int settings(struct repo *r, struct settings *s, struct err *e)
{
	const char *program = os_env("VIBEHUB_REMOTE_PROGRAM");

	memset(s, 0, sizeof(*s));
	buf_init(&s->command);
	buf_init(&s->program);
	if (r && repo_config_get(r, "core.sshcommand", &s->command, NULL) == 0)
		s->conf.command = s->command.p;
	if (program)
		buf_addstr(&s->program, program);
	else if (r)
		repo_config_get(r, "vibehub.remoteprogram", &s->program, NULL);
	if (s->program.n)
		s->conf.program = s->program.p;
	return buf_error(&s->command) || buf_error(&s->program) ?
		err_nomem(e) : 0;
}

static void settings_release(struct settings *s)
{
	buf_release(&s->command);
	buf_release(&s->program);
}

/* A session, new or kept; ${hub}: whose vault, NULL: none.  *there: it has one. */
static int reach(const char *site, struct repo *r, const uint8_t *hub,
		 struct ssh_link **ret, int *there, struct err *e)
{
	struct frame_hello h = { .kind = FRAME_KIND_PLACE };
	struct ssh_link *l = NULL;
	struct ssh_addr a;
	struct settings s;
	int rc = settings(r, &s, e);

	*there = 0;
	if (!rc)
		rc = ssh_addr_parse(site, &a, e);
	if (!rc)
		l = ssh_reuse(&a, &s.conf, FRAME_KIND_PLACE);
	if (l && hub) {
		rc = served_select(ssh_session(l), hub, 0, e);
		*there = !rc;
		if (session_broken(ssh_session(l))) {
			ssh_close(l);
			l = NULL;
			rc = 0;
		}
		if (rc == HUB_EABSENT)
			rc = 0;
	}
	if (!rc && !l) {
		if (hub)
			memcpy(h.hub, hub, 32);
		rc = ssh_open(&a, &s.conf, &h, &l, e);
		*there = !rc && hub &&
			!memcmp(session_hello(ssh_session(l))->hub, hub, 32);
	}
	settings_release(&s);
	if (rc < 0)
		ssh_close(l);
	else
		*ret = l;
	return rc;
}

static void done(void *arg)
{
	ssh_keep(arg);
}

/* The link becomes the place's. */
static int place(struct ssh_link *l, const char *site, struct place **ret,
		 struct err *e)
{
	int rc = served_place(ssh_session(l), site, ret, e);

	if (!rc)
		served_when_closed(*ret, done, l);
	else
		ssh_close(l);
	return rc;
}

int site_served_open(const char *site, struct repo *r, const uint8_t hub[32],
		     struct place **ret, struct err *e)
{
	struct ssh_link *l = NULL;
	int there, rc = reach(site, r, hub, &l, &there, e);

	if (rc < 0)
		return rc;
	if (there) {
		rc = place(l, site, ret, e);
		if (!rc)
			served_overview(*ret);
		return rc;
	}
	ssh_keep(l);
	return err_set(e, HUB_EABSENT, "'%s' holds no sealed copy of this hub",
		       site);
}

int site_served_create(const char *site, struct repo *r,
		       const uint8_t hub[32], unsigned *ret_lacks,
		       struct place **ret, struct err *e)
{
	unsigned how = PLACEWIRE_MAKE | (ret_lacks ? 0 : PLACEWIRE_SINGLE);
	struct ssh_link *l = NULL;
	int there, rc = reach(site, r, NULL, &l, &there, e);

	if (rc < 0)
		return rc;
	rc = served_select(ssh_session(l), hub, how, e);
	if (ret_lacks)
		*ret_lacks = rc == HUB_EUSAGE ? SITE_ONE_WRITER : 0;
	if (rc == HUB_EUSAGE && ret_lacks) {
		err_clear(e);
		rc = served_select(ssh_session(l), hub,
				   how | PLACEWIRE_SINGLE, e);
	}
	if (!rc)
		return place(l, site, ret, e);
	if (!session_broken(ssh_session(l)))
		err_in(e, "at '%s'", site);
	ssh_close(l);
	return rc;
}

struct names { site_fn fn; void *arg; };

static int one_hub(void *arg, const uint8_t hub[32], struct err *e)
{
	struct names *n = arg;
	char hex[65];

	hex_encode(hex, hub, 32);
	return n->fn(n->arg, hex, e);
}

int site_served_each(const char *site, struct repo *r, site_fn fn, void *arg,
		     struct err *e)
{
	struct names n = { fn, arg };
	struct ssh_link *l = NULL;
	int there, rc = reach(site, r, NULL, &l, &there, e);

	if (rc < 0)
		return rc;
	rc = served_hubs(ssh_session(l), one_hub, &n, e);
	ssh_keep(l);
	return rc;
}
