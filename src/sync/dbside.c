/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dbside.c - what lies beside a SQLite data base. */
#include "sync/dbside.h"

#include <stdlib.h>
#include <string.h>

#include "base/rd.h"

/*
 * A stack: between "x" and "x-wal" only paths that begin with "x" can come, so
 * entries that are no prefix of the current path are done.
 */
static void pop_done(struct dbside *d, const char *path, size_t n)
{
	while (d->n) {
		const char *top = d->v[d->n - 1];
		size_t k = strlen(top);

		if (k <= n && !memcmp(top, path, k))
			return;
		free(d->v[--d->n]);
	}
}

int dbside_note(struct dbside *d, const char *path, size_t n)
{
	char *copy;

	pop_done(d, path, n);
	if (d->n == d->alloc) {
		size_t want = d->alloc ? d->alloc * 2 : 8;
		char **v = realloc(d->v, want * sizeof(*v));

		if (!v)
			return HUB_ENOMEM;
		d->v = v;
		d->alloc = want;
	}
	copy = malloc(n + 1);
	if (!copy)
		return HUB_ENOMEM;
	memcpy(copy, path, n);
	copy[n] = '\0';
	d->v[d->n++] = copy;
	return 0;
}

int dbside_is_side(struct dbside *d, const char *path, size_t n)
{
	static const char *const suffix[] = { "-wal", "-shm", "-journal" };
	size_t i, s;

	pop_done(d, path, n);
	for (i = 0; i < d->n; i++) {
		size_t k = strlen(d->v[i]);

		for (s = 0; s < 3; s++)
			if (n == k + strlen(suffix[s]) &&
			    !memcmp(path + k, suffix[s], n - k))
				return 1;
	}
	return 0;
}

void dbside_release(struct dbside *d)
{
	while (d->n)
		free(d->v[--d->n]);
	free(d->v);
	d->v = NULL;
	d->alloc = 0;
}

void dbside_wal(struct os_dir *dir, const char *name, struct dbside_wal *ret)
{
	struct buf wal = BUF_INIT;
	struct os_stat st;

	memset(ret, 0, sizeof(*ret));
	buf_addf(&wal, "%s-wal", name);
	if (!buf_error(&wal) && !os_dir_stat(dir, wal.p, &st, NULL) &&
	    st.size) {
		ret->size = st.size;
		ret->mtime_ns = st.mtime_ns;
	}
	buf_release(&wal);
}

static int fact_name(struct buf *b, const char *path, size_t n)
{
	buf_addstr(b, "wal:");
	buf_add(b, path, n);
	return buf_error(b);
}

int dbside_unchanged(struct state *s, const char *path, size_t n,
		     const struct dbside_wal *now)
{
	struct buf name = BUF_INIT, val = BUF_INIT;
	struct dbside_wal was = { 0, 0 };
	struct rd r;
	int rc = fact_name(&name, path, n);

	if (!rc)
		rc = state_get(s, name.p, &val, NULL);
	if (!rc) {
		rd_init(&r, val.p, val.n);
		was.size = rd_u64(&r);
		was.mtime_ns = (int64_t)rd_u64(&r);
		rc = rd_end(&r);
	}
	buf_release(&name);
	buf_release(&val);
	return (!rc || rc == HUB_EABSENT) && was.size == now->size &&
		was.mtime_ns == now->mtime_ns;
}

int dbside_remember(struct state *s, const char *path, size_t n,
		    const struct dbside_wal *w, struct err *e)
{
	struct buf name = BUF_INIT, val = BUF_INIT;
	int rc;

	buf_add_u64(&val, w->size);
	buf_add_u64(&val, (uint64_t)w->mtime_ns);
	if (fact_name(&name, path, n) || buf_error(&val))
		rc = err_nomem(e);
	else if (w->size)
		rc = state_put(s, name.p, val.p, val.n, e);
	else
		rc = state_del(s, name.p, e);
	buf_release(&name);
	buf_release(&val);
	return rc;
}
