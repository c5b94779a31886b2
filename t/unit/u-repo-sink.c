/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects written loose and as packs, judged by git itself. */
#include "gitcli.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/repo_internal.h"
#include "repo/sink.h"
#include "repo/sink_internal.h"

static struct err e = ERR_INIT;

static int count_files(const char *dir, const char *prefix)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type t;
	int n = 0;

	if (os_dir_open(dir, &d, NULL) < 0)
		return 0;
	while (os_dir_next(d, &name, &t, NULL) == 1)
		n += !strncmp(name, prefix, strlen(prefix));
	os_dir_close(d);
	return n;
}

/* text(): ${n} bytes that compress as text does, different per ${seed}. */
static void text(struct buf *b, size_t n, unsigned seed)
{
	buf_reset(b);
	while (b->n < n) {
		seed = seed * 1103515245 + 12345;
		buf_addf(b, "line %u of it\n", seed >> 16);
	}
	buf_setlen(b, n);
}

/* commit_all(): a tree with one blob and a commit on it, by plumbing of ours. */
static int commit_all(struct sink *s, const struct oid *blob, struct oid *ret)
{
	struct buf b = BUF_INIT;
	struct commit c = COMMIT_INIT;
	struct oid tree;
	int rc;

	buf_addstr(&b, "100644 f");
	buf_addch(&b, '\0');
	buf_add(&b, blob->h, OID_SIZE);
	rc = sink_put(s, OBJ_TREE, b.p, b.n, &tree, &e);
	c.tree = tree;
	buf_addstr(&c.author, "A <a@b>");
	buf_addstr(&c.committer, "A <a@b>");
	buf_addstr(&c.message, "m\n");
	buf_reset(&b);
	if (rc == 0)
		rc = commit_encode(&b, &c);
	if (rc == 0)
		rc = sink_put(s, OBJ_COMMIT, b.p, b.n, ret, &e);
	commit_release(&c);
	buf_release(&b);
	return rc;
}

static void point(const char *dir, const struct oid *id)
{
	ok(git(dir, "update-ref", "refs/heads/main", oid_hex(id), NULL) == 0,
	   "git moves main");
	ok(git(dir, "fsck", "--strict", "--no-dangling", NULL) == 0, "fsck: %s",
	   git_out.p);
	ok(git_out.n == 0, "and has nothing to say");
}

static void loose(void)
{
	static const size_t sizes[] = { 0, 1, 9, 10, 99, 5000, 70000, 1100000 };
	const char *dir = path("loose.git");
	struct repo *r = NULL, *r2 = NULL;
	struct sink *s = NULL;
	struct sink_stats st;
	struct buf b = BUF_INIT, back = BUF_INIT;
	struct oid id[8], c;

	repo_create(dir, 1, &e);
	repo_open(dir, &r, &e);
	repo_open(dir, &r2, &e);
	ok(sink_open(r, SINK_LOOSE, &s, &e) == 0, "open a loose sink");
	for (size_t i = 0; i < 8; i++) {
		text(&b, sizes[i], (unsigned)i);
		ok(sink_put(s, OBJ_BLOB, b.p, b.n, &id[i], &e) == 0,
		   "put %zu bytes", sizes[i]);
	}
	ok(sink_put(s, OBJ_BLOB, b.p, b.n, &id[7], &e) == 0, "put one again");
	ok(commit_all(s, &id[7], &c) == 0, "commit");
	ok(sink_commit(s, &st, &e) == 0 && st.objects == 10 && !st.pack[0],
	   "10 objects are written");
	for (size_t i = 0; i < 8; i++) {
		text(&b, sizes[i], (unsigned)i);
		ok(repo_read_as(r2, &id[i], OBJ_BLOB, 0, &back, &e) == 0 &&
		   buf_cmp(&b, &back) == 0, "libgit2 reads it");
		ok(git(dir, "cat-file", "-s", oid_hex(&id[i]), NULL) == 0 &&
		   strtoul(git_out.p, NULL, 10) == sizes[i],
		   "git knows its size: %s", git_out.p);
	}
	point(dir, &c);
	git(dir, "count-objects", "-v", NULL);
	ok(strstr(git_out.p, "count: 10\n") && strstr(git_out.p, "garbage: 0"),
	   "no garbage");
	repo_close(r);
	repo_close(r2);
	buf_release(&b);
	buf_release(&back);
}

