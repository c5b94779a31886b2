/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.c - counts and examples of what a run found and did. */
#include "sync/report.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[REPORT_KINDS] = {
	[REPORT_IGNORED] = "ignored",
	[REPORT_NESTED] = "nested_repository",
	[REPORT_BAD_NAME] = "bad_name",
	[REPORT_SPECIAL] = "special",
	[REPORT_UNREADABLE] = "unreadable",
	[REPORT_LARGE] = "pending_large",
	[REPORT_STAGED] = "pending_staged",
	[REPORT_UNSTABLE] = "pending_unstable",
	[REPORT_UNWRITTEN] = "unwritten",
	[REPORT_LOST] = "lost_content",
	[REPORT_CONFLICT] = "conflict",
	[REPORT_PARKED] = "parked",
	[REPORT_CHANGED] = "changed",
	[REPORT_RECEIVED] = "received",
};

static struct report_item *report_room(struct report *r, enum report_kind k)
{
	struct report_item *p;
	size_t want;

	if (r->items_n[k] < r->items_alloc[k])
		return &r->items[k][r->items_n[k]];
	want = r->items_alloc[k] ? r->items_alloc[k] * 2 : 8;
	p = realloc(r->items[k], want * sizeof(*p));
	if (!p)
		return NULL;
	r->items[k] = p;
	r->items_alloc[k] = want;
	return &p[r->items_n[k]];
}

void report_add(struct report *r, enum report_kind k, const char *path,
		size_t n, const char *why)
{
	struct report_item *it;

	r->count[k]++;
	if (r->items_n[k] >= REPORT_PATHS_MAX)
		return;
	it = report_room(r, k);
	if (!it)
		return;
	it->path = malloc(n + 1);
	if (!it->path)
		return;
	memcpy(it->path, path, n);
	it->path[n] = '\0';
	it->n = n;
	it->why = why ? strdup(why) : NULL;
	r->items_n[k]++;
}

int report_has(const struct report *r, enum report_kind k, const char *path,
	       size_t n)
{
	size_t i;

	for (i = 0; i < r->items_n[k]; i++)
		if (r->items[k][i].n == n &&
		    !memcmp(r->items[k][i].path, path, n))
			return 1;
	return 0;
}

void report_reset(struct report *r, enum report_kind k)
{
	size_t i;

	for (i = 0; i < r->items_n[k]; i++) {
		free(r->items[k][i].path);
		free(r->items[k][i].why);
	}
	r->items_n[k] = 0;
	r->count[k] = 0;
}

void report_place(struct report *r, const char *name, uint64_t sent,
		  uint64_t got, int rc, const char *why)
{
	struct report_place *p = realloc(r->places, (r->places_n + 1) *
					 sizeof(*p));

	if (!p)
		return;
	r->places = p;
	p += r->places_n++;
	memset(p, 0, sizeof(*p));
	memcpy(p->name, name, strnlen(name, sizeof(p->name) - 1));
	p->sent = sent;
	p->got = got;
	p->rc = rc;
	p->why = rc < 0 && why ? strdup(why) : NULL;
}

void report_release(struct report *r)
{
	size_t i;
	int k;

	for (i = 0; i < r->places_n; i++)
		free(r->places[i].why);
	free(r->places);

	for (k = 0; k < REPORT_KINDS; k++) {
		report_reset(r, (enum report_kind)k);
		free(r->items[k]);
	}
	memset(r, 0, sizeof(*r));
}

const char *report_name(enum report_kind k)
{
	return names[k];
}

static void places_json(struct json *j, const struct report *r)
{
	size_t i;

	json_array(j, "places");
	for (i = 0; i < r->places_n; i++) {
		const struct report_place *p = &r->places[i];

		json_object(j, NULL);
		json_str(j, "name", p->name);
		json_bool(j, "confirmed", !p->rc);
		json_bool(j, "away", p->rc == HUB_EOFFLINE);
		json_int(j, "sent_bytes", (int64_t)p->sent);
		json_int(j, "received_bytes", (int64_t)p->got);
		if (p->why)
			json_str(j, "why", p->why);
		json_object_end(j);
	}
	json_array_end(j);
}

void report_json(struct json *j, const struct report *r)
{
	size_t i;
	int k;

	if (r->places_n)
		places_json(j, r);

	json_object(j, "counts");
	for (k = 0; k < REPORT_KINDS; k++)
		json_int(j, names[k], (int64_t)r->count[k]);
	json_object_end(j);
	for (k = 0; k < REPORT_KINDS; k++) {
		if (!r->items_n[k])
			continue;
		json_array(j, names[k]);
		for (i = 0; i < r->items_n[k]; i++) {
			json_object(j, NULL);
			json_path(j, "path", r->items[k][i].path,
				  r->items[k][i].n);
			if (r->items[k][i].why)
				json_str(j, "why", r->items[k][i].why);
			json_object_end(j);
		}
		json_array_end(j);
	}
}
