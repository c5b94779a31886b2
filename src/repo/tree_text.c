/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_text.c - merge the lines of three texts, by libgit2's port of git's
 * xdiff.  In memory, and only where the cost is bounded: xdiff keeps 150 bytes
 * for each line of each text beside the texts themselves, and takes up to 2 s
 * where all lines are of a few kinds (measured at the limits).
 */
#include <git2.h>
#include <string.h>
#include "repo/tree_merge.h"
#include "base/banned.h"

#define TEXT_SNIFF 8000		/* where git looks for a NUL */
#define POINTER "vibehub-pointer "	/* it stands for a file, it is no text */

enum tree_text tree_text_kind(const void *p, size_t n)
{
	const char *at = p, *end = at + n;
	size_t lines = 0;

	if (memchr(p, 0, n < TEXT_SNIFF ? n : TEXT_SNIFF))
		return TREE_BINARY;
	if (n >= sizeof(POINTER) - 1 && !memcmp(p, POINTER, sizeof(POINTER) - 1))
		return TREE_BINARY;
	if (n > MERGE_TEXT_MAX)
		return TREE_LARGE;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		if (++lines > MERGE_LINES_MAX)
			return TREE_LARGE;
		at++;
	}
	return TREE_TEXT;
}

int tree_text_merge(const struct buf v[SIDES], int both, struct buf *ret,
		    struct err *e)
{
	git_merge_file_options opts;
	git_merge_file_input in[SIDES];
	git_merge_file_result res;
	int i, rc = 0;

	for (i = 0; i < SIDES; i++) {
		if (tree_text_kind(v[i].p, v[i].n) != TREE_TEXT)
			return 0;
		git_merge_file_input_init(&in[i],
					  GIT_MERGE_FILE_INPUT_VERSION);
		in[i].ptr = v[i].p;
		in[i].size = v[i].n;
	}
	memset(&res, 0, sizeof(res));
	git_merge_file_options_init(&opts, GIT_MERGE_FILE_OPTIONS_VERSION);
	if (both)
		opts.favor = GIT_MERGE_FILE_FAVOR_UNION;
	if (git_merge_file(&res, &in[BASE], &in[OURS], &in[THEIRS], &opts) < 0)
		return err_nomem(e);
	if (res.automergeable) {
		buf_reset(ret);
		buf_add(ret, res.ptr, res.len);
		rc = buf_error(ret) ? err_nomem(e) : 1;
	}
	git_merge_file_result_free(&res);
	return rc;
}
