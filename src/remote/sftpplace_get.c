/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace_get.c - packs are read in blocks of SFTPMSG_DATA bytes, which are
 * kept for a while; who reads forward finds the next ones on their way.
 *
 * Packs do not change: a block is as good as when it was read, until this
 * process puts, moves or deletes the pack.
 */
#include <stdlib.h>
#include <string.h>
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

#define AHEAD_MAX (SFTPPLACE_BLOCKS / 2)
#define NEAR (4 * SFTPMSG_DATA)		/* a step so long is forward, too */

/* ---- blocks ---- */

static void ask(struct sftpplace_block *b);

static void came(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_block *b = arg;
	int end = r && r->type == SFTPMSG_STATUS && r->status == SFTPMSG_EOF;
	int rc;

	b->state = BLOCK_HERE;
	if (!b->file) {
		b->state = BLOCK_FREE;
		return;
	}
	if (end) {
		if (b->at + b->n < b->file->end)
			b->file->end = b->at + b->n;
		return;
	}
	rc = sftp_status(b->f->s, r, SFTPMSG_BYTES, "a pack", &b->why);
	if (rc == 0 && (!r->data.n || r->data.n > SFTPMSG_DATA - b->n))
		rc = err_set(&b->why, HUB_EIO, "%s: the box sent %zu bytes of a "
			     "pack for %u", b->f->name, r->data.n,
			     SFTPMSG_DATA - b->n);
	b->rc = rc;
	if (rc < 0)
		return;
	memcpy(b->p + b->n, r->data.p, r->data.n);
	b->n += (uint32_t)r->data.n;
	if (b->n < SFTPMSG_DATA)
		ask(b);		/* a short answer, or the end: it will say */
}

/* The rest of a block.  There must be room for a request. */
static void ask(struct sftpplace_block *b)
{
	struct sftp *s = b->f->s;

	b->state = BLOCK_ASKED;
	sftpmsg_read(sftp_out(s), sftp_next(s, came, b),
		     sftp_span(&b->file->h), b->at + b->n,
		     SFTPMSG_DATA - b->n);
}

static struct sftpplace_block *find_block(struct sftpplace *f,
					  const struct sftpplace_file *o,
					  uint64_t at)
{
	size_t i;

	for (i = 0; i < SFTPPLACE_BLOCKS; i++)
		if (f->block[i].state != BLOCK_FREE && f->block[i].file == o &&
		    f->block[i].at == at)
			return &f->block[i];
	return NULL;
}

/* A free block, or the one that was not used for longest; NULL: all are on
 * their way. */
static struct sftpplace_block *old_block(struct sftpplace *f)
{
	struct sftpplace_block *b, *oldest = NULL;
	size_t i;

	for (i = 0; i < SFTPPLACE_BLOCKS; i++) {
		b = &f->block[i];
		if (b->state == BLOCK_FREE)
			return b;
		if (b->state == BLOCK_HERE && (!oldest ||
					       b->used < oldest->used))
			oldest = b;
	}
	return oldest;
}

/* Begin to read what is at ${at}, unless it is here or on its way.  *ret NULL:
 * there is no room now. */
static int want_block(struct sftpplace *f, struct sftpplace_file *o,
		      uint64_t at, struct sftpplace_block **ret, struct err *e)
{
	struct sftpplace_block *b = find_block(f, o, at);
	int rc = 0;

	if (!b && (rc = sftp_ready(f->s, e)) == 0 && (b = old_block(f))) {
		if (!b->p)
			b->p = malloc(SFTPMSG_DATA);
		if (!b->p)
			return err_nomem(e);
		b->file = o;
		b->at = at;
		b->n = 0;
		b->rc = 0;
		ask(b);
	}
	if (b)
		b->used = ++f->tick;
	*ret = b;
	return rc;
}

/* ---- files ---- */

static void close_file(struct sftpplace *f, struct sftpplace_file *o)
{
	size_t i;

	for (i = 0; i < SFTPPLACE_BLOCKS; i++) {
		if (f->block[i].file != o)
			continue;
		f->block[i].file = NULL;
		if (f->block[i].state == BLOCK_HERE)
			f->block[i].state = BLOCK_FREE;
	}
	o->used = 0;
	sftp_close_file(f->s, &o->h, "a pack", NULL);
}

void sftpplace_get_forget(struct sftpplace *f, const uint8_t *id)
{
	size_t i;

	for (i = 0; i < SFTPPLACE_FILES; i++)
		if (f->file[i].used &&
		    !memcmp(f->file[i].id, id, PLACE_PACK_ID))
			close_file(f, &f->file[i]);
}

