/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_repair.c - mending a vault.
 *
 * What is damaged is told by what it must be: a pack whose bytes are not those
 * of its id, a state that cannot be opened.  What only this device may be unable
 * to read (other keys, a newer version) stays as it is: a pack of the right
 * bytes; a newest state, unless this computer saw other bytes there; an older
 * one, if its follower names these bytes.
 *
 * Order: 1. objects of damaged packs into new packs, 2. damaged states put
 * aside, empty ones stand for them, 3. a checkpoint that names what is whole,
 * 4. damaged packs, which nobody names now, put aside.  After a kill anywhere
 * the next run finds what is left to do.
 *
 * Nobody is locked out: who makes a state meanwhile is met as by any commit, and
 * who relied on a damaged pack finds it dropped and stores its content again.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "store/vault_repair_internal.h"

#define BACK_MAX 10000u		/* states looked at for one that is whole */

/* ---- opening where the newest states are damaged ---- */

/* Is it damage that keeps us from reading state ${seq}?  What this computer has
 * seen there is no damage, whatever the reason. */
static int is_bad(const struct vault *v, uint64_t seq, int rc,
		  const struct buf *b)
{
	uint8_t hash[32];

	if (rc == HUB_ECORRUPT || rc == HUB_EABSENT)
		return 1;
	if (rc == HUB_EREMOTE)		/* of one who was removed: void */
		return v->refused == seq;
	if ((rc != HUB_EAUTH && rc != HUB_EVERSION) || v->mark->seq != seq)
		return 0;
	hash_once(hash, b->p, b->n);
	return memcmp(hash, v->mark->hash, 32) != 0;
}

int vault_repair_refresh(struct vault *v, struct err *e)
{
	struct place *p = v->conf.place;
	uint64_t hint = v->seq > v->mark->seq ? v->seq : v->mark->seq;
	uint64_t seq = 0, at;
	struct buf b = BUF_INIT;
	unsigned tries = 0;
	int rc = p->ops->state_newest(p, hint, &seq, e), took = 0;

	if (rc == HUB_ECORRUPT)		/* no folder of states */
		rc = 0;
	for (at = seq; rc == 0 && at > v->seq && tries++ < BACK_MAX; at--) {
		buf_reset(&b);
		rc = p->ops->state_get(p, at, &b, e);
		if (rc == 0)
			rc = vault_take(v, at, &b, e);
		if (rc > 0) {
			took = 1;
			break;
		}
		if (is_bad(v, at, rc, &b))
			rc = 0;
	}
	buf_release(&b);
	if (rc == 0 && !took && at > v->seq)
		rc = err_set(e, HUB_ELIMIT, "the last %u states of '%s' cannot "
			     "be read: bring its folder of states back from a "
			     "copy", BACK_MAX, p->name);
	if (rc < 0)
		return rc;
	err_clear(e);
	seq = seq > hint ? seq : hint;
	v->top = seq > v->seq ? seq : 0;
	return took;
}

/* ---- looking ---- */

/* 1: there is no such pack, or it is damaged; ${*there}: it is there. */
static int is_damaged(struct vault_mend *m, const uint8_t id[32], int *there,
		      struct err *e)
{
	struct place *p = m->v->conf.place;
	uint8_t hash[32];
	uint64_t size = 0;
	int rc = p->ops->pack_stat(p, id, &size, e);

	*there = rc != HUB_EABSENT;
	if (rc == 0 && size > PLACE_PACK_MAX)
		return 1;
	if (rc == 0)
		rc = p->ops->pack_get(p, id, 0, m->bytes, (size_t)size, e);
	if (rc == HUB_EABSENT || rc == HUB_ECORRUPT) {
		err_clear(e);
		return 1;
	}
	if (rc < 0)
		return rc;
	hash_tree(hash, m->bytes, (size_t)size);
	return memcmp(hash, id, 32) != 0;
}

