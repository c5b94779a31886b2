/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hubfile.c - encode and decode the small text files of a hub and of a device:
 * hubformat-hub(5), hubformat-device(5), hubformat-accepted(5).
 */
#include <string.h>
#include "base/banned.h"
#include "crypt/sign.h"
#include "fmt/hubfile.h"
#include "fmt/presence.h"
#include "fmt/text.h"

#define HUB "vibehub-hub"
#define KEY "vibehub-device-key"
#define ACCEPTED "vibehub-accepted"
#define VERSION 1
#define KEY_VERSION 2

static void check_device(const char *s)
{
	if (!presence_uuid_ok(s))
		BUG("a device '%s'", s);
}

/* ---- hub ---- */

void hubfile_hub_encode(struct buf *out, const struct hubfile_hub *h)
{
	if (h->min_reader < 1 || h->min_writer < h->min_reader ||
	    h->min_writer > HUBFILE_VERSION_MAX)
		BUG("a hub for readers of %llu and writers of %llu",
		    (unsigned long long)h->min_reader,
		    (unsigned long long)h->min_writer);
	buf_addf(out, HUB " %d\n", VERSION);
	text_add_hex(out, "id", h->id, sizeof(h->id));
	buf_addf(out, "min_reader %llu\n", (unsigned long long)h->min_reader);
	buf_addf(out, "min_writer %llu\n", (unsigned long long)h->min_writer);
	text_add_time(out, "created", h->created);
}

static int hub_read(struct hubfile_hub *ret, struct text *t, struct err *e)
{
	int rc = text_hex(t, "id", ret->id, sizeof(ret->id), e);

	if (rc == 0)
		rc = text_number(t, "min_reader", 1, HUBFILE_VERSION_MAX,
				 &ret->min_reader, e);
	/* What follows in a hub that is not for us is not ours to judge. */
	if (rc == 0 && ret->min_reader > HUBFILE_READER)
		return err_set(e, HUB_EVERSION, HUB ": needs a program that "
			       "reads version %llu, this one reads %d: use a "
			       "newer hub", (unsigned long long)ret->min_reader,
			       HUBFILE_READER);
	if (rc == 0)
		rc = text_number(t, "min_writer", ret->min_reader,
				 HUBFILE_VERSION_MAX, &ret->min_writer, e);
	if (rc == 0)
		rc = text_time(t, "created", &ret->created, e);
	if (rc == 0)
		rc = text_close(t, e);
	return rc;
}

