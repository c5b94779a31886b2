/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-fmt-invite.c - base64, keys of OpenSSH, invitations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/base64.h"
#include "crypt/sign.h"
#include "fmt/invite.h"
#include "fmt/sshkey.h"
#include "vec.h"

static int decodes(enum base64_kind kind, const char *s, const char *want)
{
	struct buf b = BUF_INIT;
	int rc = base64_decode(&b, kind, s, strlen(s));
	int same = rc ? !want : want && b.n == strlen(want) &&
		!memcmp(b.n ? b.p : "", want, b.n);

	buf_release(&b);
	return same;
}

/* RFC 4648, 10. */
static void test_base64(void)
{
	static const char *const pairs[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		buf_reset(&b);
		base64_add(&b, BASE64_PADDED, pairs[i][0], strlen(pairs[i][0]));
		ok(b.n == strlen(pairs[i][1]) &&
		   !memcmp(b.n ? b.p : "", pairs[i][1], b.n) &&
		   decodes(BASE64_PADDED, pairs[i][1], pairs[i][0]),
		   "base64 of '%s'", pairs[i][0]);
	}
	buf_reset(&b);
	base64_add(&b, BASE64_URL, "\xfb\xff", 2);
	ok(b.n == 3 && !memcmp(b.p, "-_8", 3) &&
	   decodes(BASE64_URL, "-_8", "\xfb\xff"), "the alphabet for URLs");
	ok(decodes(BASE64_PADDED, "Zg=", NULL) &&
	   decodes(BASE64_PADDED, "Zh==", NULL) &&
	   decodes(BASE64_PADDED, "Zm9=", NULL) &&
	   decodes(BASE64_PADDED, "Zg", NULL) &&
	   decodes(BASE64_PADDED, "Z===", NULL) &&
	   decodes(BASE64_PADDED, "=Zg=", NULL) &&
	   decodes(BASE64_PADDED, "Zm-v", NULL) &&
	   decodes(BASE64_URL, "Zg==", NULL) && decodes(BASE64_URL, "Z", NULL),
	   "no other form");
	buf_release(&b);
}

static void test_sshkey(void)
{
	uint8_t seed[32] = { 1, 2, 3 }, pk[32], back[32];
	struct sign_secret *k = sign_from_seed(seed);
	struct buf b = BUF_INIT, file = BUF_INIT;

	sign_public(k, pk);
	sign_free(k);
	sshkey_public(&b, pk);
	ok(!sshkey_public_decode(b.p, b.n, back) && !memcmp(pk, back, 32),
	   "a public key there and back");
	buf_addstr(&b, " a comment\n");
	ok(!sshkey_public_decode(b.p, b.n, back), "with a comment");
	b.p[14] ^= 1;
	ok(sshkey_public_decode(b.p, b.n, back) == HUB_ECORRUPT, "a slip");
	ok(sshkey_public_decode("ssh-rsa AAAA", 12, back) == HUB_ECORRUPT &&
	   sshkey_public_decode("", 0, back) == HUB_ECORRUPT &&
	   sshkey_public_decode("ssh-ed25519 ", 12, back) == HUB_ECORRUPT,
	   "another key, or none");
	sshkey_private(&file, seed, pk, "hub");
	ok(!buf_error(&file) && !memcmp(file.p, "-----BEGIN OPENSSH", 18),
	   "a private key (t5040 shows it to ssh-keygen)");
	buf_release(&b);
	buf_release(&file);
}

static void one(const struct vec *v)
{
	struct invite i;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = invite_decode(&i, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		invite_encode(&b, &i);
		ok(b.n <= v->data.n && memmem(v->data.p, v->data.n, b.p, b.n),
		   "... the same again");
	}
	buf_release(&b);
}

int main(void)
{
	if (crypt_init(NULL))
		return 1;
	test_base64();
	test_sshkey();
	vec_each("invite", 20, one);
	return done();
}
