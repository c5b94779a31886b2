/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_conflicts.c - hub conflicts: which files wait for a person. */
#include "cmd/cmd.h"

#include "base/tm.h"
#include "base/utf8.h"
#include "sync/conflict_list.h"

static int json;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_conflicts;

struct print { struct json j; uint64_t n; struct buf last; };

static int as_json(void *arg, const struct conflict_entry *c)
{
	struct print *p = arg;

	json_object(&p->j, NULL);
	json_path(&p->j, "path", c->path, c->path_n);
	json_bool(&p->j, "path_exists", c->path_exists);
	json_path(&p->j, "copy", c->copy, c->copy_n);
	json_str(&p->j, "device", c->who.device);
	json_time(&p->j, "time", c->who.time);
	json_object_end(&p->j);
	p->n++;
	return 0;
}

/* The path once, its copies below it. */
static int as_text(void *arg, const struct conflict_entry *c)
{
	struct print *p = arg;

	if (!p->n++ || mem_cmp(p->last.p, p->last.n, c->path, c->path_n)) {
		buf_reset(&p->last);
		buf_add(&p->last, c->path, c->path_n);
		utf8_show(&cmd_out, c->path, c->path_n);
		buf_addstr(&cmd_out, c->path_exists ? "\n" :
			   "  (not there any more)\n");
	}
	buf_addf(&cmd_out, "    %s's version of ", c->who.device);
	tm_minute(&cmd_out, c->who.time);
	buf_addstr(&cmd_out, ":\n    ");
	utf8_show(&cmd_out, c->copy, c->copy_n);
	buf_addch(&cmd_out, '\n');
	return 0;
}

static int print(struct workspace *ws, struct err *e)
{
	struct print p = { .n = 0, .last = BUF_INIT };
	int rc;

	if (json) {
		json_init(&p.j, &cmd_out, 1);
		json_object(&p.j, NULL);
		json_str(&p.j, "schema", "vibehub-conflicts-1");
		json_array(&p.j, "conflicts");
	}
	rc = conflict_list(ws, json ? as_json : as_text, &p, e);
	if (json) {
		json_array_end(&p.j);
		json_object_end(&p.j);
	} else if (!rc && !p.n) {
		buf_addstr(&cmd_out, "no conflicts\n");
	} else if (!rc) {
		buf_addstr(&cmd_out, "edit the file as you want it, then: hub "
			   "resolve PATH (or see hub resolve -h)\n");
	}
	buf_release(&p.last);
	return rc;
}

static int conflicts_main(int argc, char **argv)
{
	struct workspace *ws;
	struct err e = ERR_INIT;
	int rc, code = 0;

	(void)argv;
	if (argc)
		return cmd_usage(&cmd_conflicts, "takes no arguments");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = print(ws, &e);
	if (rc < 0) {
		buf_reset(&cmd_out);
		code = cmd_fail(rc, &e);
	}
	workspace_close(ws);
	return code;
}

const struct cmd cmd_conflicts = {
	.name = "conflicts", .summary = "list the conflicts that wait for you",
	.synopsis = "[--json]", .opts = opts, .run = conflicts_main,
};
