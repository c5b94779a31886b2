/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-vault.c - vaults: what was put is found, by every computer and after
 * any number of states; rollback, forks, damage and absence are told apart.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "os/os_file.h"
#include "remote/folder.h"
#include "store/vault_internal.h"
#include "lib-place.h"
#include "lib-vault.h"

static struct keyring *ring;
static struct test_device dev1, dev2, viewer, stranger;
static char cache_dir[1000];
static int caches;

/* A cache folder that nobody has used. */
static const char *fresh_cache(void)
{
	snprintf(cache_dir, sizeof(cache_dir), "%s/cache-%d", tap_dir(),
		 caches++);
	return cache_dir;
}

static struct vault *open_as(struct place *p, const struct test_device *d,
			     const char *cache, int *ret_rc, struct err *e)
{
	struct vault_conf c;
	struct vault *v = NULL;
	int rc;

	memset(&c, 0, sizeof(c));
	c.place = p;
	c.keys = ring;
	c.signer = d ? &d->signer : NULL;
	c.cache = cache;
	rc = vault_open(&c, &v, e);
	if (ret_rc)
		*ret_rc = rc;
	else if (rc < 0)
		printf("# open: %s\n", e->msg);
	return v;
}

/* Put objects from..to-1 and commit them. */
static int put_range(struct vault *v, uint64_t from, uint64_t to, size_t size,
		     struct err *e)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	uint8_t name[32], *p = malloc(size);
	uint64_t i;
	int rc = vault_put_begin(v, &pt, e);

	memset(&c, 0, sizeof(c));
	for (i = from; rc == 0 && i < to; i++) {
		test_object(p, size, i);
		rc = vault_put_object(pt, PACK_CHUNK, p, size, name, e);
	}
	if (rc == 0)
		rc = vault_put_commit(pt, &c, e);
	vault_put_end(pt);
	free(p);
	if (rc < 0)
		printf("# put: %s\n", e->msg);
	return rc;
}

/* How many of objects from..to-1 can be read and are right. */
static uint64_t count_right(struct vault *v, uint64_t from, uint64_t to,
			    size_t size)
{
	uint8_t name[32], *p = malloc(size);
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint64_t i, n = 0;

	for (i = from; i < to; i++) {
		test_object(p, size, i);
		keyring_name(ring, PACK_CHUNK, p, size, name);
		buf_reset(&b);
		if (vault_read(v, name, PACK_CHUNK, &b, &e) == 0)
			n += b.n == size && !memcmp(b.p, p, size);
		else if (n + 3 > i - from)
			printf("# %d: %s\n", (int)i, e.msg);
	}
	buf_release(&b);
	free(p);
	return n;
}

static uint64_t count_known(struct vault *v, uint64_t from, uint64_t to,
			    size_t size)
{
	uint8_t name[32], *p = malloc(size);
	struct vault_at at;
	uint64_t i, n = 0;

	for (i = from; i < to; i++) {
		test_object(p, size, i);
		keyring_name(ring, PACK_CHUNK, p, size, name);
		n += vault_find(v, name, &at, NULL) == 1;
	}
	free(p);
	return n;
}

static struct place *new_place(struct err *e)
{
	struct place *p = mem_place_new();

	if (vault_init(p, ring->hub, 1000, e) < 0)
		printf("# %s\n", e->msg);
	return p;
}

/* ---- what works ---- */

