/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packout_whole.c - packs that go as they are, and the objects that lie beside
 * them.  The receiver checks a pack's own checksum and every object in it, so
 * nothing is checked here.
 */
#include <stdlib.h>

#include "base/hex.h"
#include "os/os_file.h"
#include "os/os_map.h"
#include "repo/packout_internal.h"

#define TRIES 5
#define FAN 8
#define NAMES (FAN + 256 * 4)
#define SUMS 40

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

/* "pack-<40 hex>.idx" */
static int is_index(const char *name)
{
	uint8_t raw[20];

	return strlen(name) == 49 && !memcmp(name, "pack-", 5) &&
		!strcmp(name + 45, ".idx") &&
		!hex_decode(raw, sizeof(raw), name + 5, 40);
}

static int send_file(struct packout *o, const char *path)
{
	char *p = malloc(PACKOUT_PIECE);
	size_t got = 1;
	int fd = -1, rc = p ? os_open_read(path, &fd, o->e) : err_nomem(o->e);

	while (!rc && got) {
		rc = os_read(fd, p, PACKOUT_PIECE, &got, path, o->e);
		if (!rc && got)
			rc = packout_piece(o, p, got);
	}
	if (!rc)
		rc = packout_piece(o, NULL, 0);
	os_close(fd, path, NULL);
	free(p);
	return rc;
}

/* The names in an index; 0 if it is none that we read. */
static const uint8_t *names_of(const struct os_map *m, uint32_t *n)
{
	const uint8_t *p = m->p;

	*n = 0;
	if (m->n < NAMES + SUMS || memcmp(p, "\377tOc\0\0\0\2", 8))
		return NULL;
	*n = be32(p + NAMES - 4);
	return m->n - NAMES - SUMS >= (uint64_t)*n * 28 ? p + NAMES : NULL;
}

/* all_listed(): is every object of the pack one that has to go? */
static int all_listed(struct packout *o, const char *idx, int mark)
{
	struct os_map m = { NULL, 0 };
	const uint8_t *p;
	uint32_t n = 0, i;
	size_t k;
	int all = 0;

	if (os_map_read(idx, &m, NULL))
		return 0;
	p = names_of(&m, &n);
	all = p && n && n <= o->list.n;
	for (i = 0; all && i < n; i++) {
		k = gitseg_list_find(&o->list, p + (size_t)i * OID_SIZE);
		if (k == GITSEG_NONE)
			all = 0;
		else if (mark)
			o->list.en[k].spare[0] = 1;
	}
	os_map_drop(&m);
	if (all && mark)
		o->st.objects += n;
	return all;
}

/* one_pack(): ${path} is its index; what is after ".pack" was cut off. */
static int one_pack(struct packout *o, struct buf *path, int all)
{
	int rc;

	if (!all && !all_listed(o, path->p, 0))
		return 0;
	buf_setlen(path, path->n - 4);
	buf_addstr(path, ".pack");
	if (buf_error(path))
		return err_nomem(o->e);
	rc = send_file(o, path->p);
	if (rc < 0)
		return rc;
	buf_setlen(path, path->n - 5);
	buf_addstr(path, ".idx");
	if (!all)
		all_listed(o, path->p, 1);
	return 0;
}

static int each_pack(struct packout *o, int all)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	size_t n;
	int rc = repo_path(&path, repo_commondir(o->r), "objects/pack/", o->e);

	n = path.n;
	if (!rc)
		rc = os_dir_open(path.p, &d, o->e);
	if (rc == HUB_EABSENT) {
		err_clear(o->e);
		rc = 0;
		goto out;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, o->e)) > 0) {
		rc = 0;
		if (!is_index(name))
			continue;
		buf_setlen(&path, n);
		buf_addstr(&path, name);
		rc = buf_error(&path) ? err_nomem(o->e) :
			one_pack(o, &path, all);
	}
out:
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

int packout_all(struct packout *o)
{
	int i, rc = HUB_EABSENT;

	for (i = 0; rc == HUB_EABSENT && i < TRIES; i++) {
		err_clear(o->e);
		rc = each_pack(o, 1);	/* again: git gc made others of them */
	}
	if (rc == HUB_EABSENT)
		rc = err_set(o->e, HUB_EBUSY, "packs keep vanishing from '%s' "
			     "(git gc?): try again later",
			     repo_commondir(o->r));
	return rc;
}

int packout_wanted(struct packout *o)
{
	int rc;

	if (o->list.n <= GITSEG_FEW)	/* so few are not worth looking */
		return 0;
	gitseg_list_relink(&o->list);
	rc = each_pack(o, 0);
	if (rc == HUB_EABSENT) {	/* repacked meanwhile */
		err_clear(o->e);
		rc = 0;
	}
	return rc;
}

/* ---- loose objects ---- */

static int loose_folder(struct packout *o, struct os_dir *objects,
			const char *xx)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	char hex[OID_HEX + 1];
	struct oid id;
	int rc = os_dir_at(objects, xx, &d, o->e);

	memcpy(hex, xx, 3);
	while (!rc && (rc = os_dir_next(d, &name, &type, o->e)) > 0) {
		rc = 0;
		if (strlen(name) != OID_HEX - 2)
			continue;
		memcpy(hex + 2, name, OID_HEX - 1);
		if (!oid_parse(&id, hex, OID_HEX))
			rc = gitseg_list_add(&o->list, &id, 0) ?
				err_nomem(o->e) : 0;
	}
	os_dir_close(d);
	return rc;
}

int packout_loose(struct packout *o)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	uint8_t raw;
	int rc = repo_path(&path, repo_commondir(o->r), "objects", o->e);

	if (!rc)
		rc = os_dir_open(path.p, &d, o->e);
	while (!rc && (rc = os_dir_next(d, &name, &type, o->e)) > 0)
		rc = strlen(name) == 2 && !hex_decode(&raw, 1, name, 2) ?
			loose_folder(o, d, name) : 0;
	os_dir_close(d);
	buf_release(&path);
	return rc;
}
