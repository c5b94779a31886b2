/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Git segments: made, judged by git index-pack, and taken in again. */
#include "os/os.h"
#include "os/os_file.h"
#include "repo/gitseg.h"
#include "repo/ref.h"
#include "vec.h"
#include "lib-history.h"

/* Folders, a merge, an annotated tag, an empty file, one of over 65535 bytes. */
static struct repo *source(const char *name, int files)
{
	const char *d = path(name);
	static char big[200001];
	char f[1200];

	git(tap_dir(), "init", "-q", "-b", "main", name, NULL);
	for (int i = 0; i < files; i++) {
		snprintf(f, sizeof(f), "%s/d%d/e", d, i % 7);
		os_mkdirs(f, &e);
		snprintf(f, sizeof(f), "%s/d%d/e/f%d", d, i % 7, i);
		put_file(f, f);
	}
	git(d, "add", ".", NULL);
	git(d, "commit", "-q", "-m", "first", NULL);
	memset(big, 'x', sizeof(big) - 1);
	for (int i = 0; i < 4; i++) {
		snprintf(f, sizeof(f), "%s/d0/e/f0", d);
		big[i * 1000] = 'y';
		put_file(f, i == 2 ? "" : big);
		git(d, "add", ".", NULL);
		git(d, "commit", "-q", "-m", "c", NULL);
	}
	merge_side(d);
	return open_old(d);
}

/* make(): the segment, read in pieces of ${piece}. */
static int make(struct repo *r, const struct oid *tips, size_t n,
		const struct oid *have, size_t have_n, size_t piece,
		struct buf *ret, struct gitseg_stats *st)
{
	struct gitseg *s = NULL;
	size_t got = 1;
	int rc = gitseg_open(r, tips, n, have, have_n, &s, &e);

	buf_reset(ret);
	while (!rc && got) {
		if (buf_grow(ret, piece))
			break;
		rc = gitseg_read(s, ret->p + ret->n, piece, &got, &e);
		ret->n += got;
	}
	if (!rc)
		gitseg_stats(s, st);
	gitseg_close(s);
	return rc;
}

static int take(struct repo *r, const struct buf *b, size_t piece,
		struct gitseg_stats *st)
{
	struct gitseg_in *s = NULL;
	int rc;

	err_clear(&e);
	rc = gitseg_in_open(r, &s, &e);
	for (size_t at = 0; !rc && at < b->n; at += piece)
		rc = gitseg_in_add(s, b->p + at,
				   b->n - at < piece ? b->n - at : piece, &e);
	if (!rc)
		return gitseg_in_end(s, st, &e);
	gitseg_in_abort(s);
	return rc;
}

static int save(const char *name, const struct buf *b)
{
	return os_replace(name, b->p, b->n, 0, &e);
}

static void there_and_back(int files)
{
	char name[32];
	struct repo *a, *b;
	struct gitseg_stats st, st2;
	struct buf seg = BUF_INIT, again = BUF_INIT;
	struct oid tip[2], old;

	snprintf(name, sizeof(name), "s%d", files);
	a = source(name, files);
	tip[0] = git_oid_of(path(name), "v1");
	tip[1] = git_oid_of(path(name), "side");
	old = git_oid_of(path(name), "main~2");
	ok(!make(a, tip, 2, NULL, 0, 1000, &seg, &st), "%d files: made (%s)",
	   files, e.msg);
	ok(st.bytes == seg.n, "its length is told");
	ok(!make(a, tip, 2, NULL, 0, 65536, &again, &st2) &&
	   !buf_cmp(&seg, &again), "the same again, in other pieces");
	git(path(name), "rev-list", "--objects", "--all", NULL);
	ok(git_out.n > 0 && st.commits == 7, "7 commits");
	git(path(name), "rev-list", "--objects", "--all", "--count", NULL);
	ok((uint64_t)atoi(git_out.p) == st.objects, "%s objects, %llu here",
	   git_out.p, (unsigned long long)st.objects);

	snprintf(name, sizeof(name), "p%d.pack", files);
	ok(!save(path(name), &seg) &&
	   !git(tap_dir(), "index-pack", "--strict", name, NULL),
	   "git index-pack takes it");

	snprintf(name, sizeof(name), "b%d", files);
	b = open_new(name);
	ok(!take(b, &seg, 7, &st2), "taken in, 7 bytes at a time (%s)", e.msg);
	ok(st2.objects == st.objects && st2.commits == st.commits &&
	   st2.bytes == seg.n, "all of it");
	ok(whole(path(name), &tip[0]) && whole(path(name), &tip[1]),
	   "whole, says git");
	ok(!take(b, &seg, seg.n, &st2), "and once more");
	repo_close(b);

	snprintf(name, sizeof(name), "i%d", files);
	b = open_new(name);
	ok(!make(a, &old, 1, NULL, 0, 4096, &seg, &st) &&
	   !take(b, &seg, 4096, NULL) && whole(path(name), &old),
	   "an older version");
	ok(!make(a, tip, 2, &old, 1, 4096, &seg, &st) &&
	   !take(b, &seg, 4096, NULL) && whole(path(name), &tip[0]),
	   "then only what is new");
	git(path(name), "rev-list", "--objects", "--count", oid_hex(&tip[0]),
	    oid_hex(&tip[1]), "--not", oid_hex(&old), NULL);
	ok((uint64_t)atoi(git_out.p) == st.objects, "that is %llu objects",
	   (unsigned long long)st.objects);
	ok(!make(a, tip, 2, tip, 1, 4096, &seg, &st) && !st.objects,
	   "what a tag has is had");
	ok(!make(a, NULL, 0, NULL, 0, 4096, &seg, &st) && seg.n == 32 &&
	   !take(b, &seg, 5, NULL), "no tips: an empty segment");
	repo_close(a);
	repo_close(b);
	buf_release(&seg);
	buf_release(&again);
}

