/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_each.c - list refs.
 *
 * Order: loose files first, packed-refs afterwards: what `git pack-refs` moves
 * meanwhile is then seen at least once; a loose ref wins.  Names that git
 * itself does not take for refs (locks, names that begin with a dot) are passed
 * over; any other file that holds no ref is damage and said to be.
 */
#include <stdlib.h>

#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/ref_internal.h"

#define DEPTH_MAX 64
#define REFS_MAX 2000000

struct item {
	size_t name;		/* offset in names */
	size_t target;		/* of a symbolic ref: offset in names, else 0 */
	struct oid id;
};

struct list {
	struct repo *r;
	const char *prefix;
	size_t prefix_n;
	struct buf names;	/* NUL-ended names, one after another */
	struct item *v;		/* owned */
	size_t n, alloc;
	size_t loose_n;		/* the first so many are loose, and sorted */
};

/* Comparing needs the names: they are stored as offsets only while the list
 * grows. */
static const char *name_of(const struct list *l, const struct item *it)
{
	return l->names.p + it->name;
}

static int add(struct list *l, const char *name, size_t n,
	       const struct oid *id, const char *target, struct err *e)
{
	struct item *it;

	if (l->n >= REFS_MAX)
		return err_set(e, HUB_ELIMIT, "'%s' has over %d refs",
			       l->r->commondir, REFS_MAX);
	if (l->n == l->alloc) {
		size_t a = l->alloc ? l->alloc * 2 : 64;
		void *v = realloc(l->v, a * sizeof(*l->v));

		if (!v)
			return err_nomem(e);
		l->v = v;
		l->alloc = a;
	}
	it = &l->v[l->n++];
	it->id = *id;
	it->target = 0;
	it->name = l->names.n;
	buf_add(&l->names, name, n);
	buf_addch(&l->names, '\0');
	if (target) {
		it->target = l->names.n;
		buf_addstr(&l->names, target);
		buf_addch(&l->names, '\0');
	}
	return buf_error(&l->names) ? err_nomem(e) : 0;
}

/* ---- loose ---- */

static int add_loose(struct list *l, const char *name, struct err *e)
{
	struct buf target = BUF_INIT;
	struct oid id;
	int rc;

	rc = ref_loose(l->r, name, &id, &target, e);
	if (rc == 0)
		rc = add(l, name, strlen(name), &id, target.n ? target.p : NULL,
			 e);
	else if (rc == HUB_EABSENT)
		rc = 0;		/* just deleted or packed */
	buf_release(&target);
	return rc;
}

/* not_a_ref(): names that git passes over in silence. */
static int not_a_ref(const char *name)
{
	size_t n = strlen(name);

	return name[0] == '.' || (n >= 5 && !strcmp(name + n - 5, ".lock"));
}

/* walk(): ${name} is the folder's name, "refs/heads/"; restored on return. */
static int walk(struct list *l, struct os_dir *d, struct buf *name, int depth,
		struct err *e)
{
	struct os_dir *sub = NULL;
	struct os_stat st;
	size_t was = name->n;
	const char *s;
	enum os_type type;
	int rc;

	while ((rc = os_dir_next(d, &s, &type, e)) == 1) {
		if (not_a_ref(s))
			continue;
		buf_addstr(name, s);
		rc = buf_error(name) ? err_nomem(e) : 0;
		if (rc == 0 && type == OS_UNKNOWN &&
		    os_dir_stat(d, s, &st, NULL) == 0)
			type = st.type;
		if (rc == 0 && type == OS_DIR) {
			rc = depth < DEPTH_MAX ? os_dir_at(d, s, &sub, e)
			     : err_set(e, HUB_ELIMIT, "refs below '%s' nest too "
				       "deep", name->p);
			buf_addch(name, '/');
			if (rc == 0)
				rc = walk(l, sub, name, depth + 1, e);
			else if (rc == HUB_EABSENT)
				rc = 0;
			os_dir_close(sub);
			sub = NULL;
		} else if (rc == 0 && !ref_valid(name->p)) {
			rc = err_set(e, HUB_ECORRUPT, "'%s%s' is no ref of git; "
				     "move the file away", l->r->commondir,
				     name->p);
		} else if (rc == 0) {
			rc = add_loose(l, name->p, e);
		}
		buf_setlen(name, was);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int all_loose(struct list *l, struct err *e)
{
	struct buf path = BUF_INIT, name = BUF_INIT;
	struct os_dir *d = NULL;
	size_t n = l->prefix_n;
	int rc;

	while (n > 0 && l->prefix[n - 1] != '/')
		n--;
	buf_add(&name, l->prefix, n);
	buf_addf(&path, "%s%s", l->r->commondir, name.p);
	rc = buf_error(&name) || buf_error(&path) ? err_nomem(e)
	     : os_dir_open(path.p, &d, e);
	if (rc == 0)
		rc = walk(l, d, &name, 0, e);
	else if (rc == HUB_EABSENT)
		rc = 0;
	os_dir_close(d);
	buf_release(&path);
	buf_release(&name);
	return rc;
}

/* ---- both ---- */

/* qsort() takes no argument: the names of the list being sorted. */
struct key { const char *name; struct item it; };

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->name,
		      ((const struct key *)b)->name);
}

