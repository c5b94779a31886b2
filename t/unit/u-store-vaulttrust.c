/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-vaulttrust.c - vaults that cannot be trusted: rollback, forks, damage,
 * foreign signers and absence are told apart; a damaged cache is made anew; what
 * is damaged is found, a lost index is rebuilt.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib-vaultcase.h"

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

/* ---- who was removed ---- */

/* ${by} removes ${d} at ${p}; ${pin}: the newest state that it has seen. */
static int take_out(struct place *p, struct test_device *by,
		    struct test_device *d, const struct keyring *r,
		    const char *pin, struct err *e)
{
	struct slots_by b = { by->key, &by->chain };
	struct slots_removal what = { .type = SLOT_DEVICE, .label = "gone" };
	struct removal_pin one;

	memcpy(what.id, d->signer.device, 16);
	if (pin && !vault_pin(pin, &one, e)) {
		what.pins = &one;
		what.pins_n = 1;
	}
	return slots_remove(p, r, &b, &what, e);
}

/* What they made is put aside by a repair, and all goes on. */
static void mend(struct place *p, struct test_device *by, const char *seen,
		 struct err *e)
{
	struct vault_conf conf = { .place = p, .keys = ring, .mend = 1,
				   .signer = &by->signer, .jobs = 1 };
	struct vault_repair how = { .dry_run = 0 };
	struct vault_repaired got;
	struct buf was = BUF_INIT;
	struct vault *v = NULL;

	buf_add(&was, state_of(p, 2)->p, state_of(p, 2)->n);
	conf.cache = fresh_cache();
	ok(vault_open(&conf, &v, e) == 0 && vault_seq(v) == 1,
	   "opened for a repair: at the last good state %s", e->msg);
	ok(v && !vault_repair(v, &how, &got, e) && got.states == 1 &&
	   vault_seq(v) == 3, "repaired: %s", e->msg);
	vault_close(v);
	ok(open_code(p, seen, e) == 0 && open_code(p, fresh_cache(), e) == 0,
	   "... for everybody: %s", e->msg);
	/* As before, for what follows. */
	p->ops->state_delete(p, 3, e);
	p->ops->state_delete(p, 2, e);
	p->ops->state_create(p, 2, was.p, was.n, e);
	buf_release(&was);
}

static void removed(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e), *hub = new_place(&e);
	struct test_device admin;
	struct vault_conf conf;
	struct vault *v;
	char one[1000], two[1000], three[1000];
	int rc;

	test_device(&admin, "hub", "an admin", CERT_ADMIN, tap_dir());

	snprintf(one, sizeof(one), "%s", fresh_cache());
	snprintf(two, sizeof(two), "%s", fresh_cache());
	snprintf(three, sizeof(three), "%s", fresh_cache());
	v = open_as(p, &dev2, one, NULL, &e);
	put_range(v, 0, 1, 64, &e);
	ok(open_code(p, two, &e) == 0, "a state that dev1 has seen");
	ok(!take_out(p, &admin, &dev2, ring, two, &e), "dev2 is removed: %s",
	   e.msg);
	ok(open_code(p, two, &e) == 0, "what was believed stays so");
	ok(open_code(p, fresh_cache(), &e) == 0,
	   "... for who comes new, too: it is pinned: %s", e.msg);
	put_range(v, 1, 2, 64, &e);
	ok(open_code(p, two, &e) == HUB_EREMOTE && strstr(e.msg, "gone"),
	   "what it makes afterwards is not: '%s'", e.msg);
	ok(open_code(p, three, &e) == HUB_EREMOTE, "... by nobody");
	vault_close(v);
	mend(p, &admin, three, &e);
	/* The place forgets the removal, the computers do not. */
	p->ops->slot_delete(p, dev2.signer.device, &e);
	ok(open_code(p, two, &e) == HUB_EREMOTE, "it is remembered");
	ok(open_code(p, fresh_cache(), &e) == 0, "who was never told follows");
	/* ... nor who asks the hub besides. */
	take_out(hub, &admin, &dev2, ring, NULL, &e);
	memset(&conf, 0, sizeof(conf));
	conf.place = p;
	conf.members = hub;
	conf.keys = ring;
	conf.cache = fresh_cache();
	v = NULL;
	rc = vault_open(&conf, &v, &e);
	ok(rc == HUB_EREMOTE, "told by the hub: '%s'", e.msg);
	vault_close(v);
	test_device_free(&admin);
	place_close(hub);
	place_close(p);
}

/* Nothing of an older epoch follows, whoever signs it. */
static void older_epoch(void)
{
	struct err e = ERR_INIT;
	struct place *p = new_place(&e);
	struct keyring *mine = ring, *next = keyring_rotate(ring, 5);
	struct vault *v, *w;
	char cache[1000];

	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	v = open_as(p, &dev2, fresh_cache(), NULL, &e);
	put_range(v, 0, 1, 64, &e);
	ring = next;
	w = open_as(p, &dev1, cache, NULL, &e);
	put_range(w, 1, 2, 64, &e);
	vault_close(w);
	/* dev2 cannot read state 2; it makes one as if it had. */
	ok(vault_refresh(v, &e) == HUB_EAUTH, "no key for it");
	v->seq = 2;
	hash_once(v->hash, state_of(p, 2)->p, state_of(p, 2)->n);
	put_range(v, 2, 3, 64, &e);
	ok(open_code(p, cache, &e) == HUB_EREMOTE &&
	   strstr(e.msg, "older key"), "state 3 of epoch 1: '%s'", e.msg);
	vault_close(v);
	ring = mine;
	keyring_free(next);
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
	case_begin();
	put_back();
	damage();
	who();
	removed();
	older_epoch();
	cache_damage();
	checks();
	rebuild();
	return case_end();
}
