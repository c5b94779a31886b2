/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_push.c - plain git's commits and refs to a place.
 *
 * Order: git segment durable at the place, then the state whose refs name it,
 * which only one of several writers creates.  Who loses takes the winner's refs
 * and asks the rules again: so no push goes over another one's.
 */
#include "sync/plain_internal.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 50

struct push {
	struct plain *p;
	struct plain_move *m;
	size_t n;
	unsigned flags;
	struct vaultrefs seen;		/* as the user was shown them */
	struct vaultrefs base;		/* that ${seg} comes after */
	struct vaultrefs want;
	struct vault_put *put;
	struct places_pointers large;
	int alone;		/* the segment was put, and not merged */
	struct vaultrefs_git seg;
	int has_seg;
	struct err *e;
};

/* ---- what may be done ---- */

static void fail_all(struct push *s)
{
	size_t i, bad = 0;

	for (i = 0; i < s->n; i++)
		bad += s->m[i].error.n != 0;
	for (i = 0; bad && i < s->n; i++)
		if (!s->m[i].error.n)
			buf_addstr(&s->m[i].error, "atomic push failed");
}

/* 1: there is something to write; 0: nothing (more). */
static int decide(struct push *s)
{
	const struct vaultrefs *was = &s->p->refs;
	size_t i;
	int rc;

	do {
		vaultrefs_release(&s->want);
		rc = plain_rules(s->p, was, &s->seen, s->m, s->n, s->e);
		if (!rc && s->flags & PLAIN_ATOMIC)
			fail_all(s);
		if (!rc)
			rc = plain_rules_apply(was, s->m, s->n, &s->want,
					       s->e);
	} while (rc > 0);
	if (rc < 0 || s->flags & PLAIN_DRY_RUN)
		return rc;
	for (i = 0; i < s->n; i++) {
		const struct oid *at = vaultrefs_find(was, s->m[i].dst);

		if (!s->m[i].error.n &&
		    !oid_eq(at ? at : &oid_zero, &s->m[i].now))
			return 1;
	}
	return 0;
}

/* What a clone checks out: it stays; at first this repository's own branch, if it
 * is among what is pushed. */
static int head(struct push *s)
{
	static const char heads[] = "refs/heads/";
	struct buf b = BUF_INIT;
	const char *name = s->p->refs.head;
	struct oid tip;
	size_t i;

	if (!*name && !repo_head(s->p->repo, &b, &tip, NULL) && b.n &&
	    vaultrefs_find(&s->want, b.p))
		name = b.p;
	for (i = 0; !*name && i < s->want.refs_n; i++)
		if (!strncmp(s->want.refs[i].name, heads, sizeof(heads) - 1))
			name = s->want.refs[i].name;
	if (!*name)
		name = "refs/heads/main";
	memmove(s->want.head, name, strlen(name) + 1);
	buf_release(&b);
	return 0;
}

/* ---- the segment ---- */

static int tips(const struct vaultrefs *v, struct repo *r, struct oid **ret,
		size_t *n, struct err *e)
{
	size_t i;

	*n = 0;
	*ret = calloc(v->refs_n + 1, sizeof(**ret));
	for (i = 0; *ret && i < v->refs_n; i++)
		if (repo_has_quick(r, &v->refs[i].oid))
			(*ret)[(*n)++] = v->refs[i].oid;
	return *ret ? 0 : err_nomem(e);
}

static int make_segment(struct push *s, struct gitseg **ret)
{
	struct oid *want = NULL, *have = NULL;
	size_t want_n, have_n, i;
	int rc = tips(&s->p->refs, s->p->repo, &have, &have_n, s->e);

	want = calloc(s->n + 1, sizeof(*want));
	if (!rc && !want)
		rc = err_nomem(s->e);
	for (i = want_n = 0; !rc && i < s->n; i++)
		if (!s->m[i].error.n && !oid_is_zero(&s->m[i].now))
			want[want_n++] = s->m[i].now;
	if (!rc)
		rc = gitseg_open(s->p->repo, want, want_n, have, have_n, ret,
				 s->e);
	free(want);
	free(have);
	return rc;
}

/* The content of large files comes by `hub sync`: a pointer to what is not there
 * would be a file that nobody can have. */
