/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * join.h - redeem an invitation (hubformat-invite(5)) on the new computer.
 *
 * In the user's folder of hub, ssh/: "<device>.key", this computer's own key for
 * SSH, "<device>.hosts", the host key that the invitation told, and while it is being
 * redeemed "<invitation>.key" and "<invitation>.device": run again, it is the same
 * computer that asks.
 */
#ifndef SYNC_JOIN_H
#define SYNC_JOIN_H

#include "fmt/invite.h"
#include "sync/device.h"

struct join {
	struct invite inv;
	char device[PRESENCE_UUID + 1];
	struct buf command;		/* core.sshCommand from now on */
	struct buf temp, note;		/* files that go with join_done() */
};
#define JOIN_INIT { .command = BUF_INIT, .temp = BUF_INIT, .note = BUF_INIT }

/*
 * join_redeem(): this computer, called ${name}, gets its keys: device_load() finds
 * it.  HUB_ECORRUPT: no whole invitation; HUB_EDENIED: over, or redeemed by another
 * one; as far_session().  join_done(): a workspace knows the rest.
 */
int join_redeem(const char *line, const char *name, struct join *ret,
		struct err *e);
void join_done(struct join *j);
void join_release(struct join *j);

#endif
