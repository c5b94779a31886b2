/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-sync-verify.c - lines of git fsck, of reflogs and of acts. */
#include "sync/refmoves.h"
#include "sync/verify_internal.h"
#include "tap.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ZERO "0000000000000000000000000000000000000000"

static struct verify v;

static size_t lines(const char *text)
{
	verify_release(&v);
	verify_lines(&v, "hub", "/h.git/", text, strlen(text));
	return v.n;
}

static int is(size_t i, const char *object, const char *what)
{
	return i < v.n && !strcmp(v.v[i].object, object) &&
		strstr(v.v[i].what, what);
}

static void fsck(void)
{
	ok(!lines("") && !lines("\n\n") &&
	   !lines("notice: HEAD points to an unborn branch (main)\n") &&
	   !lines("dangling blob " A "\n"), "nothing wrong");
	ok(lines("missing blob " A "\n") == 1 && is(0, A, "missing blob") &&
	   strstr(v.v[0].todo, "hub repair"), "a missing object");
	ok(lines("broken link from    tree " A "\n              to    blob " B
		 "\nmissing blob " B "\n") == 1 &&
	   is(0, B, "broken link from tree " A " to blob " B),
	   "one finding an object, of the one that is missing");
	ok(lines("error: object corrupt or missing: /h.git/objects/aa/"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n") == 1 &&
	   is(0, A, "git fsck: object corrupt"), "named by its file");
	ok(lines("error: packed " A " from objects/pack/pack-" B
		 ".pack is corrupt") == 1 && is(0, A, "is corrupt"),
	   "a pack is no object; a last line without newline");
	ok(lines("error in tree " A ": zeroPaddedFilemode: x\n") == 1 &&
	   is(0, A, "zeroPadded") && strstr(v.v[0].todo, "faulty program"),
	   "against git's rules, but no loss");
	ok(lines("fatal: bad config\033[2J\n") == 1 &&
	   is(0, "/h.git/", "git fsck: bad config\\033"), "no object");
	ok(lines(A "a\n") == 1 && is(0, "/h.git/", A), "41 digits are no id");
	ok(lines("  to blob " A "\n") == 1, "a continuation of nothing");
}

static void many(void)
{
	int i;

	verify_release(&v);
	for (i = 0; i < VERIFY_FINDINGS_MAX + 5; i++)
		verify_add(&v, "hub", "x", "y", "%d", i);
	ok(v.n == VERIFY_FINDINGS_MAX && v.found == VERIFY_FINDINGS_MAX + 5,
	   "counted, but not all kept");
	verify_release(&v);
}

static void moves(void)
{
	struct refmove m;

	ok(refmoves_parse_log(A " " B " x <y> 1 +0000\tz", 98, &m) &&
	   m.now.h[19] == 0xbb, "a line of a log");
	ok(!refmoves_parse_log(A " " B, 81, &m) &&
	   !refmoves_parse_log("x", 1, &m), "torn ones are none");
}

int main(void)
{
	fsck();
	many();
	moves();
	return done();
}
