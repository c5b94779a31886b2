/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_mark.c - what this computer remembers of a vault for ever: the newest
 * state it saw ("mark" in the cache folder), and how many states this device has
 * tried to make anywhere (the signer's counter file).
 *
 * mark: magic "VHmk", version u32 1, place 32, seq u64, hash 32, u16 n and the
 * change vector, H of all that.  A mark that is damaged or missing is none: then
 * the next look is a first look.
 *
 * counter: "<decimal>\n", the next free number.  It is never below the time of
 * day, shifted: so neither a lost file nor a wrong byte in it leads to a number
 * that was used.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "store/vault_internal.h"

#define MARK_MAX 65536
#define COUNTER_MAX 32
#define RESERVE 4		/* numbers taken at once */
#define WAIT_MS 20000		/* for the lock of the counter */

static int mark_path(const struct vault *v, struct buf *path, struct err *e)
{
	buf_addf(path, "%s/mark", v->cache);
	return buf_error(path) ? err_nomem(e) : 0;
}

/* All zero if it is none. */
static void decode(const struct buf *b, uint8_t place[32],
		   struct vault_mark *m)
{
	uint8_t sum[HASH_SIZE];
	struct span magic;
	struct rd r;
	size_t i;

	memset(m, 0, sizeof(*m));
	if (b->n < HASH_SIZE)
		return;
	hash_once(sum, b->p, b->n - HASH_SIZE);
	if (memcmp(sum, b->p + b->n - HASH_SIZE, HASH_SIZE))
		return;
	rd_init(&r, b->p, b->n - HASH_SIZE);
	magic = rd_bytes(&r, 4);
	if (!magic.p || memcmp(magic.p, "VHmk", 4) || rd_u32(&r) != 1)
		return;
	rd_copy(&r, place, 32);
	m->seq = rd_u64(&r);
	rd_copy(&r, m->hash, 32);
	m->vector_n = rd_u16(&r);
	if (m->vector_n > VAULTSTATE_VECTOR_MAX)
		r.failed = 1;
	for (i = 0; !r.failed && i < m->vector_n; i++) {
		rd_copy(&r, m->vector[i].device, 16);
		m->vector[i].n = rd_u64(&r);
	}
	if (rd_end(&r) < 0)
		memset(m, 0, sizeof(*m));
}

static int read_mark(const char *path, uint8_t place[32],
		     struct vault_mark *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = os_read_file(path, MARK_MAX, &b, e);

	memset(ret, 0, sizeof(*ret));
	memset(place, 0, 32);
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(e);
		rc = 0;
	} else if (rc == 0) {
		decode(&b, place, ret);
	}
	buf_release(&b);
	return rc;
}

int vault_mark_load(struct vault *v, struct err *e)
{
	struct buf path = BUF_INIT;
	uint8_t place[32];
	int rc = mark_path(v, &path, e);

	if (rc == 0)
		rc = read_mark(path.p, place, v->mark, e);
	if (rc == 0 && memcmp(place, v->file.place, 32))
		memset(v->mark, 0, sizeof(*v->mark));
	buf_release(&path);
	return rc;
}

int vault_pin(const char *cache, struct removal_pin *ret, struct err *e)
{
	struct vault_mark *m = malloc(sizeof(*m));
	struct buf path = BUF_INIT;
	uint8_t place[32];
	int rc;

	buf_addf(&path, "%s/mark", cache);
	rc = !m || buf_error(&path) ? err_nomem(e) :
		read_mark(path.p, place, m, e);
	if (rc == 0 && !m->seq)
		rc = err_set(e, HUB_EABSENT, "'%s' remembers no state", cache);
	if (rc == 0) {
		memcpy(ret->place, place, 32);
		ret->seq = m->seq;
		memcpy(ret->hash, m->hash, 32);
	}
	buf_release(&path);
	free(m);
	return rc;
}

