/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grants.c - records in the tree of a ref: read, written one at a time.
 *
 * What does not decode, is signed by nobody who may, or gives more than its
 * signer has, counts as not there: so a damaged record takes a right away and
 * never gives one.  "Could not read" is a failure.
 */
#include "sync/grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "repo/history.h"
#include "repo/ref.h"
#include "repo/sink.h"
#include "repo/tree.h"

#define FOLDER "grants"
#define TRIES 20

void grants_release(struct grants *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		grantfile_release(&g->v[i]);
	free(g->v);
	memset(g, 0, sizeof(*g));
}

/* ---- reading ---- */

struct load {
	struct hub *h;
	const uint8_t *identity;
	struct grants *g;
	struct err *e;
};

static int counts(const struct load *l, const struct grantfile *g,
		  const struct buf *text, const char *name)
{
	const struct cert *by = cert_chain_last(&g->chain);

	return !strcmp(g->id, name) && !memcmp(g->hub, l->h->format.id, 32) &&
		!cert_chain_check(&g->chain, g->hub, l->identity, NULL) &&
		by->role <= CERT_ADMIN && by->role <= g->role &&
		!sign_check(by->sign_pk, GRANTFILE_CONTEXT, text->p,
			    g->signed_n, g->sig);
}

static int keep(struct load *l, const struct grantfile *g)
{
	struct grants *all = l->g;

	if (all->n == all->alloc) {
		size_t want = all->alloc ? all->alloc * 2 : 16;
		struct grantfile *v = realloc(all->v, want * sizeof(*v));

		if (!v)
			return err_nomem(l->e);
		all->v = v;
		all->alloc = want;
	}
	all->v[all->n++] = *g;
	return 0;
}

static int one(void *arg, const char *path, size_t n,
	       const struct tree_leaf *leaf)
{
	struct load *l = arg;
	struct buf text = BUF_INIT;
	struct grantfile g;
	int rc;

	if (n <= sizeof(FOLDER) || leaf->mode != MODE_FILE) {
		l->g->bad++;
		return 0;
	}
	rc = repo_read_as(l->h->repo, &leaf->id, OBJ_BLOB, GRANTFILE_MAX, &text,
			  l->e);
	if (rc == HUB_ELIMIT || rc == HUB_ECORRUPT) {
		l->g->bad++;
		err_clear(l->e);
		rc = 0;
	} else if (!rc) {
		rc = grantfile_decode(&g, text.p, text.n, NULL);
		if (!rc && counts(l, &g, &text, path + sizeof(FOLDER))) {
			rc = keep(l, &g);
		} else if (rc != HUB_ENOMEM) {
			grantfile_release(&g);
			l->g->bad++;
			rc = 0;
		}
	}
	buf_release(&text);
	return rc;
}

/* The tree of the ref; zero if there is none. */
static int meta_tree(struct hub *h, struct oid *at, struct oid *tree,
		     struct err *e)
{
	struct commit c = COMMIT_INIT;
	int rc = ref_get(h->repo, GRANTS_REF, at, e);

	*tree = oid_zero;
	if (rc == HUB_EABSENT) {
		err_clear(e);
		*at = oid_zero;
		return 0;
	}
	if (!rc)
		rc = commit_read(h->repo, at, &c, e);
	if (!rc)
		*tree = c.tree;
	commit_release(&c);
	return rc;
}

int grants_load(struct hub *h, const uint8_t identity[32], struct grants *ret,
		struct err *e)
{
	struct load l = { h, identity, ret, e };
	struct oid tree;
	int rc = meta_tree(h, &ret->at, &tree, e);

	if (rc < 0 || oid_is_zero(&tree))
		return rc;
	rc = tree_walk(h->repo, &tree, FOLDER, strlen(FOLDER), one, &l, e);
	return rc == HUB_EABSENT ? 0 : rc;
}

const struct grantfile *grants_find(const struct grants *g, const char *what)
{
	const struct grantfile *found = NULL;
	size_t i, n = strlen(what);

	for (i = 0; i < g->n; i++) {
		if ((n < 4 || strncmp(g->v[i].id, what, n)) &&
		    strcmp(g->v[i].name, what))
			continue;
		if (g->v[i].kind == GRANTFILE_DEVICE)
			return &g->v[i];
		found = &g->v[i];
	}
	return found;
}

const struct grantfile *grants_redeemed(const struct grants *g,
					const char *invite)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->v[i].kind == GRANTFILE_DEVICE &&
		    !strcmp(g->v[i].from, invite))
			return &g->v[i];
	return NULL;
}

