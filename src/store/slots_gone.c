/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots_gone.c - which key slots were removed, and who said so.
 *
 * A set of removals only grows.  Whether one counts depends on the others, as
 * somebody who was removed cannot remove: those that a set has already count
 * first (the hub's, or what this computer remembers), then new ones by who signed
 * them, identity before owner before admin, then by the hash of the file.
 */
#include "store/slots.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "store/slots_internal.h"

#define ID_AT 40		/* of the slot's id in the file */

void slots_gone_release(struct slots_gone *g)
{
	free(g->at);
	free(g->other);
	memset(g, 0, sizeof(*g));
}

const struct slots_gone_one *slots_gone_find(const struct slots_gone *g,
					     const uint8_t id[SLOT_ID])
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (!memcmp(g->at[i].id, id, SLOT_ID))
			return &g->at[i];
	return NULL;
}

const struct slots_gone_one *slots_gone_chain(const struct slots_gone *g,
					      const struct cert_chain *c)
{
	const struct slots_gone_one *one = NULL;
	int i;

	for (i = 0; !one && i < c->n; i++)
		one = slots_gone_find(g, c->at[i].device);
	return one;
}

static int append(struct slots_gone *g, const struct slots_gone_one *one,
		  struct err *e)
{
	size_t alloc = g->alloc ? 2 * g->alloc : 4;
	struct slots_gone_one *p;

	if (g->n == SLOTS_GONE_MAX)
		return err_set(e, HUB_ELIMIT, "more than %d removed key slots",
			       SLOTS_GONE_MAX);
	if (g->n == g->alloc) {
		p = realloc(g->at, alloc * sizeof(*p));
		if (!p)
			return err_nomem(e);
		g->at = p;
		g->alloc = alloc;
	}
	g->at[g->n++] = *one;
	return 0;
}

/* ---- does one count, by itself? ---- */

static int check_signer(const struct removal *r, const struct keyring *ring,
			const struct removal_body *b, const uint8_t *plain,
			struct err *e)
{
	const uint8_t *key = ring->identity;
	struct buf all = BUF_INIT;
	int rc = 0;

	if (b->chain.n) {
		rc = cert_chain_check(&b->chain, ring->hub, ring->identity, e);
		key = cert_chain_last(&b->chain)->sign_pk;
	}
	if (!rc && b->chain.n && cert_chain_last(&b->chain)->role > CERT_ADMIN)
		rc = err_set(e, HUB_EAUTH, "removed key slot: by one who may "
			     "not");
	if (rc < 0)
		return rc;
	removal_encode_ad(&all, r);
	buf_add(&all, plain, b->signed_n);
	rc = buf_error(&all) ? err_nomem(e) :
		sign_check(key, REMOVAL_CONTEXT, all.p, all.n, b->sig);
	buf_release(&all);
	return rc == HUB_EAUTH ? err_set(e, rc, "removed key slot: its "
					 "signature is wrong") : rc;
}

static int open_removal(const struct keyring *ring, const void *p, size_t n,
			struct slots_gone_one *ret, struct err *e)
{
	uint8_t key_secret[KEYRING_KEY], plain[REMOVAL_PLAIN];
	struct removal r;
	int rc = removal_decode(&r, p, n, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc && (memcmp(r.hub, ring->hub, 32) ||
		    keyring_subkey(ring, r.epoch, REMOVAL_USE, key_secret)))
		rc = err_set(e, HUB_EAUTH, "removed key slot: it is of another "
			     "hub, or of an epoch that is not known here");
	if (rc < 0)
		return rc;
	if (aead_commit_check(key_secret, r.commit) ||
	    aead_open(key_secret, r.nonce, p, REMOVAL_AD, r.box, REMOVAL_BOX,
		      plain))
		rc = err_set(e, HUB_EAUTH, "removed key slot: no member of this "
			     "hub has removed it");
	if (!rc)
		rc = removal_body_decode(&ret->body, plain, sizeof(plain), e);
	if (!rc)
		rc = check_signer(&r, ring, &ret->body, plain, e);
	memcpy(ret->id, r.id, SLOT_ID);
	ret->epoch = r.epoch;
	memcpy(ret->file, p, REMOVAL_SIZE);
	hash_once(ret->hash, p, n);
	secret_wipe(key_secret, sizeof(key_secret));
	secret_wipe(plain, sizeof(plain));
	return rc;
}