int vault_mark_raise(struct vault *v, struct err *e)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	uint8_t sum[HASH_SIZE];
	size_t i;
	/* Another process may have been here meanwhile. */
	int rc = vault_mark_load(v, e);

	if (rc < 0 || v->mark->seq >= v->seq)
		return rc;
	v->mark->seq = v->seq;
	memcpy(v->mark->hash, v->hash, 32);
	v->mark->vector_n = v->st->vector_n;
	memcpy(v->mark->vector, v->st->vector, sizeof(v->mark->vector));
	buf_add(&b, "VHmk", 4);
	buf_add_u32(&b, 1);
	buf_add(&b, v->file.place, 32);
	buf_add_u64(&b, v->seq);
	buf_add(&b, v->hash, 32);
	buf_add_u16(&b, v->st->vector_n);
	for (i = 0; i < v->st->vector_n; i++) {
		buf_add(&b, v->st->vector[i].device, 16);
		buf_add_u64(&b, v->st->vector[i].n);
	}
	if (buf_error(&b)) {
		rc = err_nomem(e);
		goto out;
	}
	hash_once(sum, b.p, b.n);
	buf_add(&b, sum, sizeof(sum));
	rc = buf_error(&b) ? err_nomem(e) : mark_path(v, &path, e);
	if (rc == 0)
		rc = os_replace(path.p, b.p, b.n, 0, e);
out:
	buf_release(&path);
	buf_release(&b);
	return rc;
}

/* ---- the counter ---- */

static int wait_lock(const char *path, struct os_lock **ret, struct err *e)
{
	uint64_t until = os_mono_ms() + WAIT_MS;
	struct buf name = BUF_INIT;
	int rc;

	buf_addf(&name, "%s.lock", path);
	if (buf_error(&name))
		return err_nomem(e);
	while ((rc = os_lock_take(name.p, ret, e)) == HUB_EBUSY &&
	       os_mono_ms() < until)
		os_sleep_ms(2);
	buf_release(&name);
	return rc;
}

static int read_counter(const char *path, uint64_t *ret, struct err *e)
{
	uint64_t least = (uint64_t)os_now() << 16;
	struct buf b = BUF_INIT;
	int rc = os_read_file(path, COUNTER_MAX, &b, e);

	*ret = least;
	if (rc == 0 && b.n > 1 && b.p[b.n - 1] == '\n' &&
	    (hex_dec_u64(b.p, b.n - 1, ret) < 0 || *ret < least))
		*ret = least;
	buf_release(&b);
	return rc == HUB_EABSENT || rc == HUB_ELIMIT ? 0 : rc;
}

int vault_mark_count(struct vault *v, uint64_t *ret, struct err *e)
{
	const char *path = v->conf.signer->counter;
	struct os_lock *lock = NULL;
	struct buf b = BUF_INIT;
	uint64_t next = 0;
	int rc;

	if (v->counter < v->counter_end) {
		*ret = v->counter++;
		return 0;
	}
	rc = wait_lock(path, &lock, e);
	if (rc == 0)
		rc = read_counter(path, &next, e);
	if (rc < 0)
		goto out;
	/* A counter that was put back: go on behind what the vault knows. */
	if (!memcmp(v->st->device, v->conf.signer->device, 16) &&
	    next <= v->st->device_seq)
		next = v->st->device_seq + 1;
	if (next == 0 || next > UINT64_MAX - RESERVE) {
		rc = err_set(e, HUB_ECORRUPT, "'%s' holds no number that can "
			     "be counted on", path);
		goto out;
	}
	buf_addf(&b, "%llu\n", (unsigned long long)(next + RESERVE));
	rc = buf_error(&b) ? err_nomem(e)
			   : os_replace(path, b.p, b.n, 0, e);
	if (rc == 0) {
		v->counter = next + 1;
		v->counter_end = next + RESERVE;
		*ret = next;
	}
out:
	os_lock_drop(lock);
	buf_release(&b);
	return rc;
}
