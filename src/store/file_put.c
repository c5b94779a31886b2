/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_put.c - a large file into chunks, and its recipe.
 *
 * One thread reads and cuts; the packer's workers do the rest.  A batch is
 *
 *	| kept: begins inside a chunk | read now ...                  |
 *	| chunk | chunk | chunk | chunk | chunk | kept for the next   |
 *
 * Batches come back in the order of the file, which is when their names enter
 * the recipe.
 *
 * Zeros: from some point inside a run of zeros on all its chunks are alike,
 * c->zeros long.  The first is stored like any other; the later ones are
 * entered by name, without hashing, and in a hole without reading.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/sign.h"
#include "os/os_file.h"
#include "store/file_internal.h"

/* Chunks that the bytes of a batch can be cut into. */
#define CUTS_MAX (PACKER_BATCH / CHUNKER_MIN + 1)

struct put {
	struct packer *p;
	const struct file_source *src;
	struct chunker c;
	struct file_tree *tree;
	struct packer_batch *spare;	/* empty ones */
	unsigned made, most;		/* batches */
	uint8_t *kept;			/* CHUNKER_MAX bytes, kept_n in use */
	size_t kept_n;
	int at_end;
	uint64_t size;
	uint8_t zero_name[32];
	int zero_stored;
};

static int is_zero(const uint8_t *p, size_t n)
{
	return n && !p[0] && !memcmp(p, p + 1, n - 1);
}

/* Names of a batch that came back, into the recipe. */
static int absorb(struct put *u, const struct packer_batch *b, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < b->items_n; i++) {
		u->size += b->items[i].n;
		rc = file_tree_add(u->tree, b->items[i].name, b->items[i].n, e);
	}
	if (rc == 0 && u->size > RECIPE_SIZE_MAX)
		rc = err_set(e, HUB_ELIMIT, "the file has more than 2^60 bytes");
	if (rc == 0 && u->src->progress)
		rc = u->src->progress(u->src->arg, u->size, e);
	return rc;
}

/* Wait for the batch that is out for longest; it is spare then.  1: none was
 * out. */
static int take_back(struct put *u, struct err *e)
{
	struct packer_batch *b = NULL;
	int rc = packer_next(u->p, &b, e);

	if (!b)
		return rc < 0 ? rc : 1;
	if (rc == 0)
		rc = absorb(u, b, e);
	b->next = u->spare;
	u->spare = b;
	return rc;
}

static int get_batch(struct put *u, struct packer_batch **ret, struct err *e)
{
	struct packer_batch *b;
	int rc = 0;

	if (!u->spare && u->made == u->most)
		rc = take_back(u, e);
	if (rc < 0)
		return rc;
	b = u->spare;
	if (b) {
		u->spare = b->next;
	} else {
		b = packer_batch_new();
		if (!b)
			return err_nomem(e);
		u->made++;
	}
	b->n = 0;
	b->items_n = 0;
	*ret = b;
	return 0;
}

static void add_item(struct packer_batch *b, size_t at, size_t n,
		     const uint8_t *name)
{
	struct packer_item *it = &b->items[b->items_n++];

	it->at = at;
	it->n = n;
	it->named = name != NULL;
	if (name)
		memcpy(it->name, name, 32);
}

/* Chunks of a hole, as long as the source says so and there is room for them;
 * they follow what is kept, which is nothing but zeros. */
static int add_hole(struct put *u, struct packer_batch *b, struct err *e)
{
	size_t n = u->c.zeros;
	int rc;

	if (!u->src->zeros || (u->kept_n && !is_zero(u->kept, u->kept_n)) ||
	    u->kept_n > n)
		return 0;
	while (b->items_n < PACKER_ITEMS_MAX) {
		rc = u->src->zeros(u->src->arg, n - u->kept_n, e);
		if (rc <= 0)
			return rc;
		u->kept_n = 0;
		if (u->zero_stored) {
			add_item(b, 0, n, u->zero_name);
			continue;
		}
		memset(b->p, 0, n);
		b->n = n;
		add_item(b, 0, n, NULL);
		u->zero_stored = 1;
	}
	return 0;
}

/* Fill a batch with what was kept and what is read now. */
static int fill(struct put *u, struct packer_batch *b, struct err *e)
{
	size_t want, got = 0;
	int rc;

	memcpy(b->p + b->n, u->kept, u->kept_n);
	b->n += u->kept_n;
	want = PACKER_BATCH - b->n;
	rc = u->src->read(u->src->arg, b->p + b->n, want, &got, e);
	if (rc < 0)
		return rc;
	b->n += got;
	u->kept_n = 0;
	u->at_end = got < want;
	return 0;
}

