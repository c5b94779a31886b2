/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink_pack_internal.h - a pack that grows, for the files of sink_pack. */
#ifndef REPO_SINK_PACK_INTERNAL_H
#define REPO_SINK_PACK_INTERNAL_H

#include "repo/sink_internal.h"

enum { OFS_DELTA = 6 };

struct sink_pack {
	struct repo *r;		/* borrowed */
	struct buf dir, path;	/* objects/pack; the temp file */
	int fd, rfd;		/* for appending; for reading back, or -1 */
	uint64_t written;	/* bytes in the file */
	struct buf out;		/* bytes after those */
	struct sink_entry *en;
	size_t n, alloc;
	uint32_t *slots;	/* number of an entry + 1; 0: free */
	size_t slots_n;		/* power of two, at least 4/3 of n */
};

/* sink_pack_end(): where the next entry will be. */
static inline uint64_t sink_pack_end(const struct sink_pack *p)
{
	return p->written + p->out.n;
}

/* sink_pack_flush(): all bytes into the file. */
int sink_pack_flush(struct sink_pack *p, struct err *e);
/* sink_pack_find(): the entry, or NULL. */
const struct sink_entry *sink_pack_find(const struct sink_pack *p,
					const struct oid *id);

#endif
