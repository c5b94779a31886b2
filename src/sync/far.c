/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far.c - the session of a workspace with its hub, and what it looks like. */
#include "sync/far_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/packin.h"
#include "sync/fetch_internal.h"

#define PIECE (64u << 10)

static struct far *make(const char *url)
{
	struct far *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	buf_init(&f->url);
	buf_init(&f->cache);
	buf_init(&f->command);
	buf_init(&f->head);
	buf_init(&f->format);
	buf_addstr(&f->url, url);
	return f;
}

struct far *far_of(struct workspace *ws)
{
	struct far *f = ws->far;

	if (f)
		return f;
	f = make(ws->hub_url.p);
	if (!f)
		return NULL;
	f->ws = ws;
	buf_addf(&f->cache, "%sfar", ws->vdir.p);
	if (buf_error(&f->cache) || buf_error(&f->url)) {
		far_close(f);
		return NULL;
	}
	ws->far = f;
	return f;
}

int far_new(const char *url, const char *command, struct far **ret,
	    struct err *e)
{
	struct far *f = make(url);
	uint8_t rnd[8];
	char hex[17];
	int rc;

	if (!f)
		return err_nomem(e);
	f->temp = 1;
	if (command)
		buf_addstr(&f->command, command);
	os_random(rnd, sizeof(rnd));
	hex_encode(hex, rnd, sizeof(rnd));
	rc = os_user_dir(&f->cache, e);
	buf_addf(&f->cache, "/far-%s", hex);
	if (!rc && (buf_error(&f->cache) || buf_error(&f->url) ||
		    buf_error(&f->command)))
		rc = err_nomem(e);
	if (rc < 0)
		far_close(f);
	else
		*ret = f;
	return rc;
}

void far_close(struct far *f)
{
	if (!f)
		return;
	far_link_close(f);
	if (f->temp && f->cache.n)
		os_rmtree(f->cache.p, NULL);
	far_refs_drop(f);
	free(f->refs);
	buf_release(&f->url);
	buf_release(&f->cache);
	buf_release(&f->command);
	buf_release(&f->head);
	buf_release(&f->format);
	free(f);
}

void far_adopt(struct far *f, struct workspace *ws)
{
	if (!f || ws->far || !far_is_same(f->url.p, ws->hub_url.p)) {
		far_close(f);
		return;
	}
	os_rmtree(f->cache.p, NULL);
	buf_reset(&f->cache);
	buf_addf(&f->cache, "%sfar", ws->vdir.p);
	if (buf_error(&f->cache)) {
		buf_release(&f->cache);
		far_close(f);
		return;
	}
	f->temp = 0;
	f->ws = ws;
	ws->far = f;
}

const char *far_url(const struct far *f)
{
	return f->url.p;
}

int far_session(struct far *f, const uint8_t *known_id, struct session **ret,
		struct err *e)
{
	if (!f->asked) {
		f->asked = 1;
		f->rc = far_link_open(f, known_id, &f->why);
	}
	if (f->rc < 0)
		return err_set(e, f->rc, "%s", f->why.msg);
	*ret = f->s;
	return 0;
}

/* ---- refs in memory ---- */

void far_refs_drop(struct far *f)
{
	while (f->refs_n)
		free(f->refs[--f->refs_n].name);
}

