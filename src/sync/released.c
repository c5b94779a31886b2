/* SPDX-License-Identifier: GPL-2.0-or-later */
/* released.c - the record of released contents: read, asked, written. */
#include "sync/released.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/tm.h"
#include "os/os_clock.h"
#include "repo/ref.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "sync/pointed.h"
#include "sync/removed.h"

#define FILE_NAME "released"
#define OLDER_MAX 1000		/* records by one who was removed */

struct released {
	struct releasedfile f;
	struct oid at;
	struct map back;		/* recipes that were taken back */
};

void released_free(struct released *r)
{
	if (!r)
		return;
	releasedfile_release(&r->f);
	map_release(&r->back);
	free(r);
}

const struct releasedfile *released_file(const struct released *r)
{
	return &r->f;
}

const struct oid *released_at(const struct released *r)
{
	return &r->at;
}

/* ---- reading ---- */

static int check(const struct releasedfile *f, const char *text,
		 const uint8_t id[32], const uint8_t *identity, struct err *e)
{
	const struct cert *last = cert_chain_last(&f->chain);
	int rc = 0;

	if (memcmp(f->hub, id, 32))
		return err_set(e, HUB_EAUTH, "the record of released contents "
			       "is of another hub");
	if (identity)
		rc = cert_chain_check(&f->chain, id, identity, e);
	if (!rc && last->role > CERT_ADMIN)
		rc = err_set(e, HUB_EAUTH, "the record of released contents "
			     "is by a computer that may not release any");
	if (!rc && sign_check(last->sign_pk, RELEASEDFILE_CONTEXT, text,
			      f->signed_n, f->sig))
		rc = err_set(e, HUB_EAUTH, "the signature of the record of "
			     "released contents is wrong");
	return rc;
}

static int read_text(struct repo *r, const struct oid *at, struct buf *ret,
		     struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct tree_leaf leaf;
	int rc = commit_read(r, at, &c, e);

	if (!rc) {
		rc = tree_find(r, &c.tree, FILE_NAME, strlen(FILE_NAME), &leaf,
			       e);
		if (rc == HUB_EABSENT || (!rc && leaf.mode != MODE_FILE))
			rc = err_set(e, HUB_ECORRUPT, "commit %s is no record "
				     "of released contents", oid_hex(at));
	}
	if (!rc) {
		rc = repo_read_as(r, &leaf.id, OBJ_BLOB, RELEASEDFILE_MAX, ret,
				  e);
		if (rc == HUB_EABSENT || (rc == HUB_ELIMIT && e && !e->os))
			rc = HUB_ECORRUPT;
	}
	commit_release(&c);
	return rc;
}

int released_read(struct repo *r, const struct oid *at, const uint8_t id[32],
		  const uint8_t *identity, struct released **ret,
		  struct err *e)
{
	struct released *x = calloc(1, sizeof(*x));
	struct buf text = BUF_INIT;
	int rc = x ? read_text(r, at, &text, e) : err_nomem(e);

	if (!rc)
		rc = releasedfile_decode(&x->f, text.p, text.n, e);
	if (!rc)
		rc = check(&x->f, text.p, id, identity, e);
	buf_release(&text);
	if (rc < 0) {
		released_free(x);
		return rc;
	}
	x->at = *at;
	*ret = x;
	return 0;
}

/* A record by a computer that was removed counts for nothing: what it replaced
 * does.  *ret stays NULL if there is no such. */
static int older(struct hub *h, const struct oid *at, const uint8_t *identity,
		 struct released **ret, struct err *e)
{
	struct released *x = NULL;
	struct commit c = COMMIT_INIT;
	struct oid id = *at;
	int i, rc = 0;

	for (i = 0; !rc && !*ret && i < OLDER_MAX; i++) {
		rc = commit_read(h->repo, &id, &c, e);
		if (rc || !c.parents_n)
			break;
		id = c.parents[0];
		commit_release(&c);
		rc = released_read(h->repo, &id, h->format.id, identity, &x,
				   NULL);
		if (!rc && !removed_chain(h, &x->f.chain)) {
			x->at = *at;	/* that is what will be replaced */
			*ret = x;
			x = NULL;
		}
		released_free(x);
		x = NULL;
		rc = err_is_damage(rc) ? 0 : rc;
	}
	commit_release(&c);
	return rc;
}

int released_hub(struct hub *h, const uint8_t *identity, struct released **ret,
		 struct err *why, struct err *e)
{
	struct err mine = ERR_INIT;
	struct oid at;
	int rc = ref_get(h->repo, RELEASED_REF, &at, &mine);

	*ret = NULL;
	if (rc == HUB_EABSENT)
		return 0;
	if (!rc)
		rc = released_read(h->repo, &at, h->format.id, identity, ret,
				   &mine);
	if (rc == HUB_EABSENT)
		rc = HUB_ECORRUPT;
	if (!rc && removed_chain(h, &(*ret)->f.chain)) {
		released_free(*ret);
		*ret = NULL;
		return older(h, &at, identity, ret, e);
	}
	if (rc < 0 && why)
		err_set(why, rc, "%s", mine.msg);
	if (err_is_damage(rc))
		return 0;
	return rc < 0 ? err_set(e, rc, "%s", mine.msg) : 0;
}

