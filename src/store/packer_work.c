/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer_work.c - what a worker does with a batch: name all its items, ask which
 * are unknown, store those in any order.
 *
 * The order is shuffled, so that the offsets in a pack do not tell the sizes of
 * a file's chunks one after another; and an object that no longer fits in the
 * pack lets a smaller one go first, which fills packs better.
 */
#include <string.h>
#include "base/banned.h"
#include "crypt/hash_many.h"
#include "crypt/sign.h"
#include "store/packer_internal.h"

enum { SUBMITTED = 1, AT_WORK, DONE };

static void name_all(const struct packer *p, struct packer_batch *b)
{
	const char *context = pack_name_context(b->type);
	struct hash_part part[PACKER_ITEMS_MAX];
	size_t i, n = 0;

	for (i = 0; i < b->items_n; i++) {
		if (b->items[i].named)
			continue;
		part[n].p = b->p + b->items[i].at;
		part[n].n = b->items[i].n;
		part[n++].out = b->items[i].name;
	}
	hash_many(p->conf.keys->name_secret, context, strlen(context) + 1,
		  part, n);
}

/* The items to be stored, by number. */
static int ask_all(struct packer_worker *w, const struct packer_batch *b,
		   uint16_t *want, size_t *ret_n, struct err *e)
{
	struct packer *p = w->p;
	size_t i, n = 0;
	int rc = 0;

	os_mutex_lock(p->asking);
	for (i = 0; rc >= 0 && i < b->items_n; i++) {
		if (b->items[i].named)
			continue;
		rc = p->conf.known ? p->conf.known(p->conf.arg, b->items[i].name,
						   b->type, e) : 0;
		if (rc == 0) {
			want[n++] = (uint16_t)i;
		} else if (rc > 0) {
			w->count.known++;
			w->count.known_plain += b->items[i].n;
		}
	}
	os_mutex_unlock(p->asking);
	*ret_n = n;
	return rc < 0 ? rc : 0;
}

static void shuffle(uint16_t *want, size_t n)
{
	uint32_t r[PACKER_ITEMS_MAX];
	size_t i, k;
	uint16_t t;

	secret_random(r, n * sizeof(*r));
	for (i = n; i > 1; i--) {
		k = r[i - 1] % i;
		t = want[k];
		want[k] = want[i - 1];
		want[i - 1] = t;
	}
}

/* The next one to store: the last, unless only another one fits raw. */
static size_t pick(const struct packer_build *b, const struct packer_batch *batch,
		   const uint16_t *want, size_t n)
{
	size_t i;

	if (b->n)
		for (i = n; i > 0; i--)
			if (packer_build_fits(b, batch->items[want[i - 1]].n))
				return i - 1;
	return n - 1;
}

int packer_work(struct packer_worker *w, struct packer_batch *b, struct err *e)
{
	struct packer_build *build = &w->build[pack_kind_of(b->type) - 1];
	uint16_t want[PACKER_ITEMS_MAX];
	const struct packer_item *it;
	size_t n = 0, i;
	int rc;

	name_all(w->p, b);
	rc = ask_all(w, b, want, &n, e);
	if (rc == 0)
		shuffle(want, n);
	for (; rc == 0 && n; n--) {
		i = pick(build, b, want, n);
		it = &b->items[want[i]];
		rc = packer_store(w, b->type, it->name, b->p + it->at, it->n, e);
		want[i] = want[n - 1];
	}
	return rc;
}

/* ---- the queue ---- */

static struct packer_batch *waiting(struct packer *p)
{
	struct packer_batch *b;

	for (b = p->first; b; b = b->next)
		if (b->state == SUBMITTED)
			return b;
	return NULL;
}

void packer_worker_main(void *worker)
{
	struct packer_worker *w = worker;
	struct packer *p = w->p;
	struct packer_batch *b;
	int rc;

	os_mutex_lock(p->lock);
	for (;;) {
		while (!(b = waiting(p)) && !p->stop)
			os_cond_wait(p->changed, p->lock);
		if (!b || p->stop)
			break;
		b->state = AT_WORK;
		rc = p->rc;
		os_mutex_unlock(p->lock);
		if (rc == 0) {
			rc = packer_work(w, b, &w->err);
			if (rc < 0)
				packer_fail(p, rc, &w->err);
		}
		os_mutex_lock(p->lock);
		b->state = DONE;
		os_cond_wake(p->changed);
	}
	os_mutex_unlock(p->lock);
}

int packer_submit(struct packer *p, struct packer_batch *b, struct err *e)
{
	int rc = packer_failed(p, e);

	if (b->items_n > PACKER_ITEMS_MAX || pack_kind_of(b->type) != PACK_DATA)
		BUG("batch of %zu items, type %u", b->items_n, b->type);
	b->next = NULL;
	b->state = SUBMITTED;
	if (!p->workers) {
		if (rc == 0) {
			rc = packer_work(&p->self, b, e);
			if (rc < 0)
				packer_fail(p, rc, e);
		}
		b->state = DONE;
	}
	os_mutex_lock(p->lock);
	if (p->last)
		p->last->next = b;
	else
		p->first = b;
	p->last = b;
	os_cond_wake(p->changed);
	os_mutex_unlock(p->lock);
	return rc;
}

int packer_next(struct packer *p, struct packer_batch **ret, struct err *e)
{
	struct packer_batch *b;

	os_mutex_lock(p->lock);
	b = p->first;
	while (b && b->state != DONE)
		os_cond_wait(p->changed, p->lock);
	if (b) {
		p->first = b->next;
		if (!p->first)
			p->last = NULL;
	}
	os_mutex_unlock(p->lock);
	*ret = b;
	return packer_failed(p, e);
}
