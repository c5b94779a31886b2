/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_git.c - `git fsck` as a child, and what it says as findings.
 *
 * --git-dir names the repository, so neither a search nor the owner of the
 * folder plays a role; nothing that the repository's own configuration names is
 * run.
 */
#include "sync/verify_internal.h"

#include <string.h>

#include "base/map.h"
#include "os/os_proc.h"

#define OUT_MAX (64u << 20)

static int is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Digits from ${at} on. */
static size_t hex_run(const char *s, size_t n, size_t at)
{
	size_t i = at;

	while (i < n && is_hex(s[i]))
		i++;
	return i - at;
}

/* The object that a line is about: the last id in it ("broken link from tree X
 * to blob Y"), written out or as "objects/ab/cdef..."; but no pack's name. */
static int find_id(const char *s, size_t n, char ret[OID_HEX + 1])
{
	size_t i, k;
	int found = 0;

	for (i = 0; i < n; i += k ? k : 1) {
		k = hex_run(s, n, i);
		if (k == OID_HEX && memcmp(s + i, oid_hex(&oid_zero), k) &&
		    (i < 5 || memcmp(s + i - 5, "pack-", 5))) {
			memcpy(ret, s + i, OID_HEX);
			found = 1;
		} else if (k == 2 && i >= 8 && i + 3 < n && s[i + 2] == '/' &&
			   !memcmp(s + i - 8, "objects/", 8) &&
			   hex_run(s, n, i + 3) == OID_HEX - 2) {
			memcpy(ret, s + i, 2);
			memcpy(ret + 2, s + i + 3, OID_HEX - 2);
			found = 1;
		}
	}
	ret[OID_HEX] = '\0';
	return found;
}

static int starts(const char *s, size_t n, const char *with)
{
	return n >= strlen(with) && !memcmp(s, with, strlen(with));
}

static int has(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word), i;

	for (i = 0; i + k <= n; i++)
		if (!memcmp(s + i, word, k))
			return 1;
	return 0;
}

/* "error in tree <id>: ...": there and whole, but against git's rules. */
static const char *advice(const char *s, size_t n)
{
	if (starts(s, n, "error in ") || starts(s, n, "warning in "))
		return "whoever made it used a faulty program; it is no loss, "
			"but git may refuse to clone it (fsck.<name> in "
			"git-config(1) lets it pass)";
	if (has(s, n, "missing") || has(s, n, "corrupt") ||
	    has(s, n, "broken link") || has(s, n, "mismatch") ||
	    has(s, n, "unable to") || has(s, n, "not found") ||
	    has(s, n, "invalid sha1 pointer"))
		return VERIFY_WAY_OUT;
	return "`git fsck` in that folder tells more";
}

struct lines {
	struct verify *v;
	const char *where, *gitdir;
	struct map told;		/* objects that are findings already */
};

static int add_line(struct lines *l, const struct buf *line)
{
	static char there;
	const char *s = line->p;
	size_t n = line->n;
	char hex[OID_HEX + 1];
	int id = find_id(s, n, hex);

	if (id && map_get(&l->told, hex, OID_HEX))
		return 0;
	if (id && map_put(&l->told, hex, OID_HEX, &there))
		return HUB_ENOMEM;
	if (starts(s, n, "error: ") || starts(s, n, "fatal: "))
		s += 7, n -= 7;
	return verify_add(l->v, l->where, id ? hex : l->gitdir,
			  advice(s, n), "git fsck: %s", s);
}

/* Add a line to ${ret}, runs of blanks as one. */
static void add_squeezed(struct buf *ret, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] != ' ' || !ret->n || ret->p[ret->n - 1] != ' ')
			buf_addch(ret, s[i]);
}

int verify_lines(struct verify *v, const char *where, const char *gitdir,
		 const char *text, size_t n)
{
	struct lines l = { v, where, gitdir, MAP_INIT };
	struct buf line = BUF_INIT;
	size_t at, end;
	int rc = 0;

	for (at = 0; !rc && at < n; at = end + 1) {
		buf_reset(&line);
		do {	/* "broken link from tree X" goes on: "  to blob Y" */
			const char *nl = memchr(text + at, '\n', n - at);

			end = nl ? (size_t)(nl - text) : n;
			add_squeezed(&line, text + at, end - at);
			at = end + 1;
		} while (at < n && text[at] == ' ');
		if (!line.n || starts(line.p, line.n, "notice: ") ||
		    starts(line.p, line.n, "dangling "))
			continue;
		rc = buf_error(&line) ? HUB_ENOMEM : add_line(&l, &line);
	}
	map_release(&l.told);
	buf_release(&line);
	return rc;
}

