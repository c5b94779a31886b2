/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packin.c - packs of a stream: held apart, checked, then kept.
 *
 * Checks read through a second handle of the repository, ${q}, which sees what
 * waits in memory or in the folder; the first one does not, so that what is kept
 * is written.
 */
#include <git2/sys/mempack.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/path.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/packin_internal.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "repo/tree_raw.h"

#define COUNT_END 12			/* a pack's head is that long */
#define MEMORY_OBJECTS 4096
#define MEMORY_BYTES (48u << 20)

struct packin {
	struct repo *to;		/* borrowed */
	struct repo *q;			/* owned; NULL until needed */
	git_odb_backend *mem;		/* q's */
	uint8_t head[4];		/* length of the piece, being gathered */
	size_t head_n, piece;		/* bytes of the piece to come */
	int in_pack;
	struct buf raw;			/* the pack so far */
	struct packin_index *index;	/* or it goes here */
	struct buf dir;			/* "" until there is a large one */
	struct packin_object *o;	/* of all small ones */
	size_t o_n, o_alloc, o_bytes;
	struct gitseg_list list;	/* what packin_check() found */
	int checked;
	struct packin_stats st;
};

int packin_open(struct repo *to, struct packin **ret, struct err *e)
{
	struct packin *p = calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(e);
	p->to = to;
	buf_init(&p->raw);
	buf_init(&p->dir);
	*ret = p;
	return 0;
}

static void remove_folder(struct packin *p)
{
	if (!p->dir.n)
		return;
	buf_setlen(&p->dir, p->dir.n - strlen("/pack"));
	os_rmtree(p->dir.p, NULL);
}

void packin_close(struct packin *p)
{
	if (!p)
		return;
	packin_index_abort(p->index);
	gitseg_list_release(&p->list);
	repo_close(p->q);
	remove_folder(p);
	packin_drop(p->o, p->o_n);
	free(p->o);
	buf_release(&p->raw);
	buf_release(&p->dir);
	free(p);
}

static int open_q(struct packin *p, struct err *e)
{
	const char *path = repo_workdir(p->to);
	int rc;

	if (p->q)
		return 0;
	rc = repo_open(path ? path : repo_gitdir(p->to), &p->q, e);
	if (rc < 0)
		return rc;
	rc = git_mempack_new(&p->mem);
	if (!rc)
		rc = git_odb_add_backend(p->q->odb, p->mem, 999);
	return rc < 0 ? repo_fail(e, rc, "cannot hold objects in memory") : 0;
}

/* ---- one pack ---- */

static int make_folder(struct packin *p, struct err *e)
{
	uint8_t rnd[8];
	char hex[17];
	int rc;

	if (p->dir.n)
		return 0;
	os_random(rnd, sizeof(rnd));
	hex_encode(hex, rnd, sizeof(rnd));
	buf_addf(&p->dir, "%sobjects/" PACKIN_DIR "%s/pack",
		 repo_commondir(p->to), hex);
	rc = buf_error(&p->dir) ? err_nomem(e) :
		repo_mkdirs(p->to, p->dir.p, e);
	if (!rc) {
		buf_setlen(&p->dir, p->dir.n - strlen("/pack"));
		rc = repo_add_objects(p->q, p->dir.p, e);
		buf_addstr(&p->dir, "/pack");
	}
	return rc;
}

/* It is too large for memory: what came of it goes into the folder. */
static int to_folder(struct packin *p, struct err *e)
{
	int rc = open_q(p, e);

	if (!rc)
		rc = make_folder(p, e);
	if (!rc)
		rc = packin_index_open(p->dir.p, p->q, &p->index, e);
	if (!rc)
		rc = packin_index_add(p->index, p->raw.p, p->raw.n, e);
	buf_release(&p->raw);
	return rc;
}

static int too_large(const struct packin *p)
{
	const uint8_t *c = (const uint8_t *)p->raw.p + 8;

	if (p->raw.n > PACKIN_RAW)
		return 1;
	return p->raw.n >= COUNT_END && (c[0] || c[1] || c[2] ||
					 c[3] > PACKIN_FEW);
}

