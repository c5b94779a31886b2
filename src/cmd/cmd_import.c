/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_import.c - hub import: copy a folder's files into the workspace. */
#include "cmd/cmd_path.h"

#include <string.h>

#include "base/utf8.h"
#include "sync/act.h"
#include "sync/import.h"

static const char *into;
static int dry_run, quiet, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "into", &into, "PATH",
	  "a folder of the workspace, made if needed (default: this one)" },
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "only list what would be copied" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_import;

static void list_text(void *arg, enum import_action what, const char *path,
		      size_t n, const char *beside)
{
	(void)arg;
	buf_addstr(&cmd_out, what == IMPORT_COPY ? "copy    " : "beside  ");
	utf8_show(&cmd_out, path, n);
	if (beside) {
		buf_addstr(&cmd_out, " -> ");
		utf8_show(&cmd_out, beside, strlen(beside));
	}
	buf_addch(&cmd_out, '\n');
}

static void list_json(void *arg, enum import_action what, const char *path,
		      size_t n, const char *beside)
{
	struct json *j = arg;

	json_object(j, NULL);
	json_path(j, "path", path, n);
	if (what == IMPORT_BESIDE)
		json_path(j, "copied_as", beside, strlen(beside));
	json_object_end(j);
}

static int exit_code(const struct workspace *ws,
		     const struct import_result *r, int rc)
{
	const struct report *p = &r->rep;

	if (rc < 0)
		return act_exit(ws, rc);
	if (p->count[REPORT_UNREADABLE] || p->count[REPORT_UNSTABLE])
		return 19;
	return (r->beside && !dry_run) || p->count[REPORT_UNWRITTEN];
}

static void end_json(struct json *j, const struct import_result *r, int code,
		     const struct err *e)
{
	json_array_end(j);
	json_int(j, "exit", code);
	json_str(j, "message", e->msg);
	json_bool(j, "dry_run", dry_run);
	json_str(j, "commit", oid_is_zero(&r->made) ? NULL :
		 oid_hex(&r->made));
	json_int(j, "copied", (int64_t)r->copied);
	json_int(j, "beside", (int64_t)r->beside);
	json_int(j, "same", (int64_t)r->same);
	json_int(j, "bytes", (int64_t)r->bytes);
	json_object(j, "left_out");
	report_json(j, &r->rep);
	json_object_end(j);
	json_object_end(j);
}

static void say_left_out(const struct import_result *r)
{
	static const struct { enum report_kind k; const char *say; } w[] = {
		{ REPORT_UNREADABLE, "could not read" },
		{ REPORT_UNSTABLE, "not copied:" },
		{ REPORT_UNWRITTEN, "not copied:" },
		{ REPORT_BAD_NAME, "not copied, no file may have this name:" },
		{ REPORT_SPECIAL, "not copied, neither file nor folder:" },
		{ REPORT_NESTED, "not copied, git's own:" },
	};
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(*w); i++)
		cmd_list_paths(&r->rep, w[i].k, w[i].say, 20);
}

static void print_done(const struct import_result *r)
{
	buf_addf(&cmd_out, "%s %llu, kept beside what is here %llu, here "
		 "already %llu\n", dry_run ? "would copy" : "copied",
		 (unsigned long long)r->copied, (unsigned long long)r->beside,
		 (unsigned long long)r->same);
	if (r->ignored)
		buf_addstr(&cmd_out, "some of it is excluded by .gitignore: it "
			   "stays on this computer\n");
	if (!dry_run && !oid_is_zero(&r->made))
		buf_addstr(&cmd_out, "next: `hub sync` sends it; `hub undo` "
			   "takes it back\n");
}

static int import(struct workspace *ws, const struct import_options *base)
{
	struct import_options o = *base;
	struct import_result r;
	struct err e = ERR_INIT;
	struct json j;
	int code, rc;

	memset(&r, 0, sizeof(r));
	json_init(&j, &cmd_out, 1);
	if (json) {
		json_object(&j, NULL);
		json_str(&j, "schema", "vibehub-import-1");
		json_array(&j, "files");
		o.tell = list_json;
		o.arg = &j;
	} else if (dry_run) {
		o.tell = list_text;
	}
	cmd_progress(ws);
	rc = import_run(ws, &o, &r, &e);
	code = exit_code(ws, &r, rc);
	cmd_report(ws, 1);
	say_left_out(&r);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);	/* of what failed on the way, and did not matter */
	if (json)
		end_json(&j, &r, code, &e);
	else if (!rc && !quiet)
		print_done(&r);
	import_release(&r);
	return code;
}

static int import_main(int argc, char **argv)
{
	struct buf dir = BUF_INIT, path = BUF_INIT;
	struct import_options o = { .dry_run = dry_run };
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	if (argc != 1 || !*argv[0])
		return cmd_usage(&cmd_import, "give one folder to be copied");
	ws = cmd_open(dry_run ? WORKSPACE_READ : WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	rc = cmd_path(ws, into ? into : ".", &path, &e);
	if (!rc)
		rc = cmd_file(argv[0], &dir, &e);
	o.dir = dir.p;
	o.into = path.p;
	code = rc < 0 ? cmd_fail(rc, &e) : import(ws, &o);
	buf_release(&dir);
	buf_release(&path);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_import = {
	.name = "import",
	.summary = "copy the files of another folder into the workspace",
	.synopsis = "[--into=PATH] [-n] [-q] [--json] DIR", .opts = opts,
	.run = import_main,
};
