/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-remote-folder.c - the folder place: the suite of all places, what only a
 * folder can go through, every system call failing once.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "os/os_file.h"
#include "remote/folder.h"
#include "fault.h"
#include "lib-place.h"

static char top[1000];

static struct place *fresh(const char *name)
{
	struct err e = ERR_INIT;
	struct place *p = NULL;

	snprintf(top, sizeof(top), "%s/%s", tap_dir(), name);
	if (folder_create(top, 0, &p, &e) < 0)
		printf("# %s\n", e.msg);
	return p;
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

/* Eight processes want each of 50 states: each is one's alone. */
static void race(void)
{
	struct place *p = fresh("race");
	int won[8], i, rc, status, all = 0, same = 1;
	pid_t pid[8];
	uint64_t seq;
	struct buf b = BUF_INIT;
	char log[1100], line[64];
	FILE *f;

	for (i = 0; i < 8; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		snprintf(log, sizeof(log), "%s.%d", top, i);
		f = fopen(log, "w");
		for (seq = 1; f && seq <= 50; seq++) {
			rc = p->ops->state_create(p, seq, &i, sizeof(i), NULL);
			if (rc == 0)
				fprintf(f, "%d\n", (int)seq);
			else if (rc != HUB_ECONFLICT)
				_exit(1);
		}
		_exit(!f || fclose(f));
	}
	for (i = 0; i < 8; i++) {
		waitpid(pid[i], &status, 0);
		won[i] = 0;
		snprintf(log, sizeof(log), "%s.%d", top, i);
		f = fopen(log, "r");
		while (f && fgets(line, sizeof(line), f)) {
			won[i]++;
			buf_reset(&b);
			rc = p->ops->state_get(p, (uint64_t)atoi(line), &b,
					       NULL);
			if (rc || b.n != sizeof(i) || memcmp(b.p, &i, b.n))
				same = 0;
		}
		if (f)
			fclose(f);
		all += won[i] + 1000 * (status != 0);
	}
	ok(all == 50, "50 states, 50 winners in 8 processes (%d)", all);
	ok(same, "... what is there is the winner's");
	ok(count("states") == 1, "... no temp folder is left");
	buf_release(&b);
	place_close(p);
}

static void gone(void)
{
	struct place *p = fresh("gone");
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t id[32] = { 5 };
	char to[1100], path[1200];
	uint64_t n = 0;

	p->ops->state_create(p, 1, "x", 1, &e);
	p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e);
	snprintf(to, sizeof(to), "%s.away", top);
	ok(!rename(top, to), "the disk is taken away");
	ok(p->ops->pack_stat(p, id, &n, &e) == HUB_EOFFLINE, "pack: offline");
	ok(p->ops->pack_get(p, id, 0, &n, 1, &e) == HUB_EOFFLINE, "... get");
	ok(p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e) == HUB_EOFFLINE,
	   "... put");
	ok(p->ops->pack_delete(p, id, &e) == HUB_EOFFLINE, "... delete");
	ok(p->ops->state_newest(p, 0, &n, &e) == HUB_EOFFLINE, "... newest");
	ok(p->ops->state_newest(p, 1, &n, &e) == HUB_EOFFLINE,
	   "... newest from a hint");
	ok(p->ops->state_get(p, 1, &b, &e) == HUB_EOFFLINE, "... state");
	ok(p->ops->state_create(p, 2, "x", 1, &e) == HUB_EOFFLINE,
	   "... create");
	ok(p->ops->format_get(p, &b, &e) == HUB_EOFFLINE, "... format");
	ok(p->ops->slot_get(p, id, &b, &e) == HUB_EOFFLINE, "... slot");
	ok(p->ops->flush(p, &e) == HUB_EOFFLINE, "... flush: '%s'", e.msg);
	place_close(p);
	p = NULL;
	ok(folder_open(top, &p, &e) == HUB_EOFFLINE && !p, "cannot be opened");
	ok(!rename(to, top), "it comes back");
	ok(folder_open(top, &p, &e) == 0 &&
	   p->ops->pack_stat(p, id, &n, &e) == 0, "and all is there");
	snprintf(path, sizeof(path), "%s/states", top);
	os_rmtree(path, NULL);
	ok(p->ops->state_newest(p, 0, &n, &e) == HUB_ECORRUPT,
	   "a vault without the folder of states is damaged, not empty");
	snprintf(path, sizeof(path), "%s/packs", top);
	os_rmtree(path, NULL);
	ok(p->ops->pack_each(p, suite_pack, NULL, &e) == HUB_ECORRUPT,
	   "... and one without that of packs");
	place_close(p);
}

