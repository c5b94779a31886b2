/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule.h - the content policy of this workspace: the tracked file
 * .vibehub/policy as it lies on the disk, which is what the next commit has.
 */
#ifndef SYNC_RULE_H
#define SYNC_RULE_H

#include "crypt/hash.h"
#include "sync/track.h"

struct rule {
	struct track *track;
	uint8_t id[HASH_SIZE];	/* of what decides: differs when it does */
	char bad[ERR_MSG_MAX];	/* why the file does not count, "" if it does */
};

/* rule_load(): of the workspace at ${root} (ends with '/').  Without the file,
 * or where it says nonsense (then ->bad says what), the defaults.  HUB_EIO etc.
 * if it could not be read: nobody knows then what is to be recorded how. */
int rule_load(struct rule *r, const char *root, struct err *e);
void rule_release(struct rule *r);

/* rule_large(): does a file's content go to the vault?  ${head}: its first
 * POLICY_HEAD bytes, or all. */
int rule_large(const struct rule *r, const char *path, size_t n,
	       const void *head, size_t head_n, uint64_t size, int was_large);
/* rule_may_be_large(): is it worth to read the head of a file of that size? */
int rule_may_be_large(const struct rule *r, const char *path, size_t n,
		      uint64_t size);

#endif
