/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * upkeep.h - git's housekeeping, as part of sync: over UPKEEP_LOOSE loose
 * objects or UPKEEP_PACKS packs, in the workspace or its hub, `git gc` packs
 * them.  Nothing younger than 14 days is pruned, and reflogs keep 90 days.
 */
#ifndef SYNC_UPKEEP_H
#define SYNC_UPKEEP_H

#include "store/vault.h"
#include "sync/workspace.h"

#define UPKEEP_LOOSE 5000
#define UPKEEP_PACKS 50

/* upkeep_needed(): does ${r} have that many?  Loose ones are estimated from one
 * of the 256 folders, as git does. */
int upkeep_needed(struct repo *r, int *ret, struct err *e);

/*
 * upkeep_vault(): gc of the hub's vault, of a place's (${v}, ${name}).  Once a day
 * for each: a computer that comes within a day of another leaves it out, and the
 * first run of a workspace only begins to count.  At most UPKEEP_VAULT_MS, twice as
 * long where the last one did not come to its end.  What fails is said in ws->rep
 * (upkeep_note); only HUB_ECANCEL, HUB_ENOMEM and what state.db says are
 * returned.
 */
#define UPKEEP_VAULT_MS 10000u
#define UPKEEP_VAULT_MAX_MS 600000u
int upkeep_vault(struct workspace *ws, struct hub *hub, struct err *e);
int upkeep_place(struct workspace *ws, struct hub *hub, const char *name,
		 struct vault *v, struct err *e);

/* upkeep_run(): pack the workspace and, if there is one, the hub, where needed.
 * git is absent, or gc fails: said in ws->rep (upkeep_note), tried again after
 * a day; the run is none the worse. */
int upkeep_run(struct workspace *ws, struct hub *hub, struct err *e);

/* upkeep_far(): of a hub that served a session; as it goes. */
void upkeep_far(struct hub *hub);

#endif
