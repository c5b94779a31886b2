/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-repo-attr.c - the merge attribute; t3129 compares with git. */
#include "repo/attr.h"
#include "tap.h"

static const struct {
	const char *root, *deep, *path;
	enum attr_merge want;
} cases[] = {
	{ "", "", "d/a", ATTR_MERGE_LINES },
	{ "a -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "  a\t-merge\r\n", "", "d/a", ATTR_MERGE_NEVER },
	{ "#a -merge", "", "d/#a", ATTR_MERGE_LINES },
	{ "!a -merge", "", "d/!a", ATTR_MERGE_LINES },
	{ "d/ -merge", "", "d/a", ATTR_MERGE_LINES },
	{ "d/* -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "/a -merge", "", "d/a", ATTR_MERGE_LINES },
	{ "", "/a -merge", "d/a", ATTR_MERGE_NEVER },
	{ "**/a -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "\"a b\" -merge", "", "d/a b", ATTR_MERGE_NEVER },
	{ "\"\\141\" -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "\"a -merge", "", "d/a", ATTR_MERGE_LINES },
	{ "\xef\xbb\xbf" "a -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "a merge=binary", "", "d/a", ATTR_MERGE_NEVER },
	{ "a merge=text", "", "d/a", ATTR_MERGE_LINES },
	{ "a merge=mine", "", "d/a", ATTR_MERGE_LINES },
	{ "a merge=union", "", "d/a", ATTR_MERGE_UNION },
	{ "a -merge merge=union", "", "d/a", ATTR_MERGE_UNION },
	{ "a merge=union binary", "", "d/a", ATTR_MERGE_NEVER },
	{ "a binary merge=union", "", "d/a", ATTR_MERGE_UNION },
	{ "a -merge\n* text", "", "d/a", ATTR_MERGE_NEVER },
	{ "a -merge\n* merge", "", "d/a", ATTR_MERGE_LINES },
	{ "a -merge", "a !merge", "d/a", ATTR_MERGE_LINES },
	{ "a binary", "a -binary", "d/a", ATTR_MERGE_LINES },
	{ "a -merge =x", "", "d/a", ATTR_MERGE_LINES },
	{ "[attr]m merge=union\na m", "", "d/a", ATTR_MERGE_UNION },
	{ "a m\n[attr]m n\n[attr]n -merge", "", "d/a", ATTR_MERGE_NEVER },
	{ "[attr]m m -merge\na m", "", "d/a", ATTR_MERGE_NEVER },
	{ "[attr]binary -text\na binary", "", "d/a", ATTR_MERGE_LINES },
	{ "", "[attr]m -merge\na m", "d/a", ATTR_MERGE_LINES },
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct attr_file f[2] = {
			{ { (const uint8_t *)cases[i].root,
			    strlen(cases[i].root) }, 0 },
			{ { (const uint8_t *)cases[i].deep,
			    strlen(cases[i].deep) }, 2 },
		};

		ok(attr_merge(f, 2, cases[i].path, strlen(cases[i].path)) ==
		   cases[i].want, "case %zu, %s", i,
		   cases[i].path);
	}
	return done();
}
