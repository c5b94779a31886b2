/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leftover.c - nothing that a person wrote is swept away.
 *
 * apply_place.c takes a file away, looks at it, and puts it back if it is not
 * what was seen before.  Killed in between, a version that no history has lies in
 * tmp/.  Whatever is an object of the repository is not needed; all else goes
 * back.  Where it came from is not known any more: its root has to do.
 *
 * A large file, or a data base, is no git object of that content: of these an
 * old version may come back as a `recovered` file, too.  Better than losing one.
 */
#include "sync/leftover.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "repo/repo.h"

#define BLOB_MAX (256u << 20)		/* larger ones go back unread */
#define NAME_N 16

static int read_it(struct os_dir *d, const char *name,
		   const struct os_stat *st, struct buf *ret, struct err *e)
{
	size_t got = 0;
	int fd = -1, rc;

	if (st->type == OS_LNK)
		return os_dir_readlink(d, name, ret, e);
	rc = os_dir_open_file(d, name, &fd, e);
	if (!rc)
		rc = buf_grow(ret, (size_t)st->size + 1);
	if (!rc)
		rc = os_read(fd, ret->p, (size_t)st->size, &got, name, e);
	if (!rc)
		ret->n = got;
	os_close(fd, name, NULL);
	return rc;
}

/* is_known(): 1: an object has this content; 0 also if that cannot be told. */
static int is_known(struct workspace *ws, struct os_dir *d, const char *name,
		    struct err *e)
{
	struct buf data = BUF_INIT;
	struct os_stat st;
	struct oid id;
	int rc = os_dir_stat(d, name, &st, e);

	if (rc < 0)
		return rc;
	if ((st.type != OS_REG && st.type != OS_LNK) || st.size > BLOB_MAX)
		return 0;
	rc = read_it(d, name, &st, &data, e);
	if (!rc)
		rc = repo_hash(OBJ_BLOB, data.p, data.n, &id);
	if (!rc)
		rc = repo_has(ws->repo, &id, e);
	buf_release(&data);
	if (rc < 0 && rc != HUB_ENOMEM) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

static int bring_back(struct workspace *ws, struct os_dir *tmp,
		      struct os_dir *root, const char *name, struct err *e)
{
	char to[sizeof(ws->rep.recovered)];
	int rc;

	snprintf(to, sizeof(to), "recovered-%s", name + 1);
	rc = os_dir_rename_new_to(tmp, name, root, to, e);
	if (!rc)
		rc = os_dir_sync(root, e);
	if (!rc && !ws->rep.recovered_n++)
		memcpy(ws->rep.recovered, to, sizeof(to));
	return rc;
}

int leftover_rescue(struct workspace *ws, const char *tmp, struct err *e)
{
	struct os_dir *d = NULL, *root = NULL;
	enum os_type type;
	const char *name;
	int rc = os_dir_open(tmp, &d, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	while (rc >= 0 && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (name[0] != LEFTOVER_FIRST || strlen(name) != NAME_N)
			continue;
		rc = is_known(ws, d, name, e);
		if (!rc && !root)
			rc = os_dir_open(ws->root.p, &root, e);
		if (!rc)
			rc = bring_back(ws, d, root, name, e);
	}
	os_dir_close(root);
	os_dir_close(d);
	return rc;
}
