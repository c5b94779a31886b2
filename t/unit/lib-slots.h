/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-slots.h - a place in memory that has nothing but key slots, and a hub with
 * three devices: for tests of slots.
 */
#ifndef T_LIB_SLOTS_H
#define T_LIB_SLOTS_H

#include <string.h>
#include "crypt/sign.h"
#include "store/slots.h"

#define MEM_MAX 16

/* A place that has nothing but slots, and can fail at the n-th put. */
struct mem {
	struct place p;
	struct { uint8_t id[16]; struct buf b; } at[MEM_MAX];
	int n, fail_put, puts;
};

__attribute__((unused))
static int mem_find(struct mem *m, const uint8_t *id)
{
	int i;

	for (i = 0; i < m->n; i++)
		if (!memcmp(m->at[i].id, id, 16))
			return i;
	return -1;
}

__attribute__((unused))
static int mem_each(struct place *p, place_slot_fn fn, void *arg,
		    struct err *e)
{
	struct mem *m = (struct mem *)p;
	int i, rc = 0;

	for (i = 0; !rc && i < m->n; i++)
		rc = fn(arg, m->at[i].id, e);
	return rc;
}

__attribute__((unused))
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

__attribute__((unused))
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

__attribute__((unused))
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

__attribute__((unused))
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

__attribute__((unused))
static int dev_put(const struct dev *d, const struct dev *by,
		   const char *label)
{
	struct slots_by b = { by->key, &by->chain };

	return slots_put_device(&m.p, ring, &b, cert_chain_last(&d->chain),
				label, 1000, NULL);
}

__attribute__((unused))
static int dev_open(const struct dev *d, struct slots_opened *o,
		    struct err *e)
{
	return slots_open_device(&m.p, hub, cert_chain_last(&d->chain)->device,
				 d->box_seed, identity_pk, o, e);
}

__attribute__((unused))
static int opens(const struct dev *d)
{
	struct slots_opened o;
	int rc = dev_open(d, &o, NULL);

	slots_opened_release(&o);
	return rc;
}

static struct dev box, laptop, editor;

__attribute__((unused))
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

struct tally { int good, bad; uint32_t epoch; };

__attribute__((unused))
static int tally(void *arg, const struct slots_info *s, struct err *e)
{
	struct tally *t = arg;

	t->good += !s->rc && s->epoch == t->epoch;
	t->bad += s->rc || s->epoch != t->epoch;
	return 0;
}

__attribute__((unused))
static struct tally count(const struct keyring *r)
{
	struct tally t = { .epoch = keyring_epoch(r) };

	slots_each(&m.p, r, tally, &t, NULL);
	return t;
}

/* A slot for a stranger, made with all that a place can know. */
__attribute__((unused))
static void put_all(void)
{
	mem_empty(&m);
	slots_put_passphrase(&m.p, ring, identity, "open sesame", 11, "first",
			     1000, NULL, NULL);
	dev_put(&box, &box, "hub");
	dev_put(&laptop, &laptop, "laptop");
	dev_put(&editor, &editor, "editor");
}

#endif
