/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange_pack.c - packs travel as files: what the other side needs whole is
 * not taken apart.  A pack's last 20 bytes are the SHA-1 of all before; so are
 * an index's, and the 20 before those are the pack's: so a pack and an index
 * that do not belong together are noticed.
 *
 * Order: pack and index copied under temp names, each checked and synced; the
 * pack renamed, then the index, without which a pack is not seen; then the
 * folder is synced.
 */
#include "repo/exchange_internal.h"
#include "repo/repo_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os.h"
#include "os/os_file.h"

#define PIECE (1u << 20)
#define SUM 20
#define NAME_HEX 40
#define LIST_TRIES 5
#define IDX_HEAD 1032		/* magic, version, 256 counts */
#define SAMPLES 32

struct copy {
	const char *from, *to;		/* paths */
	int in, out;
	uint64_t left;			/* bytes before the checksum */
	struct sha1 *sum;
	char *piece;
	struct err *e;
};

static int copy_body(struct copy *c)
{
	size_t want, got;
	int rc = 0;

	while (!rc && c->left) {
		want = c->left < PIECE ? (size_t)c->left : PIECE;
		rc = os_read(c->in, c->piece, want, &got, c->from, c->e);
		if (!rc && got != want)
			rc = err_set(c->e, HUB_ECORRUPT, "'%s' became shorter "
				     "while it was read", c->from);
		if (rc < 0)
			break;
		sha1_add(c->sum, c->piece, got);
		rc = os_write(c->out, c->piece, got, c->to, c->e);
		c->left -= got;
	}
	return rc;
}

/* copy_sum(): the last bytes, which must be the checksum; kept in ${have}. */
static int copy_sum(struct copy *c, uint8_t have[SUM])
{
	uint8_t want[SUM];
	size_t got;
	int rc = os_read(c->in, want, SUM, &got, c->from, c->e);

	if (rc < 0)
		return rc;
	sha1_end(c->sum, have);
	if (got != SUM || memcmp(want, have, SUM))
		return err_set(c->e, HUB_ECORRUPT, "'%s' is damaged: its "
			       "checksum does not match; `hub verify` tells "
			       "more", c->from);
	return os_write(c->out, want, SUM, c->to, c->e);
}

/* Copy one file that ends with its own SHA-1; durable, under a temp name. */
static int copy_file(const char *from, const char *tmp, uint64_t *bytes,
		     uint8_t sum[SUM], struct err *e)
{
	struct copy c = { .from = from, .to = tmp, .in = -1, .out = -1,
			  .e = e };
	struct os_stat st;
	int rc2, rc = os_open_read(from, &c.in, e);

	if (!rc)
		rc = os_fstat(c.in, &st, from, e);
	if (!rc && st.size < SUM)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is too short", from);
	if (rc < 0)
		goto out;
	c.left = st.size - SUM;
	c.sum = sha1_new();
	c.piece = malloc(PIECE);
	rc = !c.sum || !c.piece ? err_nomem(e) : os_create(tmp, 0, &c.out, e);
	if (!rc)
		rc = copy_body(&c);
	if (!rc)
		rc = copy_sum(&c, sum);
	if (!rc)
		rc = os_protect(c.out, tmp, e);
	if (!rc)
		rc = os_fsync(c.out, tmp, e);
	if (!rc)
		*bytes += st.size;
out:
	os_close(c.in, from, NULL);
	rc2 = os_close(c.out, tmp, rc ? NULL : e);
	sha1_free(c.sum);
	free(c.piece);
	return rc ? rc : rc2;
}

/* belongs(): does the index at ${idx} name the pack with this checksum? */
static int belongs(const char *idx, const char *from, const uint8_t pack[SUM],
		   struct err *e)
{
	uint8_t sum[SUM];
	struct os_stat st;
	size_t got = 0;
	int fd = -1, rc = os_open_read(idx, &fd, e);

	if (!rc)
		rc = os_fstat(fd, &st, idx, e);
	if (!rc && st.size >= 2 * SUM)
		rc = os_pread(fd, sum, SUM, st.size - 2 * SUM, &got, idx, e);
	os_close(fd, idx, NULL);
	if (!rc && (got != SUM || memcmp(sum, pack, SUM)))
		rc = err_set(e, HUB_ECORRUPT, "'%s' is the index of another pack; "
			     "remove it and run `git index-pack` on its .pack",
			     from);
	return rc;
}

/* "<commondir>objects/pack/<prefix><name><suffix>" */
static int pack_path(struct repo *r, const char *prefix, const char *name,
		     const char *suffix, struct buf *ret, struct err *e)
{
	buf_reset(ret);
	buf_addf(ret, "%sobjects/pack/%s%s%s", repo_commondir(r), prefix, name,
		 suffix);
	return buf_error(ret) ? err_nomem(e) : 0;
}

struct part { struct buf from, tmp, to; };
#define PART_INIT { BUF_INIT, BUF_INIT, BUF_INIT }

static void part_release(struct part *p)
{
	buf_release(&p->from);
	buf_release(&p->tmp);
	buf_release(&p->to);
}

static int part_paths(struct part *p, struct repo *from, struct repo *to,
		      const char *name, const char *tmp, const char *suffix,
		      struct err *e)
{
	uint8_t r[8];
	char rnd[sizeof(r) * 2 + 1];
	int rc;

	os_random(r, sizeof(r));
	hex_encode(rnd, r, sizeof(r));
	rc = pack_path(from, "pack-", name, suffix, &p->from, e);
	if (!rc)	/* a name that git's own gc cleans up */
		rc = pack_path(to, tmp, rnd, "", &p->tmp, e);
	if (!rc)
		rc = pack_path(to, "pack-", name, suffix, &p->to, e);
	return rc;
}

