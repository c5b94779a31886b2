/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sftpmsg.c - the requests of sftp as bytes. */
#include <string.h>
#include "fmt/sftpmsg.h"
#include "base/banned.h"

static void string(struct buf *out, const void *p, size_t n)
{
	buf_add_u32(out, (uint32_t)n);
	buf_add(out, p, n);
}

static void text(struct buf *out, const char *s)
{
	string(out, s, strlen(s));
}

/* Length, type and id; ${n}: bytes that follow. */
static void head(struct buf *out, enum sftpmsg_type type, uint32_t id, size_t n)
{
	if (n > SFTPMSG_PACKET_MAX - 5)
		BUG("an sftp packet of %zu bytes", n);
	buf_add_u32(out, (uint32_t)(n + 5));
	buf_add_u8(out, (uint8_t)type);
	buf_add_u32(out, id);
}

void sftpmsg_init(struct buf *out)
{
	head(out, SFTPMSG_INIT, SFTPMSG_VERSION, 0);
}

void sftpmsg_path(struct buf *out, enum sftpmsg_type type, uint32_t id,
		  const char *path)
{
	head(out, type, id, 4 + strlen(path));
	text(out, path);
}

void sftpmsg_handle(struct buf *out, enum sftpmsg_type type, uint32_t id,
		    struct span handle)
{
	head(out, type, id, 4 + handle.n);
	string(out, handle.p, handle.n);
}

/* Attributes that say the mode alone. */
static void mode_only(struct buf *out, uint32_t mode)
{
	buf_add_u32(out, SFTPMSG_HAS_PERM);
	buf_add_u32(out, mode);
}

void sftpmsg_open(struct buf *out, uint32_t id, const char *path,
		  uint32_t how, uint32_t mode)
{
	int made = (how & SFTPMSG_CREATE) != 0;

	head(out, SFTPMSG_OPEN, id, 4 + strlen(path) + 4 + (made ? 8 : 4));
	text(out, path);
	buf_add_u32(out, how);
	if (made)
		mode_only(out, mode);
	else
		buf_add_u32(out, 0);
}

void sftpmsg_mkdir(struct buf *out, uint32_t id, const char *path,
		   uint32_t mode)
{
	head(out, SFTPMSG_MKDIR, id, 4 + strlen(path) + 8);
	text(out, path);
	mode_only(out, mode);
}

void sftpmsg_rename(struct buf *out, uint32_t id, const char *from,
		    const char *to)
{
	head(out, SFTPMSG_RENAME, id, 8 + strlen(from) + strlen(to));
	text(out, from);
	text(out, to);
}

void sftpmsg_read(struct buf *out, uint32_t id, struct span handle,
		  uint64_t off, uint32_t n)
{
	head(out, SFTPMSG_READ, id, 4 + handle.n + 12);
	string(out, handle.p, handle.n);
	buf_add_u64(out, off);
	buf_add_u32(out, n);
}

void sftpmsg_write(struct buf *out, uint32_t id, struct span handle,
		   uint64_t off, const void *p, size_t n)
{
	head(out, SFTPMSG_WRITE, id, 4 + handle.n + 12 + n);
	string(out, handle.p, handle.n);
	buf_add_u64(out, off);
	string(out, p, n);
}

void sftpmsg_extended(struct buf *out, uint32_t id, const char *name,
		      struct span a, struct span b)
{
	size_t n = 4 + strlen(name) + 4 + a.n + (b.p ? 4 + b.n : 0);

	head(out, SFTPMSG_EXTENDED, id, n);
	text(out, name);
	string(out, a.p, a.n);
	if (b.p)
		string(out, b.p, b.n);
}