static void basics(void)
{
	struct err e = ERR_INIT;
	struct place *p = mem_place_new();
	struct vault *v, *w;
	struct vaultrefs refs;
	struct vaultfile f;
	int rc;

	v = open_as(p, &dev1, fresh_cache(), &rc, &e);
	ok(!v && rc == HUB_EABSENT, "no vault there: '%s'", e.msg);
	ok(vault_init(p, ring->hub, 1000, &e) == 0, "made");
	ok(vault_init(p, ring->hub, 1000, &e) == HUB_ECONFLICT, "... once");
	ok(vault_format(p, &f, &e) == 0 && !memcmp(f.hub, ring->hub, 32) &&
	   f.created == 1000, "... format");
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	ok(v && vault_seq(v) == 0, "opened, without a state");
	ok(vault_refs(v, &refs, &e) == HUB_EABSENT, "... without refs");
	ok(count_known(v, 0, 10, 100) == 0, "... knows nothing");
	ok(vault_refresh(v, &e) == 0, "... nothing new");
	ok(put_range(v, 0, 100, 300, &e) == 0 && vault_seq(v) == 1,
	   "100 objects");
	ok(count_right(v, 0, 100, 300) == 100, "... are read");
	w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	ok(w && vault_seq(w) == 1 && count_right(w, 0, 100, 300) == 100,
	   "... by another computer");
	ok(put_range(w, 50, 150, 300, &e) == 0 && vault_seq(w) == 2, "more");
	ok(vault_refresh(v, &e) == 1 && vault_seq(v) == 2 &&
	   vault_refresh(v, &e) == 0, "the first one sees it");
	ok(count_right(v, 0, 150, 300) == 150, "... and reads it");
	ok(vault_state(v)->settled_packs >= 2, "packs are counted");
	vault_close(w);
	w = open_as(p, NULL, fresh_cache(), NULL, &e);
	ok(w && count_right(w, 0, 150, 300) == 150, "without a signer, too");
	{
		struct vault_put *pt = NULL;

		ok(vault_put_begin(w, &pt, &e) == HUB_EDENIED && !pt,
		   "... but not written");
	}
	vault_close(w);
	vault_close(v);
	place_close(p);
}

static void known_once(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct mem_place *m = (struct mem_place *)p;
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	unsigned puts;
	struct vault_put *pt = NULL;
	struct vault_change c;
	uint8_t a[32], b[32];

	put_range(v, 0, 20, 5000, &e);
	puts = m->puts;
	put_range(v, 0, 20, 5000, &e);
	ok(m->puts == puts, "what is known is not put again");
	memset(&c, 0, sizeof(c));
	vault_put_begin(v, &pt, &e);
	vault_put_object(pt, PACK_CHUNK, "abc", 3, a, &e);
	vault_put_object(pt, PACK_CHUNK, "abc", 3, b, &e);
	ok(!memcmp(a, b, 32), "the same name");
	ok(vault_put_object(pt, PACK_CHUNK, "", 0, b, &e) == HUB_ELIMIT,
	   "nothing is no object");
	ok(vault_put_commit(pt, &c, &e) == 0 && m->puts == puts + 1,
	   "... twice in a put: once");
	vault_put_object(pt, PACK_CHUNK, "abcd", 4, a, &e);
	ok(vault_put_commit(pt, &c, &e) == 0 && m->puts == puts + 2,
	   "a put goes on after a commit");
	vault_put_object(pt, PACK_CHUNK, "abcde", 5, a, &e);
	vault_put_end(pt);
	vault_close(v);
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	ok(vault_seq(v) == 4, "given up: no state");
	vault_close(v);
	place_close(p);
}

/* Many states: few segments, everything is found with and without a cache. */
static void many_states(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char kept[1000];
	struct vault *v, *w;
	const struct vaultstate *s;
	struct vault_put *pt = NULL;
	struct vault_change c;
	unsigned most = 0, list = 0;
	uint8_t name[32], obj[64];
	uint64_t i;
	int rc = 0, k;

	snprintf(kept, sizeof(kept), "%s", fresh_cache());
	v = open_as(p, &dev1, kept, NULL, &e);
	w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	memset(&c, 0, sizeof(c));
	rc = vault_put_begin(v, &pt, &e);
	for (i = 0; rc == 0 && i < 300; i++) {
		for (k = 0; rc == 0 && k < 40; k++) {
			test_object(obj, 64, i * 40 + (uint64_t)k);
			rc = vault_put_object(pt, PACK_CHUNK, obj, 64, name,
					      &e);
		}
		c.change = i + 1;
		if (rc == 0)
			rc = vault_put_commit(pt, &c, &e);
		s = vault_state(v);
		if (s->recent_n > most)
			most = s->recent_n;
		list += s->list.has;
	}
	ok(rc == 0 && vault_seq(v) == 300, "300 states (%s)", e.msg);
	ok(most > 0 && most <= 12, "at most %u recent segments", most);
	ok(count_known(v, 0, 12000, 64) == 12000, "all is found");
	vault_put_end(pt);
	vault_close(v);
	ok(vault_refresh(w, &e) == 1 && count_known(w, 0, 12000, 64) == 12000,
	   "... by who was away (%s)", e.msg);
	ok(vault_state(w)->vector_n == 1 && vault_state(w)->vector[0].n == 300,
	   "change vector");
	vault_close(w);
	v = open_as(p, &dev1, kept, NULL, &e);
	ok(v && count_known(v, 0, 12000, 64) == 12000, "... by a new run");
	ok(catalog_rows(v->catalog) < 13000, "... its cache has each once");
	vault_close(v);
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	ok(v && count_known(v, 0, 12000, 64) == 12000,
	   "... without a cache");
	vault_close(v);
	place_close(p);
}

