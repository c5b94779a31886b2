/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref.h - refs.  They are moved by git's own protocol (<ref>.lock created
 * exclusively, renamed onto <ref>), so that git may work beside us, in a hub
 * that several computers reach by path as in a workspace; and so that
 *   - the lock appears complete (temp file, then hard link), which makes a lock
 *     left by a killed run recognisable as ours: it holds the id that only we
 *     would write;
 *   - file and folder are fsynced (git does not sync folders);
 *   - the ref is read back before it is acknowledged.
 */
#ifndef REPO_REF_H
#define REPO_REF_H

#include "repo/repo.h"

/* ref_get(): HUB_EABSENT; HUB_ECORRUPT if the file is no ref, or packed-refs is
 * damaged.  Follows no symbolic refs but HEAD. */
int ref_get(struct repo *r, const char *name, struct oid *ret, struct err *e);

/* ref_each(): all refs below ${prefix} ("refs/" for all), sorted by name,
 * symbolic ones resolved, broken ones reported as HUB_ECORRUPT. */
int ref_each(struct repo *r, const char *prefix,
	     int (*fn)(void *arg, const char *name, const struct oid *id),
	     void *arg, struct err *e);

/* ref_set_local(): workspace: move ${name} from ${old} (zero: must not exist)
 * to ${new} with a reflog line (HEAD's too); HUB_ECONFLICT if it is elsewhere
 * or a ref is in the way ("a" and "a/b"), HUB_EBUSY if git holds its lock.
 * new zero: delete.  A lock that a killed run of ours left is removed first. */
int ref_set_local(struct repo *r, const char *name, const struct oid *old,
		  const struct oid *new, const char *why, struct err *e);

/* ref_set_hub(): the same in a hub; ${who} is for the reflog, which a bare
 * repository has if core.logAllRefUpdates says so.  HUB_ECONFLICT; HUB_EBUSY
 * while another holds the lock (the caller waits with jitter); HUB_EIO if the
 * read-back is neither ${new} nor a descendant of it. */
int ref_set_hub(struct repo *hub, const char *name, const struct oid *old,
		const struct oid *new, const char *who, const char *why,
		struct err *e);

/* ref_unlock_own(): recovery: if <name>.lock in the hub holds exactly ${id}
 * (the tip that our interrupted run was about to write), remove it. */
int ref_unlock_own(struct repo *hub, const char *name, const struct oid *id,
		   struct err *e);

/*
 * ref_unlock_stale(): the other case: a lock that somebody else left.
 * ${memo} is an opaque note of at most 256 bytes that the caller keeps between
 * runs (inode, mtime, when first seen by our own clock ${now}); when the same
 * lock is still there 10 minutes later it is removed.  Sets *ret_removed.
 * ${name} may also be "packed-refs", whose lock deletions take.
 */
int ref_unlock_stale(struct repo *hub, const char *name, int64_t now,
		     struct buf *memo, int *ret_removed, struct err *e);

/* ref_name_ok(): a full name, "refs/...", by git's rules (git check-ref-format),
 * and no component with a leading '-'. */
int ref_name_ok(const char *name);

#endif
