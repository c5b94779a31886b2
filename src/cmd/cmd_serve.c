/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_serve.c - hub serve: called through SSH, by a hub on another computer.
 *
 * stdout belongs to the session: nothing is printed there.
 */
#include "cmd/cmd.h"

#include <string.h>

#include "os/os.h"
#include "os/os_proc.h"
#include "serve/serve.h"

static int append_only, read_only;
static const char *as;
static struct opt_list only;

static const struct opt opts[] = {
	{ OPT_LIST, 0, "only", &only, "PATH",
	  "forced command: only what is at or below PATH (may be repeated)" },
	{ OPT_STRING, 0, "as", &as, "ID",
	  "forced command: what the grant ID allows, see hub-share(1)" },
	{ OPT_FLAG, 0, "append-only", &append_only, NULL,
	  "nothing is deleted or replaced" },
	{ OPT_FLAG, 0, "read-only", &read_only, NULL, "nothing is written" },
	CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_serve;

static int serve(const char *path, struct err *e)
{
	struct serve_conf c = { path, append_only, read_only, as, 0 };
	struct os_stream *st = NULL;
	int rc = os_stream_std(&st, e);

	if (rc == 0)
		rc = serve_run(&c, st, e);
	os_stream_close(st);
	return rc;
}

/* git's own programs, for plain git through the same key. */
static int git(enum serve_what what, const char *path, struct err *e)
{
	const char *argv[] = { "git", what == SERVE_UPLOAD_PACK ?
		"upload-pack" : "receive-pack", path, NULL };

	if (as)
		return err_set(e, HUB_EDENIED, "this key is for hub, not for "
			       "plain git");
	if (what == SERVE_RECEIVE_PACK && (append_only || read_only))
		return err_set(e, HUB_EDENIED, "this key may not push with "
			       "git");
	return os_exec(argv, NULL, e);
}

static int forced(struct err *e)
{
	const char *command = os_env("SSH_ORIGINAL_COMMAND");
	struct buf asked = BUF_INIT, path = BUF_INIT;
	enum serve_what what = SERVE_HUB;
	int rc;

	if (!command)
		rc = err_set(e, HUB_EDENIED, "this key is for hub and git "
			     "only: it gives no shell");
	else
		rc = serve_original(command, &what, &asked, e);
	if (rc == 0)
		rc = serve_path(asked.p, &path, e);
	if (rc == 0)
		rc = serve_allowed(path.p, only.v, (size_t)only.n, e);
	if (rc == 0)
		rc = os_become_owner(path.p, e);
	if (rc == 0)
		rc = what == SERVE_HUB ? serve(path.p, e) :
			git(what, path.p, e);
	buf_release(&asked);
	buf_release(&path);
	return rc;
}

static int serve_main(int argc, char **argv)
{
	struct buf path = BUF_INIT;
	struct err e = ERR_INIT;
	int code, rc;

	if (as && !only.n)
		return cmd_usage(&cmd_serve, "--as goes with --only");
	if (argc != (only.n ? 0 : 1))
		return cmd_usage(&cmd_serve, only.n ? "with --only the client "
				 "says the path" : "give one path");
	if (os_tty(0) || os_tty(1))
		return cmd_usage(&cmd_serve, "is called through SSH, not by "
				 "people");
	if (cmd_libs(&code))
		return code;
	if (only.n) {
		rc = forced(&e);
	} else {
		rc = serve_path(argv[0], &path, &e);
		if (rc == 0)
			rc = os_become_owner(path.p, &e);
		if (rc == 0)
			rc = serve(path.p, &e);
	}
	buf_release(&path);
	return rc < 0 ? cmd_fail(rc, &e) : 0;
}

const struct cmd cmd_serve = {
	.name = "serve", .summary = "called through SSH, not by people",
	.synopsis = "[--append-only] [--read-only] PATH\n"
		"[--append-only] [--read-only] [--as=ID] --only=PATH...",
	.opts = opts, .run = serve_main, .plumbing = 1,
};
