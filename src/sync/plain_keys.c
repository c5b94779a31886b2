/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_keys.c - which key opens a place for this user: the device that did last
 * time, any other of this user's that belongs to this hub, else the passphrase,
 * which enrols a device of its own.
 *
 * Order: slot at the place, then the key file; a kill between leaves a slot that
 * nobody has the key of.
 */
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "os/os_file.h"
#include "sync/keys.h"
#include "sync/plain_internal.h"

#define HINT "/device"		/* in the folder of what is remembered */
#define KEY ".key"

/* 1: it opened; 0: it is not one of this place's; < 0: it could not be found
 * out. */
static int try_device(struct plain *p, const char *id, struct err *e)
{
	struct device *d = &p->dev;
	uint8_t uuid[16];
	int rc = device_load(d, id, "", NULL);

	if (rc < 0)		/* damaged, or others can read it: not with it */
		return 0;
	if (!d->vault || memcmp(d->hub, p->at.f.hub, 32)) {
		device_release(d);
		return 0;
	}
	cert_uuid(uuid, id);
	rc = slots_open_device(p->at.place, p->at.f.hub, uuid,
			       d->vault->box_secret, d->vault->identity,
			       &p->at.open, e);
	if (!rc)
		return 1;
	device_release(d);
	if (rc != HUB_EABSENT && rc != HUB_EAUTH)
		return rc;
	err_clear(e);
	return 0;
}

static int hint_path(const struct plain *p, struct buf *ret, struct err *e)
{
	buf_addf(ret, "%s" HINT, p->cache.p);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int by_hint(struct plain *p, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = hint_path(p, &path, e);

	if (!rc)
		rc = os_read_file(path.p, PRESENCE_UUID + 1, &text, NULL) ?
			0 : 1;
	while (text.n && text.p[text.n - 1] == '\n')
		buf_setlen(&text, text.n - 1);
	if (rc > 0)
		rc = presence_uuid_ok(text.p) ? try_device(p, text.p, e) : 0;
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static void keep_hint(const struct plain *p)
{
	struct buf path = BUF_INIT, text = BUF_INIT;

	buf_addf(&text, "%s\n", p->dev.id);
	if (!hint_path(p, &path, NULL) && !buf_error(&text) &&
	    !os_mkdirs(p->cache.p, NULL))
		os_replace_derived(path.p, text.p, text.n, NULL);
	buf_release(&path);
	buf_release(&text);
}

static int by_any_device(struct plain *p, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	char id[PRESENCE_UUID + 1];
	const char *name;
	enum os_type type;
	int rc = os_user_dir(&path, e);

	buf_addstr(&path, "/devices");
	if (!rc && !buf_error(&path))
		rc = os_dir_open(path.p, &d, NULL) ? 0 : 1;
	while (rc > 0 && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (strlen(name) != PRESENCE_UUID + strlen(KEY) ||
		    strcmp(name + PRESENCE_UUID, KEY))
			continue;
		snprintf(id, sizeof(id), "%.*s", PRESENCE_UUID, name);
		if (!presence_uuid_ok(id))
			continue;
		rc = try_device(p, id, e);
		if (rc > 0)
			keep_hint(p);
		if (rc)
			break;
		rc = 1;
	}
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

/* ---- first contact ---- */

static int enrol(struct plain *p, struct err *e)
{
	struct keys k;
	struct buf host = BUF_INIT;
	char name[PRESENCE_NAME_MAX + 1];
	int rc;

	os_hostname(&host);
	buf_addstr(&host, "-git");
	presence_name_from(name, host.p);
	buf_release(&host);
	rc = device_make(&p->dev, p->at.f.hub, name, e);
	memset(&k, 0, sizeof(k));
	k.place = p->at.place;
	k.open = p->at.open;		/* borrowed by ${k} */
	if (!rc)
		rc = keys_enrol(&k, &p->dev, e);
	if (!rc)
		rc = p->at.place->ops->flush(p->at.place, e);
	if (rc < 0)
		device_release(&p->dev);
	return rc;
}

static int by_passphrase(struct plain *p, struct err *e)
{
	struct buf pass = BUF_INIT;
	int rc = p->c.pass(p->c.arg, &pass, e);

	if (!rc)
		rc = slots_open_passphrase(p->at.place, p->at.f.hub, pass.p,
					   pass.n, &p->at.open, e);
	buf_wipe(&pass);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EAUTH, "the sealed copy at '%s' has no "
			     "passphrase slot", p->at.root.p);
	if (rc < 0)
		return rc;
	rc = enrol(p, e);
	if (!rc)
		keep_hint(p);
	if (rc == HUB_EDENIED) {	/* it can be read all the same */
		err_clear(e);
		rc = 0;
	}
	sign_free(p->at.open.identity);
	p->at.open.identity = NULL;
	return rc;
}

int plain_keys(struct plain *p, struct err *e)
{
	int rc = by_hint(p, e);

	if (!rc)
		rc = by_any_device(p, e);
	if (!rc)
		rc = by_passphrase(p, e);
	return rc < 0 ? rc : 0;
}

int plain_enrolled(struct plain *p, struct err *e)
{
	if (p->dev.vault)
		return 0;
	return err_set(e, HUB_EDENIED, "this computer could not be enrolled at "
		       "'%s', which can only be read: nothing can be pushed "
		       "there", p->at.root.p);
}
