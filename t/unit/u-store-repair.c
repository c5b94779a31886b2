/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-repair.c - vault_repair(): damage of every kind in packs, states and
 * index, with and without another place that has the content.
 */
#include "lib-vaultcase.h"
#include "store/file.h"

#define N 400u		/* objects of SIZE bytes, put by six states */
#define SIZE 600u

static struct place *good;	/* another place with the same content */
static struct vault *good_v;

static int from_good(void *arg, struct file_want *w, struct err *e)
{
	struct file_store s;

	(void)arg;
	vault_store(good_v, &s);
	return s.read(s.arg, w, 1, e);
}

static void fill(struct place *p, const char *cache)
{
	struct err e = ERR_INIT;
	struct vault *v = open_as(p, &dev1, cache, NULL, &e);
	unsigned i;

	for (i = 0; i < 4; i++)
		put_range(v, i * N / 4, (i + 1) * N / 4, SIZE, &e);
	vault_close(v);
}

static struct vault *open_mend(struct place *p, const char *cache,
			       struct err *e)
{
	struct vault_conf c;
	struct vault *v = NULL;

	memset(&c, 0, sizeof(c));
	c.place = p;
	c.keys = ring;
	c.signer = &dev2.signer;
	c.cache = cache;
	c.mend = 1;
	if (vault_open(&c, &v, e) < 0)
		printf("# open to mend: %s\n", e->msg);
	return v;
}

static int mend(struct place *p, const char *cache, int with_good, int dry,
		struct vault_repaired *r)
{
	struct err e = ERR_INIT;
	struct vault *v = open_mend(p, cache, &e);
	struct vault_repair how;
	int rc = v ? 0 : -1;

	memset(&how, 0, sizeof(how));
	how.from = with_good ? from_good : NULL;
	how.dry_run = dry;
	if (v)
		rc = vault_repair(v, &how, r, &e);
	if (rc < 0)
		printf("# repair: %s\n", e.msg);
	vault_close(v);
	return rc;
}

static uint64_t damage_of(struct place *p)
{
	struct err e = ERR_INIT;
	struct vault *v = open_as(p, NULL, fresh_cache(), NULL, &e);
	struct vault_check how;
	struct vault_report r;

	if (!v)
		return 9999;
	memset(&how, 0, sizeof(how));
	how.read_data = 1;
	if (vault_check(v, &how, &r, &e) < 0)
		r.damaged = 9998;
	vault_close(v);
	return r.damaged;
}

static uint64_t right(struct place *p, const char *cache)
{
	struct err e = ERR_INIT;
	struct vault *v = open_as(p, NULL, cache, NULL, &e);
	uint64_t n = v ? count_right(v, 0, N, SIZE) : 0;

	vault_close(v);
	return n;
}

/* The packs there, of data or not: ids of at most ${max}. */
static int packs_of(struct place *p, int data, uint8_t (*ids)[32], int max)
{
	struct err e = ERR_INIT;
	struct vault *v = open_as(p, NULL, fresh_cache(), NULL, &e);
	struct mem_object *o;
	int n = 0;

	for (o = ((struct mem_place *)p)->all; v && o && n < max; o = o->next)
		if (o->kind == MEM_PACK &&
		    (catalog_pack(v->catalog, o->id) == 1) == data)
			memcpy(ids[n++], o->id, 32);
	vault_close(v);
	return n;
}

/* Each byte class of a pack; -1: it is gone, -2: it is cut short. */
static void spoil(struct place *p, const uint8_t id[32], int how)
{
	struct buf *b = &mem_object(p, MEM_PACK, id, 32, 0)->data;

	if (how == -1)
		p->ops->pack_delete(p, id, NULL);
	else if (how == -2)
		b->n /= 2;
	else
		b->p[(size_t)how % b->n] ^= 0x10;
}