int hubfile_hub_decode(struct hubfile_hub *ret, const void *p, size_t n,
		       struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, HUB, VERSION, HUBFILE_MAX, p, n, e);
	if (rc == 0)
		rc = hub_read(ret, &t, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

/* ---- device key ---- */

void hubfile_key_encode(struct buf *out, const struct hubfile_key *k)
{
	uint8_t cert[CERT_SIZE];
	int i;

	check_device(k->device);
	buf_addf(out, KEY " %d\n", k->chain.n ? KEY_VERSION : VERSION);
	buf_addf(out, "device %s\n", k->device);
	text_add_hex(out, "hub", k->hub, sizeof(k->hub));
	text_add_hex(out, "seed", k->seed_secret, sizeof(k->seed_secret));
	if (!k->chain.n)
		return;
	text_add_hex(out, "box", k->box_secret, sizeof(k->box_secret));
	text_add_hex(out, "identity", k->identity, sizeof(k->identity));
	for (i = 0; i < k->chain.n; i++) {
		cert_encode(cert, &k->chain.at[i]);
		text_add_hex(out, "cert", cert, sizeof(cert));
	}
}

static int read_chain(struct hubfile_key *ret, struct text *t, struct err *e)
{
	const struct cert *last;
	uint8_t b[CERT_SIZE], uuid[16];
	int rc;

	do {
		rc = text_hex(t, "cert", b, sizeof(b), e);
		if (rc == 0)
			rc = cert_decode(&ret->chain.at[ret->chain.n++], b,
					 sizeof(b), e);
	} while (rc == 0 && ret->chain.n < CERT_CHAIN_MAX &&
		 text_is(t, "cert"));
	if (rc < 0)
		return rc;
	last = cert_chain_last(&ret->chain);
	cert_uuid(uuid, ret->device);
	if (memcmp(last->device, uuid, 16) ||
	    cert_chain_links(&ret->chain, ret->hub, ret->identity, NULL))
		return text_bad(t, "cert", e);
	return 0;
}

static int key_open(struct text *t, unsigned *version, const void *p,
		    size_t n, struct err *e)
{
	int rc;

	*version = KEY_VERSION;
	rc = text_open(t, KEY, KEY_VERSION, HUBFILE_MAX, p, n, e);
	if (rc == HUB_EVERSION) {
		struct err why = ERR_INIT;

		if (!text_open(t, KEY, VERSION, HUBFILE_MAX, p, n, &why)) {
			*version = VERSION;
			err_clear(e);
			return 0;
		}
	}
	return rc;
}

int hubfile_key_decode(struct hubfile_key *ret, const void *p, size_t n,
		       struct err *e)
{
	unsigned version;
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = key_open(&t, &version, p, n, e);
	if (rc == 0)
		rc = text_string(&t, "device", ret->device,
				 sizeof(ret->device), presence_uuid_ok, e);
	if (rc == 0)
		rc = text_hex(&t, "hub", ret->hub, sizeof(ret->hub), e);
	if (rc == 0)
		rc = text_hex(&t, "seed", ret->seed_secret,
			      sizeof(ret->seed_secret), e);
	if (rc == 0 && version == KEY_VERSION) {
		rc = text_hex(&t, "box", ret->box_secret,
			      sizeof(ret->box_secret), e);
		if (rc == 0)
			rc = text_hex(&t, "identity", ret->identity,
				      sizeof(ret->identity), e);
		if (rc == 0)
			rc = read_chain(ret, &t, e);
	}
	if (rc == 0)
		rc = text_close(&t, e);
	if (rc < 0)
		hubfile_key_wipe(ret);
	return rc;
}

void hubfile_key_wipe(struct hubfile_key *k)
{
	secret_wipe(k, sizeof(*k));
}

/* ---- accepted mass change ---- */

void hubfile_accepted_encode(struct buf *out, const struct hubfile_accepted *a)
{
	check_device(a->device);
	buf_addf(out, ACCEPTED " %d\n", VERSION);
	text_add_hex(out, "hub", a->hub, sizeof(a->hub));
	text_add_hex(out, "change", a->change, sizeof(a->change));
	buf_addf(out, "device %s\n", a->device);
	text_add_hex(out, "key", a->key, sizeof(a->key));
	text_add_time(out, "time", a->time);
}

void hubfile_accepted_encode_sig(struct buf *out, const uint8_t sig[64])
{
	text_add_hex(out, "sig", sig, 64);
}

int hubfile_accepted_decode(struct hubfile_accepted *ret, const void *p,
			    size_t n, struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, ACCEPTED, VERSION, HUBFILE_MAX, p, n, e);
	if (rc == 0)
		rc = text_hex(&t, "hub", ret->hub, sizeof(ret->hub), e);
	if (rc == 0)
		rc = text_hex(&t, "change", ret->change, sizeof(ret->change),
			      e);
	if (rc == 0)
		rc = text_string(&t, "device", ret->device,
				 sizeof(ret->device), presence_uuid_ok, e);
	if (rc == 0)
		rc = text_hex(&t, "key", ret->key, sizeof(ret->key), e);
	if (rc == 0)
		rc = text_time(&t, "time", &ret->time, e);
	ret->signed_n = text_offset(&t);
	if (rc == 0)
		rc = text_hex(&t, "sig", ret->sig, sizeof(ret->sig), e);
	if (rc == 0)
		rc = text_close(&t, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
