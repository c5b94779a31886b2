/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer.c - open, add, flush, close.
 *
 * Locks: `asking` is held while known() or done() run, `putting` while put() runs,
 * `lock` guards the queue and the failure; none is taken while another is
 * held.  A worker's builds and coder are its own; the caller's thread touches
 * them only when no batch is out, and the queue's lock was taken in between.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/sign.h"
#include "store/packer_internal.h"

int packer_failed(struct packer *p, struct err *e)
{
	int rc;

	os_mutex_lock(p->lock);
	rc = p->rc;
	if (rc < 0 && e)
		*e = p->err;
	os_mutex_unlock(p->lock);
	return rc;
}

int packer_fail(struct packer *p, int rc, const struct err *e)
{
	os_mutex_lock(p->lock);
	if (p->rc == 0) {
		p->rc = rc;
		if (e)
			p->err = *e;
	}
	os_mutex_unlock(p->lock);
	return rc;
}

int packer_put(struct packer_worker *w, struct packer_build *b, struct err *e)
{
	struct packer *p = w->p;
	struct packer_pack pack;
	int rc;

	rc = packer_build_end(b, &p->seal, &pack, e);
	if (rc < 0)
		return rc;
	os_mutex_lock(p->putting);
	rc = p->conf.put(p->conf.arg, &pack, e);
	os_mutex_unlock(p->putting);
	if (rc >= 0 && p->conf.done) {
		os_mutex_lock(p->asking);
		rc = p->conf.done(p->conf.arg, &pack, e);
		os_mutex_unlock(p->asking);
	}
	if (rc < 0)
		return rc;
	w->count.packs++;
	w->count.bytes += pack.n;
	packer_build_reset(b);
	return 0;
}

int packer_store(struct packer_worker *w, unsigned type,
		 const uint8_t name[32], const void *plain, size_t n,
		 struct err *e)
{
	struct packer_build *b = &w->build[pack_kind_of(type) - 1];
	struct packer_code code;
	struct pack_entry en;
	int rc;

	rc = packer_encode(&w->coder, plain, n, &code, e);
	if (rc == 0 && b->n && !packer_build_fits(b, code.n))
		rc = packer_put(w, b, e);
	if (rc == 0 && !b->n)
		rc = packer_build_begin(b, (enum pack_kind)pack_kind_of(type),
					PACK_SIZE_MAX, e);
	if (rc < 0)
		return rc;
	memset(&en, 0, sizeof(en));
	memcpy(en.name, name, sizeof(en.name));
	en.plain = (uint32_t)n;
	en.codec = (uint8_t)code.codec;
	en.type = (uint8_t)type;
	rc = packer_build_add(b, &en, code.p, code.n, e);
	if (rc == 0)
		rc = packer_check(&w->coder, b, &code, plain, n, e);
	if (rc < 0)
		return rc;
	w->count.objects++;
	w->count.plain += n;
	w->count.stored += code.n + PACK_TAG;
	return 0;
}

int packer_add(struct packer *p, unsigned type, const uint8_t name[32],
	       const void *plain, size_t n, struct err *e)
{
	int rc = packer_failed(p, e);

	if (!pack_kind_of(type) || !n ||
	    n > (type == PACK_CHUNK ? PACK_CHUNK_MAX : PACK_PLAIN_MAX))
		BUG("object of type %u with %zu bytes", type, n);
	if (rc < 0)
		return rc;
	rc = packer_store(&p->self, type, name, plain, n, e);
	return rc < 0 ? packer_fail(p, rc, e) : 0;
}

int packer_offer(struct packer *p, unsigned type, const void *plain, size_t n,
		 uint8_t ret_name[32], struct err *e)
{
	int rc = packer_failed(p, e);

	if (rc < 0)
		return rc;
	keyring_name(p->conf.keys, (int)type, plain, n, ret_name);
	if (p->conf.known) {
		os_mutex_lock(p->asking);
		rc = p->conf.known(p->conf.arg, ret_name, type, e);
		os_mutex_unlock(p->asking);
	}
	if (rc < 0)
		return packer_fail(p, rc, e);
	if (rc > 0) {
		p->self.count.known++;
		p->self.count.known_plain += n;
		return 0;
	}
	return packer_add(p, type, ret_name, plain, n, e);
}