/* The list of settled segments: pushed there by hand, as it takes millions of
 * objects otherwise. */
static void settled(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault_put *pt = NULL;
	struct segment_ref *list = NULL;
	struct vault_change c;
	struct pack_entry en;
	struct segment_pack sp;
	size_t n = 0, sizes = 0;
	uint64_t at = 0;
	int i, k, rc = 0, had = 0;

	memset(&c, 0, sizeof(c));
	rc = vault_put_begin(v, &pt, &e);
	/* Each segment less than half of the one before: none is taken in. */
	for (i = 0; rc == 0 && i < 27; i++) {
		int count = i < 25 ? 900 - 20 * i : 330;

		/* pretend the others were too large to be merged */
		for (k = 0; k < v->st->recent_n; k++)
			v->st->recent[k].bytes = SEGMENT_MAX;
		memset(&sp, 0, sizeof(sp));
		memset(sp.id, i + 1, 32);
		sp.klass = 24;
		sp.kind = PACK_DATA;
		memset(&en, 0, sizeof(en));
		en.at = PACK_HEAD;
		en.stored = 17;
		en.plain = 1;
		en.type = PACK_CHUNK;
		rc = vault_put_note(pt, &sp, &en, 0, &e);
		pt->packs_n--;
		for (k = 0; rc == 0 && k < count; k++) {
			hash_once(en.name, &at, sizeof(at));
			at++;
			rc = vault_put_note(pt, &sp, &en, 1, &e);
			if (k)
				pt->packs_n--;
			pt->entries[pt->entries_n - 1].pack = 0;
		}
		if (rc == 0)
			rc = vault_put_commit(pt, &c, &e);
		had |= v->st->list.has;
	}
	ok(rc == 0 && had, "the oldest segments go into a list (%s)", e.msg);
	vault_put_end(pt);
	rc = vault_index_list(v, v->st, &list, &n, &e);
	ok(rc == 0 && n >= 10 && v->st->recent_n <= 24,
	   "... %d in it, %d recent", (int)n, v->st->recent_n);
	for (k = 0; k < (int)n; k++)
		sizes += list[k].entries;
	for (k = 0; k < v->st->recent_n; k++)
		sizes += v->st->recent[k].entries;
	ok(sizes >= at - 400, "... with all entries (%d of %d)", (int)sizes,
	   (int)at);
	free(list);
	vault_close(v);
	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	for (k = 0, i = 0; v && (uint64_t)k < at; k++) {
		uint64_t x = (uint64_t)k;
		struct vault_at where;

		hash_once(en.name, &x, sizeof(x));
		i += vault_find(v, en.name, &where, &e) == 1;
	}
	ok((uint64_t)i == at, "... all are found by another computer");
	vault_close(v);
	place_close(p);
}

static void refs(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault *w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	struct vault_put *pv = NULL, *pw = NULL;
	struct vaultrefs r, got;
	struct vault_change c;
	struct oid oid = { { 1 } };

	memset(&r, 0, sizeof(r));
	memset(&c, 0, sizeof(c));
	snprintf(r.head, sizeof(r.head), "refs/heads/main");
	vaultrefs_add(&r, &oid, "refs/heads/main", &e);
	c.refs = &r;
	vault_put_begin(v, &pv, &e);
	vault_put_begin(w, &pw, &e);
	ok(vault_put_commit(pv, &c, &e) == 0, "refs put");
	ok(vault_refs(v, &got, &e) == 0 && got.refs_n == 1 &&
	   vaultrefs_find(&got, "refs/heads/main"), "... read");
	vaultrefs_release(&got);
	r.refs[0].oid.h[0] = 2;
	ok(vault_put_commit(pw, &c, &e) == HUB_ECONFLICT,
	   "another one's refs are not overwritten unseen: '%s'", e.msg);
	ok(vault_seq(w) == 1 && vault_refs(w, &got, &e) == 0,
	   "... they are seen now");
	vaultrefs_release(&got);
	ok(vault_put_commit(pw, &c, &e) == 0 && vault_seq(w) == 2,
	   "... and then replaced");
	ok(vault_put_commit(pw, &c, &e) == 0 && vault_seq(w) == 3,
	   "the same refs again");
	vaultrefs_release(&r);
	vault_put_end(pv);
	vault_put_end(pw);
	vault_close(v);
	vault_close(w);
	place_close(p);
}

