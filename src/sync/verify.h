/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify.h - is everything that a hub and a workspace name there and right?
 * Changes nothing.  What is wrong becomes a finding; a function fails only if
 * it could not look.
 */
#ifndef SYNC_VERIFY_H
#define SYNC_VERIFY_H

#include "base/buf.h"

#define VERIFY_FINDINGS_MAX 10000

struct verify_finding {
	const char *where;		/* "hub", "workspace" or "place" */
	char *object;			/* owned: id, ref, or file */
	char *what;			/* owned: what is wrong with it */
	char *todo;			/* owned: what to do */
};

struct verify {
	int read_data;			/* in: read every byte of the vault */
	struct verify_finding *v;	/* owned */
	size_t n, alloc;
	uint64_t found;			/* also those over the maximum */
	uint64_t git;			/* of these: by git fsck */
	uint64_t unread;		/* of these: what the disk did not give */
	/* what was looked at */
	uint64_t fscks, refs, computers, tips, records, large, packs;
	uint64_t released;	/* of large: let go, and not there */
};
#define VERIFY_INIT { .read_data = 0, .v = NULL }

/* verify_add(): a finding; control characters in the texts are shown. */
int verify_add(struct verify *v, const char *where, const char *object,
	       const char *todo, const char *fmt, ...) ERR_PRINTF(5, 6);
void verify_release(struct verify *v);

/*
 * verify_hub(): the hub at ${path}: objects (git fsck), HEAD and refs, the
 * format file, presence files and records of accepted changes with their
 * signatures, every tip that a computer saw: it is still in the history of that
 * ref, or a record says why not; the vault: slots, states, index, packs (with
 * read_data every byte of them); and the content of the large files in all tips.
 * ${known_id} as in hub_open(), whose failures are returned (but HUB_ECORRUPT, a
 * finding).  HUB_EIO if git is not installed.
 */
int verify_hub(const char *path, const uint8_t *known_id, struct verify *v,
	       struct err *e);

/*
 * verify_workspace(): the workspace that contains ${dir}: its repository,
 * HEAD and refs, configuration and memory (state.db), and the outbox.  *hub becomes the hub's
 * address and ${id} its id, as far as they are known (*hub is empty if not).
 * HUB_EABSENT if ${dir} is in none.
 */
int verify_workspace(const char *dir, struct buf *hub, uint8_t id[32],
		     struct verify *v, struct err *e);

#endif
