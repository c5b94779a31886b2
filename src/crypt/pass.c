/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pass.c - make passphrases, and recognise them as people type them. */
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/pass.h"
#include "crypt/sign.h"

#define RANDOM_SIGNS 26

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

_Static_assert(sizeof(alphabet) == 33, "base 32");
_Static_assert(PASS_TEXT == PASS_SIGNS + PASS_SIGNS / 4 - 1, "groups of four");

/* The last two signs, from those before. */
static void check_signs(const char *signs, char out[2])
{
	static const char context[] = "vibehub-passphrase";
	uint8_t h[HASH_SIZE];
	struct hash s;

	hash_init(&s, NULL, 0);
	hash_add(&s, context, sizeof(context));		/* with its NUL */
	hash_add(&s, signs, RANDOM_SIGNS);
	hash_end(&s, h);
	out[0] = alphabet[h[0] & 31];
	out[1] = alphabet[h[1] & 31];
	secret_wipe(h, sizeof(h));
	secret_wipe(&s, sizeof(s));
}

static void group(const char *signs, char *out)
{
	size_t i;

	for (i = 0; i < PASS_SIGNS; i++) {
		if (i && i % 4 == 0)
			*out++ = '-';
		*out++ = signs[i];
	}
	*out = '\0';
}

void pass_generate(char out[PASS_TEXT + 1])
{
	uint8_t r[RANDOM_SIGNS];
	char signs[PASS_SIGNS];
	size_t i;

	secret_random(r, sizeof(r));
	for (i = 0; i < RANDOM_SIGNS; i++)
		signs[i] = alphabet[r[i] & 31];
	check_signs(signs, signs + RANDOM_SIGNS);
	group(signs, out);
	secret_wipe(r, sizeof(r));
	secret_wipe(signs, sizeof(signs));
}

/* The sign that was meant, 0 for what is none, ' ' for what does not count. */
static char meant(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == ' ' || c == '\t' || c == '-')
		return ' ';
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	return c && strchr(alphabet, c) ? c : 0;
}

enum pass_kind pass_normal(struct buf *b)
{
	char signs[PASS_SIGNS], check[2], text[PASS_TEXT + 1];
	enum pass_kind kind = PASS_OWN;
	size_t i, n = 0;

	for (i = 0; i < b->n; i++) {
		char c = meant(b->p[i]);

		if (c == ' ')
			continue;
		if (!c || n == PASS_SIGNS)
			break;
		signs[n++] = c;
	}
	if (i == b->n && n == PASS_SIGNS) {
		check_signs(signs, check);
		kind = memcmp(check, signs + RANDOM_SIGNS, 2) ?
			PASS_MISTYPED : PASS_MADE;
	}
	if (kind == PASS_MADE) {
		group(signs, text);
		secret_wipe(b->p, b->n);
		buf_setlen(b, 0);
		buf_add(b, text, PASS_TEXT);
	}
	secret_wipe(signs, sizeof(signs));
	secret_wipe(text, sizeof(text));
	return kind;
}