static int in_index(const struct vaultstate *s, const uint8_t id[32])
{
	size_t i;

	for (i = 0; i < s->recent_n; i++)
		if (!memcmp(s->recent[i].pack, id, 32))
			return 1;
	return s->list.has && !memcmp(s->list.pack, id, 32);
}

static int look_pack(struct vault_mend *m, const uint8_t id[32],
		     struct err *e)
{
	int rc, there;

	if (map_get(&m->asked, id, 32))
		return 0;
	if (map_put(&m->asked, id, 32, m))
		return err_nomem(e);
	rc = is_damaged(m, id, &there, e);
	if (rc <= 0)
		return rc;
	if (catalog_pack(m->v->catalog, id) == 1)
		m->data = 1;
	else if (in_index(m->v->st, id))
		m->index = 1;
	return map_put(&m->bad, id, 32, m) ? err_nomem(e) : 0;
}

static int look_state(struct vault_mend *m, uint64_t seq, struct err *e)
{
	size_t n = m->states_alloc ? 2 * m->states_alloc : 16;
	void *p;

	if (m->states_n == m->states_alloc) {
		p = realloc(m->states, n * sizeof(*m->states));
		if (!p)
			return err_nomem(e);
		m->states = p;
		m->states_alloc = n;
	}
	m->states[m->states_n++] = seq;
	return 0;
}

static int problem(void *arg, const struct vault_problem *p, struct err *e)
{
	struct vault_mend *m = arg;
	int rc = 0;

	m->r->problems++;
	if (m->how->problem)
		rc = m->how->problem(m->how->arg, p, e);
	if (rc < 0)
		return rc;
	if (p->why->rc == HUB_EIO) {	/* not known to be damaged: it stays */
		m->r->unread++;
		return 0;
	}
	if (p->what == VAULT_STATE)	/* two histories cannot be mended */
		return p->why->rc == HUB_EREMOTE ? 0 : look_state(m, p->seq, e);
	if (p->what == VAULT_SEGMENT || p->what == VAULT_LIST)
		m->index = 1;
	return look_pack(m, p->pack, e);
}

static int progress(void *arg, const struct vault_report *r, struct err *e)
{
	struct vault_mend *m = arg;

	m->rep = *r;
	return m->how->progress ? m->how->progress(m->how->arg, r, e) : 0;
}

static int report(struct vault_mend *m, enum vault_what what, uint64_t seq,
		  const uint8_t *id, const char *text, struct err *e)
{
	struct err why = ERR_INIT;
	struct vault_problem p = { .what = what, .seq = seq, .why = &why };

	err_set(&why, HUB_ECORRUPT, "%s", text);
	if (id) {
		memcpy(p.id, id, 32);
		memcpy(p.pack, id, 32);
	}
	m->r->problems++;
	return m->how->problem ? m->how->problem(m->how->arg, &p, e) : 0;
}

/* A damaged pack that no state names: of a repair that was killed, or dropped. */
static int stray(void *arg, const uint8_t id[32], uint64_t size,
		 struct err *e)
{
	struct vault_mend *m = arg;
	int rc, there;

	(void)size;
	if (catalog_pack(m->v->catalog, id) == 1 || map_get(&m->asked, id, 32))
		return 0;
	rc = is_damaged(m, id, &there, e);
	if (rc == HUB_EIO) {
		err_clear(e);
		m->r->unread++;
		return 0;
	}
	if (rc == 0 && !m->v->seq)	/* all states are gone */
		m->index = 1;
	if (rc <= 0 || !there)
		return rc < 0 ? rc : 0;
	if (map_put(&m->stray, id, 32, m))
		return err_nomem(e);
	return report(m, VAULT_PACK, 0, id, "it is damaged, and no state needs "
		      "it", e);
}

/* Where the index has to be made anew nobody can say what no state needs: all but
 * what was dropped counts as named. */
static int adopt_strays(struct vault_mend *m, struct err *e)
{
	struct map_slot *s;
	size_t pos = 0;
	int rc = 0;

	while (rc == 0 && m->index && (s = map_next(&m->stray, &pos)))
		if (catalog_pack(m->v->catalog, (const uint8_t *)s->key) == 0 &&
		    map_put(&m->bad, s->key, 32, m))
			rc = err_nomem(e);
	return rc;
}

