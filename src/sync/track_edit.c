/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_edit.c - .vibehub/policy as a text that somebody else wrote too: lines
 * are taken out and put in, all others stay byte for byte.
 */
#include <string.h>
#include "base/banned.h"
#include "os/os_file.h"
#include "sync/track.h"

#define FOLDER ".vibehub"
#define FILE_NAME "policy"
#define TEMP ".policy.tmp"

/* ---- lines ---- */

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Does the line say ${word} (NULL: large or small) and ${rest} (NULL: anything)? */
static int says(const char *p, size_t n, const char *word, const char *rest)
{
	size_t w = 0, from;

	while (n && is_blank(p[n - 1]))
		n--;
	while (n && is_blank(*p)) {
		p++;
		n--;
	}
	while (w < n && !is_blank(p[w]))
		w++;
	if (word ? w != strlen(word) || memcmp(p, word, w) :
		   w != 5 || (memcmp(p, "large", 5) && memcmp(p, "small", 5)))
		return 0;
	for (from = w; from < n && is_blank(p[from]); from++)
		;
	return !rest || (n - from == strlen(rest) &&
			 !memcmp(p + from, rest, n - from));
}

/* Take out the lines that say so; how many. */
static int take_out(struct buf *text, const char *word, const char *rest)
{
	size_t at = 0, to = 0, n, all;
	const char *nl;
	int gone = 0;

	for (; at < text->n; at += all) {
		nl = memchr(text->p + at, '\n', text->n - at);
		n = nl ? (size_t)(nl - text->p) - at : text->n - at;
		all = n + !!nl;
		if (says(text->p + at, n, word, rest)) {
			gone++;
			continue;
		}
		memmove(text->p + to, text->p + at, all);
		to += all;
	}
	buf_setlen(text, to);
	return gone;
}

/* Is the text's last pattern line this one? */
static int is_last(const struct buf *text, const char *word, const char *pattern)
{
	size_t end = text->n, at;

	while (end) {
		at = end;
		while (at && text->p[at - 1] != '\n')
			at--;
		if (says(text->p + at, end - at, NULL, NULL))
			return says(text->p + at, end - at, word, pattern);
		end = at ? at - 1 : 0;
	}
	return 0;
}

static int put_line(struct buf *text, const char *word, const char *rest,
		    struct err *e)
{
	if (text->n && text->p[text->n - 1] != '\n')
		buf_addch(text, '\n');
	buf_addf(text, "%s %s\n", word, rest);
	return buf_error(text) ? err_nomem(e) : 1;
}

int track_add(struct buf *text, const char *word, const char *pattern,
	      struct err *e)
{
	int rc = policy_pattern_check(pattern, strlen(pattern), e);

	if (rc < 0)
		return rc;
	if (is_last(text, word, pattern))
		return 0;
	take_out(text, NULL, pattern);
	return put_line(text, word, pattern, e);
}

int track_remove(struct buf *text, const char *pattern, struct err *e)
{
	int rc = policy_pattern_check(pattern, strlen(pattern), e);

	return rc < 0 ? rc : take_out(text, NULL, pattern) > 0;
}

int track_limit(struct buf *text, const char *word, uint64_t size,
		struct err *e)
{
	struct buf b = BUF_INIT;
	int rc, gone;

	if (size && (size < POLICY_OVER_MIN || size > POLICY_OVER_MAX))
		return err_set(e, HUB_EUSAGE, "a limit is from 64K to 1G");
	if (size)
		policy_size_add(&b, size);
	if (buf_error(&b)) {
		buf_release(&b);
		return err_nomem(e);
	}
	gone = take_out(text, word, NULL);
	rc = size ? put_line(text, word, b.p, e) : gone > 0;
	buf_release(&b);
	return rc;
}

/* ---- the file ---- */

static int read_at(struct os_dir *d, struct buf *ret, struct err *e)
{
	size_t got = 0;
	int fd = -1, rc;

	rc = os_dir_open_file(d, FILE_NAME, &fd, e);
	if (rc < 0)
		return rc;
	if (buf_grow(ret, POLICY_MAX + 1) < 0)
		rc = err_nomem(e);
	else
		rc = os_read(fd, ret->p, POLICY_MAX + 1, &got, POLICY_PATH, e);
	os_close(fd, POLICY_PATH, NULL);
	if (rc == 0 && got > POLICY_MAX)
		rc = err_set(e, HUB_ELIMIT, POLICY_PATH " has more than %u bytes",
			     POLICY_MAX);
	if (rc == 0)
		ret->n = got;
	ret->p[ret->n] = 0;
	return rc;
}

int track_read(const char *root, struct buf *ret, struct err *e)
{
	struct os_dir *top = NULL, *d = NULL;
	int rc;

	buf_reset(ret);
	rc = os_dir_open(root, &top, e);
	if (rc < 0)
		return rc;
	rc = os_dir_at(top, FOLDER, &d, e);
	if (rc == 0)
		rc = read_at(d, ret, e);
	os_dir_close(d);
	os_dir_close(top);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

static int write_at(struct os_dir *d, const struct buf *text, struct err *e)
{
	int fd = -1, rc, closed;

	os_dir_unlink(d, TEMP, NULL);	/* of a run that was killed */
	rc = os_dir_create(d, TEMP, 0, &fd, e);
	if (rc < 0)
		return rc;
	rc = os_write(fd, text->p, text->n, POLICY_PATH, e);
	if (rc == 0)
		rc = os_fsync(fd, POLICY_PATH, e);
	closed = os_close(fd, POLICY_PATH, rc == 0 ? e : NULL);
	if (rc == 0)
		rc = closed;
	if (rc == 0)
		rc = os_dir_rename(d, TEMP, FILE_NAME, e);
	if (rc < 0)
		os_dir_unlink(d, TEMP, NULL);
	else
		rc = os_dir_sync(d, e);
	return rc;
}

int track_write(const char *root, const struct buf *text, struct err *e)
{
	struct os_dir *top = NULL, *d = NULL;
	int rc;

	rc = os_dir_open(root, &top, e);
	if (rc < 0)
		return rc;
	rc = os_dir_mkdir(top, FOLDER, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	if (rc == 0)
		rc = os_dir_at(top, FOLDER, &d, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECONFLICT, "'" FOLDER "' is no folder; it "
			     "has to be one for " POLICY_PATH);
	if (rc == 0)
		rc = write_at(d, text, e);
	os_dir_close(d);
	os_dir_close(top);
	return rc;
}
