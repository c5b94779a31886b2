/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_commit.c - a new state of a vault.
 *
 * Order: 1. all packs are put and durable, 2. a device sequence number is used
 * up, durably, 3. the state is created, 4. this computer remembers it.  Who
 * loses the race for a number takes the winner's state and starts again at the
 * index; packs stay where they are.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "crypt/hash.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "store/vault_internal.h"

#define RACE_MS 60000u

/* ---- meta objects ---- */

static int meta_put(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct vault_put *pt = arg;
	struct place *p = pt->v->conf.place;

	return p->ops->pack_put(p, pack->id, pack->bytes, pack->n, PLACE_NEW,
				e);
}

static int meta_done(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct vault_put *pt = arg;
	size_t need = pt->meta_n + pack->entries_n, i;
	struct vault_meta *m;

	if (need > pt->meta_alloc) {
		m = realloc(pt->meta, (need + 16) * sizeof(*m));
		if (!m)
			return err_nomem(e);
		pt->meta = m;
		pt->meta_alloc = need + 16;
	}
	for (i = 0; i < pack->entries_n; i++) {
		m = &pt->meta[pt->meta_n++];
		memcpy(m->name, pack->entries[i].name, 32);
		memcpy(m->pack, pack->id, 32);
		m->type = pack->entries[i].type;
	}
	return 0;
}

int vault_commit_where(const struct vault_put *pt, unsigned type,
		       const uint8_t name[32], uint8_t ret_pack[32])
{
	size_t i;

	for (i = 0; i < pt->meta_n; i++) {
		if (pt->meta[i].type != type ||
		    memcmp(pt->meta[i].name, name, 32))
			continue;
		memcpy(ret_pack, pt->meta[i].pack, 32);
		return 0;
	}
	return HUB_EABSENT;
}

int vault_commit_store(struct vault_put *pt, unsigned type, const void *p,
		       size_t n, uint8_t ret_name[32], struct err *e)
{
	struct packer_conf conf;
	uint8_t name[32], pack[32];
	int rc = 0;

	keyring_name(pt->v->conf.keys, (int)type, p, n, name);
	memcpy(ret_name, name, 32);
	if (vault_commit_where(pt, type, name, pack) == 0)
		return 0;
	if (!pt->metas) {
		memset(&conf, 0, sizeof(conf));
		conf.keys = pt->v->conf.keys;
		conf.put = meta_put;
		conf.done = meta_done;
		conf.arg = pt;
		rc = packer_open(&conf, &pt->metas, e);
	}
	return rc < 0 ? rc : packer_add(pt->metas, type, name, p, n, e);
}

int vault_commit_flush(struct vault_put *pt, struct err *e)
{
	return pt->metas ? packer_flush(pt->metas, e) : 0;
}

/* ---- what this put relied on ---- */