static int look(struct vault_mend *m, struct err *e)
{
	struct vault_check how = { .read_data = 1, .pass_unread = 1,
				   .problem = problem,
				   .progress = progress, .arg = m };
	struct place *p = m->v->conf.place;
	struct vault_report r;
	uint64_t seq;
	int rc = vault_refresh(m->v, e);

	rc = rc < 0 ? rc : 0;
	for (seq = m->v->seq + 1; rc == 0 && seq <= m->v->top; seq++)
		rc = report(m, VAULT_STATE, seq, NULL, "it is missing, "
			    "cannot be opened, or was made by one who "
			    "was removed", e);
	m->index |= m->v->top || m->v->lost;
	if (rc == 0)
		rc = vault_check(m->v, &how, &r, e);
	if (rc == 0)
		rc = p->ops->pack_each(p, stray, m, e);
	return rc == 0 ? adopt_strays(m, e) : rc;
}

/* ---- mending ---- */

/* Does the state after ${seq} name the bytes ${b}?  Then nothing is wrong with
 * them: who made it could read them. */
static int is_as_made(const struct vault_mend *m, uint64_t seq,
		      const struct buf *b)
{
	struct place *p = m->v->conf.place;
	struct vaultstate_head head;
	struct buf next = BUF_INIT;
	uint8_t hash[32];
	int is = !p->ops->state_get(p, seq + 1, &next, NULL) &&
		!vaultstate_head_decode(&head, next.p, next.n, NULL);

	hash_once(hash, b->p, b->n);
	is = is && !memcmp(head.previous, hash, 32);
	buf_release(&next);
	return is;
}

/* State ${seq} is put aside, if it still cannot be read. */
static int void_state(struct vault_mend *m, uint64_t seq, struct err *e)
{
	struct place *p = m->v->conf.place;
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	uint8_t hash[32];
	int rc = s ? p->ops->state_get(p, seq, &b, e) : err_nomem(e);

	if (rc == 0)
		rc = vault_state_open(m->v, seq, b.p, b.n, &head, s, e);
	if (rc == 0) {
		hash_once(hash, b.p, b.n);
		rc = vault_gone_check(m->v, seq, hash, s, e);
	}
	if ((rc == HUB_EAUTH || rc == HUB_EVERSION) && is_as_made(m, seq, &b)) {
		err_clear(e);
		rc = 0;
	} else if (rc == HUB_EABSENT || err_is_damage(rc) ||
		   (rc == HUB_EREMOTE && m->v->refused == seq)) {
		err_clear(e);
		rc = p->ops->aside(p, PLACE_STATE, NULL, seq, e);
		m->r->states += rc == 0 && b.n;
	}
	free(s);
	buf_release(&b);
	return rc;
}

static int void_states(struct vault_mend *m, struct err *e)
{
	uint64_t seq, top = m->v->top;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->states_n; i++)
		rc = void_state(m, m->states[i], e);
	for (seq = m->v->seq + 1; rc == 0 && seq <= top; seq++)
		rc = void_state(m, seq, e);
	return rc;
}

/* Packs of data that are dropped by the next state.  Owned: free(). */
static int bad_data(struct vault_mend *m, uint8_t (**ret)[32], size_t *ret_n,
		    struct err *e)
{
	uint8_t (*ids)[32] = calloc(m->bad.count + 1, 32);
	struct map_slot *s;
	size_t pos = 0, n = 0;

	if (!ids)
		return err_nomem(e);
	while ((s = map_next(&m->bad, &pos)))
		if (catalog_pack(m->v->catalog,
				 (const uint8_t *)s->key) == 1)
			memcpy(ids[n++], s->key, 32);
	*ret = ids;
	*ret_n = n;
	return 0;
}

