/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-fmt-vectors.c - every vector of every format: the decoder says what the
 * vector says; what decodes encodes to the same bytes; signatures made by the
 * independent implementation are ours, bit for bit.
 */
#include "crypt/sign.h"
#include "fmt/baserec.h"
#include "fmt/behindfile.h"
#include "fmt/grantfile.h"
#include "fmt/hubfile.h"
#include "fmt/presence.h"
#include "fmt/slot.h"
#include "fmt/refact.h"
#include "fmt/remotes.h"
#include "fmt/releasedfile.h"
#include "fmt/removal.h"
#include "fmt/ticket.h"
#include "fmt/wsconfig.h"
#include "vec.h"

static int same(const struct buf *b, const struct vec *v)
{
	return b->n == v->data.n && !memcmp(b->p, v->data.p, b->n);
}

/* Has the vector's signature the worth that it says?  And with the seed at
 * hand, do we make the same one? */
static int signature(const struct vec *v, const char *context,
		     const uint8_t key[32], size_t n, const uint8_t sig[64])
{
	uint8_t seed[32], mine[64];
	struct sign_secret *k;
	int rc = sign_check(key, context, v->data.p, n, sig);

	if (strcmp(v->signature, rc ? err_name(rc) : "ok"))
		return 0;
	if (!v->seed[0])
		return 1;
	if (hex_decode(seed, 32, v->seed, strlen(v->seed)) < 0 ||
	    !(k = sign_from_seed(seed)))
		return 0;
	rc = sign_make(k, context, v->data.p, n, mine);
	sign_free(k);
	return rc == 0 && !memcmp(mine, sig, 64);
}

static void presence(const struct vec *v)
{
	struct presence p;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = presence_decode(&p, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		presence_encode(&b, &p);
		ok(b.n == p.signed_n, "... what is signed");
		presence_encode_sig(&b, p.sig);
		ok(same(&b, v), "... the same bytes again");
		ok(signature(v, PRESENCE_CONTEXT, p.key, p.signed_n, p.sig),
		   "... signature");
	}
	buf_release(&b);
	presence_release(&p);
}

static void hub(const struct vec *v)
{
	struct hubfile_hub h;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = hubfile_hub_decode(&h, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		hubfile_hub_encode(&b, &h);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void device(const struct vec *v)
{
	struct hubfile_key k;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t zero[32] = { 0 };
	int rc = hubfile_key_decode(&k, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		hubfile_key_encode(&b, &k);
		ok(same(&b, v), "... the same bytes again");
		hubfile_key_wipe(&k);
	}
	ok(!memcmp(k.seed_secret, zero, 32), "... no secret stays");
	buf_wipe(&b);
}

static void accepted(const struct vec *v)
{
	struct hubfile_accepted a;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = hubfile_accepted_decode(&a, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		hubfile_accepted_encode(&b, &a);
		ok(b.n == a.signed_n, "... what is signed");
		hubfile_accepted_encode_sig(&b, a.sig);
		ok(same(&b, v), "... the same bytes again");
		ok(signature(v, HUBFILE_ACCEPTED_CONTEXT, a.key, a.signed_n,
			     a.sig), "... signature");
	}
	buf_release(&b);
}

static void base(const struct vec *v)
{
	struct baserec r;
	uint8_t out[BASEREC_MAX];
	size_t n;
	int rc = baserec_decode(&r, v->data.p, v->data.n);

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc == 0) {
		n = baserec_encode(out, &r);
		ok(n == v->data.n && !memcmp(out, v->data.p, n),
		   "... the same bytes again");
	}
}

static void workspace(const struct vec *v)
{
	struct wsconfig c;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = wsconfig_decode(&c, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		wsconfig_encode(&b, &c);
		ok(same(&b, v), "... the same bytes again");
		wsconfig_release(&c);
	}
	buf_release(&b);
}

static void acts(const struct vec *v)
{
	struct refact a;
	struct buf b = BUF_INIT;
	size_t n = v->data.n;
	int rc = n && v->data.p[n - 1] == '\n' ?
		refact_decode(&a, v->data.p, n - 1) : HUB_ECORRUPT;

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc == 0)
		ok(!refact_encode(&b, &a) && same(&b, v),
		   "... the same bytes again");
	buf_release(&b);
}

static void queue(const struct vec *v)
{
	struct ticket t;
	char out[TICKET_NAME + 1];
	int rc = ticket_decode(&t, v->data.p, v->data.n);

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc)
		return;
	ticket_encode(out, &t);
	ok(v->data.n == TICKET_NAME && !memcmp(out, v->data.p, TICKET_NAME),
	   "... the same bytes again");
}

static void turns(void)
{
	struct ticket a = { 1, "a", 9 }, b = { 1, "b", 0 }, c = { 2, "", 0 };

	ok(ticket_cmp(&a, &b) < 0 && ticket_cmp(&b, &a) > 0 &&
	   ticket_cmp(&b, &c) < 0 && !ticket_cmp(&c, &c), "who goes first");
}

static void grant(const struct vec *v)
{
	struct grantfile g;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = grantfile_decode(&g, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		ok(!grantfile_encode(&b, &g) && b.n == g.signed_n,
		   "... what is signed");
		grantfile_encode_sig(&b, g.sig);
		ok(same(&b, v), "... the same bytes again");
		ok(signature(v, GRANTFILE_CONTEXT,
			     cert_chain_last(&g.chain)->sign_pk, g.signed_n,
			     g.sig), "... signature");
	}
	buf_release(&b);
	grantfile_release(&g);
}

