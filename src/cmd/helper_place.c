/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper_place.c - list, fetch and push of git-remote-hub at a place. */
#include "cmd/helper.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "os/os.h"

static int open_place(struct helper *h, struct err *e)
{
	if (h->progress && !h->quiet)
		h->conf.progress = cmd_progress_show;
	return h->place ? 0 : plain_open(&h->conf, &h->place, e);
}

static int is_hidden(const char *name)
{
	return !strncmp(name, PLAIN_HIDDEN, strlen(PLAIN_HIDDEN));
}

static void list_ref(struct helper *h, const struct vaultrefs_ref *r, int push)
{
	struct oid of;

	if (is_hidden(r->name))
		return;
	buf_addf(&cmd_out, "%s %s\n", oid_hex(&r->oid), r->name);
	if (!push && !strncmp(r->name, "refs/tags/", 10) &&
	    plain_peeled(h->place, &r->oid, &of))
		buf_addf(&cmd_out, "%s %s^{}\n", oid_hex(&of), r->name);
}

int helper_list(struct helper *h, int push, struct err *e)
{
	const struct vaultrefs *v;
	size_t i;
	int rc = open_place(h, e);

	if (!rc && !push)
		rc = plain_tags(h->place, e);
	cmd_progress_end();
	if (rc < 0)
		return rc;
	v = plain_refs(h->place);
	buf_addstr(&cmd_out, ":object-format sha1\n");
	/* Where git pushes to, HEAD would be a ref that a mirror lacks. */
	if (!push && v->head[0] && vaultrefs_find(v, v->head))
		buf_addf(&cmd_out, "@%s HEAD\n", v->head);
	for (i = 0; i < v->refs_n; i++)
		list_ref(h, &v->refs[i], push);
	buf_addch(&cmd_out, '\n');
	return 0;
}

/* The next line of a batch that begins with ${word}: 1; 0: it is complete. */
static int next(struct helper *h, const char *word, struct err *e)
{
	int rc = os_read_line(&h->line, HELPER_LINE_MAX, e);

	if (rc < 0)
		return rc == HUB_EABSENT ? err_set(e, HUB_EIO, "git went away "
						   "in the middle") : rc;
	if (!h->line.n)
		return 0;
	return !strncmp(h->line.p, word, strlen(word)) ? 1 :
		err_set(e, HUB_EUSAGE, "git gave '%s' among '%s...' lines",
			h->line.p, word);
}

/* ---- fetch ---- */

int helper_fetch(struct helper *h, struct err *e)
{
	static const char word[] = "fetch ";
	struct oid *want = NULL, *v;
	size_t n = 0;
	int rc = 1;

	for (; rc > 0; rc = next(h, word, e)) {
		v = realloc(want, (n + 1) * sizeof(*v));
		if (!v) {
			rc = err_nomem(e);
			break;
		}
		want = v;
		if (h->line.n < sizeof(word) - 1 + OID_HEX ||
		    oid_parse(&want[n++], h->line.p + sizeof(word) - 1,
			      OID_HEX)) {
			rc = err_set(e, HUB_EUSAGE, "git asked for '%s', which "
				     "names no object", h->line.p);
			break;
		}
	}
	if (!rc)
		rc = open_place(h, e);
	if (!rc)
		rc = plain_fetch(h->place, want, n, e);
	cmd_progress_end();
	buf_addch(&cmd_out, '\n');
	free(want);
	return rc;
}

/* ---- push ---- */

struct batch {
	struct plain_move *m;
	size_t n;
};

static void batch_release(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		free((char *)b->m[i].dst);
		buf_release(&b->m[i].error);
	}
	free(b->m);
}

/* "[+]<src>:<dst>"; no <src>: delete. */
static int add_move(struct batch *b, struct repo *r, const char *spec,
		    struct err *e)
{
	const char *colon = strrchr(spec, ':');
	struct plain_move *m = realloc(b->m, (b->n + 1) * sizeof(*m));
	struct buf src = BUF_INIT;
	int rc = 0;

	if (!m)
		return err_nomem(e);
	b->m = m;
	m = &b->m[b->n];
	memset(m, 0, sizeof(*m));
	buf_init(&m->error);
	m->force = *spec == '+';
	spec += m->force;
	if (!colon || !colon[1] || colon < spec)
		return err_set(e, HUB_EUSAGE, "git gave '%s', which names no "
			       "ref to push to", spec);
	m->dst = strdup(colon + 1);
	if (!m->dst)
		return err_nomem(e);
	b->n++;
	buf_add(&src, spec, (size_t)(colon - spec));
	if (buf_error(&src))
		rc = err_nomem(e);
	else if (src.n && oid_parse(&m->now, src.p, src.n))
		rc = repo_resolve_any(r, src.p, &m->now, e);
	buf_release(&src);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct plain_move *)a)->dst,
		      ((const struct plain_move *)b)->dst);
}

static int leases(struct helper *h, struct batch *b, struct err *e)
{
	size_t i, k;

	for (i = 0; i < h->cas_n; i++) {
		const char *s = h->cas[i].p, *colon = strrchr(s, ':');

		for (k = 0; colon && k < b->n; k++) {
			struct plain_move *m = &b->m[k];

			if (strlen(m->dst) != (size_t)(colon - s) ||
			    memcmp(m->dst, s, (size_t)(colon - s)))
				continue;
			m->leased = 1;
			if (oid_parse(&m->lease, colon + 1, strlen(colon + 1)))
				return err_set(e, HUB_EUSAGE, "git gave a lease "
					       "without an object: '%s'", s);
		}
	}
	return 0;
}

static int read_batch(struct helper *h, struct batch *b, struct repo *r,
		      struct err *e)
{
	static const char word[] = "push ";
	int rc = 1;

	for (; rc > 0; rc = rc < 0 ? rc : next(h, word, e)) {
		rc = add_move(b, r, h->line.p + sizeof(word) - 1, e);
		if (rc < 0)
			break;
	}
	if (!rc) {
		qsort(b->m, b->n, sizeof(*b->m), by_name);
		rc = leases(h, b, e);
	}
	return rc;
}

static void report(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->m[i].error.n)
			buf_addf(&cmd_out, "error %s %s\n", b->m[i].dst,
				 b->m[i].error.p);
		else
			buf_addf(&cmd_out, "ok %s\n", b->m[i].dst);
	}
	buf_addch(&cmd_out, '\n');
}

int helper_push(struct helper *h, struct err *e)
{
	struct batch b = { .n = 0 };
	struct repo *r = NULL;
	int rc = h->conf.gitdir ? repo_open_git(h->conf.gitdir, &r, e) :
		err_set(e, HUB_EUSAGE, "there is no git repository to push "
			"from");

	if (!rc)
		rc = read_batch(h, &b, r, e);
	if (!rc)
		rc = open_place(h, e);
	if (!rc)
		rc = plain_push(h->place, b.m, b.n,
				(h->atomic ? PLAIN_ATOMIC : 0) |
				(h->dry_run ? PLAIN_DRY_RUN : 0), e);
	cmd_progress_end();
	if (!rc)
		report(&b);
	batch_release(&b);
	repo_close(r);
	return rc;
}
