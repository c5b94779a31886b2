/* SPDX-License-Identifier: GPL-2.0-or-later */
/* farside.c - what a workspace asks of its hub: refs, small files, objects. */
#include "sync/farside_internal.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/upkeep.h"

int farside_open(const char *path, const uint8_t *known_id,
		 struct farside *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	return hub_open(path, known_id, &ret->hub, e);
}

void farside_close(struct farside *s)
{
	hub_close(s->hub);
	s->hub = NULL;
}

#define SWEPT "swept"
#define SWEEP_NS (INT64_C(86400) * 1000000000)

/* Is it a day since the hub was swept?  Then it is noted that it is now. */
static int take_turn(struct farside *s)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int due = 0;

	buf_addf(&path, "%s/vibehub/" SWEPT, s->hub->path.p);
	if (!buf_error(&path)) {
		due = os_stat(path.p, &st, NULL) ||
			os_now_ns() - st.mtime_ns > SWEEP_NS;
		if (due)
			os_replace_derived(path.p, "", 0, NULL);
	}
	buf_release(&path);
	return due;
}

void farside_end(struct farside *s)
{
	if (!s->hub || !s->wrote)
		return;
	if (take_turn(s))
		hub_sweep(s->hub);
	upkeep_far(s->hub);
}

/* ---- small files ---- */

void farside_hash(uint8_t out[HUBOPS_HASH], const void *p, size_t n)
{
	uint8_t full[HASH_SIZE];

	hash_once(full, p, n);
	memcpy(out, full, HUBOPS_HASH);
}

