/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_raw.c - edit an index file as bytes.
 *
 * Invariants: at[] has the offset of every entry of the old file, whose paths
 * (then stages) ascend strictly and all lie inside the data; gone[] marks those
 * that the new file leaves out; edits hold what it has instead, found by path.
 */
#include "repo/index_raw.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "crypt/hash.h"

#define HEAD 12			/* "DIRC", version, count */
#define FIXED 62		/* of an entry: before its path */
#define ENTRY_MIN 64
#define MTIME_AT 8
#define SIZE_AT 36
#define SUM 20
#define NAME_MASK 0x0fff
#define EXTENDED 0x4000
#define VALID 0x8000
#define SKIP 0x4000		/* of the extended flags */
#define INTENT 0x2000

struct edit {
	char *path;		/* owned */
	size_t n;
	int removed;
	struct index_raw_entry en;
};

struct index_raw {
	struct buf data;
	uint32_t version, n;
	uint32_t *at;
	uint8_t *gone;
	struct edit **edits;	/* owned, each on the heap: by_path names them */
	size_t edits_n, alloc;
	struct map by_path;
};

static uint32_t get32(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

static unsigned flags_at(const struct index_raw *x, uint32_t at)
{
	const uint8_t *p = (const uint8_t *)x->data.p + at + FIXED - 2;

	return (unsigned)p[0] << 8 | p[1];
}

static int stage_at(const struct index_raw *x, uint32_t at)
{
	return (int)(flags_at(x, at) >> 12 & 3);
}

static const char *path_at(const struct index_raw *x, uint32_t at)
{
	return x->data.p + at + FIXED + (flags_at(x, at) & EXTENDED ? 2 : 0);
}

/* Bytes of an entry whose path ends at ${end}: 1 to 8 NULs fill it up. */
static size_t padded(size_t bytes)
{
	return (bytes + 8) & ~(size_t)7;
}

/* The entry at ${at}: its size, 0 if it does not fit before ${end}. */
static size_t entry_size(const struct index_raw *x, size_t at, size_t end)
{
	const char *path, *nul;
	size_t size;

	if (end - at < ENTRY_MIN)
		return 0;
	path = path_at(x, (uint32_t)at);
	nul = memchr(path, 0, (size_t)(x->data.p + end - path));
	if (!nul || nul == path)
		return 0;
	size = padded((size_t)(nul - (x->data.p + at)));
	return size <= end - at ? size : 0;
}

/* 1 if the entry ${i} comes after the one before it. */
static int ascends(const struct index_raw *x, uint32_t i)
{
	int c;

	if (i == 0)
		return 1;
	c = strcmp(path_at(x, x->at[i - 1]), path_at(x, x->at[i]));
	return c < 0 || (c == 0 && stage_at(x, x->at[i - 1]) <
			 stage_at(x, x->at[i]));
}

static int parse_entries(struct index_raw *x, size_t *ret_end)
{
	size_t at = HEAD, end = x->data.n - SUM, size;
	uint32_t i;

	for (i = 0; i < x->n; i++) {
		size = entry_size(x, at, end);
		if (!size)
			return HUB_ECORRUPT;
		x->at[i] = (uint32_t)at;
		if (!ascends(x, i))
			return HUB_ECORRUPT;
		if (x->version == 2 && (flags_at(x, x->at[i]) & EXTENDED))
			return HUB_ECORRUPT;
		at += size;
	}
	*ret_end = at;
	return 0;
}

/* Extensions: a name that begins with a capital may be ignored. */
static int parse_extensions(const struct index_raw *x, size_t at)
{
	size_t end = x->data.n - SUM;

	while (at < end) {
		if (end - at < 8 || get32(x->data.p + at + 4) > end - at - 8)
			return HUB_ECORRUPT;
		if (x->data.p[at] < 'A' || x->data.p[at] > 'Z')
			return HUB_EVERSION;
		at += 8 + get32(x->data.p + at + 4);
	}
	return 0;
}

static int add_sum(const void *p, size_t n, uint8_t out[SUM])
{
	struct sha1 *s = sha1_new();

	if (!s)
		return HUB_ENOMEM;
	sha1_add(s, p, n);
	sha1_end(s, out);
	sha1_free(s);
	return 0;
}

/* The last 20 bytes are the SHA-1 of all before, or zero (index.skipHash). */
static int check_sum(const struct buf *d)
{
	static const uint8_t none[SUM];
	const char *end = d->p + d->n - SUM;
	uint8_t sum[SUM];
	int rc;

	if (!memcmp(end, none, SUM))
		return 0;
	rc = add_sum(d->p, d->n - SUM, sum);
	return rc < 0 ? rc : memcmp(end, sum, SUM) ? HUB_ECORRUPT : 0;
}

static int parse(struct index_raw *x)
{
	size_t end;
	int rc;

	x->version = 2;
	if (!x->data.n)
		return 0;
	if (x->data.n < HEAD + SUM || x->data.n > UINT32_MAX / 2 ||
	    memcmp(x->data.p, "DIRC", 4))
		return HUB_ECORRUPT;
	x->version = get32(x->data.p + 4);
	x->n = get32(x->data.p + 8);
	if (x->version != 2 && x->version != 3)
		return HUB_EVERSION;
	if (x->n > x->data.n / FIXED)
		return HUB_ECORRUPT;
	rc = check_sum(&x->data);
	if (rc < 0)
		return rc;
	x->at = malloc((x->n + 1) * sizeof(*x->at));
	x->gone = calloc(x->n + 1, 1);
	if (!x->at || !x->gone)
		return HUB_ENOMEM;
	rc = parse_entries(x, &end);
	return rc < 0 ? rc : parse_extensions(x, end);
}

int index_raw_open(struct buf *data, struct index_raw **ret)
{
	struct index_raw *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return HUB_ENOMEM;
	x->data = *data;
	rc = parse(x);
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

static int cmp_at(const struct index_raw *x, uint32_t i, const char *path,
		  size_t n)
{
	const char *p = path_at(x, x->at[i]);

	return mem_cmp(p, strlen(p), path, n);
}

/* The first entry that does not come before ${path}. */
static uint32_t lower(const struct index_raw *x, const char *path, size_t n)
{
	uint32_t lo = 0, hi = x->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (cmp_at(x, mid, path, n) < 0)
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

	if (flags_at(x, at) & EXTENDED)
		more = (unsigned)(uint8_t)p[FIXED] << 8 | (uint8_t)p[FIXED + 1];
	*en = (struct index_raw_entry){
		get32(p), get32(p + 4), get32(p + 8), get32(p + 12),
		get32(p + 16), get32(p + 20), get32(p + 24), get32(p + 28),
		get32(p + 32), get32(p + 36), .intent = !!(more & INTENT),
		.skip = !!(more & SKIP), .valid = !!(flags_at(x, at) & VALID),
	};
	memcpy(en->id.h, p + 40, OID_SIZE);
}

int index_raw_get(const struct index_raw *x, const char *path, size_t n,
		  int stage, struct index_raw_entry *ret)
{
	struct map_slot *s = map_get(&x->by_path, path, n);
	uint32_t i;

	if (s && stage == 0) {
		const struct edit *ed = s->value;

		if (ed->removed)
			return HUB_EABSENT;
		*ret = ed->en;
		return 0;
	}
	for (i = lower(x, path, n); i < x->n && !cmp_at(x, i, path, n); i++) {
		if (stage_at(x, x->at[i]) != stage || x->gone[i])
			continue;
		decode(x, x->at[i], ret);
		return 0;
	}
	return HUB_EABSENT;
}

/* ---- editing ---- */

static struct edit *edit_of(struct index_raw *x, const char *path, size_t n)
{
	struct map_slot *s = map_get(&x->by_path, path, n);
	struct edit *ed, **v;

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

	for (i = lower(x, path, n); i < x->n && !cmp_at(x, i, path, n); i++)
		x->gone[i] = 1;
}

/* Leave out everything below the folder "${path}/". */
static void drop_below(struct index_raw *x, const char *path, size_t n)
{
	uint32_t i;

	for (i = lower(x, path, n); i < x->n; i++) {
		const char *p = path_at(x, x->at[i]);

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

	if (s && !((struct edit *)s->value)->removed)
		return 1;
	for (i = lower(x, path, n); i < x->n && !cmp_at(x, i, path, n); i++)
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
		const char *p = path_at(x, x->at[i]);

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
	struct edit *ed = edit_of(x, path, n);
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
			((struct edit *)s->value)->removed = 1;
		if (path[i] == '/')
			drop(x, path, i);
	}
	return 0;
}

int index_raw_remove(struct index_raw *x, const char *path, size_t n)
{
	struct edit *ed = edit_of(x, path, n);

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

/* ---- writing ---- */

static int cmp_edits(const void *a, const void *b)
{
	const struct edit *x = *(struct edit *const *)a;
	const struct edit *y = *(struct edit *const *)b;

	return mem_cmp(x->path, x->n, y->path, y->n);
}

static void add_edit(struct buf *out, const struct edit *ed)
{
	static const char zeros[8];
	const struct index_raw_entry *en = &ed->en;
	const uint32_t v[] = {
		en->ctime_s, en->ctime_ns, en->mtime_s, en->mtime_ns, en->dev,
		en->ino, en->mode, en->uid, en->gid, en->size
	};
	size_t bytes = FIXED + (en->skip ? 2 : 0) + ed->n;
	unsigned flags = (en->valid ? VALID : 0) | (en->skip ? EXTENDED : 0);

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		buf_add_u32(out, v[i]);
	buf_add(out, en->id.h, OID_SIZE);
	flags |= ed->n < NAME_MASK ? (unsigned)ed->n : NAME_MASK;
	buf_add_u16(out, (uint16_t)flags);
	if (en->skip)
		buf_add_u16(out, SKIP);
	buf_add(out, ed->path, ed->n);
	buf_add(out, zeros, padded(bytes) - bytes);
}

static int64_t mtime_at(const struct index_raw *x, uint32_t at)
{
	const char *p = x->data.p + at + MTIME_AT;

	return (int64_t)(int32_t)get32(p) * 1000000000 + get32(p + 4);
}

/* Copy the old entry ${i}; its size says "look" where it is too young. */
static void add_old(const struct index_raw *x, uint32_t i, int64_t old_ns,
		    struct buf *out)
{
	uint32_t at = x->at[i];
	const char *path = path_at(x, at);
	size_t size = padded((size_t)(path - (x->data.p + at)) + strlen(path));
	size_t here = out->n;

	buf_add(out, x->data.p + at, size);
	if (mtime_at(x, at) >= old_ns && !buf_error(out))
		memset(out->p + here + SIZE_AT, 0, 4);
}

static uint32_t merge(struct index_raw *x, int64_t old_ns, struct buf *out)
{
	uint32_t i = 0, count = 0;
	size_t k = 0;

	while (i < x->n || k < x->edits_n) {
		int c = i == x->n ? 1 : k == x->edits_n ? -1 :
			cmp_at(x, i, x->edits[k]->path, x->edits[k]->n);

		if (c <= 0) {
			if (!x->gone[i]) {
				add_old(x, i, old_ns, out);
				count++;
			}
			i++;
			continue;
		}
		if (!x->edits[k]->removed) {
			add_edit(out, x->edits[k]);
			if (x->edits[k]->en.skip)
				x->version = 3;
			count++;
		}
		k++;
	}
	return count;
}

int index_raw_text(struct index_raw *x, int64_t old_ns, struct buf *out)
{
	uint8_t sum[SUM];
	uint32_t count;
	size_t begin = out->n;
	struct buf head = BUF_INIT;
	int rc;

	if (x->edits_n)
		qsort(x->edits, x->edits_n, sizeof(*x->edits), cmp_edits);
	if (buf_grow(out, x->data.n + x->edits_n * 128 + HEAD + SUM))
		return HUB_ENOMEM;
	buf_add(out, "DIRC", 4);
	buf_add(out, "\0\0\0\0\0\0\0", 8);
	count = merge(x, old_ns, out);
	buf_add_u32(&head, x->version);
	buf_add_u32(&head, count);
	if (buf_error(out) || buf_error(&head)) {
		buf_release(&head);
		return HUB_ENOMEM;
	}
	memcpy(out->p + begin + 4, head.p, 8);
	buf_release(&head);
	rc = add_sum(out->p + begin, out->n - begin, sum);
	if (rc < 0)
		return rc;
	buf_add(out, sum, SUM);
	return buf_error(out);
}
