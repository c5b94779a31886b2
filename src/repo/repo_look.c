/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_look.c - is an object there?  Asked after libgit2 said "not found".
 *
 * libgit2 asks access() for a loose object and passes over a pack that it
 * cannot open, so "not found" may as well be a disk that does not answer, a
 * folder that may not be entered, a process without file handles.  Here each
 * place where an object may lie is looked at by calls whose failure is known.
 *
 * Order: the loose file first, then the packs: gc writes a pack before it
 * removes what is in it.  A folder of packs that changed while it was read is
 * read again.  info/alternates is read as libgit2 reads it.
 */
#include "repo/repo_internal.h"
#include "base/rd.h"
#include "os/os_file.h"

#define ALTERNATES_MAX (1u << 20)
#define DEPTH_MAX 5			/* as git */
#define TRIES 8
#define PACKS_MAX 100000
#define FAN (8)
#define NAMES (8 + 256 * 4)

struct look {
	struct repo *r;
	const struct oid *id;		/* NULL: only whether all can be read */
	struct err *e;
};

static int read_at(int fd, uint8_t *p, size_t n, uint64_t at, const char *what,
		   struct err *e)
{
	size_t got;
	int rc = os_pread(fd, p, n, at, &got, what, e);

	if (rc == 0 && got != n)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is cut short", what);
	return rc;
}

/* search(): 1 if the index of a pack, found sound before, names the object. */
static int search(struct look *l, int fd, const char *what)
{
	uint8_t p[OID_SIZE], v = l->id->h[0];
	uint32_t lo = 0, hi;
	int rc, c;

	rc = read_at(fd, p, 4, FAN + 4 * (uint64_t)v, what, l->e);
	hi = rd_be32(p);
	if (rc == 0 && v) {
		rc = read_at(fd, p, 4, FAN + 4 * (uint64_t)(v - 1), what, l->e);
		lo = rd_be32(p);
	}
	while (rc == 0 && lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		rc = read_at(fd, p, OID_SIZE, NAMES + OID_SIZE * (uint64_t)mid,
			     what, l->e);
		c = memcmp(l->id->h, p, OID_SIZE);
		if (rc == 0 && c == 0)
			return 1;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return rc;
}

/* one_pack(): 1 if it has the object; HUB_EABSENT if it vanished (git gc). */
static int one_pack(struct look *l, const char *path)
{
	static char sound;
	size_t n = strlen(path);
	int rc = 0, fd = -1;

	if (!map_get(&l->r->packs, path, n)) {
		if (l->r->packs.count >= PACKS_MAX)
			return err_set(l->e, HUB_ELIMIT, "'%sobjects/pack' holds "
				       "over %d packs; run `git gc` there",
				       l->r->commondir, PACKS_MAX);
		rc = repo_damage_pack(path, l->e);
		if (rc == 0 && map_put(&l->r->packs, path, n, &sound))
			rc = err_nomem(l->e);
	}
	if (rc < 0 || !l->id)
		return rc;
	rc = os_open_read(path, &fd, l->e);
	if (rc == 0)
		rc = search(l, fd, path);
	os_close(fd, path, NULL);
	return rc;
}

/* packs_once(): *again if a pack vanished. */
static int packs_once(struct look *l, const char *dir, int *again)
{
	struct buf p = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	size_t n;
	int rc;

	rc = os_dir_open(dir, &d, l->e);
	while (rc == 0 && (rc = os_dir_next(d, &name, &type, l->e)) == 1) {
		rc = 0;
		n = strlen(name);
		if (n < 4 || strcmp(name + n - 4, ".idx") != 0)
			continue;
		buf_reset(&p);
		buf_addf(&p, "%s/%s", dir, name);
		rc = buf_error(&p) ? err_nomem(l->e) : one_pack(l, p.p);
		if (rc == HUB_EABSENT) {
			*again = 1;
			rc = 0;
		}
		if (rc)
			break;
	}
	os_dir_close(d);
	buf_release(&p);
	return rc;
}

static int look_packs(struct look *l, const char *objects)
{
	struct os_stat was, now;
	struct buf dir = BUF_INIT;
	int rc = repo_path(&dir, objects, "/pack", l->e), again = 1, i;

	for (i = 0; rc == 0 && again && i < TRIES; i++) {
		again = 0;
		rc = os_stat(dir.p, &was, l->e);
		if (rc == HUB_EABSENT) {	/* no packs: git allows it */
			rc = 0;
			break;
		}
		if (rc == 0)
			rc = packs_once(l, dir.p, &again);
		if (rc == 0)
			rc = os_stat(dir.p, &now, l->e);
		if (rc == 0 && now.mtime_ns != was.mtime_ns)
			again = 1;
	}
	if (rc == 0 && again)
		rc = err_set(l->e, HUB_EBUSY, "the packs of '%s' keep changing "
			     "(git gc?): try again later", objects);
	buf_release(&dir);
	return rc;
}

/* look_loose(): 1 if the file is there, and can be read to its end. */
static int look_loose(struct look *l, const char *objects)
{
	struct buf p = BUF_INIT;
	uint8_t data[16384];
	size_t got = 1;
	int rc, fd = -1;

	if (!l->id)
		return 0;
	buf_addf(&p, "%s/%.2s/%s", objects, oid_hex(l->id), oid_hex(l->id) + 2);
	rc = buf_error(&p) ? err_nomem(l->e) : os_open_read(p.p, &fd, l->e);
	while (rc == 0 && got)
		rc = os_read(fd, data, sizeof(data), &got, p.p, l->e);
	os_close(fd, p.p, NULL);
	buf_release(&p);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : 1;
}

static int look_folder(struct look *l, const char *objects, int depth);

/* look_line(): one folder named by info/alternates of ${objects}. */
static int look_line(struct look *l, const char *objects, const char *line,
		     size_t n, int depth)
{
	struct buf p = BUF_INIT;
	int rc;

	if (n && line[n - 1] == '\r')
		n--;
	if (!n || line[0] == '#')
		return 0;
	if (line[0] == '.')
		buf_addf(&p, "%s/", objects);
	buf_add(&p, line, n);
	rc = buf_error(&p) ? err_nomem(l->e) : look_folder(l, p.p, depth + 1);
	buf_release(&p);
	return rc;
}

static int look_alternates(struct look *l, const char *objects, int depth)
{
	struct buf p = BUF_INIT, text = BUF_INIT;
	size_t at, end;
	int rc = 0;

	if (depth < DEPTH_MAX)
		rc = repo_path(&p, objects, "/info/alternates", l->e);
	if (rc == 0 && p.n)
		rc = os_read_file(p.p, ALTERNATES_MAX, &text, l->e);
	if (rc == HUB_EABSENT)
		rc = 0;
	for (at = 0; rc == 0 && at < text.n; at = end + 1) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);

		end = nl ? (size_t)(nl - text.p) : text.n;
		rc = look_line(l, objects, text.p + at, end - at, depth);
	}
	buf_release(&p);
	buf_release(&text);
	return rc;
}

