/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan_names.c - read a folder, sort its names in the order of full paths.
 *
 * Nearly all comparisons are decided by the first 8 bytes, which are kept as
 * a number beside the place of the name.  Merge sort, because its worst case
 * is its usual case and the caller's disk decides the order we get.
 */
#include "repo/scan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define KEY_BYTES sizeof(((struct scan_name *)0)->key)
#define RUN 12			/* shorter pieces are sorted by insertion */

static uint64_t key_of(const char *name)
{
	uint64_t key = 0;
	size_t i;

	for (i = 0; i < KEY_BYTES && name[i]; i++)
		key |= (uint64_t)(unsigned char)name[i] << (56 - 8 * i);
	return key;
}

/* before(): does ${a} come before ${b}?  No name holds a NUL, so one with a
 * zero in its key is all in its key. */
static int before(const char *text, const struct scan_name *a,
		  const struct scan_name *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (!(a->key & 0xff))
		return 0;
	return strcmp(text + a->at + KEY_BYTES, text + b->at + KEY_BYTES) < 0;
}

static void sort_few(const char *text, struct scan_name *v, size_t n)
{
	struct scan_name x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j && before(text, &x, &v[j - 1]); j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* sort(): ${room} holds n / 2 entries.  Recursion: log2(n) deep. */
static void sort(const char *text, struct scan_name *v, size_t n,
		 struct scan_name *room)
{
	size_t half = n / 2, a, b, to;

	if (n <= RUN) {
		sort_few(text, v, n);
		return;
	}
	sort(text, v, half, room);
	sort(text, v + half, n - half, room);
	if (!before(text, &v[half], &v[half - 1]))
		return;
	memcpy(room, v, half * sizeof(*v));
	for (a = to = 0, b = half; a < half && b < n; to++)
		v[to] = before(text, &v[b], &room[a]) ? v[b++] : room[a++];
	memcpy(v + to, room + a, (half - a) * sizeof(*v));
}

/* grow(): make an array of ${size}-byte things hold ${want} of them. */
static int grow(void **p, size_t *alloc, size_t want, size_t size)
{
	size_t n = *alloc + *alloc / 2 + 256;
	void *bigger;

	if (want <= *alloc)
		return 0;
	if (n < want)
		n = want;
	if (n > SIZE_MAX / 2 / size)
		return HUB_ENOMEM;
	bigger = realloc(*p, n * size);
	if (!bigger)
		return HUB_ENOMEM;
	*p = bigger;
	*alloc = n;
	return 0;
}

static int grow_entries(struct scan_names *s, size_t extra)
{
	void *p = s->v;
	int rc = grow(&p, &s->alloc, s->n + extra, sizeof(*s->v));

	s->v = p;
	return rc;
}

static int grow_text(struct scan_names *s, size_t extra)
{
	void *p = s->text;
	int rc = grow(&p, &s->text_alloc, s->text_n + extra, 1);

	s->text = p;
	return rc;
}

static int add(struct scan_names *s, const char *name, size_t n,
	       enum os_type type)
{
	struct scan_name *x;
	char *to;

	if (n > UINT16_MAX || s->text_n > UINT32_MAX - UINT16_MAX - 2)
		return HUB_ELIMIT;
	if (grow_entries(s, 1) || grow_text(s, n + 2))
		return HUB_ENOMEM;
	to = s->text + s->text_n;
	memcpy(to, name, n);
	to[n] = to[n + 1] = '\0';
	if (type == OS_DIR)
		to[n] = '/';
	x = &s->v[s->n++];
	x->at = (uint32_t)s->text_n;
	x->n = (uint16_t)n;
	x->type = (uint8_t)type;
	x->key = key_of(to);
	s->text_n += n + 2;
	return 0;
}

/* add_next(): the next entry, 1; 0 at the end. */
static int add_next(struct scan_names *s, struct os_dir *d, int *rules,
		    struct err *e)
{
	enum os_type type;
	struct os_stat st;
	const char *name;
	size_t n;
	int rc = os_dir_next(d, &name, &type, e);

	if (rc <= 0)
		return rc;
	if (type == OS_UNKNOWN) {
		rc = os_dir_stat(d, name, &st, NULL);
		if (rc == HUB_EABSENT)
			return 1;
		type = rc < 0 ? OS_UNKNOWN : st.type;
	}
	n = strlen(name);
	if ((type == OS_REG || type == OS_UNKNOWN) &&
	    n == strlen(SCAN_IGNORE_NAME) &&
	    !memcmp(name, SCAN_IGNORE_NAME, n))
		*rules = 1;
	/* What nobody can tell may be either: the scan will fail to look at
	 * both, and so say that neither is known to be gone. */
	rc = add(s, name, n, type == OS_UNKNOWN ? OS_REG : type);
	if (!rc && type == OS_UNKNOWN)
		rc = add(s, name, n, OS_DIR);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc < 0)
		return err_set(e, rc, "a folder has more than 4 GiB of names; "
			       "move some of its files elsewhere");
	return 1;
}

int scan_names_read(struct scan_names *s, struct os_dir *d, int *ret_rules,
		    struct err *e)
{
	size_t n = s->n, text_n = s->text_n, count;
	int rc;

	*ret_rules = 0;
	do
		rc = add_next(s, d, ret_rules, e);
	while (rc > 0);
	count = s->n - n;
	if (!rc && count > 1 && grow_entries(s, count / 2))
		rc = err_nomem(e);
	if (rc < 0) {
		s->n = n;
		s->text_n = text_n;
		return rc;
	}
	if (count > 1)
		sort(s->text, s->v + n, count, s->v + s->n);
	return 0;
}

void scan_names_retype(struct scan_names *s, size_t i, size_t end)
{
	struct scan_name x = s->v[i];

	x.type = OS_DIR;
	s->text[x.at + x.n] = '/';
	x.key = key_of(s->text + x.at);
	for (; i + 1 < end && before(s->text, &s->v[i + 1], &x); i++)
		s->v[i] = s->v[i + 1];
	s->v[i] = x;
}

void scan_names_release(struct scan_names *s)
{
	free(s->v);
	free(s->text);
	memset(s, 0, sizeof(*s));
}
