/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commit.c - git's commit objects: parse, write, trailers.
 *
 * Parsing is strict about what the engine relies on (tree and parents) and
 * lenient about people's names and times: old histories hold odd ones, and a
 * name must never make a history unreadable.  Headers that hub has no use for
 * (encoding, gpgsig, mergetag) are passed over and not written again.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/hex.h"
#include "repo/repo_internal.h"

#define PARENTS_MAX 4096

void commit_release(struct commit *c)
{
	free(c->parents);
	c->parents = NULL;
	c->parents_n = 0;
	buf_release(&c->author);
	buf_release(&c->committer);
	buf_release(&c->message);
}

/* header(): the value if the line at ${p} is "${key} ...", else NULL. */
static const char *header(const char *line, size_t n, const char *key,
			  size_t *ret_n)
{
	size_t k = strlen(key);

	if (n <= k || memcmp(line, key, k) != 0 || line[k] != ' ')
		return NULL;
	*ret_n = n - k - 1;
	return line + k + 1;
}

static int add_parent(struct commit *c, const struct oid *id)
{
	struct oid *p;

	if (c->parents_n >= PARENTS_MAX)
		return HUB_ELIMIT;
	p = realloc(c->parents, (c->parents_n + 1) * sizeof(*p));
	if (!p)
		return HUB_ENOMEM;
	c->parents = p;
	p[c->parents_n++] = *id;
	return 0;
}

static int parse_tz(const char *s, size_t n)
{
	int v, sign;

	if (n != 5 || (s[0] != '+' && s[0] != '-'))
		return 0;
	for (size_t i = 1; i < 5; i++)
		if (!isdigit((unsigned char)s[i]))
			return 0;
	sign = s[0] == '-' ? -1 : 1;
	v = (s[1] - '0') * 600 + (s[2] - '0') * 60 + (s[3] - '0') * 10 +
	    (s[4] - '0');
	return v < 24 * 60 ? sign * v : 0;
}

/* parse_who(): "Name <mail> 1700000000 +0100"; what is odd becomes zero. */
static void parse_who(const char *s, size_t n, struct buf *who, int64_t *when,
		      int *tz)
{
	size_t end = n, sp;
	uint64_t t;

	*when = 0;
	*tz = 0;
	while (end > 0 && s[end - 1] != '>')
		end--;
	buf_reset(who);
	buf_add(who, s, end ? end : n);
	if (end == 0 || end + 1 >= n || s[end] != ' ')
		return;
	s += end + 1;
	n -= end + 1;
	for (sp = 0; sp < n && s[sp] != ' '; sp++)
		;
	if (hex_dec_u64(s, sp, &t) < 0 || t > INT64_MAX)
		return;
	*when = (int64_t)t;
	if (sp < n)
		*tz = parse_tz(s + sp + 1, n - sp - 1);
}

/* parse_line(): one header line. */
static int parse_line(struct commit *c, const char *line, size_t n,
		      unsigned *seen)
{
	struct oid id;
	const char *v;
	size_t vn;

	if (!(*seen & 1)) {
		v = header(line, n, "tree", &vn);
		*seen |= 1;
		return v ? oid_parse(&c->tree, v, vn) : HUB_ECORRUPT;
	}
	v = header(line, n, "parent", &vn);
	if (v && !(*seen & 6)) {
		if (oid_parse(&id, v, vn) < 0)
			return HUB_ECORRUPT;
		return add_parent(c, &id);
	}
	v = header(line, n, "author", &vn);
	if (v && !(*seen & 2)) {
		*seen |= 2;
		parse_who(v, vn, &c->author, &c->author_time, &c->author_tz);
		return 0;
	}
	v = header(line, n, "committer", &vn);
	if (v && !(*seen & 4)) {
		*seen |= 4;
		parse_who(v, vn, &c->committer, &c->time, &c->tz);
	}
	return 0;
}

