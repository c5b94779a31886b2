/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * served.h - a place on another computer, over a session with `hub serve`.
 *
 * Packs are put many at a time: the answers are taken when they come, and what
 * went wrong is what the next call, at the latest flush(), fails with.
 */
#ifndef REMOTE_SERVED_H
#define REMOTE_SERVED_H

#include "net/session.h"
#include "store/place.h"

/*
 * served_place(): the vault that ${s} speaks of.  ${s} is borrowed until
 * place_close(), and used for nothing else while answers to packs are awaited
 * (flush() ends that).  ${name}: for messages; copied.
 */
int served_place(struct session *s, const char *name, struct place **ret,
		 struct err *e);
/* served_overview(): ask at once for what a run begins with: format, newest state,
 * key slots; worth it where all of these are wanted.  Fails silently. */
void served_overview(struct place *p);
/* served_when_closed(): ${fn} is called at the end of place_close(). */
void served_when_closed(struct place *p, void (*fn)(void *arg), void *arg);

/* served_select(): which hub's vault; ${how}: PLACEWIRE_MAKE, PLACEWIRE_SINGLE.
 * HUB_EABSENT; HUB_EUSAGE: only for one writer at a time; HUB_ECONFLICT: the
 * folder is in use for other things. */
int served_select(struct session *s, const uint8_t hub[32], unsigned how,
		  struct err *e);
/* served_hubs(): the ids of the hubs that have a vault there. */
typedef int (*served_fn)(void *arg, const uint8_t hub[32], struct err *e);
int served_hubs(struct session *s, served_fn fn, void *arg, struct err *e);

#endif