/* ---- many ---- */

static int rank(const struct slots_gone_one *o)
{
	return o->body.chain.n ? (int)cert_chain_last(&o->body.chain)->role : 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct slots_gone_one *x = a, *y = b;
	int c = rank(x) - rank(y);

	return c ? c : memcmp(x->hash, y->hash, sizeof(x->hash));
}

/* Those of ${found} that count beside what ${g} has; the others are left out. */
static int accept_all(struct slots_gone *g, struct slots_gone *found,
		      struct err *e)
{
	size_t i;
	int rc = 0;

	if (found->n)
		qsort(found->at, found->n, sizeof(*found->at), by_rank);
	for (i = 0; !rc && i < found->n; i++)
		if (!slots_gone_find(g, found->at[i].id) &&
		    !slots_gone_chain(g, &found->at[i].body.chain))
			rc = append(g, &found->at[i], e);
	return rc;
}

struct look {
	struct place *p;
	const struct keyring *ring;
	struct slots_gone found;
};

static int look_at(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct look *l = arg;
	struct slots_gone_one one;
	struct buf file = BUF_INIT;
	int rc = l->p->ops->slot_get(l->p, id, &file, e), is = 0;

	if (!rc && removal_is(file.p, file.n)) {
		rc = open_removal(l->ring, file.p, file.n, &one, e);
		is = !rc && !memcmp(one.id, id, SLOT_ID);
	}
	buf_release(&file);
	/* What a place made up is nobody's removal. */
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT || err_is_damage(rc)) {
		err_clear(e);
		rc = 0;
	}
	return is ? append(&l->found, &one, e) : rc;
}

int slots_gone_load(struct slots_gone *g, struct place *p,
		    const struct keyring *ring, struct err *e)
{
	struct look l = { .p = p, .ring = ring };
	int rc = p->ops->slot_each(p, look_at, &l, e);

	if (!rc)
		rc = accept_all(g, &l.found, e);
	slots_gone_release(&l.found);
	return rc;
}

static int keep(struct slots_gone *g, const uint8_t *file, struct err *e)
{
	uint8_t *p = realloc(g->other, (g->other_n + 1) * REMOVAL_SIZE);

	if (!p)
		return err_nomem(e);
	g->other = p;
	memcpy(p + g->other_n++ * REMOVAL_SIZE, file, REMOVAL_SIZE);
	return 0;
}

int slots_gone_decode(struct slots_gone *g, const struct keyring *ring,
		      const void *p, size_t n, struct err *e)
{
	struct slots_gone_one one;
	const uint8_t *at = p;
	int rc = 0;

	if (n > SLOTS_GONE_MAX * REMOVAL_SIZE)
		n = SLOTS_GONE_MAX * REMOVAL_SIZE;
	for (; !rc && n >= REMOVAL_SIZE; at += REMOVAL_SIZE, n -= REMOVAL_SIZE) {
		rc = open_removal(ring, at, REMOVAL_SIZE, &one, e);
		if (err_is_damage(rc)) {
			err_clear(e);
			rc = keep(g, at, e);
		} else if (!rc && !slots_gone_find(g, one.id)) {
			rc = append(g, &one, e);
		}
	}
	return rc;
}

void slots_gone_encode(struct buf *out, const struct slots_gone *g)
{
	const uint8_t *p = g->other;
	size_t i, n = g->n;

	for (i = 0; i < g->n; i++)
		buf_add(out, g->at[i].file, REMOVAL_SIZE);
	for (i = 0; i < g->other_n; i++, p += REMOVAL_SIZE)
		if (n < SLOTS_GONE_MAX && !slots_gone_find(g, p + ID_AT)) {
			buf_add(out, p, REMOVAL_SIZE);
			n++;
		}
}

/* ---- removing ---- */

