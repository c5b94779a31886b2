/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_raw.c - parse and write git tree objects (format: git's fsck.c and
 * tree-walk.h describe it in code; the rules are in tree_raw.h).  Our own
 * instead of libgit2's because trees come from foreign disks: git_tree accepts
 * unsorted and duplicate entries, and a merge that joins sorted streams would
 * lose entries of such a tree without a word.
 */
#include <string.h>
#include "repo/tree.h"
#include "repo/tree_raw.h"
#include "base/banned.h"

#define MODE_DIGITS_MAX 6

static int entry_cmp(const char *a, size_t an, int a_tree,
		     const char *b, size_t bn, int b_tree)
{
	size_t n = an < bn ? an : bn;
	int c = memcmp(a, b, n);
	unsigned ca, cb;

	if (c)
		return c;
	ca = an > n ? (uint8_t)a[n] : a_tree ? '/' : 0;
	cb = bn > n ? (uint8_t)b[n] : b_tree ? '/' : 0;
	return (ca > cb) - (ca < cb);
}

int tree_entry_cmp(const struct tree_entry *a, const struct tree_entry *b)
{
	return entry_cmp(a->name, a->name_n, a->mode == MODE_TREE,
			 b->name, b->name_n, b->mode == MODE_TREE);
}

void tree_raw_init(struct tree_raw *t, const void *p, size_t n)
{
	t->p = p;
	t->n = n;
}

/* The mode as git writes it now, or 0 if it is none. */
static uint32_t mode_canonical(uint32_t mode)
{
	switch (mode) {
	case 0100664:
		return MODE_FILE;
	case MODE_TREE:
	case MODE_FILE:
	case MODE_EXEC:
	case MODE_LINK:
	case MODE_GITLINK:
		return mode;
	}
	return 0;
}

static const char *mode_text(uint32_t mode)
{
	switch (mode) {
	case MODE_TREE:
		return "40000 ";
	case MODE_FILE:
		return "100644 ";
	case MODE_EXEC:
		return "100755 ";
	case MODE_LINK:
		return "120000 ";
	case MODE_GITLINK:
		return "160000 ";
	}
	return "";
}

/* Reads "digits space"; returns its length, 0 if it is not that. */
static size_t mode_read(const uint8_t *p, size_t n, uint32_t *ret)
{
	uint32_t mode = 0;
	size_t i;

	for (i = 0; i < n && i < MODE_DIGITS_MAX; i++) {
		if (p[i] < '0' || p[i] > '7' || (!i && p[i] == '0'))
			break;
		mode = mode << 3 | (uint32_t)(p[i] - '0');
	}
	*ret = mode_canonical(mode);
	return *ret && i < n && p[i] == ' ' ? i + 1 : 0;
}

int tree_raw_next(struct tree_raw *t, struct tree_entry *ret)
{
	const uint8_t *name, *end;
	size_t n, max;

	if (!t->n)
		return 0;
	n = mode_read(t->p, t->n, &ret->mode);
	if (!n)
		return HUB_ECORRUPT;
	name = t->p + n;
	max = t->n - n;
	end = memchr(name, 0, max < PATH_LEN_MAX + 1 ? max : PATH_LEN_MAX + 1);
	if (!end)
		return max > PATH_LEN_MAX ? HUB_ELIMIT : HUB_ECORRUPT;
	ret->name = (const char *)name;
	ret->name_n = (size_t)(end - name);
	if (!ret->name_n || memchr(name, '/', ret->name_n))
		return HUB_ECORRUPT;
	n += ret->name_n + 1;
	if (t->n - n < OID_SIZE)
		return HUB_ECORRUPT;
	memcpy(ret->id.h, t->p + n, OID_SIZE);
	if (oid_is_zero(&ret->id))
		return HUB_ECORRUPT;
	t->p += n + OID_SIZE;
	t->n -= n + OID_SIZE;
	return 1;
}

