/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_put.c - files into the hub's vault, or into the outbox.
 *
 * Order: packs, then the state (large_commit()), then, by the caller, the commit
 * with the pointers.
 */
#include "sync/large_internal.h"

#include <string.h>

#include "os/os_file.h"

static int all_known(void *arg, const uint8_t name[32], unsigned type,
		     struct err *e)
{
	(void)arg;
	(void)name;
	(void)type;
	(void)e;
	return 1;
}

static int no_put(void *arg, const struct packer_pack *pack, struct err *e)
{
	(void)arg;
	(void)pack;
	return err_set(e, HUB_EBUG, "a pack of a file that is only named");
}

/* The file must not have become shorter than it was when it was looked at. */
static int put_fd(struct large *l, struct packer *p, const struct large_file *f,
		  const char *what, struct pointer *ret, struct err *e)
{
	struct large_step step = { l->ws, what, f->size };
	int rc = file_put_fd(p, f->fd, f->size, f->path, large_step, &step,
			     ret, e);

	/* HUB_EUSAGE: nothing of it is left */
	if (rc == HUB_EUSAGE || (!rc && ret->size != f->size))
		rc = err_set(e, HUB_EBUSY, "'%s' became shorter while it was "
			     "read", f->path);
	return rc;
}

int large_name(struct workspace *ws, const struct large_file *f,
	       struct pointer *ret, struct err *e)
{
	struct packer_conf conf = { .jobs = large_jobs(), .known = all_known,
				    .put = no_put };
	struct large *l = large_of(ws);
	struct packer *p = NULL;
	int rc = l ? large_keys(l, e) : err_nomem(e);

	if (rc < 0)
		return rc;
	conf.keys = l->ring;
	rc = packer_open(&conf, &p, e);
	if (!rc)
		rc = put_fd(l, p, f, "bytes:comparing", ret, e);
	packer_close(p);
	return rc;
}

int large_put_into(struct large *l, struct large_side *s,
		   const struct large_file *f, struct pointer *ret,
		   struct err *e)
{
	int rc = 0;

	if (!s->put)
		rc = vault_put_begin(s->v, &s->put, e);
	return rc < 0 ? rc : put_fd(l, vault_put_packer(s->put), f,
				    "bytes:storing", ret, e);
}

/* The hub went away: everything goes to the outbox from now on. */
static void give_up_hub(struct large *l)
{
	l->away = 1;
	large_side_close(&l->hub);
	l->hub.asked = 1;
	l->hub.rc = err_set(&l->hub.why, HUB_EOFFLINE, "the hub went away");
}

int large_put(struct workspace *ws, const struct large_file *f,
	      struct pointer *ret, struct err *e)
{
	struct large *l = large_of(ws);
	int rc = l ? large_keys(l, e) : err_nomem(e);

	if (rc < 0)
		return rc;
	if (!l->away) {
		int began = l->hub.put != NULL;

		rc = large_hub(l, 1, e);
		if (!rc)
			rc = large_put_into(l, &l->hub, f, ret, e);
		if (rc != HUB_EOFFLINE)
			return rc;
		if (began) {	/* others were put there before: it does not
				   count, large_commit() will say so */
			memset(ret, 0, sizeof(*ret));
			ret->size = f->size;
			return 0;
		}
		err_clear(e);
		give_up_hub(l);
	}
	rc = large_out(l, 1, e);
	if (!rc)
		rc = large_out_room(l, f->size, e);
	return rc < 0 ? rc : large_put_into(l, &l->out, f, ret, e);
}

static int commit(struct large_side *s, struct err *e)
{
	struct vault_change none;
	int rc;

	memset(&none, 0, sizeof(none));
	if (!s->put)
		return 0;
	rc = vault_put_commit(s->put, &none, e);
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	vault_put_end(s->put);
	s->put = NULL;
	return rc;
}

int large_commit(struct workspace *ws, struct err *e)
{
	struct large *l = ws->large;
	int rc;

	if (!l)
		return 0;
	rc = commit(&l->hub, e);
	if (rc == HUB_EOFFLINE) {
		give_up_hub(l);
		return rc;
	}
	return rc < 0 ? rc : commit(&l->out, e);
}
