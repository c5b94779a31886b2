/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-vault.c - vaults: what was put is found, by every computer and after
 * any number of states; lost races, refs, drops, progress.
 */
#include "lib-vaultcase.h"

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
	unsigned most = 0;
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

int main(void)
{
	case_begin();
	basics();
	known_once();
	many_states();
	settled();
	refs();
	drops();
	progress();
	return case_end();
}
