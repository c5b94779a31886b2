/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refmoves.h - does a record say why a ref of the hub is not where a computer
 * saw it?  Two are kept: git's reflog, which gc shortens and a deletion of the
 * ref removes, and vibehub/acts, where hooks note deletions and moves that are
 * no fast-forward.
 */
#ifndef SYNC_REFMOVES_H
#define SYNC_REFMOVES_H

#include "sync/hub.h"

/* refmoves_parse_log(): one line of a reflog, "<old> <new> ..."; pure.  1 if
 * ${line} is one.  (Of acts: fmt/refact.h.) */
struct refmove { struct oid old, now; };
int refmoves_parse_log(const char *line, size_t n, struct refmove *ret);

/*
 * refmoves_explain(): ${ref} was at ${was} and is at ${now} (NULL: gone), which
 * is no descendant.  Returns 1 if
 *   - the reflog says that it moved away from ${was}, and the log's end agrees
 *     with where the ref is; or
 *   - an act says that it was moved away from ${was}; or
 *   - an act not older than ${seen} (when ${was} was still there; a day for
 *     clocks that differ) moved it away from a descendant of ${was}, or ${was}
 *     is pruned.
 * 0 if nothing does, < 0 if that could not be found out.
 * Cost: a pass over both files.
 */
int refmoves_explain(struct hub *h, const char *ref, const struct oid *was,
		     const struct oid *now, int64_t seen, struct err *e);

#endif
