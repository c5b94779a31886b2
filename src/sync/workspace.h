/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workspace.h - an open workspace: its repository, its memory (state.db), its
 * identity, and the lock that makes one run at a time.
 *
 * In .git/vibehub/: config (git-config text: vibehub.hub, .hubid, .device,
 * .name), state.db, lock, tmp/ (files on their way into the tree),
 * sync_status.json.
 */
#ifndef SYNC_WORKSPACE_H
#define SYNC_WORKSPACE_H

#include "db/state.h"
#include "os/os_file.h"
#include "repo/repo.h"
#include "sync/device.h"
#include "sync/hub.h"
#include "sync/report.h"

/* Names of the facts in state.db's meta. */
#define META_HEAD "head"		/* commit that the base records follow */
#define META_APPLYING "applying"	/* commit being written to disk */
#define META_RECORDED "recorded"	/* tree: what APPLYING found on disk */
#define META_FRESH "fresh"		/* the first checkout is under way */
#define META_ONTO "onto"		/* HEAD as we left it, before a commit by git
					   of what was made from older versions */
#define META_TOKEN "token"		/* of the hub at the last complete run */
#define META_NONCE "nonce"		/* in our presence file, and the one */
#define META_NONCE_NEXT "nonce-next"	/* that may have replaced it */
#define META_PARKED "parked"		/* change id told last */
#define META_PARKED_FROM "parked-from"	/* HEAD before what waits came */
#define META_ASKED "asked"		/* newest commit made by hand here */
#define META_CLOCK_TOLD "clock-told"	/* commit dated ahead, told last */
#define META_SWEPT "swept"		/* time of the last hub_sweep() */
#define META_RULE "policy"		/* id of the content policy asked last */
#define META_LAST_SYNC "last-sync"	/* time of the last complete run */
#define SET_ACCEPTED "accepted"		/* change ids to be put into the hub */
#define SET_OFFERED "offered"		/* commits a hub may have seen */

struct large;
struct far;

struct workspace {
	struct buf root;		/* absolute, ends with '/' */
	struct buf vdir;		/* <gitdir>/vibehub/ */
	struct repo *repo;
	struct state *state;
	struct os_lock *lock;		/* NULL when opened for reading */
	uint8_t hub_id[32];
	struct buf hub_url;
	struct device dev;		/* .secret NULL if the key is not here */
	int exec_bits, symlinks;	/* can this file system hold them? */
	struct large *large;		/* large.h; NULL: not asked for yet */
	struct far *far;		/* far.h; NULL: not asked for yet */
	int large_new;			/* a large file came, or was recorded */
	uint8_t rule_id[32];		/* of the content policy last asked */
	struct report rep;
	char accept[65];		/* change id a person accepts in this run */
	struct oid recorded;		/* commit made by record_run(), or zero */
	char new_pack[41];		/* written by this run, "" if none */
	char accepted[65];		/* outgoing one that was let through */
	int by_hand;			/* the next commit was asked for */
	/* paths that a person is about to replace; may be NULL */
	int (*asked)(void *arg, const char *path, size_t n);
	void *asked_arg;
	int (*progress)(void *arg, const char *what, uint64_t done,
			uint64_t total);	/* may be NULL */
	void *progress_arg;
};

/* hub_url of a workspace that knows no address of its hub: it was made from a
 * place. */
#define WORKSPACE_NO_HUB "none:"

enum workspace_mode {
	WORKSPACE_READ,		/* no lock: status, log, ... */
	WORKSPACE_WRITE,	/* takes the lock: HUB_EBUSY if another run has it */
};

/*
 * workspace_open(): the workspace that contains ${dir}.  HUB_EABSENT if it is
 * in none, or in a git repository that belongs to no hub.  With
 * WORKSPACE_WRITE leftovers of a killed run are removed (lock files of ours,
 * temp files); unfinished checkouts are finished by apply_recover().
 */
int workspace_open(const char *dir, enum workspace_mode mode,
		   struct workspace **ret, struct err *e);
void workspace_close(struct workspace *ws);	/* NULL is fine */

/* workspace_state_open(): open ws->state.  One that is damaged is put aside, as
 * state.db.damaged, and made anew if we are ${writing}; ws->rep says so. */
int workspace_state_open(struct workspace *ws, int writing, struct err *e);
/* workspace_state_read(): every row once: damage inside is found by reading. */
int workspace_state_read(struct state *s, struct err *e);
/* workspace_state_heal(): something was HUB_ECORRUPT.  1 if it was state.db: it
 * is new now, begin again; 0: it was not. */
int workspace_state_heal(struct workspace *ws, struct err *e);

/* workspace_create(): write .git/vibehub/ into the repository at ${root} for
 * hub ${h}; makes the device and its key.  Names already taken in the hub get
 * "-2", "-3", ...
 * ${device}: the id of one that is made already, or NULL; ${ssh}: how the hub is
 * reached (core.sshCommand), or NULL. */
int workspace_create(const char *root, struct hub *h, const char *url,
		     const char *name, const char *device, const char *ssh,
		     struct err *e);

/* workspace_save(): write .git/vibehub/config. */
int workspace_save(const char *vdir, const struct device *d, const char *url,
		   struct err *e);

/* workspace_hub(): open the hub this workspace belongs to. */
int workspace_hub(struct workspace *ws, struct hub **ret, struct err *e);

/* workspace_renew_device(): a copy was noticed: new id and key, every stat in
 * the base forgotten (all content is compared again). */
int workspace_renew_device(struct workspace *ws, struct hub *h,
			   struct err *e);

/* workspace_tmp(): path of .git/vibehub/tmp/, created. */
int workspace_tmp(struct workspace *ws, struct buf *ret, struct err *e);

/* workspace_progress(): HUB_ECANCEL if a signal or the callback says stop. */
int workspace_progress(struct workspace *ws, const char *what, uint64_t done,
		       uint64_t total, struct err *e);

#endif
