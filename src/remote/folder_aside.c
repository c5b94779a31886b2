/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder_aside.c - what is damaged is moved to <vault>/damaged/, under its kind,
 * its name and a random end, so that nothing there is ever replaced.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "os/os.h"
#include "remote/folder_internal.h"
#include "base/banned.h"

#define ASIDE "damaged"

/* "damaged/<kind>-<name>.<random>"; the folder is made if need be. */
static int aside_path(const struct folder *f, char path[FOLDER_PATH_MAX],
		      const char *name, struct err *e)
{
	uint8_t salt[6];
	char hex[2 * sizeof(salt) + 1];
	int rc = folder_pathf(f, path, e, ASIDE);

	if (rc == 0)
		rc = os_mkdirs(path, e);
	os_random(salt, sizeof(salt));
	hex_encode(hex, salt, sizeof(salt));
	if (rc == 0)
		rc = folder_pathf(f, path, e, ASIDE "/%s.%s", name, hex);
	return rc;
}

/* Where it lies, and what it is called aside. */
static int lies(const struct folder *f, enum place_what what,
		const uint8_t *id, uint64_t seq, char path[FOLDER_PATH_MAX],
		char name[96], struct err *e)
{
	unsigned long long n = seq;
	char hex[65];

	switch (what) {
	case PLACE_FORMAT:
		snprintf(name, 96, "format");
		return folder_pathf(f, path, e, "format");
	case PLACE_SLOT:
		hex_encode(hex, id, PLACE_SLOT_ID);
		snprintf(name, 96, "key-%s", hex);
		return folder_pathf(f, path, e, "keys/%s", hex);
	case PLACE_PACK:
		hex_encode(hex, id, PLACE_PACK_ID);
		snprintf(name, 96, "pack-%s", hex);
		return folder_pathf(f, path, e, "packs/%.2s/%s", hex, hex);
	case PLACE_STATE:
		snprintf(name, 96, "state-%llu", n);
		return folder_pathf(f, path, e, "states/%llu/%llu/s",
				    n / FOLDER_BLOCK, n);
	}
	return err_set(e, HUB_EBUG, "nothing of kind %d is put aside", what);
}

/*
 * Order: 1. its bytes have a second name  2. an empty state takes its first.
 * The number is never free for another one to take.
 */
static int state_aside(struct folder *f, uint64_t seq, const char *path,
		       const char *to, struct err *e)
{
	struct os_stat st;
	int rc = os_stat(path, &st, e);

	if (rc == 0 && st.type == OS_REG && st.size == 0)
		return 0;
	if (rc == 0)
		rc = os_link_new(path, to, e);
	if (rc == 0)
		rc = os_sync_parent(to, e);
	if (rc == HUB_EABSENT) {
		rc = folder_state_create(&f->place, seq, "", 0, e);
		if (rc != HUB_ECONFLICT)
			return rc;
		rc = 0;		/* a folder without its file, or a fast one */
		if (os_stat(path, &st, NULL) == 0)
			return 0;
	}
	return rc < 0 ? rc : os_replace(path, "", 0, 0, e);
}

int folder_aside(struct place *p, enum place_what what, const uint8_t *id,
		 uint64_t seq, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX], to[FOLDER_PATH_MAX], name[96];
	int rc = lies(f, what, id, seq, path, name, e);

	if (rc == 0)
		rc = aside_path(f, to, name, e);
	if (rc == 0 && what == PLACE_STATE)
		return folder_absent(f, state_aside(f, seq, path, to, e), e);
	if (rc == 0)
		rc = os_rename(path, to, e);
	if (rc == 0)
		rc = os_sync_parent(to, e);
	if (rc == 0)
		rc = os_sync_parent(path, e);
	return folder_absent(f, rc, e);
}