/* Packs are dropped, relied upon, taken back. */
static void drops(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault *w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	struct vault_put *pv = NULL, *pw = NULL;
	struct vault_change c, d;
	struct vault_at at;
	uint8_t name[32], obj[64];

	put_range(v, 0, 5, 64, &e);
	put_range(v, 5, 10, 64, &e);
	vault_refresh(w, &e);
	test_object(obj, 64, 0);
	keyring_name(ring, PACK_CHUNK, obj, 64, name);
	vault_find(v, name, &at, &e);
	memset(&c, 0, sizeof(c));
	memset(&d, 0, sizeof(d));
	vault_put_begin(w, &pw, &e);
	vault_put_object(pw, PACK_CHUNK, obj, 64, name, &e);
	d.kind = VAULTSTATE_DROP;
	d.drops = (const uint8_t (*)[32])&at.pack;
	d.drops_n = 1;
	vault_put_begin(v, &pv, &e);
	ok(vault_put_commit(pv, &d, &e) == 0, "a pack is dropped");
	ok(count_known(v, 0, 10, 64) == 5 && catalog_pack(v->catalog, at.pack)
	   == 2, "... what is in it is not known any more");
	ok(vault_put_commit(pw, &c, &e) == 0, "who relied on it takes it back");
	ok(count_right(w, 0, 10, 64) == 10, "... it is there again");
	ok(vault_refresh(v, &e) == 1 && count_right(v, 0, 10, 64) == 10,
	   "... for all");
	vault_put_end(pv);
	vault_put_end(pw);
	vault_put_begin(w, &pw, &e);
	vault_put_object(pw, PACK_CHUNK, obj, 64, name, &e);
	vault_put_begin(v, &pv, &e);
	vault_put_commit(pv, &d, &e);
	p->ops->pack_delete(p, at.pack, &e);
	ok(vault_put_commit(pw, &c, &e) == HUB_EABSENT,
	   "a pack that is really gone: '%s'", e.msg);
	vault_put_end(pv);
	vault_put_end(pw);
	ok(put_range(w, 0, 5, 64, &e) == 0 && count_right(w, 0, 10, 64) == 10,
	   "... its content is stored again");
	vault_close(v);
	vault_close(w);
	v = open_as(p, NULL, fresh_cache(), NULL, &e);
	ok(v && count_right(v, 0, 10, 64) == 10, "... found without a cache");
	vault_close(v);
	place_close(p);
}

static void progress(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault *w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	struct vault_put *pt = NULL;
	static uint8_t big[1 << 20];
	uint8_t name[32];
	int i, rc;

	rc = vault_put_begin(v, &pt, &e);
	for (i = 0; rc == 0 && i < 40; i++) {
		if (i == 20) {
			pt->bytes = (uint64_t)1 << 30;
			put_range(w, 9000, 9010, 64, &e);
		}
		test_object(big, sizeof(big), (uint64_t)i);
		rc = vault_put_object(pt, PACK_CHUNK, big, sizeof(big), name,
				      &e);
	}
	vault_put_end(pt);
	ok(rc == 0, "40 MiB put and given up (%s)", e.msg);
	rc = vault_refresh(w, &e);
	ok(vault_seq(w) == 2 &&
	   vault_state(w)->kind == VAULTSTATE_PROGRESS,
	   "a progress state was made in between");
	ok(count_known(w, 0, 40, sizeof(big)) >= 15, "... it names content");
	ok(count_known(w, 9000, 9010, 64) == 10, "... and lost nothing");
	vault_close(v);
	vault_close(w);
	place_close(p);
}

/* ---- what must not be believed ---- */

static struct buf *state_of(struct place *p, uint64_t seq)
{
	return &mem_object(p, MEM_STATE, "", 0, seq)->data;
}

static int open_code(struct place *p, const char *cache, struct err *e)
{
	int rc;

	vault_close(open_as(p, &dev1, cache, &rc, e));
	return rc;
}

