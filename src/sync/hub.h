/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hub.h - the hub as a workspace sees it, reached by path: open it, know that
 * it is the right one, its token, its presence files.
 */
#ifndef SYNC_HUB_H
#define SYNC_HUB_H

#include "fmt/hubfile.h"
#include "fmt/presence.h"
#include "repo/repo.h"
#include "sync/device.h"

struct hub_ref { char *name; struct oid id; };

struct far;

/* Of a hub that is reached over a session, ${path} and ${repo} are its cache in the
 * workspace, ${far} is not NULL (borrowed), and ${url} its address (far.h). */
struct hub {
	struct repo *repo;
	struct buf path;		/* absolute, no '/' at the end */
	struct far *far;
	struct buf url;
	struct hubfile_hub format;
	struct hub_ref *refs;		/* as hub_read_refs() last saw them */
	size_t refs_n, refs_alloc;
	uint8_t token[32];
	/* who looks, for removed_is(); both may be empty */
	struct device *as;		/* borrowed */
	struct buf memory;		/* folder of the cache of the hub's vault */
	struct removed *removed;	/* owned; NULL: not asked yet */
};

/* hub_url_path(): path that a URL means: a path as it is, file:// decoded.
 * HUB_EUSAGE for other schemes and for what is no absolute file:// URL. */
int hub_url_path(const char *url, struct buf *ret, struct err *e);

/*
 * hub_open(): ${known_id} NULL: first contact: HUB_EABSENT if nothing or no hub
 * is there.  Else: HUB_EOFFLINE if the path is missing or an empty folder,
 * HUB_EREMOTE if another hub or something else lies there.  HUB_EVERSION,
 * HUB_ECORRUPT, HUB_EDENIED, HUB_EIO as they come.
 */
int hub_open(const char *path, const uint8_t *known_id, struct hub **ret,
	     struct err *e);
void hub_close(struct hub *h);		/* NULL is fine */
/* hub_name(): what messages call it; borrowed. */
const char *hub_name(const struct hub *h);

/* hub_has(), hub_is_ancestor(): as repo_has(), repo_is_ancestor(), of what the
 * hub itself has. */
int hub_has(struct hub *h, const struct oid *id, struct err *e);
int hub_is_ancestor(struct hub *h, const struct oid *a, const struct oid *b,
		    struct err *e);

/* hub_read_refs(): all refs, and the token: BLAKE2b over "<hex> <name>\n" in
 * name order, then "state none\n". */
int hub_read_refs(struct hub *h, struct err *e);
/* hub_token(): of refs in order of their names. */
void hub_token(const struct hub_ref *refs, size_t n, uint8_t ret[32]);
/* hub_ref(): as hub_read_refs() saw it; NULL if there is none. */
const struct oid *hub_ref(const struct hub *h, const char *name);

/* hub_ref_is_ours(): is it a record of hub (refs/vibehub/), not a person's? */
int hub_ref_is_ours(const char *name);

/* hub_default_branch(): full name that the hub's HEAD names. */
int hub_default_branch(struct hub *h, struct buf *ret, struct err *e);

/* hub_is_gone(): is nothing of the hub where it was opened (unmounted)? */
int hub_is_gone(const struct hub *h);

/* hub_sweep(): remove temp files that killed runs, of any computer, left more
 * than a day ago.  What cannot be removed stays. */
void hub_sweep(struct hub *h);

/* hub_presence_read(): one device's file, signature checked.  HUB_EABSENT
 * without message if there is none; HUB_ECORRUPT, HUB_EAUTH. */
int hub_presence_read(struct hub *h, const char *device, struct presence *ret,
		      struct err *e);
/* hub_presence_write(): fill in hub, device, key and name from ${d}, sign, and
 * replace this device's file. */
int hub_presence_write(struct hub *h, const struct device *d,
		       struct presence *p, struct err *e);
/* hub_presence_each(): every device's file, in order of id; one that is damaged
 * is passed with ${p} NULL and the reason. */
int hub_presence_each(struct hub *h,
		      int (*fn)(void *arg, const char *device,
				const struct presence *p, const struct err *why),
		      void *arg, struct err *e);
/* hub_write_status(): sync_status.json in the hub, from the presence files
 * (hubformat-status(5)). */
int hub_write_status(struct hub *h, struct err *e);

#endif