static int sort(struct list *l, struct err *e)
{
	struct key *k;

	if (l->n == 0)
		return 0;
	k = calloc(l->n, sizeof(*k));
	if (!k)
		return err_nomem(e);
	for (size_t i = 0; i < l->n; i++) {
		k[i].name = name_of(l, &l->v[i]);
		k[i].it = l->v[i];
	}
	qsort(k, l->n, sizeof(*k), by_name);
	for (size_t i = 0; i < l->n; i++)
		l->v[i] = k[i].it;
	free(k);
	return 0;
}

/* find(): among the first ${n} items, which are sorted. */
static const struct item *find(const struct list *l, size_t n,
			       const char *name)
{
	size_t lo = 0, hi = n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(name_of(l, &l->v[mid]), name);
		if (c == 0)
			return &l->v[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int all_packed(struct list *l, struct err *e)
{
	struct ref_packed p = REF_PACKED_INIT;
	char name[REF_NAME_MAX + 1];
	struct oid id;
	const char *s;
	size_t i, n;
	int rc;

	l->loose_n = l->n;
	rc = ref_packed_load(l->r, &p, e);
	if (rc < 0)
		return rc;
	for (ref_packed_find(&p, l->prefix, l->prefix_n, &i); i < p.n; i++) {
		s = ref_packed_name(&p, i, &n);
		if (n < l->prefix_n || memcmp(s, l->prefix, l->prefix_n) != 0)
			break;
		memcpy(name, s, n);
		name[n] = '\0';
		if (find(l, l->loose_n, name))
			continue;
		ref_packed_id(&p, i, &id);
		rc = add(l, name, n, &id, NULL, e);
		if (rc < 0)
			break;
	}
	ref_packed_release(&p);
	return rc;
}

/* resolve(): the id of a symbolic ref; 0 if it leads nowhere, which is what a
 * deleted branch leaves behind and no damage. */
static int resolve(struct list *l, const struct item *it, struct oid *ret,
		   struct err *e)
{
	struct buf target = BUF_INIT, next = BUF_INIT;
	int rc = 0, depth;

	buf_addstr(&target, l->names.p + it->target);
	for (depth = 0; depth < REF_SYMREF_DEPTH; depth++) {
		rc = buf_error(&target) ? err_nomem(e)
		     : ref_loose(l->r, target.p, ret, &next, e);
		if (rc < 0 || next.n == 0)
			break;
		buf_reset(&target);
		buf_add(&target, next.p, next.n);
	}
	if (rc == HUB_EABSENT)
		rc = ref_get(l->r, target.p, ret, e);
	buf_release(&target);
	buf_release(&next);
	if (rc == HUB_EABSENT || depth == REF_SYMREF_DEPTH)
		return 0;
	return rc < 0 ? rc : 1;
}

static int report(struct list *l,
		  int (*fn)(void *arg, const char *name, const struct oid *id),
		  void *arg, struct err *e)
{
	struct item *it;
	int rc;

	for (size_t i = 0; i < l->n; i++) {
		it = &l->v[i];
		if (strncmp(name_of(l, it), l->prefix, l->prefix_n) != 0)
			continue;
		rc = it->target ? resolve(l, it, &it->id, e) : 1;
		if (rc == 1)
			rc = fn(arg, name_of(l, it), &it->id);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int ref_each(struct repo *r, const char *prefix,
	     int (*fn)(void *arg, const char *name, const struct oid *id),
	     void *arg, struct err *e)
{
	struct list l = { .r = r, .prefix = prefix,
			  .prefix_n = strlen(prefix), .names = BUF_INIT };
	int rc;

	if (strncmp(prefix, "refs/", 5) != 0 || strstr(prefix, ".."))
		return err_set(e, HUB_EUSAGE, "'%s' is no prefix of refs",
			       prefix);
	rc = all_loose(&l, e);
	if (rc == 0)
		rc = sort(&l, e);
	if (rc == 0)
		rc = all_packed(&l, e);
	if (rc == 0 && l.n > l.loose_n)
		rc = sort(&l, e);
	if (rc == 0)
		err_clear(e);
	if (rc == 0)
		rc = report(&l, fn, arg, e);
	free(l.v);
	buf_release(&l.names);
	return rc;
}
