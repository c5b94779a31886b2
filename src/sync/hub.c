/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hub.c - open a hub by path and read its refs.
 *
 * "Could not look" is never "not there": a known hub whose path is gone is
 * offline; only an address where there never was one is absent.
 */
#include "sync/hub.h"
#include "sync/far.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/sink.h"
#include "sync/removed.h"

#define HUB_LITTER_S 86400

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int percent_decode(const char *s, struct buf *ret, struct err *e)
{
	for (; *s; s++) {
		int hi, lo;

		if (*s != '%') {
			buf_addch(ret, *s);
			continue;
		}
		hi = hex_digit(s[1]);
		lo = hi < 0 ? -1 : hex_digit(s[2]);
		if (lo < 0 || !(hi | lo))
			return err_set(e, HUB_EUSAGE,
				       "'%%' in a file:// address must begin "
				       "two hexadecimal digits, not '%s'", s);
		buf_addch(ret, (char)(hi * 16 + lo));
		s += 2;
	}
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* "scheme://" or scp's "host:path", told from a path as git does. */
static int is_other_address(const char *url)
{
	const char *colon = strchr(url, ':');
	const char *slash = strchr(url, '/');

	if (!colon || (slash && slash < colon))
		return 0;
#ifdef _WIN32
	if (colon == url + 1)
		return 0;
#endif
	return 1;
}

int hub_url_path(const char *url, struct buf *ret, struct err *e)
{
	const char *p;

	if (!*url)
		return err_set(e, HUB_EUSAGE, "the hub's address is empty");
	if (strncmp(url, "file://", 7)) {
		if (far_is(url))
			return err_set(e, HUB_EUSAGE, "the hub '%s' is on "
				       "another computer: run this there", url);
		if (is_other_address(url))
			return err_set(e, HUB_EUSAGE, "cannot reach '%s': a hub "
				       "is reached by path, file:// or ssh:// "
				       "(write ./%s if it is a file name)", url, url);
		buf_addstr(ret, url);
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	p = url + 7;
	if (!strncmp(p, "localhost/", 10))
		p += 9;
	if (*p != '/')
		return err_set(e, HUB_EUSAGE, "'%s' names another computer: a "
			       "file:// address has three slashes", url);
	return percent_decode(p, ret, e);
}

/* What lies at a path where no hub could be opened? */
static int explain(const char *path, int known, struct err *e)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	struct err why = ERR_INIT;
	int rc = os_dir_open(path, &d, &why);
	int entries = 0;

	if (!rc) {
		rc = os_dir_next(d, &name, &type, &why);
		entries = rc > 0;
	}
	os_dir_close(d);
	if (rc < 0 && rc != HUB_EABSENT)
		return err_set(e, rc, "%s", why.msg);
	if (!known && rc == HUB_EABSENT)
		return err_set(e, HUB_EABSENT, "there is no hub at '%s': check "
			       "the path, or make one with `hub init`", path);
	if (!known)
		return err_set(e, HUB_EABSENT, "'%s' is not a hub: a plain bare "
			       "repository becomes one with `hub init`", path);
	if (!entries)
		return err_set(e, HUB_EOFFLINE, "the hub '%s' is not there now "
			       "(not mounted?): will catch up later", path);
	return err_set(e, HUB_EREMOTE, "'%s' no longer holds the hub that this "
		       "workspace knows: nothing was sent", path);
}

static int read_format(struct hub *h, int known, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%s/vibehub/format", h->path.p);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, HUBFILE_MAX, &text, e);
	if (rc == HUB_EABSENT)
		rc = explain(h->path.p, known, e);
	else if (!rc) {
		rc = hubfile_hub_decode(&h->format, text.p, text.n, e);
		if (rc < 0)
			err_in(e, "'%s'", path.p);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int hub_open(const char *path, const uint8_t *known_id, struct hub **ret,
	     struct err *e)
{
	struct hub *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return err_nomem(e);
	buf_init(&h->path);
	buf_init(&h->memory);
	buf_init(&h->url);
	rc = os_abspath(path, &h->path, e);
	if (rc < 0)
		goto out;
	while (h->path.n > 1 && h->path.p[h->path.n - 1] == '/')
		buf_setlen(&h->path, h->path.n - 1);
	rc = read_format(h, known_id != NULL, e);
	if (rc < 0)
		goto out;
	if (known_id && memcmp(known_id, h->format.id, 32)) {
		rc = err_set(e, HUB_EREMOTE, "another hub lies at '%s' than the "
			     "one this workspace belongs to: nothing was sent",
			     h->path.p);
		goto out;
	}
	rc = repo_open(h->path.p, &h->repo, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "the hub '%s' has lost its "
			     "repository (HEAD, refs or objects are missing)",
			     h->path.p);
	if (!rc && !repo_is_bare(h->repo))
		rc = err_set(e, HUB_ECORRUPT, "the hub '%s' is not a bare "
			     "repository", h->path.p);
out:
	if (rc < 0)
		hub_close(h);
	else
		*ret = h;
	return rc;
}

static void drop_refs(struct hub *h)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		free(h->refs[i].name);
	h->refs_n = 0;
}

void hub_close(struct hub *h)
{
	if (!h)
		return;
	drop_refs(h);
	free(h->refs);
	repo_close(h->repo);
	removed_free(h->removed);
	buf_release(&h->memory);
	buf_release(&h->path);
	buf_release(&h->url);
	free(h);
}

static int add_ref(void *arg, const char *name, const struct oid *id)
{
	struct hub *h = arg;
	struct hub_ref *r;

	if (h->refs_n == h->refs_alloc) {
		size_t want = h->refs_alloc ? h->refs_alloc * 2 : 16;

		r = realloc(h->refs, want * sizeof(*r));
		if (!r)
			return HUB_ENOMEM;
		h->refs = r;
		h->refs_alloc = want;
	}
	r = &h->refs[h->refs_n];
	r->id = *id;
	r->name = strdup(name);
	if (!r->name)
		return HUB_ENOMEM;
	h->refs_n++;
	return 0;
}

void hub_token(const struct hub_ref *refs, size_t n, uint8_t ret[32])
{
	struct hash hash;
	size_t i;

	hash_init(&hash, NULL, 0);
	for (i = 0; i < n; i++) {
		hash_add(&hash, oid_hex(&refs[i].id), OID_HEX);
		hash_add(&hash, " ", 1);
		hash_add(&hash, refs[i].name, strlen(refs[i].name));
		hash_add(&hash, "\n", 1);
	}
	hash_add(&hash, "state none\n", 11);
	hash_end(&hash, ret);
}

int hub_read_refs(struct hub *h, struct err *e)
{
	int rc;

	drop_refs(h);
	rc = h->far ? far_refs(h, add_ref, h, e) :
		ref_each(h->repo, "refs/", add_ref, h, e);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	if (!rc)
		hub_token(h->refs, h->refs_n, h->token);
	return rc;
}

const struct oid *hub_ref(const struct hub *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		if (!strcmp(h->refs[i].name, name))
			return &h->refs[i].id;
	return NULL;
}

const char *hub_name(const struct hub *h)
{
	return h->far ? h->url.p : h->path.p;
}

int hub_has(struct hub *h, const struct oid *id, struct err *e)
{
	return h->far ? far_has(h, id, e) : repo_has(h->repo, id, e);
}

int hub_is_ancestor(struct hub *h, const struct oid *a, const struct oid *b,
		    struct err *e)
{
	uint64_t n;
	int rc;

	if (!h->far || (repo_has_quick(h->repo, a) &&
			repo_has_quick(h->repo, b)))
		return repo_is_ancestor(h->repo, a, b, e);
	rc = far_count(h, a, b, &n, e);
	return rc < 0 ? rc : !n;
}

int hub_is_gone(const struct hub *h)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int gone;

	if (h->far)		/* whatever it does, it says so */
		return 0;
	buf_addf(&p, "%s/vibehub/format", h->path.p);
	gone = !buf_error(&p) && os_stat(p.p, &st, NULL) == HUB_EABSENT;
	buf_release(&p);
	return gone;
}

void hub_sweep(struct hub *h)
{
	static const char *const dirs[] = { "", "/hooks", "/vibehub",
					     "/vibehub/devices" };
	struct buf path = BUF_INIT;
	size_t i;

	if (h->far)		/* its own business */
		return;
	for (i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		buf_reset(&path);
		buf_addf(&path, "%s%s", h->path.p, dirs[i]);
		if (!buf_error(&path))
			os_replace_sweep(path.p, HUB_LITTER_S, NULL);
	}
	sink_sweep(h->repo, 0, NULL);
	repo_config_sweep(h->repo);
	buf_release(&path);
}

int hub_ref_is_ours(const char *name)
{
	static const char own[] = "refs/vibehub/";

	return !strncmp(name, own, sizeof(own) - 1);
}

int hub_default_branch(struct hub *h, struct buf *ret, struct err *e)
{
	struct oid tip;

	if (h->far) {
		buf_addstr(ret, far_head(h));
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	return repo_head(h->repo, ret, &tip, e);
}
