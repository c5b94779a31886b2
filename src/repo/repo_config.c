/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_config.c - a repository's configuration, and who commits.
 *
 * Reading is libgit2's, all levels.  Writing: libgit2 renames a new file over
 * the old one without syncing either, so it edits a copy of ours, which then
 * goes through git's own protocol:
 *
 * Order: copy -> edit -> fsync -> link to config.lock (exclusive) -> look that
 * config is still what was copied -> rename onto config -> fsync of the folder.
 *
 * A run killed between link and rename leaves a config.lock that is the same
 * file as our copy, by which a later one knows it: it removes the lock when that
 * has not changed for DEAD_TRIES (a living run holds it for one read and one
 * rename).  Copies go when they are a minute old.
 */
#include "base/hex.h"
#include "repo/repo_internal.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"

#define CONFIG_MAX (4u << 20)
#define TRIES 50			/* of WAIT_MS: somebody's lock */
#define DEAD_TRIES 250			/* a lock of ours */
#define TRIES_MAX 1000
#define WAIT_MS 20
#define COPY "vibehub-config-"
#define STALE_NS (INT64_C(60) * 1000000000)

/* unread(): libgit2 calls ${path} damaged: or could it not be read? */
static int unread(const char *path, int rc, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	int look;

	if (rc != HUB_ECORRUPT)
		return rc;
	look = os_read_file(path, CONFIG_MAX, &text, &why);
	buf_release(&text);
	return look < 0 ? err_set(e, look, "%s", why.msg) : rc;
}

static int config_open(struct repo *r, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc = 0, i;

	for (i = 0; !r->cfg && i < 2; i++)
		rc = git_repository_config(&r->cfg, r->g);
	if (r->cfg)
		return 0;
	rc = repo_fail(e, rc, "cannot read the configuration of '%s'",
		       r->gitdir);
	if (rc == HUB_EABSENT)
		rc = HUB_ECORRUPT;
	if (repo_path(&p, r->commondir, "config", NULL) == 0)
		rc = unread(p.p, rc, e);
	buf_release(&p);
	return rc;
}

/* libgit2 takes a file that it cannot ask for as one that is not there, and
 * then a bare repository is none and a sparse checkout whole. */
int repo_config_check(struct repo *r, struct err *e)
{
	git_config *own = NULL;
	git_config_iterator *it = NULL;
	git_config_entry *en;
	struct buf p = BUF_INIT, text = BUF_INIT;
	int rc, any;

	rc = config_open(r, e);
	if (rc < 0)
		return rc;
	any = git_config_open_level(&own, r->cfg, GIT_CONFIG_LEVEL_LOCAL) == 0 &&
		git_config_iterator_new(&it, own) == 0 &&
		git_config_next(&en, it) == 0;
	git_config_iterator_free(it);
	git_config_free(own);
	if (any)
		return 0;
	rc = repo_path(&p, r->commondir, "config", e);
	if (rc == 0)
		rc = os_read_file(p.p, CONFIG_MAX, &text, e);
	if (rc == HUB_EABSENT)		/* git can do without */
		rc = 0;
	else if (rc == 0 && text.n && memchr(text.p, '=', text.n))
		rc = err_set(e, HUB_EIO, "'%s' could not be read just now: try "
			     "again", p.p);
	buf_release(&p);
	buf_release(&text);
	return rc;
}

int repo_config_get(struct repo *r, const char *key, struct buf *ret,
		    struct err *e)
{
	git_buf v = GIT_BUF_INIT;
	int rc;

