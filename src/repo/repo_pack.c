/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_pack.c - objects out of packs, quicker than libgit2 reads them: for work
 * that goes through a whole repository.
 *
 * Only what is usual: version 2 indexes, packs of the repository's own folder,
 * bases in the same pack.  Whatever is not, and every failure, is "not here",
 * and libgit2 looks and says why.  So nothing here has to be complete, only
 * right: what comes out hashes to its name (plain SHA-1: who named it looked for
 * collisions), and no byte of a file is believed further than its bounds.
 *
 * Memory: REPO_PACK_MAX indexes, mapped; a window into each pack; 8 MiB of bases.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os_file.h"
#include "os/os_map.h"
#include "repo/repo_internal.h"
#include "repo/sink_internal.h"

#define WINDOW (64u << 10)
#define CHAIN_MAX 64
#define BASES 256			/* slots, by a hash of the offset */
#define BASES_BYTES (8u << 20)
#define BASE_MAX (1u << 20)
#define FAN 8
#define NAMES (FAN + 256 * 4)
#define TRAILER 20
enum { OFS_DELTA = 6, REF_DELTA = 7 };

struct pack {
	struct os_map idx;
	struct buf path;	/* of the .pack */
	int fd;			/* -1: not opened yet */
	int bad;
	uint32_t n;
	uint64_t size;		/* of the .pack, without its trailer */
	struct buf win;
	uint64_t win_at;
};

struct base {
	const struct pack *pack;	/* NULL: empty */
	uint64_t off;
	enum obj_type type;
	struct buf content;
};

struct repo_packs {
	struct pack at[REPO_PACK_MAX];
	size_t n, last;			/* the one found in last */
	struct base base[BASES];
	size_t base_bytes, base_next;	/* kept; the next to go */
	struct libdeflate_decompressor *z;
	struct sha1 *sum;
	struct buf delta, other;
};

/* An entry's head. */
struct entry {
	int type;
	uint64_t size, at;	/* inflated; where the zlib stream begins */
	uint64_t base;		/* offset, of a delta */
};

/* ---- the packs ---- */

static int idx_ok(struct pack *k)
{
	const uint8_t *p = k->idx.p;
	uint32_t last = 0, v;
	int i;

	if (k->idx.n < NAMES + 2 * TRAILER || memcmp(p, "\377tOc\0\0\0\2", 8))
		return 0;
	for (i = 0; i < 256; i++, last = v) {
		v = rd_be32(p + FAN + 4 * i);
		if (v < last)
			return 0;
	}
	k->n = last;
	return k->idx.n - NAMES - 2 * TRAILER >= (uint64_t)last * 28;
}

static void add_pack(struct repo_packs *s, const char *dir, const char *name)
{
	struct pack *k = &s->at[s->n];
	size_t n = strlen(name);

	if (n < 4 || strcmp(name + n - 4, ".idx"))
		return;
	memset(k, 0, sizeof(*k));
	k->fd = -1;
	buf_init(&k->path);
	buf_init(&k->win);
	buf_addf(&k->path, "%s/%s", dir, name);
	if (!buf_error(&k->path) &&
	    !os_map_read(k->path.p, &k->idx, NULL) && idx_ok(k)) {
		os_map_random(&k->idx);
		buf_setlen(&k->path, k->path.n - 4);
		buf_addstr(&k->path, ".pack");
		s->n++;
		return;
	}
	os_map_drop(&k->idx);
	buf_release(&k->path);
}

static void load(struct repo *r, struct repo_packs *s)
{
	struct buf dir = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;

	if (!repo_path(&dir, r->commondir, "objects/pack", NULL) &&
	    !os_dir_open(dir.p, &d, NULL))
		while (s->n < REPO_PACK_MAX &&
		       os_dir_next(d, &name, &type, NULL) == 1)
			add_pack(s, dir.p, name);
	os_dir_close(d);
	buf_release(&dir);
}

static struct repo_packs *packs_new(struct repo *r)
{
	struct repo_packs *s = calloc(1, sizeof(*s));
	size_t i;

	if (!s)
		return NULL;
	buf_init(&s->delta);
	buf_init(&s->other);
	for (i = 0; i < BASES; i++)
		buf_init(&s->base[i].content);
	s->z = libdeflate_alloc_decompressor();
	s->sum = sha1_new();
	if (s->z && s->sum)
		load(r, s);
	return s;
}

void repo_pack_drop(struct repo *r)
{
	struct repo_packs *s = r->own;
	size_t i;

	r->own = NULL;
	if (!s)
		return;
	for (i = 0; i < s->n; i++) {
		os_map_drop(&s->at[i].idx);
		os_close(s->at[i].fd, s->at[i].path.p, NULL);
		buf_release(&s->at[i].path);
		buf_release(&s->at[i].win);
	}
	for (i = 0; i < BASES; i++)
		buf_release(&s->base[i].content);
	libdeflate_free_decompressor(s->z);
	sha1_free(s->sum);
	buf_release(&s->delta);
	buf_release(&s->other);
	free(s);
}

