/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault_repair_internal.h - shared by vault_repair.c and vault_salvage.c. */
#ifndef STORE_VAULT_REPAIR_INTERNAL_H
#define STORE_VAULT_REPAIR_INTERNAL_H

#include "store/file.h"
#include "store/vault_internal.h"

/* An object that the index has in a damaged pack. */
struct vault_salvage { uint8_t pack[32]; struct pack_entry at; };

struct vault_mend {
	struct vault *v;
	const struct vault_repair *how;
	struct vault_repaired *r;
	struct vault_report rep;
	struct map bad;		/* named packs that are damaged or missing */
	struct map asked;	/* packs that were looked at */
	struct map stray;	/* damaged, and named by no state */
	uint64_t *states;	/* damaged ones below v->seq */
	size_t states_n, states_alloc;
	int data;		/* some of ->bad hold data */
	int index;		/* the index has to be made anew */
	struct vault_salvage *todo;
	size_t todo_n, todo_alloc;
	struct vault_put *pt;
	uint8_t *bytes;		/* PLACE_PACK_MAX */
};

/* vault_salvage_list(): ->todo: what the index and the directories of ->bad
 * say that was in them. */
int vault_salvage_list(struct vault_mend *m, struct err *e);
/* vault_salvage_store(): read ->todo, and store it by ->pt (NULL: only count). */
int vault_salvage_store(struct vault_mend *m, struct err *e);

#endif
