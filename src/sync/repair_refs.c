/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_refs.c - refs of a repository that are no refs any more: an empty file
 * (the power failed), other bytes, an id that nobody ever saw there; lines of
 * packed-refs.
 *
 * What a ref was is asked of its log, of the computers' signed records, and of
 * the repository on the other side.  It is set only where they agree: one of
 * them is there, and all others are in its history, or in the log.  A ref whose
 * id others saw too is right: its objects are what is lost.
 */
#include "sync/repair_internal.h"

#include <string.h>

#include "base/hex.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/refmoves.h"
#include "sync/removed.h"

#define LOG_MAX (64u << 20)
#define PACKED_MAX (256u << 20)
#define DEPTH_MAX 32
#define SEEN_MAX 512

struct refs {
	const struct repair_refs *how;
	struct repair_job *j;
	struct repo *repo;
	struct buf path, log;
	struct map broken;		/* names */
	struct buf packed, good;	/* packed-refs as it is, as it shall be */
	int packed_bad;
	/* of the ref that is looked at */
	const char *name;
	struct oid seen[SEEN_MAX];
	size_t seen_n;
	struct oid last;		/* in the log */
	int unsure;			/* one of them is not there */
	struct err *e;
};

static char there;

static int add_broken(struct refs *r, const char *name, size_t n)
{
	return map_put(&r->broken, name, n, &there) ? err_nomem(r->e) : 0;
}

