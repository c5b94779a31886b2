/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_merge.c - the newest git segments of a place and a new one become one,
 * before there are too many of them.
 *
 * A segment is a git pack of whole objects: entries put one behind the other
 * under one head are a git pack again, and oldest first children still stand
 * before parents.  They are gathered in a file of this computer: nothing may be
 * read from a vault while its packer is at work.  Chunks that come out as they
 * were are known to the vault, so what is merged is hardly stored again.
 */
#include "sync/places_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypt/hash.h"
#include "os/os.h"
#include "os/os_file.h"
#include "store/file.h"

#define MERGE_AT 32
#define MERGE_MIN 16
#define HEAD 12
#define SUM 20
#define PIECE (1u << 20)

size_t places_merge_from(const struct vaultrefs *was)
{
	uint64_t sum = 0;
	size_t i = was->git_n;

	if (i < MERGE_AT)
		return i;
	/* Then all that is not much larger: each byte is merged a few times. */
	while (i && (was->git_n - i < MERGE_MIN ||
		     was->git[i - 1].size / 2 <= sum))
		sum += was->git[--i].size;
	return i;
}

struct gather {
	const struct places_work *w;
	const char *path;
	int fd;
	uint64_t at, base;	/* end; where the present one begins */
	uint32_t count;		/* objects that its head says */
};

/* The first bytes of each are its head, and do not go in. */
static int gather_add(void *arg, const void *bytes, size_t n, struct err *e)
{
	struct gather *g = arg;
	const uint8_t *p = bytes;
	uint64_t in = g->at - g->base;
	size_t k = in >= HEAD ? 0 : HEAD - (size_t)in < n ?
		HEAD - (size_t)in : n;
	int rc = 0;

	for (; k; k--, p++, n--, g->at++)
		if (g->at - g->base >= 8)
			g->count = g->count << 8 | *p;
	if (n)
		rc = os_pwrite(g->fd, p, n, g->at - HEAD, g->path, e);
	g->at += n;
	return rc < 0 || !g->w->progress ? rc :
		g->w->progress(g->w->arg, "copying", g->at, 0, e);
}

static void begin(struct gather *g)
{
	g->base = g->at;
	g->count = 0;
}

/* Checksum off; the next one goes over it. */
static int end(struct gather *g, uint64_t objects, struct err *e)
{
	if (g->at - g->base < HEAD + SUM || g->count != objects)
		return err_set(e, HUB_ECORRUPT, "a git segment at the place does "
			       "not have the objects that its refs say");
	g->at -= HEAD + SUM;
	return 0;
}

static int gather_old(struct gather *g, struct vault *v,
		      const struct vaultrefs_git *old, struct err *e)
{
	struct file_sink sink = { .write = gather_add, .arg = g };
	struct file_store store;
	struct pointer ptr;
	int rc;

	memset(&ptr, 0, sizeof(ptr));
	memcpy(ptr.recipe, old->recipe, 32);
	ptr.size = old->size;
	vault_store(v, &store);
	begin(g);
	rc = file_get(&store, &ptr, &sink, e);
	return rc < 0 ? rc : end(g, old->objects, e);
}

static int gather_new(struct gather *g, struct gitseg *seg, uint8_t *piece,
		      struct err *e)
{
	struct gitseg_stats st;
	size_t got = 1;
	int rc = 0;

	begin(g);
	while (!rc && got) {
		rc = gitseg_read(seg, piece, PIECE, &got, e);
		if (!rc && got)
			rc = gather_add(g, piece, got, e);
	}
	gitseg_stats(seg, &st);
	return rc < 0 ? rc : end(g, st.objects, e);
}

/* One head before, one checksum behind all of it. */
static int finish(struct gather *g, int in, uint64_t objects, uint8_t *piece,
		  struct err *e)
{
	struct sha1 *sum = sha1_new();
	struct buf head = BUF_INIT;
	uint64_t at;
	size_t got = 1, n;
	uint8_t out[SUM];
	int rc;

	buf_add(&head, "PACK\0\0\0\2", 8);
	buf_add_u32(&head, (uint32_t)objects);
	rc = !sum || buf_error(&head) ? err_nomem(e) :
		os_pwrite(g->fd, head.p, HEAD, 0, g->path, e);
	for (at = 0; !rc && at < g->at && got; at += got) {
		n = g->at - at < PIECE ? (size_t)(g->at - at) : PIECE;
		rc = os_pread(in, piece, n, at, &got, g->path, e);
		if (!rc)
			sha1_add(sum, piece, got);
	}
	if (!rc && at != g->at)
		rc = err_set(e, HUB_EIO, "'%s' is shorter than what was written "
			     "to it", g->path);
	if (!rc) {
		sha1_end(sum, out);
		rc = os_pwrite(g->fd, out, SUM, g->at, g->path, e);
		g->at += SUM;
	}
	if (!rc)
		rc = os_truncate(g->fd, g->at, g->path, e);
	sha1_free(sum);
	buf_release(&head);
	return rc;
}

static int open_file(const struct places_work *w, struct buf *path, int *out,
		     int *in, struct err *e)
{
	uint8_t r[8];
	int rc;

	os_random(r, sizeof(r));
	buf_addf(path, "%s/gitseg-", w->tmp);
	hex_add(path, r, sizeof(r));
	rc = buf_error(path) ? err_nomem(e) : os_create(path->p, 1, out, e);
	return rc < 0 ? rc : os_open_read(path->p, in, e);
}

int places_merge(const struct places_work *w, const struct vaultrefs_git *old,
		 size_t n, struct gitseg *seg, struct packer *to,
		 struct vaultrefs_git *ret, int *bad, struct err *e)
{
	struct gather g = { .w = w, .fd = -1, .at = HEAD };
	struct buf path = BUF_INIT;
	struct gitseg_stats st;
	struct pointer ptr;
	uint8_t *piece = malloc(PIECE);
	uint64_t objects;
	size_t i;
	int in = -1, rc = piece ? open_file(w, &path, &g.fd, &in, e) :
		err_nomem(e);

	*bad = 0;
	g.path = path.p;
	gitseg_stats(seg, &st);
	objects = st.objects;
	for (i = 0; !rc && i < n; i++) {
		objects += old[i].objects;
		rc = gather_old(&g, w->vault, &old[i], e);
		/* a wrong byte may look like another key, or a newer form */
		*bad = rc == HUB_EABSENT || err_is_damage(rc);
	}
	if (!rc && objects > UINT32_MAX)
		rc = err_set(e, HUB_ELIMIT, "over %u objects in git's history",
			     UINT32_MAX);
	if (!rc)
		rc = gather_new(&g, seg, piece, e);
	if (!rc)
		rc = finish(&g, in, objects, piece, e);
	if (!rc)
		rc = file_put_fd(to, in, g.at, g.path, NULL, NULL, &ptr, e);
	if (!rc) {
		memcpy(ret->recipe, ptr.recipe, 32);
		ret->size = ptr.size;
		ret->objects = objects;
	}
	os_close(in, path.p, NULL);
	os_close(g.fd, path.p, NULL);
	if (g.fd >= 0)
		os_unlink(path.p, NULL);
	buf_release(&path);
	free(piece);
	return rc;
}
