/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * upkeep.c - run `git gc` where it is due.  A child with bounded memory: one
 * thread, a window of 16 MB, large blobs untouched.
 */
#include "sync/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "os/os_clock.h"
#include "os/os_proc.h"

#define SAMPLE "17"			/* as good as any of the 256 */
#define AGAIN_S 86400
#define META_FAILED "upkeep-not-before"

/* Entries of a folder that match; 0 if there is no such folder. */
static int count(const char *base, const char *sub, const char *suffix,
		 unsigned *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	const char *name;
	enum os_type t;
	size_t k = strlen(suffix), n;
	int rc;

	*ret = 0;
	buf_addf(&path, "%sobjects/%s", base, sub);
	rc = buf_error(&path) ? err_nomem(e) : os_dir_open(path.p, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
		goto out;
	}
	while (!rc && (rc = os_dir_next(d, &name, &t, e)) > 0) {
		rc = 0;
		n = strlen(name);
		*ret += n >= k && !strcmp(name + n - k, suffix);
	}
out:
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

int upkeep_needed(struct repo *r, int *ret, struct err *e)
{
	unsigned loose, packs = 0;
	int rc = count(repo_commondir(r), SAMPLE, "", &loose, e);

	if (!rc)
		rc = count(repo_commondir(r), "pack", ".pack", &packs, e);
	*ret = !rc && (loose * 256 > UPKEEP_LOOSE || packs > UPKEEP_PACKS);
	return rc;
}

static int gc(struct repo *r, struct err *e)
{
	struct buf git = BUF_INIT, dir = BUF_INIT, out = BUF_INIT;
	const char *argv[] = {
		NULL, NULL, "-c", "pack.threads=1", "-c",
		"pack.windowMemory=16m", "-c", "core.packedGitLimit=64m", "-c",
		"core.packedGitWindowSize=8m", "-c", "core.bigFileThreshold=1m",
		/* nothing that the hub's own configuration names may run */
		"-c", "protocol.allow=never", "-c", "protocol.ext.allow=never",
		"-c", "gc.recentObjectsHook=", "-c", "core.hooksPath=/dev/null",
		"-c", "core.fsmonitor=false", "-c", "core.fsync=all",
		"-c", "gc.reflogExpire=90.days.ago",
		"gc", "--quiet", "--prune=14.days.ago", NULL
	};
	struct os_proc p = { .argv = argv, .out = &out, .errout = &out };
	int status = 0, rc = os_find_program("git", &git, e);

	buf_addf(&dir, "--git-dir=%s", repo_commondir(r));
	argv[0] = git.p;
	argv[1] = dir.p;
	if (!rc)
		rc = buf_error(&dir) ? err_nomem(e) : os_run(&p, &status, e);
	if (!rc && status)
		rc = err_set(e, HUB_EIO, "git gc in '%s' ended with %d: %.200s",
			     repo_commondir(r), status, out.p);
	if (!rc)
		rc = repo_refresh(r, e);
	buf_release(&git);
	buf_release(&dir);
	buf_release(&out);
	return rc;
}

/* Young objects that nothing names stay loose: *still says that another run
 * would not help now. */
static int gc_if_due(struct repo *r, int *still, struct err *e)
{
	int due, rc = upkeep_needed(r, &due, e);

	if (rc < 0 || !due)
		return rc;
	rc = gc(r, e);
	if (!rc)
		rc = upkeep_needed(r, &due, e);
	*still |= !rc && due;
	return rc;
}

static int note_failure(struct workspace *ws, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_put_u64(ws->state, META_FAILED, (uint64_t)os_now(), e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

int upkeep_run(struct workspace *ws, struct hub *hub, struct err *e)
{
	struct err why = ERR_INIT;
	uint64_t failed = 0;
	int still = 0;
	int rc = state_get_u64(ws->state, META_FAILED, &failed, e);

	if (rc == HUB_EABSENT)
		rc = 0;
	if (rc < 0 || (failed && os_now() >= (int64_t)failed &&
		    os_now() - (int64_t)failed < AGAIN_S))
		return rc;
	rc = gc_if_due(ws->repo, &still, &why);
	if (!rc && hub && !hub->far)
		rc = gc_if_due(hub->repo, &still, &why);
	if (!rc || rc == HUB_ECANCEL)
		return rc || !still ? rc : note_failure(ws, e);
	snprintf(ws->rep.upkeep_note, sizeof(ws->rep.upkeep_note), "%s",
		 why.msg);
	return note_failure(ws, e);
}

void upkeep_far(struct hub *hub)
{
	int still = 0;

	gc_if_due(hub->repo, &still, NULL);
}