/* Could git not look, rather than find something wrong? */
static int refused(const struct buf *out, struct err *e)
{
	if (!has(out->p, out->n, "Permission denied"))
		return 0;
	return err_set(e, HUB_EDENIED, "git fsck may not read everything: "
		       "%.300s", out->p);
}

/* Of the lines of ${a} those that ${b} has, too. */
static int in_both(const struct buf *a, const struct buf *b, struct buf *ret)
{
	static char there;
	struct map lines = MAP_INIT;
	const char *s, *nl;
	int rc = 0;

	for (s = b->p; !rc && (nl = memchr(s, '\n', b->n - (size_t)(s - b->p)));
	     s = nl + 1)
		rc = map_put(&lines, s, (size_t)(nl - s), &there);
	for (s = a->p; !rc && (nl = memchr(s, '\n', a->n - (size_t)(s - a->p)));
	     s = nl + 1)
		if (map_get(&lines, s, (size_t)(nl - s)))
			buf_add(ret, s, (size_t)(nl - s) + 1);
	map_release(&lines);
	return rc || buf_error(ret) ? HUB_ENOMEM : 0;
}

/*
 * What somebody writes while git looks is missing to it: it has looked for packs
 * before.  Only what is wrong twice is wrong.  ${*status} 0: nothing is.
 */
static int look_again(struct os_proc *p, struct buf *out, int *status,
		      struct err *e)
{
	struct buf again = BUF_INIT, both = BUF_INIT;
	int rc;

	p->out = p->errout = &again;
	rc = os_run(p, status, e);
	if (rc == HUB_ELIMIT)
		*status = 1, rc = 0;
	if (!rc && out->n && again.n) {
		if (in_both(out, &again, &both))
			rc = err_nomem(e);
		if (!both.n)
			*status = 0;
		buf_reset(out);
		buf_add(out, both.p, both.n);
	}
	buf_release(&again);
	buf_release(&both);
	return rc;
}

int verify_git(struct verify *v, const char *where, const char *gitdir,
	       struct err *e)
{
	struct buf git = BUF_INIT, dir = BUF_INIT, out = BUF_INIT;
	const char *argv[] = {
		NULL, NULL, "-c", "core.fsmonitor=false", "-c",
		"core.packedGitLimit=64m", "-c", "core.bigFileThreshold=1m",
		"fsck", "--full", "--strict", "--no-dangling", "--no-progress",
		NULL
	};
	static const char *const env[] = { "LC_ALL=C", "LANGUAGE=", NULL };
	struct os_proc p = { .argv = argv, .env = env, .out = &out,
			     .errout = &out, .out_max = OUT_MAX };
	uint64_t before = v->found;
	int status = 0, rc = os_find_program("git", &git, e);

	if (rc == HUB_EABSENT) {
		rc = err_set(e, HUB_EIO, "git is not installed, and `hub "
			     "verify` needs it to check the objects: install "
			     "git");
		goto out;
	}
	buf_addf(&dir, "--git-dir=%s", gitdir);
	buf_setlen(&dir, dir.n - (dir.n && dir.p[dir.n - 1] == '/'));
	argv[0] = git.p;
	argv[1] = dir.p;
	if (!rc)
		rc = buf_error(&dir) ? err_nomem(e) : os_run(&p, &status, e);
	if (rc == HUB_ELIMIT)		/* more than anybody reads */
		status = 1, rc = 0;
	if (!rc)
		v->fscks++;
	if (!rc && status)
		rc = refused(&out, e);
	if (!rc && status)
		rc = look_again(&p, &out, &status, e);
	if (rc < 0 || !status)
		goto out;
	if (!rc && verify_lines(v, where, gitdir, out.p, out.n))
		rc = err_nomem(e);
	if (!rc && v->found == before)
		rc = verify_add(v, where, gitdir, "`git fsck` in that folder "
				"tells more", "git fsck ended with %d", status) ?
			err_nomem(e) : 0;
	v->git += v->found - before;
out:
	buf_release(&git);
	buf_release(&dir);
	buf_release(&out);
	return rc;
}
