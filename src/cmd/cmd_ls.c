/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_ls.c - hub ls: the files of a recorded state. */
#include "cmd/cmd_path.h"

#include "base/utf8.h"
#include "os/os.h"
#include "sync/listing.h"

#define SPILL 65536		/* a list may be long: written as it comes */

static const char *at;
static int deep, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "a time or a commit (default: what was recorded last)" },
	{ OPT_FLAG, 'R', "recursive", &deep, NULL,
	  "all files below, not only what the folder holds" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_ls;

struct print { struct json j; int broken; };

static const char *kind(uint32_t mode)
{
	switch (mode) {
	case MODE_TREE: return "folder";
	case MODE_EXEC: return "exec";
	case MODE_LINK: return "link";
	case MODE_GITLINK: return "submodule";
	default: return "file";
	}
}

static int has_size(const struct listing_entry *en)
{
	return en->leaf.mode != MODE_TREE && en->leaf.mode != MODE_GITLINK;
}

static void as_json(struct json *j, const struct listing_entry *en)
{
	json_object(j, NULL);
	json_path(j, "path", en->path, en->n);
	json_str(j, "kind", kind(en->leaf.mode));
	if (has_size(en))
		json_int(j, "size", (int64_t)en->size);
	else
		json_null(j, "size");
	json_str(j, "id", oid_hex(&en->leaf.id));
	if (en->large)
		json_bool(j, "large", 1);
	json_object_end(j);
}

static void as_text(const struct listing_entry *en)
{
	buf_addf(&cmd_out, "%-9s ", kind(en->leaf.mode));
	if (has_size(en))
		buf_addf(&cmd_out, "%12llu  ", (unsigned long long)en->size);
	else
		buf_addf(&cmd_out, "%12s  ", "-");
	utf8_show(&cmd_out, en->path, en->n);
	buf_addstr(&cmd_out, en->leaf.mode == MODE_TREE ? "/\n" : "\n");
}

static int print(void *arg, const struct listing_entry *en)
{
	struct print *p = arg;

	if (json)
		as_json(&p->j, en);
	else
		as_text(en);
	if (cmd_out.n < SPILL || buf_error(&cmd_out))
		return 0;
	p->broken = os_write_std(1, cmd_out.p, cmd_out.n) < 0;
	buf_reset(&cmd_out);
	return p->broken;
}

static int list(struct workspace *ws, const struct cmd_paths *paths,
		struct print *p, struct err *e)
{
	struct when when;
	struct oid tree;
	size_t i;
	int rc = listing_open(ws, at, &when, &tree, e);

	for (i = 0; !rc && i < paths->n; i++)	/* before anything is printed */
		rc = listing_check(ws, &tree, paths->v[i], e);
	if (rc)
		return rc;
	if (json) {
		json_init(&p->j, &cmd_out, 1);
		json_object(&p->j, NULL);
		json_str(&p->j, "schema", "vibehub-ls-1");
		json_str(&p->j, "commit", oid_hex(&when.commit));
		json_time(&p->j, "time", when.time);
		json_array(&p->j, "files");
	}
	for (i = 0; !rc && i < paths->n; i++)
		rc = listing_run(ws, &tree, paths->v[i], deep, print, p, e);
	if (json && !rc) {
		json_array_end(&p->j);
		json_object_end(&p->j);
	}
	return rc;
}

static int ls_main(int argc, char **argv)
{
	static char here[] = ".";
	char *dflt[] = { here };
	struct cmd_paths paths = { NULL, 0 };
	struct print p = { .broken = 0 };
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc ? argc : 1, argc ? argv : dflt, &paths,
		       &code)) {
		rc = list(ws, &paths, &p, &e);
		if (p.broken) {
			cmd_say("cannot write the output");
			code = 128;
		} else if (rc < 0) {
			code = cmd_fail(rc, &e);
		}
	}
	cmd_paths_free(&paths);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_ls = {
	.name = "ls", .summary = "list the files of a recorded state",
	.synopsis = "[--at=WHEN] [-R] [--json] [PATH...]", .opts = opts,
	.run = ls_main,
};