/* How many bytes of ${name} are a prefix that ${l} knows about. */
static size_t leaves_common(const struct tree_leaves *l, const char *obj,
			    const char *name, size_t n)
{
	size_t i, max = l->n < n ? l->n : n;

	for (i = 0; i < max && obj[l->off + i] == name[i]; i++)
		;
	return i;
}

static int leaves_has(const struct tree_leaves *l, const char *obj,
		      const char *name, size_t n)
{
	return leaves_common(l, obj, name, n) == n && l->is[n];
}

/* Note the entry whose name is at ${off} in ${obj}. */
static void leaves_note(struct tree_leaves *l, const char *obj, size_t off,
			size_t n, int is_tree)
{
	size_t common = leaves_common(l, obj, obj + off, n);

	l->n = common;
	if (is_tree)
		return;
	memset(l->is + common + 1, 0, n - common);
	l->is[n] = 1;
	l->off = off;
	l->n = n;
}

int tree_raw_check(const void *p, size_t n, const char **why)
{
	struct tree_leaves l = { .n = 0 };
	struct tree_entry en, last = { .name_n = 0 };
	const char *dummy;
	struct tree_raw t;
	int rc;

	if (!why)
		why = &dummy;
	*why = "";
	for (tree_raw_init(&t, p, n); (rc = tree_raw_next(&t, &en)) > 0;) {
		int is_tree = en.mode == MODE_TREE;

		*why = "its entries are not in order or not unique";
		if (last.name_n && tree_entry_cmp(&last, &en) >= 0)
			return HUB_ECORRUPT;
		*why = "a name is both a file and a folder";
		if (is_tree && leaves_has(&l, p, en.name, en.name_n))
			return HUB_ECORRUPT;
		leaves_note(&l, p, (size_t)(en.name - (const char *)p),
			    en.name_n, is_tree);
		last = en;
	}
	if (rc == HUB_ECORRUPT)
		*why = "an entry is malformed";
	if (rc == HUB_ELIMIT)
		*why = "a name is too long";
	return rc;
}

void tree_out_init(struct tree_out *o)
{
	buf_init(&o->b);
	o->leaves.off = o->leaves.n = 0;
	o->last = o->last_n = 0;
	o->last_is_tree = 0;
}

void tree_out_release(struct tree_out *o)
{
	buf_release(&o->b);
}

int tree_out_has_leaf(const struct tree_out *o, const char *name, size_t n)
{
	return leaves_has(&o->leaves, o->b.p, name, n);
}

int tree_out_add(struct tree_out *o, const struct tree_entry *en)
{
	int is_tree = en->mode == MODE_TREE;
	size_t start = o->b.n, name_at;

	if (en->name_n > PATH_LEN_MAX)
		return HUB_ELIMIT;
	if (!*mode_text(en->mode) || !en->name_n || oid_is_zero(&en->id) ||
	    memchr(en->name, '/', en->name_n) ||
	    memchr(en->name, 0, en->name_n))
		return HUB_EBUG;
	if (o->last_n && entry_cmp(o->b.p + o->last, o->last_n, o->last_is_tree,
				   en->name, en->name_n, is_tree) >= 0)
		return HUB_EBUG;
	if (is_tree && tree_out_has_leaf(o, en->name, en->name_n))
		return HUB_EBUG;
	buf_addstr(&o->b, mode_text(en->mode));
	name_at = o->b.n;
	buf_add(&o->b, en->name, en->name_n);
	buf_addch(&o->b, '\0');
	buf_add(&o->b, en->id.h, OID_SIZE);
	if (buf_error(&o->b)) {
		buf_setlen(&o->b, start);
		return HUB_ENOMEM;
	}
	o->last = name_at;
	o->last_n = en->name_n;
	o->last_is_tree = is_tree;
	leaves_note(&o->leaves, o->b.p, name_at, en->name_n, is_tree);
	return 0;
}
