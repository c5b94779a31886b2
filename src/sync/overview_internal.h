/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview_internal.h - shared by the files of overview*.c. */
#ifndef SYNC_OVERVIEW_INTERNAL_H
#define SYNC_OVERVIEW_INTERNAL_H

#include "sync/overview.h"

/* overview_hub(): what the hub says.  *hub is open if it could be reached, else
 * NULL and o->hub_rc says why; < 0 only for our own trouble. */
int overview_hub(struct workspace *ws, struct overview *o, struct hub **hub,
		 struct err *e);

#endif
