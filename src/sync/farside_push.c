/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * farside_push.c - what another computer puts into the hub.
 *
 * Order: the ref is compared first, so that who lost the race need not be
 * waited for; objects wait apart, are checked, and are durable in the hub; the
 * ref is compared again under its lock, and moves.
 */
#include "sync/farside_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/packin.h"
#include "repo/ref.h"
#include "repo/tree.h"
#include "sync/keys.h"
#include "sync/removed.h"

#define PIECE (64u << 10)
#define LOCK_NOTE "lock-note"
#define LOCK_NOTE_MAX 4096
#define TURN_MS 2000

static int check_ref(struct farside *s, const struct hubops_push *q,
		     struct err *e)
{
	struct oid at;
	int rc;

	if (!ref_name_ok(q->name) || (strncmp(q->name, "refs/heads/", 11) &&
				      strncmp(q->name, "refs/tags/", 10)))
		return err_set(e, HUB_EDENIED, "'%s' is no branch or tag: it was "
			       "not sent", q->name);
	if (oid_is_zero(&q->now))
		return err_set(e, HUB_EDENIED, "'%s' is not deleted over a "
			       "session", q->name);
	rc = ref_get(s->hub->repo, q->name, &at, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		at = oid_zero;
		rc = 0;
	}
	if (!rc && !oid_eq(&at, &q->old))
		rc = err_set(e, HUB_ECONFLICT, "ref '%s' is elsewhere by now: "
			     "somebody else moved it", q->name);
	return rc;
}

static int take_stream(struct packin *in, farside_read_fn fn, void *arg,
		       struct err *e)
{
	char *p = malloc(PIECE);
	size_t got = 1;
	int rc = p ? 0 : err_nomem(e);

	while (!rc && got) {
		rc = fn(arg, p, PIECE, &got, e);
		if (!rc && got)
			rc = packin_add(in, p, got, e);
	}
	free(p);
	return rc < 0 ? rc : packin_end(in, e);
}

static int check_objects(struct farside *s, struct packin *in,
			 const struct oid *tip, struct err *e)
{
	struct hub *h = s->hub;
	struct oid *have;
	size_t i;
	int rc = hub_read_refs(h, e);

	if (rc < 0)
		return rc;
	have = calloc(h->refs_n + 1, sizeof(*have));
	if (!have)
		return err_nomem(e);
	for (i = 0; i < h->refs_n; i++)
		have[i] = h->refs[i].id;
	rc = packin_check(in, tip, 1, have, h->refs_n, 1, e);
	free(have);
	return rc;
}

/* Only a commit goes where a commit was, and only forward. */
static int check_forward(struct repo *r, const struct hubops_push *q,
			 struct err *e)
{
	enum obj_type type;
	int rc = repo_size(r, &q->now, &type, NULL, e);

	if (rc < 0 || strncmp(q->name, "refs/heads/", 11))
		return rc;
	if (type != OBJ_COMMIT)
		return err_set(e, HUB_EDENIED, "branch '%s' would be no commit",
			       q->name);
	if (oid_is_zero(&q->old))
		return 0;
	rc = repo_is_ancestor(r, &q->old, &q->now, e);
	return rc < 0 ? rc : rc ? 0 :
		err_set(e, HUB_EDENIED, "'%s' would go back: the hub's own "
			"commits are not in what was sent", q->name);
}

struct outside { const struct grantfile *g; struct buf path; };

static int is_outside(void *arg, const char *path, size_t n,
		      const struct tree_leaf *o, const struct tree_leaf *now)
{
	struct outside *x = arg;

	if (grantfile_covers(x->g, path, n))
		return 0;
	buf_add(&x->path, path, n);
	return 1;
}

/* Who may write at some paths only: what the push changes, as a whole. */
static int check_paths(struct farside *s, struct repo *r,
		       const struct hubops_push *q, struct err *e)
{
	struct outside x = { s->grant, BUF_INIT };
	struct commit was = COMMIT_INIT, now = COMMIT_INIT;
	int rc;

	if (!s->grant || !s->grant->paths_n)
		return 0;
	if (strncmp(q->name, "refs/heads/", 11) || oid_is_zero(&q->old))
		return err_set(e, HUB_EDENIED, "'%s' may write at some paths "
			       "only: it makes no branches and tags",
			       s->grant->name);
	rc = commit_read(r, &q->old, &was, e);
	if (!rc)
		rc = commit_read(r, &q->now, &now, e);
	if (!rc)
		rc = tree_diff(r, &was.tree, &now.tree, is_outside,
			       &x, e);
	if (rc > 0)
		rc = err_set(e, HUB_EDENIED, "'%s' may not write at '%.*s': it "
			     "was not sent", s->grant->name, (int)x.path.n,
			     x.path.n ? x.path.p : "");
	commit_release(&was);
	commit_release(&now);
	buf_release(&x.path);
	return rc;
}

/*
 * A lock that somebody left: the hub remembers it until it is surely one (10
 * minutes), then it goes.
 */