/* 1: a ref, whose id is ${ret} (zero: another ref's name). */
static int parse(const char *p, size_t n, struct oid *ret)
{
	*ret = oid_zero;
	while (n && (p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	if (n > 10 && !memcmp(p, "ref: refs/", 10))
		return !memchr(p, 0, n);
	return n == OID_HEX && !oid_parse(ret, p, n) && !oid_is_zero(ret);
}

/* ---- which are broken ---- */

static int is_there(struct refs *r, const struct oid *id)
{
	return oid_is_zero(id) ? 1 : repo_has(r->repo, id, r->e);
}

static int look_loose(struct refs *r, const char *name)
{
	struct buf b = BUF_INIT;
	struct oid id;
	size_t n = strlen(name);
	int rc;

	if (!ref_name_ok(name) || (n > 5 && !strcmp(name + n - 5, ".lock")))
		return 0;
	buf_reset(&r->path);
	buf_addf(&r->path, "%s%s", r->how->dir, name);
	rc = buf_error(&r->path) ? err_nomem(r->e) :
		os_read_file(r->path.p, 4096, &b, r->e);
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		rc = rc == HUB_ELIMIT ? add_broken(r, name, n) : 0;
	} else if (!rc) {
		rc = parse(b.p, b.n, &id) ? is_there(r, &id) : 0;
		rc = rc < 0 ? rc : rc ? 0 : add_broken(r, name, n);
	}
	buf_release(&b);
	return rc;
}

static int has_loose(struct refs *r, const char *name)
{
	struct os_stat st;

	buf_reset(&r->path);
	buf_addf(&r->path, "%s%s", r->how->dir, name);
	return !buf_error(&r->path) && !os_stat(r->path.p, &st, NULL);
}

/* In packed-refs; zero. */
static void packed(struct refs *r, const char *name, struct oid *ret)
{
	size_t at, n = strlen(name);

	for (at = 0; at + OID_HEX + 2 + n <= r->good.n; at++) {
		if (!oid_parse(ret, r->good.p + at, OID_HEX) &&
		    !memcmp(r->good.p + at + OID_HEX + 1, name, n) &&
		    r->good.p[at + OID_HEX + 1 + n] == '\n')
			return;
		while (at < r->good.n && r->good.p[at] != '\n')
			at++;
	}
	*ret = oid_zero;
}

/* A log without its ref: git removes both. */
static int look_log(struct refs *r, const char *name)
{
	struct oid id;

	if (!ref_name_ok(name) || has_loose(r, name))
		return 0;
	packed(r, name, &id);
	return oid_is_zero(&id) ? add_broken(r, name, strlen(name)) : 0;
}

/* ${in}: "", or "logs/". */
static int look_dir(struct refs *r, const char *in, const char *name,
		    int depth)
{
	struct buf path = BUF_INIT, sub = BUF_INIT;
	struct os_dir *d = NULL;
	enum os_type type;
	const char *one;
	int rc;

	buf_addf(&path, "%s%s%s", r->how->dir, in, name);
	rc = buf_error(&path) ? err_nomem(r->e) :
		os_dir_open(path.p, &d, r->e);
	if (rc == HUB_EABSENT)
		rc = 0;
	while (d && !rc && (rc = os_dir_next(d, &one, &type, r->e)) > 0) {
		buf_reset(&sub);
		buf_addf(&sub, "%s/%s", name, one);
		rc = buf_error(&sub) ? err_nomem(r->e) : type == OS_DIR ?
			depth ? look_dir(r, in, sub.p, depth - 1) : 0 :
			*in ? look_log(r, sub.p) : look_loose(r, sub.p);
	}
	os_dir_close(d);
	buf_release(&path);
	buf_release(&sub);
	return rc;
}

/* One line without its end.  1: it stays; 0: not. */
static int look_line(struct refs *r, const char *p, size_t n)
{
	struct buf name = BUF_INIT;
	struct oid id;
	size_t at;
	int ok, rc = 0;

	if (!n || *p == '#')
		return n != 0;
	if (*p == '^')
		return n == 1 + OID_HEX && !oid_parse(&id, p + 1, OID_HEX);
	for (at = 0; at + 6 <= n && memcmp(p + at, " refs/", 6); at++)
		;
	if (at + 6 <= n)
		buf_add(&name, p + at + 1, n - at - 1);
	ok = name.n && strlen(name.p) == name.n && ref_name_ok(name.p);
	if (!ok || at != OID_HEX || !parse(p, OID_HEX, &id)) {
		r->packed_bad = 1;
		rc = ok && !has_loose(r, name.p) ?
			add_broken(r, name.p, name.n) : 0;
	} else if (has_loose(r, name.p)) {
		rc = 1;
	} else {
		rc = is_there(r, &id);
		rc = rc < 0 ? rc : rc ? 1 :
			add_broken(r, name.p, name.n) ? HUB_ENOMEM : 1;
	}
	buf_release(&name);
	return rc;
}

static int look_packed(struct refs *r)
{
	size_t at, end;
	int rc, kept = 1;

	buf_reset(&r->path);
	buf_addf(&r->path, "%spacked-refs", r->how->dir);
	rc = buf_error(&r->path) ? err_nomem(r->e) :
		os_read_file(r->path.p, PACKED_MAX, &r->packed, r->e);
	if (rc == HUB_EABSENT)
		return 0;
	for (at = 0; !rc && at < r->packed.n; at = end + 1) {
		for (end = at; end < r->packed.n && r->packed.p[end] != '\n';
		     end++)
			;
		if (r->packed.p[at] == '^' && !kept)
			continue;	/* of a line that does not stay */
		kept = look_line(r, r->packed.p + at, end - at);
		if (kept < 0)
			return kept;
		r->packed_bad |= !kept;
		if (kept) {
			buf_add(&r->good, r->packed.p + at, end - at);
			buf_addch(&r->good, '\n');
		}
	}
	return rc ? rc : buf_error(&r->good) ? err_nomem(r->e) : 0;
}

/* ---- what it was ---- */

/* The log: ${find} NULL: its last id becomes ->last; else 1 if that is in it. */
static int log_has(struct refs *r, const struct oid *find)
{
	struct refmove m;
	size_t at, end;

	for (at = 0; at < r->log.n; at = end + 1) {
		for (end = at; end < r->log.n && r->log.p[end] != '\n'; end++)
			;
		if (!refmoves_parse_log(r->log.p + at, end - at, &m))
			continue;
		if (!find)
			r->last = m.now;
		else if (oid_eq(find, &m.old) || oid_eq(find, &m.now))
			return 1;
	}
	return 0;
}

/* Told twice is told once.  What is not there may have been it, unless the log
 * says that it moved on. */
static int saw(struct refs *r, const struct oid *id)
{
	size_t i;
	int rc;

	for (i = 0; i < r->seen_n; i++)
		if (oid_eq(&r->seen[i], id))
			return 0;
	if (oid_is_zero(id) || r->seen_n == SEEN_MAX)
		return 0;
	rc = repo_has(r->repo, id, r->e);
	if (rc > 0)
		r->seen[r->seen_n++] = *id;
	else if (!rc && (oid_eq(id, &r->last) || !log_has(r, id)))
		r->unsure = 1;
	return rc < 0 ? rc : 0;
}

static int device_saw(void *arg, const char *device, const struct presence *p,
		      const struct err *why)
{
	struct refs *r = arg;
	size_t i;
	int rc = 0;

	(void)why;
	for (i = 0; p && !rc && i < p->tips_n; i++)
		if (!strcmp(p->tips[i].ref, r->name) &&
		    !removed_is(r->how->hub, device))
			rc = saw(r, &p->tips[i].oid);
	return rc;
}

static int other_saw(struct refs *r)
{
	static const char ours[] = "refs/heads/", theirs[] = "refs/remotes/origin/";
	const char *from = r->how->hub ? ours : theirs;
	const char *to = r->how->hub ? theirs : ours;
	struct buf name = BUF_INIT;
	struct oid id;
	int rc = 0;

	if (!r->how->other || strncmp(r->name, from, strlen(from)))
		return 0;
	buf_addf(&name, "%s%s", to, r->name + strlen(from));
	if (buf_error(&name))
		rc = err_nomem(r->e);
	else if (!ref_get(r->how->other, name.p, &id, NULL))
		rc = saw(r, &id);
	buf_release(&name);
	return rc;
}

static int read_log(struct refs *r)
{
	int rc;

	buf_reset(&r->log);
	buf_reset(&r->path);
	buf_addf(&r->path, "%slogs/%s", r->how->dir, r->name);
	rc = buf_error(&r->path) ? err_nomem(r->e) :
		os_read_file(r->path.p, LOG_MAX, &r->log, r->e);
	r->last = oid_zero;
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT)
		return 0;
	log_has(r, NULL);
	return rc ? rc : saw(r, &r->last);
}

