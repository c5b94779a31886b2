/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-slots.c - key slots at a place in memory: what opens, what must not,
 * a new epoch that is interrupted at every step.
 */
#include "crypt/sign.h"
#include "store/slots.h"
#include "vec.h"

#define MEM_MAX 16

/* A place that has nothing but slots, and can fail at the n-th put. */
struct mem {
	struct place p;
	struct { uint8_t id[16]; struct buf b; } at[MEM_MAX];
	int n, fail_put, puts;
};

static int mem_find(struct mem *m, const uint8_t *id)
{
	int i;

	for (i = 0; i < m->n; i++)
		if (!memcmp(m->at[i].id, id, 16))
			return i;
	return -1;
}

static int mem_each(struct place *p, place_slot_fn fn, void *arg,
		    struct err *e)
{
	struct mem *m = (struct mem *)p;
	int i, rc = 0;

	for (i = 0; !rc && i < m->n; i++)
		rc = fn(arg, m->at[i].id, e);
	return rc;
}

static int mem_get(struct place *p, const uint8_t *id, struct buf *ret,
		   struct err *e)
{
	struct mem *m = (struct mem *)p;
	int i = mem_find(m, id);

	if (i < 0)
		return err_set(e, HUB_EABSENT, "no such slot");
	buf_add(ret, m->at[i].b.p, m->at[i].b.n);
	return 0;
}

static int mem_put(struct place *p, const uint8_t *id, const void *bytes,
		   size_t n, struct err *e)
{
	struct mem *m = (struct mem *)p;
	int i = mem_find(m, id);

	if (++m->puts == m->fail_put)
		return err_set(e, HUB_EIO, "failed as asked");
	if (i < 0) {
		i = m->n++;
		memcpy(m->at[i].id, id, 16);
		buf_init(&m->at[i].b);
	}
	buf_reset(&m->at[i].b);
	buf_add(&m->at[i].b, bytes, n);
	return 0;
}

static const struct place_ops ops = {
	.slot_each = mem_each, .slot_get = mem_get, .slot_put = mem_put,
};
static struct mem m = { .p = { &ops, "memory" } };

static void mem_empty(struct mem *x)
{
	while (x->n)
		buf_release(&x->at[--x->n].b);
	x->fail_put = x->puts = 0;
}

/* ---- a hub ---- */

static const uint8_t hub[32] = { 7, 7, 7 };
static struct sign_secret *identity;
static uint8_t identity_pk[32];
static struct keyring *ring;

struct dev {
	struct sign_secret *key;
	uint8_t box_seed[32];
	struct cert_chain chain;
};

static void dev_make(struct dev *d, uint8_t no, const struct dev *by,
		     enum cert_role role)
{
	uint8_t sk[32];
	struct cert *c;

	d->key = sign_generate();
	secret_random(d->box_seed, 32);
	memset(&d->chain, 0, sizeof(d->chain));
	if (by)
		d->chain = by->chain;
	c = &d->chain.at[d->chain.n++];
	memset(c, 0, sizeof(*c));
	c->role = role;
	memcpy(c->hub, hub, 32);
	memset(c->device, no, 16);
	sign_public(d->key, c->sign_pk);
	box_pair(d->box_seed, c->box_pk, sk);
	c->issued = 1000;
	cert_sign(c, by ? by->key : identity);
}

static int dev_put(const struct dev *d, const struct dev *by,
		   const char *label)
{
	struct slots_by b = { by->key, &by->chain };

	return slots_put_device(&m.p, ring, &b, cert_chain_last(&d->chain),
				label, 1000, NULL);
}

static int dev_open(const struct dev *d, struct slots_opened *o,
		    struct err *e)
{
	return slots_open_device(&m.p, hub, cert_chain_last(&d->chain)->device,
				 d->box_seed, identity_pk, o, e);
}

static int opens(const struct dev *d)
{
	struct slots_opened o;
	int rc = dev_open(d, &o, NULL);

	slots_opened_release(&o);
	return rc;
}

static struct dev box, laptop, editor;

