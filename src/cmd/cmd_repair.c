/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_repair.c - hub repair: mend what hub verify finds. */
#include "cmd/cmd_findings.h"
#include "cmd/cmd_path.h"

#include <string.h>

#include "base/utf8.h"
#include "sync/repair.h"

static int json, dry_run, accept;
static const char *place;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "place", &place, "NAME",
	  "mend the sealed copy at this remote instead" },
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "say what is damaged and would be done, change nothing" },
	{ OPT_FLAG, 0, "accept-rollback", &accept, NULL,
	  "go on though an older or another history is there than before" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_repair;

/* What is (still) wrong. */
static const struct verify *remains(const struct repair *r)
{
	return dry_run ? &r->found : &r->left;
}

static void print_json(const struct repair *r, int code, const struct err *e)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-repair-1");
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_bool(&j, "dry_run", dry_run);
	json_int(&j, "found", (int64_t)r->found.found);
	json_int(&j, "left", (int64_t)r->left.found);
	json_int(&j, "put_aside", (int64_t)r->put_aside);
	json_int(&j, "objects", (int64_t)r->objects);
	json_array(&j, "done");
	for (i = 0; i < r->acts_n; i++) {
		json_object(&j, NULL);
		json_str(&j, "where", r->acts[i].where);
		json_str(&j, "what", r->acts[i].what);
		json_object_end(&j);
	}
	json_array_end(&j);
	cmd_findings_json(&j, remains(r));
	json_int(&j, "lost_versions", (int64_t)r->lost_found);
	json_array(&j, "lost");
	for (i = 0; i < r->lost_n; i++) {
		json_object(&j, NULL);
		json_str(&j, "path", r->lost[i].path);
		json_str(&j, "commit", r->lost[i].commit);
		json_int(&j, "time", r->lost[i].time);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void print_lost(const struct repair *r)
{
	size_t i;

	for (i = 0; i < r->lost_n; i++) {
		buf_addstr(&cmd_out, "lost: ");
		utf8_show(&cmd_out, r->lost[i].path, strlen(r->lost[i].path));
		buf_addf(&cmd_out, ", version of %.10s, ", r->lost[i].commit);
		cmd_time(&cmd_out, r->lost[i].time);
		buf_addstr(&cmd_out, ": its content is in no place that "
			   "answered, nor here\n");
	}
	if (r->lost_found > r->lost_n)
		buf_addf(&cmd_out, "and %llu more versions are lost\n",
			 (unsigned long long)(r->lost_found - r->lost_n));
}

static void print_text(const struct repair *r, int code)
{
	const struct verify *v = remains(r);
	size_t i;

	for (i = 0; i < r->acts_n; i++)
		buf_addf(&cmd_out, "%s: %s\n", r->acts[i].where,
			 r->acts[i].what);
	for (i = 0; i < v->n; i++)
		buf_addf(&cmd_out, "%s: %s: %s: %s%s%s\n", dry_run ? "damaged" :
			 "not mended", v->v[i].where, v->v[i].object,
			 v->v[i].what, dry_run ? "" : "; to do: ", dry_run ?
			 "" : v->v[i].todo);
	if (v->found > v->n)
		buf_addf(&cmd_out, "and %llu more\n",
			 (unsigned long long)(v->found - v->n));
	print_lost(r);
	if (code)
		return;
	if (r->found.found)
		buf_addf(&cmd_out, "all is mended: %llu problems were found, "
			 "%llu files put aside\n",
			 (unsigned long long)r->found.found,
			 (unsigned long long)r->put_aside);
	else
		buf_addstr(&cmd_out, "nothing is damaged\n");
}

/* The workspace here: it and its hub, or one of its places. */
static int workspace(struct repair *r, int *code, struct err *e)
{
	struct workspace *ws = cmd_open(dry_run ? WORKSPACE_READ :
					WORKSPACE_WRITE, code);
	struct buf path = BUF_INIT;
	int rc;

	if (!ws)
		return 1;
	cmd_progress(ws);
	if (place) {
		rc = repair_place(r, ws, place, e);
	} else {
		rc = hub_url_path(ws->hub_url.p, &path, e);
		if (!rc)
			rc = repair_workspace(r, ws, path.p, e);
		if (!rc)
			rc = repair_hub(r, ws, path.p, e);
	}
	cmd_progress_end();
	workspace_close(ws);
	buf_release(&path);
	return rc;
}

static int one_hub(const char *arg, struct repair *r, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = cmd_hub_path(arg, &path, e);

	if (!rc)
		rc = repair_hub(r, NULL, path.p, e);
	buf_release(&path);
	return rc;
}

static int repair_main(int argc, char **argv)
{
	struct repair r = REPAIR_INIT;
	struct err e = ERR_INIT;
	int code, rc;

	if (argc > 1)
		return cmd_usage(&cmd_repair, "give one hub, or none in a "
				 "workspace");
	if (place && argc)
		return cmd_usage(&cmd_repair, "a remote is mended by itself");
	r.dry_run = dry_run;
	r.accept_rollback = accept;
	if (cmd_libs(&code))
		return code;
	rc = argc ? one_hub(argv[0], &r, &e) : workspace(&r, &code, &e);
	if (rc > 0)
		return code;
	code = rc < 0 ? engine_exit_of(rc) : 0;
	if (rc < 0)
		cmd_say("%s", e.msg);
	else	/* of what failed on the way, and did not matter */
		err_clear(&e);
	if (!code && (remains(&r)->found || r.lost_found))
		code = 16;
	if (json)
		print_json(&r, code, &e);
	else
		print_text(&r, code);
	repair_release(&r);
	return code;
}

const struct cmd cmd_repair = {
	.name = "repair", .summary = "mend what hub verify finds",
	.synopsis = "[--dry-run] [--accept-rollback] [--json] [HUB]\n"
		"[--dry-run] [--accept-rollback] [--json] --place=NAME",
	.opts = opts, .run = repair_main,
};
