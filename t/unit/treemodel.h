/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * treemodel.h - a tree as a sorted list of leaves, and the plain ways to do
 * with it what tree*.c does cleverly: the other side of property tests.
 */
#ifndef T_TREEMODEL_H
#define T_TREEMODEL_H

#include "base/path.h"
#include "repo/tree_internal.h"
#include "tap.h"

struct model_leaf { char path[64]; struct tree_leaf leaf; };
struct model { struct model_leaf *e; size_t n, alloc; };

/* ---- random numbers: xorshift, the same on every run ---- */
static uint64_t rnd_state = 88172645463325252u;

__attribute__((unused)) static unsigned rnd(unsigned below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return (unsigned)((rnd_state >> 11) % below);
}

static size_t model_at(const struct model *m, const char *path)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(m->e[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The leaf at ${path}, or one with mode 0. */
__attribute__((unused))
static struct tree_leaf model_get(const struct model *m, const char *path)
{
	size_t i = model_at(m, path);
	struct tree_leaf none = { 0 };

	return i < m->n && !strcmp(m->e[i].path, path) ? m->e[i].leaf : none;
}

/* Set or (mode 0) delete one leaf; clashes are the caller's business. */
static void model_set(struct model *m, const char *path,
		      const struct tree_leaf *leaf)
{
	size_t i = model_at(m, path);
	int there = i < m->n && !strcmp(m->e[i].path, path);

	if (there && !leaf->mode) {
		memmove(m->e + i, m->e + i + 1,
			(--m->n - i) * sizeof(*m->e));
	} else if (leaf->mode) {
		if (!there) {
			if (m->n == m->alloc) {
				m->alloc = m->alloc * 2 + 8;
				m->e = realloc(m->e, m->alloc * sizeof(*m->e));
				if (!m->e)
					abort();
			}
			memmove(m->e + i + 1, m->e + i,
				(m->n++ - i) * sizeof(*m->e));
			snprintf(m->e[i].path, sizeof(m->e[i].path), "%s",
				 path);
		}
		m->e[i].leaf = *leaf;
	}
}

/* Is anything below the folder ${path}? */
static int model_has_below(const struct model *m, const char *path)
{
	char folder[80];
	size_t i;

	snprintf(folder, sizeof(folder), "%s/", path);
	i = model_at(m, folder);
	return i < m->n && !strncmp(m->e[i].path, folder, strlen(folder));
}

/* Is a part of ${path} a leaf? */
static int model_has_above(const struct model *m, const char *path)
{
	char part[64];
	size_t i;

	for (i = 1; path[i]; i++)
		if (path[i] == '/') {
			snprintf(part, sizeof(part), "%.*s", (int)i, path);
			if (model_get(m, part).mode)
				return 1;
		}
	return 0;
}

__attribute__((unused)) static void model_rm_below(struct model *m,
						   const char *path)
{
	struct tree_leaf none = { 0 };
	char folder[80];
	size_t i;

	snprintf(folder, sizeof(folder), "%s/", path);
	for (i = model_at(m, folder); i < m->n &&
	     !strncmp(m->e[i].path, folder, strlen(folder));)
		model_set(m, m->e[i].path, &none);
}

__attribute__((unused))
static void model_copy(struct model *to, const struct model *from)
{
	size_t i;

	to->n = 0;
	for (i = 0; i < from->n; i++)
		model_set(to, from->e[i].path, &from->e[i].leaf);
}

static void model_free(struct model *m)
{
	free(m->e);
	memset(m, 0, sizeof(*m));
}

static int model_entry_cmp(const void *a, const void *b)
{
	return tree_entry_cmp(a, b);
}

/* Write the tree of leaves [from, to), whose paths share ${skip} bytes. */
static struct oid model_build_at(struct sink *s, const struct model *m,
				 size_t from, size_t to, size_t skip)
{
	struct tree_entry *en = calloc(to - from + 1, sizeof(*en));
	size_t n = 0, i, j, k;
	struct buf b = BUF_INIT;
	struct oid id;

	if (!en)
		abort();
	for (i = from; i < to; i = j, n++) {
		const char *name = m->e[i].path + skip;
		const char *slash = strchr(name, '/');

		j = i + 1;
		en[n].name = name;
		en[n].name_n = strlen(name);
		en[n].mode = m->e[i].leaf.mode;
		en[n].id = m->e[i].leaf.id;
		if (!slash)
			continue;
		k = (size_t)(slash - name) + 1;
		while (j < to && !strncmp(m->e[j].path + skip, name, k))
			j++;
		en[n].name_n = k - 1;
		en[n].mode = MODE_TREE;
		en[n].id = model_build_at(s, m, i, j, skip + k);
	}
	qsort(en, n, sizeof(*en), model_entry_cmp);
	for (i = 0; i < n; i++) {
		buf_addf(&b, "%o %.*s", (unsigned)en[i].mode,
			 (int)en[i].name_n, en[i].name);
		buf_addch(&b, '\0');
		buf_add(&b, en[i].id.h, OID_SIZE);
	}
	if (sink_put(s, OBJ_TREE, b.p, b.n, &id, NULL) < 0)
		abort();
	buf_release(&b);
	free(en);
	return id;
}

/* model_build(): the tree of a model, by plain recursion and qsort. */
static struct oid model_build(struct sink *s, const struct model *m)
{
	return model_build_at(s, m, 0, m->n, 0);
}

/* A random path of up to 4 parts, from names that sort around '/'. */
__attribute__((unused)) static void model_rnd_path(char *path, size_t max)
{
	static const char *const name[] = {
		"a", "a.b", "a-", "a0", "a b", "b", "a.b.c", "\xff", "c"
	};
	int parts = 1 + (int)rnd(4), i;
	size_t n = 0;

	for (i = 0; i < parts; i++)
		n += (size_t)snprintf(path + n, max - n, "%s%s", i ? "/" : "",
				      name[rnd(9)]);
}

/* Set a path, if that is possible without a clash of file and folder; else only
 * with ${force}, which removes what is in the way. */
__attribute__((unused))
static void model_put(struct model *m, const char *path,
		      const struct tree_leaf *leaf, int force)
{
	struct tree_leaf none = { 0 };
	char part[64];
	size_t i;

	if (model_has_below(m, path) || model_has_above(m, path)) {
		if (!force)
			return;
		model_rm_below(m, path);
		for (i = 1; path[i]; i++)
			if (path[i] == '/') {
				snprintf(part, sizeof(part), "%.*s", (int)i,
					 path);
				model_set(m, part, &none);
			}
	}
	model_set(m, path, leaf);
}

__attribute__((unused))
static void model_rnd_set(struct model *m, const struct tree_leaf *leaf,
			  int force)
{
	char path[64];

	model_rnd_path(path, sizeof(path));
	model_put(m, path, leaf, force);
}

#endif
