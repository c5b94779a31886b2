/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-cacherot.c - a cache of the index with a wrong byte in each of its
 * parts, with files that are cut, empty, gone, exchanged, or of another day:
 * what a vault says is right all the same, and the cache is made anew.
 */
#include <dirent.h>
#include <unistd.h>
#include "base/rd.h"
#include "lib-vaultcase.h"
#include "os/os_file.h"
#include "store/gc.h"

#define SIZE 64u
#define N 8600u		/* objects; the first DEAD were dropped */
#define DEAD 100u
#define FILES 16

static struct err e = ERR_INIT;
static struct place *p;
static char cache[1000], saved[1000];
static struct { char name[32]; uint64_t size; } files[FILES];
static int files_n;

static int drop_pack_of(struct vault *v, uint64_t object)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	struct vault_at at;
	uint8_t name[32], b[SIZE];
	int rc;

	test_object(b, SIZE, object);
	keyring_name(ring, PACK_CHUNK, b, SIZE, name);
	if (vault_find(v, name, &at, &e) != 1)
		return 0;
	memset(&c, 0, sizeof(c));
	c.kind = VAULTSTATE_DROP;
	c.drops = (const uint8_t (*)[32])at.pack;
	c.drops_n = 1;
	rc = vault_put_begin(v, &pt, &e);
	if (!rc)
		rc = vault_put_commit(pt, &c, &e);
	vault_put_end(pt);
	return rc;
}

/* The files of ${dir}, copied to ${to}; what was there goes. */
static void copy(const char *dir, const char *to)
{
	char from[1700], path[1700];
	struct dirent *d;
	DIR *all;

	os_rmtree(to, NULL);
	os_mkdirs(to, &e);
	all = opendir(dir);
	while (all && (d = readdir(all))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), "%s/%s", dir, d->d_name);
		snprintf(path, sizeof(path), "%s/%s", to, d->d_name);
		if (os_copy_file(from, path, &e) < 0)
			BUG("%s", e.msg);
	}
	closedir(all);
}

static void list_files(void)
{
	struct os_stat st;
	struct dirent *d;
	char path[1700];
	DIR *all = opendir(saved);

	files_n = 0;
	while (all && (d = readdir(all)) && files_n < FILES) {
		snprintf(path, sizeof(path), "%s/%.31s", saved, d->d_name);
		if (d->d_name[0] == '.' || !strcmp(d->d_name, "lock") ||
		    os_stat(path, &st, NULL) || !st.size)
			continue;
		files[files_n].size = st.size;
		snprintf(files[files_n++].name, 32, "%.31s", d->d_name);
	}
	closedir(all);
}

static const char *file(int i)
{
	static char path[2][1700];
	static int k;

	k = !k;
	snprintf(path[k], sizeof(path[k]), "%s/%s", cache, files[i].name);
	return path[k];
}

static void make(void)
{
	struct vault *v;
	uint64_t i;

	p = new_place(&e);
	snprintf(cache, sizeof(cache), "%s", fresh_cache());
	snprintf(saved, sizeof(saved), "%s", fresh_cache());
	v = open_as(p, &dev2, cache, NULL, &e);
	put_range(v, 0, DEAD, SIZE, &e);
	for (i = 0; i < DEAD; i++)	/* in several packs */
		drop_pack_of(v, i);
	put_range(v, DEAD, 8000, SIZE, &e);
	for (i = 8000; i < N; i += 50)
		put_range(v, i, i + 50, SIZE, &e);
	vault_close(v);
	copy(cache, saved);
	list_files();
}

/* All from ${from} on that is there is found where it is, and nothing else is. */
static int is_right_from(uint64_t from)
{
	struct vault *v = open_as(p, &dev2, cache, NULL, &e);
	int is = v && count_known(v, from, N, SIZE) == N - from &&
		!count_known(v, 0, DEAD, SIZE) &&
		!count_known(v, 90000, 90100, SIZE) &&
		count_right(v, 7990, 8040, SIZE) == 50;

	vault_close(v);
	return is;
}

static int is_right(void)
{
	return is_right_from(DEAD);
}

/* Twice: what was damaged is whole in the end. */
static int survives(void)
{
	int is = is_right() && is_right_from(N - 1000);

	copy(saved, cache);
	return is;
}

