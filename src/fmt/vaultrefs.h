/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vaultrefs.h - the refs object of a vault (hubformat-vaultrefs(5)): which
 * branches and tags the hub had, and in which sealed git packs their history
 * lies.  Text:
 *
 *	vibehub-refs 1
 *	head <full name of a ref>
 *	ref <40 hex> <full name>		any number, ascending by name
 *	git <64 hex> <size> <objects>		0..48: recipe of a git pack, its
 *						bytes, its objects; in the order
 *						in which they were made
 */
#ifndef FMT_VAULTREFS_H
#define FMT_VAULTREFS_H

#include "base/buf.h"
#include "base/oid.h"

#define VAULTREFS_MAX (8u << 20)	/* bytes */
#define VAULTREFS_NAME_MAX 255
#define VAULTREFS_GIT_MAX 48

struct vaultrefs_ref { struct oid oid; char *name; };
struct vaultrefs_git { uint8_t recipe[32]; uint64_t size, objects; };

struct vaultrefs {
	char head[VAULTREFS_NAME_MAX + 1];
	struct vaultrefs_ref *refs;	/* owned, and each name */
	size_t refs_n, refs_alloc;
	struct vaultrefs_git git[VAULTREFS_GIT_MAX];
	size_t git_n;
};

/* All zero is an empty one; vaultrefs_release() makes it so. */
void vaultrefs_release(struct vaultrefs *v);
/* vaultrefs_add(): one more ref; its name must be greater than the last one.
 * HUB_EUSAGE for a name or order that no reader accepts, HUB_ENOMEM. */
int vaultrefs_add(struct vaultrefs *v, const struct oid *oid, const char *name,
		  struct err *e);
/* vaultrefs_find(): the id of a ref, or NULL. */
const struct oid *vaultrefs_find(const struct vaultrefs *v, const char *name);
/* vaultrefs_encode(): BUG() without a head. */
void vaultrefs_encode(struct buf *out, const struct vaultrefs *v);
/* vaultrefs_decode(): HUB_ECORRUPT, HUB_EVERSION, HUB_ENOMEM; empty then. */
int vaultrefs_decode(struct vaultrefs *ret, const void *p, size_t n,
		     struct err *e);

#endif
