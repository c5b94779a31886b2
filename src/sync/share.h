/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * share.h - invite somebody to a hub that is served over SSH by this computer,
 * change what a computer may do, take it back.  Runs where the hub is.
 */
#ifndef SYNC_SHARE_H
#define SYNC_SHARE_H

#include "sync/grants.h"

struct share_wish {
	enum cert_role role;
	const char *name;
	const char *const *paths;	/* in any order */
	size_t paths_n;
	int64_t until;			/* of an invitation */
	const char *url;		/* NULL: ssh://<me>@<this host>/<path> */
	const char *host_key;		/* file; NULL: that of sshd, if it is there */
	const char *keys_file;		/* NULL: as last time, or the default */
};

/*
 * share_invite(): a key for SSH, its line in authorized_keys, and the grant of kind
 * invite; ${line}: what is pasted on the new computer, a secret to be wiped.
 * share_grant(): ${what} has a grant, which becomes this one.  share_revoke():
 * ${g} lets nobody in any more; keys are the caller's to remove.
 */
int share_invite(struct hub *h, struct keys *k, const struct share_wish *w,
		 struct buf *line, struct err *e);
int share_grant(struct hub *h, struct keys *k, const char *what,
		const struct share_wish *w, struct err *e);
int share_revoke(struct hub *h, struct keys *k, const struct grantfile *g,
		 struct err *e);

#endif
