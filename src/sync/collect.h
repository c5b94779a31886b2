/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect.h - gc of a hub's vault (store/gc.h): its roots are all pointers in
 * all commits that a ref, a log of refs, or a computer's signed record of refs names.
 */
#ifndef SYNC_COLLECT_H
#define SYNC_COLLECT_H

#include "store/gc.h"
#include "sync/hub.h"
#include "sync/keys.h"

#define COLLECT_DIR "vibehub/gc"	/* in the hub: index, counter */

/* The vault of a hub that is reached by path, opened as the hub's own device. */
struct collect {
	struct hub *hub;
	struct keys *keys;
	struct vault_signer signer;
	struct buf counter, cache;
	struct vault *v;
};

/* collect_open(): ->v is NULL where no large file was ever stored.  Codes as
 * hub_open(), keys_open() and vault_open().  collect_close() also after a
 * failure.  collect_open_as(): this workspace's device, which has keys, signs
 * instead of the hub's own (NULL): so no two computers share a counter. */
int collect_open(const char *hub_path, const uint8_t *known_id,
		 struct collect *ret, struct err *e);
int collect_open_as(const char *hub_path, const uint8_t *known_id,
		    struct device *as, struct collect *ret, struct err *e);
void collect_close(struct collect *c);

/* Files that are named somewhere in a hub's history. */
struct collect_roots;
/* collect_roots_new(): ${h} is borrowed; ${identity}: the hub's, whose devices'
 * records of released contents count.  NULL: out of memory. */
struct collect_roots *collect_roots_new(struct hub *h,
					const uint8_t identity[32]);
/* collect_roots_until(): collect_roots_each() ends with HUB_ELIMIT past
 * ${ms} of os_mono_ms(). */
void collect_roots_until(struct collect_roots *r, uint64_t ms);
void collect_roots_free(struct collect_roots *r);	/* NULL is fine */
/* collect_roots_pass(): for a repair: what cannot be read is passed over;
 * collect_roots_each() tells of all else, and then returns HUB_ECORRUPT. */
void collect_roots_pass(struct collect_roots *r);
/* collect_roots_watch(): ${fn} sees every version of every file that is a pointer,
 * with the commit that brought it, as the next collect_roots_each() reads it. */
typedef int (*collect_version_fn)(void *arg, const char *path, size_t n,
				  const struct pointer *p,
				  const struct commit *c);
void collect_roots_watch(struct collect_roots *r, collect_version_fn fn,
			 void *arg);
/* collect_roots_each(): struct gc_conf.roots.  A second call reads only what
 * is new. */
int collect_roots_each(void *roots, gc_root_fn fn, void *fn_arg,
		       struct err *e);

/* collect_find(): the hub of the workspace that contains ${dir}.  HUB_EABSENT if it
 * is in none. */
int collect_find(const char *dir, struct buf *ret_path, uint8_t ret_id[32],
		 struct err *e);
/* collect_run(): gc_run() on the hub at ${path}. */
int collect_run(const char *path, const uint8_t *known_id, struct device *as,
		int dry_run, unsigned max_ms, struct gc_report *ret,
		struct err *e);
/* collect_run_at(): gc_run() on another vault of the hub ${h}, a place.  The
 * hub has all that the refs there name. */
int collect_run_at(struct hub *h, struct vault *v, int dry_run,
		   unsigned max_ms, struct gc_report *ret, struct err *e);

#endif
