/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prune.c - the order: the record as it is, all that the history names, what must
 * stay, what goes, the new record.
 *
 * Order: the record is read before the refs; it is replaced only if it is still
 * that one.  Commits that come to the refs meanwhile are not in the history of
 * the new record's tips, so what they name again stays.
 */
#include "sync/prune.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/history.h"
#include "repo/ref.h"
#include "sync/prune_internal.h"

#define TRIES 15
#define UNLOCK_TRY 10		/* a live one has its lock for milliseconds */
#define MEMO_MAX 256

/* ---- all that is named ---- */

static struct prune_named *named(struct prune *p, const struct pointer *ptr)
{
	struct map_slot *s = map_get(&p->by_recipe, ptr->recipe, 32);
	struct prune_named *x = s ? s->value : calloc(1, sizeof(*x));

	if (!x || s)
		return x;
	x->ptr = *ptr;
	if (map_put(&p->by_recipe, ptr->recipe, 32, x)) {
		free(x);
		return NULL;
	}
	x->next = p->named;
	p->named = x;
	return x;
}

static int is_hit(struct prune *p, const struct pointed_at *at)
{
	int hit = 0;
	size_t i;

	for (i = 0; i < p->plan->paths_n; i++)
		if (history_path_in(&p->plan->paths[i], 1, at->path, at->n))
			p->hit[i] = hit = 1;
	return hit;
}

static int one_file(void *arg, const struct pointed_at *at, struct err *e)
{
	struct prune *p = arg;
	int hit = is_hit(p, at);
	struct prune_named *x;

	if (!at->ptr)
		return hit && map_put(&p->small, at->blob->h, OID_SIZE, p) ?
			err_nomem(e) : 0;
	x = named(p, at->ptr);
	if (!x || map_put(&p->by_blob, at->blob->h, OID_SIZE, x))
		return err_nomem(e);
	x->hit |= hit;
	x->fresh |= !at->old;
	return 0;
}

static int add_tip(struct prune *p, const struct oid *id, struct err *e)
{
	size_t n = p->tips_alloc ? 2 * p->tips_alloc : 64;
	void *v;

	if (p->tips_n == p->tips_alloc) {
		v = realloc(p->tips, n * sizeof(*p->tips));
		if (!v)
			return err_nomem(e);
		p->tips = v;
		p->tips_alloc = n;
	}
	p->tips[p->tips_n++] = *id;
	return 0;
}

static int walk(struct prune *p, struct err *e)
{
	const struct releasedfile *f = p->rel ? released_file(p->rel) : NULL;
	struct oid id;
	size_t i;
	int rc = 0;

	if (f)
		rc = pointed_old(p->walk, f->tips, f->tips_n, 0, e);
	for (i = 0; !rc && i < p->hub->refs_n; i++) {
		if (hub_ref_is_ours(p->hub->refs[i].name))
			continue;
		rc = pointed_whole(p->walk, p->hub->refs[i].name,
				   &p->hub->refs[i].id, e);
		if (!rc)
			rc = pointed_tip(p->walk, &p->hub->refs[i].id, &id, e);
		if (!rc && !oid_is_zero(&id))
			rc = add_tip(p, &id, e);
	}
	if (!rc)
		rc = pointed_run(p->walk, one_file, p, e);
	for (i = 0; !rc && f && i < f->tips_n; i++)
		if (!pointed_seen(p->walk, &f->tips[i]))
			rc = add_tip(p, &f->tips[i], e);
	return rc;
}

/* ---- what goes ---- */

static int gone_before(const struct prune *p, const struct prune_named *x)
{
	return p->rel && !x->fresh &&
		releasedfile_find(released_file(p->rel), x->ptr.recipe);
}

static int wanted(const struct prune *p, const struct prune_named *x)
{
	if (p->plan->keep)
		return !x->keep;
	return x->hit && !x->guard;
}

