/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_get.c - a large file out of its chunks.
 *
 * Chunks are asked for in groups, so that their names can be checked side by
 * side, and written in order.  A chunk of zeros is recognised when it comes the
 * first time; from then on its name alone is enough.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os_file.h"
#include "store/file_internal.h"

#define GROUP (4u << 20)	/* bytes */
#define GROUP_N 64		/* chunks */

struct get {
	const struct file_sink *sink;
	struct file_walk walk;
	uint64_t from, to;	/* what is wanted */
	uint64_t done;
	uint8_t *p;		/* GROUP bytes */
	size_t n;		/* in use */
	struct file_want want[GROUP_N];
	struct file_item item[GROUP_N];
	size_t want_n;
	uint8_t zero_name[32];
	uint64_t zero_size;	/* 0: none seen yet */
};

static int is_zero(const uint8_t *p, size_t n)
{
	return n && !p[0] && !memcmp(p, p + 1, n - 1);
}

/* The part of an item that is wanted. */
static void clip(const struct get *g, const struct file_item *it, uint64_t *skip,
		 uint64_t *n)
{
	uint64_t end = it->at + it->size < g->to ? it->at + it->size : g->to;

	*skip = it->at < g->from ? g->from - it->at : 0;
	*n = end - it->at - *skip;
}

static int put_zeros(struct get *g, const struct file_item *it, struct err *e)
{
	uint64_t skip, n;
	int rc;

	clip(g, it, &skip, &n);
	rc = g->sink->zeros(g->sink->arg, n, e);
	g->done += n;
	return rc;
}

/* Write one chunk that was read. */
static int put_chunk(struct get *g, size_t i, struct err *e)
{
	const struct file_item *it = &g->item[i];
	const uint8_t *p = g->want[i].out;
	uint64_t skip, n;
	int rc;

	if (g->sink->zeros && is_zero(p, g->want[i].n)) {
		memcpy(g->zero_name, it->name, 32);
		g->zero_size = it->size;
		return put_zeros(g, it, e);
	}
	clip(g, it, &skip, &n);
	rc = g->sink->write(g->sink->arg, p + skip, (size_t)n, e);
	g->done += n;
	return rc;
}

/* Read and write what was collected. */
static int flush(struct get *g, struct err *e)
{
	const struct file_store *store = g->walk.store;
	size_t i;
	int rc = 0;

	if (g->want_n)
		rc = store->read(store->arg, g->want, g->want_n, e);
	for (i = 0; rc == 0 && i < g->want_n; i++)
		rc = put_chunk(g, i, e);
	g->want_n = 0;
	g->n = 0;
	if (rc == 0 && g->sink->progress)
		rc = g->sink->progress(g->sink->arg, g->done, e);
	return rc;
}

static int take_chunk(struct get *g, struct err *e)
{
	const struct file_item *it = &g->walk.item;
	struct file_want *w;
	int rc = 0, zero;

	zero = g->zero_size == it->size &&
	       !memcmp(g->zero_name, it->name, 32);
	if (g->want_n == GROUP_N || g->n + it->size > GROUP ||
	    (zero && g->want_n))
		rc = flush(g, e);
	if (rc < 0)
		return rc;
	if (zero)
		return put_zeros(g, it, e);
	w = &g->want[g->want_n];
	memcpy(w->name, it->name, 32);
	w->type = PACK_CHUNK;
	w->n = (uint32_t)it->size;
	w->out = g->p + g->n;
	g->item[g->want_n++] = *it;
	g->n += (size_t)it->size;
	return 0;
}

static int get_all(struct get *g, struct err *e)
{
	const struct file_item *it = &g->walk.item;
	uint64_t told = 0;
	int rc = 0;

	while (rc == 0 && file_walk_next(&g->walk)) {
		if (it->at + it->size <= g->from)
			continue;
		if (it->at >= g->to)
			break;
		if (it->type == PACK_RECIPE)
			rc = file_walk_enter(&g->walk, e);
		else
			rc = take_chunk(g, e);
		/* A long run of zeros never fills a group. */
		if (rc == 0 && g->sink->progress && g->done - told >= 64 * GROUP) {
			told = g->done;
			rc = g->sink->progress(g->sink->arg, g->done, e);
		}
	}
	return rc == 0 ? flush(g, e) : rc;
}

int file_get_range(const struct file_store *store, const struct pointer *ptr,
		   uint64_t from, uint64_t n, const struct file_sink *sink,
		   struct err *e)
{
	struct get *g;
	int rc;

	if (from > ptr->size || n > ptr->size - from)
		BUG("range of a file behind its end");
	g = calloc(1, sizeof(*g));
	if (!g)
		return err_nomem(e);
	g->p = malloc(GROUP);
	g->sink = sink;
	g->from = from;
	g->to = from + n;
	file_walk_init(&g->walk, store, ptr);
	rc = g->p ? 0 : err_nomem(e);
	if (rc == 0 && n)
		rc = get_all(g, e);
	file_walk_release(&g->walk);
	free(g->p);
	free(g);
	return rc;
}

int file_get(const struct file_store *store, const struct pointer *ptr,
	     const struct file_sink *sink, struct err *e)
{
	return file_get_range(store, ptr, 0, ptr->size, sink, e);
}

/* ---- to a new file ---- */

struct fd_sink {
	int fd;
	const char *what;
	uint64_t at;
	file_progress_fn progress;
	void *arg;
};

static int fd_write(void *arg, const void *p, size_t n, struct err *e)
{
	struct fd_sink *f = arg;
	int rc = os_pwrite(f->fd, p, n, f->at, f->what, e);

	f->at += n;
	return rc;
}

static int fd_zeros(void *arg, uint64_t n, struct err *e)
{
	struct fd_sink *f = arg;

	(void)e;
	f->at += n;
	return 0;
}

static int fd_progress(void *arg, uint64_t done, struct err *e)
{
	struct fd_sink *f = arg;

	return f->progress ? f->progress(f->arg, done, e) : 0;
}

int file_get_fd(const struct file_store *store, const struct pointer *ptr,
		int fd, const char *what, file_progress_fn progress, void *arg,
		struct err *e)
{
	struct fd_sink f = {
		.fd = fd, .what = what, .progress = progress, .arg = arg,
	};
	struct file_sink sink = {
		.write = fd_write, .zeros = fd_zeros, .progress = fd_progress,
		.arg = &f,
	};
	int rc = file_get(store, ptr, &sink, e);

	/* Zeros at the end were not written. */
	if (rc == 0)
		rc = os_truncate(fd, ptr->size, what, e);
	return rc;
}
