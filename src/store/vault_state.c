/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_state.c - one state: opening and sealing; and the chain: does what a
 * place shows continue what this computer has seen?
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/aead.h"
#include "crypt/hash.h"
#include "store/vault_internal.h"

#define USE "state"		/* of the epoch's key */

static unsigned long long ull(uint64_t n)
{
	return (unsigned long long)n;
}

/* ---- open ---- */

static int damaged(uint64_t seq, const char *why, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "state %llu is damaged: %s", ull(seq),
		       why);
}

static int open_box(const struct vault *v, const struct vaultstate_head *head,
		    const uint8_t *p, size_t n, struct buf *plain,
		    struct err *e)
{
	uint8_t ad[VAULTSTATE_AD + 64], key[KEYRING_KEY];
	size_t box = n - VAULTSTATE_HEAD;
	int rc = keyring_subkey(v->conf.keys, head->epoch, USE, key);

	if (rc < 0)
		return err_set(e, HUB_EAUTH, "state %llu is sealed with keys "
			       "(epoch %u) that this device does not have",
			       ull(head->seq), (unsigned)head->epoch);
	vaultstate_ad(ad, p, v->file.hub, v->file.place);
	if (buf_grow(plain, box) < 0)
		rc = err_nomem(e);
	else if (aead_commit_check(key, head->commit) < 0 ||
		 aead_open(key, head->nonce, ad, sizeof(ad),
			   p + VAULTSTATE_HEAD, box, (uint8_t *)plain->p) < 0)
		rc = damaged(head->seq, "it cannot be opened", e);
	else
		plain->n = box - AEAD_TAG;
	secret_wipe(key, sizeof(key));
	return rc;
}

static int check_signer(const struct vault *v,
			const struct vaultstate_head *head,
			const struct vaultstate *s, const struct buf *plain,
			size_t body, struct err *e)
{
	const struct cert *last = cert_chain_last(&s->chain);
	struct buf msg = BUF_INIT;
	int rc = cert_chain_check(&s->chain, v->file.hub, v->conf.keys->identity,
				  e);

	if (rc < 0)
		return rc == HUB_ENOMEM ? rc :
		       err_set(e, HUB_EAUTH, "state %llu was made by a device "
			       "that does not belong to this hub",
			       ull(head->seq));
	if (memcmp(last->device, s->device, 16) || last->role > CERT_EDITOR)
		return err_set(e, HUB_EAUTH, "state %llu was made by a device "
			       "that may not write", ull(head->seq));
	vaultstate_signed(&msg, head, v->file.hub, v->file.place, plain->p,
			  body);
	rc = buf_error(&msg) ? HUB_ENOMEM
	     : sign_check(last->sign_pk, VAULTSTATE_CONTEXT, msg.p, msg.n,
			  s->sig);
	buf_release(&msg);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc < 0)
		return err_set(e, HUB_EAUTH, "the signature of state %llu is "
			       "wrong", ull(head->seq));
	return 0;
}

int vault_state_open(const struct vault *v, uint64_t seq, const void *p,
		     size_t n, struct vaultstate_head *head,
		     struct vaultstate *ret, struct err *e)
{
	struct buf plain = BUF_INIT;
	size_t body = 0;
	int rc = vaultstate_head_decode(head, p, n, e);

	if (rc == 0 && head->seq != seq)
		rc = damaged(seq, "it has another number", e);
	if (rc == 0)
		rc = open_box(v, head, p, n, &plain, e);
	if (rc == 0)
		rc = vaultstate_body_decode(ret, head->klass, plain.p, plain.n,
					    &body, e);
	if (rc == 0)
		rc = check_signer(v, head, ret, &plain, body, e);
	buf_wipe(&plain);
	return rc;
}

/* ---- seal ---- */

static int sign(const struct vault *v, const struct vaultstate_head *head,
		const struct buf *body, uint8_t sig[64], struct err *e)
{
	struct buf msg = BUF_INIT;
	int rc;

	vaultstate_signed(&msg, head, v->file.hub, v->file.place, body->p,
			  body->n);
	rc = buf_error(&msg) ? HUB_ENOMEM
	     : sign_make(v->conf.signer->key, VAULTSTATE_CONTEXT, msg.p, msg.n,
			 sig);
	buf_release(&msg);
	return rc < 0 ? err_nomem(e) : 0;
}

int vault_state_seal(const struct vault *v, struct vaultstate_head *head,
		     const struct vaultstate *s, struct buf *ret,
		     struct err *e)
{
	uint8_t ad[VAULTSTATE_AD + 64], key[KEYRING_KEY], sig[64];
	uint8_t h[VAULTSTATE_HEAD];
	struct buf body = BUF_INIT;
	int rc;

