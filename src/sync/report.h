/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a run found and did, for people, status files and exit
 * codes.  Counts are exact; of the paths at most REPORT_PATHS_MAX a kind are
 * kept.
 */
#ifndef SYNC_REPORT_H
#define SYNC_REPORT_H

#include "base/buf.h"
#include "base/json.h"

#define REPORT_PATHS_MAX 1000

enum report_kind {
	REPORT_IGNORED,		/* by .gitignore, not synced */
	REPORT_NESTED,		/* a repository's .git inside the workspace */
	REPORT_BAD_NAME,	/* a name no tree may hold */
	REPORT_SPECIAL,		/* FIFO, socket, device */
	REPORT_UNREADABLE,	/* could not look (exit 19) */
	REPORT_LARGE,		/* over the content policy's limits: waits */
	REPORT_STAGED,		/* index differs from HEAD and disk: waits */
	REPORT_UNSTABLE,	/* changed while it was read: waits */
	REPORT_UNWRITTEN,	/* in the tree, could not be put on this disk */
	REPORT_LOST,		/* large, and its content is nowhere */
	REPORT_CONFLICT,	/* both versions kept, in this run */
	REPORT_PARKED,		/* held back by a guard */
	REPORT_CHANGED,		/* recorded in this run */
	REPORT_RECEIVED,	/* written or removed here in this run */
	REPORT_KINDS
};

struct report_item { char *path; size_t n; char *why; };

/* What a run did at a place. */
struct report_place {
	char name[33];
	uint64_t sent, got;	/* bytes of content */
	int rc;			/* 0: it has everything now */
	char *why;		/* of a failure, owned; or NULL */
};

struct report {
	uint64_t count[REPORT_KINDS];
	struct report_item *items[REPORT_KINDS];
	size_t items_n[REPORT_KINDS], items_alloc[REPORT_KINDS];
	int parked_new;		/* parked, and not so at the last run */
	char change_id[65];	/* of the parked mass change, "" if none */
	char parked_direction[12];	/* "outgoing" or "incoming" */
	int unwritten_new;	/* a path is UNWRITTEN that was not told yet */
	int state_renewed;	/* state.db was 1 lost, 2 damaged: made anew */
	int behind_lost;	/* and so was the list of what is behind */
	unsigned recovered_n;	/* files that a killed run had taken away */
	char recovered[32];	/* the first of them */
	int no_room;		/* content was left out for want of disk space */
	int damaged;		/* content that the vault should have is not there */
	int device_renewed;	/* a copied workspace was noticed */
	uint64_t objects_sent, bytes_sent, objects_got, bytes_got;
	char clock_note[160];	/* a commit dated years ahead, told once */
	char policy_note[ERR_MSG_MAX];	/* the content policy is no use: why */
	char upkeep_note[256];	/* git's housekeeping failed: why */
	char vault_note[ERR_MSG_MAX];	/* the hub's vault is gone */
	char outbox_note[ERR_MSG_MAX + 160];	/* what waited here was damaged */
	int unnamed;		/* content was not in the index: a gc takes back what
				   was dropped, see upkeep.h */
	int place_rc;		/* HUB_ECORRUPT or HUB_EREMOTE of a place */
	char place_note[ERR_MSG_MAX + 64];	/* a place that could not be brought up to date */
	unsigned places_done;	/* places that are up to date */
	struct report_place *places;	/* one for each that had its turn */
	size_t places_n;
	uint64_t folded;	/* unsent automatic commits folded into one */
};

/* report_add(): count one; ${why} may be NULL.  Out of memory drops the path,
 * never the count. */
void report_add(struct report *r, enum report_kind k, const char *path,
		size_t n, const char *why);
/* report_has(): is ${path} among the paths kept of kind ${k}? */
int report_has(const struct report *r, enum report_kind k, const char *path,
	       size_t n);
/* report_reset(): forget kind ${k}. */
void report_reset(struct report *r, enum report_kind k);
/* report_place(): one more place; out of memory drops it.  ${why} may be NULL. */
void report_place(struct report *r, const char *name, uint64_t sent,
		  uint64_t got, int rc, const char *why);
void report_release(struct report *r);
/* report_name(): "ignored", "pending_large", ...; stable, used in --json. */
const char *report_name(enum report_kind k);
/* report_json(): member "places" if any had its turn, "counts", and one list of
 * paths per kind that has any, into the open object. */
void report_json(struct json *j, const struct report *r);

#endif
