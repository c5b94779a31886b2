/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve_vault.c - which vault a session is about. */
#include <string.h>
#include "base/hex.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "serve/serve_internal.h"
#include "base/banned.h"

static int open_vault(struct serve *s, const uint8_t hub[32], struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int rc;

	folder_path_place(&path, s->path.p, hub);
	rc = buf_error(&path) ? err_nomem(e) : os_stat(path.p, &st, e);
	if (rc == 0)
		rc = folder_open(path.p, &s->place, e);
	if (rc == 0)
		memcpy(s->hub_id, hub, 32);
	buf_release(&path);
	return rc;
}

int serve_place_hello(struct serve *s, const uint8_t want[32],
		      uint8_t ret[32], struct err *e)
{
	static const uint8_t any[32];
	struct os_stat st;
	int rc = os_stat(s->path.p, &st, e);

	if (rc == HUB_EABSENT || (rc == 0 && st.type != OS_DIR))
		return err_set(e, HUB_EABSENT, "there is no folder '%s'",
			       s->path.p);
	if (rc < 0 || !memcmp(want, any, 32))
		return rc;
	rc = open_vault(s, want, e);
	if (rc == 0)
		memcpy(ret, want, 32);
	return rc == HUB_EABSENT ? 0 : rc;
}

/* What may lie in a folder beside the vaults of hubs? */
static int check_others(struct serve *s, struct err *e)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	uint8_t id[32];
	int rc = os_dir_open(s->path.p, &d, e);

	while (rc == 0 && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		rc = 0;
		if (hex_decode(id, 32, name, strlen(name)) < 0 &&
		    strcmp(name, "lost+found"))
			rc = err_set(e, HUB_ECONFLICT, "'%s' holds other things "
				     "('%s'): give sealed copies a folder of "
				     "their own", s->path.p, name);
	}
	os_dir_close(d);
	return rc;
}

static int make_vault(struct serve *s, const struct placewire *w,
		      struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = check_others(s, e);

	if (rc == 0)
		folder_path_place(&path, s->path.p, w->id);
	if (rc == 0 && buf_error(&path))
		rc = err_nomem(e);
	if (rc == 0)
		rc = folder_create(path.p, !!(w->flags & PLACEWIRE_SINGLE),
				   &s->place, e);
	if (rc == 0)
		memcpy(s->hub_id, w->id, 32);
	buf_release(&path);
	return rc;
}

int serve_vault_select(struct serve *s, const struct placewire *w,
		       struct err *e)
{
	int rc;

	if (s->kind != FRAME_KIND_PLACE)
		return err_set(e, HUB_EDENIED, "a hub has one vault");
	place_close(s->place);
	s->place = NULL;
	rc = open_vault(s, w->id, e);
	/* Folders that a kill left out are made then, too. */
	if ((rc == 0 || rc == HUB_EABSENT) && w->flags & PLACEWIRE_MAKE &&
	    !s->conf->read_only) {
		place_close(s->place);
		s->place = NULL;
		rc = make_vault(s, w, e);
	}
	return rc;
}

static int one_hub(void *arg, const uint8_t hub[32], struct err *e)
{
	struct buf *b = arg;

	buf_add(b, hub, 32);
	return b->n > FRAME_ANSWER_MAX ? err_set(e, HUB_ELIMIT,
		"too many hubs") : 0;
}

int serve_vault_hubs(struct serve *s, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = s->kind != FRAME_KIND_PLACE ? err_set(e, HUB_EDENIED,
		"a hub has one vault") :
		folder_each(s->path.p, one_hub, &b, e);

	if (rc == 0 && buf_error(&b))
		rc = err_nomem(e);
	if (rc == 0)
		rc = session_req_answer(r, b.p, b.n, 0, e);
	buf_release(&b);
	return rc;
}
