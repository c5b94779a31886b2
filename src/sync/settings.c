/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.c - change .git/vibehub/config.
 *
 * Order: git's remote first, then our file, which is the one that counts: a
 * kill in between is finished by saying the same again.
 */
#include "sync/settings.h"
#include "sync/far.h"

#include <stdio.h>
#include <string.h>

#include "sync/wsfile.h"

struct taken { const struct workspace *ws; const char *name; int found; };

static int is_taken(void *arg, const char *device, const struct presence *p,
		    const struct err *why)
{
	struct taken *t = arg;

	(void)why;
	if (p && !strcmp(p->name, t->name) && strcmp(device, t->ws->dev.id))
		t->found = 1;
	return 0;
}

static int check_free(struct workspace *ws, const char *name, struct err *e)
{
	struct taken t = { ws, name, 0 };
	struct hub *h = NULL;
	int rc = workspace_hub(ws, &h, e);

	if (!rc)
		rc = hub_presence_each(h, is_taken, &t, e);
	hub_close(h);
	if (rc == HUB_EOFFLINE) {
		err_clear(e);
		rc = 0;
	}
	if (!rc && t.found)
		rc = err_set(e, HUB_ECONFLICT, "another computer of this hub is "
			     "called '%s'", name);
	return rc;
}

/* Write the file anew with ${name} and ${url}, if not NULL. */
static int change(struct workspace *ws, const char *name, const char *url,
		  struct err *e)
{
	struct wsconfig c;
	int rc = wsfile_read(ws->vdir.p, &c, e);

	if (rc < 0)
		return rc;
	if (name)
		snprintf(c.name, sizeof(c.name), "%s", name);
	if (url) {
		buf_reset(&c.url);
		buf_addstr(&c.url, url);
	}
	rc = buf_error(&c.url) ? err_nomem(e) :
		wsfile_write(ws->vdir.p, &c, e);
	wsconfig_release(&c);
	return rc;
}

int settings_name(struct workspace *ws, const char *name, struct err *e)
{
	int rc;

	if (!presence_name_ok(name))
		return err_set(e, HUB_EUSAGE, "'%s' is no name: it has 1 to %d "
			       "of A-Z a-z 0-9 . _ -", name,
			       PRESENCE_NAME_MAX);
	rc = check_free(ws, name, e);
	if (!rc)
		rc = change(ws, name, NULL, e);
	if (!rc)
		snprintf(ws->dev.name, sizeof(ws->dev.name), "%s", name);
	return rc;
}

static int store_url(struct workspace *ws, const char *url, struct err *e)
{
	int rc = repo_config_set(ws->repo, "remote.origin.url", url, e);

	if (!rc)
		rc = change(ws, NULL, url, e);
	if (!rc) {
		buf_reset(&ws->hub_url);
		buf_addstr(&ws->hub_url, url);
		rc = buf_error(&ws->hub_url) ? err_nomem(e) : 0;
	}
	return rc;
}

int settings_hub(struct workspace *ws, const char *url, struct err *e)
{
	struct buf path = BUF_INIT;
	struct hub *h = NULL;
	struct far *far = NULL;
	int rc = far_is(url) ? far_new(url, NULL, &far, e) :
		hub_url_path(url, &path, e);

	if (!rc)
		rc = far ? far_hub_open(far, NULL, &h, e) :
			hub_open(path.p, NULL, &h, e);
	if (!rc && memcmp(h->format.id, ws->hub_id, sizeof(ws->hub_id)))
		rc = err_set(e, HUB_EREMOTE, "'%s' is another hub than the one "
			     "this workspace belongs to: clone it into a folder "
			     "of its own", url);
	if (!rc)
		rc = store_url(ws, far || !strncmp(url, "file://", 7) ?
			       url : h->path.p, e);
	hub_close(h);
	far_close(far);
	buf_release(&path);
	return rc;
}
