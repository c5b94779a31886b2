/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_track.c - hub track: show and edit the content policy.
 *
 * Changes the file .vibehub/policy of the workspace and nothing else: the next
 * sync records it, and re-encodes what it concerns.
 */
#include "cmd/cmd.h"

#include <string.h>

#include "sync/track.h"

static int small, del, json;
static const char *binary_over, *text_over;

static const struct opt opts[] = {
	{ OPT_FLAG, 's', "small", &small, NULL,
	  "files that match stay in git, up to 100M" },
	{ OPT_FLAG, 'd', "remove", &del, NULL, "remove the patterns" },
	{ OPT_STRING, 0, "binary-over", &binary_over, "SIZE",
	  "limit of binary files, 64K to 1G; 'default'" },
	{ OPT_STRING, 0, "text-over", &text_over, "SIZE",
	  "limit of text files, 64K to 1G; 'default'" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_track;

/* ---- show ---- */

/* The next pattern of the policy: 1 large, 0 small, -1 the end. */
static int next_rule(const char **at, size_t *n)
{
	const char *p = *at;
	int large = *p != '!';

	if (!*p)
		return -1;
	p += !large;
	*n = strcspn(p, "\n");
	*at = p;
	return large;
}

static void show_text(const struct policy *p)
{
	const char *at = p->rules.p;
	size_t n = 0;
	int large;

	buf_addstr(&cmd_out, "binary-over ");
	policy_size_add(&cmd_out, p->binary_over);
	buf_addstr(&cmd_out, "\ntext-over ");
	policy_size_add(&cmd_out, p->text_over);
	buf_addch(&cmd_out, '\n');
	while ((large = next_rule(&at, &n)) >= 0) {
		buf_addstr(&cmd_out, large ? "large " : "small ");
		buf_add(&cmd_out, at, n);
		buf_addch(&cmd_out, '\n');
		at += n + 1;
	}
}

static void show_json(const struct policy *p)
{
	const char *at = p->rules.p;
	struct json j;
	size_t n = 0;
	int large;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_int(&j, "binary_over", (int64_t)p->binary_over);
	json_int(&j, "text_over", (int64_t)p->text_over);
	json_array(&j, "patterns");
	while ((large = next_rule(&at, &n)) >= 0) {
		json_object(&j, NULL);
		json_str(&j, "is", large ? "large" : "small");
		json_path(&j, "pattern", at, n);
		json_object_end(&j);
		at += n + 1;
	}
	json_array_end(&j);
	json_object_end(&j);
}

static int show(const struct buf *text)
{
	struct err e = ERR_INIT;
	struct policy p;
	int rc = policy_decode(&p, text->p, text->n, &e);

	if (json)
		show_json(&p);
	else
		show_text(&p);
	policy_release(&p);
	if (rc == HUB_ECORRUPT) {
		cmd_say("%s; the defaults apply", e.msg);
		return 1;
	}
	return rc < 0 ? cmd_fail(rc, &e) : 0;
}

/* ---- change ---- */

static int limit(struct buf *text, const char *word, const char *value,
		 struct err *e)
{
	uint64_t v = 0;

	if (!value)
		return 0;
	if (strcmp(value, "default") &&
	    policy_size_parse(value, strlen(value), &v) < 0)
		return err_set(e, HUB_EUSAGE, "'%s' is no size from 64K to 1G",
			       value);
	return track_limit(text, word, v, e);
}

/* < 0, or the number of changes. */
static int edit(struct buf *text, int argc, char **argv, struct err *e)
{
	int i, rc, changes = 0;

	rc = limit(text, "binary-over", binary_over, e);
	changes += rc;
	if (rc >= 0)
		rc = limit(text, "text-over", text_over, e);
	changes += rc;
	for (i = 0; rc >= 0 && i < argc; i++) {
		rc = del ? track_remove(text, argv[i], e) :
			   track_add(text, small ? "small" : "large", argv[i], e);
		if (rc == 0 && del)
			cmd_say("track: there is no pattern '%s'", argv[i]);
		changes += rc;
	}
	return rc < 0 ? rc : changes;
}

static int change(const char *root, struct buf *text, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct policy p;
	int rc = edit(text, argc, argv, &e);

	if (rc == HUB_EUSAGE)
		return cmd_usage(&cmd_track, "%s", e.msg);
	if (rc == 0)
		return 0;
	if (rc > 0) {
		rc = policy_decode(&p, text->p, text->n, &e);
		policy_release(&p);
	}
	if (rc == HUB_ECORRUPT) {
		cmd_say("%s; put it right first", e.msg);
		return 128;
	}
	if (rc == 0)
		rc = track_write(root, text, &e);
	return rc < 0 ? cmd_fail(rc, &e) : 0;
}

static int track_main(int argc, char **argv)
{
	int edits = argc || binary_over || text_over, code = 0, rc;
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct workspace *ws;

	if (json && edits)
		return cmd_usage(&cmd_track, "--json shows the policy");
	if ((small || del) && (!argc || (small && del)))
		return cmd_usage(&cmd_track, small && del ?
				 "--small or --remove, not both" :
				 "give a pattern");
	ws = cmd_open(edits ? WORKSPACE_WRITE : WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = track_read(ws->root.p, &text, &e);
	if (rc < 0)
		code = cmd_fail(rc, &e);
	else if (edits)
		code = change(ws->root.p, &text, argc, argv);
	else
		code = show(&text);
	buf_release(&text);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_track = {
	.name = "track", .summary = "show and change which files are large",
	.synopsis = "[--json]\n[--small | --remove] [--binary-over=SIZE] "
		    "[--text-over=SIZE] [PATTERN...]",
	.opts = opts, .run = track_main,
};
