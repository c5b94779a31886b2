/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_out.c - the outbox: content that waits for the hub.
 *
 * It is a vault of its own, in the workspace, with a chain of its own.  When
 * the hub answers, each object goes over that the hub does not have; then a
 * state is made there, and only after that the outbox is emptied.
 *
 * All packs that lie there are sent, whether a state names them or not: so its
 * states and its index may be damaged.  Of a damaged pack the whole objects go.
 */
#include "sync/large_internal.h"

#include <stdio.h>
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

int large_out_waits(struct large *l)
{
	static const char *const sign[] = {
		"/format", "/packs", "/../index-outbox/mark",
	};
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	enum os_type type;
	struct os_stat st;
	const char *name;
	size_t i;
	int yes = 0;

	for (i = 0; !yes && i < sizeof(sign) / sizeof(*sign); i++)
		yes = !large_out_path(l, sign[i], &path, NULL) &&
			!os_stat(path.p, &st, NULL) && st.type != OS_DIR;
	if (!yes && !large_out_path(l, "/packs", &path, NULL) &&
	    !os_dir_open(path.p, &d, NULL))
		yes = os_dir_next(d, &name, &type, NULL) > 0;
	os_dir_close(d);
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
	if (!rc && large_out_waits(l))
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
	struct place *from;
	uint8_t *pack;			/* PLACE_PACK_MAX bytes */
	uint64_t done, total;
	int rc;				/* the hub's, while a pack is read */
	uint8_t (*bad)[PLACE_PACK_ID];	/* damaged packs */
	size_t bad_n;
};

/* Objects are decoded and checked on the way: what is damaged stays here. */
static int carry_object(void *arg, const struct pack_entry *en,
			const uint8_t *plain, struct err *e)
{
	struct carry *c = arg;
	struct vault_at at;
	uint8_t name[32];

	if (en->type != PACK_CHUNK && en->type != PACK_RECIPE)
		return 0;
	c->rc = vault_find(c->l->hub.v, en->name, &at, e);
	if (!c->rc)
		c->rc = vault_put_object(c->l->hub.put, en->type, plain,
					 en->plain, name, e);
	c->rc = c->rc < 0 ? c->rc : 0;
	return c->rc;
}

