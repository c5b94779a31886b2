/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-gc.c - gc of a vault: what is needed stays, what is not goes, in its
 * time; who races with it loses nothing.
 */
#include "lib-vaultcase.h"
#include "os/os_clock.h"
#include "store/file.h"
#include "store/gc.h"

#define DAY ((int64_t)86400)
#define FILES 700

static struct { struct pointer p; size_t size; int live; } files[FILES];
static int files_n, root_calls;
static void (*at_root)(void);	/* called once, by the first enumeration */
static int at_root_call;
static int64_t today;

static void set_day(int64_t d)
{
	char s[40];

	today = d;
	snprintf(s, sizeof(s), "%lld", (long long)(1700000000 + d * DAY));
	setenv("VIBEHUB_NOW", s, 1);
}

struct src { uint64_t seed; size_t at, n; };

static int src_read(void *arg, void *p, size_t n, size_t *ret_n, struct err *e)
{
	struct src *s = arg;
	static uint8_t all[8 << 20];

	(void)e;
	if (s->at == 0)
		test_object(all, s->n, s->seed + 1000000);
	if (n > s->n - s->at)
		n = s->n - s->at;
	memcpy(p, all + s->at, n);
	s->at += n;
	*ret_n = n;
	return 0;
}

/* A file of ${size} bytes into an open put; its number. */
static int add_file(struct vault_put *pt, size_t size, int live, struct err *e)
{
	struct src s = { (uint64_t)files_n, 0, size };
	struct file_source src = { .read = src_read, .arg = &s };
	int rc = file_put(vault_put_packer(pt), &src, &files[files_n].p, e);

	if (rc < 0)
		printf("# file_put: %s\n", e->msg);
	files[files_n].size = size;
	files[files_n].live = live;
	return files_n++;
}

static int put_file(struct vault *v, size_t size, int live)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct err e = ERR_INIT;
	int i = -1;

	memset(&c, 0, sizeof(c));
	if (vault_put_begin(v, &pt, &e) == 0)
		i = add_file(pt, size, live, &e);
	if (i >= 0 && vault_put_commit(pt, &c, &e) < 0)
		i = -1;
	vault_put_end(pt);
	if (i < 0)
		printf("# put: %s\n", e.msg);
	return i;
}

struct sink { struct buf b; };

static int sink_write(void *arg, const void *p, size_t n, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	buf_add(&s->b, p, n);
	return 0;
}

/* Does file ${i} come back as it was? */
static int whole(struct vault *v, int i)
{
	struct sink s = { BUF_INIT };
	struct file_sink sink = { .write = sink_write, .arg = &s };
	struct file_store store;
	struct err e = ERR_INIT;
	uint8_t *want = malloc(files[i].size);
	int rc;

	vault_store(v, &store);
	rc = file_get(&store, &files[i].p, &sink, &e);
	test_object(want, files[i].size, (uint64_t)i + 1000000);
	rc = rc == 0 && s.b.n == files[i].size &&
		!memcmp(s.b.p, want, s.b.n);
	buf_release(&s.b);
	free(want);
	return rc;
}

static int roots(void *arg, gc_root_fn fn, void *fn_arg, struct err *e)
{
	int i, rc = 0;

	(void)arg;
	for (i = 0; rc == 0 && i < files_n; i++)
		if (files[i].live)
			rc = fn(fn_arg, &files[i].p, e);
	if (++root_calls == at_root_call && at_root)
		at_root();
	return rc;
}

static struct gc_report gc(struct vault *v, int dry)
{
	struct gc_conf c = { .v = v, .roots = roots, .dry_run = dry };
	struct gc_report r;
	struct err e = ERR_INIT;
	int rc;

	root_calls = 0;
	rc = gc_run(&c, &r, &e);
	if (rc < 0) {
		printf("# gc: %s\n", e.msg);
		r.roots = 9999;
	}
	return r;
}

static struct place *p;
static struct vault *v, *w;

static void begin(void)
{
	struct err e = ERR_INIT;

	set_day(0);
	files_n = 0;
	at_root = NULL;
	at_root_call = 0;
	p = new_place(&e);
	v = open_as(p, &dev2, fresh_cache(), NULL, &e);
	w = open_as(p, &dev1, fresh_cache(), NULL, &e);
}

