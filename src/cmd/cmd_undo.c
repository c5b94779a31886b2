/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_undo.c - hub undo: take back what this computer recorded. */
#include "cmd/cmd_path.h"

#include <string.h>

#include "base/hex.h"
#include "sync/act.h"
#include "sync/undo.h"

static int list, quiet, json;

static const struct opt opts[] = {
	{ OPT_FLAG, 'l', "list", &list, NULL,
	  "only list the runs that recorded something here" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_undo;

/* ---- --list ---- */

static int row_text(void *arg, const struct undo_row *r)
{
	(void)arg;
	buf_addf(&cmd_out, "%6lld  ", (long long)r->run.id);
	cmd_time(&cmd_out, r->run.begun);
	buf_addf(&cmd_out, "  %-8s %6llu changed", r->run.what,
		 (unsigned long long)r->run.changed);
	if (r->undoes)
		buf_addf(&cmd_out, ", undid run %lld", (long long)r->undoes);
	if (r->undone_by)
		buf_addf(&cmd_out, ", undone by run %lld",
			 (long long)r->undone_by);
	buf_addch(&cmd_out, '\n');
	return 0;
}

static void id_or_null(struct json *j, const char *key, int64_t id)
{
	if (id)
		json_int(j, key, id);
	else
		json_null(j, key);
}

static int row_json(void *arg, const struct undo_row *r)
{
	struct json *j = arg;

	json_object(j, NULL);
	json_int(j, "run", r->run.id);
	json_str(j, "what", r->run.what);
	json_time(j, "time", r->run.begun);
	json_str(j, "commit", oid_hex(&r->run.recorded));
	json_int(j, "changed", (int64_t)r->run.changed);
	id_or_null(j, "undoes", r->undoes);
	id_or_null(j, "undone_by", r->undone_by);
	json_object_end(j);
	return 0;
}

static int list_runs(struct workspace *ws)
{
	struct err e = ERR_INIT;
	struct json j;
	int rc;

	if (json) {
		json_init(&j, &cmd_out, 1);
		json_object(&j, NULL);
		json_str(&j, "schema", "vibehub-runs-1");
		json_array(&j, "runs");
		rc = undo_each(ws, row_json, &j, &e);
		json_array_end(&j);
		json_object_end(&j);
	} else {
		rc = undo_each(ws, row_text, NULL, &e);
		if (!rc && !cmd_out.n && !quiet)
			buf_addstr(&cmd_out, "this computer has recorded "
				   "nothing yet\n");
	}
	return rc < 0 ? cmd_fail(rc, &e) : 0;
}

/* ---- one undo ---- */

static void print_json(const struct workspace *ws, const struct undo_row *row,
		       const struct oid *made, int code, const struct err *e)
{
	struct json j;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-undo-1");
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	id_or_null(&j, "run", row->run.id);
	json_str(&j, "commit", oid_is_zero(made) ? NULL : oid_hex(made));
	report_json(&j, &ws->rep);
	json_object_end(&j);
}

static void print_done(const struct workspace *ws, const struct undo_row *row,
		       const struct oid *made)
{
	buf_addf(&cmd_out, "run %lld, %s of ", (long long)row->run.id,
		 row->run.what);
	cmd_time(&cmd_out, row->run.begun);
	if (oid_is_zero(made)) {
		buf_addstr(&cmd_out, ": nothing of it is left to undo\n");
		return;
	}
	buf_addf(&cmd_out, ": undone, %llu changed\n"
		 "next: `hub sync` sends it; `hub undo --list` shows what else "
		 "can be undone\n",
		 (unsigned long long)ws->rep.count[REPORT_CHANGED]);
}

static int undo(struct workspace *ws, int64_t id)
{
	struct undo_row row;
	struct err e = ERR_INIT;
	struct oid made;
	int code, rc;

	memset(&row, 0, sizeof(row));
	cmd_progress(ws);
	rc = undo_run(ws, id, &row, &made, &e);
	code = act_exit(ws, rc);
	cmd_report(ws, 1);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);	/* of what failed on the way, and did not matter */
	if (json)
		print_json(ws, &row, &made, code, &e);
	else if (!rc && !quiet)
		print_done(ws, &row, &made);
	return code;
}

static int undo_main(int argc, char **argv)
{
	struct workspace *ws;
	uint64_t id = 0;
	int code = 0;

	if (argc > 1 || (argc && list))
		return cmd_usage(&cmd_undo, "takes at most the number of one "
				 "run, and none with --list");
	if (argc && (hex_dec_u64(argv[0], strlen(argv[0]), &id) || !id ||
		     id > INT64_MAX))
		return cmd_usage(&cmd_undo, "'%s' is no number of a run: `hub "
				 "undo --list` shows them", argv[0]);
	ws = cmd_open(list ? WORKSPACE_READ : WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	code = list ? list_runs(ws) : undo(ws, (int64_t)id);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_undo = {
	.name = "undo", .summary = "take back what this computer recorded last",
	.synopsis = "[-q] [--json] [RUN]\n--list [-q] [--json]",
	.opts = opts, .run = undo_main,
};
