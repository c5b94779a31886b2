/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devices.c - presence files and key slots, side by side. */
#include "sync/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os_file.h"

struct gather { struct devices *d; struct err *e; };

static struct devices_one *find_id(struct devices *d, const char *id)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].id, id))
			return &d->v[i];
	return NULL;
}

/* The one with this id, made if it is new; NULL: no memory. */
static struct devices_one *get(struct devices *d, const char *id)
{
	struct devices_one *v = find_id(d, id);

	if (v)
		return v;
	if (d->n == d->alloc) {
		size_t want = d->alloc ? d->alloc * 2 : 16;

		v = realloc(d->v, want * sizeof(*v));
		if (!v)
			return NULL;
		d->v = v;
		d->alloc = want;
	}
	v = &d->v[d->n++];
	memset(v, 0, sizeof(*v));
	snprintf(v->id, sizeof(v->id), "%s", id);
	return v;
}

static int add_presence(void *arg, const char *device, const struct presence *p,
			const struct err *why)
{
	struct gather *g = arg;
	struct devices_one *v = get(g->d, device);

	if (!v)
		return err_nomem(g->e);
	if (!p) {
		v->damaged = strdup(why->msg);
		return v->damaged ? 0 : err_nomem(g->e);
	}
	v->present = 1;
	v->seen = p->seen;
	v->state = p->state;
	snprintf(v->name, sizeof(v->name), "%s", p->name);
	return 0;
}

static int set_key(struct devices *d, const uint8_t id[SLOT_ID],
		   const char *label, enum devices_key key, uint64_t since)
{
	char text[PRESENCE_UUID + 1];
	struct devices_one *v;

	cert_uuid_text(text, id);
	v = get(d, text);
	if (!v)
		return HUB_ENOMEM;
	v->key = key;
	v->since = (int64_t)since;
	if (!v->name[0])
		snprintf(v->name, sizeof(v->name), "%s", label);
	return 0;
}

/* The hub's own device is no computer. */
static int add_slot(void *arg, const struct slots_info *s, struct err *e)
{
	struct gather *g = arg;

	if (s->rc || s->type != SLOT_DEVICE ||
	    !strcmp(s->notes.label, KEYS_HUB_NAME))
		return 0;
	return set_key(g->d, s->id, s->notes.label, DEVICES_KEY_HAS,
		       s->notes.made) ? err_nomem(e) : 0;
}

static int add_removed(struct devices *d, struct keys *k, struct err *e)
{
	struct slots_gone gone = SLOTS_GONE_INIT;
	size_t i;
	int rc = slots_gone_load(&gone, k->place, k->open.ring, e);

	for (i = 0; !rc && i < gone.n; i++)
		if (gone.at[i].body.type == SLOT_DEVICE &&
		    set_key(d, gone.at[i].id, gone.at[i].body.label,
			    DEVICES_KEY_REMOVED, gone.at[i].body.time))
			rc = err_nomem(e);
	slots_gone_release(&gone);
	return rc;
}

static int cmp(const void *x, const void *y)
{
	const struct devices_one *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->id, b->id);
}

int devices_list(struct hub *h, struct keys *k, struct devices *ret,
		 struct err *e)
{
	struct gather g = { ret, e };
	size_t i;
	int rc = hub_presence_each(h, add_presence, &g, e);

	for (i = 0; k && i < ret->n; i++)
		ret->v[i].key = DEVICES_KEY_NONE;
	if (!rc && k)
		rc = slots_each(k->place, k->open.ring, add_slot, &g, e);
	if (!rc && k)
		rc = add_removed(ret, k, e);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp);
	return rc;
}

void devices_release(struct devices *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->v[i].damaged);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

int devices_find(const struct devices *d, const char *what,
		 const struct devices_one **ret, struct err *e)
{
	const struct devices_one *found = NULL;
	size_t i, n = strlen(what);
	int hits = 0;

	for (i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].name, what) ||
		    (n >= 4 && !strncmp(d->v[i].id, what, n))) {
			found = &d->v[i];
			hits++;
		}
	if (!hits)
		return err_set(e, HUB_EABSENT, "no computer of this hub is "
			       "called '%s' or has an id that begins so: `hub "
			       "device list` shows them", what);
	if (hits > 1)
		return err_set(e, HUB_EUSAGE, "'%s' means %d computers: give "
			       "more of the id (`hub device list --json`)", what,
			       hits);
	*ret = found;
	return 0;
}

int devices_forget(struct hub *h, const char *id, struct err *e)
{
	struct os_dir *dir = NULL;
	struct buf path = BUF_INIT;
	int rc;

	if (!presence_uuid_ok(id))
		BUG("'%s' is no id", id);
	buf_addf(&path, "%s/vibehub/devices", h->path.p);
	rc = buf_error(&path) ? err_nomem(e) : os_dir_open(path.p, &dir, e);
	if (!rc)
		rc = os_dir_unlink(dir, id, e);
	if (!rc)
		rc = os_dir_sync(dir, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	os_dir_close(dir);
	buf_release(&path);
	if (!rc)
		rc = hub_read_refs(h, e);
	return rc < 0 ? rc : hub_write_status(h, e);
}

const char *devices_key_name(enum devices_key k)
{
	return k == DEVICES_KEY_HAS ? "has" : k == DEVICES_KEY_NONE ? "none" :
		k == DEVICES_KEY_REMOVED ? "removed" : NULL;
}