static void put_back(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v, *w;
	char cache[1000], other[1000];
	struct buf s4 = BUF_INIT;
	int i;

	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	v = open_as(p, &dev1, cache, NULL, &e);
	for (i = 0; i < 4; i++)
		put_range(v, (uint64_t)i, (uint64_t)i + 1, 64, &e);
	buf_add(&s4, state_of(p, 4)->p, state_of(p, 4)->n);
	p->ops->state_delete(p, 4, &e);
	ok(vault_refresh(v, &e) == HUB_EREMOTE, "a place that went back: '%s'",
	   e.msg);
	ok(vault_seq(v) == 4 && count_right(v, 0, 4, 64) == 4,
	   "... the vault stays as it was");
	vault_close(v);
	ok(open_code(p, cache, &e) == HUB_EREMOTE, "... and in the next run");
	snprintf(other, sizeof(other), "%s", fresh_cache());
	w = open_as(p, &dev2, other, NULL, &e);
	ok(w != NULL, "... another computer cannot know");
	put_range(w, 100, 101, 64, &e);
	ok(open_code(p, cache, &e) == HUB_EREMOTE,
	   "another state of the same number: '%s'", e.msg);
	put_range(w, 101, 102, 64, &e);
	ok(vault_seq(w) == 5 && open_code(p, cache, &e) == HUB_EREMOTE,
	   "... and one above it: '%s'", e.msg);
	vault_close(w);
	p->ops->state_delete(p, 5, &e);
	p->ops->state_delete(p, 4, &e);
	p->ops->state_create(p, 4, s4.p, s4.n, &e);
	ok(open_code(p, cache, &e) == 0, "the true one again: '%s'", e.msg);
	ok(open_code(p, other, &e) == HUB_EREMOTE, "... now the other sees it");
	buf_release(&s4);
	place_close(p);
}

static void damage(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct mem_place *m = (struct mem_place *)p;
	struct vault *v;
	char cache[1000];
	size_t at, n, wrong = 0;
	struct buf *b;
	int i, rc;

	v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	for (i = 0; i < 2; i++)
		put_range(v, (uint64_t)i, (uint64_t)i + 1, 64, &e);
	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	ok(open_code(p, cache, &e) == 0, "a computer that has seen state 2");
	for (; i < 6; i++)
		put_range(v, (uint64_t)i, (uint64_t)i + 1, 64, &e);
	vault_close(v);
	b = state_of(p, 6);
	n = b->n;
	for (at = 0; at < n; at += at < 200 ? 1 : 97) {
		b->p[at] ^= 4;
		rc = open_code(p, fresh_cache(), &e);
		wrong += rc != HUB_ECORRUPT && rc != HUB_EVERSION &&
			 rc != HUB_EAUTH;
		b->p[at] ^= 4;
	}
	ok(!wrong, "a flipped bit in the newest state is damage");
	b->n--;
	ok(open_code(p, fresh_cache(), &e) == HUB_ECORRUPT, "... a byte less");
	b->n++;
	b = state_of(p, 4);
	b->p[300] ^= 1;
	ok(open_code(p, cache, &e) == HUB_ECORRUPT,
	   "a damaged state on the way back: '%s'", e.msg);
	ok(open_code(p, fresh_cache(), &e) == 0,
	   "... which who never was here does not look at");
	b->p[300] ^= 1;
	{
		struct buf s4 = BUF_INIT;

		buf_add(&s4, b->p, b->n);
		p->ops->state_delete(p, 4, &e);
		ok(open_code(p, cache, &e) == HUB_ECORRUPT,
		   "a missing one: '%s'", e.msg);
		p->ops->state_create(p, 4, s4.p, s4.n, &e);
		buf_release(&s4);
	}
	m->offline = 1;
	ok(open_code(p, cache, &e) == HUB_EOFFLINE, "offline is no damage");
	m->offline = 0;
	ok(open_code(p, cache, &e) == 0, "all is well again: '%s'", e.msg);
	place_close(p);
}

