/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys_far.c - the keys of a hub that is reached over a session.
 *
 * A computer's slot lies in the hub's vault and is read through the session.  One
 * that has none asks the hub for it: who may reach the hub as this user could
 * read its key by path, too.  The secret half of its keys never leaves it.
 */
#include "sync/keys.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/box.h"
#include "fmt/hubops.h"
#include "os/os_clock.h"
#include "sync/far.h"
#include "sync/keys_internal.h"

/* ---- the hub's side ---- */

static int certify(struct keys *k, const struct hubops_enrol *q,
		   enum cert_role role, uint64_t now,
		   struct cert_chain *ret, struct err *e)
{
	struct slots_by by;
	struct cert *c;

	keys_by(k, &by);
	memset(ret, 0, sizeof(*ret));
	if (by.chain)
		*ret = *by.chain;
	if (ret->n == CERT_CHAIN_MAX)
		return err_set(e, HUB_ELIMIT, "too many certificates lead to "
			       "this computer: enrol by another one");
	c = &ret->at[ret->n++];
	memset(c, 0, sizeof(*c));
	c->role = role;
	memcpy(c->hub, q->hub, 32);
	memcpy(c->device, q->device, 16);
	memcpy(c->sign_pk, q->sign_pk, 32);
	memcpy(c->box_pk, q->box_pk, 32);
	c->issued = now;
	if (cert_sign(c, by.key))
		return err_nomem(e);
	return slots_put_device(k->place, k->open.ring, &by, c, q->name, now,
				e);
}

int keys_far_enrol(const char *hub_dir, const uint8_t hub[32],
		   enum cert_role role, const void *p, size_t n,
		   struct buf *ret, struct err *e)
{
	struct hubops_enrol q;
	struct cert_chain chain;
	struct keys *k = NULL;
	int64_t now = os_now();
	int rc = hubops_enrol_decode(&q, p, n, e);

	if (!rc && (memcmp(q.hub, hub, 32) ||
		    sign_check(q.sign_pk, HUBOPS_ENROL_CONTEXT, p, q.signed_n,
			       q.sig)))
		rc = err_set(e, HUB_EAUTH, "a request for a key is not signed, "
			     "for this hub");
	if (!rc)
		rc = keys_open(hub_dir, hub, NULL, &k, e);
	if (!rc)
		rc = certify(k, &q, role, now < 0 ? 0 : (uint64_t)now, &chain, e);
	if (!rc) {
		buf_add(ret, k->open.ring->identity, 32);
		cert_chain_encode(ret, &chain);
		rc = buf_error(ret) ? err_nomem(e) : 0;
	}
	keys_close(k);
	return rc;
}

/* ---- the computer's side ---- */

static int ask(struct far *f, struct device *d, const uint8_t hub[32],
	       const uint8_t *ssh, const uint8_t box_pk[32], struct buf *ret,
	       struct err *e)
{
	struct hubops_enrol q;
	struct session *s;
	struct buf b = BUF_INIT, head = BUF_INIT;
	uint8_t sig[64];
	int rc = far_session(f, hub, &s, e);

	memset(&q, 0, sizeof(q));
	memcpy(q.hub, hub, 32);
	cert_uuid(q.device, d->id);
	memcpy(q.sign_pk, d->key, 32);
	memcpy(q.box_pk, box_pk, 32);
	memcpy(q.name, d->name, sizeof(q.name));
	hubops_enrol_encode(&b, &q);
	if (!rc && buf_error(&b))
		rc = err_nomem(e);
	if (!rc) {
		sign_make(d->secret, HUBOPS_ENROL_CONTEXT, b.p, b.n, sig);
		buf_add(&b, sig, sizeof(sig));
		buf_add(&head, ssh, ssh ? 32 : 0);
		buf_add(&head, b.p, b.n);
		rc = buf_error(&b) || buf_error(&head) ? err_nomem(e) :
			session_call(s, ssh ? HUBOPS_REDEEM : HUBOPS_ENROL,
				     head.p, head.n, ret, e);
	}
	buf_release(&b);
	buf_release(&head);
	return rc;
}

