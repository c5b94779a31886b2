/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - the content policy, .vibehub/policy: which files git holds whole
 * and which are large, that is, a pointer to the vault (hubformat-policy(5)).
 * Text that people edit:
 *
 *	# a comment
 *	binary-over 1M		limits, 64K to 1G; at most once each
 *	text-over 16M
 *	large *.psd		gitignore(5) patterns; the last one that matches
 *	small manual.pdf	a path decides
 *
 * Whether a file is large is a pure function of its path, its content, this
 * file and what the path was before: the same on every computer, for ever.
 */
#ifndef FMT_POLICY_H
#define FMT_POLICY_H

#include "base/buf.h"

#define POLICY_PATH ".vibehub/policy"
#define POLICY_MAX (256u << 10)		/* bytes of the file */
#define POLICY_PATTERN_MAX 1024		/* bytes of a pattern */
#define POLICY_BINARY_OVER ((uint64_t)1 << 20)		/* the defaults */
#define POLICY_TEXT_OVER ((uint64_t)16 << 20)
#define POLICY_OVER_MIN ((uint64_t)64 << 10)
#define POLICY_OVER_MAX ((uint64_t)1 << 30)
#define POLICY_SMALL_MAX ((uint64_t)100 << 20)	/* "small" up to here */
#define POLICY_HEAD 8000	/* bytes that tell text from binary */

struct policy {
	uint64_t binary_over, text_over;
	/* The patterns as one .gitignore file: large ones as they are, small
	 * ones behind a "!". */
	struct buf rules;
};

/* Which rule matches a path, as ignore_match() says it of policy.rules. */
enum policy_rule { POLICY_NO_RULE = -1, POLICY_SMALL = 0, POLICY_LARGE = 1 };

/* policy_init(): the defaults; policy_release() frees. */
void policy_init(struct policy *p);
void policy_release(struct policy *p);
/*
 * policy_decode(): ${ret} is made by this call.  HUB_ECORRUPT for a line that is
 * none, with its number; HUB_ENOMEM.  ${ret} has the defaults then.
 */
int policy_decode(struct policy *ret, const void *p, size_t n, struct err *e);
/* policy_pattern_check(): may this be a pattern?  0 or HUB_EUSAGE, why. */
int policy_pattern_check(const char *pattern, size_t n, struct err *e);
/* policy_size_parse(): "64K", "3M", "1G", bytes without a letter; 0 or
 * HUB_EUSAGE (no size, out of range). */
int policy_size_parse(const char *s, size_t n, uint64_t *ret);
/* policy_size_add(): the same, written the shortest way. */
void policy_size_add(struct buf *out, uint64_t v);

/* What decides about one file. */
struct policy_file {
	const void *head;	/* its first bytes: POLICY_HEAD, or all */
	size_t head_n;
	uint64_t size;
	enum policy_rule rule;
	int was_large;		/* the path is a pointer in the tree before */
	int plain;		/* policy_is_plain() of its path */
};

/* policy_large(): 1: the vault, with a pointer in git; 0: a git blob. */
int policy_large(const struct policy *p, const struct policy_file *f);
/* policy_over(): the size up to which such a file is a blob, for messages. */
uint64_t policy_over(const struct policy *p, const struct policy_file *f);
/* policy_binary(): a NUL in the first POLICY_HEAD bytes. */
int policy_binary(const void *head, size_t n);
/* policy_is_plain(): is this a path that git itself reads out of the tree
 * (.gitignore, .gitattributes, .gitmodules, .mailmap) or that we do (below
 * .vibehub/)?  No pattern makes those large. */
int policy_is_plain(const char *path, size_t n);

#endif
