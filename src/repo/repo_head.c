/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_head.c - the current branch of a repository.
 *
 * An unborn branch (no such ref yet) is a fact, told as a zero tip; a HEAD that
 * cannot be read is never taken for one.
 */
#include "repo/ref.h"
#include "repo/ref_internal.h"
#include "os/os_file.h"

int repo_head(struct repo *r, struct buf *branch, struct oid *tip,
	      struct err *e)
{
	struct buf target = BUF_INIT;
	struct oid id = oid_zero;
	int rc;

	rc = ref_loose(r, "HEAD", &id, &target, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "'%sHEAD' is missing", r->gitdir);
	if (rc == 0 && target.n) {
		rc = ref_get(r, target.p, &id, e);
		if (rc == HUB_EABSENT) {
			id = oid_zero;
			rc = 0;
		}
	}
	if (rc < 0)
		goto out;
	buf_reset(branch);
	buf_add(branch, target.p, target.n);
	rc = buf_error(branch) ? err_nomem(e) : 0;
	if (rc == 0)
		*tip = id;
out:
	buf_release(&target);
	return rc;
}

int repo_set_branch(struct repo *r, const char *branch, struct err *e)
{
	struct buf text = BUF_INIT, path = BUF_INIT;
	int rc;

	if (strncmp(branch, "refs/heads/", 11) || !ref_name_ok(branch))
		return err_set(e, HUB_EUSAGE, "'%s' is no branch", branch);
	buf_addf(&text, "ref: %s\n", branch);
	buf_addf(&path, "%sHEAD", r->gitdir);
	rc = buf_error(&text) || buf_error(&path) ? err_nomem(e) :
		os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&text);
	buf_release(&path);
	return rc;
}
