/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * far_cache.c - the cache of a far hub: HEAD, packed-refs, vibehub/devices/,
 * vibehub/accepted/, vibehub/format.  Nothing of it is synced to disk: what a
 * power cut leaves of it differs from what the hub has, and is replaced.
 */
#include "sync/far_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/farside_internal.h"

#define CONFIG "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
#define LITTER_S 60

static int sub(struct far *f, const char *name, struct buf *ret, struct err *e)
{
	buf_reset(ret);
	buf_addf(ret, "%s/%s", f->cache.p, name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int folder(struct far *f, const char *name, struct buf *path,
		  struct err *e)
{
	int rc = sub(f, name, path, e);

	if (!rc)
		rc = os_mkdir(path->p, e);
	if (rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

/* What a killed run left. */
static void sweep(struct far *f)
{
	static const char *const folders[] = {
		"", "vibehub", "vibehub/devices", "vibehub/accepted",
	};
	struct buf path = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (f->ws && f->ws->lock && !sub(f, folders[i], &path, NULL))
			os_replace_sweep(path.p, LITTER_S, NULL);
	buf_release(&path);
}

int far_cache_open(struct far *f, struct err *e)
{
	static const char *const folders[] = {
		"objects", "refs", "logs", "vibehub", "vibehub/devices",
		"vibehub/accepted",
	};
	struct buf path = BUF_INIT;
	struct os_stat st;
	size_t i;
	int rc = sub(f, "HEAD", &path, e);

	if (!rc && !os_stat(path.p, &st, NULL) && st.size) {
		sweep(f);
		goto out;
	}
	if (!rc)
		rc = os_mkdirs(f->cache.p, e);
	for (i = 0; !rc && i < sizeof(folders) / sizeof(*folders); i++)
		rc = folder(f, folders[i], &path, e);
	if (!rc)
		rc = sub(f, "config", &path, e);
	if (!rc)
		rc = os_replace_derived(path.p, CONFIG, strlen(CONFIG), e);
	if (!rc)
		rc = sub(f, "HEAD", &path, e);
	if (!rc)	/* last: now it is complete */
		rc = os_replace_derived(path.p, "ref: refs/heads/main\n", 21,
					e);
out:
	buf_release(&path);
	return rc;
}

/* ---- what is known ---- */

static int add_ref(void *arg, const char *name, const struct oid *id)
{
	return far_refs_set(arg, name, strlen(name), id, NULL);
}

/* The token is made of the refs as the cache has them now. */
static int known_refs(struct far *f, uint8_t token[32], struct err *e)
{
	struct repo *r = NULL;
	struct err why = ERR_INIT;
	int rc = repo_open(f->cache.p, &r, &why);

	far_refs_drop(f);
	if (!rc)
		rc = ref_each(r, "refs/", add_ref, f, &why);
	repo_close(r);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc < 0)		/* damaged: all is asked for */
		far_refs_drop(f);
	hub_token(f->refs, f->refs_n, token);
	return 0;
}

static int known_file(struct far *f, enum hubops_kind kind, const char *name,
		      struct buf *q, struct err *e)
{
	struct hubops_known k = { .kind = kind, .name = { name,
				  strlen(name) } };
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = farside_path(f->cache.p, kind, name, &path, e);

	if (!rc && !os_read_file(path.p, HUBOPS_FILE_MAX, &text, NULL)) {
		farside_hash(k.hash, text.p, text.n);
		hubops_look_add(q, &k);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int far_cache_known(struct far *f, struct buf *ret, struct err *e)
{
	enum hubops_kind kind;
	uint8_t token[32];
	size_t i;
	int rc = known_refs(f, token, e);

	hubops_look_begin(ret, token);
	for (kind = HUBOPS_PRESENCE; !rc && kind <= HUBOPS_ACCEPTED; kind++) {
		struct farside_names names;

		rc = farside_list(f->cache.p, kind, &names, e);
		for (i = 0; !rc && i < names.n; i++)
			rc = known_file(f, kind, names.v[i], ret, e);
		farside_free(&names);
	}
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
	return rc;
}

/* ---- what is new ---- */

int far_cache_file(struct far *f, enum hubops_kind kind, const char *name,
		   const void *p, size_t n, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = farside_path(f->cache.p, kind, name, &path, e);

	if (!rc && !p)
		os_unlink(path.p, NULL);
	else if (!rc)
		rc = os_replace_derived(path.p, p, n, e);
	buf_release(&path);
	return rc;
}

int far_cache_files(struct far *f, const struct hubops_seen *s, struct err *e)
{
	struct rd files = s->files;
	struct hubops_file file;
	char name[HUBOPS_NAME_MAX + 1];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < s->files_n; i++) {
		if (!hubops_file_next(&files, &file))
			break;
		memcpy(name, file.name.p, file.name.n);
		name[file.name.n] = '\0';
		rc = far_cache_file(f, file.kind, name, file.gone ? NULL :
				    file.bytes.p, file.bytes.n, e);
	}
	return rc;
}

/* Written only if it changes: most runs change nothing. */
static int put(struct far *f, const char *name, const struct buf *text,
	       struct err *e)
{
	struct buf path = BUF_INIT, old = BUF_INIT;
	int rc = sub(f, name, &path, e);

	if (!rc && buf_error(text))
		rc = err_nomem(e);
	if (!rc && (os_read_file(path.p, text->n, &old, NULL) ||
		    buf_cmp(&old, text)))
		rc = os_replace_derived(path.p, text->p, text->n, e);
	buf_release(&path);
	buf_release(&old);
	return rc;
}

int far_cache_refs(struct far *f, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t i;
	int rc;

	buf_addstr(&text, "# pack-refs with: sorted \n");
	for (i = 0; i < f->refs_n; i++)
		buf_addf(&text, "%s %s\n", oid_hex(&f->refs[i].id),
			 f->refs[i].name);
	rc = put(f, "packed-refs", &text, e);
	buf_reset(&text);
	buf_addf(&text, "ref: %s\n", f->head.n ? f->head.p :
		 "refs/heads/main");
	if (!rc)
		rc = put(f, "HEAD", &text, e);
	buf_reset(&text);
	buf_add(&text, f->format.p, f->format.n);
	if (!rc)
		rc = put(f, "vibehub/format", &text, e);
	buf_release(&text);
	return rc;
}
