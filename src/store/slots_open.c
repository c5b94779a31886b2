/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots_open.c - open key slots, and judge whether they count.
 */
#include "store/slots.h"

#include <stdlib.h>
#include <string.h>

#include "store/slots_internal.h"

void slots_opened_release(struct slots_opened *o)
{
	keyring_free(o->ring);
	sign_free(o->identity);
	memset(o, 0, sizeof(*o));
}

int slots_fetch(struct place *p, const uint8_t id[SLOT_ID],
		const uint8_t hub[32], struct buf *file, struct slot *ret,
		struct err *e)
{
	int rc = p->ops->slot_get(p, id, file, e);

	if (!rc && removal_is(file->p, file->n))
		rc = err_set(e, HUB_EAUTH, "this key slot was removed from the "
			     "hub");
	if (!rc)
		rc = slot_decode(ret, file->p, file->n, e);
	if (!rc && memcmp(ret->id, id, SLOT_ID))
		rc = err_set(e, HUB_ECORRUPT, "key slot: it has another name "
			     "than it says");
	if (!rc && memcmp(ret->hub, hub, 32))
		rc = err_set(e, HUB_EAUTH, "key slot: it is of another hub");
	return rc;
}

/* Owners and admins make slots for all; others for themselves. */
static int may_make(const struct slot *s, const struct cert_chain *chain)
{
	const struct cert *c;

	if (!chain->n)
		return 1;
	c = cert_chain_last(chain);
	return c->role <= CERT_ADMIN ||
		(s->type == SLOT_DEVICE &&
		 !memcmp(s->id, c->device, SLOT_ID) &&
		 !memcmp(s->box_pk, c->box_pk, BOX_PUBLIC));
}

static int check_notes(const struct slot *s, const struct keyring *ring,
		       const struct slot_notes *n, const uint8_t *plain,
		       const struct buf *before, struct err *e)
{
	const uint8_t *key = ring->identity;
	struct buf all = BUF_INIT;
	int rc = 0;

	if (n->chain.n) {
		rc = cert_chain_check(&n->chain, ring->hub, ring->identity, e);
		key = cert_chain_last(&n->chain)->sign_pk;
	}
	if (rc < 0)
		return rc;
	if (!may_make(s, &n->chain))
		return err_set(e, HUB_EAUTH, "key slot: it was made by one who "
			       "may not");
	buf_add(&all, before->p, before->n);
	buf_add(&all, plain, n->signed_n);
	rc = buf_error(&all) ? HUB_ENOMEM :
		sign_check(key, SLOT_CONTEXT, all.p, all.n, n->sig);
	buf_release(&all);
	if (rc == HUB_EAUTH)
		return err_set(e, rc, "key slot: its signature is wrong");
	return rc < 0 ? err_nomem(e) : 0;
}

int slots_notes(const struct slot *s, const struct keyring *ring,
		struct slot_notes *ret, struct err *e)
{
	uint8_t key_secret[KEYRING_KEY], plain[SLOT_NOTES];
	struct buf before = BUF_INIT;
	int rc;

	if (keyring_subkey(ring, s->epoch, SLOT_USE, key_secret))
		return err_set(e, HUB_EAUTH, "key slot: it is of epoch %u, "
			       "which this computer does not know", s->epoch);
	slot_encode_to_notes(&before, s);
	rc = buf_error(&before) ? err_nomem(e) : 0;
	if (!rc && (aead_commit_check(key_secret, s->notes_commit) ||
		    aead_open(key_secret, s->notes_nonce, before.p, before.n,
			      s->notes, SLOT_NOTES_BOX, plain)))
		rc = err_set(e, HUB_EAUTH, "key slot: no member of this hub "
			     "has made it, or it is damaged");
	if (!rc)
		rc = slot_notes_decode(ret, plain, sizeof(plain), e);
	if (!rc)
		rc = check_notes(s, ring, ret, plain, &before, e);
	secret_wipe(key_secret, sizeof(key_secret));
	secret_wipe(plain, sizeof(plain));
	buf_release(&before);
	return rc;
}

/* The keyring of a slot whose secret half we have, and all that must hold. */
static int open_keys(const struct slot *s, const uint8_t sk[BOX_SECRET],
		     const uint8_t *identity, struct slots_opened *ret,
		     struct err *e)
{
	size_t n = s->keys.n - BOX_EXTRA;
	uint8_t *plain_secret = secret_new(n);
	struct keyring *r = NULL;
	int rc;

	if (!plain_secret)
		return err_nomem(e);
	rc = box_open(s->box_pk, sk, s->keys.p, s->keys.n, plain_secret);
	if (rc < 0)
		err_set(e, rc, "key slot: its keyring does not open with this "
			"key");
	else
		rc = slot_keys_decode(&r, plain_secret, n, e);
	secret_free(plain_secret);
	if (!rc && (memcmp(r->hub, s->hub, 32) ||
		    (identity && memcmp(r->identity, identity, 32))))
		rc = err_set(e, HUB_EAUTH, "key slot: its keyring is of another "
			     "hub or identity");
	if (!rc && s->epoch != keyring_epoch(r))
		rc = err_set(e, HUB_ECORRUPT, "key slot: its parts are of "
			     "different epochs");
	if (!rc)
		rc = slots_notes(s, r, &ret->notes, e);
	if (rc < 0) {
		keyring_free(r);
		return rc;
	}
	memcpy(ret->id, s->id, SLOT_ID);
	ret->ring = r;
	return 0;
}

