/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify_internal.h - shared by the files of verify*.c. */
#ifndef SYNC_VERIFY_INTERNAL_H
#define SYNC_VERIFY_INTERNAL_H

#include "sync/hub.h"
#include "sync/keys.h"
#include "sync/verify.h"

#define VERIFY_WAY_OUT "run `hub repair` in a workspace of this hub"
#define VERIFY_ROLLBACK "find out why (an older copy put back? lost files?), then " \
	"`hub repair --accept-rollback` in a workspace of this hub"

/* verify_git(): git fsck of the repository ${gitdir}; each complaint is a
 * finding. */
int verify_git(struct verify *v, const char *where, const char *gitdir,
	       struct err *e);
/* verify_lines(): the findings in what git fsck printed.  Pure. */
int verify_lines(struct verify *v, const char *where, const char *gitdir,
		 const char *text, size_t n);

/* verify_refs(): HEAD and all refs of ${r} can be read. */
int verify_refs(struct verify *v, const char *where, struct repo *r,
		struct err *e);

/* verify_records(): the signed records in a hub, and what they say about refs
 * (verify_tips.c). */
int verify_records(struct verify *v, struct hub *h, struct err *e);

/* verify_large(): the content that the pointers of all tips stand for is in the
 * vault.  hub_read_refs() comes before. */
int verify_large(struct verify *v, struct hub *h, struct err *e);

/* verify_vault(): slots, states, index and packs of a hub's vault
 * (verify_vault.c).  ${vault} NULL: the slots alone. */
int verify_vault(struct verify *v, struct keys *k, struct vault *vault,
		 struct err *e);
/* verify_outbox(): what waits in the workspace that contains ${dir}; ${vdir}:
 * its folder vibehub/ (verify_outbox.c). */
int verify_outbox(struct verify *v, const char *dir, const char *vdir,
		  struct err *e);
/* verify_problem(): what vault_check() said of a vault, as a finding. */
int verify_problem(struct verify *v, const char *where, const char *todo,
		   const struct vault_problem *p, struct err *e);

#endif