/* ---- asking ---- */

struct settle {
	struct released *r;
	int (*back)(void *arg, const struct pointer *ptr);
	void *arg;
};

static int again(void *arg, const struct pointed_at *at, struct err *e)
{
	struct settle *s = arg;
	const uint8_t *recipe = at->ptr->recipe;

	if (at->old || !releasedfile_find(&s->r->f, recipe) ||
	    map_get(&s->r->back, recipe, 32))
		return 0;
	if (map_put(&s->r->back, recipe, 32, s->r) ||
	    (s->back && s->back(s->arg, at->ptr)))
		return err_nomem(e);
	return 0;
}

int released_settle(struct released *r, struct repo *repo,
		    const struct oid *tips, size_t n,
		    int (*back)(void *arg, const struct pointer *ptr),
		    void *arg, struct err *e)
{
	struct settle s = { r, back, arg };
	struct pointed *p = pointed_new(repo);
	size_t i;
	int rc = p ? pointed_old(p, r->f.tips, r->f.tips_n, 1, e) :
		err_nomem(e);

	map_release(&r->back);
	for (i = 0; !rc && i < n; i++)
		rc = pointed_tip(p, &tips[i], NULL, e);
	if (!rc)
		rc = pointed_run(p, again, &s, e);
	pointed_free(p);
	return rc;
}

const struct releasedfile_content *
released_gone(const struct released *r, const uint8_t recipe[32])
{
	if (!r || map_get(&r->back, recipe, 32))
		return NULL;
	return releasedfile_find(&r->f, recipe);
}

void released_say(struct buf *b, const struct released *r,
		  const struct releasedfile_content *c)
{
	struct buf t = BUF_INIT;

	tm_iso(&t, c->time);
	buf_addf(b, "its content was let go on %.10s by `hub %s`, its history "
		 "stays (last such act: %s)", t.p,
		 releasedfile_what_name(c->what), r->f.by);
	buf_release(&t);
}

/* ---- writing ---- */

static int put_commit(struct sink *s, const struct oid *was,
		      const struct releasedfile *f, const struct buf *text,
		      struct oid *ret, struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct buf raw = BUF_INIT;
	struct oid blob, parent = *was;
	int rc = sink_put(s, OBJ_BLOB, text->p, text->n, &blob, e);

	if (rc < 0)
		return rc;
	buf_addstr(&raw, "100644 " FILE_NAME);
	buf_add(&raw, "", 1);
	buf_add(&raw, blob.h, OID_SIZE);
	rc = buf_error(&raw) ? err_nomem(e) :
		sink_put(s, OBJ_TREE, raw.p, raw.n, &c.tree, e);
	buf_reset(&raw);
	buf_addf(&c.author, "%s <hub@%s>", f->by, f->by);
	buf_add(&c.committer, c.author.p, c.author.n);
	c.time = c.author_time = f->time;
	buf_addf(&c.message, "%zu contents are released\n", f->contents_n);
	if (!oid_is_zero(was)) {
		c.parents = &parent;
		c.parents_n = 1;
	}
	if (!rc)
		rc = commit_encode(&raw, &c);
	c.parents = NULL;
	c.parents_n = 0;
	if (!rc)
		rc = buf_error(&raw) ? err_nomem(e) :
			sink_put(s, OBJ_COMMIT, raw.p, raw.n, ret, e);
	commit_release(&c);
	buf_release(&raw);
	return rc;
}

static int text_of(struct releasedfile *f, const struct sign_secret *key,
		   struct buf *text, struct err *e)
{
	int rc = releasedfile_encode(text, f);

	if (rc == HUB_ELIMIT)
		return err_set(e, rc, "more contents or refs than a record of "
			       "released contents can list");
	if (rc || sign_make(key, RELEASEDFILE_CONTEXT, text->p, text->n,
			    f->sig))
		return err_nomem(e);
	releasedfile_encode_sig(text, f->sig);
	return buf_error(text) ? err_nomem(e) : 0;
}

int released_write(struct hub *h, const struct oid *was,
		   struct releasedfile *f, const struct sign_secret *key,
		   struct err *e)
{
	struct buf text = BUF_INIT;
	struct sink *s = NULL;
	struct oid made;
	int rc;

	memcpy(f->hub, h->format.id, 32);
	f->time = os_now();
	rc = text_of(f, key, &text, e);
	if (!rc)
		rc = sink_open(h->repo, SINK_LOOSE, &s, e);
	if (!rc)
		rc = put_commit(s, was, f, &text, &made, e);
	if (!rc) {
		rc = sink_commit(s, NULL, e);
		s = NULL;
	}
	sink_abort(s);
	if (!rc)
		rc = ref_set_hub(h->repo, RELEASED_REF, was, &made, f->by,
				 "hub prune", e);
	buf_release(&text);
	return rc;
}
