/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - one entry of hub's command table.  To add a command: a file
 * src/cmd/cmd_<name>.c with a `const struct cmd cmd_<name>`, its line in the
 * table of hub.c, a page Documentation/hub-<name>.adoc, a test.
 *
 * cmd/ is the only room that prints and sets exit codes.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/buf.h"
#include "base/json.h"
#include "base/opt.h"
#include "sync/engine.h"
#include "sync/workspace.h"

struct cmd {
	const char *name;
	const char *summary;		/* one line, no full stop */
	const char *synopsis;		/* lines after "hub <name> ", '\n' between */
	const struct opt *opts;		/* ends with OPT_END */
	/* argv[0..argc) are the positionals.  Returns the exit code. */
	int (*run)(int argc, char **argv);
	int plumbing;			/* not in the list of `hub -h` */
};

/* Shared by all commands. */
#define CMD_OPT_HELP { OPT_FLAG, 'h', "help", NULL, NULL, "show this help" }
extern const char *cmd_dir;	/* -C DIR: work as if started there */
#define CMD_OPT_C { OPT_STRING, 'C', NULL, &cmd_dir, "DIR", \
		    "work as if started in DIR" }

/* cmd_out(): buffer of what goes to stdout; cmd_flush() writes it, and its
 * failure (a full disk behind a redirection) is exit code 128. */
extern struct buf cmd_out;
int cmd_flush(int code);

/* cmd_say(): a line to stderr: "hub: ...".  cmd_fail(): an error, as such a
 * line; returns its exit code. */
void cmd_say(const char *fmt, ...) ERR_PRINTF(1, 2);
int cmd_fail(int rc, const struct err *e);
/* cmd_usage(): "hub: ..." and where to look; returns 129. */
int cmd_usage(const struct cmd *c, const char *fmt, ...) ERR_PRINTF(2, 3);

/* cmd_open(): the workspace at -C or here, or exit code via *code. */
struct workspace *cmd_open(enum workspace_mode mode, int *code);

/* cmd_progress(): show a run's progress on stderr if that is a terminal. */
void cmd_progress(struct workspace *ws);
/* cmd_progress_show(): such a callback, for other engines. */
int cmd_progress_show(void *arg, const char *what, uint64_t done,
		      uint64_t total);
void cmd_progress_end(void);

/* cmd_bytes(): "512 B", "1.4 kB", "20 MB". */
void cmd_bytes(struct buf *b, uint64_t n);

/* cmd_report(): what a run did and what waits, in words, to cmd_out (results)
 * and stderr (what needs a person).  ${quiet}: only the latter. */
void cmd_report(const struct workspace *ws, int quiet);

/* cmd_list_paths(): "hub: ${say} PATH: why" on stderr, at most ${max}. */
void cmd_list_paths(const struct report *r, enum report_kind k,
		    const char *say, size_t max);

/* The library's start, for commands that touch repositories. */
int cmd_libs(int *code);

#endif
