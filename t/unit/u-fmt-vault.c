/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-fmt-vault.c - the vectors of the vault's own formats; what decodes encodes
 * to the same bytes; merging segments, joining change vectors.
 */
#include "base/banned.h"
#include "crypt/sign.h"
#include "fmt/vaultfile.h"
#include "fmt/vaultrefs.h"
#include "fmt/vaultstate.h"
#include "vec.h"

static int same(const struct buf *b, const struct vec *v)
{
	return b->n == v->data.n && !memcmp(b->p, v->data.p, b->n);
}

static void vaultfile(const struct vec *v)
{
	struct vaultfile f;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = vaultfile_decode(&f, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		vaultfile_encode(&b, &f);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
}

static void vaultrefs(const struct vec *v)
{
	struct vaultrefs r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = vaultrefs_decode(&r, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		vaultrefs_encode(&b, &r);
		ok(same(&b, v), "... the same bytes again");
	}
	vaultrefs_release(&r);
	buf_release(&b);
}

/* Take a segment to pieces, and make it again of them. */
static int again(const struct segment *s, struct buf *out)
{
	struct segment_pack *p = calloc(s->packs_n + 1, sizeof(*p));
	struct segment_drop *d = calloc(s->drops_n + 1, sizeof(*d));
	struct segment_entry *en = calloc(s->entries_n + 1, sizeof(*en));
	uint32_t i;
	int rc;

	for (i = 0; i < s->packs_n; i++)
		segment_pack(s, i, &p[i]);
	for (i = 0; i < s->drops_n; i++)
		segment_drop(s, i, &d[i]);
	/* from behind: it sorts them */
	for (i = 0; i < s->entries_n; i++)
		segment_entry(s, i, &en[s->entries_n - 1 - i]);
	rc = segment_encode(out, p, s->packs_n, d, s->drops_n, en,
			    s->entries_n, NULL);
	free(p);
	free(d);
	free(en);
	return rc;
}

static void segment(const struct vec *v)
{
	struct segment s, none;
	struct segment_entry en;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, empty = BUF_INIT;
	int rc = segment_open(&s, v->data.p, v->data.n, &e);
	uint32_t i;

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc < 0) {
		ok(!s.packs_n && !s.entries_n, "... nothing is seen");
		return;
	}
	ok(again(&s, &b) == 0 && same(&b, v), "... the same bytes again");
	for (i = 0; i < s.entries_n; i++) {
		segment_entry(&s, i, &en);
		if (segment_find(&s, en.at.name) != i)
			break;
	}
	ok(i == s.entries_n, "... each entry is found");
	segment_encode(&empty, NULL, 0, NULL, 0, NULL, 0, NULL);
	segment_open(&none, empty.p, empty.n, NULL);
	buf_reset(&b);
	segment_merge(&b, &s, &none, 0, NULL);
	ok(same(&b, v), "... merged with nothing");
	buf_reset(&b);
	segment_merge(&b, &none, &s, 0, NULL);
	ok(same(&b, v), "... nothing merged with it");
	buf_reset(&b);
	segment_merge(&b, &s, &s, 0, NULL);
	ok(same(&b, v), "... with itself");
	buf_release(&b);
	buf_release(&empty);
}

static void segmentlist(const struct vec *v)
{
	struct segment_ref *r = NULL;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t n = 0;
	int rc = segment_list_decode(&r, &n, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		segment_list_encode(&b, r, n);
		ok(same(&b, v), "... the same bytes again");
	}
	free(r);
	buf_release(&b);
}

static void vaultstate(const struct vec *v)
{
	struct vaultstate *s = calloc(1, sizeof(*s));
	struct vaultstate_head h;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, body = BUF_INIT;
	uint8_t head[VAULTSTATE_HEAD];
	size_t n = v->data.n, body_n = 0;
	unsigned klass;
	int rc;

	/* The file is 16 bytes longer: the box has a tag. */
	buf_add(&b, v->data.p, n);
	buf_add_u64(&b, 0);
	buf_add_u64(&b, 0);
	rc = vaultstate_head_decode(&h, b.p, b.n, &e);
	buf_reset(&b);
	if (rc == 0)
		rc = vaultstate_body_decode(s, h.klass, v->data.p +
					    VAULTSTATE_HEAD, n -
					    VAULTSTATE_HEAD, &body_n, &e);
	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		klass = h.klass;
		h.klass = 0;
		vaultstate_body_encode(&body, s);
		ok(body.n == body_n, "... what is signed");
		ok(vaultstate_plain(&body, &h, s->sig, &e) == 0 &&
		   h.klass == klass, "... class");
		vaultstate_head_encode(head, &h);
		buf_add(&b, head, sizeof(head));
		buf_add(&b, body.p, body.n);
		ok(same(&b, v), "... the same bytes again");
	}
	buf_release(&b);
	buf_release(&body);
	free(s);
}

/* ---- merging ---- */

