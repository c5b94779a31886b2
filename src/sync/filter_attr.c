/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_attr.c - which files git passes through the filter.
 *
 * Only those that are large: a pattern for everything would send each of 80,000
 * files through a process.  .git/info/attributes is of this workspace alone and
 * is never in a tree.
 */
#include "sync/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "os/os.h"
#include "sync/content.h"

#define FILE_MAX (16u << 20)
#define BEGIN "# hub: begin (written by `hub sync`: what stands here is replaced)\n"
#define END "# hub: end\n"
#define WHAT " filter=vibehub -text -merge\n"

/* A path, or an extension behind ${root}, as a pattern. */
static void add_pattern(struct buf *out, const char *root, const char *p,
			size_t n)
{
	struct buf glob = BUF_INIT;
	int quote = 0;
	size_t i;

	buf_addstr(&glob, root);
	for (i = 0; i < n; i++) {
		if (strchr("*?[\\", p[i]))
			buf_addch(&glob, '\\');
		buf_addch(&glob, p[i]);
		quote |= (unsigned char)p[i] <= ' ' || p[i] == '"';
	}
	if (quote)
		buf_addch(out, '"');
	for (i = 0; i < glob.n; i++) {
		unsigned char c = (unsigned char)glob.p[i];

		if (quote && (c == '"' || c == '\\'))
			buf_addf(out, "\\%c", c);
		else if (quote && c < ' ')
			buf_addf(out, "\\%03o", c);
		else
			buf_addch(out, (char)c);
	}
	buf_addstr(out, quote ? "\"" WHAT : WHAT);
	buf_release(&glob);
}

/* "a/b.tar" -> "tar"; NULL if it has none. */
static const char *extension(const char *p, size_t n, size_t *ret_n)
{
	size_t i = n;

	while (i && p[i - 1] != '.' && p[i - 1] != '/')
		i--;
	*ret_n = n - i;
	return i > 1 && p[i - 1] == '.' && p[i - 2] != '/' && i < n ?
		p + i : NULL;
}

struct attrs {
	struct buf text;
	struct map exts;
	uint64_t paths;
	struct err *e;
};

static int one(struct attrs *a, const char *p, size_t n)
{
	static char there;
	size_t ext_n;
	const char *ext = extension(p, n, &ext_n);

	if (a->paths++ < FILTER_PATHS_MAX || !ext) {
		add_pattern(&a->text, "/", p, n);
		return 0;
	}
	if (map_get(&a->exts, ext, ext_n))
		return 0;
	if (map_put(&a->exts, ext, ext_n, &there))
		return err_nomem(a->e);
	add_pattern(&a->text, "*.", ext, ext_n);
	return 0;
}

static int each(struct workspace *ws, struct attrs *a)
{
	struct state_cursor *c = NULL;
	struct span path, raw;
	struct baserec rec;
	int rc = state_base_open(ws->state, NULL, 0, &c, a->e);

	while (!rc && (rc = state_base_next(c, &path, &raw, a->e)) > 0)
		rc = !baserec_decode(&rec, raw.p, raw.n) &&
			content_is_large(&rec) ?
			one(a, (const char *)path.p, path.n) : 0;
	state_base_close(c);
	return rc;
}

/* The user's lines, without our block. */
static void strip(const struct buf *old, struct buf *ret)
{
	const char *b = strstr(old->p, BEGIN), *end;

	if (!b) {
		buf_add(ret, old->p, old->n);
	} else {
		end = strstr(b, END);
		buf_add(ret, old->p, (size_t)(b - old->p));
		if (end)
			buf_addstr(ret, end + strlen(END));
	}
	if (ret->n && ret->p[ret->n - 1] != '\n')
		buf_addch(ret, '\n');
}

static int write_file(struct workspace *ws, const struct buf *block,
		      struct err *e)
{
	struct buf path = BUF_INIT, old = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%sinfo", repo_gitdir(ws->repo));
	rc = buf_error(&path) ? err_nomem(e) : os_mkdirs(path.p, e);
	if (!rc)		/* what killed runs left; the workspace is ours */
		os_replace_sweep(path.p, 0, NULL);
	buf_addstr(&path, "/attributes");
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_read_file(path.p, FILE_MAX, &old, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		strip(&old, &text);
	if (block->n)
		buf_addf(&text, BEGIN "%s" END, block->p);
	if (!rc && buf_cmp(&text, &old))
		rc = buf_error(&text) ? err_nomem(e) :
			os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&old);
	buf_release(&text);
	return rc;
}

static int set_once(struct workspace *ws, const char *key, const char *value,
		    struct err *e)
{
	struct buf old = BUF_INIT;
	int rc = 0;

	if (repo_config_get(ws->repo, key, &old, NULL) || strcmp(old.p, value))
		rc = repo_config_set(ws->repo, key, value, e);
	buf_release(&old);
	return rc;
}

/* git runs it through a shell.  Required: where it fails, git would take a
 * large file whole, or leave a pointer in its place, and say that all is well. */
static int set_filter(struct workspace *ws, struct err *e)
{
	struct buf self = BUF_INIT, cmd = BUF_INIT;
	size_t i;
	int rc;

	os_self_path(&self);
	buf_addch(&cmd, '\'');
	for (i = 0; i < self.n; i++)
		if (self.p[i] == '\'')
			buf_addstr(&cmd, "'\\''");
		else
			buf_addch(&cmd, self.p[i]);
	buf_addstr(&cmd, "' filter-process");
	if (!self.n) {
		buf_reset(&cmd);
		buf_addstr(&cmd, "hub filter-process");
	}
	rc = buf_error(&cmd) ? err_nomem(e) :
		set_once(ws, "filter.vibehub.process", cmd.p, e);
	if (!rc)
		rc = set_once(ws, "filter.vibehub.required", "true", e);
	buf_release(&self);
	buf_release(&cmd);
	return rc;
}

int filter_attributes(struct workspace *ws, struct err *e)
{
	struct attrs a = { .text = BUF_INIT, .exts = MAP_INIT, .e = e };
	int rc = each(ws, &a);

	if (!rc)
		rc = buf_error(&a.text) ? err_nomem(e) :
			write_file(ws, &a.text, e);
	if (!rc && a.paths)
		rc = set_filter(ws, e);
	map_release(&a.exts);
	buf_release(&a.text);
	return rc;
}