int farside_path(const char *dir, enum hubops_kind kind, const char *name,
		 struct buf *ret, struct err *e)
{
	buf_reset(ret);
	if (kind == HUBOPS_REFLOG)
		buf_addf(ret, "%s/logs/%s", dir, name);
	else if (kind == HUBOPS_ACTS)
		buf_addf(ret, "%s/vibehub/acts", dir);
	else
		buf_addf(ret, "%s/vibehub/%s%s%s", dir,
			 kind == HUBOPS_PRESENCE ? "devices" : "accepted",
			 *name ? "/" : "", name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int names_add(struct farside_names *l, const char *name)
{
	if (l->n == l->alloc) {
		size_t want = l->alloc ? l->alloc * 2 : 16;
		char **v = realloc(l->v, want * sizeof(*v));

		if (!v)
			return HUB_ENOMEM;
		l->v = v;
		l->alloc = want;
	}
	l->v[l->n] = strdup(name);
	if (!l->v[l->n])
		return HUB_ENOMEM;
	l->n++;
	return 0;
}

void farside_free(struct farside_names *l)
{
	while (l->n)
		free(l->v[--l->n]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static int cmp_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_name(enum hubops_kind kind, const char *name)
{
	size_t n = strlen(name);

	if (kind == HUBOPS_PRESENCE)
		return presence_uuid_ok(name);
	return n == 64 && strspn(name, "0123456789abcdef") == n;
}

int farside_list(const char *dir, enum hubops_kind kind,
		 struct farside_names *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	int rc = farside_path(dir, kind, "", &path, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc)
		rc = os_dir_open(path.p, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		buf_release(&path);
		return 0;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		rc = is_name(kind, name) ? names_add(ret, name) : 0;
		if (rc < 0)
			err_nomem(e);
	}
	os_dir_close(d);
	buf_release(&path);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp_names);
	return rc;
}

/* ---- LOOK ---- */

struct look {
	struct farside *s;
	struct rd known;		/* what the asker said to have */
	struct hubops_known next;
	int more;
	size_t n;
	struct buf *out;
	struct err *e;
};

static void tell_gone(struct look *l)
{
	struct hubops_file f = { .kind = l->next.kind, .name = l->next.name,
				 .gone = 1 };

	hubops_seen_file(l->out, &f);
	l->n++;
	l->more = hubops_known_next(&l->known, &l->next);
}

/* Those before it that the asker has are gone here; does he have this one? */
static int has_same(struct look *l, const struct hubops_file *f)
{
	uint8_t hash[HUBOPS_HASH];
	int c, same;

	while (l->more) {
		c = l->next.kind != f->kind ?
			(l->next.kind < f->kind ? -1 : 1) :
			mem_cmp(l->next.name.p, l->next.name.n, f->name.p,
				f->name.n);
		if (c > 0)
			return 0;
		if (!c)
			break;
		tell_gone(l);
	}
	if (!l->more)
		return 0;
	farside_hash(hash, f->bytes.p, f->bytes.n);
	same = !memcmp(hash, l->next.hash, sizeof(hash));
	l->more = hubops_known_next(&l->known, &l->next);
	return same;
}

static int look_file(struct look *l, enum hubops_kind kind, const char *name)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubops_file f = { .kind = kind, .name = { name,
				 strlen(name) } };
	int rc = farside_path(l->s->hub->path.p, kind, name, &path, l->e);

	if (!rc)
		rc = os_read_file(path.p, PRESENCE_MAX > HUBFILE_MAX ?
				  PRESENCE_MAX : HUBFILE_MAX, &text, l->e);
	if (!rc) {
		f.bytes = buf_span(&text);
		if (!has_same(l, &f)) {
			hubops_seen_file(l->out, &f);
			l->n++;
		}
	} else if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(l->e);	/* retired since, or no such file */
		rc = 0;
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int look_files(struct look *l)
{
	enum hubops_kind kind;
	size_t i, at = hubops_seen_files(l->out);
	int rc = 0;

	l->more = hubops_known_next(&l->known, &l->next);
	for (kind = HUBOPS_PRESENCE; !rc && kind <= HUBOPS_ACCEPTED; kind++) {
		struct farside_names names;

		rc = farside_list(l->s->hub->path.p, kind, &names, l->e);
		for (i = 0; !rc && i < names.n; i++)
			rc = look_file(l, kind, names.v[i]);
		farside_free(&names);
	}
	while (!rc && l->more)
		tell_gone(l);
	hubops_seen_end(l->out, at, l->n);
	return rc;
}

int farside_look(struct farside *s, const void *head, size_t n,
		 struct buf *ret, struct err *e)
{
	struct look l = { .s = s, .out = ret, .e = e };
	struct buf branch = BUF_INIT, format = BUF_INIT;
	struct hub *h = s->hub;
	struct hubops_look q;
	size_t i;
	int rc = hubops_look_decode(&q, head, n, e);

	if (!rc)
		rc = hub_read_refs(h, e);
	if (!rc)
		rc = hub_default_branch(h, &branch, e);
	hubfile_hub_encode(&format, &h->format);
	if (rc < 0)
		goto out;
	hubops_seen_begin(ret, h->token, branch.p, format.p, format.n);
	if (memcmp(h->token, q.token, sizeof(q.token))) {
		hubops_seen_refs(ret, h->refs_n);
		for (i = 0; i < h->refs_n; i++)
			hubops_seen_ref(ret, &h->refs[i].id, h->refs[i].name);
	} else
		hubops_seen_no_refs(ret);
	l.known = q.files;
	rc = look_files(&l);
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
out:
	buf_release(&branch);
	buf_release(&format);
	return rc;
}

/* ---- FETCH ---- */

static int is_tip(const struct hub *h, const struct oid *id)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		if (oid_eq(&h->refs[i].id, id))
			return 1;
	return 0;
}

/* A ref that moved since it was looked at is still wanted if it was one. */
static int check_wants(struct farside *s, const struct oid *want, size_t n,
		       struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++) {
		if (is_tip(s->hub, &want[i]))
			continue;
		rc = repo_has(s->hub->repo, &want[i], e);
		if (!rc)
			rc = err_set(e, HUB_ECONFLICT, "the hub has no %s any "
				     "more: look again", oid_hex(&want[i]));
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

int farside_fetch(struct farside *s, const void *p, size_t n, packout_fn fn,
		  void *arg, struct err *e)
{
	struct oid *want = NULL, *have;
	size_t want_n, have_n;
	int rc = hubops_fetch_decode(p, n, &want, &want_n, &have, &have_n, e);

	if (!rc)
		rc = repo_refresh(s->hub->repo, e);
	if (!rc)
		rc = check_wants(s, want, want_n, e);
	if (!rc)
		rc = packout_write(s->hub->repo, want, want_n, have, have_n,
				   fn, arg, NULL, e);
	free(want);
	return rc;
}

/* ---- questions ---- */

int farside_has(struct farside *s, const void *head, size_t n,
		struct buf *ret, struct err *e)
{
	const uint8_t *p = head;
	struct oid id;
	size_t i;
	int rc = repo_refresh(s->hub->repo, e);

	buf_reset(ret);
	if (!rc && (n % OID_SIZE || n / OID_SIZE > HUBOPS_HAS_MAX))
		return err_set(e, HUB_ECORRUPT, "a question for objects is "
			       "malformed");
	for (i = 0; rc >= 0 && i < n; i += OID_SIZE) {
		memcpy(id.h, p + i, OID_SIZE);
		rc = repo_has(s->hub->repo, &id, e);
		buf_add_u8(ret, rc > 0);
	}
	if (rc >= 0 && buf_error(ret))
		rc = err_nomem(e);
	return rc < 0 ? rc : 0;
}

int farside_count(struct farside *s, const void *head, size_t n,
		  struct buf *ret, struct err *e)
{
	struct oid tip, have;
	uint64_t count = 0;
	int rc;

	buf_reset(ret);
	if (n != 2 * OID_SIZE)
		return err_set(e, HUB_ECORRUPT, "a question for commits is "
			       "malformed");
	memcpy(tip.h, head, OID_SIZE);
	memcpy(have.h, (const uint8_t *)head + OID_SIZE, OID_SIZE);
	rc = repo_refresh(s->hub->repo, e);
	if (!rc && !oid_is_zero(&have)) {
		rc = repo_has(s->hub->repo, &have, e);
		if (!rc)
			rc = err_set(e, HUB_EABSENT, "the hub has no commit %s",
				     oid_hex(&have));
		rc = rc < 0 ? rc : 0;
	}
	if (!rc)
		rc = repo_count(s->hub->repo, &tip, &have, &count, e);
	buf_add_u64(ret, count);
	return !rc && buf_error(ret) ? err_nomem(e) : rc;
}

int farside_get(struct farside *s, const void *head, size_t n,
		struct buf *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	struct hubops_put q;
	struct os_stat st;
	uint64_t from;
	size_t got = 0;
	int fd = -1, rc = hubops_get_decode(&q, head, n, e);

	buf_reset(ret);
	if (!rc && (q.kind < HUBOPS_REFLOG ||
		    (q.kind == HUBOPS_REFLOG && !ref_name_ok(q.name))))
		rc = err_set(e, HUB_EDENIED, "'%s' is not given out", q.name);
	if (!rc)
		rc = farside_path(s->hub->path.p, q.kind, q.name, &path, e);
	if (!rc)
		rc = os_open_read(path.p, &fd, e);
	if (!rc)
		rc = os_fstat(fd, &st, path.p, e);
	if (!rc && buf_grow(ret, HUBOPS_FILE_MAX))
		rc = err_nomem(e);
	if (!rc) {
		from = st.size > HUBOPS_FILE_MAX ? st.size - HUBOPS_FILE_MAX :
			0;
		rc = os_pread(fd, ret->p, HUBOPS_FILE_MAX, from, &got, path.p,
			      e);
		ret->n = rc < 0 ? 0 : got;
	}
	os_close(fd, path.p, NULL);
	buf_release(&path);
	return rc;
}
