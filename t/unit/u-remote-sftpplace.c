/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-remote-sftpplace.c - the place on a box, against OpenSSH's own server: the
 * suite of all places, and that what it leaves is what a folder place leaves.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "os/os.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "remote/sftpplace.h"
#include "lib-place.h"
#include "lib-sftp.h"

static char top[1000];
static struct sftp_box box;

static int start(struct sftp_box *b)
{
	const char *const argv[] = { sftp_server(), NULL };
	struct err e = ERR_INIT;
	int rc = sftp_box_start(b, argv, 0, &e);

	if (rc < 0)
		printf("# %s\n", e.msg);
	return rc;
}

static struct place *fresh(const char *name, unsigned *ret_lacks)
{
	struct err e = ERR_INIT;
	struct place *p = NULL;

	snprintf(top, sizeof(top), "%s/%s", tap_dir(), name);
	if (start(&box) < 0 ||
	    sftpplace_create(box.s, top, "sftp://box/", NULL, NULL, ret_lacks,
			     &p, &e) < 0)
		printf("# %s\n", e.msg);
	return p;
}

static void end(struct place *p)
{
	place_close(p);
	sftp_box_end(&box);
}

static int count(const char *sub)
{
	char path[1100];
	struct dirent *d;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", top, sub);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((d = readdir(dir)))
		n += strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	closedir(dir);
	return n;
}

/* The same bytes by the other kind of place. */
static void as_folder(void)
{
	struct place *p = NULL;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint64_t n = 0;

	ok(folder_open(top, &p, &e) == 0, "it is a folder place, too");
	ok(p->ops->format_get(p, &b, &e) == 0 && b.n == 4, "... its format");
	ok(p->ops->state_newest(p, 0, &n, &e) == 0 && n == 4099,
	   "... its states");
	buf_release(&b);
	place_close(p);
}

/* Large packs, many packs; read in pieces, forward, backward, at random. */
static void bytes(void)
{
	struct place *p = fresh("bytes", NULL);
	struct suite_seen s = { 0, { 0 }, 0 };
	struct err e = ERR_INIT;
	size_t n = 3u << 20, i, at, k;
	uint8_t *big = malloc(n), *got = malloc(n), id[32] = { 9 };
	int rc = 0, bad = 0;

	for (i = 0; i < n; i++)
		big[i] = (uint8_t)(i * 2654435761u >> 13);
	ok(p->ops->pack_put(p, id, big, n, PLACE_NEW, &e) == 0, "3 MiB put");
	memset(got, 0, n);
	ok(p->ops->pack_get(p, id, 0, got, n, &e) == 0 &&
	   !memcmp(got, big, n), "... read at once");
	for (at = 0, k = 1; at < n && !rc; at += k, k = k * 3 % 100003) {
		k = k < n - at ? k : n - at;
		rc = p->ops->pack_get(p, id, at, got, k, &e);
		bad += rc || memcmp(got, big + at, k);
	}
	ok(!bad, "... in pieces, forward");
	for (i = 0; i < 300 && !rc; i++) {
		at = (i * 7919 * 4099) % n;
		k = (i * 31337) % 70000;
		k = k < n - at ? k : n - at;
		rc = p->ops->pack_get(p, id, at, got, k, &e);
		bad += rc || memcmp(got, big + at, k);
	}
	ok(!bad, "... at random");
	ok(p->ops->pack_get(p, id, n - 1, got, 2, &e) == HUB_ECORRUPT,
	   "... not beyond its end");
	for (i = 0; i < 300 && !rc; i++) {
		id[0] = (uint8_t)i;
		id[1] = (uint8_t)(i >> 8);
		id[2] = 77;
		rc = p->ops->pack_put(p, id, big + i, 100 + i, PLACE_NEW, &e);
	}
	ok(rc == 0 && p->ops->flush(p, &e) == 0, "300 small ones");
	ok(p->ops->pack_each(p, suite_pack, &s, &e) == 0 && s.n == 301 &&
	   s.bytes == n + 300 * 100 + 299 * 150, "... are listed");
	for (i = 0; i < 300 && !rc; i++) {
		id[0] = (uint8_t)i;
		id[1] = (uint8_t)(i >> 8);
		rc = p->ops->pack_get(p, id, 0, got, 100 + i, &e);
		bad += rc || memcmp(got, big + i, 100 + i);
	}
	ok(!bad, "... are what they were");
	ok(count("packs") == 256, "no temp file is left");
	free(big);
	free(got);
	end(p);
}

/* Four processes want each of 30 states: each is one's alone. */
static void race(void)
{
	struct place *p = fresh("race", NULL);
	int i, rc, status, all = 0, same = 1;
	struct sftp_box mine;
	pid_t pid[4];
	uint64_t seq;
	struct buf b = BUF_INIT;
	char log[1100], line[64];
	FILE *f;

	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		if (start(&mine) < 0 || sftpplace_open(mine.s, top, "box",
						       NULL, NULL, &p, NULL))
			_exit(2);
		snprintf(log, sizeof(log), "%s.%d", top, i);
		f = fopen(log, "w");
		for (seq = 1; f && seq <= 30; seq++) {
			rc = p->ops->state_create(p, seq, &i, sizeof(i), NULL);
			if (rc == 0)
				fprintf(f, "%d\n", (int)seq);
			else if (rc != HUB_ECONFLICT)
				_exit(1);
		}
		place_close(p);
		sftp_box_end(&mine);
		_exit(!f || fclose(f));
	}
	for (i = 0; i < 4; i++) {
		waitpid(pid[i], &status, 0);
		snprintf(log, sizeof(log), "%s.%d", top, i);
		f = fopen(log, "r");
		while (f && fgets(line, sizeof(line), f)) {
			buf_reset(&b);
			rc = p->ops->state_get(p, (uint64_t)atoi(line), &b,
					       NULL);
			if (rc || b.n != sizeof(i) || memcmp(b.p, &i, b.n))
				same = 0;
			all++;
		}
		if (f)
			fclose(f);
		all += 1000 * (status != 0);
	}
	ok(all == 30, "30 states, 30 winners in 4 processes (%d)", all);
	ok(same, "... what is there is the winner's");
	ok(count("states") == 1, "... no temp folder is left");
	buf_release(&b);
	end(p);
}

