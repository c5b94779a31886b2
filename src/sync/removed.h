/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removed.h - was a computer removed from a hub (`hub key revoke`)?  For what git
 * and the folder of a hub have of it: its presence file, what it accepted.  Of
 * such a computer nothing counts, whatever its date: dates are its own word.
 * (States of a vault are store/vault_gone.c's.)
 */
#ifndef SYNC_REMOVED_H
#define SYNC_REMOVED_H

#include "fmt/cert.h"
#include "sync/hub.h"

/*
 * removed_is(): 1: there is a removal of ${device} (a UUID) that counts, in the
 * hub or in the memory of this workspace (hub->memory).  0 also if nobody here
 * can open the hub's keys.  Cheap where nobody was removed: the set is read once
 * for an open hub, at first need, and remembered.
 */
int removed_is(struct hub *h, const char *device);
/* removed_chain(): the same of any device that ${c} leads through. */
int removed_chain(struct hub *h, const struct cert_chain *c);

struct removed;
void removed_free(struct removed *r);		/* NULL is fine; hub_close() does */

#endif
