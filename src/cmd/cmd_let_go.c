/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_let_go.c - run hub prune or hub forget, tell what it did. */
#include "cmd/cmd_let_go.h"

#include "cmd/cmd_path.h"
#include "sync/collect.h"

static void print_json(const struct prune_plan *plan,
		       const struct prune_report *r, const char *schema,
		       int code, const struct err *e)
{
	const struct { const char *name; uint64_t n; } v[] = {
		{ "versions", r->versions },
		{ "versions_kept", r->versions_kept },
		{ "contents", r->contents }, { "bytes", r->bytes },
		{ "before", r->before }, { "in_use", r->held },
		{ "in_use_bytes", r->held_bytes }, { "small", r->small },
	};
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", schema);
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_bool(&j, "dry_run", plan->dry_run);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		json_int(&j, v[i].name, (int64_t)v[i].n);
	json_time(&j, "horizon", r->horizon);
	json_object_end(&j);
}

#define LL(n) ((unsigned long long)(n))

static void print_text(const struct prune_plan *plan,
		       const struct prune_report *r)
{
	if (plan->keep) {
		buf_addf(&cmd_out, "versions: %llu, kept %llu; and all since ",
			 LL(r->versions), LL(r->versions_kept));
		cmd_time(&cmd_out, r->horizon);
		buf_addstr(&cmd_out, ", as long as a computer was away\n");
	}
	if (r->before)
		buf_addf(&cmd_out, "let go before: %llu contents\n",
			 LL(r->before));
	buf_addf(&cmd_out, "%s: %llu contents, %llu bytes as files\n",
		 plan->dry_run ? "would be let go" : "let go",
		 LL(r->contents), LL(r->bytes));
	if (r->held)
		buf_addf(&cmd_out, "still in use, kept: %llu contents, %llu "
			 "bytes\n", LL(r->held), LL(r->held_bytes));
	if (r->small)
		buf_addf(&cmd_out, "NOT let go: %llu versions of small files, "
			 "which git's history holds: every clone has them; see "
			 "hub-forget(1)\n", LL(r->small));
	if (r->contents && !plan->dry_run)
		buf_addstr(&cmd_out, "next: `hub gc` (a sync does it by "
			   "itself) removes the bytes 30 to 60 days from now\n");
}

int cmd_let_go(const char *arg, const struct prune_plan *plan, int json,
	       const char *schema)
{
	struct prune_report r = { 0 };
	struct buf path = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t id[32];
	int code = 0, rc;

	if (cmd_libs(&code))
		return code;
	rc = arg ? cmd_hub_path(arg, &path, &e) :
		collect_find(cmd_dir ? cmd_dir : ".", &path, id, &e);
	if (!rc)
		rc = prune_run(path.p, arg ? NULL : id, plan, &r, &e);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);
	code = engine_exit_of(rc);
	if (json)
		print_json(plan, &r, schema, code, &e);
	else if (rc >= 0)
		print_text(plan, &r);
	buf_release(&path);
	return code;
}
