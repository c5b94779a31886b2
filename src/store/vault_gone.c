/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_gone.c - states of devices that were removed from the hub are not
 * believed, unless they were before.
 *
 * Which devices those are is asked of the key slots at the place and at
 * conf.members, and remembered in the cache ("removed": the records, one behind
 * the other), so that a place cannot make us forget.  It is asked when there is
 * a state to judge that this computer has not believed yet, and only then.
 */
#include <string.h>
#include "base/banned.h"
#include "os/os_file.h"
#include "store/vault_internal.h"

#define REMEMBERED_MAX (SLOTS_GONE_MAX * REMOVAL_SIZE)

static int path_of(const struct vault *v, struct buf *path, struct err *e)
{
	buf_addf(path, "%s/removed", v->cache);
	return buf_error(path) ? err_nomem(e) : 0;
}

static int remembered(struct vault *v, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = os_read_file(path, REMEMBERED_MAX, &b, e);

	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		rc = slots_gone_decode(&v->gone, v->conf.keys, b.p, b.n, e);
	}
	buf_release(&b);
	return rc;
}

static int remember(struct vault *v, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	slots_gone_encode(&b, &v->gone);
	rc = buf_error(&b) ? err_nomem(e) : os_replace(path, b.p, b.n, 0, e);
	buf_release(&b);
	return rc;
}

static int load(struct vault *v, struct err *e)
{
	struct buf path = BUF_INIT;
	size_t had;
	int rc = path_of(v, &path, e);

	slots_gone_release(&v->gone);
	if (!rc)
		rc = remembered(v, path.p, e);
	had = v->gone.n;
	if (!rc && v->conf.members)
		rc = slots_gone_load(&v->gone, v->conf.members, v->conf.keys,
				     e);
	if (!rc)
		rc = slots_gone_load(&v->gone, v->conf.place, v->conf.keys, e);
	if (!rc && v->gone.n > had)
		rc = remember(v, path.p, e);
	buf_release(&path);
	return rc;
}

static int pinned(const struct slots_gone_one *g, const uint8_t place[32],
		  uint64_t seq, const uint8_t hash[32])
{
	const struct removal_body *b = &g->body;
	int i;

	for (i = 0; i < b->pins_n; i++)
		if (!memcmp(b->pins[i].place, place, 32))
			return b->pins[i].seq == seq &&
				!memcmp(b->pins[i].hash, hash, 32);
	return 0;
}

int vault_gone_check(struct vault *v, uint64_t seq, const uint8_t hash[32],
		     const struct vaultstate *s, struct err *e)
{
	const struct vault_mark *m = v->mark;
	const struct slots_gone_one *g;
	int rc;

	if (m->seq == seq && !memcmp(m->hash, hash, 32))
		return 0;		/* believed before */
	rc = load(v, e);
	if (rc < 0)
		return rc;
	g = slots_gone_chain(&v->gone, &s->chain);
	if (!g || pinned(g, v->file.place, seq, hash))
		return 0;
	v->refused = seq;
	return err_set(e, HUB_EREMOTE, "state %llu of '%s' was made by '%s', "
		       "which was removed from the hub: nothing of it was "
		       "taken", (unsigned long long)seq, v->conf.place->name,
		       g->body.label);
}