int packer_flush(struct packer *p, struct err *e)
{
	int rc = packer_failed(p, e);

	if (p->first)
		BUG("flush with a batch out");
	if (rc == 0)
		rc = packer_tail(p, PACK_DATA, e);
	if (rc == 0)
		rc = packer_tail(p, PACK_META, e);
	return rc < 0 ? packer_fail(p, rc, e) : 0;
}

const struct keyring *packer_keys(const struct packer *p)
{
	return p->conf.keys;
}

unsigned packer_jobs(const struct packer *p)
{
	return p->workers ? p->workers : 1;
}

static void count_add(struct packer_count *to, const struct packer_count *c)
{
	to->objects += c->objects;
	to->plain += c->plain;
	to->stored += c->stored;
	to->known += c->known;
	to->known_plain += c->known_plain;
	to->packs += c->packs;
	to->bytes += c->bytes;
}

void packer_count(const struct packer *p, struct packer_count *ret)
{
	unsigned i;

	*ret = p->self.count;
	for (i = 0; i < p->workers; i++)
		count_add(ret, &p->worker[i].count);
}

struct packer_batch *packer_batch_new(void)
{
	struct packer_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->p = malloc(PACKER_BATCH);
	if (!b->p) {
		free(b);
		return NULL;
	}
	b->type = PACK_CHUNK;
	return b;
}

void packer_batch_free(struct packer_batch *b)
{
	if (!b)
		return;
	free(b->p);
	free(b);
}

/* ---- open, close ---- */

static int open_seal(struct packer *p, struct err *e)
{
	const struct keyring *keys = p->conf.keys;
	int rc;

	p->seal.epoch = p->conf.epoch ? p->conf.epoch : keyring_epoch(keys);
	memcpy(p->seal.hub, keys->hub, sizeof(p->seal.hub));
	rc = keyring_subkey(keys, p->seal.epoch, "pack", p->seal.key_secret);
	if (rc < 0)
		return err_set(e, rc, "no key of epoch %u", p->seal.epoch);
	aead_commit(p->seal.key_secret, p->seal.commit);
	return 0;
}

static int open_workers(struct packer *p, struct err *e)
{
	unsigned jobs = p->conf.jobs;
	int rc = 0;

	if (jobs > PACKER_JOBS_MAX)
		jobs = PACKER_JOBS_MAX;
	while (rc == 0 && jobs > 1 && p->workers < jobs) {
		struct packer_worker *w = &p->worker[p->workers];

		w->p = p;
		rc = os_thread_start(packer_worker_main, w, &w->thread, e);
		p->workers += rc == 0;
	}
	return rc;
}

int packer_open(const struct packer_conf *conf, struct packer **ret,
		struct err *e)
{
	struct packer *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return err_nomem(e);
	p->conf = *conf;
	p->self.p = p;
	p->lock = os_mutex_new();
	p->asking = os_mutex_new();
	p->putting = os_mutex_new();
	p->changed = os_cond_new();
	if (!p->lock || !p->asking || !p->putting || !p->changed)
		rc = err_nomem(e);
	else
		rc = open_seal(p, e);
	if (rc == 0)
		rc = open_workers(p, e);
	if (rc < 0) {
		packer_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

static void worker_release(struct packer_worker *w)
{
	packer_coder_release(&w->coder);
	packer_build_release(&w->build[0]);
	packer_build_release(&w->build[1]);
}

void packer_close(struct packer *p)
{
	struct packer_batch *b;
	unsigned i;

	if (!p)
		return;
	if (p->workers) {
		os_mutex_lock(p->lock);
		p->stop = 1;
		os_cond_wake(p->changed);
		os_mutex_unlock(p->lock);
	}
	for (i = 0; i < p->workers; i++) {
		os_thread_join(p->worker[i].thread);
		worker_release(&p->worker[i]);
	}
	worker_release(&p->self);
	while ((b = p->first)) {
		p->first = b->next;
		packer_batch_free(b);
	}
	os_cond_free(p->changed);
	os_mutex_free(p->putting);
	os_mutex_free(p->asking);
	os_mutex_free(p->lock);
	secret_wipe(&p->seal, sizeof(p->seal));
	free(p);
}
