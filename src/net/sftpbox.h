/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpbox.h - connections to boxes that are reached by sftp://: the user's own
 * ssh is started, with the sftp subsystem there.
 *
 * A connection that is given back is kept for the next one who wants the same
 * box.  One thread opens and closes.
 */
#ifndef NET_SFTPBOX_H
#define NET_SFTPBOX_H

#include "net/sftp.h"
#include "net/ssh.h"

struct sftpbox;

/*
 * sftpbox_open(): a connection to the box of ${a}, whatever its path.
 * HUB_EOFFLINE: no answer; HUB_EDENIED: it lets us not in, or has no sftp;
 * HUB_EAUTH: its host key is not the known one.  VIBEHUB_SFTP_SILENCE, in
 * milliseconds, is for tests.
 */
int sftpbox_open(const struct ssh_addr *a, const struct ssh_conf *conf,
		 struct sftpbox **ret, struct err *e);
struct sftp *sftpbox_sftp(struct sftpbox *b);
/* sftpbox_close(): give it back; NULL is fine. */
void sftpbox_close(struct sftpbox *b);
/* sftpbox_path(): how ${a}'s path is said to the box. */
const char *sftpbox_path(const struct ssh_addr *a);

#endif
