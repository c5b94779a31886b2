/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.c - one session of git's filter protocol.
 *
 *	git: git-filter-client, version=2, flush	we: git-filter-server, version=2
 *	git: capability=..., flush			we: clean, smudge
 *	then for each file:
 *	git: command=, pathname=, ..., flush, content, flush
 *	we:  status=success, flush, content, flush, flush
 *
 * git writes all of a file before it reads: content is collected first, in
 * memory while it is short, else in a temp file that has no name any more.
 */
#include "sync/filter_internal.h"

#include <string.h>

#include "base/hex.h"
#include "os/os.h"

#define MEMORY (1u << 20)
#define PATH_MAX_BYTES 65536

static int status(struct filter *f, const char *line)
{
	int rc = filter_line(f, line);

	return rc < 0 ? rc : filter_flush(f);
}

/* ---- content in ---- */

static int spill(struct filter *f)
{
	struct buf path = BUF_INIT;
	uint8_t r[8];
	int rc;

	os_random(r, sizeof(r));
	buf_addf(&path, "%sfilter", f->ws->vdir.p);
	rc = buf_error(&path) ? err_nomem(f->e) : os_mkdirs(path.p, f->e);
	buf_addch(&path, '/');
	hex_add(&path, r, sizeof(r));
	if (!rc)
		rc = buf_error(&path) ? err_nomem(f->e) :
			os_create(path.p, 1, &f->out, f->e);
	if (!rc)
		rc = os_open_read(path.p, &f->fd, f->e);
	if (!rc)	/* where a file in use keeps its name it is swept later */
		os_unlink(path.p, NULL);
	if (!rc)
		rc = os_write(f->out, f->mem.p, f->mem.n, path.p, f->e);
	buf_release(&path);
	return rc;
}

static int take(struct filter *f)
{
	int rc = 0;

	if (f->fd < 0 && f->mem.n + f->packet_n > MEMORY)
		rc = spill(f);
	if (!rc && f->fd >= 0)
		rc = os_write(f->out, f->packet, f->packet_n, f->path.p, f->e);
	else if (!rc)
		buf_add(&f->mem, f->packet, f->packet_n);
	f->size += f->packet_n;
	return rc < 0 ? rc : buf_error(&f->mem) ? err_nomem(f->e) : 0;
}

static void drop(struct filter *f)
{
	buf_reset(&f->mem);
	os_close(f->fd, "", NULL);
	os_close(f->out, "", NULL);
	f->fd = f->out = -1;
	f->size = 0;
}

/* Everything up to the flush, also if it cannot be kept: git writes on. */
static int collect(struct filter *f, int *kept)
{
	int end, rc;

	drop(f);
	*kept = 0;
	while ((rc = filter_packet(f, &end)) > 0)
		if (!*kept)
			*kept = take(f);
	if (!rc && end)
		return err_set(f->e, HUB_ECORRUPT, "git went away");
	return rc;
}

/* ---- content out ---- */

static int send_collected(struct filter *f)
{
	uint64_t off = 0;
	size_t got = 1;
	int rc = 0;

	if (f->fd < 0)
		return filter_piece(f, f->mem.p, f->mem.n);
	while (!rc && got) {
		rc = os_pread(f->fd, f->packet, sizeof(f->packet), off, &got,
			      f->path.p, f->e);
		if (!rc)
			rc = filter_piece(f, f->packet, got);
		off += got;
	}
	return rc;
}

/* The answer: content as it came. */
static int pass_on(struct filter *f)
{
	int rc = status(f, "status=success\n");

	if (!rc)
		rc = send_collected(f);
	if (!rc)
		rc = filter_flush(f);
	return rc < 0 ? rc : filter_flush(f);
}

static int is_pointer(const struct filter *f, struct pointer *ret)
{
	return f->fd < 0 && f->mem.n <= POINTER_MAX &&
		!pointer_decode(ret, f->mem.p, f->mem.n, NULL);
}

static int smudge(struct filter *f)
{
	struct err why = ERR_INIT;
	struct pointer ptr;
	int rc;

	if (!is_pointer(f, &ptr))
		return pass_on(f);
	rc = large_has(f->ws, &ptr, 0, &why);
	if (!rc || rc == HUB_EOFFLINE || rc == HUB_EABSENT || rc == HUB_EAUTH)
		return pass_on(f);
	if (rc < 0)		/* could not look: it may well be there */
		return status(f, "status=error\n");
	rc = status(f, "status=success\n");
	if (rc < 0)
		return rc;
	rc = large_read(f->ws, &ptr, filter_piece, f, f->path.p, &why);
	if (f->e->rc)			/* git is gone */
		return f->e->rc;
	if (!rc)
		rc = filter_flush(f) ? HUB_EIO : filter_flush(f);
	else
		rc = filter_flush(f) ? HUB_EIO : status(f, "status=error\n");
	return rc;
}

static int was_large(struct filter *f)
{
	struct buf raw = BUF_INIT;
	struct baserec rec;
	int yes = !state_base_get(f->ws->state, f->path.p, f->path.n, &raw,
				  NULL) &&
		!baserec_decode(&rec, raw.p, raw.n) && content_is_large(&rec);

	buf_release(&raw);
	return yes;
}

