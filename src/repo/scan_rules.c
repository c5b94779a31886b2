/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan_rules.c - the rule files that hold where the scan is.
 *
 * Order of authority, as git has it: the .gitignore of the folder, of its
 * parent, ... of the root, info/exclude, the user's own file.  The first that
 * has anything to say about a path decides.
 */
#include "repo/scan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define READ_STEP (64u << 10)

static int push(struct scan_rules **top, const struct buf *text,
		const char *base, size_t base_n, struct err *e)
{
	size_t bytes = text->n + (*top ? (*top)->bytes : 0);
	struct scan_rules *r = NULL;
	struct ignore *ig = NULL;
	int rc;

	if (bytes > SCAN_RULES_MAX) {
		rc = err_set(e, HUB_ELIMIT, "the ignore files from the root down to "
			     "'%.*s' have more than %u bytes together; make them shorter",
			     (int)base_n, base, SCAN_RULES_MAX);
		goto out;
	}
	rc = ignore_parse(text->p, text->n, base, base_n, &ig, e);
	if (rc < 0 || !ignore_count(ig))
		goto out;
	r = malloc(sizeof(*r));
	if (!r) {
		rc = err_nomem(e);
		goto out;
	}
	r->ig = ig;
	r->bytes = bytes;
	r->up = *top;
	*top = r;
	ig = NULL;
out:
	ignore_free(ig);
	return rc;
}

static int failed(int rc, struct err *e)
{
	err_in(e, "cannot tell which files are to be ignored");
	return rc;
}

int scan_rules_file(struct scan_rules **top, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	rc = os_read_file(path, IGNORE_FILE_MAX, &text, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		rc = push(top, &text, "", 0, e);
	}
	buf_release(&text);
	return rc < 0 ? failed(rc, e) : 0;
}

/* read_all(): at most one byte over the limit, which ignore_parse() refuses. */
static int read_all(int fd, struct buf *text, struct err *e)
{
	size_t want, got;
	int rc;

	do {
		want = IGNORE_FILE_MAX + 1 - text->n;
		if (want > READ_STEP)
			want = READ_STEP;
		if (buf_grow(text, want))
			return err_nomem(e);
		rc = os_read(fd, text->p + text->n, want, &got,
			     SCAN_IGNORE_NAME, e);
		if (rc < 0)
			return rc;
		text->n += got;
	} while (got == want && text->n <= IGNORE_FILE_MAX);
	return 0;
}

int scan_rules_dir(struct scan_rules **top, struct os_dir *d, const char *base,
		   size_t base_n, struct err *e)
{
	struct buf text = BUF_INIT;
	int fd = -1, rc;

	rc = os_dir_open_file(d, SCAN_IGNORE_NAME, &fd, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	if (!rc) {
		rc = read_all(fd, &text, e);
		if (rc < 0)
			err_in(e, "in folder '%.*s'", (int)base_n, base);
	}
	if (!rc)
		rc = push(top, &text, base, base_n, e);
	os_close(fd, SCAN_IGNORE_NAME, NULL);
	buf_release(&text);
	return rc < 0 ? failed(rc, e) : 0;
}

void scan_rules_drop(struct scan_rules **top, struct scan_rules *until)
{
	struct scan_rules *r;

	while (*top != until) {
		r = *top;
		*top = r->up;
		ignore_free(r->ig);
		free(r);
	}
}

int scan_rules_match(const struct scan_rules *top, const char *path, size_t n,
		     int is_dir)
{
	int r = -1;

	for (; top && r < 0; top = top->up)
		r = ignore_match(top->ig, path, n, is_dir);
	return r;
}
