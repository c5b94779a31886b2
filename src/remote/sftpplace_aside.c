/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace_aside.c - what is damaged is moved to damaged/, as folder_aside.c
 * has it.  A state needs a second name before it loses its first: a link, or a
 * copy where the box makes none.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "os/os.h"
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

#define ASIDE "damaged"

/* A thing, where it lies and where it goes. */
struct way {
	char path[FOLDER_PATH_MAX], dir[FOLDER_PATH_MAX];
	char to[FOLDER_PATH_MAX], aside[FOLDER_PATH_MAX];
};

/* "damaged/<kind>-<name>.<random>"; the folder is made if need be. */
static int aside_path(struct sftpplace *f, struct way *w, const char *name,
		      struct err *e)
{
	uint8_t salt[6];
	char hex[2 * sizeof(salt) + 1];
	int rc = sftpplace_pathf(f, w->aside, e, ASIDE);

	if (rc == 0)
		rc = sftp_mkdir(f->s, w->aside, e);
	if (rc == 0)
		rc = sftpplace_sync_names(f, f->root, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	os_random(salt, sizeof(salt));
	hex_encode(hex, salt, sizeof(salt));
	return rc < 0 ? rc : sftpplace_pathf(f, w->to, e, ASIDE "/%s.%s", name,
					     hex);
}

/* Where it lies, and what it is called aside. */
static int lies(struct sftpplace *f, enum place_what what, const uint8_t *id,
		uint64_t seq, struct way *w, char name[96], struct err *e)
{
	unsigned long long n = seq;
	char hex[65], sub[96] = "";

	switch (what) {
	case PLACE_FORMAT:
		snprintf(name, 96, "format");
		snprintf(w->dir, sizeof(w->dir), "%s", f->root);
		return sftpplace_pathf(f, w->path, e, "format");
	case PLACE_SLOT:
		hex_encode(hex, id, PLACE_SLOT_ID);
		snprintf(name, 96, "key-%s", hex);
		snprintf(sub, sizeof(sub), "keys");
		break;
	case PLACE_PACK:
		hex_encode(hex, id, PLACE_PACK_ID);
		snprintf(name, 96, "pack-%s", hex);
		snprintf(sub, sizeof(sub), "packs/%.2s", hex);
		break;
	case PLACE_STATE:
		snprintf(hex, sizeof(hex), "s");
		snprintf(name, 96, "state-%llu", n);
		snprintf(sub, sizeof(sub), "states/%llu/%llu",
			 n / FOLDER_BLOCK, n);
		break;
	}
	if (!sub[0])
		return err_set(e, HUB_EBUG, "nothing of kind %d is put aside",
			       what);
	if (sftpplace_pathf(f, w->dir, e, "%s", sub) < 0)
		return HUB_ELIMIT;
	return sftpplace_pathf(f, w->path, e, "%s/%s", sub, hex);
}

/* A second name for its bytes, or a second copy. */
static int second(struct sftpplace *f, struct way *w, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = HUB_EIO;

	if (sftp_can(f->s) & SFTPMSG_CAN_HARDLINK)
		rc = sftp_link(f->s, w->path, w->to, e);
	if (rc == HUB_EIO || rc == HUB_EDENIED) {
		err_clear(e);
		rc = sftp_get(f->s, w->path, PLACE_PACK_MAX, &b, e);
		if (rc == 0)
			rc = sftp_put(f->s, w->to, b.p, b.n, 0666, e);
	}
	buf_release(&b);
	return rc < 0 ? rc : sftpplace_sync_names(f, w->aside, e);
}

/*
 * Order: 1. its bytes have a second name  2. an empty state takes its first.
 * The number is never free for another one to take.
 */
static int state_aside(struct sftpplace *f, uint64_t seq, struct way *w,
		       struct err *e)
{
	struct sftpmsg_attrs a;
	int rc = sftp_stat(f->s, w->path, 0, &a, e);

	if (rc == 0 && sftpmsg_is_file(&a) && a.size == 0 &&
	    (a.flags & SFTPMSG_HAS_SIZE))
		return 0;
	if (rc == 0)
		rc = second(f, w, e);
	if (rc == HUB_EABSENT) {
		rc = sftpplace_state_create(&f->place, seq, "", 0, e);
		if (rc != HUB_ECONFLICT)
			return rc;
		rc = 0;		/* a folder without its file, or a fast one */
		if (sftp_stat(f->s, w->path, 0, &a, NULL) == 0)
			return 0;
	}
	return rc < 0 ? rc : sftpplace_replace(f, w->dir, w->path, "", 0, e);
}

int sftpplace_aside(struct place *p, enum place_what what, const uint8_t *id,
		    uint64_t seq, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char name[96];
	struct way w;
	int rc = lies(f, what, id, seq, &w, name, e);

	if (rc == 0)
		rc = aside_path(f, &w, name, e);
	if (rc == 0 && what == PLACE_STATE)
		return sftpplace_absent(f, state_aside(f, seq, &w, e), e);
	if (rc == 0 && what == PLACE_PACK) {
		rc = sftpplace_put_settle(f, id, e);
		sftpplace_get_forget(f, id);
	}
	if (rc == 0)
		rc = sftp_rename(f->s, w.path, w.to, e);
	if (rc == 0)
		rc = sftpplace_sync_names(f, w.aside, e);
	if (rc == 0)
		rc = sftpplace_sync_names(f, w.dir, e);
	return sftpplace_absent(f, rc, e);
}
