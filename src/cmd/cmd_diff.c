/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_diff.c - hub diff: what differs between two states. */
#include "cmd/cmd_patch.h"

#include "cmd/cmd_path.h"
#include "sync/engine.h"
#include "sync/follow.h"
#include "sync/when.h"

static const char *at, *to;
static int names, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "from this time or commit (default: what was recorded last)" },
	{ OPT_STRING, 0, "to", &to, "WHEN",
	  "to this time or commit (default: the files on the disk)" },
	{ OPT_FLAG, 0, "name-only", &names, NULL,
	  "only list the files and what happened to them" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print that list as JSON" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_diff;

struct diff { struct when from, to; struct delta d; };

static int tree_at(struct workspace *ws, const struct oid *tip,
		   const char *spec, struct when *w, struct oid *tree,
		   struct err *e)
{
	int rc;

	if (!spec && oid_is_zero(tip)) {	/* nothing is recorded yet */
		w->commit = *tree = oid_zero;
		return 0;
	}
	rc = when_resolve(ws->repo, tip, spec, w, e);
	return rc < 0 ? rc : follow_commit_tree(ws->repo, &w->commit, tree, e);
}

static int collect(struct workspace *ws, const struct cmd_paths *p,
		   struct diff *f, struct err *e)
{
	const char *const *paths = (const char *const *)p->v;
	struct buf branch = BUF_INIT;
	struct oid tip, from, end;
	int rc = repo_head(ws->repo, &branch, &tip, e);

	if (!rc)
		rc = tree_at(ws, &tip, at, &f->from, &from, e);
	if (!rc)
		rc = tree_at(ws, &tip, to, &f->to, &end, e);
	if (!rc && to)
		rc = delta_trees(ws->repo, &from, &end, paths, p->n, &f->d, e);
	else if (!rc)
		rc = delta_disk(ws, &from, &end, paths, p->n, &f->d, e);
	buf_release(&branch);
	return rc;
}

static void print_json(const struct diff *f)
{
	struct json j;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-diff-1");
	json_str(&j, "from", oid_is_zero(&f->from.commit) ? NULL :
		 oid_hex(&f->from.commit));
	json_str(&j, "to", to ? oid_hex(&f->to.commit) : NULL);
	cmd_delta_json(&j, &f->d);
	json_object_end(&j);
}

static int diff(struct workspace *ws, const struct cmd_paths *paths)
{
	struct diff f = { .d = DELTA_INIT };
	struct err e = ERR_INIT;
	int code = 0, rc = collect(ws, paths, &f, &e);

	cmd_list_paths(&ws->rep, REPORT_UNREADABLE, "could not read", 20);
	cmd_list_paths(&ws->rep, REPORT_LARGE, "could not be compared:",
		       20);
	if (!rc && json)
		print_json(&f);
	else if (!rc && names)
		cmd_delta_names(&f.d);
	else if (!rc)
		rc = cmd_patch_delta(ws, &f.d, &e);
	if (rc < 0)
		code = cmd_fail(rc, &e);
	else if (ws->rep.count[REPORT_UNREADABLE])
		code = 19;
	delta_release(&f.d);
	return cmd_drained(code);
}

static int diff_main(int argc, char **argv)
{
	struct cmd_paths p = { NULL, 0 };
	struct workspace *ws;
	int code = 0;

	if (to && !at)
		return cmd_usage(&cmd_diff, "--to needs --at");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc, argv, &p, &code))
		code = diff(ws, &p);
	cmd_paths_free(&p);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_diff = {
	.name = "diff", .summary = "show what differs between two states",
	.synopsis = "[--at=WHEN [--to=WHEN]] [--name-only] [--json] [PATH...]",
	.opts = opts, .run = diff_main,
};