static int add_bytes(struct packin *p, const void *b, size_t n, struct err *e)
{
	p->in_pack = 1;
	if (p->index)
		return packin_index_add(p->index, b, n, e);
	buf_add(&p->raw, b, n);
	if (buf_error(&p->raw))
		return err_nomem(e);
	return too_large(p) ? to_folder(p, e) : 0;
}

static int base_of(void *arg, const struct oid *id, enum obj_type *type,
		   struct buf *ret, struct err *e)
{
	struct packin *p = arg;
	int rc = open_q(p, e);

	if (!rc && repo_has_quick(p->q, id))
		return repo_read(p->q, id, type, PACKIN_CONTENT, ret, e);
	return rc < 0 ? rc : HUB_EABSENT;
}

static int hold(struct packin *p, struct packin_object *o, size_t n,
		struct err *e)
{
	size_t i;
	int rc = open_q(p, e);

	if (!rc && p->o_n + n > p->o_alloc) {
		size_t want = p->o_alloc * 2 + n;
		void *v = realloc(p->o, want * sizeof(*p->o));

		if (!v)
			return err_nomem(e);
		p->o = v;
		p->o_alloc = want;
	}
	for (i = 0; !rc && i < n; i++) {
		git_oid id;

		repo_to_git(&id, &o[i].id);
		rc = p->mem->write(p->mem, &id, o[i].p, o[i].n,
				   (git_object_t)o[i].type);
		if (rc < 0)
			return repo_fail(e, rc, "cannot hold an object");
	}
	for (i = 0; !rc && i < n; i++) {
		p->o[p->o_n++] = o[i];
		p->o_bytes += o[i].n;
		o[i].p = NULL;
	}
	return rc;
}

static int end_small(struct packin *p, struct err *e)
{
	struct packin_object o[PACKIN_FEW];
	struct err why = ERR_INIT;
	size_t n = 0;
	int rc = HUB_ELIMIT;

	if (p->o_n < MEMORY_OBJECTS && p->o_bytes < MEMORY_BYTES)
		rc = packin_parse(p->raw.p, p->raw.n, base_of, p, o, &n,
				  &why);
	if (!rc)
		rc = hold(p, o, n, e);
	else if (rc == HUB_ELIMIT)
		rc = to_folder(p, e);
	else
		err_set(e, rc, "%s", why.msg);
	if (!p->index)
		p->st.objects += n;
	packin_drop(o, n);
	buf_reset(&p->raw);
	return rc;
}

static int end_pack(struct packin *p, struct err *e)
{
	struct packin_index *x;
	int rc = p->index ? 0 : end_small(p, e);

	x = p->index;
	p->index = NULL;
	if (x && rc < 0)
		packin_index_abort(x);
	else if (x) {
		rc = packin_index_end(x, &p->st.objects, e);
		if (!rc)
			rc = repo_refresh(p->q, e);
	}
	p->in_pack = 0;
	p->st.packs++;
	return rc;
}

/* ---- the stream ---- */

int packin_add(struct packin *p, const void *bytes, size_t n, struct err *e)
{
	const uint8_t *b = bytes;
	size_t k;
	int rc = 0;

	p->st.bytes += n;
	while (!rc && n) {
		if (p->piece) {
			k = n < p->piece ? n : p->piece;
			rc = add_bytes(p, b, k, e);
			p->piece -= k;
			b += k;
			n -= k;
			continue;
		}
		p->head[p->head_n++] = *b++;
		n--;
		if (p->head_n < sizeof(p->head))
			continue;
		p->head_n = 0;
		p->piece = (size_t)p->head[0] << 24 |
			(size_t)p->head[1] << 16 |
			(size_t)p->head[2] << 8 | p->head[3];
		if (!p->piece)
			rc = end_pack(p, e);
	}
	return rc;
}

int packin_end(struct packin *p, struct err *e)
{
	if (!p->in_pack && !p->piece && !p->head_n)
		return 0;
	return err_set(e, HUB_ECORRUPT, "a stream of git packs ends too early, "
		       "after %llu bytes", (unsigned long long)p->st.bytes);
}

/* ---- checks ---- */

static int check_names(struct packin *p, const struct oid *id, struct buf *b,
		       struct err *e)
{
	struct tree_entry en;
	struct tree_raw t;
	const char *why;
	int rc = repo_read_as(p->q, id, OBJ_TREE, TREE_OBJECT_MAX, b, e);