static int open_pack(struct pack *k)
{
	struct os_stat st;

	if (k->bad)
		return 0;
	if (k->fd >= 0)
		return 1;
	k->bad = os_open_read(k->path.p, &k->fd, NULL) < 0 ||
		os_fstat(k->fd, &st, k->path.p, NULL) < 0 ||
		st.size <= TRAILER;
	k->size = k->bad ? 0 : st.size - TRAILER;
	return !k->bad;
}

/* ---- finding ---- */

static int entry_at(const struct pack *k, uint32_t i, uint64_t *ret)
{
	const uint8_t *p = k->idx.p + NAMES + (size_t)k->n * 24;
	uint64_t rest = k->idx.n - NAMES - 2 * TRAILER - (uint64_t)k->n * 28;
	uint32_t v = rd_be32(p + 4 * (size_t)i);

	*ret = v;
	if (!(v & 0x80000000))
		return 1;
	v &= 0x7fffffff;
	if (v >= rest / 8)
		return 0;
	p += (size_t)k->n * 4 + (size_t)v * 8;
	*ret = (uint64_t)rd_be32(p) << 32 | rd_be32(p + 4);
	return 1;
}

static int find_in(const struct pack *k, const uint8_t *id, uint64_t *ret)
{
	uint32_t lo = id[0] ? rd_be32(k->idx.p + FAN + 4 * (id[0] - 1)) : 0;
	uint32_t hi = rd_be32(k->idx.p + FAN + 4 * id[0]), mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = memcmp(id, k->idx.p + NAMES + (size_t)mid * OID_SIZE,
			   OID_SIZE);
		if (!c)
			return entry_at(k, mid, ret);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return 0;
}

static struct pack *find(struct repo_packs *s, const struct oid *id,
			 uint64_t *off)
{
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		k = (s->last + i) % s->n;
		if (find_in(&s->at[k], id->h, off)) {
			s->last = k;
			return &s->at[k];
		}
	}
	return NULL;
}

/* ---- reading ---- */

/* look(): at least ${want} bytes of the pack from ${off}, fewer only at its end;
 * borrowed until the next look. */
static const uint8_t *look(struct pack *k, uint64_t off, size_t want,
			   size_t *ret_n)
{
	size_t got, n;

	if (off >= k->size)
		return NULL;
	if (want > k->size - off)
		want = (size_t)(k->size - off);
	if (off < k->win_at || off - k->win_at > k->win.n ||
	    k->win.n - (size_t)(off - k->win_at) < want) {
		n = want > WINDOW ? want : WINDOW;
		if (n > k->size - off)
			n = (size_t)(k->size - off);
		buf_reset(&k->win);
		if (buf_grow(&k->win, n) ||
		    os_pread(k->fd, k->win.p, n, off, &got, k->path.p, NULL) ||
		    got != n)
			return NULL;
		k->win.n = n;
		k->win_at = off;
	}
	*ret_n = k->win.n - (size_t)(off - k->win_at);
	return (const uint8_t *)k->win.p + (off - k->win_at);
}

/* base_of(): where the base of a delta is; ${p} follows the size. */
static int base_of(const struct pack *k, struct entry *en, uint64_t off,
		   const uint8_t *p, size_t n, size_t *ret_n)
{
	uint64_t back;
	size_t i = 0;

	if (en->type == REF_DELTA) {
		*ret_n = OID_SIZE;
		return n >= OID_SIZE && find_in(k, p, &en->base);
	}
	if (!n)
		return 0;
	back = p[0] & 0x7f;
	while (p[i] & 0x80) {
		if (++i >= n || back > UINT64_MAX >> 9)
			return 0;
		back = (back + 1) << 7 | (p[i] & 0x7f);
	}
	if (!back || back > off)
		return 0;
	en->base = off - back;
	*ret_n = i + 1;
	return 1;
}

static int read_entry(struct pack *k, uint64_t off, struct entry *en)
{
	size_t n, i = 0, more = 0;
	const uint8_t *p = look(k, off, 32, &n);
	int shift = 4;

	if (!p)
		return 0;
	en->type = p[0] >> 4 & 7;
	en->size = p[0] & 15;
	for (; p[i] & 0x80; shift += 7) {
		if (++i >= n || shift > 57)
			return 0;
		en->size |= (uint64_t)(p[i] & 0x7f) << shift;
	}
	i++;
	if (en->type >= OFS_DELTA &&
	    !base_of(k, en, off, p + i, n - i, &more))
		return 0;
	en->at = off + i + more;
	return en->type != 0 && en->type != 5;
}