static void who(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct keyring *mine = ring, *other = test_ring("other hub"), *next;
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e), *w;
	struct vault_put *pt = NULL;
	int rc;

	put_range(v, 0, 1, 64, &e);
	w = open_as(p, &viewer, fresh_cache(), NULL, &e);
	ok(vault_put_begin(w, &pt, &e) == HUB_EDENIED, "a viewer cannot write");
	vault_close(w);
	w = open_as(p, &stranger, fresh_cache(), NULL, &e);
	rc = put_range(w, 5, 6, 64, &e);
	ok(rc == HUB_EAUTH && vault_seq(w) == 1,
	   "a device of another hub makes no state");
	vault_close(w);
	ring = other;
	ok(open_code(p, fresh_cache(), &e) == HUB_EAUTH,
	   "the keys of another hub: '%s'", e.msg);
	ring = mine;
	next = keyring_rotate(mine, 5);
	ring = next;
	w = open_as(p, &dev2, fresh_cache(), NULL, &e);
	ok(w && put_range(w, 1, 2, 64, &e) == 0 &&
	   count_right(w, 0, 2, 64) == 2, "a new epoch");
	vault_close(w);
	ring = mine;
	ok(vault_refresh(v, &e) == HUB_EAUTH, "... whose keys one lacks: '%s'",
	   e.msg);
	vault_close(v);
	keyring_free(next);
	keyring_free(other);
	place_close(p);
}

/* ---- the cache ---- */

static void cache_damage(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	char cache[1000], path[2200];
	struct vault *v;
	struct dirent *d;
	struct stat st;
	DIR *dir;
	FILE *f;
	int i, c, tried = 0, bad = 0, files = 0;

	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	v = open_as(p, &dev1, cache, NULL, &e);
	for (i = 0; i < 8; i++)
		put_range(v, (uint64_t)i * 300, (uint64_t)i * 300 + 300, 64,
			  &e);
	vault_close(v);
	for (i = 0; i < 40; i++) {
		dir = opendir(cache);
		while (dir && (d = readdir(dir))) {
			if (strncmp(d->d_name, "rows-", 5) &&
			    strcmp(d->d_name, "list"))
				continue;
			files += i == 0;
			snprintf(path, sizeof(path), "%s/%s", cache,
				 d->d_name);
			stat(path, &st);
			f = fopen(path, "r+b");
			if (!f)
				continue;
			fseek(f, (long)((i * 7919L) % st.st_size), SEEK_SET);
			c = fgetc(f);
			fseek(f, -1, SEEK_CUR);
			fputc(c ^ 16, f);
			fclose(f);
			if (i == 38)
				truncate(path, st.st_size / 2);
			if (i == 39)
				unlink(path);
		}
		closedir(dir);
		tried++;
		v = open_as(p, &dev1, cache, NULL, &e);
		if (!v || count_known(v, 0, 2400, 64) != 2400 ||
		    count_known(v, 90000, 90100, 64))
			bad++;
		vault_close(v);
	}
	ok(files >= 2, "the cache has files (%d)", files);
	ok(!bad, "a damaged cache (%d times) is made anew: %d bad", tried, bad);
	place_close(p);
}

/* ---- repair ---- */

struct seen { int n; uint64_t seq; enum vault_what what; };

static int saw(void *arg, const struct vault_problem *p, struct err *e)
{
	struct seen *s = arg;

	s->n++;
	s->what = p->what;
	s->seq = p->seq;
	return 0;
}

static struct mem_object *pack_of(struct vault *v, struct place *p,
				  uint64_t object, size_t size)
{
	uint8_t name[32], *b = malloc(size);
	struct vault_at at;

	test_object(b, size, object);
	keyring_name(ring, PACK_CHUNK, b, size, name);
	free(b);
	if (vault_find(v, name, &at, NULL) != 1)
		return NULL;
	return mem_object(p, MEM_PACK, at.pack, 32, 0);
}