/* 1 it goes to the vault, 0, < 0. */
static int is_large(struct filter *f)
{
	uint8_t head[POLICY_HEAD];
	size_t n = f->mem.n < sizeof(head) ? f->mem.n : sizeof(head);
	struct pointer ptr;
	int rc = 0;

	if (is_pointer(f, &ptr) && large_has(f->ws, &ptr, 0, NULL) > 0)
		return 0;	/* it was never put in the file's place */
	if (f->fd < 0)
		memcpy(head, f->mem.p, n);
	else
		rc = os_pread(f->fd, head, sizeof(head), 0, &n, f->path.p,
			      f->e);
	return rc < 0 ? rc : rule_large(&f->rule, f->path.p, f->path.n, head,
					n, f->size, was_large(f));
}

static int put(struct filter *f, struct buf *text, struct err *why)
{
	struct large_file file = { .size = f->size, .path = f->path.p };
	struct pointer ptr;
	int rc = f->fd < 0 ? spill(f) : 0;

	if (rc < 0)
		return rc;
	file.fd = f->fd;
	/* mostly git only looks, and the content is there */
	rc = large_name(f->ws, &file, &ptr, why);
	if (!rc && large_has(f->ws, &ptr, 1, NULL) > 0)
		goto out;
	if (!rc)
		rc = large_put(f->ws, &file, &ptr, why);
	if (!rc)
		rc = large_commit(f->ws, why);
	if (rc == HUB_EOFFLINE || rc == HUB_EABSENT) {	/* see there */
		rc = large_put(f->ws, &file, &ptr, why);
		if (!rc)
			rc = large_commit(f->ws, why);
	}
out:
	if (!rc)
		pointer_encode(text, &ptr);
	return rc < 0 ? rc : buf_error(text) ? err_nomem(why) : 0;
}

static int clean(struct filter *f)
{
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	int rc = is_large(f);

	if (!rc)
		return pass_on(f);
	if (rc > 0)
		rc = put(f, &text, &why);
	if (rc < 0) {			/* git says what it does about it */
		err_clear(f->e);
		rc = status(f, "status=error\n");
		goto out;
	}
	rc = status(f, "status=success\n");
	if (!rc)
		rc = filter_write(f, text.p, text.n);
	if (!rc)
		rc = filter_flush(f);
	if (!rc)
		rc = filter_flush(f);
out:
	buf_release(&text);
	return rc;
}

/* ---- the session ---- */

static void take_field(struct filter *f)
{
	struct span v;

	if (pktline_value(f->packet, f->packet_n, "command", &v))
		f->command = v.n == 5 && !memcmp(v.p, "clean", 5) ? CLEAN :
			v.n == 6 && !memcmp(v.p, "smudge", 6) ? SMUDGE : OTHER;
	else if (pktline_value(f->packet, f->packet_n, "pathname", &v) &&
		 v.n <= PATH_MAX_BYTES) {
		buf_reset(&f->path);
		buf_add(&f->path, v.p, v.n);
	}
}

/* 1 done, 0 git has closed its end. */
static int one(struct filter *f)
{
	int end = 0, any = 0, kept = 0, rc;

	f->command = OTHER;
	buf_reset(&f->path);
	while ((rc = filter_packet(f, &end)) > 0) {
		take_field(f);
		any = 1;
	}
	if (rc < 0 || (end && !any))
		return rc;
	rc = end ? err_set(f->e, HUB_ECORRUPT, "git went away") :
		collect(f, &kept);
	if (rc < 0)
		return rc;
	if (kept < 0 || f->command == OTHER || !f->path.n) {
		err_clear(f->e);
		rc = status(f, "status=error\n");
	} else {
		rc = f->command == CLEAN ? clean(f) : smudge(f);
	}
	return rc < 0 ? rc : 1;
}

/* A list of lines; 1 if ${want} is among them, a newline at the end or not. */
static int list_has(struct filter *f, const char *want)
{
	size_t n = strlen(want);
	int end, rc, found = 0;

	while ((rc = filter_packet(f, &end)) > 0) {
		size_t k = f->packet_n;

		k -= k && f->packet[k - 1] == '\n';
		found |= k == n && !memcmp(f->packet, want, n);
	}
	return rc < 0 ? rc : found;
}

static int greet(struct filter *f)
{
	int rc = list_has(f, "version=2");

	if (!rc)
		rc = err_set(f->e, HUB_EVERSION, "git speaks another version of "
			     "the filter protocol");
	if (rc < 0)
		return rc;
	rc = filter_line(f, "git-filter-server\n");
	if (!rc)
		rc = status(f, "version=2\n");
	if (!rc)
		rc = list_has(f, "capability=clean");
	if (rc < 0)
		return rc;
	rc = filter_line(f, "capability=clean\n");
	return rc < 0 ? rc : status(f, "capability=smudge\n");
}

int filter_run(struct workspace *ws, const struct filter_io *io,
	       struct err *e)
{
	static struct filter f;		/* 64 KiB: too much for a stack */
	int rc;

	memset(&f, 0, sizeof(f));
	f.ws = ws;
	f.io = io;
	f.e = e;
	f.fd = f.out = -1;
	buf_init(&f.path);
	buf_init(&f.mem);
	rc = rule_load(&f.rule, ws->root.p, e);
	if (!rc)
		rc = greet(&f);
	if (!rc)
		while ((rc = one(&f)) > 0)
			;
	drop(&f);
	rule_release(&f.rule);
	buf_release(&f.path);
	buf_release(&f.mem);
	return rc;
}
