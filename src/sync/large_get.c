/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_get.c - content out of the hub's vault, or the outbox.
 *
 * What is not in the index may have come a moment ago: the newest state is read
 * once more before it is believed to be missing.
 */
#include "sync/large_internal.h"

#include <stdlib.h>
#include <string.h>

struct source {
	struct large *l;
	int refreshed;
	struct file_store hub, out;	/* ->read NULL: not opened */
};

/* The hub's vault; what it lacks may have come a moment ago. */
static int from_hub(struct source *src, struct file_want *want, size_t n,
		    struct err *e)
{
	struct large *l = src->l;
	int rc = large_hub(l, 0, e);

	if (rc < 0)
		return rc;
	vault_store(l->hub.v, &src->hub);
	rc = src->hub.read(src->hub.arg, want, n, e);
	if (rc != HUB_EABSENT || src->refreshed)
		return rc;
	src->refreshed = 1;
	rc = vault_refresh(l->hub.v, e);
	if (rc < 0)
		return rc;
	err_clear(e);
	return src->hub.read(src->hub.arg, want, n, e);
}

static int from_out(struct source *src, struct file_want *want, size_t n)
{
	struct large *l = src->l;

	if (large_out(l, 0, NULL))
		return HUB_EABSENT;
	vault_store(l->out.v, &src->out);
	return src->out.read(src->out.arg, want, n, NULL);
}

/* Another copy of the hub; only where neither of the others has it. */
static int from_places(struct source *src, struct file_want *want)
{
	struct large *l = src->l;
	struct err why = ERR_INIT;

	if (!l->places && places_source_open(l->ws, &l->places, &why))
		return HUB_EABSENT;
	return places_source_read(l->places, want, &why);
}

/* Only a vault that answered knows that it has no such thing. */
static int read_all(void *arg, struct file_want *want, size_t n,
		    struct err *e)
{
	struct source *src = arg;
	int rc = from_hub(src, want, n, e);
	size_t i;

	if (!rc)
		return 0;
	for (i = 0; i < n; i++)
		if (from_out(src, &want[i], 1) &&
		    (rc != HUB_EABSENT || from_hub(src, &want[i], 1, e)) &&
		    from_places(src, &want[i]))
			return rc == HUB_EABSENT ?
				err_set(e, rc, "its content is not in the "
					"vault") : rc;
	err_clear(e);
	return 0;
}

static int begin(struct workspace *ws, struct source *src,
		 struct file_store *store, struct err *e)
{
	struct large *l = large_of(ws);
	int rc = l ? large_keys(l, e) : err_nomem(e);

	memset(src, 0, sizeof(*src));
	src->l = l;
	store->read = read_all;
	store->arg = src;
	return rc;
}

int large_get(struct workspace *ws, const struct pointer *ptr, int fd,
	      const char *path, struct err *e)
{
	struct large_step step = { ws, "bytes:fetching", ptr->size };
	struct file_store store;
	struct source src;
	int rc = begin(ws, &src, &store, e);

	if (!rc)
		rc = file_get_fd(&store, ptr, fd, path, large_step, &step, e);
	ws->rep.unnamed |= rc == HUB_EABSENT;
	if (rc == HUB_EABSENT || rc == HUB_EOFFLINE)
		large_explain(ws, ptr, rc, e);
	return rc;
}

/* ---- what it takes on the disk ---- */

struct weigh {
	const struct keyring *ring;
	uint64_t holes;
	uint8_t last[32], zero[32];	/* names of chunks */
	uint64_t zero_size;		/* what zero belongs to; 0: nothing */
};

/* Only chunks that follow their like are asked whether they are zeros: one
 * chunk makes no difference. */
static int is_zeros(struct weigh *w, const uint8_t name[32], uint64_t size)
{
	uint8_t *p;

	if (memcmp(w->last, name, 32)) {
		memcpy(w->last, name, 32);
		return 0;
	}
	if (w->zero_size != size) {
		p = size <= PACK_CHUNK_MAX ? calloc(1, (size_t)size) : NULL;
		if (!p)
			return 0;
		keyring_name(w->ring, PACK_CHUNK, p, (size_t)size, w->zero);
		w->zero_size = size;
		free(p);
	}
	return !memcmp(w->zero, name, 32);
}