static int seal(struct removal *r, const struct keyring *ring,
		const struct slots_by *by, struct removal_body *b,
		struct err *e)
{
	struct buf plain = BUF_INIT, all = BUF_INIT;
	uint8_t key_secret[KEYRING_KEY];
	int rc;

	memset(&b->chain, 0, sizeof(b->chain));
	if (by->chain)
		b->chain = *by->chain;
	r->epoch = keyring_epoch(ring);
	removal_body_encode(&plain, b);
	removal_encode_ad(&all, r);
	buf_add(&all, plain.p, plain.n);
	rc = buf_error(&all) || buf_error(&plain) ? HUB_ENOMEM :
		sign_make(by->key, REMOVAL_CONTEXT, all.p, all.n, b->sig);
	if (!rc) {
		removal_body_encode_sig(&plain, b);
		rc = buf_error(&plain) ? HUB_ENOMEM :
			keyring_subkey(ring, r->epoch, REMOVAL_USE, key_secret);
	}
	if (!rc) {
		aead_commit(key_secret, r->commit);
		secret_random(r->nonce, AEAD_NONCE);
		aead_seal(key_secret, r->nonce, all.p, REMOVAL_AD, plain.p,
			  plain.n, r->box);
		secret_wipe(key_secret, sizeof(key_secret));
	}
	buf_release(&all);
	buf_wipe(&plain);
	return rc == HUB_ENOMEM ? err_nomem(e) : rc < 0 ?
		err_set(e, rc, "the removal of a key slot cannot be sealed") :
		0;
}

/* ${b} says what was removed, when, and the pins; the rest is made here. */
static int put(struct place *p, const uint8_t id[SLOT_ID],
	       const struct keyring *ring, const struct slots_by *by,
	       struct removal_body *b, struct err *e)
{
	struct slots_gone_one one;
	struct buf file = BUF_INIT;
	struct removal r;
	int rc;

	memset(&r, 0, sizeof(r));
	memcpy(r.hub, ring->hub, 32);
	memcpy(r.id, id, SLOT_ID);
	rc = seal(&r, ring, by, b, e);
	if (!rc) {
		removal_encode(&file, &r);
		rc = buf_error(&file) ? err_nomem(e) :
			open_removal(ring, file.p, file.n, &one, e);
	}
	if (!rc)
		rc = slots_put_file(p, id, &file, e);
	buf_release(&file);
	return rc;
}

/* What ${gone} had removed stays so: somebody who counts signs it again. */
static int sign_again(struct place *p, const struct keyring *ring,
		      const struct slots_by *by, const uint8_t gone[SLOT_ID],
		      const struct slots_gone *before, struct err *e)
{
	struct removal_body b;
	size_t i;
	int k, rc = 0;

	for (i = 0; !rc && i < before->n; i++) {
		b = before->at[i].body;
		for (k = 0; k < b.chain.n; k++)
			if (!memcmp(b.chain.at[k].device, gone, SLOT_ID))
				break;
		if (k < b.chain.n)
			rc = put(p, before->at[i].id, ring, by, &b, e);
	}
	return rc;
}

int slots_remove(struct place *p, const struct keyring *ring,
		 const struct slots_by *by, const struct slots_removal *what,
		 struct err *e)
{
	struct slots_gone before = SLOTS_GONE_INIT;
	struct removal_body b;
	int rc = slots_gone_load(&before, p, ring, e);

	if (!rc && by->chain && slots_gone_chain(&before, by->chain))
		rc = err_set(e, HUB_EAUTH, "this computer was removed from the "
			     "hub itself");
	memset(&b, 0, sizeof(b));
	b.time = what->now;
	b.type = what->type;
	memcpy(b.label, what->label, strlen(what->label));
	b.pins_n = (uint8_t)what->pins_n;
	if (what->pins_n)
		memcpy(b.pins, what->pins, what->pins_n * sizeof(*b.pins));
	/* Order: sign again first, so that a kill leaves nothing that has come
	 * back. */
	if (!rc)
		rc = sign_again(p, ring, by, what->id, &before, e);
	if (!rc && !slots_gone_find(&before, what->id))
		rc = put(p, what->id, ring, by, &b, e);
	slots_gone_release(&before);
	return rc;
}
