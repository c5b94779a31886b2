/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_source.c - content of large files from any place that answers, when the
 * hub does not have it or is gone.
 */
#include "sync/places_internal.h"

#include <stdlib.h>

struct places_source {
	struct places_link *at[REMOTES_N_MAX];
	size_t n;
	struct remotes list;
};

int places_source_open(struct workspace *ws, struct places_source **ret,
		       struct err *e)
{
	struct places_source *s = calloc(1, sizeof(*s));
	size_t i;
	int rc = s ? places_read(ws, &s->list, e) : err_nomem(e);

	for (i = 0; !rc && i < s->list.n; i++)
		if (!places_open_check(ws, &s->list.at[i], &s->at[s->n], NULL))
			s->n++;
	if (rc < 0)
		places_source_close(s);
	else
		*ret = s;
	return rc;
}

void places_source_close(struct places_source *s)
{
	size_t i;

	for (i = 0; s && i < s->n; i++)
		places_close(s->at[i]);
	if (s)
		remotes_release(&s->list);
	free(s);
}

int places_source_read(struct places_source *s, struct file_want *want,
		       struct err *e)
{
	struct err why = ERR_INIT;
	struct file_store store;
	size_t i;
	int rc = HUB_EABSENT, all = HUB_EABSENT;

	for (i = 0; rc < 0 && rc != HUB_ENOMEM && i < s->n; i++) {
		vault_store(s->at[i]->vault, &store);
		rc = store.read(store.arg, want, 1, &why);
		if (rc < 0 && rc != HUB_EABSENT)
			all = err_set(e, rc, "%s", why.msg);
	}
	if (!rc)
		err_clear(e);
	return rc < 0 ? all : 0;
}

struct places_link *places_source_link(struct places_source *s, size_t i)
{
	return i < s->n ? s->at[i] : NULL;
}