/* ${c} < 0: one of its bits is turned. */
static void put_byte(const char *path, uint64_t at, int c)
{
	FILE *f = fopen(path, "r+b");
	int was = EOF;

	if (f && !fseek(f, (long)at, SEEK_SET))
		was = getc(f);
	if (was == EOF || fseek(f, (long)at, SEEK_SET) ||
	    putc(c < 0 ? was ^ 0x10 : c, f) == EOF || fclose(f))
		BUG("cannot write to %s", path);
}

static void flip(const char *path, uint64_t at)
{
	put_byte(path, at, -1);
}

/* ---- cases ---- */

/* Every byte of head and end, and some of all that lies between. */
static void bytes(void)
{
	uint64_t at, step;
	int i, n, bad;

	for (i = 0; i < files_n; i++) {
		step = files[i].size / 24 + 1;
		for (at = n = bad = 0; at < files[i].size; n++) {
			flip(file(i), at);
			if (!survives()) {
				printf("# byte %d of %s\n", (int)at,
				       files[i].name);
				bad++;
			}
			at += at < 64 && step > 4 ? 4 : step;
		}
		flip(file(i), files[i].size - 1);
		bad += !survives();
		ok(!bad, "%.4s (%d bytes): a wrong byte, %d times",
		   files[i].name, (int)files[i].size, n);
	}
}

static void lengths(void)
{
	static const uint64_t keep[] = { 0, 1, 24, 60, 64, 65 };
	int i, bad = 0;
	size_t k;

	for (i = 0; i < files_n; i++) {
		for (k = 0; k < sizeof(keep) / sizeof(keep[0]); k++)
			if (keep[k] < files[i].size) {
				if (truncate(file(i), (off_t)keep[k]))
					BUG("truncate");
				bad += !survives();
			}
		if (truncate(file(i), (off_t)files[i].size - 1))
			BUG("truncate");
		bad += !survives();
		if (truncate(file(i), (off_t)files[i].size + 48))
			BUG("truncate");
		bad += !survives();
		unlink(file(i));
		bad += !survives();
	}
	ok(!bad, "files that are cut, empty, too long or gone: %d bad", bad);
}

static void exchanged(void)
{
	int i, k, n = 0, bad = 0;
	char tmp[1100];

	snprintf(tmp, sizeof(tmp), "%s/x", cache);
	for (i = 0; i < files_n; i++)
		for (k = 0; k < files_n; k++) {
			if (i == k)
				continue;
			rename(file(i), tmp);
			rename(file(k), file(i));
			rename(tmp, file(k));
			bad += !survives();
			unlink(file(i));	/* one is there twice */
			os_copy_file(file(k), file(i), NULL);
			bad += !survives();
			n += 2;
		}
	ok(n && !bad, "files under the names of others, %d times: %d bad", n,
	   bad);
}

/* A file of rows as it was made by another run, with as many rows: only the list
 * can tell. */
static void another(void)
{
	char theirs[1000], from[1700];
	struct dirent *d;
	struct vault *v;
	struct place *q = new_place(&e);
	int i, n = 0, bad = 0;
	DIR *all;

	snprintf(theirs, sizeof(theirs), "%s", fresh_cache());
	v = open_as(q, &dev2, theirs, NULL, &e);
	put_range(v, 50000, 50000 + DEAD, SIZE, &e);
	for (i = 0; i < (int)DEAD; i++)
		drop_pack_of(v, 50000 + (uint64_t)i);
	put_range(v, 50100, 58000, SIZE, &e);
	for (i = 58000; i < 58600; i += 50)
		put_range(v, (uint64_t)i, (uint64_t)i + 50, SIZE, &e);
	vault_close(v);
	all = opendir(theirs);
	while (all && (d = readdir(all)))
		for (i = 0; !strncmp(d->d_name, "rows-", 5) && i < files_n;
		     i++) {
			if (strncmp(files[i].name, "rows-", 5))
				continue;
			snprintf(from, sizeof(from), "%s/%s", theirs,
				 d->d_name);
			unlink(file(i));
			os_copy_file(from, file(i), NULL);
			bad += !survives();
			n++;
		}
	closedir(all);
	ok(n && !bad, "rows of another vault, %d times: %d bad", n, bad);
	place_close(q);
}