static int set_up(void)
{
	identity = sign_generate();
	if (!identity)
		return 0;
	sign_public(identity, identity_pk);
	ring = keyring_make(hub, identity_pk, 900);
	dev_make(&box, 1, NULL, CERT_ADMIN);
	dev_make(&laptop, 2, &box, CERT_ADMIN);
	dev_make(&editor, 3, &box, CERT_EDITOR);
	return ring != NULL;
}

/* ---- tests ---- */

static void test_passphrase(void)
{
	struct slots_opened o;
	struct err e = ERR_INIT;
	uint8_t id[16], pk[32];

	ok(slots_open_passphrase(&m.p, hub, "x", 1, &o, &e) == HUB_EABSENT,
	   "an empty place has no passphrase slot");
	ok(slots_put_passphrase(&m.p, ring, identity, "open sesame", 11,
				"first", 1000, id, &e) == 0, "put: %s", e.msg);
	ok(slots_open_passphrase(&m.p, hub, "open sesame", 11, &o, &e) == 0,
	   "open: %s", e.msg);
	sign_public(o.identity, pk);
	ok(!memcmp(pk, identity_pk, 32) && !memcmp(o.id, id, 16) &&
	   !strcmp(o.notes.label, "first") && o.notes.made == 1000 &&
	   !memcmp(o.ring->name_secret, ring->name_secret, 32),
	   "identity, id, label, keys");
	slots_opened_release(&o);
	ok(slots_open_passphrase(&m.p, hub, "open sesamf", 11, &o, &e) ==
	   HUB_EAUTH && !o.ring && !o.identity, "wrong: %s", e.msg);
	ok(slots_put_passphrase(&m.p, ring, identity, "other", 5, "second\n",
				1000, NULL, &e) == HUB_EUSAGE, "bad label");
	ok(slots_put_passphrase(&m.p, ring, identity, "other", 5, "second",
				1000, NULL, &e) == 0 &&
	   slots_open_passphrase(&m.p, hub, "other", 5, &o, &e) == 0 &&
	   !strcmp(o.notes.label, "second"), "a second one");
	slots_opened_release(&o);
	m.at[0].b.p[200] ^= 1;
	ok(slots_open_passphrase(&m.p, hub, "open sesame", 11, &o, &e) ==
	   HUB_ECORRUPT, "a damaged one with the right passphrase: %s", e.msg);
	ok(slots_open_passphrase(&m.p, hub, "other", 5, &o, &e) == 0,
	   "... is no harm to the other");
	slots_opened_release(&o);
	mem_empty(&m);
}

static void test_device(void)
{
	struct slots_opened o;
	struct err e = ERR_INIT;
	uint8_t other[32] = { 1 };
	size_t i, bad = 0, same = 0;

	ok(dev_put(&box, &box, "hub") == 0 && dev_open(&box, &o, &e) == 0 &&
	   !o.identity && !strcmp(o.notes.label, "hub"), "open %s", e.msg);
	slots_opened_release(&o);
	ok(slots_open_device(&m.p, hub, m.at[0].id, laptop.box_seed,
			     identity_pk, &o, &e) == HUB_EAUTH, "another key");
	ok(slots_open_device(&m.p, hub, m.at[0].id, box.box_seed, other, &o,
			     &e) == HUB_EAUTH, "another identity");
	ok(slots_open_device(&m.p, other, m.at[0].id, box.box_seed, identity_pk,
			     &o, &e) == HUB_EAUTH, "another hub");
	ok(slots_open_device(&m.p, hub, m.at[0].id, box.box_seed, NULL, &o,
			     &e) == 0, "first contact");
	slots_opened_release(&o);
	for (i = 0; i < m.at[0].b.n; i++) {
		m.at[0].b.p[i] ^= 4;
		bad += opens(&box) == 0;
		m.at[0].b.p[i] ^= 4;
	}
	ok(bad == 0, "no byte of %zu may change", m.at[0].b.n);
	for (i = 0; i < m.at[0].b.n; i += 97) {
		size_t n = m.at[0].b.n;

		m.at[0].b.n = i;
		same += opens(&box) == 0;
		m.at[0].b.n = n;
	}
	ok(same == 0 && opens(&box) == 0, "nor be missing");
	ok(dev_put(&editor, &editor, "e") == 0 && opens(&editor) == 0,
	   "an editor makes its own slot");
	ok(dev_put(&laptop, &editor, "l") == 0 && opens(&laptop) == HUB_EAUTH,
	   "and no other's");
	mem_empty(&m);
}