static size_t refs_find(const struct far *f, const char *name, size_t n,
			int *found)
{
	size_t lo = 0, hi = f->refs_n, mid;
	int c;

	*found = 0;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = mem_cmp(f->refs[mid].name, strlen(f->refs[mid].name), name,
			    n);
		if (!c) {
			*found = 1;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int far_refs_set(struct far *f, const char *name, size_t n,
		 const struct oid *id, struct err *e)
{
	int found;
	size_t at = refs_find(f, name, n, &found);

	if (found) {
		f->refs[at].id = *id;
		return 0;
	}
	if (f->refs_n == f->refs_alloc) {
		size_t want = f->refs_alloc ? f->refs_alloc * 2 : 16;
		struct hub_ref *v = realloc(f->refs, want * sizeof(*v));

		if (!v)
			return err_nomem(e);
		f->refs = v;
		f->refs_alloc = want;
	}
	memmove(&f->refs[at + 1], &f->refs[at],
		(f->refs_n - at) * sizeof(*f->refs));
	memset(&f->refs[at], 0, sizeof(*f->refs));
	f->refs_n++;
	f->refs[at].id = *id;
	f->refs[at].name = malloc(n + 1);
	if (!f->refs[at].name)
		return err_nomem(e);
	memcpy(f->refs[at].name, name, n);
	f->refs[at].name[n] = '\0';
	return 0;
}

int far_refs(struct hub *h, int (*fn)(void *arg, const char *name,
				      const struct oid *id),
	     void *arg, struct err *e)
{
	struct far *f = h->far;
	size_t i;
	int rc = 0;

	(void)e;
	for (i = 0; !rc && i < f->refs_n; i++)
		rc = fn(arg, f->refs[i].name, &f->refs[i].id);
	return rc;
}

const char *far_head(const struct hub *h)
{
	return h->far->head.p;
}

/* ---- looking ---- */

int far_body(struct session *s, struct buf *ret, size_t max, struct err *e)
{
	int got = 1;

	buf_reset(ret);
	while (got > 0) {
		if (buf_grow(ret, PIECE))
			return err_nomem(e);
		got = session_read(s, ret->p + ret->n, PIECE, e);
		if (got > 0)
			ret->n += (size_t)got;
		if (ret->n > max)
			return err_set(e, HUB_ELIMIT, "the hub's answer is "
				       "longer than is taken");
	}
	return got;
}

/* Tips that are not here. */
static int missing(struct far *f, struct fetch_tips *t, struct err *e)
{
	size_t i;

	for (i = 0; i < f->refs_n; i++)
		if (!repo_has_quick(f->ws->repo, &f->refs[i].id) &&
		    fetch_tips_add(t, &f->refs[i].id))
			return err_nomem(e);
	return 0;
}

static int have_ref(void *arg, const char *name, const struct oid *id)
{
	(void)name;
	return fetch_tips_add(arg, id);
}

static int take_packs(struct far *f, struct packin *in, struct err *e)
{
	struct session *s = f->s;
	char *p = malloc(PIECE);
	int rc = p ? 0 : err_nomem(e), got = 1;

	while (!rc && got > 0) {
		got = session_read(s, p, PIECE, e);
		if (got <= 0)
			break;
		rc = packin_add(in, p, (size_t)got, e);
		f->bytes += (uint64_t)got;
		if (!rc)
			rc = workspace_progress(f->ws, "receiving", f->bytes,
						0, e);
	}
	free(p);
	if (!rc)
		rc = got < 0 ? got : packin_end(in, e);
	return rc;
}

static int fetch(struct far *f, const struct fetch_tips *want,
		 const struct fetch_tips *have, struct err *e)
{
	struct packin_stats st = { 0, 0, 0 };
	struct packin *in = NULL;
	struct buf q = BUF_INIT;
	int rc;

	hubops_fetch_encode(&q, want->v, want->n, have->v, have->n);
	rc = buf_error(&q) ? err_nomem(e) :
		session_request(f->s, HUBOPS_FETCH, NULL, 0, 1, e);
	if (!rc)
		rc = session_body(f->s, q.p, q.n, e);
	if (!rc)
		rc = session_body_end(f->s, e);
	if (!rc)
		rc = session_answer(f->s, NULL, e);
	if (!rc)
		rc = packin_open(f->ws->repo, &in, e);
	if (!rc)
		rc = take_packs(f, in, e);
	/* the first time all of the hub comes, and who made it has checked it */
	if (!rc && have->n)
		rc = packin_check(in, want->v, want->n, have->v, have->n, 0, e);
	if (!rc)
		rc = packin_keep(in, &st, e);
	f->objects += st.objects;
	packin_close(in);
	buf_release(&q);
	return rc;
}

static int check_there(struct far *f, const struct fetch_tips *want,
		       struct err *e)
{
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < want->n; i++) {
		rc = repo_has(f->ws->repo, &want->v[i], e);
		if (!rc)
			rc = err_set(e, HUB_ECORRUPT, "the hub '%s' did not send "
				     "%s, which one of its refs names: `hub "
				     "verify` there tells more", f->url.p,
				     oid_hex(&want->v[i]));
	}
	return rc < 0 ? rc : 0;
}

static int bring_objects(struct far *f, struct err *e)
{
	struct fetch_tips want = { NULL, 0, 0 }, have = { NULL, 0, 0 };
	int rc = missing(f, &want, e);

	if (!rc && want.n) {
		rc = ref_each(f->ws->repo, "refs/", have_ref, &have, e);
		if (rc == HUB_ENOMEM)
			err_nomem(e);
	}
	if (!rc && want.n)
		rc = workspace_progress(f->ws, "receiving", 0, 0, e);
	if (!rc && want.n)
		rc = fetch(f, &want, &have, e);
	if (!rc && want.n)
		rc = check_there(f, &want, e);
	free(want.v);
	free(have.v);
	return rc;
}

/* take_seen(): ${b} is the hub's answer. */
static int take_seen(struct far *f, const struct buf *b, struct err *e)
{
	struct hubops_seen s;
	struct hubops_ref r;
	size_t i;
	int rc = hubops_seen_decode(&s, b->p, b->n, e);

	if (rc < 0)
		return rc;
	buf_reset(&f->head);
	buf_add(&f->head, s.head.p, s.head.n);
	buf_reset(&f->format);
	buf_add(&f->format, s.format.p, s.format.n);
	if (s.has_refs)
		far_refs_drop(f);
	for (i = 0; !rc && s.has_refs && i < s.refs_n; i++) {
		hubops_ref_next(&s.refs, &r);
		rc = far_refs_set(f, r.name.p, r.name.n, &r.id, e);
	}
	memcpy(f->token, s.token, sizeof(f->token));
	if (!rc)
		rc = far_cache_files(f, &s, e);
	if (!rc && (buf_error(&f->head) || buf_error(&f->format)))
		rc = err_nomem(e);
	return rc;
}

static int ask(struct far *f, struct err *e)
{
	struct buf q = BUF_INIT, b = BUF_INIT;
	int rc = far_cache_known(f, &q, e);

	if (!rc)
		rc = session_request(f->s, HUBOPS_LOOK, q.p, q.n, 0, e);
	if (!rc)
		rc = session_answer(f->s, NULL, e);
	if (!rc)
		rc = far_body(f->s, &b, HUBOPS_LOOK_MAX, e);
	if (!rc)
		rc = take_seen(f, &b, e);
	buf_release(&q);
	buf_release(&b);
	return rc;
}

/* Who only reads must not let the cache's refs name what is not here. */
static int writes(const struct far *f)
{
	return f->ws && f->ws->lock;
}

static int look(struct far *f, struct err *e)
{
	int tries, rc = HUB_ECONFLICT;

	for (tries = 0; rc == HUB_ECONFLICT && tries < 5; tries++) {
		err_clear(e);
		rc = ask(f, e);
		if (!rc && writes(f))
			rc = bring_objects(f, e);
	}
	if (!rc && (writes(f) || f->temp))
		rc = far_cache_refs(f, e);
	return rc;
}

int far_look(struct hub *h, struct err *e)
{
	h->far->fresh = 0;
	return look(h->far, e);
}

int far_looked(struct hub *h)
{
	int fresh = h->far->fresh;

	h->far->fresh = 0;
	return fresh;
}

void far_stats(struct hub *h, uint64_t *objects, uint64_t *bytes)
{
	*objects += h->far->objects;
	*bytes += h->far->bytes;
	h->far->objects = h->far->bytes = 0;
}

static int fill_hub(struct far *f, struct hub *h, struct err *e)
{
	int rc;

	h->far = f;
	buf_add(&h->path, f->cache.p, f->cache.n);
	buf_add(&h->url, f->url.p, f->url.n);
	rc = buf_error(&h->path) || buf_error(&h->url) ? err_nomem(e) :
		hubfile_hub_decode(&h->format, f->format.p, f->format.n, e);
	if (rc < 0)
		return rc;
	rc = repo_open(f->cache.p, &h->repo, e);
	if (!rc && f->ws)
		rc = repo_add_alternate(h->repo, f->ws->repo, e);
	return rc;
}

int far_hub_open(struct far *f, const uint8_t *known_id, struct hub **ret,
		 struct err *e)
{
	struct session *s;
	struct hub *h = calloc(1, sizeof(*h));
	int rc = h ? far_session(f, known_id, &s, e) : err_nomem(e);

	if (h) {
		buf_init(&h->path);
		buf_init(&h->url);
		buf_init(&h->memory);
	}
	if (!rc)
		rc = far_cache_open(f, e);
	if (!rc)
		rc = look(f, e);
	if (!rc)
		rc = fill_hub(f, h, e);
	f->fresh = !rc;
	if (!rc && known_id && memcmp(known_id, h->format.id, 32))
		rc = err_set(e, HUB_EREMOTE, "another hub lies at '%s' than the "
			     "one this workspace belongs to: nothing was sent",
			     f->url.p);
	if (rc < 0)
		hub_close(h);
	else
		*ret = h;
	return rc;
}
