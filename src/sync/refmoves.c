/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refmoves.c - records of moved refs.
 *
 * A line of the reflog is written before the ref moves, so the last one may be
 * of a move that never happened (the run was killed): then its old end is where
 * the ref is.  Lines that do not parse (torn by a power cut) are passed over.
 */
#include "sync/refmoves.h"
#include "sync/far.h"

#include <stdlib.h>
#include <string.h>

#include "fmt/refact.h"
#include "os/os_file.h"

#define LINE_MAX_ 4096
#define BLOCK 65536
#define CLOCKS_S 86400

static int parse_ids(const char *s, size_t n, struct refmove *ret)
{
	memset(ret, 0, sizeof(*ret));
	return n > 2 * OID_HEX + 1 && s[OID_HEX] == ' ' &&
		s[2 * OID_HEX + 1] == ' ' && !oid_parse(&ret->old, s, OID_HEX) &&
		!oid_parse(&ret->now, s + OID_HEX + 1, OID_HEX);
}

int refmoves_parse_log(const char *line, size_t n, struct refmove *ret)
{
	return parse_ids(line, n, ret);
}

/* Call ${fn} for every line of ${path}; no file has none. */
static int each_line(const char *path,
		     void (*fn)(void *arg, const char *line, size_t n),
		     void *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	int fd = -1, rc = os_open_read(path, &fd, e);
	size_t got = 1, at, end;

	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	while (!rc && got) {
		if (b.n > LINE_MAX_)		/* no line of ours */
			buf_reset(&b);
		if (buf_grow(&b, BLOCK)) {
			rc = err_nomem(e);
			break;
		}
		rc = os_read(fd, b.p + b.n, BLOCK, &got, path, e);
		if (rc < 0)
			break;
		b.n += got;
		for (at = 0; at < b.n; at = end + 1) {
			const char *nl = memchr(b.p + at, '\n', b.n - at);

			if (!nl)
				break;
			end = (size_t)(nl - b.p);
			fn(arg, b.p + at, end - at);
		}
		memmove(b.p, b.p + at, b.n - at);
		b.n -= at;
	}
	os_close(fd, path, NULL);
	buf_release(&b);
	return rc;
}

struct look {
	struct hub *h;
	const char *ref;
	const struct oid *was, *now;
	int64_t seen;
	struct refmove last;		/* of the log */
	int any, found;
	int rc;				/* < 0: we could not look */
	struct err *e;
};

/* 1, 0, < 0: also that a commit between them is damaged. */
static int is_before(struct look *l, const struct oid *a, const struct oid *b)
{
	int rc = hub_has(l->h, a, l->e);

	if (rc > 0)
		rc = hub_has(l->h, b, l->e);
	return rc > 0 ? hub_is_ancestor(l->h, a, b, l->e) : rc;
}

static void log_line(void *arg, const char *line, size_t n)
{
	struct look *l = arg;
	struct refmove m;

	if (!refmoves_parse_log(line, n, &m))
		return;
	l->last = m;
	l->any = 1;
	l->found |= oid_eq(&m.old, l->was);
}

/* Does the log's end agree with where the ref is?  1, 0, < 0. */
static int log_agrees(struct look *l)
{
	const struct refmove *m = &l->last;

	if (!l->now)
		return oid_is_zero(&m->now);
	return oid_eq(&m->now, l->now) || oid_eq(&m->old, l->now) ? 1 :
		is_before(l, &m->now, l->now);
}

static void act_line(void *arg, const char *line, size_t n)
{
	struct look *l = arg;
	struct refact m;

	if (l->rc || l->found || refact_decode(&m, line, n) ||
	    mem_cmp(m.ref.p, m.ref.n, l->ref, strlen(l->ref)))
		return;
	if (oid_eq(&m.old, l->was)) {
		l->found = 1;
	} else if (m.time + CLOCKS_S >= l->seen) {
		int rc = hub_has(l->h, l->was, l->e);

		if (rc > 0)
			rc = is_before(l, l->was, &m.old);
		else if (!rc)
			rc = 1;
		l->found = rc > 0;
		l->rc = rc < 0 ? rc : 0;
	}
}

/* Of a far hub: the end of it, at most HUBOPS_FILE_MAX bytes. */
static int far_lines(struct look *l, enum hubops_kind kind, const char *name,
		     void (*fn)(void *arg, const char *line, size_t n))
{
	struct buf b = BUF_INIT;
	const char *nl;
	size_t at = 0;
	int rc = far_get(l->h, kind, name, &b, l->e);

	if (rc == HUB_EABSENT) {
		err_clear(l->e);
		rc = 0;
	}
	while (!rc && at < b.n && (nl = memchr(b.p + at, '\n', b.n - at))) {
		fn(l, b.p + at, (size_t)(nl - b.p) - at);
		at = (size_t)(nl - b.p) + 1;
	}
	buf_release(&b);
	return rc;
}

int refmoves_explain(struct hub *h, const char *ref, const struct oid *was,
		     const struct oid *now, int64_t seen, struct err *e)
{
	struct look l = { .h = h, .ref = ref, .was = was, .now = now,
			  .seen = seen, .e = e };
	struct buf path = BUF_INIT;
	int rc;

	buf_addf(&path, "%s/logs/%s", h->path.p, ref);
	rc = buf_error(&path) ? err_nomem(e) :
		h->far ? far_lines(&l, HUBOPS_REFLOG, ref, log_line) :
		each_line(path.p, log_line, &l, e);
	if (!rc && l.found && l.any) {
		rc = log_agrees(&l);
		if (rc)
			goto out;
	}
	l.found = 0;
	buf_reset(&path);
	buf_addf(&path, "%s/vibehub/acts", h->path.p);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			h->far ? far_lines(&l, HUBOPS_ACTS, "", act_line) :
			each_line(path.p, act_line, &l, e);
	if (!rc)
		rc = l.rc;
out:
	buf_release(&path);
	return rc < 0 ? rc : l.found;
}