struct tally { int good, bad; uint32_t epoch; };

static int tally(void *arg, const struct slots_info *s, struct err *e)
{
	struct tally *t = arg;

	t->good += !s->rc && s->epoch == t->epoch;
	t->bad += s->rc || s->epoch != t->epoch;
	return 0;
}

static struct tally count(const struct keyring *r)
{
	struct tally t = { .epoch = keyring_epoch(r) };

	slots_each(&m.p, r, tally, &t, NULL);
	return t;
}

/* A slot for a stranger, made with all that a place can know. */
static void plant(uint8_t no)
{
	struct sign_secret *their = sign_generate();
	uint8_t pk[32];
	struct keyring *fake;
	struct slots_by by = { their, NULL };
	struct dev d;

	sign_public(their, pk);
	fake = keyring_make(hub, pk, 900);
	dev_make(&d, no, NULL, CERT_ADMIN);
	ok(slots_put_device(&m.p, fake, &by, cert_chain_last(&d.chain), "x",
			    1, NULL) == 0, "a stranger's slot is put");
	keyring_free(fake);
	sign_free(their);
	sign_free(d.key);
}

static void put_all(void)
{
	mem_empty(&m);
	slots_put_passphrase(&m.p, ring, identity, "open sesame", 11, "first",
			     1000, NULL, NULL);
	dev_put(&box, &box, "hub");
	dev_put(&laptop, &laptop, "laptop");
	dev_put(&editor, &editor, "editor");
}

static void test_rotate(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *next = NULL;
	struct slots_opened o;
	struct err e = ERR_INIT;
	struct tally t;
	struct buf was = BUF_INIT;

	put_all();
	plant(9);
	t = count(ring);
	ok(t.good == 4 && t.bad == 1, "four count, the stranger's does not");
	buf_add(&was, m.at[4].b.p, m.at[4].b.n);
	ok(slots_rotate(&m.p, ring, &by, m.at[1].id, 2000, &next, &e) == 0 &&
	   next && keyring_epoch(next) == 2, "rotate: %s", e.msg);
	t = count(next);
	ok(t.good == 4 && t.bad == 1 && !buf_cmp(&was, &m.at[4].b),
	   "all have the new key but the stranger");
	ok(slots_open_passphrase(&m.p, hub, "open sesame", 11, &o, &e) == 0 &&
	   keyring_epoch(o.ring) == 2 && !strcmp(o.notes.label, "first") &&
	   o.notes.made == 1000 && !o.notes.flags &&
	   !memcmp(o.ring->epochs, next->epochs,
		   2 * sizeof(*next->epochs)), "the passphrase, unasked: %s",
	   e.msg);
	slots_opened_release(&o);
	ok(dev_open(&editor, &o, &e) == 0 && keyring_epoch(o.ring) == 2 &&
	   o.notes.chain.n == 1, "the editor, by the hub's signature");
	slots_opened_release(&o);
	keyring_free(next);
	buf_release(&was);
}

static void test_interrupted(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *next = NULL;
	struct slots_opened o;
	struct tally t;
	int at;

	for (at = 1; at < 8; at++) {
		put_all();
		m.puts = 0;
		m.fail_put = at;
		next = NULL;
		if (slots_rotate(&m.p, ring, &by, m.at[1].id, 2000, &next,
				 NULL) == 0)
			break;
		m.fail_put = 0;
		if (!ok(dev_open(&box, &o, NULL) == 0, "put %d failed: opens",
			at))
			break;
		if (at > 1)
			ok(keyring_epoch(o.ring) == 2 &&
			   o.notes.flags == SLOT_ROTATING &&
			   !memcmp(o.ring->epochs, next->epochs,
				   2 * sizeof(*next->epochs)),
			   "it knows the key, and that there is more to do");
		ok(opens(&laptop) == 0 && opens(&editor) == 0,
		   "the others open, too");
		if (at > 1)
			ok(slots_rotate_finish(&m.p, o.ring, &by, o.id,
					       NULL) == 0, "goes on");
		t = count(o.ring);
		ok(t.good == 4 && !t.bad, "and all are of one epoch");
		slots_opened_release(&o);
		keyring_free(next);
	}
	ok(at == 6, "five puts");
	keyring_free(next);
	mem_empty(&m);
}