/* ---- writing ---- */

static int commit_tree(struct sink *s, const struct keys *k,
		       const struct oid *was, const struct oid *tree,
		       const char *message, struct oid *ret, struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct buf raw = BUF_INIT;
	struct oid parent = *was;
	int rc;

	buf_addf(&c.author, "%s <hub@%s>", k->dev.name, k->dev.name);
	buf_add(&c.committer, c.author.p, c.author.n);
	buf_addf(&c.message, "%s\n", message);
	c.tree = *tree;
	c.time = c.author_time = os_now();
	if (!oid_is_zero(was)) {
		c.parents = &parent;
		c.parents_n = 1;
	}
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

/* The file ${id} becomes ${text}, or goes if that is NULL. */
static int change(struct hub *h, struct keys *k, const char *id,
		  const struct buf *text, const char *message, struct err *e)
{
	struct tree_change ch = { .leaf = { text ? MODE_FILE : 0,
					    oid_zero } };
	struct buf path = BUF_INIT;
	struct oid at, tree, next, made;
	struct sink *s = NULL;
	int rc = meta_tree(h, &at, &tree, e);

	buf_addf(&path, FOLDER "/%s", id);
	ch.path = path.p;
	ch.path_n = path.n;
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			sink_open(h->repo, SINK_LOOSE, &s, e);
	if (!rc && text)
		rc = sink_put(s, OBJ_BLOB, text->p, text->n, &ch.leaf.id, e);
	if (!rc)
		rc = tree_update(h->repo, s, &tree, &ch, 1, &next, e);
	if (!rc && oid_eq(&tree, &next))
		goto out;
	if (!rc)
		rc = commit_tree(s, k, &at, &next, message, &made, e);
	if (!rc) {
		rc = sink_commit(s, NULL, e);
		s = NULL;
	}
	if (!rc)
		rc = ref_set_hub(h->repo, GRANTS_REF, &at, &made, k->dev.name,
				 "hub share", e);
out:
	sink_abort(s);
	buf_release(&path);
	return rc;
}

static int change_again(struct hub *h, struct keys *k, const char *id,
			const struct buf *text, const char *message,
			struct err *e)
{
	int rc = HUB_EBUSY, i;

	for (i = 0; i < TRIES; i++) {
		rc = change(h, k, id, text, message, e);
		if (rc != HUB_ECONFLICT && rc != HUB_EBUSY)
			return rc;
		os_sleep_ms(20u << (i < 5 ? i : 5));
	}
	return err_set(e, HUB_EBUSY, "other runs change the grants of '%s' all "
		       "the time: try again", h->path.p);
}

int grants_put(struct hub *h, struct keys *k, struct grantfile *g,
	       struct err *e)
{
	struct buf text = BUF_INIT, message = BUF_INIT;
	const struct cert *by;
	int rc;

	if (!k->dev.vault)
		return err_set(e, HUB_EDENIED, "a computer without keys grants "
			       "nothing");
	by = cert_chain_last(&k->dev.vault->chain);
	if (by->role > CERT_ADMIN || by->role > g->role)
		return err_set(e, HUB_EDENIED, "this computer is %s: it cannot "
			       "make anybody %s", cert_role_name(by->role),
			       cert_role_name(g->role));
	memcpy(g->hub, h->format.id, 32);
	g->time = os_now();
	g->chain = k->dev.vault->chain;
	rc = grantfile_encode(&text, g);
	if (!rc)
		rc = sign_make(k->dev.secret, GRANTFILE_CONTEXT, text.p, text.n,
			       g->sig);
	grantfile_encode_sig(&text, g->sig);
	buf_addf(&message, "%s %s: %s", g->kind == GRANTFILE_INVITE ?
		 "invite" : "grant", g->name, cert_role_name(g->role));
	rc = rc || buf_error(&text) || buf_error(&message) ? err_nomem(e) :
		change_again(h, k, g->id, &text, message.p, e);
	buf_release(&text);
	buf_release(&message);
	return rc;
}

int grants_remove(struct hub *h, struct keys *k, const char *id,
		  struct err *e)
{
	struct buf message = BUF_INIT;
	int rc;

	buf_addf(&message, "take back %s", id);
	rc = buf_error(&message) ? err_nomem(e) :
		change_again(h, k, id, NULL, message.p, e);
	buf_release(&message);
	return rc;
}
