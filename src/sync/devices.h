/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.h - the computers of a hub (`hub device`): who has been here, by its
 * presence file, and who has keys, by its slot.  Either may be without the other:
 * a computer that never needed a key, a slot whose computer never came.
 */
#ifndef SYNC_DEVICES_H
#define SYNC_DEVICES_H

#include "sync/hub.h"
#include "sync/keys.h"

enum devices_key {
	DEVICES_KEY_UNKNOWN,	/* the hub's keys could not be looked at */
	DEVICES_KEY_NONE, DEVICES_KEY_HAS, DEVICES_KEY_REMOVED,
};

struct devices_one {
	char id[PRESENCE_UUID + 1];
	char name[SLOT_LABEL_MAX + 1];	/* "" if nobody knows */
	int present;			/* has a presence file that counts: */
	int64_t seen;
	enum presence_state state;
	char *damaged;			/* owned: why it has one that doesn't */
	enum devices_key key;
	int64_t since;			/* when it got its slot, or lost it */
};

struct devices { struct devices_one *v; size_t n, alloc; };
#define DEVICES_INIT { NULL, 0, 0 }

/* devices_list(): all of them, by name; ${k} NULL: no word about keys.  *ret is
 * empty and to be released, also after a failure. */
int devices_list(struct hub *h, struct keys *k, struct devices *ret,
		 struct err *e);
void devices_release(struct devices *d);

/* devices_find(): the one called ${what}, or whose id begins so (4 or more
 * characters).  Borrowed.  HUB_EABSENT; HUB_EUSAGE if that means several. */
int devices_find(const struct devices *d, const char *what,
		 const struct devices_one **ret, struct err *e);

/* devices_forget(): remove the presence file of a computer that does not come
 * back: no upkeep waits for it any more.  None is fine. */
int devices_forget(struct hub *h, const char *id, struct err *e);

/* devices_key_name(): "has", "none", "removed"; NULL: unknown. */
const char *devices_key_name(enum devices_key k);

#endif
