/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots_list.c - all the slots of a vault: list them, give them a new epoch.
 */
#include "store/slots.h"

#include <stdlib.h>
#include <string.h>

#include "store/slots_internal.h"

#define SLOTS_MAX 65536		/* names taken from one place */

struct ids { uint8_t (*at)[SLOT_ID]; size_t n, alloc; };

static int take(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct ids *v = arg;

	if (v->n == SLOTS_MAX)
		return err_set(e, HUB_ELIMIT, "more than %d key slots",
			       SLOTS_MAX);
	if (v->n == v->alloc) {
		size_t alloc = v->alloc ? 2 * v->alloc : 16;
		void *p = realloc(v->at, alloc * sizeof(*v->at));

		if (!p)
			return err_nomem(e);
		v->at = p;
		v->alloc = alloc;
	}
	memcpy(v->at[v->n++], id, SLOT_ID);
	return 0;
}

static int order(const void *a, const void *b)
{
	return memcmp(a, b, SLOT_ID);
}

/* Slots are put while we go through them: the names first. */
static int all_ids(struct place *p, struct ids *v, struct err *e)
{
	int rc = p->ops->slot_each(p, take, v, e);

	if (!rc && v->n)
		qsort(v->at, v->n, SLOT_ID, order);
	return rc;
}

int slots_each(struct place *p, const struct keyring *ring,
	       int (*fn)(void *arg, const struct slots_info *s, struct err *e),
	       void *arg, struct err *e)
{
	struct ids v = { NULL, 0, 0 };
	size_t i;
	int rc = all_ids(p, &v, e);

	for (i = 0; !rc && i < v.n; i++) {
		struct slots_info info;
		struct buf file = BUF_INIT;
		struct slot s;

		memset(&info, 0, sizeof(info));
		memcpy(info.id, v.at[i], SLOT_ID);
		info.rc = slots_fetch(p, v.at[i], ring->hub, &file, &s,
				      &info.why);
		if (removal_is(file.p, file.n))
			info.rc = HUB_EABSENT;
		if (!info.rc) {
			info.type = s.type;
			info.epoch = s.epoch;
			info.rc = slots_notes(&s, ring, &info.notes,
					      &info.why);
		}
		if (info.rc != HUB_EABSENT)	/* removed meanwhile */
			rc = fn(arg, &info, e);
		buf_release(&file);
	}
	free(v.at);
	return rc;
}

/* ---- a new epoch ---- */

/* May a slot that ${chain} signed have the newest key?  One who was removed can
 * still sign for epochs that he knows: only what he had signed when he was
 * removed counts, and that is renewed at once. */
static int may_renew(const struct slots_gone *gone, const struct slot *s,
		     const struct cert_chain *chain,
		     const struct keyring *ring)
{
	const struct slots_gone_one *by = slots_gone_chain(gone, chain);

	return !by || (s->epoch == by->epoch && ring->epochs_n > 1 &&
		       ring->epochs[ring->epochs_n - 2].number == by->epoch);
}

/* Seal ${ring} to the slot ${id}, if it counts and is of ${epoch} (0: of any
 * but, with ${gone}, the newest).  1 if not. */
static int renew(struct place *p, const uint8_t id[SLOT_ID],
		 const struct keyring *ring, const struct slots_by *by,
		 uint32_t epoch, uint8_t flags, const struct slots_gone *gone,
		 struct err *e)
{
	struct buf file = BUF_INIT;
	struct slot_notes notes;
	struct slot s;
	int rc = slots_fetch(p, id, ring->hub, &file, &s, e);

	if (!rc && epoch && s.epoch != epoch)
		rc = 1;
	if (!rc && gone && s.epoch == keyring_epoch(ring))
		rc = 1;
	if (!rc)
		rc = slots_notes(&s, ring, &notes, e);
	if (!rc && gone && !may_renew(gone, &s, &notes.chain, ring))
		rc = 1;
	if (!rc) {
		notes.flags = flags;
		rc = slots_write(p, &s, ring, by, &notes, e);
	}
	buf_release(&file);
	return rc;
}

/* All but ${own} that are not of the newest epoch. */
static int renew_others(struct place *p, const struct keyring *ring,
			const struct slots_by *by, const uint8_t own[SLOT_ID],
			struct err *e)
{
	struct ids v = { NULL, 0, 0 };
	struct slots_gone gone = SLOTS_GONE_INIT;
	struct err why = ERR_INIT;
	size_t i;
	int rc = all_ids(p, &v, e), one, worst = 0;

	if (!rc)
		rc = slots_gone_load(&gone, p, ring, e);
	for (i = 0; !rc && i < v.n; i++) {
		if (!memcmp(v.at[i], own, SLOT_ID) ||
		    slots_gone_find(&gone, v.at[i]))
			continue;
		err_clear(&why);
		one = renew(p, v.at[i], ring, by, 0, 0, &gone, &why);
		/* One that does not count, or went away, gets nothing. */
		if (one < 0 && one != HUB_EABSENT && !err_is_damage(one) &&
		    !worst)
			worst = err_set(e, one, "%s", why.msg);
	}
	free(v.at);
	slots_gone_release(&gone);
	return rc ? rc : worst;
}

int slots_rotate_finish(struct place *p, const struct keyring *ring,
			const struct slots_by *by, const uint8_t own[SLOT_ID],
			struct err *e)
{
	int rc = renew_others(p, ring, by, own, e);

	if (!rc)
		rc = renew(p, own, ring, by, 0, 0, NULL, e);
	return rc;
}

int slots_rotate(struct place *p, const struct keyring *ring,
		 const struct slots_by *by, const uint8_t own[SLOT_ID],
		 uint64_t now, struct keyring **ret, struct err *e)
{
	struct keyring *next = keyring_rotate(ring, now);
	int rc;

	if (!next)
		return err_set(e, HUB_ELIMIT, "no memory for one more key, or "
			       "there are %d already", KEYRING_EPOCHS_MAX);
	rc = renew(p, own, next, by, keyring_epoch(ring), SLOT_ROTATING,
		   NULL, e);
	if (rc > 0)
		rc = err_set(e, HUB_ECONFLICT, "the keys were changed by "
			     "another computer at this moment: run it again");
	if (rc < 0) {
		keyring_free(next);
		return rc;
	}
	*ret = next;
	return slots_rotate_finish(p, next, by, own, e);
}