int slots_open_device(struct place *p, const uint8_t hub[32],
		      const uint8_t device[16], const uint8_t box_seed[BOX_SEED],
		      const uint8_t *identity, struct slots_opened *ret,
		      struct err *e)
{
	uint8_t pk[BOX_PUBLIC], *sk_secret = secret_new(BOX_SECRET);
	struct buf file = BUF_INIT;
	struct slot s;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!sk_secret)
		return err_nomem(e);
	box_pair(box_seed, pk, sk_secret);
	rc = slots_fetch(p, device, hub, &file, &s, e);
	if (rc == HUB_EAUTH && removal_is(file.p, file.n))
		err_set(e, rc, "this computer was removed from the hub: what "
			"was stored since is not for it; a new clone is a new "
			"computer");
	if (!rc && (s.type != SLOT_DEVICE || memcmp(s.box_pk, pk, BOX_PUBLIC)))
		rc = err_set(e, HUB_EAUTH, "the key slot of this computer was "
			     "made for another key");
	if (!rc)
		rc = open_keys(&s, sk_secret, identity, ret, e);
	secret_free(sk_secret);
	buf_release(&file);
	return rc;
}

/* ---- passphrase ---- */

struct pass_try {
	struct place *p;
	const uint8_t *hub;
	const char *pass;
	size_t n;
	struct slots_opened *ret;
	int tried, found;
	int bad_rc;		/* of a slot that could not be tried */
	struct err bad;
};

/* 0: open; HUB_EAUTH: not its passphrase. */
static int try_one(struct pass_try *t, const struct slot *s, struct err *e)
{
	struct { uint8_t kek[KDF_KEY], plain[SLOT_SECRET]; } *secret;
	uint8_t pk[32];
	struct buf ad = BUF_INIT;
	int rc;

	secret = secret_new(sizeof(*secret));
	if (!secret)
		return err_nomem(e);
	rc = kdf_argon2id(secret->kek, t->pass, t->n, s->salt, s->ops, s->kib,
			  e);
	slot_encode_to_secret(&ad, s);
	if (!rc && buf_error(&ad))
		rc = err_nomem(e);
	if (!rc)
		rc = aead_commit_check(secret->kek, s->commit);
	if (!rc && aead_open(secret->kek, s->nonce, ad.p, ad.n, s->secret,
			     SLOT_SECRET_BOX, secret->plain))
		rc = err_set(e, HUB_ECORRUPT, "the key slot is damaged");
	if (!rc) {
		t->ret->identity = sign_from_seed(secret->plain + BOX_SECRET);
		rc = t->ret->identity ? 0 : err_nomem(e);
	}
	if (!rc) {
		sign_public(t->ret->identity, pk);
		rc = open_keys(s, secret->plain, pk, t->ret, e);
		if (rc == HUB_EAUTH)	/* the passphrase was right */
			rc = HUB_ECORRUPT;
	}
	if (rc < 0)
		slots_opened_release(t->ret);
	secret_free(secret);
	buf_release(&ad);
	return rc;
}

static int try_slot(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct pass_try *t = arg;
	struct buf file = BUF_INIT;
	struct err why = ERR_INIT;
	struct slot s;
	int rc = slots_fetch(t->p, id, t->hub, &file, &s, &why);

	if (!rc && (s.type != SLOT_PASSPHRASE || t->found ||
		    t->tried == SLOTS_PASS_MAX))
		goto out;
	if (!rc) {
		t->tried++;
		rc = try_one(t, &s, &why);
		t->found = !rc;
	}
	if (rc == HUB_EAUTH)
		rc = 0;
	if (rc < 0 && !t->bad_rc) {
		t->bad_rc = rc;
		t->bad = why;
		t->bad.rc = rc;
	}
out:
	buf_release(&file);
	return 0;
}

int slots_open_passphrase(struct place *p, const uint8_t hub[32],
			  const char *pass, size_t n, struct slots_opened *ret,
			  struct err *e)
{
	struct pass_try t = { .p = p, .hub = hub, .pass = pass, .n = n,
			      .ret = ret };
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = p->ops->slot_each(p, try_slot, &t, e);
	if (rc < 0) {
		slots_opened_release(ret);
		return rc;
	}
	if (t.found)
		return 0;
	if (t.bad_rc)
		return err_set(e, t.bad_rc, "%s", t.bad.msg);
	if (!t.tried)
		return err_set(e, HUB_EABSENT, "'%s' has no passphrase slot of "
			       "this hub", p->name);
	return err_set(e, HUB_EAUTH, "wrong passphrase");
}
