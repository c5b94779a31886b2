/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history_patch.c - unified diffs, file by file.  The hunks are libgit2's
 * (git's xdiff), the headers ours: libgit2 knows modes only for a whole
 * git_diff held in memory, and for it reads attributes and driver settings.
 */
#include <string.h>
#include "base/utf8.h"
#include "repo/history.h"
#include "repo/repo_internal.h"
#include "repo/tree_internal.h"
#include "base/banned.h"

#define KIND 0170000u

struct patch {
	const char *path;
	size_t path_n;
	const struct history_side *side[2];	/* old, new */
	unsigned context;
	history_out *out;
	void *arg;
	struct buf head;	/* what stands before the first hunk */
	int hunks;
	int rc;			/* of ${out} */
};

/* ---- headers ---- */

static int is_plain(const char *p, size_t n)
{
	uint32_t cp;
	size_t k;

	for (; n; p += k, n -= k) {
		k = utf8_next(p, n, &cp);
		if (!k || *p == '"' || *p == '\\' || utf8_is_control(cp))
			return 0;
	}
	return 1;
}

/* "a/PATH", quoted as git does where it has to be. */
static void add_path(struct buf *b, char side, const char *p, size_t n)
{
	static const char from[] = "\a\b\t\n\v\f\r\"\\", to[] = "abtnvfr\"\\";
	int plain = is_plain(p, n);
	size_t i;

	buf_addf(b, "%s%c/", plain ? "" : "\"", side);
	for (i = 0; i < n; i++) {
		uint8_t c = (uint8_t)p[i];
		const char *esc = memchr(from, c, sizeof(from) - 1);

		if (plain)
			buf_addch(b, p[i]);
		else if (esc)
			buf_addf(b, "\\%c", to[esc - from]);
		else if (c < ' ' || c > '~')
			buf_addf(b, "\\%03o", c);
		else
			buf_addch(b, p[i]);
	}
	if (!plain)
		buf_addch(b, '"');
}

static void add_side(struct patch *p, int i)
{
	if (!p->side[i]->mode)
		buf_addstr(&p->head, "/dev/null");
	else
		add_path(&p->head, "ab"[i], p->path, p->path_n);
}

/* "--- a/PATH"; git ends a name with spaces by a tab, for patch(1). */
static void add_label(struct patch *p, int i, const char *sign)
{
	size_t start;

	buf_addstr(&p->head, sign);
	start = p->head.n;
	add_side(p, i);
	if (memchr(p->head.p + start, ' ', p->head.n - start))
		buf_addch(&p->head, '\t');
	buf_addch(&p->head, '\n');
}

static void add_differ(struct patch *p, const char *what, const char *why)
{
	buf_addstr(&p->head, what);
	add_side(p, 0);
	buf_addstr(&p->head, " and ");
	add_side(p, 1);
	buf_addf(&p->head, " differ%s\n", why);
}

static void add_modes(struct patch *p)
{
	unsigned o = p->side[0]->mode, n = p->side[1]->mode;

	buf_addstr(&p->head, "diff --git ");
	add_path(&p->head, 'a', p->path, p->path_n);
	buf_addch(&p->head, ' ');
	add_path(&p->head, 'b', p->path, p->path_n);
	buf_addch(&p->head, '\n');
	if (!o)
		buf_addf(&p->head, "new file mode %06o\n", n);
	else if (!n)
		buf_addf(&p->head, "deleted file mode %06o\n", o);
	else if (o != n)
		buf_addf(&p->head, "old mode %06o\nnew mode %06o\n", o, n);
}

static void add_index(struct patch *p)
{
	const struct history_side *o = p->side[0], *n = p->side[1];

	buf_addf(&p->head, "index %.7s..%.7s", oid_hex(&o->id),
		 oid_hex(&n->id));
	if (o->mode == n->mode)
		buf_addf(&p->head, " %06o", (unsigned)o->mode);
	buf_addch(&p->head, '\n');
}

/* ---- hunks ---- */

static int emit(struct patch *p, const char *s, size_t n)
{
	if (!p->rc && n)
		p->rc = p->out(p->arg, s, n);
	return p->rc;
}

static int on_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
		   const git_diff_line *line, void *arg)
{
	struct patch *p = arg;
	char sign = line->origin;

	if (sign == GIT_DIFF_LINE_FILE_HDR)
		return 0;
	if (!p->hunks++)
		emit(p, p->head.p, p->head.n);
	if (sign == GIT_DIFF_LINE_CONTEXT || sign == GIT_DIFF_LINE_ADDITION ||
	    sign == GIT_DIFF_LINE_DELETION)
		emit(p, &sign, 1);
	return emit(p, line->content, line->content_len) ? GIT_EUSER : 0;
}