	if (rc < 0)
		return rc;
	if (tree_raw_check(b->p, b->n, &why))
		return err_set(e, HUB_ECORRUPT, "tree %s is malformed: %s",
			       oid_hex(id), why);
	tree_raw_init(&t, b->p, b->n);
	while (tree_raw_next(&t, &en) > 0)
		if (!path_component_ok(en.name, en.name_n))
			return err_set(e, HUB_EDENIED, "a commit holds a file "
				       "named '%.*s', which no computer could "
				       "write: it was not sent",
				       (int)en.name_n, en.name);
	return 0;
}

int packin_check(struct packin *p, const struct oid *tips, size_t tips_n,
		 const struct oid *have, size_t have_n, int strict,
		 struct err *e)
{
	struct buf b = BUF_INIT;
	struct oid id;
	size_t i;
	int rc = open_q(p, e);

	gitseg_list_release(&p->list);
	p->list.r = p->q;
	p->checked = 1;
	if (!rc)
		rc = gitseg_list_make(&p->list, tips, tips_n, have, have_n, e);
	for (i = 0; !rc && i < p->list.n; i++) {
		memcpy(id.h, p->list.en[i].id, OID_SIZE);
		if (p->list.en[i].type == OBJ_TREE && strict)
			rc = check_names(p, &id, &b, e);
		if (rc || p->list.en[i].type != OBJ_BLOB)
			continue;
		rc = repo_has(p->q, &id, e);
		if (!rc)
			rc = err_set(e, HUB_ECORRUPT, "object %s, which a commit "
				     "names, was not sent", oid_hex(&id));
		rc = rc < 0 ? rc : 0;
	}
	buf_release(&b);
	return rc;
}

struct repo *packin_repo(struct packin *p)
{
	return p->q;
}

/* ---- keeping ---- */

static int by_id(const void *a, const void *b)
{
	const struct packin_object *x = a, *y = b;

	return oid_cmp(&x->id, &y->id);
}

static struct packin_object *held(struct packin *p, const uint8_t *id)
{
	struct packin_object key;

	memcpy(key.id.h, id, OID_SIZE);
	return p->o_n ? bsearch(&key, p->o, p->o_n, sizeof(key), by_id) : NULL;
}

static int put(struct sink *s, const struct packin_object *o, struct err *e)
{
	struct oid id;

	return sink_put(s, o->type, o->p, o->n, &id, e);
}

/* In the order of the list: children first.  What is there already is touched,
 * so that a running gc spares it. */
static int keep_small(struct packin *p, struct err *e)
{
	struct packin_object *o;
	struct sink *s = NULL;
	struct oid id;
	size_t i;
	int rc = sink_open(p->to, SINK_AUTO, &s, e);

	if (p->checked)
		qsort(p->o, p->o_n, sizeof(*p->o), by_id);
	for (i = 0; !rc && p->checked && i < p->list.n; i++) {
		o = held(p, p->list.en[i].id);
		if (o) {
			rc = put(s, o, e);
		} else if (p->list.n <= PACKIN_FEW) {
			memcpy(id.h, p->list.en[i].id, OID_SIZE);
			sink_has(s, &id);
		}
	}
	for (i = 0; !rc && !p->checked && i < p->o_n; i++)
		rc = put(s, &p->o[i], e);
	if (rc < 0)
		sink_abort(s);
	else
		rc = sink_commit(s, NULL, e);
	return rc;
}

static int keep_large(struct packin *p, struct err *e)
{
	struct buf to = BUF_INIT;
	int rc = repo_path(&to, repo_commondir(p->to), "objects/pack", e);

	if (!rc)
		rc = repo_mkdirs(p->to, to.p, e);
	if (!rc)
		rc = packin_index_move(p->dir.p, to.p, e);
	if (!rc)
		rc = repo_refresh(p->to, e);
	buf_release(&to);
	return rc;
}

int packin_keep(struct packin *p, struct packin_stats *st, struct err *e)
{
	int rc = p->dir.n ? keep_large(p, e) : 0;

	if (!rc && p->o_n)
		rc = keep_small(p, e);
	if (!rc && st)
		*st = p->st;
	return rc;
}
