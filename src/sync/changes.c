/* SPDX-License-Identifier: GPL-2.0-or-later */
/* changes.c - the list of differences that a scan found. */
#include "sync/changes.h"

#include <stdlib.h>
#include <string.h>

struct change *changes_add(struct changes *c, const char *path, size_t n)
{
	struct change *ch;

	if (c->n == c->alloc) {
		size_t want = c->alloc ? c->alloc * 2 : 64;

		ch = realloc(c->v, want * sizeof(*ch));
		if (!ch)
			return NULL;
		c->v = ch;
		c->alloc = want;
	}
	ch = &c->v[c->n];
	memset(ch, 0, sizeof(*ch));
	ch->path = malloc(n + 1);
	if (!ch->path)
		return NULL;
	memcpy(ch->path, path, n);
	ch->path[n] = '\0';
	ch->n = n;
	c->n++;
	return ch;
}

void changes_release(struct changes *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	c->v = NULL;
	c->n = c->alloc = 0;
}