static void gone(void)
{
	struct place *p = fresh("gone", NULL);
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t id[32] = { 5 }, id2[32] = { 6 };
	char to[1100], path[1200];
	uint64_t n = 0;

	p->ops->state_create(p, 1, "x", 1, &e);
	p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e);
	p->ops->flush(p, &e);
	snprintf(to, sizeof(to), "%s.away", top);
	ok(!rename(top, to), "the box's disk is taken away");
	ok(p->ops->pack_stat(p, id, &n, &e) == HUB_EOFFLINE, "pack: offline");
	ok(p->ops->pack_get(p, id, 0, &n, 1, &e) == HUB_EOFFLINE, "... get");
	ok(p->ops->pack_put(p, id2, "x", 1, PLACE_NEW, &e) == HUB_EOFFLINE ||
	   p->ops->flush(p, &e) == HUB_EOFFLINE, "... put");
	ok(p->ops->pack_delete(p, id, &e) == HUB_EOFFLINE, "... delete");
	ok(p->ops->state_newest(p, 0, &n, &e) == HUB_EOFFLINE, "... newest");
	ok(p->ops->state_newest(p, 1, &n, &e) == HUB_EOFFLINE,
	   "... newest from a hint");
	ok(p->ops->state_get(p, 1, &b, &e) == HUB_EOFFLINE, "... state");
	ok(p->ops->state_create(p, 2, "x", 1, &e) == HUB_EOFFLINE,
	   "... create");
	ok(p->ops->format_get(p, &b, &e) == HUB_EOFFLINE, "... format");
	ok(p->ops->slot_get(p, id, &b, &e) == HUB_EOFFLINE, "... slot");
	place_close(p);
	p = NULL;
	ok(sftpplace_open(box.s, top, "box", NULL, NULL, &p, &e) ==
	   HUB_EABSENT && !p, "cannot be opened");
	ok(!rename(to, top), "it comes back");
	ok(sftpplace_open(box.s, top, "box", NULL, NULL, &p, &e) == 0 &&
	   p->ops->pack_stat(p, id, &n, &e) == 0, "and all is there");
	snprintf(path, sizeof(path), "%s/states", top);
	os_rmtree(path, NULL);
	ok(p->ops->state_newest(p, 0, &n, &e) == HUB_ECORRUPT,
	   "a vault without the folder of states is damaged, not empty");
	snprintf(path, sizeof(path), "%s/packs", top);
	os_rmtree(path, NULL);
	ok(p->ops->pack_each(p, suite_pack, NULL, &e) == HUB_ECORRUPT,
	   "... and one without that of packs");
	end(p);
}

/* A state's folder without its file, an empty one, foreign names, litter. */
static void odd(void)
{
	struct place *p = fresh("odd", NULL);
	struct suite_seen s = { 0, { 0 }, 0 };
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	char path[1200];
	uint64_t n = 0;
	FILE *f;

	p->ops->state_create(p, 1, "x", 1, &e);
	snprintf(path, sizeof(path), "%s/states/0/1/s", top);
	unlink(path);
	ok(p->ops->state_get(p, 1, &b, &e) == HUB_ECORRUPT,
	   "a state without its file is damaged, not absent");
	snprintf(path, sizeof(path), "%s/states/0/2", top);
	ok(!mkdir(path, 0777) && p->ops->state_get(p, 2, &b, &e) ==
	   HUB_ECORRUPT && p->ops->state_newest(p, 1, &n, &e) == 0 && n == 2,
	   "an empty one, too");
	snprintf(path, sizeof(path), "%s/states/0/README", top);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/packs/00", top);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/packs/00/README", top);
	f = fopen(path, "w");
	if (f)
		fclose(f);
	ok(p->ops->state_newest(p, 0, &n, &e) == 0 && n == 2 &&
	   p->ops->pack_each(p, suite_pack, &s, &e) == 0 && s.n == 0,
	   "foreign names are passed over");
	snprintf(path, sizeof(path), "%s/states/.new.tmp-0123456789ab", top);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/states/.new.tmp-0123456789ab/s", top);
	f = fopen(path, "w");
	if (f)
		fclose(f);
	ok(p->ops->sweep(p, 3600, &e) == 0 && count("states") == 2,
	   "a young temp folder stays");
	ok(p->ops->sweep(p, 0, &e) == 0 && count("states") == 1,
	   "an old one goes");
	buf_release(&b);
	end(p);
}

int main(void)
{
	struct place *p;
	unsigned lacks = 99;

	os_init();
	if (!sftp_server()) {
		printf("1..0 # SKIP no sftp-server: install openssh\n");
		return 0;
	}
	p = fresh("suite", &lacks);
	ok(p && lacks == 0, "nothing lacks here (%u)", lacks);
	place_suite(p, "sftp");
	ok(count(".") == 5 && count("keys") == 0 && count("damaged") == 2,
	   "nothing else is left but what was put aside");
	ok(sftp_can(box.s) == 15, "OpenSSH's server can all");
	end(p);
	as_folder();
	bytes();
	race();
	gone();
	odd();
	return done();
}