/* 1: it is that; 0: nobody knows, or they do not agree. */
static int choose(struct refs *r, struct oid *ret)
{
	struct oid best = oid_zero;
	size_t i;
	int rc;

	for (i = 0; !r->unsure && i < r->seen_n; i++) {
		if (oid_is_zero(&best)) {
			best = r->seen[i];
			continue;
		}
		rc = repo_is_ancestor(r->repo, &best, &r->seen[i], r->e);
		if (rc > 0)
			best = r->seen[i];
		else if (!rc && !log_has(r, &r->seen[i]))
			rc = repo_is_ancestor(r->repo, &r->seen[i], &best,
					      r->e);
		else if (!rc)
			rc = 1;
		if (rc <= 0)
			return rc;
	}
	*ret = best;
	return !r->unsure && !oid_is_zero(&best);
}

static int ask(struct refs *r, struct oid *ret)
{
	struct oid id;
	int rc;

	r->seen_n = 0;
	r->unsure = 0;
	rc = read_log(r);
	if (!rc && r->how->hub)
		rc = hub_presence_each(r->how->hub, device_saw, r, r->e);
	if (!rc || rc == HUB_EABSENT)
		rc = other_saw(r);
	packed(r, r->name, &id);
	if (!rc && has_loose(r, r->name))
		rc = saw(r, &id);
	return rc ? rc : choose(r, ret);
}

/* ---- mending ---- */

static int set(struct refs *r, const struct oid *id)
{
	struct repair_job *j = r->j;
	struct oid old;
	int rc = has_loose(r, r->name) ?
		repair_aside(j, r->how->aside, r->path.p,
			     strlen(r->how->dir), 0, r->e) : 0;

	if (!rc)
		rc = ref_get(r->repo, r->name, &old, r->e);
	if (rc == HUB_EABSENT) {
		old = oid_zero;
		rc = 0;
	}
	if (!rc)
		rc = r->how->hub ?
			ref_set_hub(r->repo, r->name, &old, id, "hub",
				    "hub repair", r->e) :
			ref_set_local(r->repo, r->name, &old, id, "hub repair",
				      r->e);
	return rc;
}

static int mend_packed(struct refs *r)
{
	int rc = 0;

	if (!r->packed_bad)
		return 0;
	buf_reset(&r->path);
	buf_addf(&r->path, "%spacked-refs", r->how->dir);
	if (buf_error(&r->path))
		return err_nomem(r->e);
	if (!r->j->r->dry_run)
		rc = repair_aside(r->j, r->how->aside, r->path.p,
				  strlen(r->how->dir), 1, r->e);
	if (!rc && !r->j->r->dry_run)
		rc = os_replace(r->path.p, r->good.p, r->good.n, 0, r->e);
	return rc ? rc : repair_act(r->j, r->e, "packed-refs %s written again "
				    "without the lines that are damaged",
				    r->j->r->dry_run ? "would be" : "was");
}

static int mend_all(struct refs *r)
{
	struct buf name = BUF_INIT;
	struct map_slot *s;
	size_t pos = 0;
	struct oid id;
	int n = 0, rc = mend_packed(r);

	while (rc >= 0 && (s = map_next(&r->broken, &pos))) {
		buf_reset(&name);
		buf_add(&name, s->key, s->n);
		r->name = name.p;
		rc = buf_error(&name) ? err_nomem(r->e) : ask(r, &id);
		if (rc <= 0)
			continue;
		n++;
		rc = r->j->r->dry_run ? 0 : set(r, &id);
		if (!rc)
			rc = repair_act(r->j, r->e, "%s %s set to %s", name.p,
					r->j->r->dry_run ? "would be" : "was",
					oid_hex(&id));
	}
	buf_release(&name);
	return rc < 0 ? rc : n;
}

int repair_refs(struct repair_job *j, const struct repair_refs *how,
		struct err *e)
{
	struct refs r = { .how = how, .j = j, .path = BUF_INIT,
			  .log = BUF_INIT, .broken = MAP_INIT,
			  .packed = BUF_INIT, .good = BUF_INIT, .e = e };
	int rc = repo_open(how->path, &r.repo, e);

	if (!rc)
		rc = look_dir(&r, "", "refs", DEPTH_MAX);
	if (!rc)
		rc = look_packed(&r);
	if (!rc && r.packed_bad)
		rc = look_dir(&r, "logs/", "refs", DEPTH_MAX);
	err_clear(e);
	if (!rc)
		rc = mend_all(&r);
	repo_close(r.repo);
	map_release(&r.broken);
	buf_release(&r.path);
	buf_release(&r.log);
	buf_release(&r.packed);
	buf_release(&r.good);
	return rc;
}
