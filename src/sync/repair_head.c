/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_head.c - HEAD that names nothing: without it git sees no repository at
 * all.  Files are looked at, as nothing can open it.
 *
 * Which branch it was: the last that the log of HEAD says was checked out, if
 * that is there; else the only one; else main.
 */
#include "sync/repair_internal.h"

#include <string.h>

#include "os/os_file.h"
#include "repo/ref.h"

#define LOG_MAX (64u << 20)
#define PACKED_MAX (256u << 20)
#define DEPTH_MAX 32

struct head {
	const char *dir;		/* of the refs, ends with '/' */
	struct buf only;		/* a branch; the first that was met */
	const char *want;		/* is this one there? */
	int n, found;
};

static void met(struct head *h, const char *name, size_t n)
{
	if (strlen(h->want) == n && !memcmp(h->want, name, n))
		h->found = 1;
	if (h->n && h->only.n == n && !memcmp(h->only.p, name, n))
		return;
	if (!h->n++)
		buf_add(&h->only, name, n);
}

static int loose(struct head *h, const char *name, int depth, struct err *e)
{
	struct buf path = BUF_INIT, sub = BUF_INIT;
	struct os_dir *d = NULL;
	enum os_type type;
	const char *one;
	int rc;

	buf_addf(&path, "%s%s", h->dir, name);
	rc = buf_error(&path) ? err_nomem(e) : os_dir_open(path.p, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	while (d && !rc && (rc = os_dir_next(d, &one, &type, e)) > 0) {
		buf_reset(&sub);
		buf_addf(&sub, "%s/%s", name, one);
		rc = buf_error(&sub) ? err_nomem(e) : 0;
		if (!rc && type == OS_DIR)
			rc = depth ? loose(h, sub.p, depth - 1, e) : 0;
		else if (!rc && ref_name_ok(sub.p))
			met(h, sub.p, sub.n);
	}
	os_dir_close(d);
	buf_release(&path);
	buf_release(&sub);
	return rc;
}

/* All branches are met. */
static int branches(struct head *h, const char *want, struct err *e)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	const char *p, *end;
	int rc;

	h->want = want;
	h->n = h->found = 0;
	buf_reset(&h->only);
	rc = loose(h, "refs/heads", DEPTH_MAX, e);
	buf_addf(&path, "%spacked-refs", h->dir);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_read_file(path.p, PACKED_MAX, &b, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	for (p = b.p; !rc && (p = strstr(p, " refs/heads/")); p = end) {
		end = strchr(++p, '\n');
		end = end ? end : p + strlen(p);
		met(h, p, (size_t)(end - p));
	}
	if (!rc && buf_error(&h->only))
		rc = err_nomem(e);
	buf_release(&path);
	buf_release(&b);
	return rc;
}

/* "checkout: moving from A to B": the last B. */
static int checked_out(const char *gitdir, struct buf *ret, struct err *e)
{
	static const char what[] = "\tcheckout: moving from ";
	struct buf path = BUF_INIT, b = BUF_INIT;
	const char *p, *end, *to;
	int rc;

	buf_addf(&path, "%slogs/HEAD", gitdir);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, LOG_MAX, &b, e);
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(e);
		rc = 0;
	}
	for (p = b.p; !rc && (p = strstr(p, what)); p = end) {
		end = strchr(p, '\n');
		end = end ? end : p + strlen(p);
		to = strstr(p, " to ");
		if (!to || to > end)
			continue;
		buf_reset(ret);
		buf_addstr(ret, "refs/heads/");
		buf_add(ret, to + 4, (size_t)(end - to - 4));
	}
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
	buf_release(&path);
	buf_release(&b);
	return rc;
}

/* ${ret} is empty if nobody knows. */
static int which(const char *gitdir, const char *refs, struct buf *ret,
		 struct err *e)
{
	struct head h = { .dir = refs, .only = BUF_INIT };
	int rc = checked_out(gitdir, ret, e);

	if (!rc)
		rc = branches(&h, ret->p, e);
	if (!rc && !h.found) {
		buf_reset(ret);
		if (h.n == 1)
			buf_add(ret, h.only.p, h.only.n);
		else
			rc = branches(&h, "refs/heads/main", e);
		if (h.found || !h.n)
			buf_addstr(ret, "refs/heads/main");
	}
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
	buf_release(&h.only);
	return rc;
}

static int is_head(const struct buf *b)
{
	size_t n = b->n;
	struct oid id;
	char name[256];

	while (n && (b->p[n - 1] == '\n' || b->p[n - 1] == ' '))
		n--;
	if (n == OID_HEX && !oid_parse(&id, b->p, n))
		return 1;
	if (n < 6 || n - 5 >= sizeof(name) || memcmp(b->p, "ref: ", 5))
		return 0;
	memcpy(name, b->p + 5, n - 5);
	name[n - 5] = '\0';
	return strlen(name) == n - 5 && ref_name_ok(name);
}

int repair_head(struct repair_job *j, const char *gitdir, const char *refs,
		const char *aside, struct err *e)
{
	struct buf path = BUF_INIT, b = BUF_INIT, name = BUF_INIT;
	int rc, there;

	buf_addf(&path, "%sHEAD", gitdir);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, 4096, &b, e);
	there = rc != HUB_EABSENT;
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(e);
		rc = 0;
	}
	if (rc || is_head(&b))
		goto out;
	rc = which(gitdir, refs, &name, e);
	if (rc || !name.n)
		goto out;
	if (there && !j->r->dry_run)
		rc = repair_aside(j, aside, path.p, strlen(gitdir), 1, e);
	buf_reset(&b);
	buf_addf(&b, "ref: %s\n", name.p);
	if (!rc && !j->r->dry_run)
		rc = buf_error(&b) ? err_nomem(e) :
			os_replace(path.p, b.p, b.n, 0, e);
	if (!rc)
		rc = repair_act(j, e, "HEAD %s set to %s", j->r->dry_run ?
				"would be" : "was", name.p);
	rc = rc ? rc : 1;
out:
	buf_release(&path);
	buf_release(&b);
	buf_release(&name);
	return rc;
}