static int by_recipe(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int by_id(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

/* What was released, and was not taken back. */
static void old_contents(struct prune *p, struct releasedfile *f)
{
	const struct releasedfile *old = p->rel ? released_file(p->rel) : NULL;
	const struct prune_named *x;
	struct map_slot *s;
	size_t i;

	for (i = 0; old && i < old->contents_n; i++) {
		s = map_get(&p->by_recipe, old->contents[i].recipe, 32);
		x = s ? s->value : NULL;
		if (x && x->fresh)
			continue;
		f->contents[f->contents_n++] = old->contents[i];
		p->r->before++;
	}
}

static int contents(struct prune *p, struct releasedfile *f, struct err *e)
{
	struct prune_named *x;
	struct releasedfile_content *c;

	f->contents = calloc(p->by_recipe.count + 1 +
			     (p->rel ? released_file(p->rel)->contents_n : 0),
			     sizeof(*f->contents));
	if (!f->contents)
		return err_nomem(e);
	old_contents(p, f);
	for (x = p->named; x; x = x->next) {
		if (gone_before(p, x))
			continue;
		if (p->plan->paths_n && x->hit && x->guard) {
			p->r->held++;
			p->r->held_bytes += x->ptr.size;
		}
		if (!wanted(p, x) || !x->ptr.size)
			continue;
		c = &f->contents[f->contents_n++];
		memcpy(c->recipe, x->ptr.recipe, 32);
		c->size = x->ptr.size;
		c->time = p->now;
		c->what = p->plan->keep ? RELEASEDFILE_PRUNE :
			RELEASEDFILE_FORGET;
		p->r->contents++;
		p->r->bytes += c->size;
	}
	qsort(f->contents, f->contents_n, sizeof(*f->contents), by_recipe);
	return 0;
}

static void sort_tips(struct prune *p)
{
	size_t i, n = 0;

	if (p->tips_n)
		qsort(p->tips, p->tips_n, sizeof(*p->tips), by_id);
	for (i = 0; i < p->tips_n; i++)
		if (!n || !oid_eq(&p->tips[n - 1], &p->tips[i]))
			p->tips[n++] = p->tips[i];
	p->tips_n = n;
}

static int record(struct prune *p, struct err *e)
{
	struct releasedfile f;
	struct buf host = BUF_INIT;
	int rc;

	memset(&f, 0, sizeof(f));
	rc = contents(p, &f, e);
	os_hostname(&host);
	presence_name_from(f.by, host.p);
	buf_release(&host);
	sort_tips(p);
	f.tips = p->tips;
	f.tips_n = p->tips_n;
	f.chain = *p->c->signer.chain;
	if (!rc && p->r->contents && !p->plan->dry_run)
		rc = released_write(p->hub, p->rel ? released_at(p->rel) :
				    &oid_zero, &f, p->c->signer.key, e);
	free(f.contents);
	return rc;
}

/* ---- checks ---- */

static int check_paths(struct prune *p, struct err *e)
{
	struct buf show = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < p->plan->paths_n; i++) {
		if (p->hit[i])
			continue;
		utf8_show(&show, p->plan->paths[i], strlen(p->plan->paths[i]));
		rc = err_set(e, HUB_EABSENT, "no version of the hub's history "
			     "has '%s': `hub log` shows what it has", show.p);
	}
	buf_release(&show);
	return rc;
}

static int check_guard(struct prune *p, struct err *e)
{
	const struct prune_named *x;
	uint64_t n = 0;
	const char *why = NULL;

	for (x = p->named; x; x = x->next)
		if (x->hit && x->guard && !gone_before(p, x)) {
			why = x->why;
			n++;
		}
	if (!n || p->plan->keep_current)
		return 0;
	return err_set(e, HUB_EGUARD, "%llu contents there are still in use by "
		       "%s: delete the files, sync all computers, then again; "
		       "or --keep-current lets only the others go",
		       (unsigned long long)n, why);
}

static int steps(struct prune *p, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = released_hub(p->hub, p->c->keys->open.ring->identity, &p->rel,
			      &why, e);

	if (!rc && !p->rel && why.rc)
		rc = err_set(e, why.rc, "%s", why.msg);
	if (!rc)
		rc = hub_read_refs(p->hub, e);
	if (!rc)
		rc = prune_horizon(p, e);
	if (!rc)
		rc = walk(p, e);
	if (!rc)
		rc = prune_guard(p, e);
	if (!rc && p->plan->keep)
		rc = prune_keep(p, e);
	p->r->small = p->small.count;
	if (!rc)
		rc = check_paths(p, e);
	if (!rc)
		rc = check_guard(p, e);
	return rc ? rc : record(p, e);
}

static void release(struct prune *p)
{
	struct prune_named *x;

	while ((x = p->named)) {
		p->named = x->next;
		free(x);
	}
	map_release(&p->by_recipe);
	map_release(&p->by_blob);
	map_release(&p->small);
	pointed_free(p->walk);
	released_free(p->rel);
	slots_gone_release(&p->retired);
	free(p->tips);
	free(p->young);
	free(p->hit);
}

static int once(struct collect *c, const struct prune_plan *plan,
		struct prune_report *ret, struct err *e)
{
	struct prune p = { .plan = plan, .r = ret, .c = c, .hub = c->hub,
			   .now = os_now() };
	int rc = repo_refresh(c->hub->repo, e);

	memset(ret, 0, sizeof(*ret));
	p.walk = pointed_new(c->hub->repo);
	p.hit = calloc(plan->paths_n + 1, 1);
	if (!rc)
		rc = p.walk && p.hit ? 0 : err_nomem(e);
	if (!rc && plan->paths_n)
		pointed_all(p.walk);
	if (!rc && plan->keep)
		pointed_commits(p.walk, prune_young, &p);
	if (!rc)
		rc = steps(&p, e);
	release(&p);
	return rc;
}

/* The lock of the ref, left by a run that was killed: when it is still the same
 * ten minutes later it goes. */
static void unlock(struct collect *c)
{
	struct buf path = BUF_INIT, memo = BUF_INIT;
	int removed;

	buf_addf(&path, "%s/released-lock", c->cache.p);
	if (buf_error(&path) || os_mkdirs(c->cache.p, NULL))
		goto out;
	os_read_file(path.p, MEMO_MAX, &memo, NULL);
	if (!ref_unlock_stale(c->hub->repo, RELEASED_REF, os_now(), &memo,
			      &removed, NULL))
		os_replace(path.p, memo.p, memo.n, 0, NULL);
out:
	buf_release(&path);
	buf_release(&memo);
}

int prune_run(const char *path, const uint8_t *known_id,
	      const struct prune_plan *plan, struct prune_report *ret,
	      struct err *e)
{
	struct collect c;
	int i, rc = collect_open(path, known_id, &c, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc && !c.keys)
		rc = err_set(e, HUB_EABSENT, "the hub '%s' has no keys, and so "
			     "no large files: there is nothing to let go", path);
	for (i = 0; !rc && i < TRIES; i++) {
		rc = once(&c, plan, ret, e);
		if ((rc != HUB_ECONFLICT && rc != HUB_EBUSY) || i + 1 == TRIES)
			break;
		err_clear(e);
		rc = os_interrupted() ?
			err_set(e, HUB_ECANCEL, "interrupted") : 0;
		if (i == UNLOCK_TRY)
			unlock(&c);
		os_sleep_ms(20 + 17 * i);
	}
	if (rc == HUB_ECONFLICT)
		rc = err_set(e, HUB_EBUSY, "others let contents go all the "
			     "time: try again later");
	collect_close(&c);
	return rc;
}

int prune_duration(const char *s, uint64_t *ret)
{
	static const struct { char c; uint64_t s; } unit[] = {
		{ 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 },
		{ 'm', 30 * 86400 }, { 'y', 365 * 86400 },
	};
	uint64_t n, sum = 0;
	size_t k;

	do {
		for (n = 0, k = 0; *s >= '0' && *s <= '9' && k < 6; s++, k++)
			n = n * 10 + (uint64_t)(*s - '0');
		if (!k || !*s)
			return HUB_EUSAGE;
		for (k = 0; k < 5 && unit[k].c != *s; k++)
			;
		if (k == 5)
			return HUB_EUSAGE;
		sum += n * unit[k].s;
		s++;
	} while (*s);
	*ret = sum;
	return sum ? 0 : HUB_EUSAGE;
}
