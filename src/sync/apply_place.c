/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_place.c - a finished file gets its name, a file loses it.
 *
 * Invariant: what somebody writes, makes or renames into place in that very
 * instant is never replaced or removed unseen.  A look before a rename cannot
 * promise that; a look at what came out can: the new file and the old one change
 * places in one step, or the old one is taken away into tmp/, and what is not
 * what was seen goes back.  Where the file system cannot exchange (vfat, some
 * network disks) the look before has to do.
 *
 * A run that is killed between the two leaves in tmp/ what came out.  It may be
 * in no history, so what may come out lies under names that leftover.c knows;
 * half-written files of ours never do.
 */
#include "sync/apply_internal.h"

#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "sync/conflict.h"
#include "sync/leftover.h"

#define TRIES 8

/* A rename changes the ctime of a file. */
static int is_same(const struct os_stat *a, const struct os_stat *b)
{
	return a->type == b->type && a->size == b->size && a->ino == b->ino &&
		a->mtime_ns == b->mtime_ns;
}

void apply_place_tmp_name(char ret[17])
{
	uint8_t r[8];

	os_random(r, sizeof(r));
	hex_encode(ret, r, sizeof(r));
}

/* keep_beside(): two versions came while there was room for one. */
static int keep_beside(struct apply *a, const char *tmp, struct os_dir *d,
		       const char *name)
{
	struct buf b = BUF_INIT;
	uint8_t any[32];
	int rc = HUB_ECONFLICT, i;

	for (i = 0; rc == HUB_ECONFLICT && i < TRIES; i++) {
		os_random(any, sizeof(any));
		buf_reset(&b);
		rc = conflict_name_of(name, strlen(name), a->ws->dev.name,
				      os_now(), any, 0, &b);
		if (!rc)
			rc = os_dir_rename_new_to(a->tmp, tmp, d, b.p, a->e);
	}
	buf_release(&b);
	return rc;
}

/* give_back(): tmp/${tmp} had the name, and is not ours to take. */
static int give_back(struct apply *a, const char *tmp, struct os_dir *d,
		     const char *name)
{
	int rc = os_dir_rename_new_to(a->tmp, tmp, d, name, a->e);

	return rc == HUB_ECONFLICT ? keep_beside(a, tmp, d, name) : rc;
}

/*
 * look_out(): after the exchange: is what came out what was seen?  Else it goes
 * back, and what took our file's place meanwhile stays: 1.
 */
static int look_out(struct apply *a, struct apply_op *op, struct os_dir *d,
		    const char *name, const struct os_stat *ours)
{
	struct os_stat first, out;
	int rc, i;

	for (i = 0; i < TRIES; i++) {
		rc = os_dir_stat(a->tmp, op->tmp, &out, a->e);
		if (rc < 0) {
			os_dir_exchange(a->tmp, op->tmp, d, name, NULL);
			return rc;
		}
		if (is_same(&out, i ? ours : &op->saw)) {
			os_dir_unlink(a->tmp, op->tmp, NULL);
			return i != 0;
		}
		if (!i)
			first = out;
		else if (is_same(&out, &first))
			break;
		rc = os_dir_exchange(a->tmp, op->tmp, d, name, a->e);
		if (rc == HUB_EABSENT)
			break;
		if (rc < 0)
			return rc;
	}
	rc = give_back(a, op->tmp, d, name);
	return rc < 0 ? rc : 1;
}

/* rename_for_out(): the next thing of this name may be the user's. */
static int rename_for_out(struct apply *a, struct apply_op *op)
{
	char out[sizeof(op->tmp)];
	int rc;

	memcpy(out, op->tmp, sizeof(out));
	out[0] = LEFTOVER_FIRST;
	rc = os_dir_rename(a->tmp, op->tmp, out, a->e);
	if (!rc)
		op->tmp[0] = LEFTOVER_FIRST;
	return rc;
}

static int place(struct apply *a, struct apply_op *op, struct os_dir *d,
		 const char *name, const struct os_stat *ours)
{
	int rc;

	if (!op->saw_any) {
		rc = os_dir_rename_new_to(a->tmp, op->tmp, d, name, a->e);
		return rc == HUB_ECONFLICT ? 1 : rc;
	}
	rc = rename_for_out(a, op);
	if (rc < 0)
		return rc;
	rc = os_dir_exchange(a->tmp, op->tmp, d, name, a->e);
	if (!rc)
		return look_out(a, op, d, name, ours);
	if (rc == HUB_EABSENT)
		return 1;
	return rc == HUB_EUSAGE ?
		os_dir_rename_to(a->tmp, op->tmp, d, name, a->e) : rc;
}

int apply_place(struct apply *a, struct apply_op *op, struct os_dir *d,
		const char *name, struct os_stat *st)
{
	struct os_stat ours;
	int rc = os_dir_stat(a->tmp, op->tmp, &ours, a->e);

	if (!rc)
		rc = place(a, op, d, name, &ours);
	if (rc > 0) {
		err_clear(a->e);
		os_dir_unlink(a->tmp, op->tmp, NULL);
	}
	if (!rc)
		rc = apply_place_stat(a, d, name, &ours, st);
	return rc;
}

int apply_place_stat(struct apply *a, struct os_dir *d, const char *name,
		     const struct os_stat *ours, struct os_stat *st)
{
	int rc = os_dir_stat(d, name, st, a->e);

	if (rc == HUB_EABSENT) {	/* removed already: found by the next run */
		err_clear(a->e);
		rc = 0;
		memset(st, 0, sizeof(*st));
	} else if (!rc && !is_same(st, ours)) {
		memset(st, 0, sizeof(*st));
	}
	return rc;
}

int apply_place_remove(struct apply *a, struct os_dir *d, const char *name,
		       const struct os_stat *saw)
{
	struct os_stat out;
	char tmp[17];
	int rc, back;

	apply_place_tmp_name(tmp);
	tmp[0] = LEFTOVER_FIRST;
	rc = os_dir_rename_new_to(d, name, a->tmp, tmp, a->e);
	if (rc == HUB_EABSENT) {
		err_clear(a->e);
		return 0;
	}
	if (rc < 0)		/* a file system of its own, a folder to keep */
		return os_dir_unlink(d, name, a->e);
	rc = os_dir_stat(a->tmp, tmp, &out, a->e);
	if (!rc && is_same(&out, saw)) {
		os_dir_unlink(a->tmp, tmp, NULL);
		return 0;
	}
	back = give_back(a, tmp, d, name);
	return rc < 0 ? rc : back < 0 ? back : 1;
}