	head->epoch = keyring_epoch(v->conf.keys);
	rc = keyring_subkey(v->conf.keys, head->epoch, USE, key);
	if (rc < 0)
		return err_set(e, HUB_EBUG, "no key of the newest epoch");
	vaultstate_body_encode(&body, s);
	rc = buf_error(&body) ? err_nomem(e) : sign(v, head, &body, sig, e);
	if (rc == 0)
		rc = vaultstate_plain(&body, head, sig, e);
	if (rc < 0)
		goto out;
	aead_commit(key, head->commit);
	secret_random(head->nonce, sizeof(head->nonce));
	vaultstate_head_encode(h, head);
	vaultstate_ad(ad, h, v->file.hub, v->file.place);
	if (buf_grow(ret, VAULTSTATE_MAX) < 0) {
		rc = err_nomem(e);
		goto out;
	}
	buf_add(ret, h, sizeof(h));
	aead_seal(key, head->nonce, ad, sizeof(ad), body.p, body.n,
		  (uint8_t *)ret->p + ret->n);
	ret->n += body.n + AEAD_TAG;
	ret->p[ret->n] = 0;
out:
	secret_wipe(key, sizeof(key));
	buf_wipe(&body);
	return rc;
}

/* ---- the chain ---- */

static int forked(const struct vault *v, uint64_t seq, struct err *e)
{
	return err_set(e, HUB_EREMOTE, "'%s' shows another history than "
		       "before: there are two states %llu",
		       v->conf.place->name, ull(seq));
}

/* State ${seq} is not the one that its follower names: is it another whole
 * one, or is it damaged? */
static int judge(const struct vault *v, uint64_t seq, const struct buf *b,
		 struct err *e)
{
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	int rc;

	if (!s)
		return err_nomem(e);
	rc = vault_state_open(v, seq, b->p, b->n, &head, s, e);
	free(s);
	return rc == 0 ? forked(v, seq, e) : rc;
}

/* Nobody who can read a state seals its follower with an older key: it was made
 * by one who was not given the newer. */
static int older_key(const struct vault *v, uint64_t seq, uint32_t epoch,
		     uint32_t before, struct err *e)
{
	return epoch >= before ? 0 :
	       err_set(e, HUB_EREMOTE, "the state after %llu of '%s' is sealed with "
		       "an older key than that one: a computer that was removed "
		       "from the hub has made it", ull(seq),
		       v->conf.place->name);
}

/* ---- states that a repair put aside ---- */

/* Is state ${seq} a checkpoint?  1, 0, or a code. */
static int is_checkpoint(const struct vault *v, uint64_t seq, struct err *e)
{
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	int rc = s ? v->conf.place->ops->state_get(v->conf.place, seq, &b, e)
		   : err_nomem(e);

	if (rc == 0 && !b.n)
		goto out;
	if (rc == 0)
		rc = vault_state_open(v, seq, b.p, b.n, &head, s, e);
	if (rc == 0)
		rc = s->kind == VAULTSTATE_CHECKPOINT;
out:
	free(s);
	buf_release(&b);
	return rc;
}

/* Is what lies at ${seq} an empty state, which a repair left, and stands a
 * checkpoint above it?  ${newest}, ${newest_seq}: not taken yet.  1, 0, or a
 * code. */
static int is_voided(const struct vault *v, uint64_t seq,
		     const struct vaultstate *newest, uint64_t newest_seq,
		     struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t at;
	int rc = v->conf.place->ops->state_get(v->conf.place, seq, &b, e);
	int empty = rc == 0 && !b.n;

	buf_release(&b);
	if (rc < 0 || !empty)
		return rc;
	if (newest->kind == VAULTSTATE_CHECKPOINT)
		return 1;
	for (at = seq + 1; rc == 0 && at < newest_seq; at++)
		rc = is_checkpoint(v, at, e);
	return rc;
}

/* A walk back from the newest state. */
struct walk {
	const struct vault *v;
	const struct vaultstate *newest;
	uint64_t newest_seq;
	uint8_t want[32];	/* hash of the next one */
	int known;		/* is it?  Not behind one that was put aside */
	uint32_t epoch;		/* of the one before, the newer */
};

/* Old ones may be gone. */
static int may_be_gone(const struct walk *w, uint64_t seq)
{
	uint64_t kept = w->newest_seq / VAULT_CHECKPOINT;

	kept = kept ? (kept - 1) * VAULT_CHECKPOINT : 0;
	return seq < kept;
}

/* State ${seq}, whose ${hash} is not what its follower names: 1 if a repair put
 * it aside, or none names it; or why not. */
