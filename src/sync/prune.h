/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prune.h - let go of the content of old versions of large files (hub prune), or
 * of all that was at a path (hub forget).  git's history stays as it is, small
 * files with it.  Nothing is deleted here: what is let go is recorded
 * (released.h), and gc removes it in its time.
 *
 * Never let go is what the tree of a branch, a tag or another ref of the hub
 * names, or that of a commit which a computer last saw less than
 * PRUNE_HORIZON_MAX ago; and, by hub prune, what a commit names that is younger
 * than the horizon: when the computer was last here that was here longest ago,
 * at most PRUNE_HORIZON_MAX.  A computer that never synced counts as that.
 */
#ifndef SYNC_PRUNE_H
#define SYNC_PRUNE_H

#include "base/buf.h"

#define PRUNE_HORIZON_MAX (90 * 86400)

/* Which versions are kept: of the commits on the first-parent lines of all
 * branches the newest ${last}; the newest of each of the last days, weeks,
 * months, years that have any; and all commits of the last ${within} seconds. */
struct prune_keep {
	uint64_t last, daily, weekly, monthly, yearly, within;
};

struct prune_plan {
	const struct prune_keep *keep;	/* of prune; NULL: forget */
	const char *const *paths;	/* of forget, from the root */
	size_t paths_n;
	int keep_current;	/* forget: leave out what must stay, else it is
				   HUB_EGUARD */
	int dry_run;
};

struct prune_report {
	uint64_t versions, versions_kept;	/* commits (prune) */
	uint64_t contents, bytes;	/* let go now: sizes of the files */
	uint64_t before;		/* let go by earlier runs */
	uint64_t held, held_bytes;	/* would go, but a guard keeps them */
	uint64_t small;			/* forget: in git's history, they stay */
	int64_t horizon;
};

/* prune_run(): on the hub at ${path}; ${known_id} as in hub_open().  HUB_EGUARD:
 * see keep_current; HUB_EABSENT: nothing was ever at one of the paths;
 * HUB_EBUSY: others change the record all the time. */
int prune_run(const char *path, const uint8_t *known_id,
	      const struct prune_plan *plan, struct prune_report *ret,
	      struct err *e);

/* prune_duration(): "3d", "12h", "2w", "6m" (30 days), "1y" and sums of these,
 * largest first or not; seconds.  0 or HUB_EUSAGE. */
int prune_duration(const char *s, uint64_t *ret);

#endif
