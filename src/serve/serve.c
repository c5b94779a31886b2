/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve.c - one session: what is asked for, and who answers. */
#include <stdio.h>
#include <string.h>
#include "base/words.h"
#include "os/os.h"
#include "os/os_file.h"
#include "serve/serve.h"
#include "serve/serve_internal.h"
#include "base/banned.h"

int serve_path(const char *path, struct buf *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (path[0] == '~' && path[1] == '/') {
		rc = os_home_dir(&b, e);
		buf_addstr(&b, path + 1);
	} else {
		buf_addstr(&b, path);
	}
	if (rc == 0 && buf_error(&b))
		rc = err_nomem(e);
	if (rc == 0)
		rc = os_abspath(b.p, ret, e);
	while (rc == 0 && ret->n > 1 && ret->p[ret->n - 1] == '/')
		buf_setlen(ret, ret->n - 1);
	buf_release(&b);
	return rc;
}

/* ---- a forced command ---- */

static int is_hub(const char *word)
{
	const char *last = strrchr(word, '/');

	return !strcmp(last ? last + 1 : word, "hub");
}

static int meant(const struct words *w, enum serve_what *what)
{
	if (w->n == 3 && is_hub(w->at[0]) && !strcmp(w->at[1], "serve"))
		*what = SERVE_HUB;
	else if (w->n == 2 && !strcmp(w->at[0], "git-upload-pack"))
		*what = SERVE_UPLOAD_PACK;
	else if (w->n == 2 && !strcmp(w->at[0], "git-receive-pack"))
		*what = SERVE_RECEIVE_PACK;
	else
		return -1;
	/* No path is an option. */
	return w->at[w->n - 1][0] == '-' || !w->at[w->n - 1][0] ? -1 : 0;
}

int serve_original(const char *command, enum serve_what *what,
		   struct buf *path, struct err *e)
{
	struct words w;
	int rc = words_split(command, strlen(command), &w);

	if (rc == 0 && meant(&w, what) == 0)
		buf_addstr(path, w.at[w.n - 1]);
	else
		rc = err_set(e, HUB_EDENIED, "this key is for hub and git "
			     "only, not for '%.200s'", command);
	if (rc == 0 && buf_error(path))
		rc = err_nomem(e);
	words_release(&w);
	return rc;
}

int serve_allowed(const char *path, const char *const *only, size_t n,
		  struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int rc = 0, found = 0;

	for (i = 0; i < n && !found && rc == 0; i++) {
		buf_reset(&b);
		rc = serve_path(only[i], &b, e);
		found = rc == 0 && !strncmp(path, b.p, b.n) &&
			(!path[b.n] || path[b.n] == '/' || b.n == 1);
	}
	buf_release(&b);
	if (rc < 0 || found)
		return rc;
	return err_set(e, HUB_EDENIED, "this key is not for '%s'", path);
}

/* ---- a session ---- */

static int hello(void *ctx, const struct frame_hello *theirs,
		 struct frame_hello *ours, struct err *e)
{
	struct serve *s = ctx;
	int rc;

	ours->kind = s->kind = theirs->kind;
	snprintf(ours->program, sizeof(ours->program), "hub %s", HUB_VERSION);
	if (s->conf->append_only)
		ours->flags |= FRAME_APPEND_ONLY;
	if (s->conf->read_only)
		ours->flags |= FRAME_READ_ONLY;
	if (theirs->kind == FRAME_KIND_PLACE && s->conf->as)
		return err_set(e, HUB_EDENIED, "this key is for a hub");
	if (theirs->kind == FRAME_KIND_PLACE)
		return serve_place_hello(s, theirs->hub, ours->hub, e);
	rc = serve_hub_hello(s, theirs, ours, e);
	return rc;
}

static int handle(void *ctx, struct session_req *r, struct err *e)
{
	struct serve *s = ctx;

	if (r->op >= FRAME_OP_PLACE && r->op < FRAME_OP_HUB)
		return serve_place_handle(s, r, e);
	if (s->kind == FRAME_KIND_HUB && r->op >= FRAME_OP_HUB)
		return serve_hub_handle(s, r, e);
	return err_set(e, HUB_EVERSION, "the hub program here (%s) does not "
		       "know request %d: update it", HUB_VERSION, r->op);
}

int serve_run(const struct serve_conf *c, struct os_stream *st, struct err *e)
{
	struct serve s = { .conf = c, .path = BUF_INIT };
	struct session_server o = { &s, hello, handle };
	int rc = serve_path(c->path, &s.path, e);

	if (rc == 0)
		rc = session_serve(st, &o, e);
	serve_hub_end(&s);
	serve_role_end(&s);
	place_close(s.place);
	buf_release(&s.path);
	return rc;
}