static void stale_lock(struct farside *s, const char *name)
{
	struct buf path = BUF_INIT, memo = BUF_INIT;
	int removed;

	buf_addf(&path, "%s/vibehub/" LOCK_NOTE, s->hub->path.p);
	if (buf_error(&path))
		return;
	os_read_file(path.p, LOCK_NOTE_MAX, &memo, NULL);
	if (!ref_unlock_stale(s->hub->repo, name, os_now(), &memo, &removed,
			      NULL))
		os_replace_derived(path.p, memo.p, memo.n, NULL);
	buf_release(&path);
	buf_release(&memo);
}

/*
 * A process that serves may be killed while it holds the lock of a ref.  So it
 * notes first what it is about to write, under a lock that ends with it: who has
 * that lock and finds such a note knows that its writer is dead.
 */
struct turn { struct os_lock *lock; struct buf note; };

static void unlock_dead(struct farside *s, const char *note)
{
	struct buf b = BUF_INIT;
	struct oid id;

	if (!os_read_file(note, LOCK_NOTE_MAX, &b, NULL) && b.n > OID_HEX + 1 &&
	    b.p[OID_HEX] == ' ' && !oid_parse(&id, b.p, OID_HEX) &&
	    ref_name_ok(b.p + OID_HEX + 1))
		ref_unlock_own(s->hub->repo, b.p + OID_HEX + 1, &id, NULL);
	buf_release(&b);
}

static int begin_turn(struct farside *s, const struct hubops_push *q,
		      struct turn *t, struct err *e)
{
	uint64_t until = os_mono_ms() + TURN_MS;
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%s/vibehub/serve.lock", s->hub->path.p);
	buf_addf(&t->note, "%s/vibehub/serve.note", s->hub->path.p);
	buf_addf(&text, "%s %s", oid_hex(&q->now), q->name);
	if (buf_error(&path) || buf_error(&t->note) || buf_error(&text)) {
		rc = err_nomem(e);
		goto out;
	}
	while ((rc = os_lock_take(path.p, &t->lock, e)) == HUB_EBUSY &&
	       os_mono_ms() < until)
		os_sleep_ms(5);
	if (rc == HUB_EBUSY || rc == HUB_ENOMEM)
		goto out;
	err_clear(e);		/* no such locks here: it goes without */
	rc = 0;
	if (t->lock) {
		unlock_dead(s, t->note.p);
		os_replace_derived(t->note.p, text.p, text.n, NULL);
	}
out:
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static void end_turn(struct turn *t)
{
	if (t->lock)
		os_unlink(t->note.p, NULL);
	os_lock_drop(t->lock);
	buf_release(&t->note);
}

static int set_ref(struct farside *s, const struct hubops_push *q,
		   struct err *e)
{
	struct turn t = { NULL, BUF_INIT };
	int rc = begin_turn(s, q, &t, e);

	if (!rc)
		rc = ref_set_hub(s->hub->repo, q->name, &q->old, &q->now,
				 q->who, q->why, e);
	end_turn(&t);
	return rc;
}

int farside_push(struct farside *s, const void *head, size_t n,
		 farside_read_fn fn, void *arg, struct err *e)
{
	struct packin *in = NULL;
	struct hubops_push *q = calloc(1, sizeof(*q));
	int rc = q ? hubops_push_decode(q, head, n, e) : err_nomem(e);

	if (!rc)
		rc = check_ref(s, q, e);
	if (!rc)
		rc = packin_open(s->hub->repo, &in, e);
	if (!rc)
		rc = take_stream(in, fn, arg, e);
	if (!rc)
		rc = check_objects(s, in, &q->now, e);
	if (!rc)
		rc = check_forward(packin_repo(in), q, e);
	if (!rc)
		rc = check_paths(s, packin_repo(in), q, e);
	if (!rc)
		rc = packin_keep(in, NULL, e);
	if (!rc)
		rc = set_ref(s, q, e);
	if (rc == HUB_EBUSY && in)
		stale_lock(s, q->name);
	s->wrote |= !rc;
	packin_close(in);
	free(q);
	return rc;
}

/* ---- small files ---- */

/* A device keeps its key for ever: a file under its name by another one is a
 * forgery. */
static int same_key(struct farside *s, const char *device,
		    const uint8_t key[32], int must, struct err *e)
{
	struct presence was;
	struct err why = ERR_INIT;
	int rc;

	memset(&was, 0, sizeof(was));
	rc = hub_presence_read(s->hub, device, &was, &why);
	if (!rc && memcmp(was.key, key, 32))
		rc = err_set(e, HUB_EAUTH, "device %s has another key in this "
			     "hub: nothing was written", device);
	else if (rc == HUB_EABSENT && must)
		rc = err_set(e, HUB_EAUTH, "device %s is unknown in this hub: "
			     "nothing was written", device);
	else if (rc == HUB_EABSENT || rc == HUB_ECORRUPT || rc == HUB_EAUTH)
		rc = must ? err_set(e, HUB_EAUTH, "%s", why.msg) : 0;
	else if (rc < 0)
		err_set(e, rc, "%s", why.msg);
	presence_release(&was);
	return rc;
}

/* What a removed computer says counts for nothing. */
static int check_member(struct farside *s, const char *device, struct err *e)
{
	return removed_is(s->hub, device) ?
		err_set(e, HUB_EDENIED, "computer %s was removed from this hub: "
			"nothing was written", device) : 0;
}

static int check_presence(struct farside *s, const struct hubops_put *q,
			  struct err *e)
{
	struct presence p;
	int rc;