static void end(void)
{
	vault_close(v);
	vault_close(w);
	place_close(p);
	p = NULL;
}

static int count_one(void *arg, const uint8_t id[32], uint64_t size,
		     struct err *e)
{
	(void)id;
	(void)size;
	(void)e;
	++*(unsigned *)arg;
	return 0;
}

static unsigned packs(void)
{
	unsigned n = 0;
	struct err e = ERR_INIT;

	p->ops->pack_each(p, count_one, &n, &e);
	return n;
}

/* ---- cases ---- */

static void in_its_time(void)
{
	struct gc_report r;
	struct gc_conf c = { .v = NULL, .roots = roots };
	struct err e = ERR_INIT;
	int a, b, dead;
	uint64_t seq;

	begin();
	a = put_file(v, 3000000, 1);
	dead = put_file(v, 5000000, 0);
	b = put_file(v, 100000, 1);
	c.v = w;
	ok(gc_run(&c, &r, &e) == HUB_EDENIED, "an editor may not: '%s'",
	   e.msg);
	set_day(29);
	seq = vault_seq(v);
	r = gc(v, 0);
	ok(r.roots == 2 && r.live > 2 && !r.dropped && !r.missing &&
	   vault_seq(v) == seq, "younger than 30 days: nothing is dropped");
	set_day(31);
	r = gc(v, 1);
	ok(r.dropped >= 1 && vault_seq(v) == seq && whole(v, dead),
	   "dry run: it is counted and stays");
	r = gc(v, 0);
	ok(r.dropped >= 1 && !r.deleted && vault_seq(v) == seq + 1,
	   "older: dropped (%d packs)", (int)r.dropped);
	ok(whole(v, a) && whole(v, b) && !whole(v, dead),
	   "... what is needed is there");
	set_day(40);
	r = gc(v, 0);
	ok(!r.dropped && r.waiting >= 1, "the hold: bytes are there");
	set_day(62);
	r = gc(v, 0);
	ok(r.deleted >= 1 && r.deleted_bytes >= 4 << 20 && !r.waiting,
	   "after the hold they are deleted (%d)", (int)r.deleted);
	ok(whole(v, a) && whole(v, b), "... what is needed is there");
	vault_refresh(w, &e);
	ok(whole(w, a) && whole(w, b), "... for others, too");
	r = gc(v, 0);
	ok(!r.dropped && !r.deleted && !r.missing, "again: nothing to do");
	end();
}

static void needed_again(void)
{
	struct gc_report r;
	int a;

	begin();
	a = put_file(v, 5000000, 0);
	set_day(31);
	r = gc(v, 0);
	ok(r.dropped && !whole(v, a), "dropped");
	files[a].live = 1;
	set_day(63);
	r = gc(v, 0);
	ok(r.taken_back && !r.deleted && !r.missing && whole(v, a),
	   "needed again, after the hold but before its end: taken back");
	end();
}

static void become_live(void)
{
	files[0].live = 1;
}

/* A writer relies on content that is dropped meanwhile. */
static void racing(void)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct gc_report r;
	struct err e = ERR_INIT;
	int a;

	begin();
	memset(&c, 0, sizeof(c));
	a = put_file(v, 5000000, 0);
	set_day(31);
	at_root = become_live;
	at_root_call = 1;
	r = gc(v, 0);
	ok(r.dropped && r.taken_back && whole(v, a),
	   "refs that move between mark and drop: the second mark sees it");
	files[a].live = 0;
	at_root = NULL;
	set_day(100);
	vault_refresh(w, &e);
	vault_put_begin(w, &pt, &e);
	files_n = 0;	/* the same content again */
	add_file(pt, 5000000, 0, &e);
	r = gc(v, 0);
	ok(r.dropped && !whole(v, a), "dropped while a writer relies on it");
	ok(vault_put_commit(pt, &c, &e) == 0 && whole(w, a),
	   "... who takes it back");
	vault_put_end(pt);
	vault_refresh(v, &e);
	ok(whole(v, a), "... for all");
	set_day(200);
	vault_put_begin(w, &pt, &e);
	files_n = 0;
	add_file(pt, 5000000, 0, &e);
	r = gc(v, 0);
	ok(r.dropped, "dropped once more");
	set_day(203);
	ok(vault_put_commit(pt, &c, &e) == HUB_EABSENT,
	   "a writer of three days ago has to store it again: '%s'", e.msg);
	vault_put_end(pt);
	files_n = 0;
	ok(put_file(w, 5000000, 1) == 0 && whole(w, 0), "... and does");
	set_day(300);
	gc(v, 0);
	r = gc(v, 0);
	ok(whole(v, 0) && !r.missing, "... and it stays");
	end();
}