/* ---- removed ones ---- */

static int remove_by(struct place *p, const struct dev *by,
		     const struct dev *d, const struct keyring *r)
{
	struct slots_by b = { by->key, &by->chain };
	struct slots_removal what = { .type = SLOT_DEVICE, .label = "gone",
				      .now = 3000 };

	memcpy(what.id, cert_chain_last(&d->chain)->device, 16);
	return slots_remove(p, r, &b, &what, NULL);
}

static int gone_at(struct place *p, const struct dev *d)
{
	struct slots_gone g = SLOTS_GONE_INIT;
	int is = !slots_gone_load(&g, p, ring, NULL) &&
		slots_gone_find(&g, cert_chain_last(&d->chain)->device);

	slots_gone_release(&g);
	return is;
}

static struct mem m2 = { .p = { &ops, "second" } };

static void copy_to(struct mem *to, const struct mem *from)
{
	int i;

	mem_empty(to);
	for (i = 0; i < from->n; i++)
		mem_put(&to->p, from->at[i].id, from->at[i].b.p,
			from->at[i].b.n, NULL);
}

static int same_slots(void)
{
	int i, k, n = 0;

	for (i = 0; i < m.n; i++)
		n += (k = mem_find(&m2, m.at[i].id)) >= 0 &&
			!buf_cmp(&m.at[i].b, &m2.at[k].b);
	return n == m.n && m.n == m2.n;
}

static void test_removed(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *next = NULL;
	struct tally t;

	put_all();
	copy_to(&m2, &m);
	ok(!remove_by(&m.p, &box, &laptop, ring) && gone_at(&m.p, &laptop),
	   "removed");
	ok(opens(&laptop) == HUB_EAUTH && !opens(&editor),
	   "it does not open, others do");
	ok(dev_put(&laptop, &laptop, "l") == HUB_EAUTH,
	   "nor is it made again");
	ok(count(ring).good == 3, "it is no slot any more");
	ok(!slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &next, NULL) &&
	   gone_at(&m.p, &laptop), "after a rotation: still removed");
	t = count(next);
	ok(t.good == 3 && !t.bad, "... the others have the new key");
	ok(!slots_merge(&m.p, &m2.p, next, NULL) && same_slots() &&
	   gone_at(&m2.p, &laptop), "an old copy of the slots learns of it");
	copy_to(&m2, &m);
	put_all();
	ok(!slots_merge(&m.p, &m2.p, ring, NULL) &&
	   gone_at(&m.p, &laptop), "... or has it, and the hub learns");
	keyring_free(next);
	mem_empty(&m);
	mem_empty(&m2);
}

/* The files of ${g}, read anew with ${r}: how many count, and how many there
 * are then. */
static void again(const struct buf *files, const struct keyring *r,
		  size_t *counts, size_t *are)
{
	struct slots_gone g = SLOTS_GONE_INIT;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	if (slots_gone_decode(&g, r, files->p, files->n, &e))
		printf("# %s\n", e.msg);
	slots_gone_encode(&out, &g);
	*counts = g.n;
	*are = out.n / REMOVAL_SIZE;
	buf_release(&out);
	slots_gone_release(&g);
}

