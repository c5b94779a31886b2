/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_verify.c - hub verify: is everything there and right? */
#include "cmd/cmd_findings.h"
#include "cmd/cmd_path.h"

#include "sync/places.h"
#include "sync/far.h"
#include "sync/verify.h"

static int json, read_data;
static const char *place;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "place", &place, "NAME",
	  "check the sealed copy at this remote instead" },
	{ OPT_FLAG, 0, "read-data", &read_data, NULL,
	  "read and open every byte of the vault, or of the place" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_verify;

static void print_json(const struct verify *v, int code, const struct err *e)
{
	struct json j;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-verify-1");
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_int(&j, "refs", (int64_t)v->refs);
	json_int(&j, "computers", (int64_t)v->computers);
	json_int(&j, "tips", (int64_t)v->tips);
	json_int(&j, "records", (int64_t)v->records);
	json_int(&j, "large_files", (int64_t)v->large);
	json_int(&j, "let_go", (int64_t)v->released);
	json_int(&j, "packs", (int64_t)v->packs);
	json_int(&j, "found", (int64_t)v->found);
	cmd_findings_json(&j, v);
	json_object_end(&j);
}

static void print_text(const struct verify *v, int code)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		buf_addf(&cmd_out, "%s: %s: %s; to do: %s\n", v->v[i].where,
			 v->v[i].object, v->v[i].what, v->v[i].todo);
	if (v->found > v->n)
		buf_addf(&cmd_out, "and %llu more\n",
			 (unsigned long long)(v->found - v->n));
	if (!v->found && !code)
		buf_addf(&cmd_out, "all is well: every object, %llu refs, %llu "
			 "computers, %llu tips that they saw, %llu large "
			 "files\n", (unsigned long long)v->refs,
			 (unsigned long long)v->computers,
			 (unsigned long long)v->tips,
			 (unsigned long long)v->large);
	if (v->released)
		buf_addf(&cmd_out, "of the large files %llu were let go by `hub "
			 "prune` or `hub forget`\n",
			 (unsigned long long)v->released);
}

static int both(struct verify *v, struct err *e)
{
	struct buf hub = BUF_INIT, path = BUF_INIT;
	uint8_t id[32];
	int rc = verify_workspace(cmd_dir ? cmd_dir : ".", &hub, id, v, e);

	if (!rc && far_is(hub.p)) {
		rc = far_verify(hub.p, id, v, e);
	} else if (!rc && hub.n) {
		rc = hub_url_path(hub.p, &path, e);
		if (!rc)
			rc = verify_hub(path.p, id, v, e);
	}
	buf_release(&hub);
	buf_release(&path);
	return rc;
}

static int one_hub(const char *arg, struct verify *v, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	if (far_is(arg))
		return far_verify(arg, NULL, v, e);
	rc = cmd_hub_path(arg, &path, e);
	if (!rc)
		rc = verify_hub(path.p, NULL, v, e);
	buf_release(&path);
	return rc;
}

static int one_place(struct verify *v, int *code, struct err *e)
{
	struct workspace *ws = cmd_open(WORKSPACE_READ, code);
	int rc;

	if (!ws)
		return 1;
	cmd_progress(ws);
	rc = places_verify(ws, place, read_data, v, e);
	cmd_progress_end();
	workspace_close(ws);
	return rc;
}

static void print_place(const struct verify *v)
{
	buf_addf(&cmd_out, "all is well at '%s': %llu packs, %llu objects%s\n",
		 place, (unsigned long long)v->refs,
		 (unsigned long long)v->records, read_data ?
		 ", every byte was read" : "");
}

static int verify_main(int argc, char **argv)
{
	struct verify v = VERIFY_INIT;
	struct err e = ERR_INIT;
	int code, rc;

	if (argc > 1)
		return cmd_usage(&cmd_verify, "give one hub, or none in a "
				 "workspace");
	if (place && argc)
		return cmd_usage(&cmd_verify, "a remote is checked by itself");
	v.read_data = read_data;
	if (cmd_libs(&code))
		return code;
	rc = place ? one_place(&v, &code, &e) : argc ? one_hub(argv[0], &v, &e) : both(&v, &e);
	if (rc > 0)
		return code;
	code = rc < 0 ? engine_exit_of(rc) : 0;
	if (rc < 0)
		cmd_say("%s", e.msg);
	else	/* of what failed on the way, and did not matter */
		err_clear(&e);
	if (v.found > v.unread)
		code = 16;
	else if (v.unread && !code)	/* nobody knows whether it is damaged */
		code = 128;
	if (json)
		print_json(&v, code, &e);
	else if (place && !v.found && !code)
		print_place(&v);
	else
		print_text(&v, code);
	verify_release(&v);
	return code;
}

const struct cmd cmd_verify = {
	.name = "verify", .summary = "check a hub and this workspace",
	.synopsis = "[--json] [--read-data] [HUB]\n[--json] [--read-data] --place=NAME",
	.opts = opts, .run = verify_main,
};