static void checks(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault_check c;
	struct vault_report r;
	struct mem_object *o;
	struct seen s;
	size_t at, missed = 0, tries = 0;
	uint8_t id[32] = { 77 };
	uint64_t unnamed;
	int i;

	for (i = 0; i < 5; i++)
		put_range(v, (uint64_t)i * 200, (uint64_t)i * 200 + 200, 64,
			  &e);
	memset(&c, 0, sizeof(c));
	memset(&s, 0, sizeof(s));
	c.problem = saw;
	c.arg = &s;
	c.read_data = 1;
	ok(vault_check(v, &c, &r, &e) == 0 && r.damaged == 0 && s.n == 0 &&
	   r.states == 5 && r.packs >= 5, "all is well (%s)", e.msg);
	unnamed = r.unnamed;
	p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e);
	ok(vault_check(v, &c, &r, &e) == 0 && r.damaged == 0 &&
	   r.unnamed == unnamed + 1,
	   "a pack that nobody names is counted");
	o = pack_of(v, p, 300, 64);
	for (at = 0; at < o->data.n; at += 211) {
		o->data.p[at] ^= 1;
		memset(&s, 0, sizeof(s));
		tries++;
		if (vault_check(v, &c, &r, &e) < 0 || s.n < 1)
			missed++;
		o->data.p[at] ^= 1;
	}
	ok(!missed, "%d flipped bits in a pack are all found", (int)tries);
	o->data.p[200] ^= 1;
	c.read_data = 0;
	ok(vault_check(v, &c, &r, &e) == 0 && r.damaged == 0,
	   "... without reading the data, not");
	c.read_data = 1;
	memset(&s, 0, sizeof(s));
	vault_check(v, &c, &r, &e);
	ok(s.n == 1 && s.what == VAULT_CHUNK, "... it is one object's damage");
	o->data.p[200] ^= 1;
	p->ops->state_get(p, 1, &(struct buf)BUF_INIT, NULL);
	state_of(p, 2)->p[500] ^= 1;
	memset(&s, 0, sizeof(s));
	vault_check(v, &c, &r, &e);
	ok(s.n == 1 && s.what == VAULT_STATE && s.seq == 2,
	   "a damaged old state");
	state_of(p, 2)->p[500] ^= 1;
	p->ops->pack_delete(p, o->id, &e);
	memset(&s, 0, sizeof(s));
	c.read_data = 0;
	vault_check(v, &c, &r, &e);
	ok(s.n == 1 && s.what == VAULT_PACK, "a missing pack");
	vault_close(v);
	place_close(p);
}

static void rebuild(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	struct vault_conf conf;
	struct vault_check c;
	struct vault_report r;
	struct seen s;
	uint8_t *lost;
	int i, rc;

	for (i = 0; i < 6; i++)
		put_range(v, (uint64_t)i * 400, (uint64_t)i * 400 + 400, 64,
			  &e);
	ok(v->st->recent_n > 0, "there are segments");
	lost = mem_object(p, MEM_PACK, v->st->recent[0].pack, 32, 0)->id;
	mem_object(p, MEM_PACK, lost, 32, 0)->data.p[200] ^= 1;
	vault_close(v);
	rc = open_code(p, fresh_cache(), &e);
	ok(rc == HUB_ECORRUPT, "a damaged segment: '%s'", e.msg);
	memset(&conf, 0, sizeof(conf));
	conf.place = p;
	conf.keys = ring;
	conf.signer = &dev1.signer;
	conf.cache = fresh_cache();
	conf.no_index = 1;
	v = NULL;
	rc = vault_open(&conf, &v, &e);
	ok(rc == 0 && vault_index_lost(v) == 1, "opened for repairs");
	ok(count_known(v, 0, 2400, 64) < 2400, "... it does not know all");
	memset(&c, 0, sizeof(c));
	memset(&s, 0, sizeof(s));
	c.problem = saw;
	c.arg = &s;
	rc = vault_rebuild(v, &c, &r, &e);
	ok(rc == 0, "index rebuilt (%s), %d problems", e.msg, s.n);
	ok(count_right(v, 0, 2400, 64) == 2400, "... knows all");
	vault_close(v);
	v = open_as(p, &dev2, fresh_cache(), NULL, &e);
	ok(v && count_right(v, 0, 2400, 64) == 2400, "... for everybody");
	ok(v && vault_state(v)->kind == VAULTSTATE_CHECKPOINT &&
	   vault_state(v)->settled_packs >= 6, "... counts");
	vault_close(v);
	place_close(p);
}

int main(void)
{
	os_init();
	crypt_init(NULL);
	ring = test_ring("hub");
	test_device(&dev1, "hub", "one", CERT_EDITOR, tap_dir());
	test_device(&dev2, "hub", "two", CERT_ADMIN, tap_dir());
	test_device(&viewer, "hub", "viewer", CERT_VIEWER, tap_dir());
	test_device(&stranger, "other hub", "x", CERT_OWNER, tap_dir());
	basics();
	known_once();
	many_states();
	settled();
	refs();
	drops();
	progress();
	put_back();
	damage();
	who();
	cache_damage();
	checks();
	rebuild();
	test_device_free(&dev1);
	test_device_free(&dev2);
	test_device_free(&viewer);
	test_device_free(&stranger);
	keyring_free(ring);
	return done();
}