/* What the hub answered must lead to the keys that we made. */
static int take(struct device *d, struct device_vault *v,
		const uint8_t box_pk[32], const struct buf *b, struct err *e)
{
	const struct cert *last;
	struct rd r;
	int rc;

	rd_init(&r, b->p, b->n);
	rd_copy(&r, v->identity, 32);
	rc = cert_chain_decode(&v->chain, &r, e);
	if (!rc && (rd_end(&r) || !v->chain.n))
		rc = err_set(e, HUB_ECORRUPT, "the hub's answer to a request "
			     "for a key is malformed");
	if (!rc)
		rc = cert_chain_check(&v->chain, d->hub, v->identity, e);
	if (rc < 0)
		return rc;
	last = cert_chain_last(&v->chain);
	if (memcmp(last->sign_pk, d->key, 32) ||
	    memcmp(last->box_pk, box_pk, 32))
		return err_set(e, HUB_EAUTH, "the hub gave a key to another "
			       "computer than this one");
	d->vault = v;
	rc = device_save(d, e);
	if (rc < 0)
		d->vault = NULL;
	return rc;
}

/* ${ssh}: by an invitation, else NULL. */
static int enrol(struct far *f, struct device *d, const uint8_t hub[32],
		 const uint8_t *ssh, struct err *e)
{
	struct device_vault *v = secret_new(sizeof(*v));
	uint8_t box_pk[BOX_PUBLIC], sk_secret[BOX_SECRET];
	struct buf b = BUF_INIT;
	int rc;

	if (!v)
		return err_nomem(e);
	secret_random(v->box_secret, BOX_SEED);
	box_pair(v->box_secret, box_pk, sk_secret);
	secret_wipe(sk_secret, sizeof(sk_secret));
	rc = ask(f, d, hub, ssh, box_pk, &b, e);
	if (!rc) {
		secret_free(d->vault);
		d->vault = NULL;
		rc = take(d, v, box_pk, &b, e);
	}
	if (rc < 0)
		secret_free(v);
	buf_release(&b);
	return rc;
}

int keys_redeem_far(struct far *f, const uint8_t hub[32], struct device *d,
		    const uint8_t ssh[32], struct err *e)
{
	return enrol(f, d, hub, ssh, e);
}

int keys_open_far(struct far *f, const uint8_t hub[32], struct device *d,
		  struct keys **ret, struct err *e)
{
	struct keys *k = keys_new(far_url(f));
	int rc = k ? 0 : err_nomem(e), again = 1;

	if (!rc)
		rc = far_place(f, hub, &k->place, e);
	if (!rc && (!d || !d->secret))
		rc = err_set(e, HUB_EAUTH, "this computer has no key to the hub "
			     "'%s' yet: `hub sync` gets one", far_url(f));
	if (!rc && d->vault)
		again = rc = keys_open_as(k, d, hub, e);
	if (rc >= 0 && again) {
		rc = enrol(f, d, hub, NULL, e);
		if (!rc)
			rc = keys_open_as(k, d, hub, e);
		if (rc > 0)
			rc = err_set(e, HUB_EREMOTE, "the hub '%s' did not keep "
				     "the key slot that it made", far_url(f));
	}
	if (rc < 0)
		keys_close(k);
	else
		*ret = k;
	return rc;
}

int keys_open_hub(struct hub *h, struct device *d, struct keys **ret,
		  struct err *e)
{
	return h->far ? keys_open_far(h->far, h->format.id, d, ret, e) :
		keys_open(h->path.p, h->format.id, d, ret, e);
}

static int by_passphrase(struct far *f, const uint8_t hub[32],
			 const char *pass, size_t n, struct keys **ret,
			 struct err *e)
{
	struct keys *k = keys_new(far_url(f));
	int rc = k ? far_place(f, hub, &k->place, e) : err_nomem(e);

	if (!rc)
		rc = slots_open_passphrase(k->place, hub, pass, n, &k->open,
					   e);
	if (rc < 0)
		keys_close(k);
	else
		*ret = k;
	return rc;
}

int keys_open_ws(struct workspace *ws, const char *pass, size_t n,
		 struct keys **ret, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	if (far_is(ws->hub_url.p)) {
		if (!far_of(ws))
			return err_nomem(e);
		return pass ? by_passphrase(ws->far, ws->hub_id, pass, n, ret,
					    e) :
			keys_open_far(ws->far, ws->hub_id, &ws->dev, ret, e);
	}
	rc = hub_url_path(ws->hub_url.p, &path, e);
	if (!rc)
		rc = pass ? keys_open_passphrase(path.p, ws->hub_id, pass, n,
						 ret, e) :
			keys_open(path.p, ws->hub_id, &ws->dev, ret, e);
	buf_release(&path);
	return rc;
}
