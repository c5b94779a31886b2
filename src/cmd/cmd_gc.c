/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_gc.c - hub gc: free the room of large content that nothing names. */
#include "cmd/cmd_path.h"

#include "sync/collect.h"

static int json, dry_run;

static const struct opt opts[] = {
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "say what would be done, change nothing" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_gc;

static void print_json(const struct gc_report *r, int code,
		       const struct err *e)
{
	const struct { const char *name; uint64_t n; } v[] = {
		{ "files", r->roots }, { "objects", r->live },
		{ "object_bytes", r->live_bytes }, { "packs", r->packs },
		{ "pack_bytes", r->pack_bytes },
		{ "dropped", r->dropped },
		{ "dropped_bytes", r->dropped_bytes },
		{ "waiting", r->waiting },
		{ "waiting_bytes", r->waiting_bytes },
		{ "deleted", r->deleted },
		{ "deleted_bytes", r->deleted_bytes },
		{ "taken_back", r->taken_back },
		{ "rewritten", r->rewritten },
		{ "rewritten_bytes", r->rewritten_bytes },
		{ "states", r->states }, { "missing", r->missing },
		{ "damaged", r->damaged },
	};
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-gc-1");
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_bool(&j, "dry_run", dry_run);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		json_int(&j, v[i].name, (int64_t)v[i].n);
	json_object_end(&j);
}

static void line(const char *what, uint64_t n, uint64_t bytes)
{
	if (n)
		buf_addf(&cmd_out, "%s: %llu packs, %llu bytes\n", what,
			 (unsigned long long)n, (unsigned long long)bytes);
}

static void print_text(const struct gc_report *r)
{
	buf_addf(&cmd_out, "needed: %llu files, %llu bytes stored\n",
		 (unsigned long long)r->roots,
		 (unsigned long long)r->live_bytes);
	line("in use", r->packs, r->pack_bytes);
	line(dry_run ? "would be dropped" : "dropped", r->dropped,
	     r->dropped_bytes);
	line("waiting to be deleted", r->waiting, r->waiting_bytes);
	line("deleted", r->deleted, r->deleted_bytes);
	line(dry_run ? "would be rewritten" : "rewritten", r->rewritten,
	     r->rewritten_bytes);
	if (r->taken_back)
		buf_addf(&cmd_out, "needed again: %llu packs\n",
			 (unsigned long long)r->taken_back);
}

static int gc_main(int argc, char **argv)
{
	struct gc_report r = { 0 };
	struct buf path = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t id[32];
	int code, rc;

	if (argc > 1)
		return cmd_usage(&cmd_gc, "give one hub, or none in a "
				 "workspace");
	if (cmd_libs(&code))
		return code;
	rc = argc ? cmd_hub_path(argv[0], &path, &e) :
		collect_find(cmd_dir ? cmd_dir : ".", &path, id, &e);
	if (!rc)
		rc = collect_run(path.p, argc ? NULL : id, NULL, dry_run, 0, &r,
				 &e);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);
	code = rc < 0 ? engine_exit_of(rc) : r.missing || r.damaged ? 16 : 0;
	if (code == 16 && !rc)
		cmd_say("%llu objects are missing, %llu damaged: run `hub "
			"verify --read-data`", (unsigned long long)r.missing,
			(unsigned long long)r.damaged);
	if (json)
		print_json(&r, code, &e);
	else if (rc >= 0)
		print_text(&r);
	buf_release(&path);
	return code;
}

const struct cmd cmd_gc = {
	.name = "gc", .summary = "free the room of large files that nothing "
		"names",
	.synopsis = "[--dry-run] [--json] [HUB]", .opts = opts, .run = gc_main,
};
