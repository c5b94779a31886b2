/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_show.c - hub show: one recorded change, or a file as it was then. */
#include "cmd/cmd_patch.h"

#include <string.h>

#include "base/utf8.h"
#include "cmd/cmd_path.h"
#include "os/os.h"
#include "sync/follow.h"
#include "sync/listing.h"

static int names, json;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "name-only", &names, NULL,
	  "only list the files and what happened to them" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_show;

/* ---- a change ---- */

static void print_message(const struct commit *c)
{
	const char *p = c->message.p, *end = p + c->message.n, *nl;

	while (end > p && end[-1] == '\n')
		end--;
	buf_addch(&cmd_out, '\n');
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		buf_addstr(&cmd_out, nl > p ? "    " : "");
		utf8_show(&cmd_out, p, (size_t)(nl - p));
		buf_addch(&cmd_out, '\n');
	}
}

static void print_head(const struct commit *c, const struct delta *d)
{
	size_t i;

	buf_addf(&cmd_out, "commit %s\n", oid_hex(&c->id));
	if (c->parents_n > 1)
		buf_addstr(&cmd_out, "joins ");
	for (i = 0; c->parents_n > 1 && i < c->parents_n; i++)
		buf_addf(&cmd_out, " %.10s", oid_hex(&c->parents[i]));
	if (c->parents_n > 1)
		buf_addch(&cmd_out, '\n');
	buf_addstr(&cmd_out, "author ");
	utf8_show(&cmd_out, c->author.p, c->author.n);
	buf_addstr(&cmd_out, "\ntime   ");
	cmd_time(&cmd_out, c->author_time);
	if (c->time != c->author_time) {
		buf_addstr(&cmd_out, "\nhere   ");
		cmd_time(&cmd_out, c->time);
	}
	buf_addch(&cmd_out, '\n');
	print_message(c);
	buf_addf(&cmd_out, "\n%zu file%s\n", d->n, d->n == 1 ? "" : "s");
}

static void print_json(const struct commit *c, const struct delta *d)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-show-1");
	json_str(&j, "commit", oid_hex(&c->id));
	json_array(&j, "parents");
	for (i = 0; i < c->parents_n; i++)
		json_str(&j, NULL, oid_hex(&c->parents[i]));
	json_array_end(&j);
	json_str(&j, "author", c->author.p);
	json_time(&j, "time", c->author_time);
	json_time(&j, "committed", c->time);
	json_strn(&j, "message", c->message.p, c->message.n);
	cmd_delta_json(&j, d);
	json_object_end(&j);
}

static int show_change(struct workspace *ws, const struct oid *id,
		       const struct cmd_paths *p, struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct delta d = DELTA_INIT;
	struct oid before;
	int rc = commit_read(ws->repo, id, &c, e);

	if (!rc)
		rc = follow_commit_tree(ws->repo, c.parents_n ? &c.parents[0] :
					&oid_zero, &before, e);
	if (!rc)
		rc = delta_trees(ws->repo, &before, &c.tree,
				 (const char *const *)p->v, p->n, &d, e);
	if (!rc && json)
		print_json(&c, &d);
	else if (!rc)
		print_head(&c, &d);
	if (!rc && names && !json)
		cmd_delta_names(&d);
	else if (!rc && !json && d.n) {
		buf_addch(&cmd_out, '\n');
		rc = cmd_patch_delta(ws, &d, e);
	}
	delta_release(&d);
	commit_release(&c);
	return rc;
}

/* ---- COMMIT:PATH ---- */

static int piece(void *arg, const void *p, size_t n)
{
	return cmd_patch_out(arg, p, n) ? HUB_EIO : 0;
}

static int show_file(struct workspace *ws, const struct oid *id,
		     const char *arg, struct err *e)
{
	struct buf path = BUF_INIT;
	struct cmd_patch c;
	struct oid tree;
	int rc = cmd_path(ws, arg, &path, e);

	if (!rc)
		rc = follow_commit_tree(ws->repo, id, &tree, e);
	if (!rc) {
		cmd_patch_begin(&c);
		rc = listing_file(ws, &tree, path.p, piece, &c, e);
		cmd_patch_end(&c);
	}
	buf_release(&path);
	return rc == HUB_EIO && cmd_drain() ? 0 : rc;
}

/* The part of ${spec} before a ':' is a commit or a time, which may hold ':'
 * itself: the longest that is one.  *file is what follows, NULL if all of it
 * names a commit. */
static int split(struct workspace *ws, const struct oid *tip,
		 const char *spec, struct when *w, const char **file,
		 struct err *e)
{
	struct buf head = BUF_INIT;
	struct err other = ERR_INIT, whole;
	size_t n = spec ? strlen(spec) : 0;
	int rc = when_resolve(ws->repo, tip, spec, w, e);

	*file = NULL;
	whole = *e;
	while (rc == HUB_EUSAGE && n-- > 1) {
		if (spec[n] != ':')
			continue;
		buf_reset(&head);
		buf_add(&head, spec, n);
		*file = spec + n + 1;
		rc = buf_error(&head) ? err_nomem(&other) :
			when_resolve(ws->repo, tip, head.p, w, &other);
		if (rc < 0)
			*e = other;
	}
	buf_release(&head);
	return rc == HUB_EUSAGE ? err_set(e, HUB_EABSENT, "%s", whole.msg) :
		rc;
}

static int show(struct workspace *ws, const char *spec,
		const struct cmd_paths *p)
{
	struct buf branch = BUF_INIT;
	struct err e = ERR_INIT;
	struct when w;
	struct oid tip;
	const char *file = NULL;
	int code = 0, rc = repo_head(ws->repo, &branch, &tip, &e);

	if (!rc)
		rc = split(ws, &tip, spec, &w, &file, &e);
	if (!rc && file && p->n)
		code = cmd_usage(&cmd_show, "COMMIT:PATH stands alone");
	else if (!rc && file)
		rc = show_file(ws, &w.commit, file, &e);
	else if (!rc)
		rc = show_change(ws, &w.commit, p, &e);
	if (rc < 0)
		code = cmd_fail(rc, &e);
	buf_release(&branch);
	return cmd_drained(code);
}

static int show_main(int argc, char **argv)
{
	struct cmd_paths p = { NULL, 0 };
	struct workspace *ws;
	int code = 0;

	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc ? argc - 1 : 0, argv + 1, &p, &code))
		code = show(ws, argc ? argv[0] : NULL, &p);
	cmd_paths_free(&p);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_show = {
	.name = "show", .summary = "show one recorded change",
	.synopsis = "[--name-only] [--json] [COMMIT [PATH...]]\nCOMMIT:PATH",
	.opts = opts, .run = show_main,
};