static void compaction(void)
{
	struct gc_report r;
	struct err e = ERR_INIT;
	int i, good = 0;
	unsigned before;

	begin();
	for (i = 0; i < 300; i++)
		put_file(v, 2000 + (size_t)i, i != 5);
	before = packs();
	r = gc(v, 0);
	ok(before >= 300 && r.rewritten >= 300,
	   "300 small packs are merged (%d)", (int)r.rewritten);
	for (i = 0; i < 300; i++)
		good += whole(v, i);
	ok(good == 300, "... all is there, the unneeded young one, too");
	vault_refresh(w, &e);
	for (i = good = 0; i < 300; i++)
		good += whole(w, i);
	ok(good == 300, "... for others");
	r = gc(v, 0);
	ok(r.packs < 20 && !r.rewritten, "... in %d packs, once",
	   (int)r.packs);
	set_day(3);
	r = gc(v, 0);
	ok(r.deleted >= 300 && packs() < before / 3,
	   "the old ones go after the short hold (%u left)", packs());
	for (i = good = 0; i < 300; i++)
		good += whole(v, i);
	ok(good == 300, "... all is there");
	end();
}

static void half_empty(void)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct gc_report r;
	struct err e = ERR_INIT;
	int small, big;

	begin();
	memset(&c, 0, sizeof(c));
	vault_put_begin(v, &pt, &e);
	small = add_file(pt, 700000, 1, &e);
	for (big = 0; big < 3; big++)
		add_file(pt, 7000000, 0, &e);
	ok(vault_put_commit(pt, &c, &e) == 0, "large packs, little needed");
	vault_put_end(pt);
	r = gc(v, 0);
	ok(!r.rewritten && !r.dropped, "young: nothing");
	set_day(31);
	r = gc(v, 0);
	ok(r.rewritten == 1 && whole(v, small) && !whole(v, 1),
	   "old: the pack is rewritten (%d)", (int)r.rewritten);
	r = gc(v, 0);
	ok(r.pack_bytes < 3000000, "... %d bytes are named",
	   (int)r.pack_bytes);
	end();
}

/* More to be copied than is kept in memory at once: in rounds. */
static void rounds(void)
{
	struct gc_conf conf = { .roots = roots, .plan_max = 1 };
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct gc_report r;
	struct err e = ERR_INIT;
	int i, k, small[3], good = 0;

	begin();
	memset(&c, 0, sizeof(c));
	for (i = 0; i < 3; i++) {
		vault_put_begin(v, &pt, &e);
		small[i] = add_file(pt, 700000, 1, &e);
		for (k = 0; k < 3; k++)
			add_file(pt, 7000000, 0, &e);
		good += vault_put_commit(pt, &c, &e) == 0;
		vault_put_end(pt);
	}
	set_day(31);
	conf.v = v;
	ok(good == 3 && gc_run(&conf, &r, &e) == 0 && r.rewritten == 3 &&
	   !r.unfinished, "three half empty packs in three rounds (%d)",
	   (int)r.rewritten);
	for (i = good = 0; i < 3; i++)
		good += whole(v, small[i]);
	ok(good == 3 && !r.missing, "... all is there");
	end();
}

static void given_up(void)
{
	struct vault_put *pt = NULL;
	struct gc_report r;
	struct err e = ERR_INIT;
	unsigned n;

	begin();
	put_file(v, 50000, 1);
	vault_put_begin(v, &pt, &e);
	add_file(pt, 60000, 0, &e);
	packer_flush(vault_put_packer(pt), &e);
	vault_put_end(pt);
	n = packs();
	gc(v, 0);
	set_day(29);
	gc(v, 0);
	ok(packs() == n, "a pack that nobody named stays for a while");
	set_day(31);
	r = gc(v, 0);
	ok(packs() < n && r.deleted && whole(v, 0), "... and goes then");
	end();
}

static void flip_state(uint64_t seq, size_t at)
{
	mem_object(p, MEM_STATE, "", 0, seq)->data.p[at] ^= 0x20;
}

