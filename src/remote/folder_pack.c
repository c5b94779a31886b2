/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder_pack.c - the packs of a folder place.
 *
 * A pack is written under a temp name in packs/, synced, and renamed to its
 * own: the name never leads to less than all of it, so what has the name and
 * the right size is not written again.  The folders' own names are made
 * durable by folder_flush(), once for many packs.
 */
#include <string.h>
#include "base/hex.h"
#include "remote/folder_internal.h"
#include "base/banned.h"

static int pack_path(const struct folder *f, char path[FOLDER_PATH_MAX],
		     const uint8_t id[PLACE_PACK_ID], struct err *e)
{
	char hex[2 * PLACE_PACK_ID + 1];

	hex_encode(hex, id, PLACE_PACK_ID);
	return folder_pathf(f, path, e, "packs/%.2s/%s", hex, hex);
}

/* The folder packs/xx, made if need be. */
static int make_dir(struct folder *f, uint8_t first, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	struct os_stat st;
	int rc = folder_pathf(f, path, e, "packs/%02x", first);

	if (rc < 0 || os_stat(path, &st, NULL) == 0)
		return rc;
	rc = os_mkdir(path, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	return rc;
}

int folder_pack_put(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    const void *bytes, size_t n, enum place_put how,
		    struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	struct os_stat st;
	int rc;

	if (n > PLACE_PACK_MAX)
		return err_set(e, HUB_ELIMIT, "a pack of %zu bytes", n);
	folder_temp(name);
	rc = pack_path(f, path, id, e);
	if (rc == 0)
		rc = folder_pathf(f, temp, e, "packs/%s", name);
	if (rc < 0)
		return rc;
	/* Whoever put it may not have come to its flush(). */
	f->dirty[id[0]] = 1;
	f->dirty_top = 1;
	if (how == PLACE_NEW && os_stat(path, &st, NULL) == 0 &&
	    st.type == OS_REG && st.size == n)
		return 0;

	/* Order: 1. content, durable  2. name  (3. folder: folder_flush()) */
	rc = folder_write(temp, bytes, n, 1, e);
	if (rc == 0)
		rc = make_dir(f, id[0], e);
	if (rc == 0)
		rc = os_rename(temp, path, e);
	if (rc < 0)
		os_unlink(temp, NULL);
	return folder_absent(f, rc, e);
}

int folder_pack_get(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	size_t got = 0;
	int fd = -1, rc = pack_path(f, path, id, e);

	if (rc == 0)
		rc = os_open_read(path, &fd, e);
	if (rc < 0)
		return folder_absent(f, rc, e);
	rc = os_pread(fd, buf, n, off, &got, path, e);
	if (rc == 0 && got != n)
		rc = err_set(e, HUB_ECORRUPT, "pack '%s' is cut off", path);
	os_close(fd, path, NULL);
	return rc;
}

int folder_pack_stat(struct place *p, const uint8_t id[PLACE_PACK_ID],
		     uint64_t *ret_size, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	struct os_stat st;
	int rc = pack_path(f, path, id, e);

	if (rc == 0)
		rc = os_stat(path, &st, e);
	if (rc < 0)
		return folder_absent(f, rc, e);
	if (st.type != OS_REG)
		return err_set(e, HUB_ECORRUPT, "pack '%s' is no file", path);
	*ret_size = st.size;
	return 0;
}

static int each_in(struct folder *f, unsigned first, place_pack_fn fn,
		   void *arg, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	uint8_t id[PLACE_PACK_ID];
	struct os_dir *d = NULL;
	struct os_stat st;
	enum os_type type;
	const char *name;
	int rc = folder_pathf(f, path, e, "packs/%02x", first);

	if (rc == 0)
		rc = os_dir_open(path, &d, e);
	if (rc < 0) {
		rc = folder_absent(f, rc, e);
		return rc == HUB_EABSENT ? 0 : rc;
	}
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (hex_decode(id, sizeof(id), name, strlen(name)) < 0 ||
		    id[0] != first)
			continue;
		rc = os_dir_stat(d, name, &st, e);
		if (rc == HUB_EABSENT)
			continue;	/* deleted meanwhile */
		if (rc == 0 && st.type == OS_REG)
			rc = fn(arg, id, st.size, e);
		if (rc < 0)
			break;
	}
	os_dir_close(d);
	return rc;
}

int folder_pack_each(struct place *p, place_pack_fn fn, void *arg,
		     struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	struct os_stat st;
	unsigned i;
	int rc = folder_pathf(f, path, e, "packs");

	/* A packs/ that is missing is not a vault without packs. */
	if (rc == 0)
		rc = os_stat(path, &st, e);
	if (rc == HUB_EABSENT) {
		rc = folder_absent(f, rc, e);
		if (rc == HUB_EABSENT)
			rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
	}
	for (i = 0; rc == 0 && i < 256; i++)
		rc = each_in(f, i, fn, arg, e);
	return rc;
}

int folder_pack_delete(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = pack_path(f, path, id, e);

	if (rc == 0)
		rc = os_unlink(path, e);
	if (rc == 0)
		rc = os_sync_parent(path, e);
	return folder_absent(f, rc, e);
}

int folder_flush(struct place *p, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	struct os_dir *d = NULL;
	int rc = 0, i;

	for (i = 0; rc == 0 && i < 257; i++) {
		if (i < 256 ? !f->dirty[i] : !f->dirty_top)
			continue;
		rc = i < 256 ? folder_pathf(f, path, e, "packs/%02x", i)
			     : folder_pathf(f, path, e, "packs");
		if (rc == 0)
			rc = os_dir_open(path, &d, e);
		if (rc < 0)
			break;
		rc = os_dir_sync(d, e);
		os_dir_close(d);
		d = NULL;
	}
	if (rc < 0)
		return folder_absent(f, rc, e);
	memset(f->dirty, 0, sizeof(f->dirty));
	f->dirty_top = 0;
	return 0;
}