static int odd(struct walk *w, uint64_t seq, const struct buf *b,
	       struct err *e)
{
	int rc;

	if (b->n)
		return w->known ? judge(w->v, seq, b, e) : 1;
	rc = is_voided(w->v, seq, w->newest, w->newest_seq, e);
	w->known = 0;
	return rc ? rc : damaged(seq, "it is empty", e);
}

/* 1: one step back to the state before ${seq}; 0: ${seq} is gone, which old
 * ones may be. */
static int step_back(struct walk *w, uint64_t seq, struct err *e)
{
	struct place *p = w->v->conf.place;
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	uint8_t hash[32];
	int rc = p->ops->state_get(p, seq, &b, e);

	if (rc == HUB_EABSENT)
		rc = may_be_gone(w, seq) ? 0 :
			err_set(e, HUB_ECORRUPT, "state %llu is missing",
				ull(seq));
	else if (rc == 0)
		rc = 1;
	if (rc <= 0)
		goto out;
	hash_once(hash, b.p, b.n);
	if (!b.n || (w->known && memcmp(hash, w->want, 32))) {
		rc = odd(w, seq, &b, e);
		goto out;
	}
	rc = vaultstate_head_decode(&head, b.p, b.n, e);
	if (rc == 0 && head.seq != seq)
		rc = forked(w->v, seq, e);
	if (rc == 0)
		rc = older_key(w->v, seq, w->epoch, head.epoch, e);
	if (rc == 0) {
		w->epoch = head.epoch;
		memcpy(w->want, head.previous, 32);
		w->known = 1;
		rc = 1;
	}
out:
	buf_release(&b);
	return rc;
}

/* What we have believed is not needed again: only its epoch is asked, if it can
 * be had. */
static int mark_epoch(const struct walk *w, struct err *e)
{
	struct place *p = w->v->conf.place;
	uint64_t seq = w->v->mark->seq;
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	int rc = 0;

	if (!p->ops->state_get(p, seq, &b, NULL) &&
	    !vaultstate_head_decode(&head, b.p, b.n, NULL))
		rc = older_key(w->v, seq, w->epoch, head.epoch, e);
	buf_release(&b);
	return rc;
}

/* The walk has come to the state that this computer saw last: is it that one?
 * If a repair put it aside, nobody can say. */
static int same_mark(struct walk *w, struct err *e)
{
	const struct vault_mark *m = w->v->mark;
	struct place *p = w->v->conf.place;
	struct buf b = BUF_INIT;
	uint8_t hash[32];
	int rc;

	if (w->known && !memcmp(w->want, m->hash, 32))
		return 0;
	rc = p->ops->state_get(p, m->seq, &b, e);
	hash_once(hash, b.p, b.n);
	if (rc == HUB_EABSENT || (rc == 0 && b.n && (w->known ||
					memcmp(hash, m->hash, 32))))
		rc = forked(w->v, m->seq, e);
	else if (rc == 0 && !b.n) {
		rc = is_voided(w->v, m->seq, w->newest, w->newest_seq, e);
		rc = rc > 0 ? 0 : rc ? rc : forked(w->v, m->seq, e);
	}
	buf_release(&b);
	return rc;
}

int vault_state_chain(struct vault *v, uint64_t seq,
		      const struct vaultstate_head *head,
		      const uint8_t hash[32], const struct vaultstate *s,
		      struct err *e)
{
	const struct vault_mark *m = v->mark;
	struct walk w = { .v = v, .newest = s, .newest_seq = seq, .known = 1,
			  .epoch = head->epoch };
	uint64_t at, last;
	int rc = 1;

	/* The first look: nothing to compare with.  (One that went back has been
	 * noticed when the newest was looked for.)  Who mends was told. */
	if (m->seq == 0 || seq < m->seq || v->conf.mend)
		return 0;
	if (seq == m->seq)
		return memcmp(hash, m->hash, 32) ? forked(v, seq, e) : 0;
	if (!vaultstate_covers(s->vector, s->vector_n, m->vector, m->vector_n))
		return err_set(e, HUB_EREMOTE, "state %llu of '%s' lacks "
			       "changes that were there before", ull(seq),
			       v->conf.place->name);
	/* Back to the mark, or two checkpoints if it is farther away. */
	last = seq > 2 * VAULT_CHECKPOINT ? seq - 2 * VAULT_CHECKPOINT : 0;
	memcpy(w.want, head->previous, 32);
	for (at = seq - 1; rc > 0 && at > m->seq && at > last; at--)
		rc = step_back(&w, at, e);
	if (rc <= 0 || at != m->seq)
		return rc < 0 ? rc : 0;
	rc = same_mark(&w, e);
	return rc < 0 ? rc : mark_epoch(&w, e);
}
