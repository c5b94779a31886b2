/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.c - where new objects go.
 *
 * A sink of kind AUTO holds its first objects in memory: a usual sync writes a
 * handful, which are best as loose files; once there are more it becomes a
 * pack, for which the number of files and of fsyncs no longer counts.
 *
 * An object that the repository has already is not written again, but its file
 * is touched, so that a `git gc` which is about to drop it as old and
 * unreachable thinks again.
 */
#include <stdlib.h>

#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/packin.h"
#include "repo/sink_internal.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

struct sink {
	struct repo *r;			/* borrowed */
	enum sink_kind kind;
	struct sink_worker *w;		/* owned, made at first use */
	struct sink_worker *pw;		/* the same, with deltas: for the pack */
	struct sink_item *held;		/* AUTO: SINK_HELD_MAX of them */
	size_t held_n, held_bytes;
	struct sink_loose loose;
	struct sink_pack *pack;		/* NULL until something goes there */
	uint64_t objects, bytes;
};

int sink_open(struct repo *r, enum sink_kind kind, struct sink **ret,
	      struct err *e)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (s && kind == SINK_AUTO)
		s->held = calloc(SINK_HELD_MAX, sizeof(*s->held));
	if (!s || (kind == SINK_AUTO && !s->held)) {
		free(s);
		return err_nomem(e);
	}
	s->r = s->loose.r = r;
	s->kind = kind;
	*ret = s;
	return 0;
}

static void sink_free(struct sink *s)
{
	for (size_t i = 0; i < s->held_n; i++)
		sink_item_release(&s->held[i]);
	free(s->held);
	sink_worker_free(s->w);
	sink_worker_free(s->pw);
	free(s);
}

void sink_abort(struct sink *s)
{
	if (!s)
		return;
	sink_pack_abort(s->pack);
	sink_free(s);
}

static struct sink_item *held(const struct sink *s, const struct oid *id)
{
	for (size_t i = 0; i < s->held_n; i++)
		if (oid_eq(&s->held[i].id, id))
			return &s->held[i];
	return NULL;
}

/* mine(): is it in this sink, not yet committed? */
static int mine(const struct sink *s, const struct oid *id)
{
	return held(s, id) || (s->pack && sink_pack_has(s->pack, id));
}

int sink_has(struct sink *s, const struct oid *id)
{
	return mine(s, id) || repo_freshen(s->r, id);
}

static int own_worker(struct sink *s, struct err *e)
{
	return s->w ? 0 : sink_worker_new(0, &s->w, e);
}

/* Once there is a pack, deltas are tried: its worker remembers contents. */
static int pack_worker(struct sink *s, struct err *e)
{
	return s->pw ? 0 : sink_worker_new(1, &s->pw, e);
}

/* undelta(): make ${it} hold its whole content. */
static int undelta(struct sink *s, struct sink_item *it, struct err *e)
{
	struct buf base = BUF_INIT, delta = BUF_INIT, whole = BUF_INIT;
	int rc;

	rc = own_worker(s, e);
	if (rc == 0)
		rc = sink_inflate(it->deflated.p, it->deflated.n,
				  (size_t)it->inflated, &delta, e);
	if (rc == 0)
		rc = sink_read(s, &it->base, it->type, 0, &base, e);
	if (rc == 0)
		rc = sink_delta_apply(&base, &delta, it->size, &whole, e);
	if (rc == 0)
		rc = sink_deflate(s->w, whole.p, whole.n, &it->deflated, e);
	if (rc == 0) {
		it->base = oid_zero;
		it->inflated = it->size;
	}
	buf_release(&base);
	buf_release(&delta);
	buf_release(&whole);
	return rc;
}

static int to_pack(struct sink *s, struct sink_item *it, struct err *e)
{
	int rc;

	rc = s->pack ? 0 : sink_pack_open(s->r, &s->pack, e);
	if (rc < 0)
		return rc;
	rc = sink_pack_add(s->pack, it, e);
	if (rc != HUB_EABSENT)
		return rc;
	/* the base is elsewhere: a pack has to stand alone */
	rc = undelta(s, it, e);
	return rc < 0 ? rc : sink_pack_add(s->pack, it, e);
}

static int to_loose(struct sink *s, struct sink_item *it, struct err *e)
{
	int rc;

	rc = oid_is_zero(&it->base) ? 0 : undelta(s, it, e);
	if (rc == 0)
		rc = sink_loose_add(&s->loose, it, e);
	if (rc == 0)
		s->bytes += it->deflated.n;
	return rc;
}

/* hold(): keep it for later, or turn the sink into a pack. */
static int hold(struct sink *s, struct sink_item *it, struct err *e)
{
	int rc;

	rc = oid_is_zero(&it->base) ? 0 : undelta(s, it, e);
	if (rc < 0)
		return rc;
	if (s->held_n < SINK_HELD_MAX &&
	    s->held_bytes + it->deflated.n <= SINK_HELD_BYTES) {
		s->held_bytes += it->deflated.n;
		s->held[s->held_n++] = *it;
		buf_init(&it->deflated);
		return 0;
	}
	for (size_t i = 0; i < s->held_n; i++) {
		rc = to_pack(s, &s->held[i], e);
		if (rc < 0)
			return rc;
	}
	rc = to_pack(s, it, e);
	while (rc == 0 && s->held_n)
		sink_item_release(&s->held[--s->held_n]);
	return rc;
}

