/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder.c - a place that is a folder: opening and making it, its format file
 * and its key slots.  Packs: folder_pack.c; states: folder_state.c.
 *
 * Everything goes by path: a handle on the root would keep a disk from being
 * unmounted, and would go on to "work" on one that was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "remote/folder_internal.h"
#include "base/banned.h"

struct folder *folder_of(struct place *p)
{
	return (struct folder *)p;
}

int folder_pathf(const struct folder *f, char out[FOLDER_PATH_MAX],
		 struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n, k;

	n = snprintf(out, FOLDER_PATH_MAX, "%s/", f->root);
	if (n < 0 || n >= FOLDER_PATH_MAX)
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'",
			       f->root);
	va_start(ap, fmt);
	k = vsnprintf(out + n, (size_t)(FOLDER_PATH_MAX - n), fmt, ap);
	va_end(ap);
	if (k < 0 || k >= FOLDER_PATH_MAX - n)
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'",
			       f->root);
	return 0;
}

void folder_temp(char out[32])
{
	uint8_t salt[6];
	size_t n = sizeof(FOLDER_TEMP) - 1;

	os_random(salt, sizeof(salt));
	memcpy(out, FOLDER_TEMP, n);
	hex_encode(out + n, salt, sizeof(salt));
}

int folder_is_temp(const char *name)
{
	return !strncmp(name, FOLDER_TEMP, sizeof(FOLDER_TEMP) - 1);
}

int folder_absent(const struct folder *f, int rc, struct err *e)
{
	struct err why = ERR_INIT;
	struct os_stat st;
	int there;

	if (rc != HUB_EABSENT)
		return rc;
	there = os_stat(f->root, &st, &why);
	if (there == 0 && st.type == OS_DIR)
		return rc;
	if (there < 0 && there != HUB_EABSENT)
		return err_set(e, there, "%s", why.msg);
	return err_set(e, HUB_EOFFLINE, "'%s' is not there any more: is its "
		       "disk mounted?", f->root);
}

static void folder_close(struct place *p)
{
	struct folder *f = folder_of(p);

	free(f->root);
	free(f);
}

/* ---- format ---- */

static int format_get(struct place *p, struct buf *ret, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = folder_pathf(f, path, e, "format");

	if (rc == 0)
		rc = os_read_file(path, PLACE_FORMAT_MAX, ret, e);
	return folder_absent(f, rc, e);
}

int folder_write(const char *path, const void *bytes, size_t n, int protect,
		 struct err *e)
{
	int fd = -1, rc = os_create(path, 0, &fd, e);

	if (rc < 0)
		return rc;
	rc = os_write(fd, bytes, n, path, e);
	if (rc == 0 && protect)
		rc = os_protect(fd, path, e);
	if (rc == 0)
		rc = os_fsync(fd, path, e);
	if (rc < 0)
		os_close(fd, path, NULL);
	else
		rc = os_close(fd, path, e);
	return rc;
}

static int format_put(struct place *p, const void *bytes, size_t n,
		      struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	int rc;

	folder_temp(name);
	rc = folder_pathf(f, path, e, "format");
	if (rc == 0)
		rc = folder_pathf(f, temp, e, "%s", name);
	if (rc < 0)
		return rc;
	/* Order: 1. content  2. name, only where there is none  3. durable */
	rc = folder_write(temp, bytes, n, 0, e);
	if (rc == 0)
		rc = os_link_new(temp, path, e);
	os_unlink(temp, NULL);
	if (rc == 0)
		rc = os_sync_parent(path, e);
	return folder_absent(f, rc, e);
}

/* ---- slots ---- */

static int slot_path(const struct folder *f, char path[FOLDER_PATH_MAX],
		     const uint8_t id[PLACE_SLOT_ID], struct err *e)
{
	char hex[2 * PLACE_SLOT_ID + 1];

	hex_encode(hex, id, PLACE_SLOT_ID);
	return folder_pathf(f, path, e, "keys/%s", hex);
}

static int slot_each(struct place *p, place_slot_fn fn, void *arg,
		     struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	uint8_t id[PLACE_SLOT_ID];
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	int rc = folder_pathf(f, path, e, "keys");

	if (rc == 0)
		rc = os_dir_open(path, &d, e);
	if (rc < 0)
		return folder_absent(f, rc, e);
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (hex_decode(id, sizeof(id), name, strlen(name)) < 0)
			continue;
		rc = fn(arg, id, e);
		if (rc < 0)
			break;
	}
	os_dir_close(d);
	return rc;
}

static int slot_get(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    struct buf *ret, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0)
		rc = os_read_file(path, PLACE_SLOT_MAX, ret, e);
	return folder_absent(f, rc, e);
}

static int slot_put(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    const void *bytes, size_t n, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0 && n > PLACE_SLOT_MAX)
		rc = err_set(e, HUB_ELIMIT, "a key slot of %zu bytes", n);
	if (rc == 0)
		rc = os_replace(path, bytes, n, 0, e);
	return folder_absent(f, rc, e);
}