/* 1 if it is there, 0 if surely not. */
static int look_folder(struct look *l, const char *objects, int depth)
{
	struct os_stat st;
	int rc = os_stat(objects, &st, l->e);

	if (rc == HUB_EABSENT)
		return err_set(l->e, HUB_EOFFLINE, "the folder of objects '%s' "
			       "is not there (not mounted any more?): try again "
			       "later", objects);
	if (rc == 0)
		rc = look_loose(l, objects);
	if (rc == 0)
		rc = look_packs(l, objects);
	if (rc == 0)
		rc = look_alternates(l, objects, depth);
	return rc;
}

static int look_all(struct look *l)
{
	struct buf p = BUF_INIT;
	size_t at;
	int rc = repo_path(&p, l->r->commondir, "objects", l->e);

	if (rc == 0)
		rc = look_folder(l, p.p, 0);
	for (at = 0; rc == 0 && at < l->r->added.n;
	     at += strlen(l->r->added.p + at) + 1)
		rc = look_folder(l, l->r->added.p + at, 0);
	buf_release(&p);
	return rc;
}

int repo_look(struct repo *r, const struct oid *id, struct err *e)
{
	struct err why = ERR_INIT;
	struct look l = { r, id, &why };
	int rc = oid_is_zero(id) ? 0 : look_all(&l);

	if (rc < 0 && e)
		*e = why;
	return rc;
}

int repo_mkdirs(struct repo *r, const char *path, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc;

	if (os_stat(path, &st, NULL) == 0 && st.type == OS_DIR)
		return 0;
	rc = repo_path(&p, r->commondir, "objects", e);
	if (rc == 0)
		rc = os_stat(p.p, &st, e);
	buf_release(&p);
	if (rc == HUB_EABSENT)
		return err_set(e, HUB_EOFFLINE, "'%s' went away (unmounted?): "
			       "try again later", r->commondir);
	return rc < 0 ? rc : os_mkdirs(path, e);
}

int repo_damage(struct repo *r, struct err *e)
{
	struct err why = ERR_INIT;
	struct look l = { r, NULL, &why };
	int rc = look_all(&l);

	if (rc < 0 && e)
		*e = why;
	return rc;
}
