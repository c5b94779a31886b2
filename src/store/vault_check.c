/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_check.c - looking at everything in a vault: states, index, refs, packs.
 *
 * Damage is reported and counted, and the check goes on; what could not be found
 * out (the disk does not answer) ends it, but for a pack where that is wished.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "crypt/hash.h"
#include "store/vault_internal.h"

struct check {
	struct vault *v;
	const struct vault_check *how;
	struct vault_report *r;
	struct map device_seqs;		/* device and its number, of all states */
	struct map metas;		/* packs that the newest state names */
	int checkpoint;			/* was one among the states so far? */
	uint8_t *bytes;			/* PLACE_PACK_MAX, with read_data */
};

/* Is this a verdict about what lies there? */
static int is_verdict(int rc)
{
	return err_is_damage(rc) || rc == HUB_EREMOTE || rc == HUB_EABSENT;
}

static int report(struct check *c, enum vault_what what, uint64_t seq,
		  const uint8_t *id, const uint8_t *pack,
		  const struct err *why, struct err *e)
{
	struct vault_problem p;

	c->r->damaged++;
	memset(&p, 0, sizeof(p));
	p.what = what;
	p.seq = seq;
	if (id)
		memcpy(p.id, id, 32);
	if (pack)
		memcpy(p.pack, pack, 32);
	p.why = why;
	return c->how->problem ? c->how->problem(c->how->arg, &p, e) : 0;
}

/* A bad sector in a pack, or is it the disk? */
static int is_unread(const struct check *c, int rc, enum vault_what what)
{
	return rc == HUB_EIO && c->how->pass_unread &&
		(what == VAULT_PACK || what == VAULT_CHUNK);
}

/* ${rc} of ${why} is passed on if it says that we could not look. */
static int judge(struct check *c, int rc, enum vault_what what, uint64_t seq,
		 const uint8_t *id, const uint8_t *pack,
		 const struct err *why, struct err *e)
{
	if (rc >= 0)
		return 0;
	if (!is_verdict(rc) && !is_unread(c, rc, what))
		return err_set(e, rc, "%s", why->msg);
	return report(c, what, seq, id, pack, why, e);
}

static int tick(struct check *c, struct err *e)
{
	return c->how->progress ? c->how->progress(c->how->arg, c->r, e) : 0;
}

/* ---- states ---- */

static int check_number(struct check *c, const struct vaultstate *s,
			struct err *why)
{
	uint8_t key[24];
	int i;

	memcpy(key, s->device, 16);
	for (i = 0; i < 8; i++)
		key[16 + i] = (uint8_t)(s->device_seq >> (56 - 8 * i));
	if (map_get(&c->device_seqs, key, sizeof(key)))
		return err_set(why, HUB_EREMOTE, "the device that made it used "
			       "one of its numbers twice: it was copied");
	return map_put(&c->device_seqs, key, sizeof(key), c) < 0
		? err_nomem(why) : 0;
}

/* One state; ${want} is the hash that its follower names, and becomes its own
 * previous; ${*known} says whether there is one. */
static int check_state(struct check *c, uint64_t seq, uint8_t want[32],
		       int *known, struct err *why)
{
	struct place *p = c->v->conf.place;
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	uint8_t hash[32];
	int rc = s ? p->ops->state_get(p, seq, &b, why) : err_nomem(why);
	int had = *known;

	*known = 0;
	/* Put aside by a repair: the checkpoint above stands for it. */
	if (rc == 0 && !b.n && c->checkpoint)
		goto out;
	if (rc == 0)
		rc = vault_state_open(c->v, seq, b.p, b.n, &head, s, why);
	if (rc == 0) {
		c->checkpoint |= s->kind == VAULTSTATE_CHECKPOINT;
		hash_once(hash, b.p, b.n);
		if (had && memcmp(hash, want, 32))
			rc = err_set(why, HUB_EREMOTE, "it is not the one that "
				     "the next state follows");
		memcpy(want, head.previous, 32);
		*known = 1;
	}
	if (rc == 0)
		rc = check_number(c, s, why);
out:
	free(s);
	buf_release(&b);
	return rc;
}

static int check_states(struct check *c, struct err *e)
{
	struct vault *v = c->v;
	uint64_t seq, kept = v->seq / VAULT_CHECKPOINT;
	struct err why = ERR_INIT;
	uint8_t want[32];
	int rc = 0, known = 1;

	kept = kept ? (kept - 1) * VAULT_CHECKPOINT : 0;
	memcpy(want, v->hash, 32);
	for (seq = v->seq; rc == 0 && seq > 0; seq--) {
		rc = check_state(c, seq, want, &known, &why);
		if (rc == HUB_EABSENT && seq < kept)
			return 0;	/* older ones have gone */
		c->r->states++;
		rc = judge(c, rc, VAULT_STATE, seq, NULL, NULL, &why, e);
		if (rc == 0)
			rc = tick(c, e);
	}
	return rc;
}

/* ---- index and refs ---- */

static int check_object(struct check *c, enum vault_what what, unsigned type,
			const uint8_t name[32], const uint8_t pack[32],
			struct err *e)
{
	struct err why = ERR_INIT;
	struct vaultrefs refs;
	struct segment_ref *list = NULL;
	struct segment seg;
	struct buf b = BUF_INIT;
	size_t n;
	int rc = vault_index_object(c->v, type, name, pack, &b, &why);

	if (rc == 0 && type == PACK_SEGMENT)
		rc = segment_open(&seg, b.p, b.n, &why);
	if (rc == 0 && type == PACK_LIST) {
		rc = segment_list_decode(&list, &n, b.p, b.n, &why);
		free(list);
	}
	if (rc == 0 && type == PACK_REFS) {
		rc = vaultrefs_decode(&refs, b.p, b.n, &why);
		vaultrefs_release(&refs);
	}
	c->r->objects++;
	c->r->bytes += b.n;
	buf_release(&b);
	if (map_put(&c->metas, pack, 32, c) < 0)
		return err_nomem(e);
	return judge(c, rc, what, 0, name, pack, &why, e);
}