static int gone(const uint8_t pack[32], struct err *e)
{
	char hex[17];

	hex_encode(hex, pack, 8);
	return err_set(e, HUB_EABSENT, "content that was there (pack %s...) "
		       "has been removed meanwhile: it must be stored again",
		       hex);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int is_noted(const struct vault_put *pt, const uint8_t pack[32])
{
	size_t i;

	for (i = 0; i < pt->packs_n; i++)
		if (!memcmp(pt->packs[i].id, pack, 32))
			return 1;
	return 0;
}

int vault_put_take(struct vault_put *pt, const uint8_t pack[32],
		   struct err *e)
{
	struct vault *v = pt->v;
	struct pack_entry *all = NULL;
	struct segment_pack sp;
	struct pack_head head;
	size_t n = 0;
	int rc;

	if (is_noted(pt, pack))
		return 0;
	rc = packread_head(v->read, pack, &head, e);
	if (rc == 0)
		rc = packread_dir(v->read, pack, &all, &n, e);
	if (rc == HUB_EABSENT)
		return gone(pack, e);
	if (rc < 0)
		return rc;
	memset(&sp, 0, sizeof(sp));
	memcpy(sp.id, pack, 32);
	sp.klass = (uint8_t)head.klass;
	sp.kind = (uint8_t)head.kind;
	sp.named = (uint64_t)os_now();
	rc = vault_put_note(pt, &sp, all, n, e);
	free(all);
	return rc;
}

/* When packs were dropped, read at first need: it costs the whole index. */
struct drops { struct segment_drop *all; size_t n; int have; };

/* Bytes of packs dropped long ago may be deleted at any moment. */
static int take_back(struct vault_put *pt, const uint8_t pack[32],
		     struct drops *drops, struct err *e)
{
	uint64_t now = (uint64_t)os_now();
	const struct segment_drop *d = NULL;
	int rc = drops->have ? 0 :
		vault_index_drops(pt->v, &drops->all, &drops->n, e);

	drops->have = rc == 0;
	if (rc == 0 && drops->n)
		d = bsearch(pack, drops->all, drops->n, sizeof(*d), by_id);
	if (rc == 0 && (!d || (now > d->time &&
			       now - d->time > VAULT_TAKE_BACK)))
		rc = gone(pack, e);
	return rc < 0 ? rc : vault_put_take(pt, pack, e);
}

static int check_relied(struct vault_put *pt, struct err *e)
{
	struct drops drops = { NULL, 0, 0 };
	struct map_slot *s;
	size_t pos = 0;
	int rc = 0, is;

	while (rc == 0 && (s = map_next(&pt->relied, &pos))) {
		const uint8_t *id = (const uint8_t *)s->key;

		is = catalog_pack(pt->v->catalog, id);
		if (is == 2)
			rc = take_back(pt, id, &drops, e);
		else if (is == 0)
			rc = gone(id, e);
	}
	free(drops.all);
	return rc;
}

/* ---- the new state ---- */

static int is_whole(struct vault *v, const struct vaultstate_obj *o)
{
	struct buf b = BUF_INIT;
	int rc = vault_index_object(v, PACK_REFS, o->name, o->pack, &b, NULL);

	buf_release(&b);
	return rc == 0;
}

static int set_refs(struct vault_put *pt, const struct vault_change *c,
		    struct vaultstate *s, struct err *e)
{
	const struct vaultstate_obj *was = &pt->base_refs;
	struct buf b = BUF_INIT;
	int rc;

	if (!c->refs)
		return 0;
	if (was->has != s->refs.has ||
	    (was->has && memcmp(was->name, s->refs.name, 32)))
		return err_set(e, HUB_ECONFLICT, "another computer moved the "
			       "refs at '%s' meanwhile",
			       pt->v->conf.place->name);
	vaultrefs_encode(&b, c->refs);
	rc = buf_error(&b) ? err_nomem(e) : 0;
	if (rc == 0 && b.n > VAULTREFS_MAX)
		rc = err_set(e, HUB_ELIMIT, "the list of refs has %zu bytes",
			     b.n);
	if (rc == 0)
		rc = vault_commit_store(pt, PACK_REFS, b.p, b.n, s->refs.name,
					e);
	buf_release(&b);
	if (rc == 0 && was->has && !memcmp(was->name, s->refs.name, 32) &&
	    is_whole(pt->v, &s->refs))
		return 0;	/* as they were, where they were */
	if (rc == 0)
		rc = vault_commit_flush(pt, e);
	if (rc == 0 && vault_commit_where(pt, PACK_REFS, s->refs.name,
					  s->refs.pack) < 0)
		rc = err_set(e, HUB_EBUG, "refs went nowhere");
	s->refs.has = 1;
	return rc;
}

static int set_vector(const struct vault *v, const struct vault_change *c,
		      struct vaultstate *s, struct err *e)
{
	struct vaultstate_vec own;
	int rc = vaultstate_join(s, c->join, c->join ? c->join_n : 0, e);

	memcpy(own.device, v->conf.signer->device, 16);
	own.n = c->change;
	return rc < 0 ? rc : vaultstate_join(s, &own, 1, e);
}

static int set_drops(struct vault_put *pt, const struct vault_change *c,
		     struct err *e)
{
	size_t i;

	pt->drops_n = 0;
	if (!c->drops_n)
		return 0;
	free(pt->drops);
	pt->drops = calloc(c->drops_n, sizeof(*pt->drops));
	if (!pt->drops)
		return err_nomem(e);
	for (i = 0; i < c->drops_n; i++) {
		memcpy(pt->drops[i].id, c->drops[i], 32);
		pt->drops[i].time = (uint64_t)os_now();
	}
	pt->drops_n = c->drops_n;
	return 0;
}

void vault_commit_count(struct vault_put *pt, struct vaultstate *s)
{
	struct place *p = pt->v->conf.place;
	uint64_t size;
	size_t i;

	for (i = 0; i < pt->packs_n; i++) {
		if (pt->packs[i].kind != PACK_DATA)
			continue;
		s->settled_packs++;
		s->settled_bytes += (uint64_t)1 << pt->packs[i].klass;
	}
	/* A rebuilt index never counted them. */
	for (i = 0; !pt->base && i < pt->drops_n; i++) {
		if (p->ops->pack_stat(p, pt->drops[i].id, &size, NULL) < 0 ||
		    s->settled_packs == 0 || s->settled_bytes < size)
			continue;
		s->settled_packs--;
		s->settled_bytes -= size;
	}
}

void vault_commit_index(struct vaultstate *s, const struct vaultstate *from)
{
	s->recent_n = from->recent_n;
	memcpy(s->recent, from->recent, sizeof(s->recent));
	s->list = from->list;
	s->inline_n = from->inline_n;
	memcpy(s->inline_segment, from->inline_segment,
	       sizeof(s->inline_segment));
	s->settled_packs = from->settled_packs;
	s->settled_bytes = from->settled_bytes;
}

static int make_state(struct vault_put *pt, const struct vault_change *c,
		      struct vaultstate *s, struct err *e)
{
	const struct vault *v = pt->v;
	int rc;

	*s = *v->st;
	s->time = (uint64_t)os_now();
	s->kind = c->kind ? c->kind : VAULTSTATE_ORDINARY;
	memcpy(s->device, v->conf.signer->device, 16);
	s->chain = *v->conf.signer->chain;
	if (pt->base)
		vault_commit_index(s, pt->base);
	rc = pt->base ? 0 : check_relied(pt, e);
	if (rc == 0)
		rc = set_refs(pt, c, s, e);
	if (rc == 0)
		rc = set_vector(v, c, s, e);
	if (rc == 0)
		rc = set_drops(pt, c, e);
	if (rc == 0)
		rc = vault_level(pt, s, e);
	if (rc == 0)
		vault_commit_count(pt, s);
	return rc;
}

/* ---- create ---- */

static int create(struct vault_put *pt, struct vaultstate *s, struct err *e)
{
	struct vault *v = pt->v;
	struct place *p = v->conf.place;
	struct vaultstate *again = malloc(sizeof(*again));
	struct vaultstate_head head, head2;
	struct buf b = BUF_INIT;
	int rc;

	memset(&head, 0, sizeof(head));
	head.seq = (v->top ? v->top : v->seq) + 1;
	if (!v->top)
		memcpy(head.previous, v->hash, 32);
	else if (v->mark->seq == v->top)	/* as it was */
		memcpy(head.previous, v->mark->hash, 32);
	else				/* as it is since it was put aside */
		hash_once(head.previous, "", 0);
	rc = again ? p->ops->flush(p, e) : err_nomem(e);
	if (rc == 0)
		rc = vault_mark_count(v, &s->device_seq, e);
	if (rc == 0)
		rc = vault_state_seal(v, &head, s, &b, e);
	/* Nobody is shown what we could not read ourselves. */
	if (rc == 0)
		rc = vault_state_open(v, head.seq, b.p, b.n, &head2, again, e);
	if (rc == 0)
		rc = p->ops->state_create(p, head.seq, b.p, b.n, e);
	if (rc == 0) {
		rc = vault_take(v, head.seq, &b, e);
		rc = rc > 0 ? 0 : rc;
	}
	free(again);
	buf_release(&b);
	return rc;
}

/* A while that grows with the number of lost races, and is never the same. */
static void wait_a_little(unsigned lost)
{
	unsigned most = lost < 7 ? 2u << lost : 256;
	uint8_t r[2];

	os_random(r, sizeof(r));
	os_sleep_ms(((unsigned)r[0] << 8 | r[1]) % most);
}

int vault_commit(struct vault_put *pt, const struct vault_change *c,
		 struct err *e)
{
	struct vaultstate *s = calloc(1, sizeof(*s));
	unsigned lost = 0;
	int rc;

	if (!s)
		return err_nomem(e);
	for (;;) {
		vault_index_forget_fresh(pt->v);
		rc = make_state(pt, c, s, e);
		if (rc == 0)
			rc = create(pt, s, e);
		else if (rc == HUB_ECONFLICT)
			break;		/* the caller's to solve */
		if (rc != HUB_ECONFLICT)
			break;
		if (pt->base || os_mono_ms() > pt->until_ms ||
		    os_interrupted()) {
			rc = err_set(e, os_interrupted() ? HUB_ECANCEL
				     : HUB_EBUSY, "other computers write to "
				     "'%s' all the time: try again later",
				     pt->v->conf.place->name);
			break;
		}
		wait_a_little(lost++);
		rc = vault_refresh(pt->v, e);
		if (rc < 0)
			break;
	}
	if (rc == 0) {
		pt->base_refs = pt->v->st->refs;
		rc = vault_put_clear(pt, e);
	}
	vault_index_forget_fresh(pt->v);
	packer_close(pt->metas);
	pt->metas = NULL;
	free(s);
	return rc;
}

int vault_put_commit(struct vault_put *pt, const struct vault_change *c,
		     struct err *e)
{
	int rc = packer_flush(pt->packer, e);

	if (rc < 0)
		return rc;
	pt->until_ms = os_mono_ms() + RACE_MS;
	rc = vault_commit(pt, c, e);
	if (rc == HUB_ECONFLICT) {
		/* The next commit stands on what the caller sees now. */
		pt->base_refs = pt->v->st->refs;
	}
	return rc;
}
