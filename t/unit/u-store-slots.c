/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-slots.c - key slots at a place in memory: what opens, what must not,
 * a new epoch that is interrupted at every step.
 */
#include "lib-slots.h"
#include "vec.h"

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