static void packs(int data)
{
	/* magic, version, kind, class, epoch, commitment, nonce, box, objects,
	 * the last byte */
	static const int at[] = { 0, 4, 6, 7, 9, 20, 60, 90, 150, 3000,
				  0x7fffffff, -1, -2 };
	struct err e = ERR_INIT;
	struct vault_repaired r;
	uint8_t ids[64][32];
	char seen[1000];
	size_t i;
	int n;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct place *p = new_place(&e);

		snprintf(seen, sizeof(seen), "%s", fresh_cache());
		fill(p, seen);
		n = packs_of(p, data, ids, 64);
		spoil(p, ids[i % (size_t)n], at[i]);
		mend(p, fresh_cache(), 1, 1, &r);
		ok(r.problems > 0 && r.packs == 0 && r.lost == 0 &&
		   damage_of(p) > 0, "dry run: at %d: %d problems", at[i],
		   (int)r.problems);
		ok(mend(p, fresh_cache(), 1, 0, &r) == 0 && r.lost == 0,
		   "... mended: %d objects%s", (int)r.objects,
		   r.rebuilt ? ", index rebuilt" : "");
		ok(damage_of(p) == 0, "... nothing is damaged any more");
		ok(right(p, seen) == N, "... all is right, for one who saw it "
		   "before");
		ok((mem_object(p, MEM_ASIDE, "", 0, 1) != NULL) ==
		   (at[i] != -1), "... what was damaged is kept");
		mend(p, fresh_cache(), 1, 0, &r);
		ok(r.problems == 0 && !r.rebuilt, "... and no more to do");
		place_close(p);
	}
}

static void without_source(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault_repaired r;
	uint8_t ids[64][32];
	struct vault *v;

	fill(p, fresh_cache());
	packs_of(p, 1, ids, 64);
	spoil(p, ids[0], 150);
	ok(mend(p, fresh_cache(), 0, 0, &r) == 0 && r.lost == 1 &&
	   r.objects > 0, "no other place: one object is lost, %d are saved",
	   (int)r.objects);
	ok(damage_of(p) == 0 && right(p, fresh_cache()) == N - 1,
	   "... never wrong");
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	put_range(v, 0, N, SIZE, &e);
	ok(count_right(v, 0, N, SIZE) == N, "... who has it stores it again");
	vault_close(v);
	place_close(p);
}

static struct buf *state_of(struct place *p, uint64_t seq)
{
	return &mem_object(p, MEM_STATE, "", 0, seq)->data;
}

/* A damaged or missing newest state; ${mine}: this computer has seen it. */
static void newest(int gone, int mine)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char all[1000], some[1000], cache[1000];
	struct vault_repaired r;
	struct vault *v;

	snprintf(all, sizeof(all), "%s", fresh_cache());
	snprintf(some, sizeof(some), "%s", fresh_cache());
	snprintf(cache, sizeof(cache), "%s", mine ? all : fresh_cache());
	fill(p, all);
	v = open_as(p, &dev1, some, NULL, &e);	/* has seen 4, and 5 comes */
	vault_close(v);
	v = open_as(p, &dev1, all, NULL, &e);
	put_range(v, N, N + 50, SIZE, &e);
	vault_close(v);
	if (gone)
		p->ops->state_delete(p, 5, &e);
	else
		state_of(p, 5)->p[300] ^= 1;
	ok(mend(p, cache, 0, 0, &r) == 0, "state 5 %s: mended, %d put aside",
	   gone ? "is gone" : "is damaged", (int)r.states);
	ok(damage_of(p) == 0, "... nothing is damaged");
	ok(right(p, all) == N, "... who saw it goes on");
	ok(right(p, some) == N, "... who saw the one before goes on");
	v = open_as(p, &dev1, some, NULL, &e);
	ok(v && count_right(v, N, N + 50, SIZE) == 50 && vault_seq(v) == 6,
	   "... what it named is there");
	put_range(v, N + 50, N + 60, SIZE, &e);
	ok(vault_seq(v) == 7, "... and it goes on");
	vault_close(v);
	mend(p, all, 0, 0, &r);
	ok(r.problems == 0, "... and no more to do");
	place_close(p);
}