/* copy_both(): under temp names, then into place. */
static int copy_both(struct part *pack, struct part *idx,
		     struct exchange_stats *st, struct err *e)
{
	uint8_t sum[SUM], idx_sum[SUM];
	int rc = copy_file(pack->from.p, pack->tmp.p, &st->bytes, sum, e);

	if (!rc)
		rc = copy_file(idx->from.p, idx->tmp.p, &st->bytes, idx_sum, e);
	if (!rc)
		rc = belongs(idx->tmp.p, idx->from.p, sum, e);
	if (!rc)
		rc = os_rename(pack->tmp.p, pack->to.p, e);
	if (!rc)
		rc = os_rename(idx->tmp.p, idx->to.p, e);
	if (!rc)
		return os_sync_parent(idx->to.p, e);
	os_unlink(pack->tmp.p, NULL);
	os_unlink(idx->tmp.p, NULL);
	return rc;
}

int exchange_pack(struct repo *from, struct repo *to, const char *name,
		  struct exchange_stats *st, struct err *e)
{
	struct part pack = PART_INIT, idx = PART_INIT;
	struct buf dir = BUF_INIT;
	struct os_stat s;
	int rc = part_paths(&pack, from, to, name, "tmp_pack_", ".pack", e);

	if (!rc)
		rc = part_paths(&idx, from, to, name, "tmp_idx_", ".idx", e);
	if (rc < 0 || (!os_stat(idx.to.p, &s, NULL) &&
		       !os_stat(pack.to.p, &s, NULL)))
		goto out;
	rc = repo_path(&dir, repo_commondir(to), "objects/pack", e);
	if (!rc)
		rc = repo_mkdirs(to, dir.p, e);
	if (!rc)
		rc = copy_both(&pack, &idx, st, e);
	if (!rc)
		rc = repo_refresh(to, e);
out:
	part_release(&pack);
	part_release(&idx);
	buf_release(&dir);
	return rc;
}

/* "pack-<40 hex>.idx" */
static int is_index(const char *name)
{
	uint8_t raw[NAME_HEX / 2];

	return strlen(name) == 5 + NAME_HEX + 4 &&
		!memcmp(name, "pack-", 5) &&
		!strcmp(name + 5 + NAME_HEX, ".idx") &&
		!hex_decode(raw, sizeof(raw), name + 5, NAME_HEX);
}

/*
 * all_new(): does ${to} lack all of some objects taken from everywhere in the
 * index?  A pack that one sync wrote holds what nobody had; one that gc made
 * holds everything.  A guess only: what it costs to be wrong is disk space.
 */
static int all_new(struct repo *from, struct repo *to, const char *name)
{
	struct buf path = BUF_INIT;
	uint8_t head[8], last[4], raw[OID_SIZE];
	struct oid id;
	uint32_t n, i;
	size_t got = 0;
	int fd = -1, is_new = 0;

	if (pack_path(from, "pack-", name, ".idx", &path, NULL) ||
	    os_open_read(path.p, &fd, NULL) ||
	    os_pread(fd, head, sizeof(head), 0, &got, path.p, NULL) ||
	    got != sizeof(head) || memcmp(head, "\377tOc\0\0\0\2", 8) ||
	    os_pread(fd, last, 4, IDX_HEAD - 4, &got, path.p, NULL) ||
	    got != 4)
		goto out;
	n = rd_be32(last);
	for (i = 0, is_new = n > 0; is_new && i < SAMPLES; i++) {
		uint64_t at = IDX_HEAD + (uint64_t)n * i / SAMPLES * OID_SIZE;

		if (os_pread(fd, raw, OID_SIZE, at, &got, path.p, NULL) ||
		    got != OID_SIZE) {
			is_new = 0;
			break;
		}
		memcpy(id.h, raw, OID_SIZE);
		is_new = !repo_has_quick(to, &id);
	}
out:
	os_close(fd, path.p, NULL);
	buf_release(&path);
	return is_new;
}

/* One pass over the folder; *again if a pack vanished under us. */
static int packs_once(struct repo *from, struct repo *to, int fresh, int *again,
		      struct exchange_stats *st, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	char id[NAME_HEX + 1];
	int rc;

	*again = 0;
	buf_addf(&path, "%sobjects/pack", repo_commondir(from));
	rc = buf_error(&path) ? err_nomem(e) : os_dir_open(path.p, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
		goto out;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		rc = 0;
		if (!is_index(name))
			continue;
		memcpy(id, name + 5, NAME_HEX);
		id[NAME_HEX] = '\0';
		if (fresh && !all_new(from, to, id))
			continue;
		rc = exchange_pack(from, to, id, st, e);
		if (rc == HUB_EABSENT) {
			err_clear(e);
			*again = 1;
			rc = 0;
		}
	}
out:
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

int exchange_packs(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e)
{
	int i, again = 1, rc = 0;

	for (i = 0; !rc && again && i < LIST_TRIES; i++)
		rc = packs_once(from, to, 0, &again, st, e);
	if (!rc && again)
		rc = err_set(e, HUB_EBUSY, "packs keep vanishing from '%s' (git "
			     "gc?): try again later", repo_commondir(from));
	return rc;
}

int exchange_fresh(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e)
{
	int again;	/* a pack that vanished is no loss: object by object */

	return packs_once(from, to, 1, &again, st, e);
}
