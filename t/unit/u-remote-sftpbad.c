/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-remote-sftpbad.c - boxes that misbehave (t/sftp-peer.py): at each kind of
 * request, in each way.  Nobody hangs, nothing is said to be absent or taken that
 * is not, what was acknowledged is there, and the same goes well afterwards.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "os/os.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "remote/sftpplace.h"
#include "lib-place.h"
#include "lib-sftp.h"

#define SILENCE 1500	/* ms; a hanging box costs so much */

static char top[1000];
static uint64_t next_state = 2;
static uint8_t next_pack = 10;

static int start(struct sftp_box *b, const char *a1, const char *a2,
		 const char *a3, const char *a4, unsigned silence,
		 struct err *e)
{
	const char *const argv[] = { "python3", "t/sftp-peer.py", a1, a2, a3,
				     a4, NULL };

	return sftp_box_start(b, argv, silence, e);
}

/* A vault with a format, a slot, a state and two packs, made as a folder. */
static void prepare(void)
{
	struct place *p = NULL;
	struct err e = ERR_INIT;
	uint8_t id[32] = { 1 };
	char big[100000];

	memset(big, 'b', sizeof(big));
	snprintf(top, sizeof(top), "%s/vault", tap_dir());
	ok(folder_create(top, 0, &p, &e) == 0 &&
	   p->ops->format_put(p, "abc\n", 4, &e) == 0 &&
	   p->ops->slot_put(p, id, "key", 3, &e) == 0 &&
	   p->ops->state_create(p, 1, "one", 3, &e) == 0 &&
	   p->ops->pack_put(p, id, "pack", 4, PLACE_NEW, &e) == 0, "a vault");
	id[0] = 2;
	ok(p->ops->pack_put(p, id, big, sizeof(big), PLACE_NEW, &e) == 0,
	   "... with packs");
	place_close(p);
}

static int note_slot(void *arg, const uint8_t id[16], struct err *e)
{
	++*(int *)arg;
	return 0;
}

struct tally { int fails, wrong, last; char what[200]; };

/* ${rc} of something that must succeed or fail, but not lie. */
static void tally(struct tally *t, const char *what, int rc, int good,
		  const struct err *e)
{
	if (rc < 0) {
		t->fails++;
		t->last = rc;
	}
	if ((rc == 0 && !good) || rc == HUB_EABSENT || rc == HUB_ECONFLICT ||
	    rc == HUB_ENOMEM || rc == HUB_EBUG || (rc < 0 && !e->msg[0])) {
		t->wrong++;
		snprintf(t->what, sizeof(t->what), "%s: %d %.150s", what, rc,
			 e->msg);
	}
}

static void reads(struct place *p, struct tally *t)
{
	struct suite_seen s = { 0, { 0 }, 0 };
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t id[32] = { 1 };
	char got[100000];
	uint64_t n = 0;
	int rc, k = 0;

	rc = p->ops->format_get(p, &b, &e);
	tally(t, "format_get", rc, b.n == 4, &e);
	rc = p->ops->state_newest(p, 0, &n, &e);
	tally(t, "state_newest", rc, n == next_state - 1, &e);
	rc = p->ops->state_newest(p, 1, &n, &e);
	tally(t, "state_newest 1", rc, n == next_state - 1, &e);
	buf_reset(&b);
	rc = p->ops->state_get(p, 1, &b, &e);
	tally(t, "state_get", rc, b.n == 3, &e);
	rc = p->ops->pack_stat(p, id, &n, &e);
	tally(t, "pack_stat", rc, n == 4, &e);
	rc = p->ops->pack_get(p, id, 0, got, 4, &e);
	tally(t, "pack_get", rc, !memcmp(got, "pack", 4), &e);
	rc = p->ops->pack_each(p, suite_pack, &s, &e);
	tally(t, "pack_each", rc, s.n >= 2, &e);
	id[0] = 2;
	rc = p->ops->pack_get(p, id, 0, got, sizeof(got), &e);
	tally(t, "pack_get 2", rc, got[0] == 'b' && got[99999] == 'b', &e);
	rc = p->ops->slot_each(p, note_slot, &k, &e);
	tally(t, "slot_each", rc, k == 1, &e);
	buf_reset(&b);
	id[0] = 1;
	rc = p->ops->slot_get(p, id, &b, &e);
	tally(t, "slot_get", rc, b.n == 3, &e);
	buf_release(&b);
}