	memset(&p, 0, sizeof(p));
	rc = presence_decode(&p, q->bytes.p, q->bytes.n, e);
	if (rc < 0)
		return rc;
	if (sign_check(p.key, PRESENCE_CONTEXT, q->bytes.p, p.signed_n,
		       p.sig) || strcmp(p.device, q->name) ||
	    memcmp(p.hub, s->hub->format.id, 32))
		rc = err_set(e, HUB_EAUTH, "the presence file of %s is not "
			     "signed by it, for this hub", q->name);
	if (!rc)
		rc = check_member(s, q->name, e);
	if (!rc)
		rc = same_key(s, q->name, p.key, 0, e);
	presence_release(&p);
	return rc;
}

static int check_accepted(struct farside *s, const struct hubops_put *q,
			  struct err *e)
{
	struct hubfile_accepted a;
	char hex[65];
	int rc = hubfile_accepted_decode(&a, q->bytes.p, q->bytes.n, e);

	if (rc < 0)
		return rc;
	hex_encode(hex, a.change, 32);
	if (sign_check(a.key, HUBFILE_ACCEPTED_CONTEXT, q->bytes.p,
		       a.signed_n, a.sig) || strcmp(hex, q->name) ||
	    memcmp(a.hub, s->hub->format.id, 32))
		return err_set(e, HUB_EAUTH, "the record of a mass change is "
			       "not signed, for this hub");
	rc = check_member(s, a.device, e);
	return rc < 0 ? rc : same_key(s, a.device, a.key, 0, e);
}

/* Who came in by a key of its own says where it is, not where others are. */
static int may_put(struct farside *s, const struct hubops_put *q,
		   struct err *e)
{
	const struct grantfile *g = s->grant;

	if (!g || (q->kind == HUBOPS_PRESENCE ? !strcmp(q->name, g->id) :
		   g->role <= CERT_EDITOR))
		return 0;
	return err_set(e, HUB_EDENIED, "'%s' is %s of this hub: it may not write "
		       "that", g->name, cert_role_name(g->role));
}

static int make_folder(const char *path, struct err *e)
{
	int rc = os_mkdir(path, e);

	if (!rc)
		return os_sync_parent(path, e);
	if (rc != HUB_ECONFLICT)
		return rc;
	err_clear(e);
	return 0;
}

int farside_put(struct farside *s, const void *head, size_t n, struct err *e)
{
	struct buf path = BUF_INIT;
	struct hubops_put q;
	int rc = hubops_put_decode(&q, head, n, e);

	if (!rc)
		rc = may_put(s, &q, e);
	if (!rc && q.kind == HUBOPS_PRESENCE)
		rc = check_presence(s, &q, e);
	else if (!rc && q.kind == HUBOPS_ACCEPTED)
		rc = check_accepted(s, &q, e);
	else if (!rc)
		rc = err_set(e, HUB_EDENIED, "only git moves '%s'", q.name);
	if (!rc && q.kind == HUBOPS_ACCEPTED) {
		rc = farside_path(s->hub->path.p, q.kind, "", &path, e);
		if (!rc)
			rc = make_folder(path.p, e);
	}
	if (!rc)
		rc = farside_path(s->hub->path.p, q.kind, q.name, &path, e);
	if (!rc)
		rc = os_replace(path.p, q.bytes.p, q.bytes.n, 0, e);
	if (!rc && q.kind == HUBOPS_PRESENCE) {
		rc = hub_read_refs(s->hub, e);
		if (!rc)
			rc = hub_write_status(s->hub, e);
	}
	buf_release(&path);
	return rc;
}

int farside_check_new(struct farside *s, const char *uuid,
		      const uint8_t key[32], struct err *e)
{
	int rc = check_member(s, uuid, e);

	return rc < 0 ? rc : same_key(s, uuid, key, 0, e);
}

int farside_enrol(struct farside *s, const void *head, size_t n,
		  struct buf *ret, struct err *e)
{
	struct hubops_enrol q;
	char uuid[PRESENCE_UUID + 1];
	int rc = hubops_enrol_decode(&q, head, n, e);

	if (rc < 0)
		return rc;
	cert_uuid_text(uuid, q.device);
	rc = farside_check_new(s, uuid, q.sign_pk, e);
	return rc < 0 ? rc : keys_far_enrol(s->hub->path.p, s->hub->format.id,
					    s->grant ? s->grant->role :
					    CERT_ADMIN, head, n, ret, e);
}
