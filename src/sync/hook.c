/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hook.c - plain git pushes into a hub. */
#include "sync/hook.h"

#include <string.h>

#include "base/path.h"
#include "fmt/refact.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/tree.h"
#include "sync/follow.h"

struct push {
	struct repo *r;
	struct oid old, now;
	const char *ref;
	struct err *e;
};

static int parse(struct push *p, const char *line)
{
	size_t n = strlen(line);

	if (n < 2 * OID_HEX + 3 || line[OID_HEX] != ' ' ||
	    line[2 * OID_HEX + 1] != ' ' || oid_parse(&p->old, line, OID_HEX) ||
	    oid_parse(&p->now, line + OID_HEX + 1, OID_HEX))
		return err_set(p->e, HUB_EUSAGE, "git gave the hook a line that "
			       "is no '<old> <new> <ref>': '%s'", line);
	p->ref = line + 2 * OID_HEX + 2;
	return 0;
}

static int check_leaf(void *arg, const char *path, size_t n,
		      const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct push *p = arg;

	(void)o;
	if (!leaf->mode || path_ok(path, n))
		return 0;
	return err_set(p->e, HUB_EDENIED, "%s: no computer could write a file "
		       "named '%.*s'", p->ref, (int)(n > 300 ? 300 : n), path);
}

static int check_commit(void *arg, const struct oid *id)
{
	struct push *p = arg;
	struct commit c = COMMIT_INIT;
	struct oid parent = oid_zero;
	int rc = commit_read(p->r, id, &c, p->e);

	if (!rc && c.parents_n)
		rc = follow_commit_tree(p->r, &c.parents[0], &parent, p->e);
	if (!rc)
		rc = tree_diff(p->r, &parent, &c.tree, check_leaf, p, p->e);
	commit_release(&c);
	return rc;
}

static int pre_receive(struct push *p)
{
	const char *quarantine = os_env_git("GIT_QUARANTINE_PATH");
	enum obj_type type;
	uint64_t size;
	int rc = 0;

	if (hub_ref_is_ours(p->ref))
		return err_set(p->e, HUB_EDENIED, "%s belongs to hub itself",
			       p->ref);
	if (oid_is_zero(&p->now))
		return 0;
	if (quarantine)
		rc = repo_add_objects(p->r, quarantine, p->e);
	if (!rc)
		rc = repo_size(p->r, &p->now, &type, &size, p->e);
	if (rc || type != OBJ_COMMIT)
		return rc;
	return repo_walk(p->r, &p->now, &p->old, !oid_is_zero(&p->old), 1,
			 check_commit, p, p->e);
}

/* A line that a power cut tore must not swallow the next one. */
static int torn(const char *path)
{
	struct os_stat st;
	char last = '\n';
	size_t got = 0;
	int fd = -1;

	if (!os_open_read(path, &fd, NULL) &&
	    !os_fstat(fd, &st, path, NULL) && st.size)
		os_pread(fd, &last, 1, st.size - 1, &got, path, NULL);
	os_close(fd, path, NULL);
	return got && last != '\n';
}

/* One write, so that two pushes at once both stay recorded. */
static int add_act(struct push *p)
{
	struct refact a = { .old = p->old, .now = p->now, .time = os_now(),
			    .ref = { (const uint8_t *)p->ref,
				     strlen(p->ref) } };
	struct buf path = BUF_INIT, text = BUF_INIT;
	int fd = -1, rc, rc2;

	buf_addf(&path, "%svibehub/acts", repo_commondir(p->r));
	if (!buf_error(&path) && torn(path.p))
		buf_addch(&text, '\n');
	rc = refact_encode(&text, &a);
	if (rc < 0)
		err_set(p->e, rc, "no record can be made of a ref named '%s'",
			p->ref);
	if (!rc)
		rc = buf_error(&path) || buf_error(&text) ? err_nomem(p->e) :
			os_open_append(path.p, &fd, p->e);
	if (!rc)
		rc = os_write(fd, text.p, text.n, path.p, p->e);
	if (!rc)
		rc = os_fsync(fd, path.p, p->e);
	rc2 = os_close(fd, path.p, rc ? NULL : p->e);
	if (!rc)
		rc = rc2;
	if (!rc)
		rc = os_sync_parent(path.p, p->e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int is_commit(struct push *p, const struct oid *id)
{
	enum obj_type type;

	return !repo_size(p->r, id, &type, NULL, NULL) && type == OBJ_COMMIT;
}

static int post_receive(struct push *p)
{
	int rc;

	if (oid_is_zero(&p->old))
		return 0;
	if (!oid_is_zero(&p->now) && is_commit(p, &p->old) &&
	    is_commit(p, &p->now)) {
		rc = repo_is_ancestor(p->r, &p->old, &p->now, p->e);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	return add_act(p);
}

int hook_ref(const char *dir, enum hook_kind kind, const char *line,
	     struct err *e)
{
	struct push p = { .e = e };
	int rc = parse(&p, line);

	if (!rc)
		rc = repo_open(dir, &p.r, e);
	if (!rc)
		rc = kind == HOOK_PRE_RECEIVE ? pre_receive(&p) :
			post_receive(&p);
	repo_close(p.r);
	return rc;
}