void sftpplace_get_release(struct sftpplace *f)
{
	size_t i;

	for (i = 0; i < SFTPPLACE_FILES; i++)
		if (f->file[i].used)
			close_file(f, &f->file[i]);
	for (i = 0; i < SFTPPLACE_BLOCKS; i++) {
		while (f->block[i].state == BLOCK_ASKED)
			sftp_step(f->s, NULL);
		free(f->block[i].p);
	}
}

static int open_pack(struct sftpplace *f, const uint8_t id[PLACE_PACK_ID],
		     struct sftpplace_file **ret, struct err *e)
{
	struct sftpplace_file *o = &f->file[0];
	char path[FOLDER_PATH_MAX];
	size_t i;
	int rc;

	for (i = 0; i < SFTPPLACE_FILES; i++) {
		if (f->file[i].used &&
		    !memcmp(f->file[i].id, id, PLACE_PACK_ID)) {
			*ret = &f->file[i];
			return 0;
		}
		if (f->file[i].used < o->used)
			o = &f->file[i];
	}
	if (o->used)
		close_file(f, o);
	rc = sftpplace_put_settle(f, id, e);
	if (rc == 0)
		rc = sftpplace_pack_path(f, path, id, e);
	if (rc == 0)
		rc = sftp_open_file(f->s, path, SFTPMSG_FOR_READ, 0, &o->h, e);
	if (rc < 0)
		return sftpplace_absent(f, rc, e);
	memcpy(o->id, id, PLACE_PACK_ID);
	o->used = ++f->tick;
	o->next = 0;
	o->end = UINT64_MAX;
	o->ahead = 0;
	*ret = o;
	return 0;
}

/* Who reads forward gets ever more ahead. */
static void judge(struct sftpplace_file *o, uint64_t off, size_t n)
{
	if (off && off >= o->next && off - o->next <= NEAR)
		o->ahead = o->ahead ? o->ahead * 2 : 4;
	else if (off < o->next || off - o->next > NEAR)
		o->ahead /= 2;
	if (o->ahead > AHEAD_MAX)
		o->ahead = AHEAD_MAX;
	o->next = off + n;
}

/* The block at ${at}, with all bytes before ${to}, or its end, here; and those
 * behind it, up to ${last}, on their way. */
static int have_block(struct sftpplace *f, struct sftpplace_file *o,
		      uint64_t at, uint64_t to, uint64_t last,
		      struct sftpplace_block **ret, struct err *e)
{
	struct sftpplace_block *b = NULL, *more;
	unsigned i;
	int rc = want_block(f, o, at, &b, e);

	while (rc == 0 && !b) {
		rc = sftp_step(f->s, e);
		if (rc == 0)
			rc = want_block(f, o, at, &b, e);
	}
	for (i = 1; rc == 0 && i < AHEAD_MAX; i++) {
		uint64_t next = at + (uint64_t)i * SFTPMSG_DATA;

		if (next > last || next >= o->end)
			break;
		rc = want_block(f, o, next, &more, e);
		if (!more)
			break;
	}
	while (rc == 0 && b->state == BLOCK_ASKED && b->at + b->n < to)
		sftp_step(f->s, NULL);
	if (rc == 0 && b->rc < 0) {
		rc = err_set(e, b->rc, "%s", b->why.msg);
		b->state = BLOCK_FREE;
	}
	*ret = b;
	return rc;
}

int sftpplace_get_pack(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       uint64_t off, void *buf, size_t n, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	struct sftpplace_block *b = NULL;
	struct sftpplace_file *o = NULL;
	uint64_t at, to, last, here;
	uint8_t *out = buf;
	size_t k;
	int rc = open_pack(f, id, &o, e);

	if (rc == 0)
		judge(o, off, n);
	while (rc == 0 && n) {
		o->used = ++f->tick;
		at = off - off % SFTPMSG_DATA;
		k = SFTPMSG_DATA - (size_t)(off - at);
		k = k < n ? k : n;
		to = off + k;
		last = off + n - 1 + (uint64_t)o->ahead * SFTPMSG_DATA;
		rc = have_block(f, o, at, to, last, &b, e);
		if (rc < 0)
			break;
		here = b->at + b->n;
		if (here < to)
			return err_set(e, HUB_ECORRUPT, "a pack at '%s' is cut "
				       "off", f->name);
		memcpy(out, b->p + (off - at), k);
		out += k;
		off += k;
		n -= k;
	}
	/* One that went since it was opened is still read to its end. */
	return rc == HUB_EABSENT ? sftpplace_absent(f, rc, e) : rc;
}
