/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter_packet.c - packets from git and to git. */
#include "sync/filter_internal.h"

#include <string.h>

/* 1, 0 at the end before the first byte, < 0. */
static int read_all(struct filter *f, void *p, size_t n)
{
	size_t done = 0;
	int k;

	while (done < n) {
		k = f->io->read(f->io->arg, (char *)p + done, n - done, f->e);
		if (k < 0)
			return k;
		if (!k)
			return done ? err_set(f->e, HUB_ECORRUPT, "git went "
					      "away inside a packet") : 0;
		done += (size_t)k;
	}
	return 1;
}

/* 1 a packet, 0 a flush; *end: git has closed its end. */
int filter_packet(struct filter *f, int *end)
{
	uint8_t head[PKTLINE_HEAD];
	int n, rc = read_all(f, head, sizeof(head));

	*end = !rc;
	if (rc <= 0)
		return rc;
	n = pktline_head(head);
	if (n < 0)
		return err_set(f->e, n, "this is not git's filter protocol");
	f->packet_n = (size_t)n;
	if (!n)
		return 0;
	rc = read_all(f, f->packet, f->packet_n);
	return rc ? rc : err_set(f->e, HUB_ECORRUPT, "git went away");
}

int filter_write(struct filter *f, const void *p, size_t n)
{
	uint8_t head[PKTLINE_HEAD];
	int rc;

	pktline_make_head(head, n);
	rc = f->io->write(f->io->arg, head, sizeof(head), f->e);
	return rc < 0 || !n ? rc : f->io->write(f->io->arg, p, n, f->e);
}

int filter_line(struct filter *f, const char *s)
{
	return filter_write(f, s, strlen(s));
}

int filter_flush(struct filter *f)
{
	return filter_write(f, NULL, 0);
}

int filter_piece(void *arg, const void *p, size_t n)
{
	const char *s = p;
	int rc = 0;

	while (!rc && n) {
		size_t k = n < PKTLINE_DATA_MAX ? n : PKTLINE_DATA_MAX;

		rc = filter_write(arg, s, k);
		s += k;
		n -= k;
	}
	return rc;
}