static int print_hunks(struct patch *p, struct err *e)
{
	const struct history_side *o = p->side[0], *n = p->side[1];
	git_diff_options opts;
	git_patch *patch = NULL;
	int rc;

	git_diff_options_init(&opts, GIT_DIFF_OPTIONS_VERSION);
	opts.context_lines = p->context;
	opts.flags = GIT_DIFF_FORCE_TEXT;
	rc = git_patch_from_buffers(&patch, o->p, o->n, NULL, n->p, n->n, NULL,
				    &opts);
	if (!rc)
		rc = git_patch_print(patch, on_line, p);
	git_patch_free(patch);
	if (p->rc)
		return p->rc;
	if (rc < 0)
		return repo_fail(e, rc, "cannot compare '%.*s'",
				 (int)p->path_n, p->path);
	return 0;
}

/* What can be shown of a side?  Nothing there is a text without lines. */
static enum tree_text kind_of(const struct history_side *s)
{
	if (!s->mode)
		return TREE_TEXT;
	return s->p ? tree_text_kind(s->p, s->n) : TREE_LARGE;
}

static int print_one(struct patch *p, struct err *e)
{
	enum tree_text o = kind_of(p->side[0]), n = kind_of(p->side[1]);
	int hunks = 0;

	buf_reset(&p->head);
	p->hunks = 0;
	add_modes(p);
	if (!oid_eq(&p->side[0]->id, &p->side[1]->id)) {
		add_index(p);
		if (o == TREE_BINARY || n == TREE_BINARY) {
			add_differ(p, "Binary files ", "");
		} else if (o == TREE_LARGE || n == TREE_LARGE) {
			add_differ(p, "Files ", " (too large to show)");
		} else if (p->side[0]->n || p->side[1]->n) {
			add_label(p, 0, "--- ");
			add_label(p, 1, "+++ ");
			hunks = 1;
		}
	}
	if (buf_error(&p->head))
		return err_nomem(e);
	return hunks ? print_hunks(p, e) : emit(p, p->head.p, p->head.n);
}

int history_patch_file(const char *path, size_t path_n,
		       const struct history_side *old,
		       const struct history_side *new, unsigned context,
		       history_out *out, void *arg, struct err *e)
{
	static const struct history_side nothing = { .p = "" };
	struct patch p = { .path = path, .path_n = path_n, .out = out,
			   .context = context, .arg = arg, .head = BUF_INIT };
	int split, rc;

	split = old->mode && new->mode &&
		(old->mode & KIND) != (new->mode & KIND);
	p.side[0] = old->mode ? old : &nothing;
	p.side[1] = new->mode && !split ? new : &nothing;
	rc = print_one(&p, e);
	if (!rc && split) {
		p.side[0] = &nothing;
		p.side[1] = new;
		rc = print_one(&p, e);
	}
	buf_release(&p.head);
	return rc;
}

/* ---- trees ---- */

struct tree_patch {
	struct tree_src src;
	const struct history_query *q;
	unsigned context;
	history_out *out;
	void *arg;
	struct err *e;
	struct buf text[2];
};

/* One side with its content; ${same}: that will not be shown. */
static int load(struct tree_patch *tp, const struct tree_leaf *l, int i,
		int same, struct history_side *ret)
{
	struct buf *b = &tp->text[i];
	int rc = 1;

	memset(ret, 0, sizeof(*ret));
	ret->mode = l->mode;
	if (!l->mode)
		return 0;
	ret->id = l->id;
	if (same)
		return 0;
	if (l->mode == MODE_GITLINK) {
		buf_reset(b);
		buf_addf(b, "Subproject commit %s\n", oid_hex(&l->id));
	} else {
		rc = tree_src_text(&tp->src, &l->id, b, tp->e);
	}
	if (rc > 0) {
		ret->p = b->p;
		ret->n = b->n;
	}
	return rc < 0 ? rc : 0;
}

static int on_diff(void *arg, const char *path, size_t n,
		   const struct tree_leaf *o, const struct tree_leaf *new)
{
	struct tree_patch *tp = arg;
	struct history_side side[2];
	int same = (o->mode & KIND) == (new->mode & KIND) &&
		oid_eq(&o->id, &new->id);
	int rc;

	if (tp->q && !history_path_in(tp->q->paths, tp->q->paths_n, path, n))
		return 0;
	rc = load(tp, o, 0, same, &side[0]);
	if (!rc)
		rc = load(tp, new, 1, same, &side[1]);
	if (!rc)
		rc = history_patch_file(path, n, &side[0], &side[1],
					tp->context, tp->out, tp->arg, tp->e);
	return rc;
}

int history_patch(struct repo *r, const struct oid *old_root,
		  const struct oid *new_root, const struct history_query *q,
		  unsigned context, history_out *out, void *arg,
		  struct err *e)
{
	struct tree_patch tp = { .src = { r, NULL }, .q = q, .out = out,
				 .context = context, .arg = arg, .e = e,
				 .text = { BUF_INIT, BUF_INIT } };
	int rc = tree_diff(r, old_root, new_root, on_diff, &tp, e);

	buf_release(&tp.text[0]);
	buf_release(&tp.text[1]);
	return rc;
}