static void pack(enum sink_kind kind, unsigned n, const char *name,
		 int expect_pack)
{
	const char *dir = path(name);
	struct repo *r = NULL, *r2 = NULL;
	struct sink *s = NULL;
	struct sink_stats st;
	struct buf b = BUF_INIT, back = BUF_INIT, file = BUF_INIT;
	struct oid first, id, c;

	repo_create(dir, 1, &e);
	repo_open(dir, &r, &e);
	repo_open(dir, &r2, &e);
	ok(sink_open(r, kind, &s, &e) == 0, "open a sink of kind %d", kind);
	for (unsigned i = 0; i < n; i++) {
		text(&b, i % 2 ? i : i * 37, i);
		if (sink_put(s, OBJ_BLOB, b.p, b.n, &id, &e) < 0)
			ok(0, "put %u: %s", i, e.msg);
		if (i == 0)
			first = id;
	}
	ok(sink_has(s, &id) && sink_has(s, &first), "the sink has them");
	ok(repo_has(r2, &first, &e) == 0, "another does not yet");
	ok(sink_read(s, &id, OBJ_BLOB, 0, &back, &e) == 0 &&
	   buf_cmp(&b, &back) == 0, "read back before commit");
	ok(sink_read(s, &id, OBJ_TREE, 0, &back, &e) == HUB_ECORRUPT, "%s",
	   e.msg);
	ok(n == 1 || sink_read(s, &id, OBJ_BLOB, 1, &back, &e) == HUB_ELIMIT,
	   "%s", e.msg);
	ok(sink_put(s, OBJ_BLOB, b.p, b.n, &id, &e) == 0, "put one again");
	ok(commit_all(s, &id, &c) == 0, "commit");
	ok(sink_commit(s, &st, &e) == 0, "commit the sink: %s", e.msg);
	ok(st.objects == n + 2 && !!st.pack[0] == expect_pack,
	   "%llu objects, pack '%s'", (unsigned long long)st.objects, st.pack);
	ok(repo_has_quick(r, &first) && repo_has(r2, &first, &e) == 1, "both see them");
	ok(repo_read_as(r2, &id, OBJ_BLOB, 0, &back, &e) == 0 &&
	   buf_cmp(&b, &back) == 0, "libgit2 reads one");
	point(dir, &c);
	if (expect_pack) {
		buf_addf(&file, "%s/objects/pack/pack-%s.idx", dir, st.pack);
		ok(git(dir, "verify-pack", file.p, NULL) == 0, "verify-pack");
		buf_setlen(&file, file.n - 3);
		buf_addstr(&file, "pack");
		ok(git(dir, "index-pack", "--strict", "--verify", file.p,
		       NULL) == 0, "index-pack finds the same");
	}
	ok(count_files(path(name), "tmp_") == 0, "no temp files");
	buf_reset(&file);
	buf_addf(&file, "%s/objects/pack", dir);
	ok(count_files(file.p, "tmp_") == 0, "none beside the packs");

	/* a second sink writes nothing twice */
	sink_open(r2, kind, &s, &e);
	text(&b, (n - 1) % 2 ? n - 1 : (n - 1) * 37, n - 1);
	ok(sink_put(s, OBJ_BLOB, b.p, b.n, &c, &e) == 0 && oid_eq(&c, &id) &&
	   sink_commit(s, &st, &e) == 0 && st.objects == 0 && !st.pack[0],
	   "what is there is not written again");
	repo_close(r);
	repo_close(r2);
	buf_release(&b);
	buf_release(&back);
	buf_release(&file);
}

/* An index with offsets over 2 GiB: no such pack is made here, only its index. */
static void big_offsets(void)
{
	struct sink_entry en[3] = { { .off = 12 } };
	struct buf b = BUF_INIT;
	uint8_t sum[20] = { 1 };
	const uint8_t *p;

	memset(en[0].id, 9, 20);
	memset(en[1].id, 3, 20);
	memset(en[2].id, 3, 20);
	en[1].off = UINT64_C(0x123456789a);
	en[2].off = UINT64_C(0x80000000);
	en[2].id[19] = 4;
	ok(sink_idx_write(path("x.idx"), en, 3, sum, &e) == 0, "an index");
	os_read_file(path("x.idx"), 1 << 20, &b, &e);
	p = (const uint8_t *)b.p;
	ok(b.n == 8 + 1024 + 3 * 28 + 2 * 8 + 40, "its size");
	p += 8 + 1024 + 3 * 24;
	ok(!memcmp(p, "\200\0\0\0\200\0\0\1\0\0\0\14", 12) &&
	   !memcmp(p + 12, "\0\0\0\x12\x34\x56\x78\x9a\0\0\0\0\x80\0\0\0", 16),
	   "its offsets");
	buf_release(&b);
}

