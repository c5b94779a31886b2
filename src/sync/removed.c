/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removed.c - who was removed from a hub.
 *
 * A removal is believed for its signature, which only a member can check; so the
 * keys are opened, but only where a file claims to be a removal of that computer,
 * or this workspace remembers some: the one who was removed may have deleted
 * what lies in the hub.
 */
#include "sync/removed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "fmt/removal.h"
#include "os/os_file.h"
#include "sync/keys.h"

#define MEMORY_MAX (SLOTS_GONE_MAX * REMOVAL_SIZE)

struct removed { struct slots_gone gone; };

void removed_free(struct removed *r)
{
	if (!r)
		return;
	slots_gone_release(&r->gone);
	free(r);
}

static int memory_path(const struct hub *h, struct buf *path)
{
	buf_reset(path);
	buf_addf(path, "%s/removed", h->memory.p);
	return h->memory.n && !buf_error(path);
}

/* Is it worth opening the keys? */
static int is_claimed(const struct hub *h, const uint8_t id[SLOT_ID])
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	struct os_stat st;
	char hex[2 * SLOT_ID + 1];
	int yes, rc;

	hex_encode(hex, id, SLOT_ID);
	buf_addf(&path, "%s/vibehub/vault/keys/%s", h->path.p, hex);
	rc = buf_error(&path) ? HUB_ENOMEM :
		os_read_file(path.p, REMOVAL_SIZE, &b, NULL);
	/* What cannot be looked at may be one; what is larger is a slot. */
	yes = rc ? rc != HUB_EABSENT && rc != HUB_ELIMIT :
		removal_is(b.p, b.n);
	yes = yes || (memory_path(h, &path) &&
		      os_stat(path.p, &st, NULL) != HUB_EABSENT);
	buf_release(&path);
	buf_release(&b);
	return yes;
}

/* Before what the hub has, so that it cannot make us forget.  0 if we remember
 * something that cannot be read now: then it is not written over. */
static int recall(struct hub *h, struct keys *k, struct slots_gone *g)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	int rc = memory_path(h, &path) ?
		os_read_file(path.p, MEMORY_MAX, &b, NULL) : HUB_EABSENT;

	if (!rc)
		rc = slots_gone_decode(g, k->open.ring, b.p, b.n, NULL);
	buf_release(&path);
	buf_release(&b);
	return !rc || rc == HUB_EABSENT;
}

/* As well as can be: the next one who looks does it again. */
static void remember(struct hub *h, const struct slots_gone *g)
{
	struct buf path = BUF_INIT, b = BUF_INIT;

	slots_gone_encode(&b, g);
	if (!buf_error(&b) && memory_path(h, &path) &&
	    !os_mkdirs(h->memory.p, NULL))
		os_replace(path.p, b.p, b.n, 0, NULL);
	buf_release(&path);
	buf_release(&b);
}

static void load(struct hub *h, struct slots_gone *g)
{
	struct device *as = h->as && h->as->vault ? h->as : NULL;
	struct keys *k = NULL;
	size_t had;
	int whole;
	int rc = keys_open(h->path.p, h->format.id, as, &k, NULL);

	if (rc && as)
		rc = keys_open(h->path.p, h->format.id, NULL, &k, NULL);
	if (rc)
		return;
	whole = recall(h, k, g);
	had = g->n;
	if (!slots_gone_load(g, k->place, k->open.ring, NULL) &&
	    g->n > had && whole)
		remember(h, g);
	keys_close(k);
}

int removed_is(struct hub *h, const char *device)
{
	uint8_t id[SLOT_ID];

	if (!presence_uuid_ok(device))
		return 0;
	cert_uuid(id, device);
	if (!h->removed) {
		if (!is_claimed(h, id))
			return 0;
		h->removed = calloc(1, sizeof(*h->removed));
		if (!h->removed)
			return 0;
		load(h, &h->removed->gone);
	}
	return slots_gone_find(&h->removed->gone, id) != NULL;
}

int removed_chain(struct hub *h, const struct cert_chain *c)
{
	char uuid[PRESENCE_UUID + 1];
	int i, yes = 0;

	for (i = 0; !yes && i < c->n; i++) {
		cert_uuid_text(uuid, c->at[i].device);
		yes = removed_is(h, uuid);
	}
	return yes;
}
