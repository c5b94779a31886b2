/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_out.c - the outbox: content that waits for the hub.
 *
 * It is a vault of its own, in the workspace, with a chain of its own.  When
 * the hub answers, each object goes over that the hub does not have; then a
 * state is made there, and only after that the outbox is emptied.
 */
#include "sync/large_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os_file.h"
#include "remote/folder.h"

#define TEMP_AGE_S 3600			/* plain git may be writing there now */
#define PART 10				/* a tenth of what is free */

static int add_size(void *arg, const uint8_t id[PLACE_PACK_ID], uint64_t size,
		    struct err *e)
{
	(void)id;
	(void)e;
	*(uint64_t *)arg += size;
	return 0;
}

/* Is there anything?  Without opening keys. */
static int any_waits(struct large *l)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int yes = !large_out_path(l, "/format", &path, NULL) &&
		!os_stat(path.p, &st, NULL);

	buf_release(&path);
	return yes;
}

static int room(struct large *l, struct place *p, uint64_t size, struct err *e)
{
	uint64_t have, used = 0;
	int rc = p ? p->ops->pack_each(p, add_size, &used, e) : 0;

	if (!rc)
		rc = os_disk_free(l->ws->vdir.p, &have, e);
	if (rc < 0)
		return rc;
	if (used + size <= (have + used) / PART)
		return 0;
	return err_set(e, HUB_ELIMIT, "waits for the hub: the outbox holds at "
		       "most a tenth of the free disk space");
}

int large_out_room(struct large *l, uint64_t size, struct err *e)
{
	return room(l, l->out.place, size, e);
}

/* No key is needed for it, and nothing is made. */
int large_room(struct workspace *ws, uint64_t size, struct err *e)
{
	struct large *l = large_of(ws);
	struct buf path = BUF_INIT;
	struct place *p = NULL;
	int rc = l ? 0 : err_nomem(e);

	if (rc < 0 || !large_away(l))
		return rc;
	rc = large_out_path(l, "", &path, e);
	if (!rc && any_waits(l))
		rc = folder_open(path.p, &p, e);
	if (!rc)
		rc = room(l, p, size, e);
	place_close(p);
	buf_release(&path);
	return rc;
}

/* ---- sending ---- */

struct carry {
	struct large *l;
	uint8_t *pack;			/* PLACE_PACK_MAX bytes */
	uint64_t done, total;
};

/* Objects are decoded and checked on the way: what is damaged stays here. */
static int carry_object(void *arg, const struct pack_entry *en,
			const uint8_t *plain, struct err *e)
{
	struct carry *c = arg;
	struct vault_at at;
	uint8_t name[32];
	int rc;

	if (en->type != PACK_CHUNK && en->type != PACK_RECIPE)
		return 0;
	rc = vault_find(c->l->hub.v, en->name, &at, e);
	if (rc)
		return rc < 0 ? rc : 0;
	return vault_put_object(c->l->hub.put, en->type, plain, en->plain,
				name, e);
}

static int carry_pack(void *arg, const uint8_t id[PLACE_PACK_ID],
		      uint64_t size, struct err *e)
{
	struct carry *c = arg;
	struct place *from = c->l->out.place;
	int rc = workspace_progress(c->l->ws, "bytes:sending", c->done,
				    c->total, e);

	if (!rc && size > PLACE_PACK_MAX)
		rc = err_set(e, HUB_ECORRUPT, "a pack in the outbox is too "
			     "large");
	if (!rc)
		rc = from->ops->pack_get(from, id, 0, c->pack, (size_t)size, e);
	if (!rc)
		rc = packread_check(c->l->ring, id, c->pack, (size_t)size,
				    carry_object, c, e);
	c->done += size;
	return rc;
}

static int carry_all(struct carry *c, struct err *e)
{
	struct large *l = c->l;
	struct vault_change none;
	int rc = l->hub.put ? 0 : vault_put_begin(l->hub.v, &l->hub.put, e);

	memset(&none, 0, sizeof(none));
	if (!rc)
		rc = l->out.place->ops->pack_each(l->out.place, carry_pack, c,
						  e);
	if (!rc)
		rc = vault_put_commit(l->hub.put, &none, e);
	vault_put_end(l->hub.put);
	l->hub.put = NULL;
	return rc;
}

/* Order: the memory of its states, which must not outlive them; states, packs,
 * which are litter then; its format file: then nothing waits. */
static int empty_out(struct large *l, struct err *e)
{
	static const char *const part[] = {
		"/../index-outbox", "/states", "/packs", "/format",
	};
	struct buf path = BUF_INIT;
	size_t i;
	int rc = 0;

	l->out.place->ops->sweep(l->out.place, TEMP_AGE_S, NULL);
	large_side_close(&l->out);
	for (i = 0; !rc && i < sizeof(part) / sizeof(*part); i++) {
		rc = large_out_path(l, part[i], &path, e);
		if (!rc)
			rc = os_rmtree(path.p, e);
		if (rc == HUB_EABSENT)
			rc = 0;
	}
	buf_release(&path);
	if (!rc)
		err_clear(e);
	return rc;
}

int large_send(struct workspace *ws, struct err *e)
{
	struct carry c = { .l = large_of(ws) };
	int rc;

	if (!c.l)
		return err_nomem(e);
	if (!any_waits(c.l))
		return 0;
	rc = large_hub(c.l, 1, e);
	if (!rc)
		rc = large_out(c.l, 1, e);
	if (rc < 0)
		return rc;
	c.pack = malloc(PLACE_PACK_MAX);
	if (!c.pack)
		return err_nomem(e);
	rc = c.l->out.place->ops->pack_each(c.l->out.place, add_size, &c.total,
					    e);
	if (!rc && c.total)
		rc = carry_all(&c, e);
	free(c.pack);
	return rc < 0 ? rc : empty_out(c.l, e);
}
