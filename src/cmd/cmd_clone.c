/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_clone.c - hub clone: add a computer. */
#include "cmd/cmd_pass.h"
#include "cmd/cmd.h"
#include "cmd/cmd_enrol.h"

#include "os/os_file.h"
#include "sync/clone.h"
#include "sync/far.h"

static const char *name, *from;
static int quiet;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "name", &name, "NAME",
	  "what this computer is called in the hub (default: its host name)" },
	{ OPT_STRING, 0, "from", &from, "PLACE",
	  "from a sealed copy (hub remote) instead of a hub" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_clone;

/* 0, or the exit code of why this computer has no keys: small files sync without. */
static int keys_of(struct workspace *ws)
{
	struct err e = ERR_INIT;
	int rc = ws->dev.vault ? 0 : cmd_enrol(ws, &e);

	if (!rc || rc == HUB_EABSENT || rc == HUB_EOFFLINE)
		return 0;
	cmd_say("%s", e.msg);
	return engine_exit_of(rc);
}

static int first_sync(const char *root, enum clone_result what,
		      struct far *far)
{
	struct engine_options o = { .what = ENGINE_SYNC };
	struct workspace *ws = NULL;
	struct err e = ERR_INIT;
	int code, none, rc = workspace_open(root, WORKSPACE_WRITE, &ws, &e);

	if (rc < 0) {
		far_close(far);
		return cmd_fail(rc, &e);
	}
	far_adopt(far, ws);
	none = keys_of(ws);
	cmd_progress(ws);
	rc = engine_run(ws, &o, &e);
	code = engine_exit(ws, rc);
	if (none && code != 15 && code != 16 && code != 17 && code != 18)
		code = none;
	cmd_report(ws, 1);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else if (!quiet)
		buf_addf(&cmd_out, "%s '%s' as '%s': %llu files came\n"
			 "next: cd '%s', work, and `hub sync` now and then\n",
			 what == CLONE_MADE ? "made the workspace" :
			 what == CLONE_ADOPTED ? "adopted" :
			 "went on with", root, ws->dev.name,
			 (unsigned long long)ws->rep.count[REPORT_RECEIVED],
			 root);
	workspace_close(ws);
	return code;
}

static int from_place(const char *dir, struct buf *root, struct err *e)
{
	struct clone_from o = { .place = from, .dir = dir, .name = name };
	struct buf pass = BUF_INIT;
	int rc = cmd_pass_get(PASS_WANT_OLD, "Passphrase of the hub: ", &pass,
			      NULL, e);

	o.pass = pass.p;
	o.pass_n = pass.n;
	if (!rc)
		rc = clone_from(&o, root, e);
	buf_wipe(&pass);
	return rc;
}

static int by_invitation(const char *line, const char *dir, struct buf *root,
			 enum clone_result *what, struct far **far,
			 struct err *e)
{
	struct join j = JOIN_INIT;
	int rc = join_redeem(line, name, &j, e);

	if (!rc)
		rc = clone_prepare(j.inv.url, dir, name, &j, root, what, far,
				   e);
	if (!rc)
		join_done(&j);
	join_release(&j);
	return rc;
}

static int clone_main(int argc, char **argv)
{
	struct buf root = BUF_INIT;
	struct err e = ERR_INIT;
	enum clone_result what = CLONE_MADE;
	struct far *far = NULL;
	int code, rc;

	if (from && argc != 1)
		return cmd_usage(&cmd_clone, "with --from give the folder of "
				 "the workspace");
	if (argc < 1 || argc > 2)
		return cmd_usage(&cmd_clone, "give the hub, and perhaps the "
				 "folder of the workspace");
	if (name && !presence_name_ok(name))
		return cmd_usage(&cmd_clone, "a name has 1 to 32 of "
				 "A-Z a-z 0-9 . _ -");
	if (cmd_libs(&code))
		return code;
	rc = cmd_dir ? os_chdir(cmd_dir, &e) : 0;
	if (!rc && from)
		rc = from_place(argv[0], &root, &e);
	else if (!rc && invite_is(argv[0]))
		rc = by_invitation(argv[0], argc > 1 ? argv[1] : NULL, &root,
				   &what, &far, &e);
	else if (!rc)
		rc = clone_prepare(argv[0], argc > 1 ? argv[1] : NULL, name,
				   NULL, &root, &what, &far, &e);
	if (rc < 0)
		code = rc == HUB_ECONFLICT ? (cmd_fail(rc, &e), 128) :
			cmd_fail(rc, &e);
	else
		code = first_sync(root.p, what, far);
	buf_release(&root);
	return code;
}

const struct cmd cmd_clone = {
	.name = "clone", .summary = "make a workspace of a hub on this computer",
	.synopsis = "[--name=NAME] [-q] URL|INVITATION [DIR]\n[--name=NAME] [-q] --from=PLACE DIR",
	.opts = opts,
	.run = clone_main,
};