static int check_large(struct push *s)
{
	size_t i;
	int rc = places_let_go(s->p->repo, &s->want, vault_keys(s->p->vault),
			       &s->large, s->e);

	for (i = 0; !rc && i < s->large.n; i++) {
		rc = vault_put_has(s->put, s->large.v[i].recipe, s->e);
		if (!rc)
			return err_set(s->e, HUB_EDENIED, "a large file whose "
				       "content is not at %s is among what is "
				       "pushed: `hub sync` in a workspace "
				       "brings it there", s->p->name.p);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static int put_segment(struct push *s)
{
	struct vaultrefs *want = &s->want;
	struct gitseg *seg = NULL;
	struct places_work w;
	size_t n = want->git_n;
	int bad = 0, rc = make_segment(s, &seg);

	plain_work(s->p, &w);
	if (!rc) {
		gitseg_strict(seg);
		rc = places_put(&w, seg, 1, &s->large, s->put, want, &bad,
				s->e);
	}
	gitseg_close(seg);
	if (bad)
		err_in(s->e, "%s is damaged: `hub repair` in a workspace mends "
		       "it", s->p->name.p);
	s->alone = !rc && want->git_n >= n;
	s->has_seg = !rc && want->git_n > n;
	if (s->has_seg)
		s->seg = want->git[n];
	return rc < 0 ? rc : check_large(s);
}

/* The winner of a race kept all git segments that ours stands on, so it can be
 * used as it is. */
static int still_good(const struct push *s)
{
	const struct vaultrefs *now = &s->p->refs;

	return s->put && s->alone && now->git_n >= s->base.git_n &&
		now->git_n < VAULTREFS_GIT_MAX &&
		!memcmp(now->git, s->base.git,
			s->base.git_n * sizeof(*now->git));
}

static void copy_git(struct vaultrefs *to, const struct vaultrefs *from)
{
	memcpy(to->git, from->git, sizeof(to->git));
	to->git_n = from->git_n;
}

static int prepare(struct push *s)
{
	int rc;

	copy_git(&s->want, &s->p->refs);
	if (still_good(s)) {
		if (s->has_seg)
			s->want.git[s->want.git_n++] = s->seg;
		return 0;
	}
	vault_put_end(s->put);
	s->put = NULL;
	s->large.n = 0;
	copy_git(&s->base, &s->p->refs);
	rc = vault_put_begin(s->p->vault, &s->put, s->e);
	return rc < 0 ? rc : put_segment(s);
}

/* ---- */

/* What was pushed is here; a merged segment is if all of it was. */
static int note_taken(struct push *s)
{
	uint8_t is[VAULTREFS_GIT_MAX] = { 0 };
	const struct vaultrefs *was = &s->p->refs;
	size_t i, k;
	int all = 1;

	for (i = 0; i < s->want.git_n; i++)
		is[i] = (uint8_t)plain_taken(s->p, &s->want.git[i]);
	k = s->want.git_n;
	if (k && (s->has_seg || !s->alone)) {
		for (i = k - 1; !s->alone && i < was->git_n; i++)
			all &= plain_taken(s->p, &was->git[i]);
		is[k - 1] = (uint8_t)all;
	}
	return plain_take_note(s->p, &s->want, is, NULL);
}

/* 0: done; 1: once more, on what is there now. */
static int attempt(struct push *s)
{
	struct vault_change c = { .refs = &s->want };
	int rc = decide(s);

	if (rc <= 0)
		return rc;
	rc = head(s);
	if (!rc)
		rc = prepare(s);
	if (!rc)
		rc = vault_put_commit(s->put, &c, s->e);
	if (!rc) {
		note_taken(s);
		return plain_reread(s->p, s->e);
	}
	if (rc == HUB_EABSENT) {	/* what it relied on is gone */
		vault_put_end(s->put);
		s->put = NULL;
	} else if (rc != HUB_ECONFLICT)
		return rc;
	err_clear(s->e);
	rc = vault_refresh(s->p->vault, s->e);
	if (rc >= 0)
		rc = plain_reread(s->p, s->e);
	return rc < 0 ? rc : 1;
}

static int copy_refs(struct push *s)
{
	const struct vaultrefs *r = &s->p->refs;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->refs_n; i++)
		rc = vaultrefs_add(&s->seen, &r->refs[i].oid, r->refs[i].name,
				   s->e);
	return rc;
}

int plain_push(struct plain *p, struct plain_move *m, size_t n, unsigned flags,
	       struct err *e)
{
	struct push s = { .p = p, .m = m, .n = n, .flags = flags, .e = e };
	int i, rc = p->repo ? plain_enrolled(p, e) :
		err_set(e, HUB_EUSAGE, "there is no git repository to push "
			"from");

	if (!rc)
		rc = copy_refs(&s);
	if (!rc)	/* what was shown may be a while ago */
		rc = vault_refresh(p->vault, e);
	if (rc >= 0)
		rc = plain_reread(p, e);
	for (i = 0; rc >= 0 && i < TRIES; i++) {
		rc = attempt(&s);
		if (!rc)
			break;
	}
	if (rc > 0)
		rc = err_set(e, HUB_EBUSY, "others write to %s all the time: "
			     "push again", p->name.p);
	vault_put_end(s.put);
	free(s.large.v);
	vaultrefs_release(&s.seen);
	vaultrefs_release(&s.want);
	return rc;
}
