/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hook.h - what a hub checks and records when plain git pushes into it. */
#ifndef SYNC_HOOK_H
#define SYNC_HOOK_H

#include "base/err.h"

enum hook_kind {
	HOOK_PRE_RECEIVE,	/* may refuse */
	HOOK_POST_RECEIVE,	/* records what moved */
};

/*
 * hook_ref(): one line "<old> <new> <ref>" from git, in hub ${dir}.
 * pre-receive: HUB_EDENIED for refs/vibehub/ and for new commits whose trees
 * hold names that must never be checked out (path_component_ok()).
 * post-receive: a deletion or a move that is no fast-forward is appended to
 * vibehub/acts as "<old> <new> <seconds> <ref>", durably: `hub sync` and `hub
 * verify` take it for an act of a person, not for damage.
 */
int hook_ref(const char *dir, enum hook_kind kind, const char *line,
	     struct err *e);

#endif
