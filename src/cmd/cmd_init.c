/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_init.c - hub init: make the master. */
#include "cmd/cmd.h"

#include "cmd/cmd_kit.h"
#include "cmd/cmd_pass.h"
#include "os/os_file.h"
#include "sync/init.h"

static const char *template, *kit_file, *from;
static int quiet, ask;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "template", &template, "NAME",
	  "begin with a layout of folders: central" },
	{ OPT_STRING, 0, "kit", &kit_file, "FILE",
	  "write the recovery kit to FILE, which must not exist" },
	{ OPT_STRING, 0, "from", &from, "PLACE",
	  "make the hub again from a sealed copy (hub remote)" },
	{ OPT_FLAG, 0, "ask", &ask, NULL,
	  "ask for a passphrase of yours instead of making one" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_init;

static int keep(void *arg, const uint8_t hub[32], struct err *e)
{
	return cmd_kit_keep(arg, hub, e);
}

/* The passphrase of a hub that is to be made. */
static int passphrase(struct cmd_kit *kit, struct err *e)
{
	if (ask || cmd_pass_given(PASS_WANT_FIRST))
		return cmd_pass_get(PASS_WANT_FIRST, "Passphrase of the new "
				    "hub: ", &kit->pass, NULL, e);
	kit->made = 1;
	return cmd_pass_make(&kit->pass, e);
}

static int make(const char *dir, struct cmd_kit *kit, enum init_result *what,
		struct err *e)
{
	struct init_vault v = { .keep = keep, .arg = kit };
	struct buf abs = BUF_INIT;
	int rc = init_is_hub(dir, e);

	if (rc) {
		if (rc > 0)
			rc = init_hub(dir, template, NULL, what, e);
		return rc;
	}
	rc = passphrase(kit, e);
	if (!rc)
		rc = os_abspath(dir, &abs, e);
	kit->hub = abs.p;
	v.pass = kit->pass.p;
	v.n = kit->pass.n;
	if (!rc)
		rc = init_hub(dir, template, &v, what, e);
	if (!rc)
		cmd_kit_show(kit);
	else if (kit->path.n && !init_is_hub(dir, NULL))
		os_unlink(kit->path.p, NULL);	/* it opens nothing */
	buf_release(&abs);
	return rc;
}

static int again(const char *dir, struct err *e)
{
	struct buf pass = BUF_INIT;
	int rc = cmd_dir ? os_chdir(cmd_dir, e) : 0;

	if (!rc)
		rc = cmd_pass_get(PASS_WANT_OLD, "Passphrase of the hub: ",
				  &pass, NULL, e);
	if (!rc)
		rc = init_from(dir, from, pass.p, pass.n, e);
	buf_wipe(&pass);
	if (rc < 0)
		return rc == HUB_ECONFLICT ? (cmd_fail(rc, e), 128) :
			cmd_fail(rc, e);
	if (!quiet)
		buf_addf(&cmd_out, "made the hub '%s' again\nnext, on each "
			 "computer: hub config hub ADDRESS\n", dir);
	return 0;
}

static int init(int argc, char **argv)
{
	struct cmd_kit kit = { .pass = BUF_INIT, .path = BUF_INIT };
	struct buf file = BUF_INIT;
	struct err e = ERR_INIT;
	enum init_result what;
	int code, rc;

	if (argc != 1)
		return cmd_usage(&cmd_init, "give the folder of the new hub");
	if (from && (template || kit_file || ask))
		return cmd_usage(&cmd_init, "with --from the hub keeps its "
				 "files and its passphrase");
	if (cmd_libs(&code))
		return code;
	if (from)
		return again(argv[0], &e);
	rc = cmd_kit_path(kit_file, &file, &e);
	kit.file = kit_file ? file.p : NULL;
	if (!rc && cmd_dir)
		rc = os_chdir(cmd_dir, &e);
	if (!rc)
		rc = make(argv[0], &kit, &what, &e);
	cmd_kit_release(&kit);
	buf_release(&file);
	if (rc < 0)
		return rc == HUB_ECONFLICT ? (cmd_fail(rc, &e), 128) :
			cmd_fail(rc, &e);
	if (quiet)
		return 0;
	if (what == INIT_WAS_HUB)
		buf_addf(&cmd_out, "'%s' is a hub already: nothing was "
			 "changed\n", argv[0]);
	else
		buf_addf(&cmd_out, "%s '%s'\nnext, on each computer: hub clone "
			 "'%s' DIR\n", what == INIT_ADOPTED ?
			 "the bare repository is now a hub:" :
			 "made the hub", argv[0], argv[0]);
	return 0;
}

const struct cmd cmd_init = {
	.name = "init", .summary = "make a hub, the master of all computers",
	.synopsis = "[--template=NAME] [--ask] [--kit=FILE] [-q] DIR\n"
		"[-q] --from=PLACE DIR",
	.opts = opts, .run = init,
};