/* Whole components only. */
static void grant_paths(void)
{
	struct grantfile g = { .paths = { (char *)"a/b", (char *)"c" },
			       .paths_n = 2 };

	ok(grantfile_covers(&g, "a/b", 3) && grantfile_covers(&g, "a/b/x", 5) &&
	   grantfile_covers(&g, "c/d", 3), "a path and what is below it");
	ok(!grantfile_covers(&g, "a", 1) && !grantfile_covers(&g, "a/bc", 4) &&
	   !grantfile_covers(&g, "cd", 2) && !grantfile_covers(&g, "", 0),
	   "nothing beside it");
	g.paths_n = 0;
	ok(grantfile_covers(&g, "x", 1), "no path: everything");
	ok(grantfile_role("viewer") == CERT_VIEWER && !grantfile_role("x"),
	   "roles by name");
}

static void released(const struct vec *v)
{
	struct releasedfile f;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = releasedfile_decode(&f, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		ok(!releasedfile_encode(&b, &f) && b.n == f.signed_n,
		   "... what is signed");
		releasedfile_encode_sig(&b, f.sig);
		ok(same(&b, v), "... the same bytes again");
		ok(signature(v, RELEASEDFILE_CONTEXT,
			     cert_chain_last(&f.chain)->sign_pk, f.signed_n,
			     f.sig), "... signature");
	}
	buf_release(&b);
	releasedfile_release(&f);
}

static int again(void *arg, enum behindfile_kind kind, const struct oid *id,
		 const char *path, size_t n)
{
	behindfile_encode_path(arg, kind, id, path, n);
	return 0;
}

static void behind(const struct vec *v)
{
	struct behindfile f;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = behindfile_decode(&f, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		behindfile_encode(&b, &f);
		behindfile_each(&f, again, &b, NULL);
		behindfile_encode_end(&b);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void cert(const struct vec *v)
{
	struct cert_chain chain = { .n = 1 };
	struct cert *c = &chain.at[0];
	struct err e = ERR_INIT;
	uint8_t b[CERT_SIZE], identity[32];
	int rc = cert_decode(c, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc < 0)
		return;
	cert_encode(b, c);
	ok(!memcmp(b, v->data.p, CERT_SIZE), "... the same bytes again");
	hex_decode(identity, 32, "77ece19b0f3fe0a75827075b7d062653"
		   "96b09b912346930d7b548fef88ad7768", 64);
	rc = cert_chain_check(&chain, c->hub, identity, &e);
	ok(!strcmp(v->signature, rc ? err_name(rc) : "ok"), "... as a chain");
	if (v->seed[0])
		ok(signature(v, CERT_CONTEXT, identity, CERT_SIGNED, c->sig),
		   "... signature");
}

static void keyring(const struct vec *v)
{
	struct keyring *r = NULL;
	struct err e = ERR_INIT;
	int rc = slot_keys_decode(&r, v->data.p, v->data.n, &e);
	uint8_t *p;

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc < 0)
		return;
	p = malloc(slot_keys_size(r));
	slot_keys_encode(p, r);
	ok(slot_keys_size(r) == v->data.n && !memcmp(p, v->data.p, v->data.n),
	   "... the same bytes again");
	free(p);
	keyring_free(r);
}

static void notes(const struct vec *v)
{
	struct slot_notes n;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = slot_notes_decode(&n, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		slot_notes_encode(&b, &n);
		ok(b.n == n.signed_n, "... what is signed");
		slot_notes_encode_sig(&b, &n);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void slot(const struct vec *v)
{
	struct slot s;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = slot_decode(&s, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		slot_encode(&b, &s);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void removal(const struct vec *v)
{
	struct removal r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = removal_decode(&r, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		removal_encode(&b, &r);
		ok(same(&b, v) && removal_is(b.p, b.n), "... the same bytes again");
	}
	buf_release(&b);
}

static void removalbody(const struct vec *v)
{
	struct removal_body r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = removal_body_decode(&r, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		removal_body_encode(&b, &r);
		ok(b.n == r.signed_n, "... what is signed");
		removal_body_encode_sig(&b, &r);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void remotes(const struct vec *v)
{
	struct remotes r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = remotes_decode(&r, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		remotes_encode(&b, &r);
		ok(same(&b, v), "... the same bytes again");
	}
	remotes_release(&r);
	buf_release(&b);
}

static void place(const struct vec *v)
{
	struct remotes_note n;
	struct buf b = BUF_INIT;
	int rc = remotes_note_decode(&n, v->data.p, v->data.n);

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc == 0) {
		remotes_note_encode(&b, &n);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

int main(void)
{
	crypt_init(NULL);
	vec_each("removal", 30, removal);
	vec_each("removalbody", 30, removalbody);
	vec_each("remotes", 80, remotes);
	vec_each("place", 90, place);
	vec_each("presence", 150, presence);
	vec_each("hub", 70, hub);
	vec_each("device", 130, device);
	vec_each("accepted", 90, accepted);
	vec_each("base", 50, base);
	vec_each("workspace", 40, workspace);
	vec_each("acts", 25, acts);
	vec_each("queue", 20, queue);
	turns();
	vec_each("behind", 50, behind);
	vec_each("grant", 80, grant);
	grant_paths();
	vec_each("released", 80, released);
	vec_each("cert", 30, cert);
	vec_each("keyring", 30, keyring);
	vec_each("notes", 30, notes);
	vec_each("slot", 60, slot);
	return done();
}
