/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track.c - the content policy of a tree, compiled; decides about paths.
 *
 * The patterns are one .gitignore file (fmt/policy made it so): "1, 0, none" of
 * its matcher are "large, small, none" here.  A path that no pattern matches
 * takes the answer of the nearest folder above it that one does.
 */
#include "sync/track.h"

#include <stdlib.h>

#include "base/banned.h"
#include "repo/ignore.h"

struct track {
	struct policy policy;
	struct ignore *rules;
};

int track_parse(const void *p, size_t n, struct track **ret, struct err *e)
{
	struct track *t = calloc(1, sizeof(*t));
	int rc, bad = 0;

	if (!t)
		return err_nomem(e);
	policy_init(&t->policy);
	if (p)
		bad = policy_decode(&t->policy, p, n, e);
	rc = bad == HUB_ENOMEM ? bad :
	     ignore_parse(t->policy.rules.p, t->policy.rules.n, "", 0, &t->rules,
			  e);
	if (rc < 0) {
		track_free(t);
		return rc;
	}
	*ret = t;
	return bad;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	policy_release(&t->policy);
	ignore_free(t->rules);
	free(t);
}

const struct policy *track_policy(const struct track *t)
{
	return &t->policy;
}

enum policy_rule track_rule(const struct track *t, const char *path, size_t n)
{
	int is_dir = 0, hit;

	if (!ignore_count(t->rules))
		return POLICY_NO_RULE;
	while (n) {
		hit = ignore_match(t->rules, path, n, is_dir);
		if (hit >= 0)
			return hit ? POLICY_LARGE : POLICY_SMALL;
		while (n && path[n - 1] != '/')
			n--;
		n -= n > 0;
		is_dir = 1;
	}
	return POLICY_NO_RULE;
}

int track_large(const struct track *t, const char *path, size_t path_n,
		const void *head, size_t head_n, uint64_t size, int was_large)
{
	struct policy_file f = {
		.head = head, .head_n = head_n, .size = size,
		.rule = track_rule(t, path, path_n), .was_large = was_large,
		.plain = policy_is_plain(path, path_n),
	};

	return policy_large(&t->policy, &f);
}

int track_small_enough(const struct track *t, const char *path, size_t path_n,
		       uint64_t size)
{
	const struct policy *p = &t->policy;
	struct policy_file f = {
		.head = "", .rule = track_rule(t, path, path_n),
		.plain = policy_is_plain(path, path_n),
	};
	uint64_t over = policy_over(p, &f);

	/* Without content it is not known which of the two limits counts. */
	if (!f.plain && f.rule == POLICY_NO_RULE &&
	    p->binary_over < p->text_over)
		over = p->binary_over;
	return size <= over;
}
