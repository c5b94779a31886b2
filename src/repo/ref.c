/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref.c - names of refs, and reading one.
 *
 * Read order: the loose file, then packed-refs.  A loose ref wins.  `git
 * pack-refs` writes packed-refs before it removes the loose file, so a ref that
 * is loose at the first look and packed at the second is never missed.
 */
#include <ctype.h>

#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/ref_internal.h"

static int component_ok(const char *s, size_t n)
{
	if (n == 0 || n > 255 || s[0] == '.')
		return 0;
	return n < 5 || memcmp(s + n - 5, ".lock", 5) != 0;
}

int ref_valid(const char *name)
{
	const char *p = name, *start;
	size_t n = strlen(name);

	if (!strcmp(name, "HEAD"))
		return 1;
	if (n > REF_NAME_MAX || strncmp(name, "refs/", 5) != 0 ||
	    name[n - 1] == '.' || strstr(name, "..") || strstr(name, "@{"))
		return 0;
	for (start = p; ; p++) {
		if (*p == '/' || *p == '\0') {
			if (!component_ok(start, (size_t)(p - start)))
				return 0;
			if (*p == '\0')
				return 1;
			start = p + 1;
		} else if ((unsigned char)*p <= ' ' || *p == 0x7f ||
			   strchr("~^:?*[\\", *p)) {
			return 0;
		}
	}
}

int ref_name_ok(const char *name)
{
	return strcmp(name, "HEAD") != 0 && ref_valid(name) &&
	       !strstr(name, "/-");
}

/* Those that each `git worktree` has for itself (gitrepository-layout(5)). */
static int is_per_worktree(const char *name)
{
	return strncmp(name, "refs/", 5) != 0 ||
	       !strncmp(name, "refs/bisect/", 12) ||
	       !strncmp(name, "refs/worktree/", 14) ||
	       !strncmp(name, "refs/rewritten/", 15);
}

int ref_path(struct repo *r, const char *name, struct buf *ret, struct err *e)
{
	if (!ref_valid(name))
		return err_set(e, HUB_EUSAGE, "'%s' is no valid name of a ref",
			       name);
	return repo_path(ret, is_per_worktree(name) ? r->gitdir : r->commondir,
			 name, e);
}

/* parse(): "ref: NAME" or an id; white space may follow. */
static int parse(struct buf *text, struct oid *id, struct buf *target)
{
	size_t n = text->n;

	*id = oid_zero;
	buf_reset(target);
	while (n > 0 && isspace((unsigned char)text->p[n - 1]))
		n--;
	if (n > 5 && !memcmp(text->p, "ref:", 4)) {
		size_t at = 4;

		while (at < n && isspace((unsigned char)text->p[at]))
			at++;
		buf_add(target, text->p + at, n - at);
		if (buf_error(target))
			return HUB_ENOMEM;
		return memchr(target->p, '\0', target->n) ||
		       !ref_valid(target->p) ? HUB_ECORRUPT : 0;
	}
	if (oid_parse(id, text->p, n) < 0 || oid_is_zero(id))
		return HUB_ECORRUPT;
	return 0;
}

int ref_loose(struct repo *r, const char *name, struct oid *id,
	      struct buf *target, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct os_stat st;
	int rc;

	rc = ref_path(r, name, &path, e);
	if (rc == 0)
		rc = os_lstat(path.p, &st, e);
	if (rc == 0 && st.type == OS_DIR)
		rc = HUB_EABSENT;
	if (rc == 0 && st.type != OS_REG)
		rc = err_set(e, HUB_ECORRUPT, "ref '%s' is no regular file", path.p);
	if (rc == 0)
		rc = os_read_file(path.p, REF_FILE_MAX, &text, e);
	if (rc < 0)
		goto out;
	rc = parse(&text, id, target);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	else if (rc < 0)
		err_set(e, rc, "ref '%s' is damaged (%zu bytes that are no id); "
			"write the right id into it with `git update-ref`",
			path.p, text.n);
out:
	buf_release(&path);
	buf_release(&text);
	return rc;
}

/* packed(): ${name} from packed-refs; HUB_EABSENT. */
static int packed(struct repo *r, const char *name, struct oid *ret,
		  struct err *e)
{
	struct ref_packed p = REF_PACKED_INIT;
	size_t i;
	int rc;

	rc = ref_packed_load(r, &p, e);
	if (rc == 0 && ref_packed_find(&p, name, strlen(name), &i))
		ref_packed_id(&p, i, ret);
	else if (rc == 0)
		rc = err_set(e, HUB_EABSENT, "there is no ref '%s' in '%s'", name,
			     r->commondir);
	ref_packed_release(&p);
	return rc;
}

int ref_get(struct repo *r, const char *name, struct oid *ret, struct err *e)
{
	struct buf target = BUF_INIT;
	struct oid id;
	int rc;

	rc = ref_loose(r, name, &id, &target, e);
	if (rc == 0 && target.n && !strcmp(name, "HEAD")) {
		struct buf t2 = BUF_INIT;

		rc = ref_loose(r, target.p, &id, &t2, e);
		if (rc == HUB_EABSENT)
			rc = packed(r, target.p, &id, e);
		else if (rc == 0 && t2.n)
			rc = err_set(e, HUB_ECORRUPT, "HEAD of '%s' names '%s', "
				     "which is symbolic too", r->gitdir,
				     target.p);
		buf_release(&t2);
	} else if (rc == 0 && target.n) {
		rc = err_set(e, HUB_ECORRUPT, "ref '%s' of '%s' is symbolic",
			     name, r->commondir);
	} else if (rc == HUB_EABSENT && strcmp(name, "HEAD") != 0) {
		rc = packed(r, name, &id, e);
	}
	buf_release(&target);
	if (rc == 0)
		*ret = id;
	return rc;
}