	rc = config_open(r, e);
	if (rc < 0)
		return rc;
	rc = git_config_get_string_buf(&v, r->cfg, key);
	if (rc == GIT_ENOTFOUND)
		return HUB_EABSENT;
	if (rc < 0)
		return repo_fail(e, rc, "cannot read '%s' of '%s'", key,
				 r->gitdir);
	buf_reset(ret);
	buf_add(ret, v.ptr, v.size);
	git_buf_dispose(&v);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* share_bits(): git's words; 0: none of them. */
static unsigned share_bits(const char *v, int *exact)
{
	unsigned bits = 0;
	size_t i;

	*exact = 0;
	if (!strcmp(v, "group") || !strcmp(v, "true") || !strcmp(v, "1"))
		return 0660;
	if (!strcmp(v, "all") || !strcmp(v, "world") || !strcmp(v, "2") ||
	    !strcmp(v, "everybody"))
		return 0664;
	for (i = 0; v[i] >= '0' && v[i] <= '7' && i < 5; i++)
		bits = bits * 8 + (unsigned)(v[i] - '0');
	*exact = 1;
	return v[i] || (bits & 0600) != 0600 ? 0 : bits & 0666;
}

int repo_config_share(struct repo *r, struct err *e)
{
	struct buf v = BUF_INIT;
	int rc, exact;
	unsigned bits;

	rc = repo_config_get(r, "core.sharedrepository", &v, e);
	bits = rc == 0 ? share_bits(v.p, &exact) : 0;
	if (rc == 0 && os_share(r->commondir, bits, bits && exact))
		rc = err_nomem(e);
	buf_release(&v);
	return rc == HUB_EABSENT ? 0 : rc;
}

int repo_config_get_bool(struct repo *r, const char *key, int dflt)
{
	int v;

	if (config_open(r, NULL) < 0 || git_config_get_bool(&v, r->cfg, key) < 0)
		return dflt;
	return v;
}

/* edit(): set or remove ${key} in the file ${path}. */
static int edit(const char *path, const char *key, const char *value,
		struct err *e)
{
	git_config *c;
	int rc = -1, i;

	for (i = 0; rc < 0 && i < 2; i++) {
		c = NULL;
		rc = git_config_open_ondisk(&c, path);
		if (rc == 0)
			rc = value ? git_config_set_string(c, key, value)
				   : git_config_delete_entry(c, key);
		git_config_free(c);
		if (rc == GIT_ENOTFOUND && !value)
			rc = 0;
	}
	if (rc == 0)
		return 0;
	rc = repo_fail(e, rc, "cannot set '%s' in '%s'", key, path);
	return unread(path, rc, e);
}

/* write_copy(): ${text} edited, as the durable file ${copy}. */
static int write_copy(const char *copy, const struct buf *text,
		      const char *key, const char *value, struct err *e)
{
	int rc;

	rc = os_replace(copy, text->p, text->n, 0, e);
	if (rc == 0)
		rc = edit(copy, key, value, e);
	return rc;
}

/* sync_file(): what libgit2 wrote is not on the disk yet. */
static int sync_file(const char *path, struct buf *ret, struct err *e)
{
	int rc;

	buf_reset(ret);
	rc = os_read_file(path, CONFIG_MAX, ret, e);
	if (rc == 0)
		rc = os_replace(path, ret->p, ret->n, 0, e);
	return rc;
}

static int same_file(const struct os_stat *a, const struct os_stat *b)
{
	return a->ino != 0 && a->ino == b->ino && a->dev == b->dev;
}

/*
 * sweep(): copies that killed runs left, and the lock if it is one of them.
 * Only those older than a minute, the others may belong to somebody alive; but
 * the copy that is the file ${dead} (may be NULL) at once.  1 if the lock is one
 * of our copies and stays.
 */
static int sweep(const char *dir, const char *lock, const struct os_stat *dead)
{
	struct os_dir *d = NULL;
	struct os_stat a, b = { 0 };
	const char *name;
	enum os_type type;
	int ours = 0;

	if (os_dir_open(dir, &d, NULL) < 0)
		return 0;
	os_lstat(lock, &b, NULL);
	while (os_dir_next(d, &name, &type, NULL) == 1) {
		if (strncmp(name, COPY, strlen(COPY)) != 0 ||
		    os_dir_stat(d, name, &a, NULL) < 0)
			continue;
		if (os_now_ns() - a.ctime_ns < STALE_NS &&
		    !(dead && same_file(&a, dead))) {
			ours |= same_file(&a, &b);
			continue;
		}
		if (same_file(&a, &b))
			os_unlink(lock, NULL);
		os_dir_unlink(d, name, NULL);
	}
	os_dir_close(d);
	return ours;
}

void repo_config_sweep(struct repo *r)
{
	struct buf lock = BUF_INIT;

	if (repo_path(&lock, r->commondir, "config.lock", NULL) == 0)
		sweep(r->commondir, lock.p, NULL);
	buf_release(&lock);
}

struct config_paths { struct buf file, lock, copy; };

/* set_once(): HUB_ECONFLICT: config changed meanwhile; HUB_EBUSY: locked. */
static int set_once(const struct config_paths *p, const char *key,
		    const char *value, struct err *e)
{
	struct buf old = BUF_INIT, new = BUF_INIT, now = BUF_INIT;
	int rc, locked = 0;

	rc = os_read_file(p->file.p, CONFIG_MAX, &old, e);
	if (rc == 0)
		rc = write_copy(p->copy.p, &old, key, value, e);
	if (rc == 0)
		rc = sync_file(p->copy.p, &new, e);
	if (rc < 0 || buf_cmp(&old, &new) == 0)
		goto out;
	rc = os_link_new(p->copy.p, p->lock.p, e);
	if (rc == HUB_ECONFLICT)
		rc = HUB_EBUSY;
	if (rc < 0)
		goto out;
	locked = 1;
	rc = os_read_file(p->file.p, CONFIG_MAX, &now, e);
	if (rc == 0 && buf_cmp(&old, &now) != 0)
		rc = HUB_ECONFLICT;
	if (rc == 0)
		rc = os_rename(p->lock.p, p->file.p, e);
	if (rc == 0) {
		locked = 0;
		rc = os_sync_parent(p->file.p, e);
	}
out:
	if (locked)
		os_unlink(p->lock.p, NULL);
	os_unlink(p->copy.p, NULL);
	buf_release(&old);
	buf_release(&new);
	buf_release(&now);
	return rc;
}

/* set_waiting(): try until the lock is free, or nobody's. */
static int set_waiting(struct repo *r, const struct config_paths *p,
		       const char *key, const char *value, struct err *e)
{
	struct os_stat was = { 0 }, now;
	int rc, tries, still = 0;

	for (tries = 0; tries < TRIES_MAX; tries++) {
		rc = set_once(p, key, value, e);
		if (rc != HUB_EBUSY && rc != HUB_ECONFLICT)
			return rc;
		if (os_lstat(p->lock.p, &now, NULL) < 0)
			now.ino = 0;
		still = same_file(&now, &was) &&
			now.ctime_ns == was.ctime_ns ? still + 1 : 0;
		was = now;
		if (still >= DEAD_TRIES)
			sweep(r->commondir, p->lock.p, &now);
		else if (tries >= TRIES &&
			 !sweep(r->commondir, p->lock.p, NULL))
			break;
		os_sleep_ms(WAIT_MS);
	}
	return err_set(e, HUB_EBUSY, "cannot change '%s': '%s' is there; if no "
		       "git is running, remove it", p->file.p, p->lock.p);
}

int repo_config_set(struct repo *r, const char *key, const char *value,
		    struct err *e)
{
	struct config_paths p = { BUF_INIT, BUF_INIT, BUF_INIT };
	uint8_t salt[8];
	int rc;