/* The list is of today, or of before, the other files are not. */
static void another_day(void)
{
	char path[1700], today[1000];
	struct vault *v;
	int i, bad = 0;

	snprintf(today, sizeof(today), "%s", fresh_cache());
	v = open_as(p, &dev2, cache, NULL, &e);
	put_range(v, 70000, 74000, SIZE, &e);
	vault_close(v);
	copy(cache, today);
	bad += !is_right();
	for (i = 0; i < files_n; i++) {		/* each as it was */
		copy(today, cache);
		snprintf(path, sizeof(path), "%s/%s", saved, files[i].name);
		unlink(file(i));
		os_copy_file(path, file(i), NULL);
		bad += !is_right() || !is_right();
	}
	copy(saved, cache);			/* all as they were */
	bad += !is_right();
	ok(!bad, "files of another day: %d bad", bad);
}

/* ---- what else lies there ---- */

static int no_roots(void *arg, gc_root_fn fn, void *fn_arg, struct err *why)
{
	(void)arg;
	(void)fn;
	(void)fn_arg;
	(void)why;
	return 0;
}

static void set_day(int d)
{
	char s[40];

	snprintf(s, sizeof(s), "%lld", 1700000000LL + d * 86400LL);
	setenv("VIBEHUB_NOW", s, 1);
}

/* A pack that another computer has just put is not deleted because of a wrong
 * byte in what gc remembers. */
static void gc_seen(void)
{
	struct gc_conf c = { .roots = no_roots };
	struct gc_report r;
	struct vault_put *pt = NULL;
	struct vault *v, *w;
	char path[1100];
	uint8_t b[SIZE], name[32];
	uint64_t deleted = 0, at;

	set_day(0);
	v = open_as(p, &dev2, fresh_cache(), NULL, &e);
	snprintf(path, sizeof(path), "%s/gc-seen", cache_dir);
	w = open_as(p, &dev1, fresh_cache(), NULL, &e);
	vault_put_begin(w, &pt, &e);
	test_object(b, SIZE, 12345678);
	vault_put_object(pt, PACK_CHUNK, b, SIZE, name, &e);
	packer_flush(vault_put_packer(pt), &e);
	c.v = v;
	gc_run(&c, &r, &e);
	for (at = 32; at < 40; at++) {	/* the time of the first */
		put_byte(path, at, 0);
		gc_run(&c, &r, &e);
		deleted += r.deleted;
	}
	ok(!deleted, "a wrong time in gc-seen deletes nothing");
	vault_put_end(pt);
	vault_close(v);
	vault_close(w);
	unsetenv("VIBEHUB_NOW");
}

/* A wrong digit in the counter never leads to a number that was used. */
static void counter(void)
{
	struct vault *v = open_as(p, &dev1, fresh_cache(), NULL, &e);
	uint64_t last, now, i;
	int bad = 0;

	put_range(v, 80000, 80001, SIZE, &e);
	last = vault_state(v)->device_seq;
	vault_close(v);
	for (i = 0; i < 10; i++) {
		set_day(3000 + (int)i);
		put_byte(dev1.counter, i, '0');
		/* another one was here since: the vault does not help */
		v = open_as(p, &dev2, fresh_cache(), NULL, &e);
		put_range(v, 81000 + i, 81001 + i, SIZE, &e);
		vault_close(v);
		v = open_as(p, &dev1, fresh_cache(), NULL, &e);
		put_range(v, 82000 + i, 82001 + i, SIZE, &e);
		now = vault_state(v)->device_seq;
		bad += now <= last;
		last = now;
		vault_close(v);
	}
	unsetenv("VIBEHUB_NOW");
	ok(!bad, "a wrong digit in the counter: %d numbers go back", bad);
}

int main(void)
{
	int i, rows = 0;

	case_begin();
	make();
	for (i = 0; i < files_n; i++)
		rows += !strncmp(files[i].name, "rows-", 5);
	ok(rows > 1 && files_n > rows, "a cache of %d files, %d with rows",
	   files_n, rows);
	ok(survives(), "it is right");
	bytes();
	lengths();
	exchanged();
	another();
	another_day();
	gc_seen();
	counter();
	place_close(p);
	return case_end();
}