/* damage(): every byte changed, every length cut: refused, nothing appears. */
static void damage(void)
{
	struct repo *a = NULL, *b = open_new("d");
	struct buf seg = BUF_INIT, cut = BUF_INIT;
	struct gitseg_stats st;
	struct oid tip[1];
	int bad = 0, other = 0;

	repo_open(path("s1"), &a, &e);
	tip[0] = git_oid_of(path("s1"), "main~4");
	ok(!make(a, tip, 1, NULL, 0, 4096, &seg, &st), "a small one: %zu bytes",
	   seg.n);
	for (size_t i = 0; i < seg.n;
	     i += i < 300 || i + 700 > seg.n ? 1 : 4001) {
		buf_reset(&cut);
		buf_add(&cut, seg.p, seg.n);
		cut.p[i] ^= (char)(1 << i % 8);
		int rc = take(b, &cut, 4096, NULL);

		bad += !rc;
		other += rc != HUB_ECORRUPT && rc != HUB_ELIMIT;
		buf_setlen(&cut, i);
		cut.p[i ? i - 1 : 0] = seg.p[i ? i - 1 : 0];
		rc = take(b, &cut, 4096, NULL);
		bad += !rc;
		other += rc != HUB_ECORRUPT && rc != HUB_ELIMIT;
	}
	buf_reset(&cut);
	buf_add(&cut, seg.p, seg.n);
	buf_addch(&cut, 'x');
	ok(take(b, &cut, 4096, NULL) == HUB_ECORRUPT, "a byte too many: %s",
	   e.msg);
	ok(!bad && !other, "every flipped bit and every cut is refused");
	ok(repo_has(b, &tip[0], &e) == 0, "and nothing came of it");
	repo_close(a);
	repo_close(b);
	buf_release(&seg);
	buf_release(&cut);
}

static void missing(void)
{
	struct repo *r = source("m", 1);
	struct buf seg = BUF_INIT, p = BUF_INIT;
	struct gitseg_stats st;
	struct oid tip = git_oid_of(path("m"), "main");
	struct oid blob = git_oid_of(path("m"), "main:side");
	const char *hex = oid_hex(&blob);

	buf_addf(&p, "%s/.git/objects/%.2s/%s", path("m"), hex, hex + 2);
	os_unlink(p.p, &e);
	ok(make(r, &tip, 1, NULL, 0, 4096, &seg, &st) == HUB_ECORRUPT &&
	   strstr(e.msg, oid_hex(&blob)), "a missing object: %s", e.msg);
	tip.h[3] ^= 1;
	ok(make(r, &tip, 1, NULL, 0, 4096, &seg, &st) == HUB_ECORRUPT,
	   "a missing tip: %s", e.msg);
	repo_close(r);
	buf_release(&seg);
	buf_release(&p);
}

static struct repo *vectors;

static void vector(const struct vec *v)
{
	struct gitseg_stats st = { 0, 0, 0 };
	int rc = take(vectors, &v->data, 5, &st);

	ok(vec_expected(v, rc, &e), "%s: %s", v->name, rc ? e.msg : "");
	ok(rc || st.bytes == v->data.n, "... all of it");
}

int main(void)
{
	os_init();
	repo_lib_init(&e);
	vectors = open_new("vectors");
	vec_each("gitsegment", 40, vector);
	repo_close(vectors);
	there_and_back(1);
	there_and_back(100);
	damage();
	missing();
	git_out.n ? buf_release(&git_out) : (void)0;
	repo_lib_shutdown();
	return done();
}
