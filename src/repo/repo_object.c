/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_object.c - reading objects by name.
 *
 * Invariant: whatever repo_read() returns hashes to the name asked for
 * (libgit2's strict verification is on; repo_pack.c, which is asked first, has
 * its own).  "Absent" is answered only after
 * repo_look() found it to be a fact: libgit2 itself skips what it cannot open,
 * and then a damaged pack would look like objects that never existed.
 *
 * Sizes are asked for before content, so that a name which inflates to more
 * than the caller allows costs nothing.  Not covered: a delta whose base is
 * larger than its result; git's and our packs keep such pairs apart.
 */
#include "repo/repo_internal.h"

/*
 * read_failed(): why, or 1: try once more.  libgit2 says "not found" and
 * "damaged" of what it could not look at too: both are believed only after a
 * look of our own, and the second only twice.
 */
static int read_failed(struct repo *r, const struct oid *id, int git_rc,
		       int again, struct err *e)
{
	struct err first = ERR_INIT;
	int rc, look;

	rc = repo_fail(&first, git_rc, "cannot read object %s of '%s'",
		       oid_hex(id), r->commondir);
	if (rc != HUB_ENOMEM && !again) {
		look = repo_look(r, id, e);
		if (look < 0)
			return look;
		if (look == 0 && git_rc == GIT_ENOTFOUND)
			return err_set(e, HUB_EABSENT, "object %s is not in "
				       "'%s'", oid_hex(id), r->commondir);
		git_odb_refresh(r->odb);
		return 1;
	}
	if (git_rc == GIT_ENOTFOUND)
		return err_set(e, HUB_EIO, "object %s is in '%s', but cannot be "
			       "read now", oid_hex(id), r->commondir);
	return err_set(e, rc == HUB_EUSAGE ? HUB_ECORRUPT : rc, "%s", first.msg);
}

const char *repo_type_name(enum obj_type t)
{
	static const char *const names[] = {
		"unknown", "commit", "tree", "blob", "tag"
	};

	return names[t >= OBJ_COMMIT && t <= OBJ_TAG ? t : 0];
}

static int check_type(const struct oid *id, enum obj_type got,
		      enum obj_type want, struct err *e)
{
	if (got == want)
		return 0;
	return err_set(e, HUB_ECORRUPT, "object %s is a %s where a %s belongs",
		       oid_hex(id), repo_type_name(got), repo_type_name(want));
}

int repo_size(struct repo *r, const struct oid *id, enum obj_type *type,
	      uint64_t *size, struct err *e)
{
	git_object_t t;
	git_oid gid;
	size_t n;
	int rc;

	repo_to_git(&gid, id);
	rc = git_odb_read_header(&n, &t, r->odb, &gid);
	if (rc < 0 && (rc = read_failed(r, id, rc, 0, e)) > 0) {
		rc = git_odb_read_header(&n, &t, r->odb, &gid);
		if (rc < 0)
			rc = read_failed(r, id, rc, 1, e);
	}
	if (rc < 0)
		return rc;
	if (t < GIT_OBJECT_COMMIT || t > GIT_OBJECT_TAG)
		return err_set(e, HUB_ECORRUPT, "object %s of '%s' has no valid "
			       "type", oid_hex(id), r->commondir);
	if (type)
		*type = (enum obj_type)t;
	if (size)
		*size = n;
	return 0;
}

int repo_read(struct repo *r, const struct oid *id, enum obj_type *type,
	      uint64_t max, struct buf *ret, struct err *e)
{
	git_odb_object *o = NULL;
	uint64_t size;
	git_oid gid;
	int rc;

	if (repo_pack_read(r, id, type, max, ret))
		return 0;
	if (max) {
		rc = repo_size(r, id, NULL, &size, e);
		if (rc < 0)
			return rc;
		if (size > max)
			return err_set(e, HUB_ELIMIT, "object %s has %llu bytes; "
				       "%llu are allowed here", oid_hex(id),
				       (unsigned long long)size,
				       (unsigned long long)max);
	}
	repo_to_git(&gid, id);
	rc = git_odb_read(&o, r->odb, &gid);
	if (rc < 0 && (rc = read_failed(r, id, rc, 0, e)) > 0) {
		rc = git_odb_read(&o, r->odb, &gid);
		if (rc < 0)
			rc = read_failed(r, id, rc, 1, e);
	}
	if (rc < 0)
		return rc;
	buf_reset(ret);
	buf_add(ret, git_odb_object_data(o), git_odb_object_size(o));
	if (type)
		*type = (enum obj_type)git_odb_object_type(o);
	git_odb_object_free(o);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int repo_read_as(struct repo *r, const struct oid *id, enum obj_type type,
		 uint64_t max, struct buf *ret, struct err *e)
{
	enum obj_type got;
	int rc;

	rc = repo_read(r, id, &got, max, ret, e);
	return rc < 0 ? rc : check_type(id, got, type, e);
}

int repo_has(struct repo *r, const struct oid *id, struct err *e)
{
	git_oid gid;

	repo_to_git(&gid, id);
	return git_odb_exists(r->odb, &gid) ? 1 : repo_look(r, id, e);
}

int repo_has_quick(struct repo *r, const struct oid *id)
{
	git_oid gid;

	repo_to_git(&gid, id);
	return git_odb_exists_ext(r->odb, &gid, GIT_ODB_LOOKUP_NO_REFRESH);
}

int repo_refresh(struct repo *r, struct err *e)
{
	int rc;

	repo_pack_drop(r);
	rc = git_odb_refresh(r->odb);
	if (rc < 0)
		return repo_fail(e, rc, "cannot read the packs of '%s'",
				 r->commondir);
	return 0;
}

int repo_hash(enum obj_type type, const void *p, size_t n, struct oid *ret)
{
	git_oid gid;
	int rc;

	rc = git_odb_hash(&gid, p, n, (git_object_t)type);
	if (rc < 0)
		return repo_fail(NULL, rc, "cannot hash");
	repo_from_git(ret, &gid);
	return 0;
}

int repo_add_alternate(struct repo *r, struct repo *other, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc;

	rc = repo_path(&p, other->commondir, "objects", e);
	if (rc == 0)
		rc = repo_add_objects(r, p.p, e);
	buf_release(&p);
	return rc;
}

int repo_add_objects(struct repo *r, const char *path, struct err *e)
{
	int rc = git_odb_add_disk_alternate(r->odb, path);

	if (rc < 0)
		return repo_fail(e, rc, "cannot read objects of '%s'", path);
	buf_add(&r->added, path, strlen(path) + 1);
	return buf_error(&r->added) ? err_nomem(e) : 0;
}

int repo_freshen(struct repo *r, const struct oid *id)
{
	size_t n = git_odb_num_backends(r->odb);
	git_odb_backend *b;
	git_oid gid;

	repo_to_git(&gid, id);
	for (size_t i = 0; i < n; i++) {
		if (git_odb_get_backend(&b, r->odb, i) < 0)
			continue;
		if (b->freshen ? b->freshen(b, &gid) == 0
			       : b->exists && b->exists(b, &gid))
			return 1;
	}
	return 0;
}