	rc = repo_path(&p.file, r->commondir, "config", e);
	if (rc == 0)
		rc = repo_path(&p.lock, r->commondir, "config.lock", e);
	if (rc == 0)
		rc = repo_path(&p.copy, r->commondir, COPY, e);
	if (rc < 0)
		goto out;
	os_random(salt, sizeof(salt));
	hex_add(&p.copy, salt, sizeof(salt));
	if (buf_error(&p.copy)) {
		rc = err_nomem(e);
		goto out;
	}
	sweep(r->commondir, p.lock.p, NULL);
	rc = set_waiting(r, &p, key, value, e);
out:
	buf_release(&p.file);
	buf_release(&p.lock);
	buf_release(&p.copy);
	return rc;
}

/* add_clean(): what git allows in a name or address: no <, >, newline, NUL. */
static void add_clean(struct buf *ret, const char *s)
{
	for (; *s; s++)
		if (*s != '<' && *s != '>' && (unsigned char)*s >= ' ')
			buf_addch(ret, *s);
}

static void add_either(struct buf *ret, const char *env, struct repo *r,
		       const char *key, struct buf *tmp, void (*dflt)(struct buf *))
{
	size_t was = ret->n;

	if (os_env(env))
		add_clean(ret, os_env(env));
	else if (repo_config_get(r, key, tmp, NULL) == 0)
		add_clean(ret, tmp->p);
	if (ret->n > was)
		return;
	buf_reset(tmp);
	dflt(tmp);
	add_clean(ret, tmp->p);
}

static void login_at_computer(struct buf *b)
{
	struct buf host = BUF_INIT;

	os_username(b);
	os_hostname(&host);
	buf_addf(b, "@%s", host.p);
	buf_release(&host);
}

void repo_identity(struct repo *r, struct buf *ret)
{
	struct buf tmp = BUF_INIT;

	buf_reset(ret);
	add_either(ret, "GIT_AUTHOR_NAME", r, "user.name", &tmp, os_username);
	buf_addstr(ret, " <");
	add_either(ret, "GIT_AUTHOR_EMAIL", r, "user.email", &tmp,
		   login_at_computer);
	buf_addch(ret, '>');
	buf_release(&tmp);
}
