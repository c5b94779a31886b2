/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gitseg_work.c - objects of a git segment into a sink: threads name and
 * compress them, the caller's adds them in the order in which they came.
 *
 *	put -> | filling | full | at work | done | -> sink_add
 *
 * A ring of jobs; each is its thread's alone between FULL and DONE.  Names are
 * plain SHA-1, at more than twice the speed: the segment comes out of a vault,
 * from a device that named these objects with the other one.
 */
#include <stdlib.h>

#include "crypt/hash.h"
#include "os/os_thread.h"
#include "repo/gitseg_internal.h"

#define JOB_OBJECTS 128
#define JOB_BYTES (1u << 20)
#define WORKERS_MAX 4
#define JOBS_MAX (WORKERS_MAX + 2)

enum state { FREE, FULL, AT_WORK, DONE };

struct object { enum obj_type type; size_t at, n; };

struct job {
	enum state state;
	struct buf data;
	struct object object[JOB_OBJECTS];
	struct sink_item item[JOB_OBJECTS];
	size_t n;
	int rc;
	struct err err;
};

struct worker {
	struct gitseg_work *w;
	struct os_thread *thread;
	struct sink_worker *sink;
	struct sha1 *sum;
};

struct gitseg_work {
	struct sink *sink;		/* borrowed */
	struct job job[JOBS_MAX];
	size_t jobs, fill, take, give;	/* counts; job n is job[n % jobs] */
	struct worker worker[WORKERS_MAX];
	unsigned workers;
	struct os_mutex *lock;		/* .state, .take, .stop */
	struct os_cond *changed;
	int stop;
};

static void work(struct worker *k, struct job *j)
{
	const struct object *o;
	struct oid id;
	size_t i;

	for (i = 0; !j->rc && i < j->n; i++) {
		o = &j->object[i];
		repo_pack_name(k->sum, o->type, j->data.p + o->at, o->n, &id);
		j->rc = sink_prepare_named(k->sink, &j->item[i], o->type, &id,
					   j->data.p + o->at, o->n, &j->err);
	}
}

static void worker_main(void *arg)
{
	struct worker *k = arg;
	struct gitseg_work *w = k->w;
	struct job *j;

	os_mutex_lock(w->lock);
	for (;;) {
		j = &w->job[w->take % w->jobs];
		if (w->stop)
			break;
		if (j->state != FULL) {
			os_cond_wait(w->changed, w->lock);
			continue;
		}
		w->take++;
		j->state = AT_WORK;
		os_mutex_unlock(w->lock);
		work(k, j);
		os_mutex_lock(w->lock);
		j->state = DONE;
		os_cond_wake(w->changed);
	}
	os_mutex_unlock(w->lock);
}

/* take_back(): wait for the oldest job that was given away, and add it. */
static int take_back(struct gitseg_work *w, struct err *e)
{
	struct job *j = &w->job[w->give % w->jobs];
	size_t i;
	int rc;

	os_mutex_lock(w->lock);
	while (j->state != DONE)
		os_cond_wait(w->changed, w->lock);
	os_mutex_unlock(w->lock);
	w->give++;
	rc = j->rc;
	if (rc < 0 && e)
		*e = j->err;
	for (i = 0; !rc && i < j->n; i++)
		rc = sink_add(w->sink, &j->item[i], e);
	if (j->data.alloc > 4 * JOB_BYTES) {	/* one large object */
		for (i = 0; i < j->n; i++)
			sink_item_release(&j->item[i]);
		buf_release(&j->data);
	}
	buf_reset(&j->data);
	j->n = 0;
	j->rc = 0;
	os_mutex_lock(w->lock);
	j->state = FREE;
	os_mutex_unlock(w->lock);
	return rc;
}

/* give_away(): the job that was filled; then the next is free.  What is large
 * is not left to pile up. */
static int give_away(struct gitseg_work *w, struct err *e)
{
	struct job *j = &w->job[w->fill % w->jobs];
	size_t keep = j->data.n > 4 * JOB_BYTES ? 0 : w->jobs - 1;
	int rc = 0;

	os_mutex_lock(w->lock);
	j->state = FULL;
	os_cond_wake(w->changed);
	os_mutex_unlock(w->lock);
	w->fill++;
	while (!rc && w->fill - w->give > keep)
		rc = take_back(w, e);
	return rc;
}

int gitseg_work_put(struct gitseg_work *w, enum obj_type type,
		    const struct buf *content, struct err *e)
{
	struct job *j = &w->job[w->fill % w->jobs];
	struct object *o;
	int rc = 0;

	if (j->n && (j->n == JOB_OBJECTS ||
		     j->data.n + content->n > JOB_BYTES)) {
		rc = give_away(w, e);
		j = &w->job[w->fill % w->jobs];
	}
	if (rc < 0)
		return rc;
	o = &j->object[j->n++];
	o->type = type;
	o->at = j->data.n;
	o->n = content->n;
	buf_add(&j->data, content->p, content->n);
	return buf_error(&j->data) ? err_nomem(e) : 0;
}

int gitseg_work_end(struct gitseg_work *w, struct err *e)
{
	int rc = w->job[w->fill % w->jobs].n ? give_away(w, e) : 0;

	while (!rc && w->give < w->fill)
		rc = take_back(w, e);
	return rc;
}

static int open_workers(struct gitseg_work *w, struct err *e)
{
	unsigned n = os_cpus() < WORKERS_MAX ? os_cpus() : WORKERS_MAX;
	int rc = 0;

	w->jobs = n + 2;
	while (!rc && w->workers < n) {
		struct worker *k = &w->worker[w->workers];

		k->w = w;
		k->sum = sha1_new();
		rc = k->sum ? sink_worker_new(1, &k->sink, e) :
			err_nomem(e);
		if (!rc)
			rc = os_thread_start(worker_main, k, &k->thread, e);
		if (rc < 0) {
			sink_worker_free(k->sink);
			sha1_free(k->sum);
			break;
		}
		w->workers++;
	}
	return rc;
}

int gitseg_work_open(struct sink *s, struct gitseg_work **ret, struct err *e)
{
	struct gitseg_work *w = calloc(1, sizeof(*w));
	size_t i, k;
	int rc;

	if (!w)
		return err_nomem(e);
	w->sink = s;
	for (i = 0; i < JOBS_MAX; i++) {
		buf_init(&w->job[i].data);
		for (k = 0; k < JOB_OBJECTS; k++)
			buf_init(&w->job[i].item[k].deflated);
	}
	w->lock = os_mutex_new();
	w->changed = os_cond_new();
	rc = w->lock && w->changed ? open_workers(w, e) : err_nomem(e);
	if (rc < 0)
		gitseg_work_close(w);
	else
		*ret = w;
	return rc;
}

void gitseg_work_close(struct gitseg_work *w)
{
	size_t i, k;

	if (!w)
		return;
	if (w->workers) {
		os_mutex_lock(w->lock);
		w->stop = 1;
		os_cond_wake(w->changed);
		os_mutex_unlock(w->lock);
	}
	for (i = 0; i < w->workers; i++) {
		os_thread_join(w->worker[i].thread);
		sink_worker_free(w->worker[i].sink);
		sha1_free(w->worker[i].sum);
	}
	for (i = 0; i < JOBS_MAX; i++) {
		buf_release(&w->job[i].data);
		for (k = 0; k < JOB_OBJECTS; k++)
			sink_item_release(&w->job[i].item[k]);
	}
	os_cond_free(w->changed);
	os_mutex_free(w->lock);
	free(w);
}