static void make(struct buf *out, const char *packs, const char *drops,
		 const char *entries)
{
	struct segment_pack p[16];
	struct segment_drop d[16];
	struct segment_entry en[16];
	size_t i, k, np = strlen(packs), nd = strlen(drops), ne;

	memset(p, 0, sizeof(p));
	memset(d, 0, sizeof(d));
	memset(en, 0, sizeof(en));
	for (i = 0; i < np; i++) {
		memset(p[i].id, packs[i], 32);
		p[i].klass = 16;
		p[i].kind = PACK_DATA;
		p[i].named = 100 + i;
	}
	for (i = 0; i < nd; i++) {
		memset(d[i].id, drops[i], 32);
		d[i].time = (uint64_t)drops[i];
	}
	/* "xA yB": object x in pack A */
	ne = (strlen(entries) + 1) / 3;
	for (i = 0; i < ne; i++) {
		memset(en[i].at.name, entries[3 * i], 32);
		for (k = 0; k < np; k++)
			if (packs[k] == entries[3 * i + 1])
				en[i].pack = (uint32_t)k;
		en[i].at.at = PACK_HEAD;
		en[i].at.stored = 17;
		en[i].at.plain = 1;
		en[i].at.type = PACK_CHUNK;
	}
	buf_reset(out);
	if (segment_encode(out, p, np, d, nd, en, ne, NULL) < 0)
		printf("# cannot encode\n");
}

static void merge(const char *p1, const char *d1, const char *e1,
		  const char *p2, const char *d2, const char *e2,
		  uint64_t forget, const char *p3, const char *d3,
		  const char *e3, const char *what)
{
	struct buf a = BUF_INIT, b = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	struct segment x, y, z;
	struct segment_entry en;
	struct segment_pack pk;
	char packs[17] = "", drops[17] = "", entries[64] = "";
	uint32_t i;

	make(&a, p1, d1, e1);
	make(&b, p2, d2, e2);
	segment_open(&x, a.p, a.n, NULL);
	segment_open(&y, b.p, b.n, NULL);
	if (segment_merge(&got, &x, &y, forget, NULL) < 0 ||
	    segment_open(&z, got.p, got.n, NULL) < 0)
		printf("# no segment comes out\n");
	for (i = 0; i < z.packs_n; i++)
		packs[i] = (char)z.packs[i * SEGMENT_PACK];
	for (i = 0; i < z.drops_n; i++)
		drops[i] = (char)z.drops[i * SEGMENT_DROP];
	for (i = 0; i < z.entries_n; i++) {
		segment_entry(&z, i, &en);
		segment_pack(&z, en.pack, &pk);
		entries[3 * i] = (char)en.at.name[0];
		entries[3 * i + 1] = (char)pk.id[0];
		if (i + 1 < z.entries_n)
			entries[3 * i + 2] = ' ';
	}
	if (!ok(!strcmp(packs, p3) && !strcmp(drops, d3) &&
		!strcmp(entries, e3), "%s", what))
		printf("# packs %s drops %s entries %s\n", packs, drops,
		       entries);
	buf_release(&a);
	buf_release(&b);
	buf_release(&want);
	buf_release(&got);
}

static void merges(void)
{
	merge("A", "", "xA", "B", "", "yB", 0, "AB", "", "xA yB", "union");
	merge("A", "", "xA", "B", "", "xB", 0, "AB", "", "xB",
	      "the newer entry counts");
	merge("AB", "", "xA yB", "", "A", "", 0, "B", "A", "yB",
	      "a pack is dropped, with its entries");
	merge("A", "", "xA", "B", "A", "xB", 0, "B", "A", "xB",
	      "... and another has them");
	merge("", "A", "", "A", "", "xA", 0, "A", "", "xA", "taken back");
	merge("", "AB", "", "", "BC", "", 0, "", "ABC", "", "drops");
	merge("", "AB", "", "", "C", "", 'B', "", "BC", "",
	      "old drops are forgotten");
	merge("ACE", "G", "aA cC eE", "BDF", "C", "bB dD fF", 0, "ABDEF",
	      "CG", "aA bB dD eE fF", "all at once");
}

static void vectors(void)
{
	struct vaultstate *s = calloc(1, sizeof(*s));
	struct vaultstate_vec v[3] = { { "b", 5 }, { "a", 3 }, { "c", 0 } };
	struct vaultstate_vec w[1] = { { "b", 4 } }, x[600];
	struct err e = ERR_INIT;
	int i;

	ok(vaultstate_join(s, v, 3, &e) == 0 && s->vector_n == 2 &&
	   s->vector[0].device[0] == 'a' && s->vector[1].n == 5,
	   "joined in order; 0 is nothing");
	vaultstate_join(s, w, 1, &e);
	ok(s->vector_n == 2 && s->vector[1].n == 5, "the maximum stays");
	ok(vaultstate_covers(s->vector, 2, w, 1) &&
	   !vaultstate_covers(w, 1, s->vector, 2) &&
	   vaultstate_covers(w, 1, w, 1) && vaultstate_covers(w, 1, w, 0),
	   "covers");
	memset(x, 0, sizeof(x));
	for (i = 0; i < 600; i++) {
		x[i].device[0] = (uint8_t)(i >> 8);
		x[i].device[1] = (uint8_t)i;
		x[i].n = 1;
	}
	ok(vaultstate_join(s, x, 600, &e) == HUB_ELIMIT, "too many devices");
	free(s);
}

int main(void)
{
	crypt_init(NULL);
	vec_each("vaultfile", 60, vaultfile);
	vec_each("segment", 50, segment);
	vec_each("segmentlist", 10, segmentlist);
	vec_each("vaultstate", 40, vaultstate);
	vec_each("vaultrefs", 25, vaultrefs);
	merges();
	vectors();
	return done();
}
