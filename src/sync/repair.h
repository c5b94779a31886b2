/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair.h - mend what verify.h finds: a hub from its workspaces and places, a
 * place from the hub, an index from the packs.
 *
 * Nothing is deleted: what is damaged is put aside, in the folder "damaged" of
 * the vault, or vibehub/damaged of a repository.  A run may be killed anywhere;
 * the next one goes on.  Other computers may sync meanwhile.
 */
#ifndef SYNC_REPAIR_H
#define SYNC_REPAIR_H

#include "sync/verify.h"
#include "sync/workspace.h"

#define REPAIR_LOST_MAX 10000

struct repair_act {
	const char *where;		/* as in struct verify_finding */
	char *what;			/* owned: what was done */
};

/* A version of a file whose content nobody has. */
struct repair_lost {
	char *path;			/* owned, as git has it */
	char commit[OID_HEX + 1];	/* that brought this version */
	int64_t time;			/* of it */
};

struct repair {
	int dry_run;			/* in: look only */
	int accept_rollback;		/* in: go on from a vault that went back */
	struct verify found, left;	/* before, and after */
	struct repair_act *acts;	/* owned */
	size_t acts_n, acts_alloc;
	struct repair_lost *lost;	/* owned */
	size_t lost_n, lost_alloc;
	uint64_t lost_found;		/* also those over the maximum */
	uint64_t put_aside;		/* files */
	uint64_t objects;		/* stored again */
};
#define REPAIR_INIT { .dry_run = 0 }
void repair_release(struct repair *r);

/*
 * repair_hub(): the hub at ${path}.  ${ws}: a workspace of it that is open for
 * writing: its repository, its files and its places are where content comes
 * from; NULL: only what the hub itself still has.  Fails as verify_hub() does,
 * and if something could not be written; what could not be mended is in
 * r->left and r->lost.  HUB_EREMOTE too, before anything of the vault is changed,
 * if that shows an older or another history than this computer has seen there,
 * and nobody said that this is accepted.
 */
int repair_hub(struct repair *r, struct workspace *ws, const char *path,
	       struct err *e);
/* repair_workspace(): git objects of ${ws} itself, from its hub at ${path}. */
int repair_workspace(struct repair *r, struct workspace *ws, const char *path,
		     struct err *e);
/* repair_place(): the place ${name} of ${ws}, from the hub and the other places.
 * HUB_EABSENT: there is no such remote.  HUB_EREMOTE as above. */
int repair_place(struct repair *r, struct workspace *ws, const char *name,
		 struct err *e);

#endif
