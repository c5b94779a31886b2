/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_damage.c - can a pack be read?
 *
 * Asked only when an object was not found, to tell a fact from a fault: the
 * right size, version and order of the .idx's fan-out, its own checksum, and a
 * .pack of the same object count and trailer.  The pack's content is not read
 * here: objects are verified as they are read.
 */
#include "repo/repo_internal.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os_clock.h"
#include "os/os_file.h"

#define GC_MS 50
#define IDX_HEAD (8 + 256 * 4)
#define IDX_MIN (IDX_HEAD + 40)

/* fan_out(): number of objects, or -1 if the table is not in order. */
static int64_t fan_out(const uint8_t head[IDX_HEAD])
{
	uint32_t last = 0;

	if (memcmp(head, "\377tOc\0\0\0\2", 8) != 0)
		return -1;
	for (int i = 0; i < 256; i++) {
		uint32_t v = rd_be32(head + 8 + 4 * i);

		if (v < last)
			return -1;
		last = v;
	}
	return last;
}

/* checksum(): does the file end with the SHA-1 of all before? */
static int checksum(int fd, uint64_t size, const char *what,
		    uint8_t pack_sum[20], struct err *e)
{
	uint8_t p[16384], sum[20], have[40];
	struct sha1 *s = sha1_new();
	uint64_t at = 0;
	size_t n;
	int rc = 0;

	if (!s)
		return err_nomem(e);
	while (rc == 0 && at < size - 20) {
		size_t want = size - 20 - at < sizeof(p) ? size - 20 - at
							 : sizeof(p);

		rc = os_pread(fd, p, want, at, &n, what, e);
		if (rc == 0 && n != want)
			rc = err_set(e, HUB_ECORRUPT, "'%s' is cut short", what);
		if (rc == 0)
			sha1_add(s, p, n);
		at += want;
	}
	if (rc == 0)
		rc = os_pread(fd, have, 40, size - 40, &n, what, e);
	sha1_end(s, sum);
	sha1_free(s);
	if (rc < 0)
		return rc;
	if (n != 40 || memcmp(sum, have + 20, 20) != 0)
		return err_set(e, HUB_ECORRUPT, "'%s' is damaged: its checksum is "
			       "wrong; remove it and run `git index-pack` on its "
			       ".pack", what);
	memcpy(pack_sum, have, 20);
	return 0;
}

static int check_idx(int fd, const char *what, uint32_t *ret_count,
		     uint8_t pack_sum[20], struct err *e)
{
	uint8_t head[IDX_HEAD];
	struct os_stat st;
	int64_t count;
	size_t n;
	int rc;

	rc = os_fstat(fd, &st, what, e);
	if (rc == 0)
		rc = os_pread(fd, head, sizeof(head), 0, &n, what, e);
	if (rc < 0)
		return rc;
	count = n == sizeof(head) && st.size >= IDX_MIN ? fan_out(head) : -1;
	if (count < 0 || st.size < IDX_MIN + (uint64_t)count * 28)
		return err_set(e, HUB_ECORRUPT, "'%s' is damaged, or of a version "
			       "that hub does not read; remove it and run `git "
			       "index-pack` on its .pack", what);
	*ret_count = (uint32_t)count;
	return checksum(fd, st.size, what, pack_sum, e);
}

static int check_pack(int fd, const char *what, uint32_t count,
		      const uint8_t pack_sum[20], struct err *e)
{
	uint8_t head[12], tail[20];
	struct os_stat st;
	size_t n = 0, m = 0;
	int rc;

	rc = os_fstat(fd, &st, what, e);
	if (rc == 0 && st.size >= 32)
		rc = os_pread(fd, head, 12, 0, &n, what, e);
	if (rc == 0 && st.size >= 32)
		rc = os_pread(fd, tail, 20, st.size - 20, &m, what, e);
	if (rc < 0)
		return rc;
	if (n != 12 || m != 20 || memcmp(head, "PACK\0\0\0\2", 8) != 0 ||
	    rd_be32(head + 8) != count || memcmp(tail, pack_sum, 20) != 0)
		return err_set(e, HUB_ECORRUPT, "'%s' is damaged: it is not the "
			       "pack that its index describes", what);
	return 0;
}

/* lone_index(): a pack is gone: is `git gc` at work (HUB_EABSENT), or is it
 * lost?  ${p} is the path of the pack. */
static int lone_index(struct buf *p, struct err *e)
{
	struct os_stat st;
	int rc;

	os_sleep_ms(GC_MS);
	buf_setlen(p, p->n - 5);
	buf_addstr(p, ".idx");
	if (buf_error(p))
		return err_nomem(e);
	rc = os_lstat(p->p, &st, e);
	if (rc < 0)
		return rc;
	return err_set(e, HUB_ECORRUPT, "the pack of '%s' is missing; fetch from "
		       "another copy, or remove the index if it is obsolete",
		       p->p);
}

int repo_damage_pack(const char *idx, struct err *e)
{
	struct buf p = BUF_INIT;
	uint8_t pack_sum[20];
	uint32_t count = 0;
	int rc, fd = -1;

	rc = os_open_read(idx, &fd, e);
	if (rc == 0)
		rc = check_idx(fd, idx, &count, pack_sum, e);
	os_close(fd, idx, NULL);
	if (rc < 0)
		return rc;
	buf_add(&p, idx, strlen(idx) - 4);
	buf_addstr(&p, ".pack");
	fd = -1;
	rc = buf_error(&p) ? err_nomem(e) : os_open_read(p.p, &fd, e);
	if (rc == HUB_EABSENT)
		rc = lone_index(&p, e);
	else if (rc == 0)
		rc = check_pack(fd, p.p, count, pack_sum, e);
	os_close(fd, p.p, NULL);
	buf_release(&p);
	return rc;
}