/* What a computer remembers is not forgotten because it cannot be read now. */
static void test_remembered(void)
{
	static const size_t at[] = { 0, 4, 9, 41, 58, 61, 93, 117, 4095 };
	struct slots_by by = { box.key, &box.chain };
	struct slots_gone g = SLOTS_GONE_INIT;
	struct keyring *next = NULL;
	struct buf files = BUF_INIT;
	size_t i, n, k;

	put_all();
	remove_by(&m.p, &box, &laptop, ring);
	slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &next, NULL);
	remove_by(&m.p, &box, &editor, next);
	ok(!slots_gone_load(&g, &m.p, next, NULL) && g.n == 2, "two removed");
	slots_gone_encode(&files, &g);
	slots_gone_release(&g);
	again(&files, next, &n, &k);
	ok(n == 2 && k == 2, "remembered");
	again(&files, ring, &n, &k);
	ok(n == 1 && k == 2, "with older keys: one counts, both stay");
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		files.p[REMOVAL_SIZE + at[i]] ^= 0x20;
		again(&files, next, &n, &k);
		ok(n == 1 && k == 2, "a wrong byte at %d: it stays, too",
		   (int)at[i]);
		files.p[REMOVAL_SIZE + at[i]] ^= 0x20;
	}
	files.p[200] ^= 1;
	slots_gone_decode(&g, next, files.p, files.n, NULL);
	ok(!slots_gone_load(&g, &m.p, next, NULL) && g.n == 2, "told again");
	buf_reset(&files);
	slots_gone_encode(&files, &g);
	again(&files, next, &n, &k);
	ok(n == 2 && k == 2, "... the damaged one is forgotten then");
	slots_gone_release(&g);
	buf_release(&files);
	keyring_free(next);
	mem_empty(&m);
}

/* Of several epochs behind, and there alone: it counts, so it is renewed. */
static void test_late(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *two = NULL, *three = NULL;
	struct slots_opened o;
	struct err e = ERR_INIT;

	put_all();
	copy_to(&m2, &m);
	mem_empty(&m);
	dev_put(&box, &box, "hub");
	slots_rotate(&m.p, ring, &by, m.at[0].id, 2000, &two, NULL);
	ok(!slots_merge(&m.p, &m2.p, two, NULL) && m.n == 4 && m2.n == 4,
	   "slots of another place come to the hub");
	ok(!slots_rotate(&m.p, two, &by, m.at[0].id, 3000, &three, NULL) &&
	   !dev_open(&laptop, &o, &e) && keyring_epoch(o.ring) == 3,
	   "two epochs behind: gets the newest: %s", e.msg);
	slots_opened_release(&o);
	keyring_free(two);
	keyring_free(three);
	mem_empty(&m);
	mem_empty(&m2);
}

/* What one does who was removed, and still has the keys up to then. */
static void test_revenge(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *two = NULL, *three = NULL;
	struct slots_opened o;
	struct buf was = BUF_INIT;
	struct dev friend;
	int at;

	put_all();
	/* Before: the laptop removed the editor, and renewed all slots. */
	ok(!remove_by(&m.p, &laptop, &editor, ring), "an admin removes");
	dev_put(&box, &laptop, "hub");
	copy_to(&m2, &m);
	ok(!remove_by(&m.p, &box, &laptop, ring) &&
	   gone_at(&m.p, &editor) && gone_at(&m.p, &laptop),
	   "what it had removed stays removed");
	ok(!slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &two, NULL) &&
	   !dev_open(&box, &o, NULL) && keyring_epoch(o.ring) == 2,
	   "what it had signed is renewed by the rotation that follows");
	slots_opened_release(&o);
	/* Afterwards, at a place, with keys of epoch 1. */
	dev_make(&friend, 7, &laptop, CERT_ADMIN);
	ok(remove_by(&m2.p, &laptop, &box, ring) == 0, "it removes the hub");
	mem_put(&m2.p, m.at[2].id, m.at[2].b.p, m.at[2].b.n, NULL);
	{
		struct slots_by it = { laptop.key, &laptop.chain };

		ok(!slots_put_device(&m2.p, ring, &it,
				     cert_chain_last(&friend.chain), "friend",
				     5000, NULL), "and makes a slot for a friend");
	}
	at = m.n;
	ok(!slots_merge(&m.p, &m2.p, two, NULL) && m.n == at &&
	   !gone_at(&m.p, &box), "the hub takes neither");
	/* Even if it could write to the hub itself. */
	at = mem_find(&m2, cert_chain_last(&friend.chain)->device);
	buf_add(&was, m2.at[at].b.p, m2.at[at].b.n);
	mem_put(&m.p, m2.at[at].id, was.p, was.n, NULL);
	ok(!slots_rotate(&m.p, two, &by, m.at[1].id, 6000, &three, NULL),
	   "the next rotation");
	at = mem_find(&m, cert_chain_last(&friend.chain)->device);
	ok(!buf_cmp(&m.at[at].b, &was), "... gives the friend nothing");
	ok(remove_by(&m.p, &laptop, &box, ring) == HUB_EAUTH,
	   "nor does the program remove for it");
	buf_release(&was);
	sign_free(friend.key);
	keyring_free(two);
	keyring_free(three);
	mem_empty(&m);
	mem_empty(&m2);
}

