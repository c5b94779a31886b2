/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_set.c - move, create and delete refs, beside git processes that do the
 * same in the same repository.
 *
 * Order of a move:
 *	lock (git's own <ref>.lock, see ref_lock.c)
 *	read the ref under the lock, loose file first; compare with ${old}
 *	append to the log, fsync
 *	rename the lock onto the ref, fsync of the folder (not for refs/remotes/,
 *	which only say what a hub had: an older value is as good)
 *	read back
 * Order of a deletion: lock; compare; packed-refs.lock; the new packed-refs
 * without it, fsync, rename; then the loose file; then the log.  The other way
 * round, an old value in packed-refs would come back to life for a moment, and
 * for ever after a crash.
 */
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/ref_internal.h"

#define REMOTES "refs/remotes/"
#define PRUNE_DEPTH 64
#define PACKED_WAIT_MS 1000
#define PACKED_TRIES 20
#define FLOCK_WAIT_MS 2000

struct move {
	struct repo *r;
	const char *name;
	const struct oid *old, *new;
	const char *ident, *why;
	struct buf path;
	int mirror;		/* of something that is elsewhere */
};

/* prune(): remove ${d}'s empty folders, depth first; files stay. */
static void prune(struct os_dir *d, int depth)
{
	struct os_dir *sub = NULL;
	const char *name;
	enum os_type type;

	if (depth >= PRUNE_DEPTH)
		return;
	while (os_dir_next(d, &name, &type, NULL) == 1) {
		if (type != OS_DIR && type != OS_UNKNOWN)
			continue;
		if (os_dir_at(d, name, &sub, NULL) < 0)
			continue;
		prune(sub, depth + 1);
		os_dir_close(sub);
		os_dir_rmdir(d, name, NULL);
	}
}

void ref_prune_folders(const char *path)
{
	struct os_dir *d = NULL;

	if (os_dir_open(path, &d, NULL) < 0)
		return;
	prune(d, 0);
	os_dir_close(d);
	os_rmdir(path, NULL);
}

/* current(): what the ref is now; zero if there is none. */
static int current(const struct move *m, struct oid *ret, struct err *e)
{
	struct buf target = BUF_INIT;
	int rc;

	rc = ref_loose(m->r, m->name, ret, &target, e);
	if (rc == 0 && target.n)
		rc = err_set(e, HUB_EUSAGE, "'%s' is a symbolic ref to '%s'",
			     m->name, target.p);
	buf_release(&target);
	if (rc != HUB_EABSENT)
		return rc;
	rc = ref_get(m->r, m->name, ret, e);
	if (rc == HUB_EABSENT) {
		*ret = oid_zero;
		err_clear(e);
		rc = 0;
	}
	return rc;
}

static int in_the_way(const char *name, const char *other, size_t n,
		      struct err *e)
{
	return err_set(e, HUB_ECONFLICT, "ref '%s' cannot be made while there is "
		       "'%.*s': git keeps refs as files and folders", name,
		       (int)n, other);
}

/* clash(): would ${name} be a folder of, or lie below, another packed ref?
 * Loose ones show as files and folders themselves. */
static int clash(const struct move *m, struct err *e)
{
	struct ref_packed p = REF_PACKED_INIT;
	struct os_stat st;
	size_t i, n, len = strlen(m->name);
	const char *s;
	int rc;

	rc = ref_packed_load(m->r, &p, e);
	for (n = 5; rc == 0 && n < len; n++)
		if (m->name[n] == '/' && ref_packed_find(&p, m->name, n, &i))
			rc = in_the_way(m->name, m->name, n, e);
	if (rc == 0) {
		ref_packed_find(&p, m->name, len, &i);
		for (; i < p.n; i++) {
			s = ref_packed_name(&p, i, &n);
			if (n <= len || memcmp(s, m->name, len) != 0)
				break;
			if (s[len] == '/') {
				rc = in_the_way(m->name, s, n, e);
				break;
			}
		}
	}
	if (rc == 0 && os_lstat(m->path.p, &st, NULL) == 0 &&
	    st.type == OS_DIR)
		rc = in_the_way(m->name, m->name, len, e);
	ref_packed_release(&p);
	return rc;
}

/* loose_parent(): is a loose ref where a folder of ${name} should be? */
static int loose_parent(const struct move *m, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc = 0;

	for (size_t n = 5; rc == 0 && m->name[n]; n++) {
		if (m->name[n] != '/')
			continue;
		buf_reset(&p);
		buf_add(&p, m->path.p, m->path.n - strlen(m->name) + n);
		if (buf_error(&p))
			rc = err_nomem(e);
		else if (os_lstat(p.p, &st, NULL) == 0 && st.type == OS_REG)
			rc = in_the_way(m->name, m->name, n, e);
	}
	buf_release(&p);
	return rc;
}

/* compare(): under the lock. */
static int compare(const struct move *m, struct err *e)
{
	struct os_stat st;
	struct oid at;
	int rc;

	rc = current(m, &at, e);
	if (rc < 0)
		return rc;
	if (!oid_eq(&at, m->old))
		return err_set(e, HUB_ECONFLICT, "ref '%s' is at %s, not at %s: "
			       "somebody else moved it", m->name,
			       oid_is_zero(&at) ? "no commit" : oid_hex(&at),
			       oid_is_zero(m->old) ? "no commit"
						   : oid_hex(m->old));
	if (os_lstat(m->path.p, &st, NULL) == 0 && st.type == OS_DIR)
		ref_prune_folders(m->path.p);
	return oid_is_zero(m->old) ? clash(m, e) : 0;
}

/* log_both(): the ref's log, and HEAD's, which repeats it, if HEAD is that
 * branch. */
static int log_both(const struct move *m, struct err *e)
{
	struct buf target = BUF_INIT;
	struct oid id;
	int rc;

	rc = ref_log_add(m->r, m->name, m->old, m->new, m->ident, m->why,
			 !m->mirror, e);
	if (rc == 0 && ref_loose(m->r, "HEAD", &id, &target, NULL) == 0 &&
	    target.n && !strcmp(target.p, m->name))
		rc = ref_log_add(m->r, "HEAD", m->old, m->new, m->ident, m->why,
				 0, e);
	buf_release(&target);
	return rc;
}

/*
 * read_back(): the ref is what we wrote, or something that was built on it: the
 * lock is gone, so the next writer may have been quick.
 */
static int read_back(const struct move *m, struct err *e)
{
	struct oid at;
	int rc;

	rc = current(m, &at, e);
	if (rc < 0)
		return rc;
	if (oid_eq(&at, m->new) ||
	    (oid_is_zero(m->new) && !oid_eq(&at, m->old)) ||
	    (!oid_is_zero(&at) && !oid_is_zero(m->new) &&
	     repo_is_ancestor(m->r, m->new, &at, NULL) == 1))
		return 0;
	return err_set(e, HUB_EIO, "ref '%s' was set to %s and reads as %s: the "
		       "file system of '%s' is not to be trusted, or somebody "
		       "forced the ref elsewhere", m->name, oid_hex(m->new),
		       oid_hex(&at), m->r->commondir);
}

/* ---- deleting ---- */

/* packed_without(): the text of packed-refs without line ${skip}. */
static void packed_without(const struct ref_packed *p, size_t skip,
			   struct buf *ret)
{
	const char *from = p->lines[skip].p;
	const char *to = from + p->lines[skip].n + 1;
	const char *end = p->text.p + p->text.n;

	if (to < end && *to == '^') {
		to = memchr(to, '\n', (size_t)(end - to));
		to = to ? to + 1 : end;
	}
	buf_add(ret, p->text.p, (size_t)(from - p->text.p));
	buf_add(ret, to, (size_t)(end - to));
}

/* lock_packed(): git waits a second for this one, too. */
static int lock_packed(struct repo *r, struct ref_lock *l, const char *path,
		       const struct buf *text, struct err *e)
{
	uint64_t end = os_mono_ms() + PACKED_WAIT_MS;
	int rc;

	while ((rc = ref_lock_take(l, r, path, text->p, text->n, e)) ==
	       HUB_EBUSY && os_mono_ms() < end)
		os_sleep_ms(20);
	return rc;
}

/*
 * unpack_ref(): take the ref out of packed-refs.  The lock is taken with what
 * packed-refs should become, so it is read before; if it changed meanwhile, all
 * is done again.  The lock stays held for the caller, also when nothing had to
 * be written: `git pack-refs` must not bring back what is being deleted.
 */
static int unpack_ref(const struct move *m, struct ref_lock *l, struct err *e)
{
	struct ref_packed p = REF_PACKED_INIT, now = REF_PACKED_INIT;
	struct buf path = BUF_INIT, text = BUF_INIT;
	size_t i;
	int rc, found = 0, same = 0, tries = PACKED_TRIES;

	rc = repo_path(&path, m->r->commondir, "packed-refs", e);
	while (rc == 0 && !same) {
		ref_lock_drop(l);
		rc = ref_packed_load(m->r, &p, e);
		if (rc < 0)
			break;
		found = ref_packed_find(&p, m->name, strlen(m->name), &i);
		buf_reset(&text);
		if (found)
			packed_without(&p, i, &text);
		rc = buf_error(&text) ? err_nomem(e)
		     : lock_packed(m->r, l, path.p, &text, e);
		if (rc == 0)
			rc = ref_packed_load(m->r, &now, e);
		same = buf_cmp(&p.text, &now.text) == 0;
		if (rc == 0 && !same && --tries == 0)
			rc = err_set(e, HUB_EBUSY, "'%s' keeps changing", path.p);
	}
	if (rc == 0 && found)
		rc = ref_lock_commit(l, path.p, 1, e);
	ref_packed_release(&p);
	ref_packed_release(&now);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int delete_ref(const struct move *m, struct err *e)
{
	struct ref_lock packed = REF_LOCK_INIT;
	int rc;

	rc = unpack_ref(m, &packed, e);
	if (rc == 0) {
		rc = os_unlink(m->path.p, e);
		if (rc == 0)
			rc = os_sync_parent(m->path.p, e);
		else if (rc == HUB_EABSENT)
			rc = 0;
	}
	ref_lock_drop(&packed);
	if (rc == 0)
		ref_log_remove(m->r, m->name);
	return rc;
}

/* ---- all of it ---- */

static int move(struct move *m, struct err *e)
{
	struct ref_lock lock = REF_LOCK_INIT;
	struct buf text = BUF_INIT;
	int rc;

	if (!ref_name_ok(m->name))
		return err_set(e, HUB_EUSAGE, "'%s' is no name for a ref",
			       m->name);
	rc = ref_path(m->r, m->name, &m->path, e);
	if (rc == 0)
		rc = loose_parent(m, e);
	buf_addf(&text, "%s\n", oid_hex(m->new));
	if (rc == 0)
		rc = buf_error(&text) ? err_nomem(e)
		     : ref_lock_take(&lock, m->r, m->path.p, text.p, text.n, e);
	if (rc == 0)
		rc = compare(m, e);
	if (rc < 0)
		goto out;
	if (oid_is_zero(m->new)) {
		rc = oid_is_zero(m->old) ? 0 : delete_ref(m, e);
	} else {
		rc = log_both(m, e);
		if (rc == 0)
			rc = ref_lock_commit(&lock, m->path.p, !m->mirror, e);
	}
	if (rc == 0)
		rc = read_back(m, e);
out:
	ref_lock_drop(&lock);
	buf_release(&m->path);
	buf_release(&text);
	return rc;
}

static void add_clean(struct buf *b, const char *s)
{
	for (; *s; s++)
		if (*s != '<' && *s != '>' && (unsigned char)*s >= ' ')
			buf_addch(b, *s);
}

int ref_set_hub(struct repo *hub, const char *name, const struct oid *old,
		const struct oid *new, const char *who, const char *why,
		struct err *e)
{
	struct buf ident = BUF_INIT, t = BUF_INIT;
	struct move m = { hub, name, old, new, NULL, why, BUF_INIT, 0 };
	int rc;

	add_clean(&ident, who);
	os_username(&t);
	buf_addstr(&ident, " <");
	add_clean(&ident, t.p);
	buf_reset(&t);
	os_hostname(&t);
	buf_addch(&ident, '@');
	add_clean(&ident, t.p);
	buf_addch(&ident, '>');
	m.ident = ident.p;
	rc = buf_error(&ident) ? err_nomem(e) : move(&m, e);
	buf_release(&ident);
	buf_release(&t);
	return rc;
}

/* take_flock(): see ref_lock.c.  NULL if it cannot be had: then nothing of
 * others is touched. */
static struct os_lock *take_flock(struct repo *r)
{
	uint64_t end = os_mono_ms() + FLOCK_WAIT_MS;
	struct buf p = BUF_INIT;
	struct os_lock *l = NULL;
	int rc;

	rc = repo_path(&p, r->commondir, "vibehub-refs.flock", NULL);
	while (rc == 0 && (rc = os_lock_take(p.p, &l, NULL)) == HUB_EBUSY &&
	       os_mono_ms() < end) {
		os_sleep_ms(10);
		rc = 0;
	}
	buf_release(&p);
	return l;
}

int ref_set_local(struct repo *r, const char *name, const struct oid *old,
		  const struct oid *new, const char *why, struct err *e)
{
	struct move m = { r, name, old, new, NULL, why, BUF_INIT,
			  !strncmp(name, REMOTES, strlen(REMOTES)) };
	struct buf ident = BUF_INIT, path = BUF_INIT;
	struct os_lock *flock;
	int rc;

	repo_identity(r, &ident);
	if (buf_error(&ident))
		return err_nomem(e);
	m.ident = ident.p;
	flock = take_flock(r);
	rc = ref_path(r, name, &path, e);
	if (rc == 0 && flock)
		ref_lock_sweep(r, path.p, 0);
	if (rc == 0)
		rc = move(&m, e);
	os_lock_drop(flock);
	buf_release(&ident);
	buf_release(&path);
	return rc;
}
