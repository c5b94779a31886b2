/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site.c - folders and boxes, by their addresses. */
#include "sync/site_internal.h"

#include <string.h>

#include "base/hex.h"
#include "net/sftpbox.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "remote/sftpplace.h"

_Static_assert((int)SITE_NO_SYNC == (int)SFTPPLACE_NO_SYNC &&
	       (int)SITE_NO_SYNC_NAMES == (int)SFTPPLACE_NO_SYNC_NAMES &&
	       (int)SITE_NO_REPLACE == (int)SFTPPLACE_NO_REPLACE &&
	       (int)SITE_ONE_WRITER == (int)SFTPPLACE_ONE_WRITER,
	       "the same bits");

int site_is_url(const char *site)
{
	return site[0] != '/' && ssh_addr_is(site);
}

int site_is_served(const char *site)
{
	return site_is_url(site) && strncmp(site, "sftp://", 7) != 0;
}

int site_resolve(const char *given, struct buf *ret, struct err *e)
{
	struct ssh_addr a;
	int rc;

	if (site_is_url(given)) {
		rc = ssh_addr_parse(given, &a, e);
		if (rc == 0)
			ssh_addr_show(&a, ret);
		return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) : 0;
	}
	rc = os_abspath(given, ret, e);
	while (!rc && ret->n > 1 && ret->p[ret->n - 1] == '/')
		buf_setlen(ret, ret->n - 1);
	return rc;
}

/* ---- boxes ---- */

/* A connection, and the vault's path and name there. */
struct box {
	struct sftpbox *b;
	struct buf path, name;
};

static void drop(void *arg)
{
	sftpbox_close(arg);
}

static void box_release(struct box *x)
{
	sftpbox_close(x->b);
	buf_release(&x->path);
	buf_release(&x->name);
}

/* ${hub} NULL: the site itself. */
static int box_open(const char *site, struct repo *r, const uint8_t *hub,
		    struct box *x, struct err *e)
{
	struct buf command = BUF_INIT;
	struct ssh_conf conf = { NULL, NULL };
	struct ssh_addr a;
	int rc = ssh_addr_parse(site, &a, e);

	memset(x, 0, sizeof(*x));
	buf_init(&x->path);
	buf_init(&x->name);
	if (rc < 0)
		return rc;
	if (r && repo_config_get(r, "core.sshcommand", &command, NULL) == 0)
		conf.command = command.p;
	buf_addstr(&x->path, sftpbox_path(&a));
	buf_addstr(&x->name, site);
	if (hub) {
		buf_addch(&x->path, '/');
		hex_add(&x->path, hub, 32);
		buf_addch(&x->name, '/');
		hex_add(&x->name, hub, 32);
	}
	rc = buf_error(&x->path) || buf_error(&x->name) ? err_nomem(e) :
		sftpbox_open(&a, &conf, &x->b, e);
	buf_release(&command);
	return rc;
}

static int box_place(const char *site, struct repo *r, const uint8_t hub[32],
		     int make, unsigned *ret_lacks, struct place **ret,
		     struct err *e)
{
	struct box x;
	int rc = box_open(site, r, hub, &x, e);

	if (!rc && make)
		rc = sftpplace_create(sftpbox_sftp(x.b), x.path.p, x.name.p,
				      drop, x.b, ret_lacks, ret, e);
	else if (!rc)
		rc = sftpplace_open(sftpbox_sftp(x.b), x.path.p, x.name.p,
				    drop, x.b, ret, e);
	if (!rc)
		x.b = NULL;	/* the place's now */
	box_release(&x);
	return rc;
}

/* ---- either ---- */

int site_open(const char *site, struct repo *r, const uint8_t hub[32],
	      struct place **ret, struct err *e)
{
	struct buf vault = BUF_INIT;
	int rc;

	if (site_is_served(site))
		return site_served_open(site, r, hub, ret, e);
	if (site_is_url(site))
		return box_place(site, r, hub, 0, NULL, ret, e);
	folder_path_place(&vault, site, hub);
	rc = buf_error(&vault) ? err_nomem(e) :
		folder_open(vault.p, ret, e);
	if (rc == HUB_EOFFLINE)
		rc = err_set(e, HUB_EABSENT, "no vault at '%s'", vault.p);
	buf_release(&vault);
	return rc;
}

int site_create(const char *site, struct repo *r, const uint8_t hub[32],
		unsigned *ret_lacks, struct place **ret, struct err *e)
{
	struct buf vault = BUF_INIT;
	int rc;

	if (site_is_served(site))
		return site_served_create(site, r, hub, ret_lacks, ret, e);
	if (site_is_url(site))
		return box_place(site, r, hub, 1, ret_lacks, ret, e);
	folder_path_place(&vault, site, hub);
	rc = buf_error(&vault) ? err_nomem(e) :
		folder_create(vault.p, !ret_lacks, ret, e);
	if (ret_lacks)
		*ret_lacks = rc == HUB_EUSAGE ? SITE_ONE_WRITER : 0;
	if (rc == HUB_EUSAGE && ret_lacks) {	/* one writer at a time, then */
		err_clear(e);
		rc = folder_create(vault.p, 1, ret, e);
	}
	buf_release(&vault);
	return rc;
}

const char *site_lacks(unsigned lacks, unsigned *pos)
{
	static const char *const says[] = {
		"it cannot be asked to write to its disk: what was copied last "
		"may be missing after a power failure there",
		"names there may be missing after a power failure: the next "
		"sync copies what is",
		"it cannot replace a file in one step",
		"it cannot keep two writers apart: let one computer only sync "
		"to it",
	};
	unsigned i;

	if (lacks & SITE_NO_SYNC)
		lacks &= ~(unsigned)SITE_NO_SYNC_NAMES;
	while (*pos < 4) {
		i = (*pos)++;
		if (lacks & 1u << i)
			return says[i];
	}
	return NULL;
}

/* ---- what is in it ---- */

struct names { site_fn fn; void *arg; };

static int name_there(void *arg, const char *name,
		      const struct sftpmsg_attrs *a, struct err *e)
{
	struct names *n = arg;

	(void)a;
	return n->fn(n->arg, name, e);
}

static int box_each(const char *site, struct repo *r, site_fn fn, void *arg,
		    struct err *e)
{
	struct names n = { fn, arg };
	struct box x;
	int rc = box_open(site, r, NULL, &x, e);

	if (!rc)
		rc = sftp_list(sftpbox_sftp(x.b), x.path.p, name_there, &n, e);
	box_release(&x);
	return rc;
}

int site_each(const char *site, struct repo *r, site_fn fn, void *arg,
	      struct err *e)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	int rc;

	if (site_is_served(site))
		return site_served_each(site, r, fn, arg, e);
	if (site_is_url(site))
		return box_each(site, r, fn, arg, e);
	rc = os_dir_open(site, &d, e);
	while (!rc && (rc = os_dir_next(d, &name, &type, e)) > 0)
		rc = fn(arg, name, e);
	os_dir_close(d);
	return rc < 0 ? rc : 0;
}