static struct keyring *vector_ring;

static void removal_vector(const struct vec *v)
{
	struct slots_gone g = SLOTS_GONE_INIT;

	if (strcmp(v->expect, "ok"))
		return;
	slots_gone_decode(&g, vector_ring, v->data.p, v->data.n, NULL);
	ok((g.n == 1) == !strcmp(v->signature, "ok"), "%s: %s", v->name,
	   g.n ? g.at[0].body.label : "does not count");
	slots_gone_release(&g);
}

static void keyring_vector(const struct vec *v)
{
	if (!strcmp(v->name, "keyring/ok-2"))
		slot_keys_decode(&vector_ring, v->data.p, v->data.n, NULL);
}

/* ---- slots made by the independent generator ---- */

/* Open it as its owner: its label says that its notes opened, too. */
static int vector_open(const struct vec *v, const struct slot *s,
		       struct slots_opened *o, struct err *e)
{
	uint8_t id[32], seed[32];

	hex_decode(id, 32, "77ece19b0f3fe0a75827075b7d062653"
		   "96b09b912346930d7b548fef88ad7768", 64);
	hex_decode(seed, 32, "3fd0062c4abb61977c1f08f46c3eed03"
		   "88f142ae46c9cd66191e694662d02777", 64);
	if (s->type == SLOT_PASSPHRASE)
		return slots_open_passphrase(&m.p, s->hub, "a passphrase", 12,
					     o, e);
	return slots_open_device(&m.p, s->hub, s->id, seed, id, o, e);
}

static void vector(const struct vec *v)
{
	struct slots_opened o = SLOTS_OPENED_INIT;
	struct err e = ERR_INIT;
	struct slot s;
	int rc;

	if (strcmp(v->expect, "ok") || strstr(v->name, "kdf-most") ||
	    slot_decode(&s, v->data.p, v->data.n, NULL))
		return;
	mem_empty(&m);
	mem_put(&m.p, s.id, v->data.p, v->data.n, NULL);
	rc = vector_open(v, &s, &o, &e);
	/* With the right passphrase all that is wrong is damage. */
	if (rc == HUB_ECORRUPT && s.type == SLOT_PASSPHRASE)
		rc = HUB_EAUTH;
	ok(!strcmp(v->signature, rc ? err_name(rc) : "ok"), "%s: %s", v->name,
	   rc ? e.msg : "opens");
	if (!rc)
		ok(o.ring->epochs[0].created == 1700000001 &&
		   o.ring->epochs[0].number == 1 &&
		   !strcmp(o.notes.label, "a label") &&
		   !o.identity == (s.type == SLOT_DEVICE), "... as it was");
	slots_opened_release(&o);
}

int main(void)
{
	crypt_init(NULL);
	slots_cheap(1);
	if (!ok(set_up(), "keys"))
		return done();
	test_passphrase();
	test_device();
	test_rotate();
	test_interrupted();
	test_removed();
	test_remembered();
	test_late();
	test_revenge();
	vec_each("keyring", 30, keyring_vector);
	vec_each("removal", 30, removal_vector);
	keyring_free(vector_ring);
	vec_each("slot", 60, vector);
	mem_empty(&m);
	keyring_free(ring);
	sign_free(identity);
	sign_free(box.key);
	sign_free(laptop.key);
	sign_free(editor.key);
	return done();
}
