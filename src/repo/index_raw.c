/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_raw.c - find and change entries of an index file. */
#include "repo/index_raw_internal.h"

#include <stdlib.h>

int index_raw_open(struct buf *data, struct index_raw **ret)
{
	struct index_raw *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return HUB_ENOMEM;
	x->data = *data;
	rc = index_raw_parse(x);
	if (rc < 0)
		buf_init(&x->data);	/* stays the caller's */
	else
		buf_init(data);
	if (rc < 0)
		index_raw_close(x);
	else
		*ret = x;
	return rc;
}

void index_raw_close(struct index_raw *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->edits_n; i++) {
		free(x->edits[i]->path);
		free(x->edits[i]);
	}
	free(x->edits);
	map_release(&x->by_path);
	buf_release(&x->data);
	free(x->at);
	free(x->gone);
	free(x);
}

/* ---- finding ---- */

/* The first entry that does not come before ${path}. */
static uint32_t lower(const struct index_raw *x, const char *path, size_t n)
{
	uint32_t lo = 0, hi = x->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (index_raw_cmp_at(x, mid, path, n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void decode(const struct index_raw *x, uint32_t at,
		   struct index_raw_entry *en)
{
	const char *p = x->data.p + at;
	unsigned more = 0;

	if (index_raw_flags_at(x, at) & EXTENDED)
		more = (unsigned)(uint8_t)p[FIXED] << 8 | (uint8_t)p[FIXED + 1];
	*en = (struct index_raw_entry){
		index_raw_u32(p), index_raw_u32(p + 4), index_raw_u32(p + 8),
		index_raw_u32(p + 12), index_raw_u32(p + 16),
		index_raw_u32(p + 20), index_raw_u32(p + 24),
		index_raw_u32(p + 28), index_raw_u32(p + 32),
		index_raw_u32(p + 36), .intent = !!(more & INTENT),
		.skip = !!(more & SKIP),
		.valid = !!(index_raw_flags_at(x, at) & VALID),
	};
	memcpy(en->id.h, p + 40, OID_SIZE);
}

int index_raw_get(const struct index_raw *x, const char *path, size_t n,
		  int stage, struct index_raw_entry *ret)
{
	struct map_slot *s = map_get(&x->by_path, path, n);
	uint32_t i;

	if (s && stage == 0) {
		const struct index_raw_edit *ed = s->value;

		if (ed->removed)
			return HUB_EABSENT;
		*ret = ed->en;
		return 0;
	}
	for (i = lower(x, path, n); i < x->n && !index_raw_cmp_at(x, i, path, n); i++) {
		if (index_raw_stage_at(x, x->at[i]) != stage || x->gone[i])
			continue;
		decode(x, x->at[i], ret);
		return 0;
	}
	return HUB_EABSENT;
}

/* ---- editing ---- */

static struct index_raw_edit *edit_of(struct index_raw *x, const char *path, size_t n)
{
	struct map_slot *s = map_get(&x->by_path, path, n);
	struct index_raw_edit *ed, **v;

	if (s)
		return s->value;
	if (x->edits_n == x->alloc) {
		size_t want = x->alloc ? x->alloc * 2 : 64;

		v = realloc(x->edits, want * sizeof(*v));
		if (!v)
			return NULL;
		x->edits = v;
		x->alloc = want;
	}
	ed = calloc(1, sizeof(*ed));
	if (!ed)
		return NULL;
	ed->path = malloc(n + 1);
	if (!ed->path || map_put(&x->by_path, path, n, ed)) {
		free(ed->path);
		free(ed);
		return NULL;
	}
	memcpy(ed->path, path, n);
	ed->path[n] = '\0';
	ed->n = n;
	x->edits[x->edits_n++] = ed;
	return ed;
}

/* Leave out ${path}, all of its stages. */
static void drop(struct index_raw *x, const char *path, size_t n)
{
	uint32_t i;

	for (i = lower(x, path, n); i < x->n && !index_raw_cmp_at(x, i, path, n); i++)
		x->gone[i] = 1;
}

/* Leave out everything below the folder "${path}/". */
static void drop_below(struct index_raw *x, const char *path, size_t n)
{
	uint32_t i;

	for (i = lower(x, path, n); i < x->n; i++) {
		const char *p = index_raw_path_at(x, x->at[i]);

		if (strncmp(p, path, n) || (uint8_t)p[n] > '/')
			break;
		if (p[n] == '/')
			x->gone[i] = 1;
	}
}

/* Any entry, of any stage, that is neither dropped nor removed. */
static int has_any(const struct index_raw *x, const char *path, size_t n)
{
	struct map_slot *s = map_get(&x->by_path, path, n);
	uint32_t i;

	if (s && !((struct index_raw_edit *)s->value)->removed)
		return 1;
	for (i = lower(x, path, n); i < x->n && !index_raw_cmp_at(x, i, path, n); i++)
		if (!x->gone[i])
			return 1;
	return 0;
}

int index_raw_clashes(const struct index_raw *x, const char *path, size_t n)
{
	uint32_t i;
	size_t k;

	for (k = 1; k < n; k++)
		if (path[k] == '/' && has_any(x, path, k))
			return 1;
	for (i = lower(x, path, n); i < x->n; i++) {
		const char *p = index_raw_path_at(x, x->at[i]);

		if (strncmp(p, path, n) || (uint8_t)p[n] > '/')
			break;
		if (p[n] == '/' && !x->gone[i])
			return 1;
	}
	return 0;
}

int index_raw_put(struct index_raw *x, const char *path, size_t n,
		  const struct index_raw_entry *en)
{
	struct index_raw_edit *ed = edit_of(x, path, n);
	size_t i;

	if (!ed)
		return HUB_ENOMEM;
	ed->removed = 0;
	ed->en = *en;
	drop(x, ed->path, n);
	drop_below(x, ed->path, n);
	for (i = 1; i < n; i++) {
		struct map_slot *s = path[i] == '/' ?
			map_get(&x->by_path, path, i) : NULL;

		if (s)
			((struct index_raw_edit *)s->value)->removed = 1;
		if (path[i] == '/')
			drop(x, path, i);
	}
	return 0;
}

int index_raw_remove(struct index_raw *x, const char *path, size_t n)
{
	struct index_raw_edit *ed = edit_of(x, path, n);

	if (!ed)
		return HUB_ENOMEM;
	ed->removed = 1;
	drop(x, path, n);
	return 0;
}

uint64_t index_raw_count(const struct index_raw *x)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < x->n; i++)
		count += !x->gone[i];
	for (size_t i = 0; i < x->edits_n; i++)
		count += !x->edits[i]->removed;
	return count;
}