static void abort_and_sweep(void)
{
	const char *dir = path("sweep.git");
	struct repo *r = NULL;
	struct sink *s = NULL;
	struct buf b = BUF_INIT, p = BUF_INIT;
	struct oid id;

	repo_create(dir, 1, &e);
	repo_open(dir, &r, &e);
	text(&b, 100, 1);
	sink_open(r, SINK_PACK, &s, &e);
	sink_put(s, OBJ_BLOB, b.p, b.n, &id, &e);
	buf_addf(&p, "%s/objects/pack", dir);
	ok(count_files(p.p, "tmp_pack_") == 1, "a temp pack");
	sink_abort(s);
	ok(count_files(p.p, "tmp_pack_") == 0, "abort removes it");
	sink_abort(NULL);
	sink_open(r, SINK_PACK, &s, &e);
	ok(sink_commit(s, NULL, &e) == 0 && count_files(p.p, "pack-") == 0,
	   "an empty sink writes no pack");
	buf_addstr(&p, "/tmp_pack_dead");
	put_file(p.p, "x");
	ok(sink_sweep(r, 0, &e) == 0 && count_files(path("sweep.git/objects/pack"),
	   "tmp_") == 1, "a young temp pack stays");
	ok(sink_sweep(r, 1, &e) == 0 && count_files(path("sweep.git/objects/pack"),
	   "tmp_") == 0, "with the lock held it goes");
	repo_close(r);
	buf_release(&b);
	buf_release(&p);
}

static void workers(int deltas)
{
	const char *dir = path(deltas ? "wd.git" : "w.git");
	struct repo *r = NULL;
	struct sink *s = NULL;
	struct sink_worker *w = NULL;
	struct sink_item it = SINK_ITEM_INIT;
	struct sink_stats st;
	struct buf b = BUF_INIT, back = BUF_INIT;
	struct oid id[50], c;
	int bad = 0;

	repo_create(dir, 1, &e);
	repo_open(dir, &r, &e);
	sink_open(r, SINK_PACK, &s, &e);
	ok(sink_worker_new(deltas, &w, &e) == 0, "a worker");
	for (int i = 0; i < 50; i++) {
		text(&b, 20000, (unsigned)i / 10);
		b.p[i * 400] = '!';
		bad += sink_prepare(w, &it, OBJ_BLOB, b.p, b.n, &e) < 0;
		id[i] = it.id;
		bad += sink_add(s, &it, &e) < 0;
	}
	ok(!bad, "prepared and added");
	for (int i = 0; i < 50; i++) {
		text(&b, 20000, (unsigned)i / 10);
		b.p[i * 400] = '!';
		bad += sink_read(s, &id[i], OBJ_BLOB, 0, &back, &e) < 0 ||
		       buf_cmp(&b, &back) != 0;
	}
	ok(!bad, "read back: %s", e.msg);
	commit_all(s, &id[0], &c);
	ok(sink_commit(s, &st, &e) == 0, "commit");
	ok(!deltas || st.bytes < 60000, "%llu bytes",
	   (unsigned long long)st.bytes);
	point(dir, &c);
	for (int i = 0; i < 50; i++) {
		text(&b, 20000, (unsigned)i / 10);
		b.p[i * 400] = '!';
		bad += repo_read_as(r, &id[i], OBJ_BLOB, 0, &back, &e) < 0 ||
		       buf_cmp(&b, &back) != 0;
	}
	ok(!bad, "libgit2 reads all");
	sink_item_release(&it);
	sink_worker_free(w);
	repo_close(r);
	buf_release(&b);
	buf_release(&back);
}

/* More than the worker can hold, of all sizes: its memory goes round. */
static void laps(void)
{
	const char *dir = path("laps.git");
	struct repo *r = NULL;
	struct sink *s = NULL;
	struct sink_worker *w = NULL;
	struct sink_item it = SINK_ITEM_INIT;
	struct buf b = BUF_INIT;
	struct oid c;
	int bad = 0, deltas = 0;

	repo_create(dir, 1, &e);
	repo_open(dir, &r, &e);
	sink_open(r, SINK_PACK, &s, &e);
	sink_worker_new(1, &w, &e);
	for (unsigned i = 0; i < 300; i++) {
		text(&b, i % 50 == 49 ? 7000000 : 1000 + i * 7919 % 300000,
		     i % 7);
		b.p[i] = '!';
		bad += sink_prepare(w, &it, OBJ_BLOB, b.p, b.n, &e) < 0;
		deltas += !oid_is_zero(&it.base);
		bad += sink_add(s, &it, &e) < 0;
	}
	ok(!bad && deltas > 200, "%d deltas of 300", deltas);
	commit_all(s, &it.id, &c);
	ok(sink_commit(s, NULL, &e) == 0, "commit");
	point(dir, &c);
	sink_item_release(&it);
	sink_worker_free(w);
	repo_close(r);
	buf_release(&b);
}

int main(void)
{
	os_init();
	repo_lib_init(&e);
	loose();
	pack(SINK_PACK, 1, "p1.git", 1);
	pack(SINK_PACK, 3000, "p3000.git", 1);
	pack(SINK_AUTO, 20, "a20.git", 0);
	pack(SINK_AUTO, 63, "a63.git", 1);
	pack(SINK_AUTO, 500, "a500.git", 1);
	big_offsets();
	abort_and_sweep();
	workers(0);
	workers(1);
	laps();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
