/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hub.c - the command table, and the little that stands before a command. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/cmd_complete.h"
#include "cmd/cmd_list.h"
#include "net/ssh.h"
#include "os/os.h"
#include "os/os_file.h"

static const struct cmd *const commands[] = { CMD_LIST };
#define COMMANDS_N (sizeof(commands) / sizeof(*commands))

static void list_commands(void)
{
	size_t i;

	for (i = 0; i < COMMANDS_N; i++)
		buf_addf(&cmd_out, "%s\n", commands[i]->name);
}

static void help(struct buf *b)
{
	size_t i;

	buf_addstr(b, "usage: hub [-C DIR] COMMAND [ARGS]\n"
		   "       hub COMMAND -h\n"
		   "       hub --version\n\n"
		   "First steps:\n"
		   "    hub init ~/hub.git          make the master\n"
		   "    hub clone ~/hub.git work    make a workspace of it\n"
		   "    hub sync                    inside work, again and "
		   "again\n\nCommands:\n");
	for (i = 0; i < COMMANDS_N; i++)
		if (!commands[i]->plumbing)
			buf_addf(b, "    %-10s %s\n", commands[i]->name,
				 commands[i]->summary);
}

static const struct cmd *find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS_N; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int usage_error(const char *what, const char *arg)
{
	cmd_say("%s '%s': `hub -h` lists the commands", what, arg);
	return 129;
}

/* ---- completions, generated from the option tables ---- */

static int completions(const char *shell)
{
	if (cmd_complete(&cmd_out, shell, commands, COMMANDS_N) < 0)
		return usage_error("no completions for shell", shell);
	return 0;
}

/* ---- one command ---- */

static int run(const struct cmd *c, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct buf name = BUF_INIT;
	int n = 0, rc = opt_parse(argc, argv, c->opts, &n, &e);

	if (rc > 0) {
		buf_addf(&name, "hub %s", c->name);
		opt_usage(&cmd_out, name.p, c->synopsis, c->opts);
		buf_release(&name);
		return 0;
	}
	if (rc < 0) {
		cmd_say("%s: %s", c->name, e.msg);
		return 129;
	}
	return c->run(n, argv);
}

/* Options before the command; 1: *ret is the exit code. */
static int front(int argc, char **argv, int *at, int *ret)
{
	for (*at = 1; *at < argc && argv[*at][0] == '-'; (*at)++) {
		const char *a = argv[*at];

		*ret = 0;
		if (!strcmp(a, "-C") && *at + 1 < argc)
			cmd_dir = argv[++*at];
		else if (!strcmp(a, "--version"))
			buf_addstr(&cmd_out, "hub " HUB_VERSION "\n");
		else if (!strcmp(a, "-h") || !strcmp(a, "--help"))
			help(&cmd_out);
		else if (!strcmp(a, "--list-commands"))
			list_commands();
		else if (!strcmp(a, "--completions") && *at + 1 < argc)
			*ret = completions(argv[*at + 1]);
		else
			*ret = usage_error("unknown option", a);
		if (strcmp(a, "-C"))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct cmd *c;
	int at, code;

	os_init();
	if (front(argc, argv, &at, &code))
		return cmd_flush(code);
	if (at >= argc) {
		struct buf b = BUF_INIT;

		help(&b);
		os_write_std(2, b.p, b.n);
		buf_release(&b);
		return 129;
	}
	if (!strcmp(argv[at], "help"))
		argv[at] = (char *)(at + 1 < argc ? argv[at + 1] : "-h");
	c = find(argv[at]);
	if (!c)
		return usage_error("unknown command", argv[at]);
	code = run(c, argc - at, argv + at);
	ssh_end();
	repo_lib_shutdown();
	return cmd_flush(code);
}