static void writes(struct place *p, struct tally *t)
{
	struct err e = ERR_INIT;
	uint8_t id[32] = { 1 };
	uint64_t n = 0;
	int rc;

	rc = p->ops->free_space(p, &n, &e);
	tally(t, "free_space", rc, n > 0, &e);
	rc = p->ops->slot_put(p, id, "yek", 3, &e);
	tally(t, "slot_put", rc, 1, &e);
	id[0] = next_pack;
	rc = p->ops->pack_put(p, id, "new pack", 8, PLACE_NEW, &e);
	tally(t, "pack_put", rc, 1, &e);
	if (rc == 0) {
		rc = p->ops->flush(p, &e);
		tally(t, "flush", rc, 1, &e);
	}
	rc = p->ops->state_create(p, next_state, "next", 4, &e);
	tally(t, "state_create", rc, 1, &e);
	rc = p->ops->sweep(p, 0, &e);
	tally(t, "sweep", rc, 1, &e);
}

/* What is there by the eyes of a folder place. */
static int intact(int wrote)
{
	struct place *p = NULL;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, s = BUF_INIT;
	uint8_t id[32] = { 2 };
	char got[8];
	uint64_t n = 0;
	int bad = folder_open(top, &p, &e) < 0 ||
		p->ops->format_get(p, &b, &e) < 0 || b.n != 4 ||
		p->ops->state_get(p, 1, &s, &e) < 0 || s.n != 3 ||
		p->ops->pack_stat(p, id, &n, &e) < 0 || n != 100000;

	if (!bad && wrote) {
		id[0] = next_pack;
		bad = p->ops->pack_get(p, id, 0, got, 8, &e) < 0 ||
			memcmp(got, "new pack", 8);
		buf_reset(&b);
		bad |= p->ops->state_get(p, next_state, &b, &e) < 0 ||
			b.n != 4;
	}
	if (bad)
		printf("# %s\n", e.msg);
	/* A state that was made although it was not said. */
	buf_reset(&b);
	if (p && p->ops->state_get(p, next_state, &b, NULL) == 0)
		bad |= b.n != 4;
	if (b.n == 4)
		next_state++;
	place_close(p);
	buf_release(&b);
	buf_release(&s);
	return !bad;
}

/* One kind of request, one way; ${must}: somebody must notice. */
static void one(const char *what, const char *mode, int must)
{
	struct tally t = { 0, 0, 0, "" };
	struct sftp_box box;
	struct place *p = NULL;
	struct err e = ERR_INIT;
	int rc = start(&box, what, mode, NULL, NULL,
		       strcmp(mode, "hang") ? 0 : SILENCE, &e);

	next_pack++;
	if (rc == 0)
		rc = sftpplace_open(box.s, top, "box", NULL, NULL, &p, &e);
	if (rc < 0)
		tally(&t, "open", rc, 0, &e);
	if (p) {
		reads(p, &t);
		writes(p, &t);
	}
	place_close(p);
	sftp_box_end(&box);
	rc = intact(!t.fails);
	if (!ok(rc && !t.wrong && (t.fails || !must), "%s %s: %d fail, %s",
		what, mode, t.fails, t.last ? err_name(t.last) : "none"))
		printf("# %s\n", t.what);
}

static void greeting(const char *mode, int want)
{
	struct sftp_box box;
	struct err e = ERR_INIT;
	int rc = start(&box, "INIT", mode, NULL, NULL,
		       strcmp(mode, "hang") ? 0 : SILENCE, &e);

	ok(rc == want, "greeting %s: %s '%s'", mode, err_name(rc), e.msg);
	sftp_box_end(&box);
}