static int weigh_one(void *arg, const uint8_t name[32], unsigned type,
		     uint64_t size, struct err *e)
{
	struct weigh *w = arg;

	(void)e;
	if (type == PACK_CHUNK && size && is_zeros(w, name, size))
		w->holes += size;
	return 0;
}

int large_weigh(struct workspace *ws, const struct pointer *ptr, uint64_t *ret,
		struct err *e)
{
	struct weigh w = { NULL, 0, { 0 }, { 0 }, 0 };
	struct file_store store;
	struct source src;
	int rc = begin(ws, &src, &store, e);

	if (rc < 0)
		return rc;
	w.ring = src.l->ring;
	rc = file_each(&store, ptr, weigh_one, &w, e);
	if (rc == 0)
		*ret = ptr->size > w.holes ? ptr->size - w.holes : 0;
	return rc;
}

struct reader {
	int (*fn)(void *arg, const void *p, size_t n);
	void *arg;
	struct large_step step;
};

static int to_reader(void *arg, const void *p, size_t n, struct err *e)
{
	struct reader *r = arg;
	int rc = r->fn(r->arg, p, n);

	if (rc < 0 && e && !e->rc)
		err_set(e, rc, "the content was not taken");
	return rc;
}

static int reader_step(void *arg, uint64_t done, struct err *e)
{
	struct reader *r = arg;

	return large_step(&r->step, done, e);
}

int large_read(struct workspace *ws, const struct pointer *ptr,
	       int (*fn)(void *arg, const void *p, size_t n), void *arg,
	       const char *path, struct err *e)
{
	struct reader r = { fn, arg, { ws, "bytes:reading", ptr->size } };
	struct file_sink sink = { .write = to_reader, .progress = reader_step,
				  .arg = &r };
	struct file_store store;
	struct source src;
	int rc = begin(ws, &src, &store, e);

	(void)path;
	if (!rc)
		rc = file_get(&store, ptr, &sink, e);
	if (rc == HUB_EABSENT || rc == HUB_EOFFLINE)
		large_explain(ws, ptr, rc, e);
	return rc;
}

/* ---- is it there? ---- */

struct ask { struct large *l; int deep; int refreshed; int missing; };

/* 1 known, 0, < 0 */
static int knows(struct large_side *s, const uint8_t name[32], struct err *e)
{
	struct vault_at at;

	return vault_find(s->v, name, &at, e);
}

static int ask_one(struct ask *a, const uint8_t name[32], struct err *e)
{
	struct large *l = a->l;
	int rc = large_hub(l, 0, e);

	if (!rc)
		rc = knows(&l->hub, name, e);
	if (!rc && !a->refreshed) {
		a->refreshed = 1;
		rc = vault_refresh(l->hub.v, e);
		if (rc >= 0)
			rc = knows(&l->hub, name, e);
	}
	if (rc <= 0 && !large_out(l, 0, NULL) &&
	    knows(&l->out, name, NULL) > 0)
		rc = 1;
	return rc;
}

static int ask_each(void *arg, const uint8_t name[32], unsigned type,
		    uint64_t size, struct err *e)
{
	struct ask *a = arg;
	int rc = ask_one(a, name, e);

	(void)type;
	(void)size;
	if (rc)
		return rc < 0 ? rc : 0;
	a->missing = 1;
	return err_set(e, HUB_EABSENT, "a part of it is not in the vault");
}

int large_has(struct workspace *ws, const struct pointer *ptr, int deep,
	      struct err *e)
{
	struct ask a = { .deep = deep };
	struct file_store store;
	struct source src;
	int rc = begin(ws, &src, &store, e);

	a.l = src.l;
	if (rc < 0)
		return rc;
	rc = ask_one(&a, ptr->recipe, e);
	if (rc <= 0 || !deep)
		return rc == HUB_EABSENT ? 0 : rc;
	rc = file_each(&store, ptr, ask_each, &a, e);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : 1;
}
