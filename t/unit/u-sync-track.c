/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-sync-track.c - which paths the content policy makes large. */
#include "base/banned.h"
#include "base/err.h"
#include "sync/track.h"
#include "tap.h"

static const char text[] =
	"large *.psd\n"
	"large media/\n"
	"small media/icons/\n"
	"small *.svg\n"
	"large /top.bin\n"
	"small a/**/b.bin\n";

static void rules(void)
{
	static const struct { const char *path; int rule; } t[] = {
		{ "x.psd", 1 }, { "a/b/x.psd", 1 }, { "x.psdx", -1 },
		{ "media/x", 1 }, { "media/a/b/x", 1 }, { "media", -1 },
		{ "a/media/x", 1 }, { "media/icons/x", 0 },
		{ "media/icons/x.psd", 1 }, { "media/x.svg", 0 },
		{ "top.bin", 1 }, { "a/top.bin", -1 }, { "a/b.bin", 0 },
		{ "a/c/d/b.bin", 0 }, { "b.bin", -1 }, { "mediax/y", -1 },
	};
	struct track *tr = NULL;
	struct err e = ERR_INIT;
	size_t i;
	int rc;

	rc = track_parse(text, sizeof(text) - 1, &tr, &e);
	ok(rc == 0, "a policy");
	for (i = 0; i < sizeof(t) / sizeof(*t); i++)
		ok((int)track_rule(tr, t[i].path, strlen(t[i].path)) == t[i].rule,
		   "%s: %s", t[i].path, t[i].rule < 0 ? "no rule" :
		   t[i].rule ? "large" : "small");
	track_free(tr);
}

static int large(const struct track *t, const char *path, uint64_t size,
		 const char *head, int was)
{
	return track_large(t, path, strlen(path), head, 3, size, was);
}

static void decide(void)
{
	const uint64_t M = 1 << 20;
	struct track *t = NULL;
	struct err e = ERR_INIT;

	track_parse(text, sizeof(text) - 1, &t, &e);
	ok(large(t, "x.psd", 1, "abc", 0), "one byte");
	ok(!large(t, "x.psd", 0, "abc", 1), "none");
	ok(!large(t, "x.svg", 90 * M, "a\0c", 0), "small to 100M");
	ok(large(t, "x", 2 * M, "a\0c", 0) && !large(t, "x", 2 * M, "abc", 0),
	   "by content");
	ok(large(t, "x", 9 * M, "abc", 1) && !large(t, "x", 9 * M, "abc", 0),
	   "by what it was");
	ok(!large(t, "media/.gitignore", 5, "abc", 0), "what git reads");
	ok(track_small_enough(t, "x", 1, M) && !track_small_enough(t, "x", 1, M + 1)
	   && track_small_enough(t, "x.svg", 5, 50 * M) &&
	   !track_small_enough(t, "x.psd", 5, 1), "by size alone");
	track_free(t);
	ok(track_parse(NULL, 0, &t, &e) == 0 && !large(t, "x.psd", 5, "abc", 0),
	   "no policy");
	track_free(t);
	ok(track_parse("lagre x\n", 8, &t, &e) == HUB_ECORRUPT && t &&
	   !large(t, "x", 5, "abc", 0) && large(t, "x", 2 * M, "a\0c", 0),
	   "a bad one: the defaults");
	track_free(t);
}

int main(void)
{
	rules();
	decide();
	return done();
}