/* The stream is looked for in what is there, then in all that it can take. */
static int inflate_entry(struct repo_packs *s, struct pack *k,
			 const struct entry *en, struct buf *out)
{
	size_t n, most = (size_t)en->size + (size_t)(en->size >> 10) + 64;
	const uint8_t *p = look(k, en->at, most / 3, &n);

	buf_reset(out);
	if (!p || buf_grow(out, (size_t)en->size))
		return 0;
	if (libdeflate_zlib_decompress(s->z, p, n, out->p, (size_t)en->size,
				       NULL) != LIBDEFLATE_SUCCESS) {
		if (n >= most)
			return 0;
		p = look(k, en->at, most, &n);
		if (!p || libdeflate_zlib_decompress(s->z, p, n, out->p,
				(size_t)en->size, NULL) != LIBDEFLATE_SUCCESS)
			return 0;
	}
	out->n = (size_t)en->size;
	out->p[out->n] = '\0';
	return 1;
}

/* ---- bases ---- */

static struct base *base_slot(struct repo_packs *s, uint64_t off)
{
	return &s->base[(off * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
}

static void base_forget(struct repo_packs *s, struct base *b)
{
	s->base_bytes -= b->content.n;
	buf_release(&b->content);
	b->pack = NULL;
}

static void base_keep(struct repo_packs *s, const struct pack *k, uint64_t off,
		      enum obj_type type, const struct buf *content)
{
	struct base *b = base_slot(s, off);

	if (content->n > BASE_MAX || (b->pack == k && b->off == off))
		return;
	base_forget(s, b);
	while (s->base_bytes + content->n > BASES_BYTES)
		base_forget(s, &s->base[s->base_next++ % BASES]);
	buf_add(&b->content, content->p, content->n);
	if (buf_error(&b->content)) {
		buf_release(&b->content);
		return;
	}
	s->base_bytes += content->n;
	b->pack = k;
	b->off = off;
	b->type = type;
}

/* Deltas, from the one next to the base, ${n} of them, on top of ${out}. */
static int patch(struct repo_packs *s, struct pack *k, const struct entry *chain,
		 const uint64_t *offs, size_t n, enum obj_type type,
		 uint64_t max, struct buf *out)
{
	struct buf swap;

	while (n--) {
		if (!inflate_entry(s, k, &chain[n], &s->delta) ||
		    sink_delta_apply(out, &s->delta, max, &s->other, NULL) < 0)
			return 0;
		swap = *out;
		*out = s->other;
		s->other = swap;
		base_keep(s, k, offs[n], type, out);
	}
	return 1;
}

static int unpack(struct repo_packs *s, struct pack *k, uint64_t off,
		  enum obj_type *type, uint64_t max, struct buf *out)
{
	struct entry chain[CHAIN_MAX];
	uint64_t offs[CHAIN_MAX];
	const struct base *b;
	size_t n;

	for (n = 0; n < CHAIN_MAX; n++, off = chain[n - 1].base) {
		b = base_slot(s, off);
		if (b->pack == k && b->off == off) {
			*type = b->type;
			buf_reset(out);
			buf_add(out, b->content.p, b->content.n);
			return !buf_error(out) &&
				patch(s, k, chain, offs, n, *type, max, out);
		}
		offs[n] = off;
		if (!read_entry(k, off, &chain[n]) || chain[n].size > max)
			return 0;
		if (chain[n].type >= OFS_DELTA)
			continue;
		*type = (enum obj_type)chain[n].type;
		if (!inflate_entry(s, k, &chain[n], out))
			return 0;
		if (n)
			base_keep(s, k, off, *type, out);
		return patch(s, k, chain, offs, n, *type, max, out);
	}
	return 0;
}

static int is_named(struct repo_packs *s, enum obj_type type,
		    const struct buf *b, const struct oid *id)
{
	struct oid got;

	repo_pack_name(s->sum, type, b->p, b->n, &got);
	return oid_eq(&got, id);
}

void repo_pack_name(struct sha1 *sum, enum obj_type type, const void *p,
		    size_t n, struct oid *ret)
{
	const char *name = repo_type_name(type);
	char head[32], dec[24];
	size_t k = strlen(name), i = sizeof(dec), left = n;

	memcpy(head, name, k);
	head[k++] = ' ';
	dec[--i] = '\0';
	do
		dec[--i] = (char)('0' + left % 10);
	while (left /= 10);
	memcpy(head + k, dec + i, sizeof(dec) - i);
	sha1_add(sum, head, k + sizeof(dec) - i);
	sha1_add(sum, p, n);
	sha1_end(sum, ret->h);
}

int repo_pack_read(struct repo *r, const struct oid *id, enum obj_type *type,
		   uint64_t max, struct buf *ret)
{
	struct repo_packs *s = r->own;
	enum obj_type got = OBJ_BLOB;
	struct pack *k;
	uint64_t off;

	if (!s) {
		if (++r->reads < REPO_PACK_AFTER)
			return 0;
		s = r->own = packs_new(r);
	}
	k = s && s->n ? find(s, id, &off) : NULL;
	if (!k || !open_pack(k) ||
	    !unpack(s, k, off, &got, max ? max : REPO_PACK_OBJECT, ret) ||
	    (max && ret->n > max) || !is_named(s, got, ret, id))
		return 0;
	if (type)
		*type = got;
	return 1;
}
