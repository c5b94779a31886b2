/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots.c - make key slots.
 *
 * A slot is sealed outside in: first the passphrase's part, then the keyring,
 * last the notes, which sign all before them.  What is secret and plain lies in
 * locked memory only.
 */
#include "store/slots.h"

#include <string.h>

#include "store/slots_internal.h"

/* Into ${out}, owned by the caller. */
static int seal_keys(struct slot *s, const struct keyring *ring,
		     struct buf *out, struct err *e)
{
	size_t n = slot_keys_size(ring);
	uint8_t *plain_secret = secret_new(n);
	int rc;

	if (!plain_secret || buf_grow(out, n + BOX_EXTRA)) {
		secret_free(plain_secret);
		return err_nomem(e);
	}
	slot_keys_encode(plain_secret, ring);
	rc = box_seal(s->box_pk, plain_secret, n, (uint8_t *)out->p);
	secret_free(plain_secret);
	if (rc < 0)
		return err_set(e, rc, "key slot: nothing can be sealed to its "
			       "public key");
	s->keys.p = (const uint8_t *)out->p;
	s->keys.n = n + BOX_EXTRA;
	return 0;
}

static int sign_notes(struct slot_notes *notes, const struct slots_by *by,
		      const struct buf *before, struct buf *plain,
		      struct err *e)
{
	struct buf all = BUF_INIT;
	int rc;

	memset(&notes->chain, 0, sizeof(notes->chain));
	if (by->chain)
		notes->chain = *by->chain;
	slot_notes_encode(plain, notes);
	buf_add(&all, before->p, before->n);
	buf_add(&all, plain->p, plain->n);
	rc = buf_error(&all) || buf_error(plain) ? HUB_ENOMEM :
		sign_make(by->key, SLOT_CONTEXT, all.p, all.n, notes->sig);
	if (!rc) {
		slot_notes_encode_sig(plain, notes);
		rc = buf_error(plain);
	}
	buf_release(&all);
	return rc < 0 ? err_nomem(e) : 0;
}

static int seal_notes(struct slot *s, const struct keyring *ring,
		      const struct slots_by *by, struct slot_notes *notes,
		      struct err *e)
{
	struct buf before = BUF_INIT, plain = BUF_INIT;
	uint8_t key_secret[KEYRING_KEY];
	int rc;

	s->epoch = keyring_epoch(ring);
	keyring_subkey(ring, s->epoch, SLOT_USE, key_secret);
	aead_commit(key_secret, s->notes_commit);
	secret_random(s->notes_nonce, AEAD_NONCE);
	slot_encode_to_notes(&before, s);
	rc = buf_error(&before) ? err_nomem(e) :
		sign_notes(notes, by, &before, &plain, e);
	if (!rc)
		aead_seal(key_secret, s->notes_nonce, before.p, before.n,
			  plain.p, plain.n, s->notes);
	secret_wipe(key_secret, sizeof(key_secret));
	buf_release(&before);
	buf_wipe(&plain);
	return rc;
}

int slots_put_file(struct place *p, const uint8_t id[SLOT_ID],
		   const struct buf *file, struct err *e)
{
	struct buf got = BUF_INIT;
	int rc = p->ops->slot_put(p, id, file->p, file->n, e);

	if (!rc)
		rc = p->ops->slot_get(p, id, &got, e);
	if (!rc && buf_cmp(&got, file))
		rc = err_set(e, HUB_EIO, "'%s' gave back another key slot than "
			     "was written: nothing else was changed", p->name);
	buf_release(&got);
	return rc;
}

int slots_write(struct place *p, struct slot *s, const struct keyring *ring,
		const struct slots_by *by, struct slot_notes *notes,
		struct err *e)
{
	struct buf keys = BUF_INIT, file = BUF_INIT;
	int rc = seal_keys(s, ring, &keys, e);

	if (!rc)
		rc = seal_notes(s, ring, by, notes, e);
	if (!rc) {
		slot_encode(&file, s);
		rc = buf_error(&file) ? err_nomem(e) :
			slots_put_file(p, s->id, &file, e);
	}
	s->keys.p = NULL;
	s->keys.n = 0;
	buf_release(&keys);
	buf_release(&file);
	return rc;
}

/* ---- passphrase ---- */

/* Tests may not spend a second and 256 MiB on each of a thousand hubs; a store
 * made so is as good as its passphrase. */