/* It is noted, and what is whole in it is carried; ${n} bytes of it are there. */
static int carry_damaged(struct carry *c, const uint8_t id[PLACE_PACK_ID],
			 size_t n, struct err *e)
{
	void *p = realloc(c->bad, (c->bad_n + 1) * sizeof(*c->bad));
	int rc;

	if (!p)
		return err_nomem(e);
	c->bad = p;
	memcpy(c->bad[c->bad_n++], id, PLACE_PACK_ID);
	rc = packread_salvage(c->l->ring, c->pack, n, carry_object, c, e);
	if (!c->rc && err_is_damage(rc)) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

static int carry_pack(void *arg, const uint8_t id[PLACE_PACK_ID],
		      uint64_t size, struct err *e)
{
	struct carry *c = arg;
	struct err why = ERR_INIT;
	size_t n = size > PLACE_PACK_MAX ? 0 : (size_t)size;
	int rc = workspace_progress(c->l->ws, "bytes:sending", c->done,
				    c->total, e);

	if (rc < 0)
		return rc;
	c->done += size;
	rc = c->from->ops->pack_get(c->from, id, 0, c->pack, n, &why);
	if (rc == HUB_ECORRUPT || rc == HUB_EABSENT)
		return carry_damaged(c, id, 0, e);
	if (!rc)
		rc = packread_check(c->l->ring, id, c->pack, n, carry_object, c,
				    &why);
	if (rc == HUB_ECORRUPT && !c->rc)
		return carry_damaged(c, id, n, e);
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

static int carry_all(struct carry *c, struct err *e)
{
	struct large *l = c->l;
	struct vault_change none;
	int rc = l->hub.put ? 0 : vault_put_begin(l->hub.v, &l->hub.put, e);

	memset(&none, 0, sizeof(none));
	if (!rc)
		rc = c->from->ops->pack_each(c->from, carry_pack, c, e);
	if (!rc)
		rc = vault_put_commit(l->hub.put, &none, e);
	vault_put_end(l->hub.put);
	l->hub.put = NULL;
	return rc;
}

/* Damaged packs are kept, and it is remembered that something may be lost. */
static int tell(struct carry *c, const struct err *why, struct err *e)
{
	char packs[64];
	size_t i;
	int rc = large_heal_flag(c->l, e);

	for (i = 0; !rc && i < c->bad_n; i++) {
		rc = c->from->ops->aside(c->from, PLACE_PACK, c->bad[i], 0, e);
		rc = rc == HUB_EABSENT ? 0 : rc;
	}
	snprintf(packs, sizeof(packs), "%zu packs, kept in its folder damaged",
		 c->bad_n);
	large_heal_note(c->l, c->bad_n ? packs : why->msg);
	return rc;
}

/* ---- emptying ---- */

static int out_rmtree(struct large *l, const char *tail, struct buf *path,
		      struct err *e)
{
	int rc = large_out_path(l, tail, path, e);

	if (!rc)
		rc = os_rmtree(path->p, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

/* In one step: half a folder would look like damage. */
static int out_rename(struct large *l, const char *tail, const char *to_tail,
		      struct err *e)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	int rc = large_out_path(l, tail, &from, e);

	if (!rc)
		rc = large_out_path(l, to_tail, &to, e);
	if (!rc)
		rc = os_rename(from.p, to.p, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&from);
	buf_release(&to);
	return rc;
}

/* Order: the memory of its states, which must not outlive them; states, packs,
 * which are litter then; its format file: then nothing waits. */
static int empty_out(struct large *l, struct place *from, struct err *e)
{
	static const char *const old[] = { "/old-states", "/old-packs" };
	struct buf path = BUF_INIT;
	size_t i;
	int rc;

	from->ops->sweep(from, TEMP_AGE_S, NULL);
	large_side_close(&l->out);
	rc = out_rmtree(l, "/../index-outbox", &path, e);
	for (i = 0; !rc && i < 2; i++)
		rc = out_rmtree(l, old[i], &path, e);
	if (!rc)
		rc = out_rename(l, "/states", old[0], e);
	if (!rc)
		rc = out_rename(l, "/packs", old[1], e);
	if (!rc)
		rc = out_rmtree(l, "/format", &path, e);
	for (i = 0; !rc && i < 2; i++)
		rc = out_rmtree(l, old[i], &path, e);
	buf_release(&path);
	return rc;
}

static int send(struct carry *c, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = large_heal_look(c->l, &why, e), odd = rc > 0;

	if (rc >= 0)
		rc = c->from->ops->pack_each(c->from, add_size, &c->total, e);
	if (!rc && c->total)
		rc = carry_all(c, e);
	if (!rc && (odd || c->bad_n))
		rc = tell(c, &why, e);
	return rc < 0 ? rc : empty_out(c->l, c->from, e);
}

int large_send(struct workspace *ws, struct err *e)
{
	struct carry c = { .l = large_of(ws) };
	struct buf path = BUF_INIT;
	int rc;

	if (!c.l)
		return err_nomem(e);
	if (!large_out_waits(c.l))
		return 0;
	rc = large_hub(c.l, 1, e);
	if (!rc)
		rc = large_out_lock(c.l, e);
	if (!rc)
		rc = large_out_path(c.l, "", &path, e);
	if (!rc)	/* it may be gone as a whole */
		rc = folder_create(path.p, 1, &c.from, e);
	if (!rc) {
		c.pack = malloc(PLACE_PACK_MAX);
		rc = c.pack ? send(&c, e) : err_nomem(e);
	}
	place_close(c.from);
	free(c.pack);
	free(c.bad);
	buf_release(&path);
	return rc;
}