static int slot_delete(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		       struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0)
		rc = os_unlink(path, e);
	if (rc == 0)
		rc = os_sync_parent(path, e);
	return folder_absent(f, rc, e);
}

/* ---- the rest ---- */

static int free_space(struct place *p, uint64_t *ret, struct err *e)
{
	struct folder *f = folder_of(p);

	return folder_absent(f, os_disk_free(f->root, ret, e), e);
}

/* Remove temp names below ${dir} that are old; files and folders. */
static int sweep_dir(const struct folder *f, const char *dir, int64_t age_s,
		     struct err *e)
{
	char path[FOLDER_PATH_MAX];
	struct os_dir *d = NULL;
	struct os_stat st;
	enum os_type type;
	const char *name;
	int rc = folder_pathf(f, path, e, "%s", dir);

	if (rc == 0)
		rc = os_dir_open(path, &d, e);
	if (rc < 0)
		return folder_absent(f, rc, e);
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (!folder_is_temp(name) ||
		    os_dir_stat(d, name, &st, NULL) < 0 ||
		    st.mtime_ns / 1000000000 > os_now() - age_s)
			continue;
		/* Another sweep may be faster; a failure is no harm. */
		if (folder_pathf(f, path, NULL, "%s/%s", dir, name) == 0)
			os_rmtree(path, NULL);
	}
	os_dir_close(d);
	return rc;
}

static int sweep(struct place *p, int64_t age_s, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = sweep_dir(f, ".", age_s, e);

	if (rc == 0)
		rc = sweep_dir(f, "packs", age_s, e);
	if (rc == 0)
		rc = sweep_dir(f, "states", age_s, e);
	if (rc == 0)
		rc = folder_pathf(f, path, e, "keys");
	if (rc == 0)
		rc = os_replace_sweep(path, age_s, e);
	return rc;
}

static const struct place_ops ops = {
	.close = folder_close,
	.format_get = format_get,
	.format_put = format_put,
	.state_newest = folder_state_newest,
	.state_get = folder_state_get,
	.state_create = folder_state_create,
	.state_delete = folder_state_delete,
	.pack_put = folder_pack_put,
	.pack_get = folder_pack_get,
	.pack_stat = folder_pack_stat,
	.pack_each = folder_pack_each,
	.pack_delete = folder_pack_delete,
	.slot_each = slot_each,
	.slot_get = slot_get,
	.slot_put = slot_put,
	.slot_delete = slot_delete,
	.aside = folder_aside,
	.flush = folder_flush,
	.free_space = free_space,
	.sweep = sweep,
};

/* ---- open and create ---- */

void folder_path_hub(struct buf *ret, const char *hub_git)
{
	buf_addf(ret, "%s/vibehub/vault", hub_git);
}

void folder_path_place(struct buf *ret, const char *root,
		       const uint8_t hub[32])
{
	buf_addf(ret, "%s/", root);
	hex_add(ret, hub, 32);
}

int folder_open(const char *vault, struct place **ret, struct err *e)
{
	struct os_stat st;
	struct folder *f;
	int rc = os_stat(vault, &st, e);

	if (rc == HUB_EABSENT || (rc == 0 && st.type != OS_DIR))
		return err_set(e, HUB_EOFFLINE, "no vault at '%s': is its disk "
			       "mounted?", vault);
	if (rc < 0)
		return rc;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_nomem(e);
	f->root = malloc(strlen(vault) + 1);
	if (!f->root) {
		free(f);
		return err_nomem(e);
	}
	memcpy(f->root, vault, strlen(vault) + 1);
	f->place.ops = &ops;
	f->place.name = f->root;
	*ret = &f->place;
	return 0;
}

int folder_create(const char *vault, int single, struct place **ret,
		  struct err *e)
{
	static const char *const names[] = { "keys", "packs", "states" };
	char path[FOLDER_PATH_MAX];
	struct place *p = NULL;
	size_t i;
	int rc = os_mkdirs(vault, e);

	if (rc == 0)
		rc = folder_open(vault, &p, e);
	for (i = 0; rc == 0 && i < 3; i++) {
		rc = folder_pathf(folder_of(p), path, e, "%s", names[i]);
		if (rc == 0)
			rc = os_mkdirs(path, e);
	}
	if (rc == 0 && !single) {
		rc = folder_probe(vault, e);
		if (rc == 0)
			rc = err_set(e, HUB_EUSAGE, "the file system of '%s' "
				     "cannot keep two writers apart: use it "
				     "for one computer only", vault);
	}
	if (rc < 0) {
		place_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

int folder_each(const char *root, folder_fn fn, void *arg, struct err *e)
{
	uint8_t hub[32];
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	int rc = os_dir_open(root, &d, e);

	if (rc == HUB_EABSENT)
		return err_set(e, HUB_EOFFLINE, "'%s' is not there: is its "
			       "disk mounted?", root);
	if (rc < 0)
		return rc;
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (hex_decode(hub, sizeof(hub), name, strlen(name)) < 0)
			continue;
		rc = fn(arg, hub, e);
		if (rc < 0)
			break;
	}
	os_dir_close(d);
	return rc;
}