/* Cut what is in the batch from ${at} on; what is no whole chunk is kept. */
static void cut(struct put *u, struct packer_batch *b, size_t at)
{
	size_t n;

	while (at < b->n) {
		if (b->n - at >= u->c.zeros && is_zero(b->p + at, u->c.zeros)) {
			n = u->c.zeros;
			add_item(b, at, n, u->zero_stored ? u->zero_name : NULL);
			u->zero_stored = 1;
		} else {
			n = chunker_cut(&u->c, b->p + at, b->n - at, u->at_end);
			if (!n)
				break;
			add_item(b, at, n, NULL);
		}
		at += n;
	}
	u->kept_n = b->n - at;
	if (u->kept_n > CHUNKER_MAX)
		BUG("%zu bytes were not cut", u->kept_n);
	memcpy(u->kept, b->p + at, u->kept_n);
}

static int put_all(struct put *u, struct err *e)
{
	struct packer_batch *b = NULL;
	size_t from;
	int rc = 0;

	while (rc == 0 && (!u->at_end || u->kept_n)) {
		rc = get_batch(u, &b, e);
		if (rc < 0)
			break;
		rc = add_hole(u, b, e);
		from = b->n;
		/* A batch full of a hole goes as it is. */
		if (rc == 0 && b->items_n <= PACKER_ITEMS_MAX - CUTS_MAX) {
			rc = fill(u, b, e);
			if (rc == 0)
				cut(u, b, from);
		}
		if (rc < 0) {
			b->next = u->spare;
			u->spare = b;
			break;
		}
		rc = packer_submit(u->p, b, e);
	}
	return rc;
}

static int put_open(struct put *u, struct packer *p, struct err *e)
{
	const struct keyring *keys = packer_keys(p);
	unsigned jobs = packer_jobs(p);

	u->p = p;
	u->most = jobs > 1 ? jobs + 2 : 1;
	u->kept = calloc(1, CHUNKER_MAX);
	u->tree = malloc(sizeof(*u->tree));
	if (!u->kept || !u->tree)
		return err_nomem(e);
	file_tree_init(u->tree, p);
	chunker_init(&u->c, keys->chunker_secret);
	keyring_name(keys, PACK_CHUNK, u->kept, u->c.zeros, u->zero_name);
	return 0;
}

static void put_close(struct put *u)
{
	struct packer_batch *b;
	struct err e = ERR_INIT;

	/* After a failure: what is still out. */
	do {
		b = NULL;
		packer_next(u->p, &b, &e);
		packer_batch_free(b);
	} while (b);
	while ((b = u->spare)) {
		u->spare = b->next;
		packer_batch_free(b);
	}
	free(u->tree);
	free(u->kept);
	secret_wipe(&u->c, sizeof(u->c));
}

int file_put(struct packer *p, const struct file_source *src,
	     struct pointer *ret, struct err *e)
{
	struct pointer ptr;
	struct put u;
	int rc;

	memset(&u, 0, sizeof(u));
	u.src = src;
	rc = put_open(&u, p, e);
	if (rc == 0)
		rc = put_all(&u, e);
	while (rc == 0)
		rc = take_back(&u, e);
	if (rc == 1)
		rc = 0;
	if (rc == 0 && !u.size)
		rc = err_set(e, HUB_EUSAGE, "an empty file has no chunks");
	if (rc == 0)
		rc = file_tree_end(u.tree, ptr.recipe, e);
	if (rc == 0) {
		ptr.size = u.size;
		*ret = ptr;
	}
	put_close(&u);
	return rc;
}

/* ---- from an open file ---- */

struct fd_source {
	int fd;
	const char *what;
	uint64_t at, size;
	uint64_t hole_end;	/* from at to here is a hole; 0: not known */
	file_progress_fn progress;
	void *arg;
};

static int fd_read(void *arg, void *p, size_t n, size_t *ret_n, struct err *e)
{
	struct fd_source *f = arg;
	uint64_t left = f->size - f->at;
	int rc;

	if (n > left)
		n = (size_t)left;
	rc = os_pread(f->fd, p, n, f->at, ret_n, f->what, e);
	if (rc == 0)
		f->at += *ret_n;
	return rc;
}

static int fd_zeros(void *arg, uint64_t n, struct err *e)
{
	struct fd_source *f = arg;
	struct os_stat st;
	int rc;

	if (n > f->size - f->at)
		return 0;
	if (f->hole_end < f->at + n) {
		f->hole_end = os_next_data(f->fd, f->at);
		/* Behind the end of the file there is nothing, not zeros. */
		if (f->hole_end == UINT64_MAX) {
			rc = os_fstat(f->fd, &st, f->what, e);
			if (rc < 0)
				return rc;
			f->hole_end = st.size;
		}
	}
	if (f->hole_end < f->at + n)
		return 0;
	f->at += n;
	return 1;
}

static int fd_progress(void *arg, uint64_t done, struct err *e)
{
	struct fd_source *f = arg;

	return f->progress ? f->progress(f->arg, done, e) : 0;
}

int file_put_fd(struct packer *p, int fd, uint64_t size, const char *what,
		file_progress_fn progress, void *arg, struct pointer *ret,
		struct err *e)
{
	struct fd_source f = {
		.fd = fd, .what = what, .size = size, .progress = progress,
		.arg = arg,
	};
	struct file_source src = {
		.read = fd_read, .zeros = fd_zeros, .progress = fd_progress,
		.arg = &f,
	};

	return file_put(p, &src, ret, e);
}
