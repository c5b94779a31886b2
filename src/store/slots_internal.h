/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slots_internal.h - for slots*.c only. */
#ifndef STORE_SLOTS_INTERNAL_H
#define STORE_SLOTS_INTERNAL_H

#include "store/slots.h"

/* slots_fetch(): read and decode; ${file} holds what ${ret} borrows. */
int slots_fetch(struct place *p, const uint8_t id[SLOT_ID],
		const uint8_t hub[32], struct buf *file, struct slot *ret,
		struct err *e);
/* slots_notes(): open and check the notes with the keys of ${ring}. */
int slots_notes(const struct slot *s, const struct keyring *ring,
		struct slot_notes *ret, struct err *e);
/* slots_write(): seal ${ring} and ${notes} (flags, time and label are the
 * caller's) into ${s} and put it. */
int slots_write(struct place *p, struct slot *s, const struct keyring *ring,
		const struct slots_by *by, struct slot_notes *notes,
		struct err *e);
/* slots_put_file(): put it, and read it back: what lies there must be that,
 * before anything is built on it. */
int slots_put_file(struct place *p, const uint8_t id[SLOT_ID],
		   const struct buf *file, struct err *e);

#endif
