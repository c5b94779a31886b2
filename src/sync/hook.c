/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hook.c - plain git pushes into a hub. */
#include "sync/hook.h"

#include <string.h>

#include "base/path.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/tree.h"
#include "sync/follow.h"

#define ACTS_MAX (64u << 20)

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

	if (!strncmp(p->ref, "refs/vibehub/", 13))
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

static int add_act(struct push *p)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%svibehub/acts", repo_commondir(p->r));
	rc = buf_error(&path) ? err_nomem(p->e) :
		os_read_file(path.p, ACTS_MAX, &text, p->e);
	if (rc == HUB_EABSENT) {
		err_clear(p->e);
		rc = 0;
	}
	buf_addf(&text, "%s ", oid_hex(&p->old));
	buf_addf(&text, "%s %lld %s\n", oid_hex(&p->now), (long long)os_now(),
		 p->ref);
	if (!rc)
		rc = buf_error(&text) ? err_nomem(p->e) :
			os_replace(path.p, text.p, text.n, 0, p->e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int post_receive(struct push *p)
{
	int rc;

	if (oid_is_zero(&p->old))
		return 0;
	if (!oid_is_zero(&p->now)) {
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