static void middle(int gone)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char early[1000], late[1000];
	struct vault_repaired r;
	struct vault *v;

	snprintf(early, sizeof(early), "%s", fresh_cache());
	snprintf(late, sizeof(late), "%s", fresh_cache());
	v = open_as(p, &dev1, early, NULL, &e);
	put_range(v, 0, 10, SIZE, &e);
	vault_close(v);
	fill(p, late);
	if (gone)
		p->ops->state_delete(p, 3, &e);
	else
		state_of(p, 3)->p[20] ^= 1;
	v = open_as(p, &dev1, early, NULL, &e);
	ok(!v, "an old state is %s: %s", gone ? "gone" : "damaged", e.msg);
	err_clear(&e);
	ok(mend(p, fresh_cache(), 0, 0, &r) == 0 && r.states == !gone &&
	   !r.rebuilt, "... it is put aside");
	ok(damage_of(p) == 0 && right(p, early) == N && right(p, late) == N,
	   "... everybody goes on");
	place_close(p);
}

/* An empty state without a checkpoint above it is what anybody could make. */
static void empty(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char early[1000];
	struct vault *v;
	int rc;

	snprintf(early, sizeof(early), "%s", fresh_cache());
	v = open_as(p, &dev1, early, NULL, &e);
	put_range(v, 0, 10, SIZE, &e);
	vault_close(v);
	fill(p, fresh_cache());
	p->ops->aside(p, PLACE_STATE, NULL, 3, &e);
	v = open_as(p, &dev1, early, &rc, &e);
	ok(!v && rc == HUB_ECORRUPT, "an empty state alone is damage: %s",
	   e.msg);
	ok(damage_of(p) == 1, "... and found");
	place_close(p);
}

/* A writer who knows the index already goes on where a segment is damaged that
 * would be merged with its own. */
static void goes_on(void)
{
	static const int at[] = { 4, 9, 20, 60, 150 };
	struct err e = ERR_INIT;
	char cache[1000];
	struct vault_repaired r;
	struct vault *v;
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct place *p = new_place(&e);

		snprintf(cache, sizeof(cache), "%s", fresh_cache());
		v = open_as(p, &dev1, cache, NULL, &e);
		put_range(v, 0, N, SIZE, &e);
		ok(vault_state(v)->recent_n > 0, "a segment");
		spoil(p, vault_state(v)->recent[0].pack, at[i]);
		vault_close(v);
		v = open_as(p, &dev1, cache, NULL, &e);
		ok(v && !put_range(v, N, 3 * N, SIZE, &e) &&
		   count_right(v, 0, 3 * N, SIZE) == 3 * N,
		   "... damaged at %d: more is stored", at[i]);
		vault_close(v);
		ok(mend(p, fresh_cache(), 0, 0, &r) == 0 && r.rebuilt &&
		   damage_of(p) == 0 && right(p, cache) == N, "... and mended");
		place_close(p);
	}
}

/* ---- who works at the same time ---- */

static struct { struct vault *v; uint8_t id[32]; int done; } other;

/* Another computer names the pack again, of which it reads only the head. */
static int name_again(void *arg, const struct vault_problem *pr, struct err *e)
{
	struct vault_change c;
	struct vault_put *pt = NULL;
	int rc;

	(void)arg;
	if (other.done || pr->what != VAULT_PACK)
		return 0;
	memset(&c, 0, sizeof(c));
	rc = vault_put_begin(other.v, &pt, e);
	if (!rc)
		rc = vault_put_take(pt, other.id, e);
	if (!rc)
		rc = vault_put_commit(pt, &c, e);
	vault_put_end(pt);
	other.done = !rc;
	return rc;
}

