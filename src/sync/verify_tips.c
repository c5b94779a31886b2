/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_tips.c - the signed records in a hub, and the refs that they saw.
 *
 * git is silent when a ref goes back or is lost.  The presence files are not:
 * each says, signed, where its computer last saw every ref.
 */
#include "sync/verify_internal.h"

#include <string.h>

#include "base/hex.h"
#include "base/map.h"
#include "base/tm.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/refmoves.h"
#include "sync/removed.h"

#define WHERE "hub"

struct tips {
	struct verify *v;
	struct hub *h;
	struct map seen;		/* "<id><ref>": looked at already */
	struct buf head;		/* the branch that HEAD names, "" if none */
	struct err *e;
};

/* Where the ref is now; *ret NULL if it is gone.  1: it cannot be read, which
 * verify_refs() has said already. */
static int where_now(struct tips *t, const char *ref, struct oid *id,
		     const struct oid **ret)
{
	struct err why = ERR_INIT;
	int rc = ref_get(t->h->repo, ref, id, &why);

	*ret = rc ? NULL : id;
	if (!rc || rc == HUB_EABSENT)
		return 0;
	return rc == HUB_ECORRUPT ? 1 : err_set(t->e, rc, "%s", why.msg);
}

/* 1, 0: it is missing, damaged or something else; < 0: we could not look. */
static int is_commit(struct tips *t, const struct oid *id)
{
	enum obj_type type;
	struct err why = ERR_INIT;
	int rc = repo_size(t->h->repo, id, &type, NULL, &why);

	if (rc < 0)
		return rc == HUB_EABSENT || rc == HUB_ECORRUPT ? 0 :
			err_set(t->e, rc, "%s", why.msg);
	return type == OBJ_COMMIT;
}

/* Is ${was} in the history of ${now}?  Damage on the way has been found by git
 * fsck: 1.  < 0: we could not look. */
static int is_in(struct tips *t, const struct oid *was, const struct oid *now)
{
	struct err why = ERR_INIT;
	int rc;

	if (oid_eq(was, now))
		return 1;
	rc = is_commit(t, was);
	if (rc > 0)
		rc = is_commit(t, now);
	if (rc <= 0)
		return rc;
	rc = repo_is_ancestor(t->h->repo, was, now, &why);
	if (rc >= 0 || rc == HUB_ECORRUPT)
		return rc != 0;
	return err_set(t->e, rc, "%s", why.msg);
}

/* A branch that is gone while another one has its commits was renamed; git
 * takes HEAD along then. */
static int is_elsewhere(struct tips *t, const char *ref,
			const struct oid *was)
{
	size_t i;
	int rc = 0;

	if (!strcmp(ref, t->head.p))
		return 0;
	for (i = 0; !rc && i < t->h->refs_n; i++)
		if (!strncmp(t->h->refs[i].name, "refs/heads/", 11))
			rc = is_in(t, was, &t->h->refs[i].id);
	return rc;
}

static int lost(struct tips *t, const struct presence *p,
		const struct presence_tip *tip, const struct oid *now)
{
	struct buf todo = BUF_INIT, when = BUF_INIT;
	int has = repo_has(t->h->repo, &tip->oid, t->e), rc;

	if (has < 0)
		return has;
	tm_iso(&when, p->seen);
	buf_addf(&todo, "in a workspace that has it, '%s' first: git push "
		 "origin %.12s:refs/heads/found-%.7s, then merge it", p->name,
		 oid_hex(&tip->oid), oid_hex(&tip->oid));
	rc = buf_error(&todo) || buf_error(&when) ? HUB_ENOMEM :
		verify_add(t->v, WHERE, tip->ref, todo.p, "computer '%s' saw "
			   "it at %s (%s)%s; %s, and no record says why",
			   p->name, oid_hex(&tip->oid), when.p,
			   has ? "" : ", which is missing",
			   now ? "it went back, or to another history" :
			   "it is gone");
	buf_release(&todo);
	buf_release(&when);
	return rc ? err_nomem(t->e) : 0;
}

