/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - bring this computer's commits onto what the hub has, in memory:
 * no file, no index, no ref is touched; new objects go to a sink.
 */
#ifndef SYNC_REPLAY_H
#define SYNC_REPLAY_H

#include "base/map.h"
#include "repo/tree.h"
#include "sync/workspace.h"

#define REPLAY_FOLD_OVER 16	/* more unsent automatic commits are folded */

/*
 * replay_run(): ${local} and ${hub} are tips (not zero).  Result in ${ret}:
 *   - one contains the other: the later one;
 *   - local commits that no hub can have seen, no merges: rebased, runs of more
 *     than REPLAY_FOLD_OVER automatic ones folded; commits that bring nothing
 *     new vanish;
 *   - else a merge commit, first parent the hub's tip.  So it is if commits that
 *     the hub has were rewritten here (amended.h): the merge's ancestor is then
 *     what they were made from.
 * ${fork} (may be NULL): the hub's branch stood there and was rewritten by a
 * recorded act (a forced push): what lies before it is not brought back.
 * Conflicts keep both versions (conflict.h) and are added to ws->rep.
 * The result and all it needs are durable in the workspace's repository.
 */
int replay_run(struct workspace *ws, const struct oid *local,
	       const struct oid *hub, const struct oid *fork,
	       struct oid *ret, struct err *e);

/* A merge of trees with hub's conflict rules; ${time} is the author time for
 * names of kept versions.  Trailers "Hub-Conflict: <path> -> <copy>" are
 * appended to ${trailers} (may be NULL). */
struct replay_merge {
	struct workspace *ws;
	struct sink *sink;
	int64_t time;
	int64_t hub_time;	/* of the hub's side, for a file of its that
				   loses its path to a folder */
	/* who touched the losing version last; NULL: ${time} */
	int64_t (*version_time)(void *arg, const char *path, size_t n);
	void *arg;
	struct buf *trailers;
	struct replay_moved *moved;	/* may be NULL */
	struct err *e;
};

/* Copies made earlier in the same replay: when a later commit loses the same
 * path again, the older version's copy is taken back (it stays in history). */
struct replay_copy { char *copy; size_t n; struct oid id; };
struct replay_moved {
	struct map by_path;		/* path -> struct replay_copy */
	struct replay_copy *stale[64];	/* to be removed from the next tree */
	size_t stale_n;
};
void replay_moved_release(struct replay_moved *m);

int replay_merge_trees(struct replay_merge *m, const struct oid *base,
		       const struct oid *ours, const struct oid *theirs,
		       struct oid *ret);

/* replay_commit(): put a commit by this user into ${sink}. */
int replay_commit(struct workspace *ws, struct sink *sink,
		  const struct oid *tree, const struct oid *parents,
		  size_t parents_n, const char *message, struct oid *ret,
		  struct err *e);

#endif