static void costs(struct slot *s, int cheap)
{
	s->ops = cheap ? KDF_OPS_MIN : KDF_OPS;
	s->kib = cheap ? KDF_KIB_MIN : KDF_KIB;
}

static int cheap;

void slots_cheap(int on)
{
	cheap = on;
}

static int seal_secret(struct slot *s, const uint8_t kek_secret[KDF_KEY],
		       const uint8_t box_sk[BOX_SECRET],
		       const struct sign_secret *identity, struct err *e)
{
	struct buf ad = BUF_INIT;
	uint8_t *plain_secret = secret_new(SLOT_SECRET);
	uint8_t *again_secret = secret_new(SLOT_SECRET);
	int rc = 0;

	aead_commit(kek_secret, s->commit);
	secret_random(s->nonce, AEAD_NONCE);
	slot_encode_to_secret(&ad, s);
	if (!plain_secret || !again_secret || buf_error(&ad)) {
		rc = err_nomem(e);
		goto out;
	}
	memcpy(plain_secret, box_sk, BOX_SECRET);
	sign_seed(identity, plain_secret + BOX_SECRET);
	aead_seal(kek_secret, s->nonce, ad.p, ad.n, plain_secret, SLOT_SECRET,
		  s->secret);
	if (aead_open(kek_secret, s->nonce, ad.p, ad.n, s->secret,
		      SLOT_SECRET_BOX, again_secret) ||
	    !secret_same(plain_secret, again_secret, SLOT_SECRET))
		rc = err_set(e, HUB_EBUG, "a new key slot does not open");
out:
	secret_free(plain_secret);
	secret_free(again_secret);
	buf_release(&ad);
	return rc;
}

int slots_put_passphrase(struct place *p, const struct keyring *ring,
			 const struct sign_secret *identity, const char *pass,
			 size_t n, const char *label, uint64_t now,
			 uint8_t *ret_id, struct err *e)
{
	struct { uint8_t seed[32], sk[32], kek[32]; } *secret;
	struct slot_notes notes = { .made = now };
	struct slots_by by = { identity, NULL };
	struct slot s = { .type = SLOT_PASSPHRASE };
	int rc;

	if (!slot_label_ok(label))
		return err_set(e, HUB_EUSAGE, "a label has 1 to %d bytes of "
			       "text", SLOT_LABEL_MAX);
	secret = secret_new(sizeof(*secret));
	if (!secret)
		return err_nomem(e);
	memcpy(notes.label, label, strlen(label));
	memcpy(s.hub, ring->hub, 32);
	secret_random(s.id, SLOT_ID);
	secret_random(s.salt, KDF_SALT);
	secret_random(secret->seed, BOX_SEED);
	box_pair(secret->seed, s.box_pk, secret->sk);
	costs(&s, cheap);
	rc = kdf_argon2id(secret->kek, pass, n, s.salt, s.ops, s.kib, e);
	if (!rc)
		rc = seal_secret(&s, secret->kek, secret->sk, identity, e);
	if (!rc)
		rc = slots_write(p, &s, ring, &by, &notes, e);
	if (!rc && ret_id)
		memcpy(ret_id, s.id, SLOT_ID);
	secret_free(secret);
	return rc;
}

/* ---- device ---- */

/* What was removed does not come back under the same id. */
static int check_new(struct place *p, const uint8_t id[SLOT_ID],
		     struct err *e)
{
	struct buf old = BUF_INIT;
	int rc = p->ops->slot_get(p, id, &old, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	} else if (!rc && removal_is(old.p, old.n)) {
		rc = err_set(e, HUB_EAUTH, "this computer was removed from the "
			     "hub: a new clone is a new computer");
	}
	buf_release(&old);
	return rc;
}

int slots_put_device(struct place *p, const struct keyring *ring,
		     const struct slots_by *by, const struct cert *c,
		     const char *label, uint64_t now, struct err *e)
{
	struct slot_notes notes = { .made = now };
	struct slot s = { .type = SLOT_DEVICE };
	int rc;

	if (!slot_label_ok(label))
		return err_set(e, HUB_EUSAGE, "a label has 1 to %d bytes of "
			       "text", SLOT_LABEL_MAX);
	memcpy(notes.label, label, strlen(label));
	memcpy(s.hub, ring->hub, 32);
	memcpy(s.id, c->device, SLOT_ID);
	memcpy(s.box_pk, c->box_pk, BOX_PUBLIC);
	rc = check_new(p, s.id, e);
	return rc < 0 ? rc : slots_write(p, &s, ring, by, &notes, e);
}
