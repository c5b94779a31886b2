/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hub_presence.c - the presence files in a hub, and the status file that is
 * derived from them.  One replaced file per device: no lock, no data base, so
 * several computers may write at once over any network file system.
 */
#include "sync/hub.h"
#include "sync/far.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"
#include "os/os_clock.h"
#include "os/os_file.h"

static int presence_path(struct hub *h, const char *device, struct buf *path,
			 struct err *e)
{
	buf_addf(path, "%s/vibehub/devices", h->path.p);
	if (device)
		buf_addf(path, "/%s", device);
	return buf_error(path) ? err_nomem(e) : 0;
}

int hub_presence_read(struct hub *h, const char *device, struct presence *ret,
		      struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = presence_path(h, device, &path, e);

	if (rc < 0)
		goto out;
	rc = os_read_file(path.p, PRESENCE_MAX, &text, e);
	if (rc < 0)
		goto out;
	rc = presence_decode(ret, text.p, text.n, e);
	if (rc < 0) {
		err_in(e, "presence file '%s'", path.p);
		goto out;
	}
	rc = sign_check(ret->key, PRESENCE_CONTEXT, text.p, ret->signed_n,
			ret->sig);
	if (rc < 0)
		err_set(e, rc, "the signature of presence file '%s' is wrong",
			path.p);
	else if (strcmp(ret->device, device) ||
		 memcmp(ret->hub, h->format.id, 32))
		rc = err_set(e, HUB_ECORRUPT, "presence file '%s' is of another "
			     "device or hub", path.p);
	if (rc < 0)
		presence_release(ret);
out:
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int hub_presence_write(struct hub *h, const struct device *d,
		       struct presence *p, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	memcpy(p->hub, h->format.id, 32);
	memcpy(p->device, d->id, sizeof(p->device));
	memcpy(p->key, d->key, 32);
	memcpy(p->name, d->name, sizeof(p->name));
	presence_encode(&text, p);
	sign_make(d->secret, PRESENCE_CONTEXT, text.p, text.n, p->sig);
	presence_encode_sig(&text, p->sig);
	rc = buf_error(&text) ? err_nomem(e) :
		presence_path(h, d->id, &path, e);
	if (!rc)
		rc = h->far ? far_put(h, HUBOPS_PRESENCE, d->id, text.p, text.n,
				      e) :
			os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int cmp_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names { char **v; size_t n, alloc; };

static int names_add(struct names *l, const char *name)
{
	if (l->n == l->alloc) {
		size_t want = l->alloc ? l->alloc * 2 : 16;
		char **v = realloc(l->v, want * sizeof(*v));

		if (!v)
			return HUB_ENOMEM;
		l->v = v;
		l->alloc = want;
	}
	l->v[l->n] = strdup(name);
	if (!l->v[l->n])
		return HUB_ENOMEM;
	l->n++;
	return 0;
}

static int list_devices(struct hub *h, struct names *l, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	int rc = presence_path(h, NULL, &path, e);

	if (!rc)
		rc = os_dir_open(path.p, &d, e);
	while (!rc) {
		rc = os_dir_next(d, &name, &type, e);
		if (rc <= 0)
			break;
		rc = presence_uuid_ok(name) ? names_add(l, name) : 0;
		if (rc < 0)
			err_nomem(e);
	}
	os_dir_close(d);
	buf_release(&path);
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), cmp_names);
	return rc;
}

int hub_presence_each(struct hub *h,
		      int (*fn)(void *arg, const char *device,
				const struct presence *p, const struct err *why),
		      void *arg, struct err *e)
{
	struct names l = { NULL, 0, 0 };
	size_t i;
	int rc = list_devices(h, &l, e);

	for (i = 0; !rc && i < l.n; i++) {
		struct presence p;
		struct err why = ERR_INIT;

		memset(&p, 0, sizeof(p));
		rc = hub_presence_read(h, l.v[i], &p, &why);
		if (rc == HUB_EABSENT)
			rc = 0;		/* retired since we listed */
		else if (rc < 0)
			rc = fn(arg, l.v[i], NULL, &why);
		else
			rc = fn(arg, l.v[i], &p, NULL);
		presence_release(&p);
	}
	for (i = 0; i < l.n; i++)
		free(l.v[i]);
	free(l.v);
	return rc;
}

static int json_device(void *arg, const char *device, const struct presence *p,
		       const struct err *why)
{
	struct json *j = arg;
	size_t i;

	json_object(j, NULL);
	json_str(j, "device", device);
	if (!p) {
		json_str(j, "damaged", why->msg);
		json_object_end(j);
		return 0;
	}
	json_str(j, "name", p->name);
	json_str(j, "state", presence_state_name(p->state));
	json_time(j, "last_seen", p->seen);
	json_int(j, "pending", (int64_t)p->pending);
	json_object(j, "tips");
	for (i = 0; i < p->tips_n; i++)
		json_str(j, p->tips[i].ref, oid_hex(&p->tips[i].oid));
	json_object_end(j);
	json_object_end(j);
	return 0;
}

int hub_write_status(struct hub *h, struct err *e)
{
	struct buf out = BUF_INIT, path = BUF_INIT;
	char id[65];
	struct json j;
	size_t i;
	int rc;

	if (h->far)		/* it does it itself */
		return 0;
	hex_encode(id, h->format.id, 32);
	json_init(&j, &out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-hub-status-1");
	json_str(&j, "hub", id);
	json_time(&j, "written", os_now());
	json_object(&j, "refs");
	for (i = 0; i < h->refs_n; i++)
		json_str(&j, h->refs[i].name, oid_hex(&h->refs[i].id));
	json_object_end(&j);
	json_array(&j, "devices");
	rc = hub_presence_each(h, json_device, &j, e);
	json_array_end(&j);
	json_object_end(&j);
	buf_addch(&out, '\n');
	buf_addf(&path, "%s/vibehub/sync_status.json", h->path.p);
	if (!rc)
		rc = buf_error(&out) || buf_error(&path) ? err_nomem(e) :
			os_replace_derived(path.p, out.p, out.n, e);
	buf_release(&out);
	buf_release(&path);
	return rc;
}
