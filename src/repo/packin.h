/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packin.h - a stream of git packs (packout.h) into a repository.
 *
 * Nothing of it is visible in the repository before packin_keep(): a pack of few
 * objects waits in memory, a larger one in the folder objects/tmp_objdir-hub-*,
 * which sink_sweep() removes if we are killed.  Every object is named by its
 * content.
 *
 *	packin_open  packin_add ...  packin_end  packin_check  packin_keep
 */
#ifndef REPO_PACKIN_H
#define REPO_PACKIN_H

#include "repo/repo.h"

#define PACKIN_DIR "tmp_objdir-hub-"

struct packin;
struct packin_stats { uint64_t objects, bytes, packs; };

int packin_open(struct repo *to, struct packin **ret, struct err *e);
/* packin_add(): the next bytes, however they are cut.  HUB_ECORRUPT for what is
 * no such stream; HUB_ELIMIT. */
int packin_add(struct packin *p, const void *bytes, size_t n, struct err *e);
/* packin_end(): the stream is complete. */
int packin_end(struct packin *p, struct err *e);

/*
 * packin_check(): is everything that ${tips} reach, but ${have} (refs of the
 * repository) do not, here or in the repository, and well formed?  HUB_ECORRUPT
 * names what is missing or malformed; with ${strict} HUB_EDENIED for names in
 * trees that path_component_ok() refuses.
 */
int packin_check(struct packin *p, const struct oid *tips, size_t tips_n,
		 const struct oid *have, size_t have_n, int strict,
		 struct err *e);
/* packin_repo(): after packin_check(): a view of the repository with what came;
 * borrowed. */
struct repo *packin_repo(struct packin *p);
/* packin_keep(): into the repository, durable; children before what names them,
 * where they come as loose files.  ${st} may be NULL. */
int packin_keep(struct packin *p, struct packin_stats *st, struct err *e);
void packin_close(struct packin *p);	/* NULL is fine */

#endif
