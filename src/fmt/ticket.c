/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticket.c - names of tickets: hubformat-queue(5). */
#include "fmt/ticket.h"

#include <string.h>

#include "base/hex.h"
#include "base/rd.h"
#include "fmt/presence.h"

#define DEVICE_AT 9
#define BEAT_AT 46

static void put32(char *out, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
			 (uint8_t)(v >> 8), (uint8_t)v };
	char hex[9];

	hex_encode(hex, b, sizeof(b));
	memcpy(out, hex, 8);
}

static int get32(uint32_t *ret, const char *p)
{
	uint8_t b[4];

	if (hex_decode(b, sizeof(b), p, 8) < 0)
		return HUB_ECORRUPT;
	*ret = rd_be32(b);
	return 0;
}

void ticket_encode(char out[TICKET_NAME + 1], const struct ticket *t)
{
	if (!presence_uuid_ok(t->device))
		BUG("a ticket of '%s'", t->device);
	put32(out, t->number);
	out[DEVICE_AT - 1] = '-';
	memcpy(out + DEVICE_AT, t->device, 36);
	out[BEAT_AT - 1] = '-';
	put32(out + BEAT_AT, t->beat);
	out[TICKET_NAME] = '\0';
}

int ticket_decode(struct ticket *ret, const void *p, size_t n)
{
	const char *s = p;

	memset(ret, 0, sizeof(*ret));
	if (n != TICKET_NAME || s[DEVICE_AT - 1] != '-' ||
	    s[BEAT_AT - 1] != '-' || memchr(s, 0, n))
		return HUB_ECORRUPT;
	memcpy(ret->device, s + DEVICE_AT, 36);
	if (presence_uuid_ok(ret->device) && !get32(&ret->number, s) &&
	    !get32(&ret->beat, s + BEAT_AT))
		return 0;
	memset(ret, 0, sizeof(*ret));
	return HUB_ECORRUPT;
}

int ticket_cmp(const struct ticket *a, const struct ticket *b)
{
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return strcmp(a->device, b->device);
}
