/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_patch.c - differences on stdout. */
#include "cmd/cmd_patch.h"

#include <string.h>

#include "base/utf8.h"
#include "os/os.h"

#define MUCH 65536
#define CONTEXT 3
#define LINE_MAX_TTY 65536	/* a longer line is cleaned in pieces */

static int broken;

int cmd_drain(void)
{
	if (cmd_out.n < MUCH || buf_error(&cmd_out) || broken)
		return broken;
	broken = os_write_std(1, cmd_out.p, cmd_out.n) < 0;
	buf_reset(&cmd_out);
	return broken;
}

int cmd_drained(int code)
{
	if (!broken)
		return code;
	cmd_say("cannot write the output");
	return 128;
}

/* ---- text of others on a terminal ---- */

static void show_line(struct cmd_patch *c)
{
	const char *p = c->line.p, *tab;
	size_t n = c->line.n;
	int end = n && p[n - 1] == '\n';

	n -= (size_t)end;
	while ((tab = memchr(p, '\t', n))) {
		size_t k = (size_t)(tab - p);

		utf8_show(&cmd_out, p, k);
		buf_addch(&cmd_out, '\t');
		p += k + 1;
		n -= k + 1;
	}
	utf8_show(&cmd_out, p, n);
	if (end)
		buf_addch(&cmd_out, '\n');
	buf_reset(&c->line);
}

void cmd_patch_begin(struct cmd_patch *c)
{
	buf_init(&c->line);
	c->tty = os_tty(1);
}

int cmd_patch_out(void *arg, const char *p, size_t n)
{
	struct cmd_patch *c = arg;
	const char *nl;

	if (!c->tty) {
		buf_add(&cmd_out, p, n);
		return cmd_drain();
	}
	while ((nl = memchr(p, '\n', n))) {
		size_t k = (size_t)(nl - p) + 1;

		buf_add(&c->line, p, k);
		show_line(c);
		p += k;
		n -= k;
	}
	buf_add(&c->line, p, n);
	if (c->line.n > LINE_MAX_TTY)
		show_line(c);
	return cmd_drain();
}

void cmd_patch_end(struct cmd_patch *c)
{
	show_line(c);
	buf_release(&c->line);
}

/* ---- unified diffs ---- */

static int patch_item(struct workspace *ws, struct wdir *w,
		      const struct delta_item *it, struct cmd_patch *c,
		      struct err *e)
{
	struct delta_texts t;
	int rc = delta_read(ws, w, it, &t, e);

	if (!rc)
		rc = history_patch_file(it->path, it->n, &t.from, &t.to,
					CONTEXT, cmd_patch_out, c, e);
	delta_read_release(&t);
	return rc;
}

int cmd_patch_delta(struct workspace *ws, const struct delta *d,
		    struct err *e)
{
	struct cmd_patch c;
	struct wdir w;
	size_t i;
	int rc = wdir_open(&w, ws->root.p, e);

	cmd_patch_begin(&c);
	for (i = 0; !rc && i < d->n; i++) {
		struct err why = ERR_INIT;

		rc = patch_item(ws, &w, &d->v[i], &c, &why);
		if (rc < 0 && d->v[i].on_disk && rc != HUB_ENOMEM) {
			cmd_say("%s", why.msg);
			rc = 0;
		} else if (rc < 0) {
			err_set(e, rc, "%s", why.msg);
		}
	}
	cmd_patch_end(&c);
	wdir_close(&w);
	return rc;
}

/* ---- names ---- */

void cmd_delta_names(const struct delta *d)
{
	size_t i;

	for (i = 0; i < d->n && !cmd_drain(); i++) {
		buf_addf(&cmd_out, "%-8s ", delta_word(&d->v[i]));
		utf8_show(&cmd_out, d->v[i].path, d->v[i].n);
		buf_addch(&cmd_out, '\n');
	}
}

void cmd_delta_json(struct json *j, const struct delta *d)
{
	size_t i;

	json_array(j, "changes");
	for (i = 0; i < d->n && !cmd_drain(); i++) {
		json_object(j, NULL);
		json_path(j, "path", d->v[i].path, d->v[i].n);
		json_str(j, "action", delta_word(&d->v[i]));
		json_object_end(j);
	}
	json_array_end(j);
}