static int check_index(struct check *c, struct err *e)
{
	const struct vaultstate *s = c->v->st;
	struct segment_ref *list = NULL;
	size_t n = 0, i;
	int rc = 0;

	if (s->refs.has)
		rc = check_object(c, VAULT_REFS, PACK_REFS, s->refs.name,
				  s->refs.pack, e);
	if (rc == 0 && s->list.has)
		rc = check_object(c, VAULT_LIST, PACK_LIST, s->list.name,
				  s->list.pack, e);
	if (rc < 0)
		return rc;
	/* A list that cannot be read has been reported. */
	rc = vault_index_list(c->v, s, &list, &n, e);
	rc = rc < 0 && !is_verdict(rc) ? rc : 0;
	for (i = 0; rc == 0 && i < n; i++)
		rc = check_object(c, VAULT_SEGMENT, PACK_SEGMENT, list[i].name,
				  list[i].pack, e);
	for (i = 0; rc == 0 && i < s->recent_n; i++)
		rc = check_object(c, VAULT_SEGMENT, PACK_SEGMENT,
				  s->recent[i].name, s->recent[i].pack, e);
	free(list);
	return rc;
}

/* ---- packs ---- */

/* Which objects of a damaged pack are damaged? */
static int check_each(struct check *c, const uint8_t pack[32],
		      const struct err *first, struct err *e)
{
	struct pack_entry *all = NULL;
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t n = 0, i;
	int rc = packread_dir(c->v->read, pack, &all, &n, &why), bad = 0;

	if (rc < 0)
		return judge(c, rc, VAULT_PACK, 0, pack, pack, &why, e);
	for (i = 0; rc == 0 && i < n; i++) {
		buf_reset(&b);
		rc = packread_object(c->v->read, pack, &all[i], &b, &why);
		bad += rc < 0;
		rc = judge(c, rc, VAULT_CHUNK, 0, all[i].name, pack, &why, e);
	}
	/* All objects are whole: then it is what lies around them. */
	if (rc == 0 && !bad)
		rc = report(c, VAULT_PACK, 0, pack, pack, first, e);
	buf_release(&b);
	free(all);
	return rc;
}

static int check_data(struct check *c, const uint8_t id[32], uint64_t size,
		      struct err *e)
{
	struct place *p = c->v->conf.place;
	struct err why = ERR_INIT;
	int rc = p->ops->pack_get(p, id, 0, c->bytes, (size_t)size, &why);

	if (rc == 0)
		rc = packread_check(c->v->conf.keys, id, c->bytes,
				    (size_t)size, NULL, NULL, &why);
	c->r->bytes += size;
	if (rc == 0)
		return 0;
	return is_verdict(rc) ? check_each(c, id, &why, e) :
		judge(c, rc, VAULT_PACK, 0, id, id, &why, e);
}

static int check_pack(struct check *c, const uint8_t id[32], uint64_t expect,
		      struct err *e)
{
	struct place *p = c->v->conf.place;
	struct err why = ERR_INIT;
	struct pack_head head;
	uint64_t size = 0;
	int rc = p->ops->pack_stat(p, id, &size, &why);

	if (rc == 0 && (size > PLACE_PACK_MAX || (expect && size != expect)))
		rc = err_set(&why, HUB_ECORRUPT, "it has %llu bytes",
			     (unsigned long long)size);
	if (rc == 0 && c->how->read_data) {
		rc = check_data(c, id, size, e);
		goto out;
	}
	if (rc == 0)
		rc = packread_head(c->v->read, id, &head, &why);
	rc = judge(c, rc, VAULT_PACK, 0, id, id, &why, e);
out:
	c->r->packs++;
	return rc < 0 ? rc : tick(c, e);
}

static int check_named(void *arg, const struct segment_pack *p, struct err *e)
{
	return check_pack(arg, p->id, (uint64_t)1 << p->klass, e);
}

static int check_there(void *arg, const uint8_t id[32], uint64_t size,
		       struct err *e)
{
	struct check *c = arg;

	if (catalog_pack(c->v->catalog, id) == 0 && !map_get(&c->metas, id,
							      32)) {
		c->r->unnamed++;
		c->r->unnamed_bytes += size;
	}
	return 0;
}

static int check_packs(struct check *c, struct err *e)
{
	struct place *p = c->v->conf.place;
	struct map_slot *s;
	size_t pos = 0;
	int rc = 0;

	while (rc == 0 && (s = map_next(&c->metas, &pos)))
		rc = check_pack(c, (const uint8_t *)s->key, 0, e);
	if (rc == 0)
		rc = catalog_each(c->v->catalog, check_named, c, e);
	if (rc == 0)
		rc = p->ops->pack_each(p, check_there, c, e);
	return rc;
}

int vault_check(struct vault *v, const struct vault_check *how,
		struct vault_report *ret, struct err *e)
{
	struct check c;
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	memset(&c, 0, sizeof(c));
	c.v = v;
	c.how = how;
	c.r = ret;
	if (how->read_data) {
		c.bytes = malloc(PLACE_PACK_MAX);
		rc = c.bytes ? 0 : err_nomem(e);
	}
	if (rc == 0)
		rc = check_states(&c, e);
	if (rc == 0)
		rc = check_index(&c, e);
	if (rc == 0)
		rc = check_packs(&c, e);
	free(c.bytes);
	map_release(&c.device_seqs);
	map_release(&c.metas);
	return rc;
}
