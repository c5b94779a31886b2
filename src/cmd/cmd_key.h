/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_key.h - for cmd_key*.c: the hub whose keys are meant. */
#ifndef CMD_CMD_KEY_H
#define CMD_CMD_KEY_H

#include "cmd/cmd.h"
#include "cmd/cmd_kit.h"
#include "cmd/cmd_pass.h"
#include "sync/keys.h"

struct cmd_key {
	struct workspace *ws;		/* NULL: in the hub's own folder */
	struct hub *hub;
	int far_ok;			/* one over a session will do */
	struct keys *keys;
	struct cmd_kit kit;
	struct buf old_pass;
	struct buf kit_file;
	/* options */
	const char *kit_arg, *label;
	int json, generate, ask, rotate, no_rotate;
};

/* The verbs; what is left of argv.  Codes as everywhere. */
int cmd_key_list(struct cmd_key *c, struct err *e);
int cmd_key_init(struct cmd_key *c, struct err *e);
int cmd_key_enrol(struct cmd_key *c, struct err *e);
int cmd_key_passwd(struct cmd_key *c, struct err *e);
int cmd_key_add(struct cmd_key *c, struct err *e);
int cmd_key_remove(struct cmd_key *c, const char *what, int rotate,
		   struct err *e);
int cmd_key_rotate(struct cmd_key *c, struct err *e);
int cmd_key_kit(struct cmd_key *c, struct err *e);

/* cmd_key_hub(): .hub is that of the workspace around us, which is .ws then, or
 * that whose folder we are in. */
int cmd_key_hub(struct cmd_key *c, struct err *e);
/* cmd_device_revoke(): as `hub device revoke`; .keys is NULL before. */
int cmd_device_revoke(struct cmd_key *c, const char *what, struct err *e);
/* cmd_key_open(): .keys by the slot of this computer or of the hub. */
int cmd_key_open(struct cmd_key *c, struct err *e);
/* cmd_key_unlock(): .keys by a passphrase, which stays in .old_pass. */
int cmd_key_unlock(struct cmd_key *c, struct err *e);

#endif
