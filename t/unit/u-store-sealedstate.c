/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-sealedstate.c - whole states, sealed and signed by an implementation
 * that is not ours.
 */
#include "store/vault_internal.h"
#include "vec.h"

static struct vault v;
static struct vaultstate st;

static void from_hex(uint8_t out[32], const char *text)
{
	if (hex_decode(out, 32, text, strlen(text)) < 0)
		printf("# no hex: %s\n", text);
}

/* The keys of t/vectors/gen_vault.py. */
static struct keyring *keys(void)
{
	struct keyring *r = keyring_new(1);

	r->epochs_n = 1;
	r->epochs[0].number = 1;
	memset(r->epochs[0].key_secret, 'e', 32);
	from_hex(r->hub, "fdae7aad3ec31e99eebae730868ecbc6"
			 "27e50b1886cc2e96d1470f40e311b7e6");
	from_hex(r->identity, "77ece19b0f3fe0a75827075b7d062653"
			      "96b09b912346930d7b548fef88ad7768");
	from_hex(v.file.place, "d081d5ea16923825155ad866dbf7e0bb"
			       "7fa326746ee432c2b37e71aebdbcc1c4");
	memcpy(v.file.hub, r->hub, 32);
	return r;
}

static void sealed(const struct vec *x)
{
	struct vaultstate_head h;
	struct err e = ERR_INIT;
	int rc = vault_state_open(&v, 3, x->data.p, x->data.n, &h, &st, &e);

	if (!ok(vec_expected(x, rc, &e), "%s", x->name))
		printf("# %s\n", e.msg);
	if (rc == 0) {
		ok(st.device[1] == 1 && st.time == 1795246140 && h.seq == 3,
		   "... what it says");
		ok(vault_state_open(&v, 4, x->data.p, x->data.n, &h, &st, &e)
		   == HUB_ECORRUPT, "... under another number");
	}
}

int main(void)
{
	struct keyring *r;

	crypt_init(NULL);
	r = keys();
	v.conf.keys = r;
	vec_each("sealedstate", 20, sealed);
	keyring_free(r);
	return done();
}