static int drop(struct place *p, const uint8_t id[32])
{
	struct err e = ERR_INIT;
	struct vault *v = open_as(p, &dev2, fresh_cache(), NULL, &e);
	struct vault_put *pt = NULL;
	struct vault_change c;
	int rc = vault_put_begin(v, &pt, &e);

	memset(&c, 0, sizeof(c));
	c.kind = VAULTSTATE_DROP;
	c.drops = (const uint8_t (*)[32])id;
	c.drops_n = 1;
	if (!rc)
		rc = vault_put_commit(pt, &c, &e);
	vault_put_end(pt);
	vault_close(v);
	return rc;
}

static void named_meanwhile(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char theirs[1000];
	struct vault_repair how;
	struct vault_repaired r;
	uint8_t ids[64][32];
	struct vault *v;
	int rc;

	snprintf(theirs, sizeof(theirs), "%s", fresh_cache());
	fill(p, theirs);
	packs_of(p, 1, ids, 64);
	memset(&other, 0, sizeof(other));
	memcpy(other.id, ids[0], 32);
	rc = drop(p, ids[0]);
	other.v = open_as(p, &dev1, theirs, NULL, &e);
	spoil(p, ids[0], 150);	/* the first object */
	v = open_mend(p, fresh_cache(), &e);
	memset(&how, 0, sizeof(how));
	how.from = from_good;
	how.problem = name_again;
	ok(!rc && vault_repair(v, &how, &r, &e) == 0 && other.done &&
	   r.packs == 0 && mem_object(p, MEM_PACK, ids[0], 32, 0),
	   "a damaged pack that is named again meanwhile stays");
	vault_close(v);
	vault_close(other.v);
	ok(mend(p, fresh_cache(), 1, 0, &r) == 0 && r.packs == 1 &&
	   damage_of(p) == 0 && right(p, theirs) == N,
	   "... the next repair mends it");
	place_close(p);
}

/* State 3 is of a version that we do not know, and state 4 names it so. */
static void newer(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	struct vault_repaired r;
	struct vault *v;
	struct buf *b;
	int rc;

	fill(p, fresh_cache());
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	b = state_of(p, 3);
	b->p[4] = 9;
	rc = vault_state_open(v, 4, state_of(p, 4)->p, state_of(p, 4)->n,
			      &head, s, &e);
	hash_once(head.previous, b->p, b->n);
	buf_reset(state_of(p, 4));
	if (!rc)
		rc = vault_state_seal(v, &head, s, state_of(p, 4), &e);
	vault_close(v);
	ok(!rc && mend(p, fresh_cache(), 0, 0, &r) == 0 && r.problems == 1 &&
	   r.states == 0 && state_of(p, 3)->n,
	   "a state of a newer version, which the next one names, stays");
	state_of(p, 3)->p[200] ^= 1;
	ok(mend(p, fresh_cache(), 0, 0, &r) == 0 && r.states == 1 &&
	   damage_of(p) == 0, "... but for a wrong byte in it");
	free(s);
	place_close(p);
}

/* More damaged states than are looked at: no whole vault is made of that. */
static void none_whole(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault_conf c;
	struct vault *v = NULL;
	uint64_t i;
	int rc;

	fill(p, fresh_cache());
	for (i = 5; i < 10006; i++)
		p->ops->state_create(p, i, "garbage", 7, &e);
	memset(&c, 0, sizeof(c));
	c.place = p;
	c.keys = ring;
	c.signer = &dev2.signer;
	c.cache = fresh_cache();
	c.mend = 1;
	rc = vault_open(&c, &v, &e);
	ok(rc == HUB_ELIMIT && !v, "too many states are damaged: %s", e.msg);
	vault_close(v);
	place_close(p);
}

int main(void)
{
	struct err e = ERR_INIT;
	static char cache[1000];

	case_begin();
	good = new_place(&e);
	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	fill(good, cache);
	good_v = open_as(good, NULL, cache, NULL, &e);
	packs(1);
	packs(0);
	without_source();
	newest(0, 0);
	newest(0, 1);
	newest(1, 1);
	middle(0);
	middle(1);
	empty();
	goes_on();
	named_meanwhile();
	newer();
	none_whole();
	vault_close(good_v);
	place_close(good);
	return case_end();
}
