/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * treecase.h - for tests of merges: trees written as text, callbacks that note
 * what they are told.
 */
#ifndef T_TREECASE_H
#define T_TREECASE_H

#include "treefake.h"
#include "treemodel.h"
#include "repo/tree_merge.h"

static struct repo repo;
static struct sink sink = { .r = &repo };
static struct err e = ERR_INIT;

static struct tree_leaf blob_n(uint32_t mode, const void *p, size_t n)
{
	struct tree_leaf l = { mode, { { 0 } } };

	sink_put(&sink, OBJ_BLOB, p, n, &l.id, NULL);
	return l;
}

__attribute__((unused))
static struct tree_leaf blob(uint32_t mode, const char *text)
{
	return blob_n(mode, text, strlen(text));
}

/* ---- callbacks that note what happens ---- */

struct kept { char path[64], as[128]; struct tree_conflict c; };
static struct kept kept[4096];
static size_t kept_n;
static int same_calls, names_asked, name_fixed, disorder;

static int on_name(void *arg, const struct tree_conflict *c,
		   const struct tree_leaf *loser, int attempt,
		   struct buf *ret, struct err *err)
{
	size_t base = path_base(c->path, c->path_n);

	names_asked++;
	if (name_fixed) {
		buf_add(ret, c->path, base);
		buf_addstr(ret, "fixed");
		if (name_fixed > 1 && attempt)
			buf_addf(ret, "+%d", attempt);
		return 0;
	}
	/* Few names, before and after the path, that may exist already. */
	buf_add(ret, c->path, base);
	buf_addf(ret, "%c%s", "ab"[loser->id.h[0] % 2],
		 attempt ? "" : ".b");
	if (attempt > 1)
		buf_addf(ret, " %d %s", attempt, c->path + base);
	return 0;
}

static int on_conflict(void *arg, const struct tree_conflict *c,
		       const char *as, size_t as_n, struct err *err)
{
	struct kept *k = &kept[kept_n++];

	if (kept_n > 1 && strcmp(kept[kept_n - 2].path, c->path) >= 0)
		disorder++;
	disorder += strlen(c->path) != c->path_n || strlen(as) != as_n;
	snprintf(k->path, sizeof(k->path), "%s", c->path);
	snprintf(k->as, sizeof(k->as), "%s", as);
	k->c = *c;
	return 0;
}

/* Contents whose names differ in the last byte only are said to be equal. */
__attribute__((unused)) static int on_same(void *arg, const struct tree_leaf *a,
		   const struct tree_leaf *b)
{
	same_calls++;
	return !memcmp(a->id.h, b->id.h, OID_SIZE - 1);
}

static struct tree_merge_ops ops = { NULL, on_name, on_conflict, NULL };

static int merge(const struct oid *b, const struct oid *o,
		 const struct oid *t, struct oid *ret)
{
	int rc;

	err_clear(&e);
	kept_n = 0;
	rc = tree_merge(&repo, &sink, b, o, t, &ops, ret, &e);
	fake_commit(&sink);
	return rc;
}

/* "a=x a/b*=y l@=z g%=w": '*' executable, '@' symlink, '%' gitlink; contents
 * are one word, '_' stands for a newline, '~' for a blank. */
__attribute__((unused)) static struct oid tree(const char *text)
{
	struct model m = { 0 };
	char word[256], path[64], *eq, *s;
	struct oid id;
	size_t n;

	for (; *text; text += n + strspn(text + n, " ")) {
		struct tree_leaf l;
		uint32_t mode = MODE_FILE;

		n = strcspn(text, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		eq = strchr(word, '=');
		*eq = 0;
		if (strchr("*@%", eq[-1])) {
			mode = eq[-1] == '*' ? MODE_EXEC :
				eq[-1] == '@' ? MODE_LINK : MODE_GITLINK;
			eq[-1] = 0;
		}
		snprintf(path, sizeof(path), "%.63s", word);
		for (s = eq + 1; *s; s++)
			if (*s == '_')
				*s = '\n';
			else if (*s == '~')
				*s = ' ';
		l = blob(mode, eq + 1);
		model_set(&m, path, &l);
	}
	id = model_build(&sink, &m);
	fake_commit(&sink);
	model_free(&m);
	return id;
}

#endif