static void states(void)
{
	static const size_t at[] = { 0, 4, 5, 6, 11, 20, 60, 200 };
	struct gc_report r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct vault_report vr;
	struct vault_check vc;
	struct vault *x;
	uint64_t n = 0;
	size_t k;
	int i;

	begin();
	for (i = 0; i < 600; i++)
		put_file(v, 100, 1);
	set_day(80);
	r = gc(v, 0);
	ok(!r.states, "young states stay");
	set_day(100);
	/* Its version, suite, epoch, number: in the middle of the search. */
	for (k = 0; k < sizeof(at) / sizeof(at[0]); k++) {
		flip_state(128, at[k]);
		r = gc(v, 0);
		n += r.roots != 9999 ? r.states : 0;
		ok(r.roots != 9999 && p->ops->state_get(p, 128, &b, &e) == 0,
		   "a state with a wrong byte at %d stays, and gc goes on",
		   (int)at[k]);
		flip_state(128, at[k]);
	}
	r = gc(v, 0);
	n += r.states;
	ok(n == 255, "%d old states go", (int)n);
	ok(p->ops->state_get(p, 255, &b, &e) == HUB_EABSENT &&
	   p->ops->state_get(p, 256, &b, &e) == 0, "... up to a checkpoint");
	buf_release(&b);
	memset(&vc, 0, sizeof(vc));
	ok(vault_check(v, &vc, &vr, &e) == 0 && !vr.damaged,
	   "... and nothing looks damaged");
	x = open_as(p, NULL, fresh_cache(), NULL, &e);
	ok(x && whole(x, 0) && whole(x, 599), "... a new computer opens it");
	vault_close(x);
	ok(vault_refresh(w, &e) == 1 && whole(w, 300),
	   "... and one that was away all the time");
	end();
}

/* Who relied on packs that were dropped meanwhile takes them back: how often the
 * place is asked for that does not grow as packs times index. */
static void many_back(void)
{
	struct mem_place *m;
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct err e = ERR_INIT;
	uint8_t name[32], plain[64];
	unsigned gets;
	uint64_t i, n = 30, dropped;

	begin();
	for (i = 0; i < n; i++)
		put_range(w, i * 100, i * 100 + 100, sizeof(plain), &e);
	vault_refresh(v, &e);
	vault_put_begin(w, &pt, &e);
	for (i = 0; i < n; i++) {
		test_object(plain, sizeof(plain), i * 100);
		vault_put_object(pt, PACK_CHUNK, plain, sizeof(plain), name,
				 &e);
	}
	set_day(31);
	dropped = gc(v, 0).dropped;
	m = (struct mem_place *)p;
	gets = m->gets;
	memset(&c, 0, sizeof(c));
	ok(dropped >= n && vault_put_commit(pt, &c, &e) == 0,
	   "%d packs dropped, and taken back: %s", (int)dropped, e.msg);
	gets = m->gets - gets;
	vault_put_end(pt);
	ok(count_right(w, 0, 100 * n, sizeof(plain)) >= n && gets < 4 * n,
	   "... by %u reads", gets);
	end();
}

static void blind(void)
{
	struct vault_at at;
	struct gc_report r;
	struct err e = ERR_INIT;
	int a, dead;

	begin();
	put_file(v, 3000000, 1);
	dead = put_file(v, 3000000, 0);
	vault_find(v, files[0].p.recipe, &at, &e);
	p->ops->pack_delete(p, at.pack, &e);
	set_day(31);
	r = gc(v, 0);
	ok(r.damaged && !r.dropped && whole(v, dead),
	   "a node that cannot be read: nothing is dropped");
	end();
	begin();
	a = put_file(v, 3000000, 1);
	dead = put_file(v, 3000000, 0);
	put_file(v, 1000, 1);
	files[a].p.size++;
	memset(files[2].p.recipe, 7, 32);
	set_day(31);
	r = gc(v, 0);
	files[a].p.size--;
	ok(r.missing == 1 && r.dropped && whole(v, a) && !whole(v, dead),
	   "forged pointers protect nothing, and harm nothing");
	end();
}

int main(void)
{
	case_begin();
	in_its_time();
	needed_again();
	racing();
	compaction();
	half_empty();
	rounds();
	given_up();
	states();
	many_back();
	blind();
	return case_end();
}