/* add_new(): an object that is nowhere yet. */
static int add_new(struct sink *s, struct sink_item *it, struct err *e)
{
	int rc;

	if (s->kind == SINK_LOOSE)
		rc = to_loose(s, it, e);
	else if (s->kind == SINK_PACK || s->pack)
		rc = to_pack(s, it, e);
	else
		rc = hold(s, it, e);
	if (rc == 0)
		s->objects++;
	return rc;
}

int sink_add(struct sink *s, struct sink_item *it, struct err *e)
{
	return sink_has(s, &it->id) ? 0 : add_new(s, it, e);
}

int sink_put(struct sink *s, enum obj_type type, const void *p, size_t n,
	     struct oid *id, struct err *e)
{
	struct sink_item it = SINK_ITEM_INIT;
	struct oid name;
	int rc;

	rc = repo_hash(type, p, n, &name);
	if (rc < 0)
		return err_set(e, rc, "cannot name an object of %zu bytes", n);
	if (sink_has(s, &name))
		goto out;
	rc = s->pack ? pack_worker(s, e) : own_worker(s, e);
	if (rc == 0)
		rc = sink_prepare_named(s->pack ? s->pw : s->w, &it, type,
					&name, p, n, e);
	if (rc == 0)
		rc = add_new(s, &it, e);
out:
	sink_item_release(&it);
	if (rc == 0)
		*id = name;
	return rc;
}

int sink_read(struct sink *s, const struct oid *id, enum obj_type type,
	      uint64_t max, struct buf *ret, struct err *e)
{
	struct sink_item *it = held(s, id);
	enum obj_type got = type;
	int rc;

	if (it) {
		got = it->type;
		if (max && it->size > max)
			return err_set(e, HUB_ELIMIT, "object %s has %llu bytes",
				       oid_hex(id),
				       (unsigned long long)it->size);
		rc = sink_inflate(it->deflated.p, it->deflated.n,
				  (size_t)it->size, ret, e);
	} else {
		rc = s->pack ? sink_pack_read(s->pack, id, &got, max, ret, e)
			     : HUB_EABSENT;
		if (rc == HUB_EABSENT)
			return repo_read_as(s->r, id, type, max, ret, e);
	}
	if (rc == 0 && got != type)
		rc = err_set(e, HUB_ECORRUPT, "object %s is of another type than "
			     "it should be", oid_hex(id));
	return rc;
}

int sink_commit(struct sink *s, struct sink_stats *st, struct err *e)
{
	struct sink_stats mine_st = { 0 };
	int rc = 0;

	if (s->pack) {
		rc = sink_pack_finish(s->pack, &mine_st, e);
		s->pack = NULL;
	}
	for (size_t i = 0; rc == 0 && i < s->held_n; i++)
		rc = to_loose(s, &s->held[i], e);
	if (rc == 0)
		rc = sink_loose_sync(&s->loose, e);
	if (rc == 0 && mine_st.pack[0])
		rc = repo_refresh(s->r, e);
	if (rc == 0 && st) {
		mine_st.objects = s->objects;
		mine_st.bytes += s->bytes;
		*st = mine_st;
	}
	sink_free(s);
	return rc;
}

/* sweep_dir(): tmp_* in one folder. */
static int sweep_dir(const char *path, int all, struct err *e)
{
	struct os_dir *d = NULL;
	struct os_stat st;
	const char *name;
	enum os_type type;
	int64_t now = os_now_ns();
	int rc;

	rc = os_dir_open(path, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	while (rc == 0 && (rc = os_dir_next(d, &name, &type, e)) == 1) {
		rc = 0;
		if (strncmp(name, "tmp_pack_", 9) != 0 &&
		    strncmp(name, "tmp_idx_", 8) != 0 &&
		    strncmp(name, "tmp_obj_", 8) != 0)
			continue;
		if (os_dir_stat(d, name, &st, NULL) < 0 || st.type != OS_REG)
			continue;
		if (all || now - st.mtime_ns > DAY_NS)
			os_dir_unlink(d, name, NULL);
	}
	os_dir_close(d);
	return rc;
}

/* sweep_incoming(): what packin.c held apart. */
static int sweep_incoming(const char *objects, int all, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	struct os_stat st;
	const char *name;
	enum os_type type;
	int64_t now = os_now_ns();
	int rc = os_dir_open(objects, &d, e);

	while (rc == 0 && (rc = os_dir_next(d, &name, &type, e)) == 1) {
		rc = 0;
		if (strncmp(name, PACKIN_DIR, strlen(PACKIN_DIR)) != 0 ||
		    os_dir_stat(d, name, &st, NULL) < 0 ||
		    (!all && now - st.mtime_ns <= DAY_NS))
			continue;
		buf_reset(&path);
		buf_addf(&path, "%s/%s", objects, name);
		if (!buf_error(&path))
			os_rmtree(path.p, NULL);
	}
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

int sink_sweep(struct repo *r, int all, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc;

	rc = repo_path(&p, r->commondir, "objects", e);
	if (rc == 0)
		rc = sweep_incoming(p.p, all, e);
	if (rc == 0)
		rc = repo_path(&p, r->commondir, "objects/pack", e);
	if (rc == 0)
		rc = sweep_dir(p.p, all, e);
	for (int i = 0; i < 256 && rc == 0; i++) {
		buf_reset(&p);
		buf_addf(&p, "%sobjects/%02x", r->commondir, i);
		rc = buf_error(&p) ? err_nomem(e) : sweep_dir(p.p, all, e);
	}
	buf_release(&p);
	return rc;
}