static int parse(struct commit *c, const struct buf *text)
{
	const char *p = text->p, *end = text->p + text->n, *nl;
	unsigned seen = 0;
	int rc;

	while (p < end && *p != '\n') {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return HUB_ECORRUPT;
		rc = parse_line(c, p, (size_t)(nl - p), &seen);
		if (rc < 0)
			return rc;
		p = nl + 1;
	}
	if (!(seen & 1))
		return HUB_ECORRUPT;
	buf_reset(&c->message);
	if (p < end)
		buf_add(&c->message, p + 1, (size_t)(end - p - 1));
	if (buf_error(&c->message) || buf_error(&c->author) ||
	    buf_error(&c->committer))
		return HUB_ENOMEM;
	return 0;
}

int commit_read(struct repo *r, const struct oid *id, struct commit *ret,
		struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct buf text = BUF_INIT;
	int rc;

	rc = repo_read_as(r, id, OBJ_COMMIT, COMMIT_MAX, &text, e);
	if (rc < 0)
		goto out;
	rc = parse(&c, &text);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	else if (rc == HUB_ELIMIT)
		err_set(e, rc, "commit %s has over %d parents", oid_hex(id),
			PARENTS_MAX);
	else if (rc < 0)
		err_set(e, rc, "commit %s is not in git's format", oid_hex(id));
	if (rc < 0)
		goto out;
	c.id = *id;
	commit_release(ret);
	*ret = c;
	memset(&c, 0, sizeof(c));
	buf_init(&c.author);
	buf_init(&c.committer);
	buf_init(&c.message);
out:
	commit_release(&c);
	buf_release(&text);
	return rc;
}

static int one_line(const struct buf *b)
{
	return !memchr(b->p, '\n', b->n) && !memchr(b->p, '\0', b->n);
}

static void add_who(struct buf *out, const char *key, const struct buf *who,
		    int64_t when, int tz)
{
	int t = tz < 0 ? -tz : tz;

	buf_addf(out, "%s %s %lld %c%02d%02d\n", key, who->p, (long long)when,
		 tz < 0 ? '-' : '+', t / 60, t % 60);
}

int commit_encode(struct buf *out, const struct commit *c)
{
	if (!one_line(&c->author) || !one_line(&c->committer) ||
	    c->author_time < 0 || c->time < 0 ||
	    c->author_tz <= -1440 || c->author_tz >= 1440 ||
	    c->tz <= -1440 || c->tz >= 1440 ||
	    memchr(c->message.p, '\0', c->message.n))
		return HUB_EUSAGE;
	buf_addf(out, "tree %s\n", oid_hex(&c->tree));
	for (size_t i = 0; i < c->parents_n; i++)
		buf_addf(out, "parent %s\n", oid_hex(&c->parents[i]));
	add_who(out, "author", &c->author, c->author_time, c->author_tz);
	add_who(out, "committer", &c->committer, c->time, c->tz);
	buf_addch(out, '\n');
	buf_add(out, c->message.p, c->message.n);
	return buf_error(out);
}

static int same_key(const char *a, const char *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)a[i]) != tolower((unsigned char)key[i]))
			return 0;
	return 1;
}

/* last_paragraph(): its start, or NULL if the message is a subject only. */
static const char *last_paragraph(const char *p, size_t n, size_t *ret_n)
{
	size_t start = 0;

	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	for (size_t i = n; i >= 2; i--)
		if (p[i - 1] == '\n' && p[i - 2] == '\n') {
			start = i;
			break;
		}
	if (start == 0)
		return NULL;
	*ret_n = n - start;
	return p + start;
}

int commit_trailer(const struct commit *c, const char *key, struct buf *ret)
{
	size_t n = 0, k = strlen(key);
	const char *p = last_paragraph(c->message.p, c->message.n, &n);
	const char *end = p + n, *eol;
	int found = 0;

	for (; p && p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		if ((size_t)(eol - p) <= k || p[k] != ':' || !same_key(p, key, k))
			continue;
		p += k + 1;
		while (p < eol && *p == ' ')
			p++;
		buf_reset(ret);
		buf_add(ret, p, (size_t)(eol - p));
		found = 1;
	}
	return found;
}

int commit_is_auto(const struct commit *c)
{
	static const char mark[] = "Auto-sync: ";

	return c->message.n >= sizeof(mark) - 1 &&
	       memcmp(c->message.p, mark, sizeof(mark) - 1) == 0;
}
