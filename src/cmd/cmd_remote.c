/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_remote.c - hub remote: places that keep a sealed copy of the hub. */
#include "cmd/cmd.h"

#include <string.h>

#include "base/tm.h"
#include "base/utf8.h"
#include "sync/overview.h"
#include "sync/site.h"

static int json, removable;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "removable", &removable, NULL,
	  "add: the place is often away (a USB disk); that is no failure" },
	{ OPT_FLAG, 0, "json", &json, NULL, "list: print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_remote;

static void as_line(const struct places_seen *s)
{
	buf_addf(&cmd_out, "%-12s %-8s ", s->one.name, places_state(s));
	utf8_show(&cmd_out, s->one.url, strlen(s->one.url));
	buf_addch(&cmd_out, '\n');
}

/* What the place cannot do, as far as it matters. */
static void say_lacks(unsigned lacks, const char *indent)
{
	const char *s;
	unsigned pos = 0;

	while ((s = site_lacks(lacks, &pos)))
		buf_addf(&cmd_out, "%snote: %s\n", indent, s);
}

static void as_text(const struct places_seen *s)
{
	as_line(s);
	buf_addstr(&cmd_out, "    ");
	if (s->note.done) {
		buf_addstr(&cmd_out, "up to date on ");
		tm_minute(&cmd_out, s->note.done);
	} else
		buf_addstr(&cmd_out, "nothing was copied there yet");
	if (s->pending) {
		buf_addstr(&cmd_out, ", about ");
		cmd_bytes(&cmd_out, s->pending);
		buf_addstr(&cmd_out, " to copy");
	}
	if (s->one.removable)
		buf_addstr(&cmd_out, "; removable");
	buf_addch(&cmd_out, '\n');
	if (s->note.why[0])
		buf_addf(&cmd_out, "    %s\n", s->note.why);
	say_lacks(s->note.lacks, "    ");
}

static void print_json(const struct places_seen *v, size_t n)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-remotes-1");
	json_array(&j, "remotes");
	for (i = 0; i < n; i++)
		overview_place_json(&v[i], &j);
	json_array_end(&j);
	json_object_end(&j);
}

static int show_all(struct workspace *ws, int full, struct err *e)
{
	struct places_seen *v = NULL;
	struct hub *hub = NULL;
	size_t i, n = 0;
	int rc;

	if (workspace_hub(ws, &hub, NULL) || hub_read_refs(hub, NULL)) {
		hub_close(hub);
		hub = NULL;	/* away: what is known here */
	}
	rc = places_look(ws, hub, &v, &n, e);
	if (!rc && json)
		print_json(v, n);
	for (i = 0; !rc && !json && i < n; i++) {
		if (full)
			as_text(&v[i]);
		else
			as_line(&v[i]);
	}
	if (!rc && !json && !n)
		buf_addstr(&cmd_out, "no remotes: `hub remote add NAME PLACE` "
			   "keeps a sealed copy there\n");
	places_seen_free(v, n);
	hub_close(hub);
	return rc;
}

static int finish(int rc, const struct err *e)
{
	if (rc == HUB_ECONFLICT) {	/* no exit code of its own */
		cmd_fail(rc, e);
		return 128;
	}
	return rc < 0 ? cmd_fail(rc, e) : 0;
}

static int add(const char *name, const char *dir)
{
	struct workspace *ws;
	struct err e = ERR_INIT;
	struct buf path = BUF_INIT;
	unsigned lacks = 0;
	int code = 0, rc;

	if (!remotes_name_ok(name))
		return cmd_usage(&cmd_remote, "'%s' is no name for a remote: 1 "
				 "to 32 of A-Z a-z 0-9 . _ -, not 'origin'",
				 name);
	if (!*dir)
		return cmd_usage(&cmd_remote, "give the folder of the place");
	rc = site_resolve(dir, &path, &e);	/* before -C counts */
	if (rc < 0) {
		buf_release(&path);
		return cmd_fail(rc, &e);
	}
	ws = cmd_open(WORKSPACE_WRITE, &code);
	if (!ws)
		goto out;
	rc = places_add(ws, name, path.p, removable, &lacks, &e);
	if (!rc) {
		buf_addf(&cmd_out, "added '%s'\n", name);
		say_lacks(lacks, "");
		buf_addstr(&cmd_out, "next: hub sync brings the sealed copy "
			   "there\n");
	}
	code = finish(rc, &e);
	workspace_close(ws);
out:
	buf_release(&path);
	return code;
}

static int remove_one(const char *name)
{
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	ws = cmd_open(WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	rc = places_remove(ws, name, &e);
	if (!rc)
		buf_addf(&cmd_out, "'%s' is not used any more; what lies there "
			 "stays\n", name);
	code = finish(rc, &e);
	workspace_close(ws);
	return code;
}

static int show(int full)
{
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = show_all(ws, full, &e);
	if (rc < 0) {
		buf_reset(&cmd_out);
		code = cmd_fail(rc, &e);
	}
	workspace_close(ws);
	return code;
}

static int remote_main(int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";

	if (removable && strcmp(verb, "add"))
		return cmd_usage(&cmd_remote, "--removable belongs to add");
	if (json && strcmp(verb, "list") && strcmp(verb, "status"))
		return cmd_usage(&cmd_remote, "--json belongs to list and "
				 "status");
	if (!strcmp(verb, "add"))
		return argc == 3 ? add(argv[1], argv[2]) :
			cmd_usage(&cmd_remote, "add: give a name and a "
				  "folder, or sftp://...");
	if (!strcmp(verb, "remove"))
		return argc == 2 ? remove_one(argv[1]) :
			cmd_usage(&cmd_remote, "remove: give a name");
	if (argc > 1)
		return cmd_usage(&cmd_remote, "%s takes no more words", verb);
	if (!strcmp(verb, "list") || !strcmp(verb, "status"))
		return show(verb[0] == 's');
	return cmd_usage(&cmd_remote, "'%s' is none of add, remove, list, "
			 "status", verb);
}

const struct cmd cmd_remote = {
	.name = "remote", .summary = "keep sealed copies of the hub at other places",
	.synopsis = "[list] [--json]\nadd [--removable] NAME PLACE\nremove NAME\n"
		"status [--json]", .opts = opts,
	.run = remote_main,
};