/* Boxes that can less. */
static void poor(const char *a1, const char *a2, const char *a3,
		 unsigned want)
{
	struct sftp_box box;
	struct place *p = NULL;
	struct err e = ERR_INIT;
	char path[1100];
	unsigned lacks = 99;
	int rc = start(&box, a1, a2, a3, NULL, 0, &e);

	snprintf(path, sizeof(path), "%s/poor%u", tap_dir(), want);
	if (rc == 0)
		rc = sftpplace_create(box.s, path, "box", NULL, NULL, &lacks,
				      &p, &e);
	ok(rc == 0 && lacks == want, "%s %s %s: lacks %u", a1, a2 ? a2 : "",
	   a3 ? a3 : "", lacks);
	if (p && want == SFTPPLACE_NO_REPLACE)
		place_suite(p, a1);
	place_close(p);
	sftp_box_end(&box);
}

static void end_place(struct sftp_box *box, struct place **p)
{
	place_close(*p);
	*p = NULL;
	sftp_box_end(box);
}

static void full(void)
{
	struct sftp_box box;
	struct place *p = NULL;
	struct err e = ERR_INIT;
	uint8_t id[32] = { 200 };
	int i, rc = start(&box, "WRITE", "full", NULL, NULL, 0, &e);

	if (rc == 0)
		rc = sftpplace_open(box.s, top, "box", NULL, NULL, &p, &e);
	if (rc == 0)
		rc = p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e);
	if (rc == 0)
		rc = p->ops->flush(p, &e);
	ok(rc == HUB_ELIMIT, "a full box: '%s'", e.msg);
	end_place(&box, &p);
	/* The failure of one is not forgotten when the next is put. */
	rc = start(&box, "WRITE", "full", NULL, NULL, 0, &e);
	if (rc == 0)
		rc = sftpplace_open(box.s, top, "box", NULL, NULL, &p, &e);
	for (i = 0; rc == 0 && i < 20; i++) {
		id[1] = (uint8_t)i;
		p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e);
	}
	ok(p && p->ops->flush(p, &e) == HUB_ELIMIT, "... flush tells it");
	ok(p && p->ops->pack_put(p, id, "x", 1, PLACE_NEW, &e) == 0 &&
	   p->ops->flush(p, &e) == 0, "... has room again");
	place_close(p);
	sftp_box_end(&box);
}

int main(void)
{
	static const char *const whats[] = {
		"OPEN", "CLOSE", "READ", "WRITE", "LSTAT", "STAT", "OPENDIR",
		"READDIR", "REMOVE", "MKDIR", "RENAME", "fsync",
		"posix-rename", "statvfs",
	};
	/* A start of python is slow: these take turns. */
	static const char *const modes[] = {
		"short", "cut", "twice", "type", "huge",
	};
	size_t i;

	os_init();
	prepare();
	for (i = 0; i < sizeof(whats) / sizeof(*whats); i++) {
		one(whats[i], "wrongid", 1);
		one(whats[i], "close", 1);
		one(whats[i], modes[i % 5], 1);
		one(whats[i], "failure", 0);
		if (i % 5 == 0)
			one(whats[i], "late", 0);
		if (i % 5 == 3)
			one(whats[i], "hang", 1);
	}
	one("OPEN", "other", 1);
	one("LSTAT", "other", 1);
	one("READDIR", "other", 1);
	one("statvfs", "other", 1);
	one("READ", "noise", 0);
	one("READ", "more", 1);
	one("READ", "none", 1);
	one("READDIR", "slash", 1);
	one("READDIR", "dots", 0);
	one("READDIR", "empty", 1);
	one("READDIR", "endless", 1);
	greeting("shell", HUB_EIO);
	greeting("version6", HUB_EVERSION);
	greeting("version2", HUB_EVERSION);
	greeting("short", HUB_EIO);
	greeting("type", HUB_EIO);
	greeting("huge", HUB_EIO);
	greeting("close", HUB_EOFFLINE);
	greeting("cut", HUB_EOFFLINE);
	greeting("hang", HUB_EOFFLINE);
	full();
	poor("--no=fsync", NULL, NULL,
	     SFTPPLACE_NO_SYNC | SFTPPLACE_NO_SYNC_NAMES);
	poor("--no=posix-rename", "--no=statvfs", "--no=hardlink",
	     SFTPPLACE_NO_REPLACE);
	poor("--overwrite", NULL, NULL, SFTPPLACE_ONE_WRITER);
	return done();
}