/* A state's folder without its file, an empty one, foreign names. */
static void odd(void)
{
	struct place *p = fresh("odd");
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
	ok(p->ops->sweep(p, 3600, &e) == 0 && count("states") == 2,
	   "a young temp folder stays");
	ok(p->ops->sweep(p, 0, &e) == 0 && count("states") == 1,
	   "an old one goes");
	buf_release(&b);
	place_close(p);
}

/* Each system call of ${what} fails once: an error or success, and then what
 * was acknowledged is there, and the next try succeeds. */
static void faults(const char *what, int err)
{
	struct place *p = fresh("fault");
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t id[32] = { 0 };
	uint64_t seq = 0, n;
	int at, rc, bad = 0, hits = 0, hit = 1, state = what[0] == 's';

	for (at = 1; hit && at < 200; at++) {
		seq++;
		id[1] = (uint8_t)at;
		id[0] = (uint8_t)(at % 3);
		fault_arm(at, err, 0);
		if (state)
			rc = p->ops->state_create(p, seq, &seq, 8, &e);
		else
			rc = p->ops->pack_put(p, id, &seq, 8, PLACE_NEW, &e);
		if (!state && rc == 0)
			rc = p->ops->flush(p, &e);
		hit = fault_end() != NULL;
		hits += hit;
		if (rc < 0 && !hit)
			bad++;
		if (rc == HUB_EABSENT || rc == HUB_ECONFLICT)
			bad++;
		if (state) {
			buf_reset(&b);
			if (rc < 0)
				p->ops->state_create(p, seq, &seq, 8, &e);
			if (p->ops->state_get(p, seq, &b, &e) < 0 || b.n != 8 ||
			    memcmp(b.p, &seq, 8))
				bad++;
		} else {
			if (rc < 0 && (p->ops->pack_put(p, id, &seq, 8,
				PLACE_NEW, &e) < 0 || p->ops->flush(p, &e) < 0))
				bad++;
			n = 0;
			if (p->ops->pack_get(p, id, 0, &n, 8, &e) < 0 ||
			    n != seq)
				bad++;
		}
		if (bad) {
			printf("# call %d: %d %s\n", at, rc, e.msg);
			break;
		}
	}
	ok(!bad && hits > 8, "%s: each of %d calls fails with %s", what, hits,
	   strerror(err));
	ok(count(state ? "states" : "packs") <= 4 + hits, "... litter");
	p->ops->sweep(p, 0, &e);
	ok(count(state ? "states" : "packs") == (state ? 1 : 3),
	   "... is swept");
	buf_release(&b);
	place_close(p);
	os_rmtree(top, NULL);
}

int main(void)
{
	struct place *p;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	os_init();
	p = mem_place_new();
	place_suite(p, "memory");
	place_close(p);
	p = fresh("suite");
	place_suite(p, "folder");
	ok(count(".") == 5 && count("keys") == 0 && count("damaged") == 2,
	   "nothing else is left but what was put aside");
	ok(folder_probe(top, &e) == 1, "this file system is exclusive");
	place_close(p);
	ok(folder_create(top, 0, &p, &e) == 0, "made again: as it was");
	ok(p->ops->format_get(p, &b, &e) == 0 && b.n == 4, "... all there");
	buf_release(&b);
	place_close(p);
	race();
	gone();
	odd();
	faults("state_create", EIO);
	faults("state_create", ENOSPC);
	faults("pack_put", EIO);
	faults("pack_put", ENOSPC);
	return done();
}
