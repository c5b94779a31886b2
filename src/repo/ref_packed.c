/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_packed.c - reading packed-refs (gitrepository-layout(5)), strictly.
 *
 * The file has no checksum, so a broken line is the only sign of damage there
 * is; see ref_internal.h for what a good line is.  Memory: the file and 16
 * bytes per ref.
 */
#include <stdlib.h>

#include "repo/ref_internal.h"
#include "os/os_file.h"

void ref_packed_release(struct ref_packed *p)
{
	buf_release(&p->text);
	free(p->lines);
	memset(p, 0, sizeof(*p));
	buf_init(&p->text);
}

const char *ref_packed_name(const struct ref_packed *p, size_t i, size_t *n)
{
	*n = p->lines[i].n - OID_HEX - 1;
	return p->lines[i].p + OID_HEX + 1;
}

void ref_packed_id(const struct ref_packed *p, size_t i, struct oid *ret)
{
	/* was checked when the file was read */
	if (oid_parse(ret, p->lines[i].p, OID_HEX) < 0)
		BUG("packed ref changed under us");
}

int ref_packed_find(const struct ref_packed *p, const char *name, size_t n,
		    size_t *ret)
{
	size_t lo = 0, hi = p->n, mid, ln;
	const char *ls;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		ls = ref_packed_name(p, mid, &ln);
		c = mem_cmp(ls, ln, name, n);
		if (c == 0) {
			*ret = mid;
			return 1;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return 0;
}

static int add_line(struct ref_packed *p, const char *line, size_t n)
{
	if (p->n == p->alloc) {
		size_t a = p->alloc ? p->alloc * 2 : 64;
		void *l = realloc(p->lines, a * sizeof(*p->lines));

		if (!l)
			return HUB_ENOMEM;
		p->lines = l;
		p->alloc = a;
	}
	p->lines[p->n].p = line;
	p->lines[p->n++].n = n;
	return 0;
}

/* good_ref(): "<id> <name>", and the name is valid. */
static int good_ref(const char *line, size_t n)
{
	char name[REF_NAME_MAX + 1];
	struct oid id;
	size_t nn;

	if (n < OID_HEX + 2 || line[OID_HEX] != ' ' ||
	    oid_parse(&id, line, OID_HEX) < 0 || oid_is_zero(&id))
		return 0;
	nn = n - OID_HEX - 1;
	if (nn > REF_NAME_MAX || memchr(line + OID_HEX + 1, '\0', nn))
		return 0;
	memcpy(name, line + OID_HEX + 1, nn);
	name[nn] = '\0';
	return ref_valid(name);
}

static int by_name(const void *a, const void *b)
{
	const struct ref_packed_line *x = a, *y = b;

	return mem_cmp(x->p + OID_HEX + 1, x->n - OID_HEX - 1,
		       y->p + OID_HEX + 1, y->n - OID_HEX - 1);
}

/* put_in_order(): git before 2.15 did not sort. */
static int put_in_order(struct ref_packed *p, int must_be_sorted)
{
	size_t i;

	for (i = 1; i < p->n; i++)
		if (by_name(&p->lines[i - 1], &p->lines[i]) >= 0)
			break;
	if (i >= p->n)
		return 0;
	if (must_be_sorted)
		return HUB_ECORRUPT;
	if (p->n)
		qsort(p->lines, p->n, sizeof(*p->lines), by_name);
	for (i = 1; i < p->n; i++)
		if (by_name(&p->lines[i - 1], &p->lines[i]) == 0)
			return HUB_ECORRUPT;
	return 0;
}

/* says_sorted(): the first line, "# pack-refs with: peeled sorted ". */
static int says_sorted(const struct ref_packed *p)
{
	static const char word[] = " sorted ";

	for (size_t i = 0; i + sizeof(word) - 1 <= p->body; i++)
		if (!memcmp(p->text.p + i, word, sizeof(word) - 1))
			return 1;
	return 0;
}

/* take_line(): HUB_ECORRUPT if it is none of the three kinds. */
static int take_line(struct ref_packed *p, size_t at, size_t n, int *peelable)
{
	const char *line = p->text.p + at;
	struct oid id;

	if (n > 0 && line[0] == '#') {
		/* only as the very first line */
		if (at != 0 || n < 11 || memcmp(line, "# pack-refs", 11) != 0)
			return HUB_ECORRUPT;
		p->body = at + n + 1;
		return 0;
	}
	if (n > 0 && line[0] == '^') {
		if (!*peelable || n != OID_HEX + 1 ||
		    oid_parse(&id, line + 1, OID_HEX) < 0)
			return HUB_ECORRUPT;
		*peelable = 0;
		return 0;
	}
	if (!good_ref(line, n))
		return HUB_ECORRUPT;
	*peelable = 1;
	return add_line(p, line, n);
}

int ref_packed_load(struct repo *r, struct ref_packed *ret, struct err *e)
{
	struct ref_packed p = REF_PACKED_INIT;
	struct buf path = BUF_INIT;
	size_t at = 0, lineno = 0;
	int rc, peelable = 0;

	rc = repo_path(&path, r->commondir, "packed-refs", e);
	if (rc < 0)
		goto out;
	rc = os_read_file(path.p, PACKED_REFS_MAX, &p.text, e);
	if (rc == HUB_EABSENT)
		rc = 0;
	while (rc == 0 && at < p.text.n) {
		const char *s = p.text.p + at;
		const char *nl = memchr(s, '\n', p.text.n - at);

		lineno++;
		rc = nl ? take_line(&p, at, (size_t)(nl - s), &peelable)
			: HUB_ECORRUPT;
		if (nl)
			at += (size_t)(nl - s) + 1;
	}
	if (rc == 0 && put_in_order(&p, says_sorted(&p)) < 0) {
		rc = HUB_ECORRUPT;
		lineno = 1;
	}
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	else if (rc == HUB_ECORRUPT)
		err_set(e, rc, "'%s' is damaged in line %zu; its refs cannot be "
			"trusted: restore the file", path.p, lineno);
	if (rc < 0)
		goto out;
	ref_packed_release(ret);
	*ret = p;
	memset(&p, 0, sizeof(p));
	buf_init(&p.text);
out:
	ref_packed_release(&p);
	buf_release(&path);
	return rc;
}