static int check_tip(struct tips *t, const struct presence *p,
		     const struct presence_tip *tip)
{
	static char there;
	const struct oid *now = NULL;
	struct oid id;
	struct buf key = BUF_INIT;
	int rc;

	t->v->tips++;
	buf_add(&key, tip->oid.h, OID_SIZE);
	buf_addstr(&key, tip->ref);
	if (!buf_error(&key) && map_get(&t->seen, key.p, key.n)) {
		buf_release(&key);
		return 0;
	}
	rc = buf_error(&key) || map_put(&t->seen, key.p, key.n, &there) ?
		err_nomem(t->e) : where_now(t, tip->ref, &id, &now);
	buf_release(&key);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = now ? is_in(t, &tip->oid, now) :
		is_elsewhere(t, tip->ref, &tip->oid);
	if (!rc)
		rc = refmoves_explain(t->h, tip->ref, &tip->oid, now, p->seen,
				      t->e);
	if (rc && rc != HUB_ECORRUPT)	/* damaged: no record explains it */
		return rc < 0 ? rc : 0;
	err_clear(t->e);
	return lost(t, p, tip, now);
}

static int check_device(void *arg, const char *device,
			const struct presence *p, const struct err *why)
{
	struct tips *t = arg;
	struct buf file = BUF_INIT;
	size_t i;
	int rc = 0;

	if (p && removed_is(t->h, device))
		return 0;		/* it is no witness any more */
	t->v->computers++;
	for (i = 0; p && !rc && i < p->tips_n; i++)
		rc = check_tip(t, p, &p->tips[i]);
	if (p)
		return rc;
	if (!err_is_damage(why->rc))
		return err_set(t->e, why->rc, "%s", why->msg);
	buf_addf(&file, "vibehub/devices/%s", device);
	rc = buf_error(&file) ||
		verify_add(t->v, WHERE, file.p, "that computer's next sync "
			   "writes it anew; if it is in use no more, delete the "
			   "file", "%s", why->msg) ? err_nomem(t->e) : 0;
	buf_release(&file);
	return rc;
}

/* ---- records of accepted mass changes ---- */

static int check_accepted(struct tips *t, const char *dir, const char *name)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_accepted a;
	struct err why = ERR_INIT;
	char hex[65];
	int rc;

	buf_addf(&path, "%s/%s", dir, name);
	rc = buf_error(&path) ? err_nomem(&why) :
		os_read_file(path.p, HUBFILE_MAX, &text, &why);
	if (!rc) {
		rc = hubfile_accepted_decode(&a, text.p, text.n, &why);
		if (!rc && sign_check(a.key, HUBFILE_ACCEPTED_CONTEXT, text.p,
				      a.signed_n, a.sig))
			rc = err_set(&why, HUB_ECORRUPT, "its signature is "
				     "wrong");
		if (!rc)
			hex_encode(hex, a.change, 32);
		if (!rc && (strcmp(hex, name) ||
			    memcmp(a.hub, t->h->format.id, 32)))
			rc = err_set(&why, HUB_ECORRUPT, "it is of another "
				     "change or hub");
	}
	t->v->records++;
	if (rc == HUB_ECORRUPT || rc == HUB_ELIMIT)
		rc = verify_add(t->v, WHERE, path.p, "delete it: at worst a "
				"mass change has to be accepted once more",
				"%s", why.msg) ? err_nomem(t->e) : 0;
	else if (rc == HUB_EABSENT || rc == HUB_EVERSION)
		rc = 0;
	else if (rc < 0)
		err_set(t->e, rc, "%s", why.msg);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int each_accepted(struct tips *t)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	uint8_t raw[32];
	int rc;

	buf_addf(&path, "%s/vibehub/accepted", t->h->path.p);
	rc = buf_error(&path) ? err_nomem(t->e) :
		os_dir_open(path.p, &d, t->e);
	if (rc == HUB_EABSENT) {	/* nobody ever accepted anything */
		err_clear(t->e);
		rc = 0;
		goto out;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, t->e)) > 0)
		rc = hex_decode(raw, 32, name, strlen(name)) ? 0 :
			check_accepted(t, path.p, name);
out:
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

int verify_records(struct verify *v, struct hub *h, struct err *e)
{
	struct err why = ERR_INIT;
	struct tips t = { .v = v, .h = h, .seen = MAP_INIT,
			  .head = BUF_INIT, .e = &why };
	int rc = hub_read_refs(h, &why);

	if (!rc)
		rc = hub_default_branch(h, &t.head, &why);
	if (rc < 0 && rc != HUB_ECORRUPT)	/* told by verify_refs() */
		return err_set(e, rc, "%s", why.msg);
	err_clear(&why);
	rc = hub_presence_each(h, check_device, &t, &why);
	if (rc == HUB_EABSENT)
		rc = verify_add(v, WHERE, "vibehub/devices", "make the folder: "
				"the computers' next syncs fill it", "the folder "
				"of presence files is missing") ?
			err_nomem(&why) : 0;
	if (!rc)
		rc = each_accepted(&t);
	map_release(&t.seen);
	buf_release(&t.head);
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}
