/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - git-remote-hub: what git asks a remote helper
 * (gitremote-helpers(7)), line by line.
 *
 * Where the other side has a git repository, `connect` joins git to git there, so
 * hooks, roles and all of git hold.  At a ciphertext-only place fetch and push are
 * our own (sync/plain.h).
 */
#ifndef CMD_HELPER_H
#define CMD_HELPER_H

#include "base/buf.h"
#include "sync/plain.h"

#define HELPER_LINE_MAX 65536

struct helper {
	struct buf path;		/* absolute, or an address */
	enum plain_kind kind;
	struct plain_conf conf;
	struct plain *place;		/* NULL: not opened yet */
	struct buf line;
	/* options */
	int asks;			/* somebody may be there to be asked */
	int quiet, progress, dry_run, atomic;
	struct buf *cas;		/* "<ref>:<hex>" */
	size_t cas_n;
};

/* helper_address(): the path that a URL means, absolute. */
int helper_address(const char *url, struct buf *ret, struct err *e);

/* helper_option(): "<name> <value>": what is answered, to cmd_out. */
int helper_option(struct helper *h, const char *text, struct err *e);

/* helper_connect(): goes on as git's ${service}; returns only if it failed. */
int helper_connect(struct helper *h, const char *service, struct err *e);

/* helper_list(): the answer to "list", or "list for-push" if ${push}, to
 * cmd_out. */
int helper_list(struct helper *h, int push, struct err *e);
/* helper_fetch(), helper_push(): a batch; its first line is in h->line, the
 * others are read.  The answer to cmd_out. */
int helper_fetch(struct helper *h, struct err *e);
int helper_push(struct helper *h, struct err *e);
/* helper_answer(): what is in cmd_out goes to git. */
int helper_answer(struct err *e);

#endif
