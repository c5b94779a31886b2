/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_sftpmsg.c - what a box may send, as one stream of packets.  A listing's
 * names are such that none can lead anywhere; spans lie in the packet.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/sftpmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void within(struct span s, const uint8_t *p, size_t n)
{
	must(!s.n || (s.p >= p && s.p + s.n <= p + n));
}

static void look(struct sftpmsg_reply *r, const uint8_t *p, size_t n)
{
	struct sftpmsg_name en;
	uint32_t names = r->names, seen = 0;
	uint64_t room;

	within(r->text, p, n);
	within(r->data, p, n);
	if (r->type == SFTPMSG_HANDLE)
		must(r->data.n && r->data.n <= SFTPMSG_HANDLE_MAX);
	if (r->type == SFTPMSG_EXTENDED_REPLY)
		sftpmsg_free(r->data, &room);
	while (sftpmsg_next(r, &en)) {
		within(en.name, p, n);
		must(en.name.n && !memchr(en.name.p, '/', en.name.n) &&
		     !memchr(en.name.p, 0, en.name.n));
		must(!(sftpmsg_is_dir(&en.attrs) &&
		       sftpmsg_is_file(&en.attrs)));
		seen++;
	}
	must(seen == names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sftpmsg_reply r;
	struct err e = ERR_INIT;
	unsigned can = 0;
	uint32_t n;

	while (size >= SFTPMSG_HEAD) {
		if (sftpmsg_length(data, &n) < 0 || n > size - SFTPMSG_HEAD)
			break;
		data += SFTPMSG_HEAD;
		size -= SFTPMSG_HEAD;
		if (sftpmsg_hello(data, n, &can, &e) == 0)
			must(can <= 15);
		if (sftpmsg_reply(&r, data, n, &e) == 0)
			look(&r, data, n);
		else
			must(e.rc == HUB_ECORRUPT && e.msg[0]);
		data += n;
		size -= n;
	}
	return 0;
}