/* A checkpoint on the index as it is. */
static int commit(struct vault_mend *m, struct err *e)
{
	struct vault_change c = { .kind = VAULTSTATE_CHECKPOINT,
				  .join = m->v->mark->vector,
				  .join_n = m->v->mark->vector_n };
	uint8_t (*ids)[32] = NULL;
	int rc = bad_data(m, &ids, &c.drops_n, e);

	c.drops = (const uint8_t (*)[32])ids;
	if (rc == 0)
		rc = vault_put_commit(m->pt, &c, e);
	free(ids);
	return rc;
}

/* A checkpoint on an index made anew: of what is there, the packs that were just
 * put included. */
static int rebuild(struct vault_mend *m, struct err *e)
{
	struct place *p = m->v->conf.place;
	struct vault_check how = { .progress = progress, .arg = m };
	struct vault_report r;
	int rc = packer_flush(m->pt->packer, e);

	if (rc == 0)
		rc = p->ops->flush(p, e);
	vault_put_end(m->pt);
	m->pt = NULL;
	m->v->skip = &m->bad;
	if (rc == 0)
		rc = vault_rebuild(m->v, &how, &r, e);
	m->v->skip = NULL;
	m->r->rebuilt = rc == 0;
	return rc;
}

static int new_state(struct vault_mend *m, struct err *e)
{
	int rc = vault_put_begin(m->v, &m->pt, e);

	if (rc == 0)
		rc = vault_salvage_store(m, e);
	if (rc == 0)
		rc = void_states(m, e);
	if (rc == 0)
		rc = m->index ? rebuild(m, e) : commit(m, e);
	vault_put_end(m->pt);
	m->pt = NULL;
	return rc;
}

/* Looked at once more, as others go on: 1: it is there, still damaged, and still
 * not named. */
static int may_go(struct vault_mend *m, const uint8_t id[32], struct err *e)
{
	int rc = vault_refresh(m->v, e), there = 0;

	if (rc < 0 || catalog_pack(m->v->catalog, id) == 1)
		return rc < 0 ? rc : 0;
	rc = is_damaged(m, id, &there, e);
	return rc > 0 ? there : rc;
}

static int put_aside(struct vault_mend *m, const struct map *ids,
		     struct err *e)
{
	struct place *p = m->v->conf.place;
	struct map_slot *s;
	size_t pos = 0;
	int rc = 0;

	while (rc >= 0 && (s = map_next(ids, &pos))) {
		const uint8_t *id = (const uint8_t *)s->key;

		rc = may_go(m, id, e);
		if (rc <= 0)
			continue;
		rc = p->ops->aside(p, PLACE_PACK, id, 0, e);
		m->r->packs += rc == 0;
		if (rc == HUB_EABSENT) {	/* another repair */
			err_clear(e);
			rc = 0;
		}
	}
	return rc < 0 ? rc : 0;
}

static int mend(struct vault_mend *m, struct err *e)
{
	int rc = look(m, e);

	if (rc == 0)
		rc = vault_salvage_list(m, e);
	if (rc < 0)
		return rc;
	if (m->how->dry_run)
		return vault_salvage_store(m, e);
	if (m->data || m->index || m->states_n)
		rc = new_state(m, e);
	if (rc == 0)
		rc = put_aside(m, &m->bad, e);
	if (rc == 0)
		rc = put_aside(m, &m->stray, e);
	return rc;
}

int vault_repair(struct vault *v, const struct vault_repair *how,
		 struct vault_repaired *ret, struct err *e)
{
	struct vault_mend m;
	int rc;

	if (!v->conf.mend)
		BUG("a vault that was not opened for mending");
	memset(ret, 0, sizeof(*ret));
	memset(&m, 0, sizeof(m));
	m.v = v;
	m.how = how;
	m.r = ret;
	m.bytes = malloc(PLACE_PACK_MAX);
	rc = m.bytes ? mend(&m, e) : err_nomem(e);
	map_release(&m.bad);
	map_release(&m.asked);
	map_release(&m.stray);
	free(m.states);
	free(m.todo);
	free(m.bytes);
	return rc;
}
