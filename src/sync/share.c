/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * share.c - see share.h.
 *
 * Order of an invitation: its grant first, so that its key never lets anybody in
 * who is told nothing; of a revocation the other way round.
 */
#include "sync/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt/invite.h"
#include "fmt/sshkey.h"
#include "net/ssh.h"
#include "os/os.h"
#include "os/os_file.h"
#include "sync/authkeys.h"

#define HOST_KEY "/etc/ssh/ssh_host_ed25519_key.pub"

/* ---- what is wished ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once; owned by ${g}. */
static int take_paths(const struct share_wish *w, struct grantfile *g,
		      struct err *e)
{
	size_t i, k = 0;

	if (w->paths_n > GRANTFILE_PATHS_MAX)
		return err_set(e, HUB_ELIMIT, "at most %d paths",
			       GRANTFILE_PATHS_MAX);
	for (i = 0; i < w->paths_n; i++) {
		if (!grantfile_path_ok(w->paths[i]))
			return err_set(e, HUB_EUSAGE, "'%s' is no path in the "
				       "hub: no '/' at its ends, no '..'",
				       w->paths[i]);
		g->paths[i] = strdup(w->paths[i]);
		if (!g->paths[i])
			return err_nomem(e);
		g->paths_n++;
	}
	qsort(g->paths, g->paths_n, sizeof(*g->paths), by_text);
	for (i = 0; i < g->paths_n; i++) {
		if (k && !strcmp(g->paths[k - 1], g->paths[i]))
			free(g->paths[i]);
		else
			g->paths[k++] = g->paths[i];
	}
	g->paths_n = k;
	return 0;
}

static int url_of(const struct hub *h, const struct share_wish *w, char *ret,
		  size_t max, struct err *e)
{
	struct buf text = BUF_INIT, host = BUF_INIT, user = BUF_INIT;
	struct ssh_addr a;
	int rc;

	os_username(&user);
	os_hostname(&host);
	if (w->url)
		buf_addstr(&text, w->url);
	else
		buf_addf(&text, "ssh://%s@%s%s", user.p, host.p, h->path.p);
	rc = buf_error(&text) || buf_error(&user) || buf_error(&host) ?
		err_nomem(e) : ssh_addr_parse(text.p, &a, e);
	buf_reset(&text);
	if (!rc && a.scheme != SSH_HUB)
		rc = err_set(e, HUB_EUSAGE, "an invitation leads to a hub by "
			     "ssh://, not '%s'", w->url);
	if (!rc) {
		ssh_addr_show(&a, &text);
		if (buf_error(&text) || text.n >= max)
			rc = err_set(e, HUB_ELIMIT, "too long an address");
		else
			snprintf(ret, max, "%s", text.p);
	}
	buf_release(&text);
	buf_release(&host);
	buf_release(&user);
	return rc;
}

/* Zeros where sshd's own is not there: then the new computer's user is asked. */
static int host_key_of(const struct share_wish *w, uint8_t ret[32],
		       struct err *e)
{
	const char *file = w->host_key ? w->host_key : HOST_KEY;
	struct buf text = BUF_INIT;
	int rc = os_read_file(file, SSHKEY_LINE_MAX, &text, e);

	if (!rc)
		rc = sshkey_public_decode(text.p, text.n, ret);
	if (rc == HUB_ECORRUPT)
		err_set(e, HUB_EUSAGE, "'%s' is no public Ed25519 key", file);
	if (rc < 0 && !w->host_key) {
		err_clear(e);
		memset(ret, 0, 32);
		rc = 0;
	}
	buf_release(&text);
	return rc == HUB_ECORRUPT ? HUB_EUSAGE : rc;
}

static int keys_file_of(struct hub *h, const struct share_wish *w,
			struct buf *ret, struct err *e)
{
	int rc;

	if (w->keys_file)
		rc = os_abspath(w->keys_file, ret, e);
	else
		rc = repo_config_get(h->repo, AUTHKEYS_CONFIG, ret, e);
	if (rc == HUB_EABSENT && !w->keys_file) {
		err_clear(e);
		buf_reset(ret);
		rc = authkeys_default(ret, e);
	}
	return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) :
		repo_config_set(h->repo, AUTHKEYS_CONFIG, ret->p, e);
}

/* ---- invite ---- */

static int make_key(struct invite *v, uint8_t pk[32], struct err *e)
{
	struct sign_secret *k = sign_generate();
	char uuid[PRESENCE_UUID + 1];

	if (!k)
		return err_nomem(e);
	sign_public(k, pk);
	sign_seed(k, v->seed);
	sign_free(k);
	device_uuid(uuid);
	cert_uuid(v->id, uuid);
	return 0;
}

static int put_grant(struct hub *h, struct keys *k, const struct share_wish *w,
		     const uint8_t id[16], const uint8_t ssh[32],
		     struct err *e)
{
	struct grantfile g;
	int rc;

	memset(&g, 0, sizeof(g));
	g.kind = GRANTFILE_INVITE;
	g.role = w->role;
	g.until = w->until;
	cert_uuid_text(g.id, id);
	snprintf(g.name, sizeof(g.name), "%s", w->name);
	memcpy(g.ssh, ssh, 32);
	rc = take_paths(w, &g, e);
	if (!rc)
		rc = grants_put(h, k, &g, e);
	grantfile_release(&g);
	return rc;
}

int share_invite(struct hub *h, struct keys *k, const struct share_wish *w,
		 struct buf *line, struct err *e)
{
	struct buf file = BUF_INIT;
	struct invite v;
	char id[PRESENCE_UUID + 1];
	uint8_t pk[32];
	int rc;

	memset(&v, 0, sizeof(v));
	memcpy(v.hub, h->format.id, 32);
	rc = url_of(h, w, v.url, sizeof(v.url), e);
	if (!rc)
		rc = host_key_of(w, v.host_key, e);
	if (!rc)
		rc = keys_file_of(h, w, &file, e);
	if (!rc)
		rc = make_key(&v, pk, e);
	if (!rc)
		rc = put_grant(h, k, w, v.id, pk, e);
	if (!rc) {
		cert_uuid_text(id, v.id);
		rc = authkeys_put(file.p, h->path.p, id, pk, e);
	}
	if (!rc) {
		invite_encode(line, &v);
		rc = buf_error(line) ? err_nomem(e) : 0;
	}
	secret_wipe(&v, sizeof(v));
	buf_release(&file);
	return rc;
}

/* ---- the rest ---- */

int share_grant(struct hub *h, struct keys *k, const char *what,
		const struct share_wish *w, struct err *e)
{
	struct grants all = GRANTS_INIT;
	const struct grantfile *was = NULL;
	struct grantfile g;
	int rc = grants_load(h, k->open.ring->identity, &all, e);

	if (!rc)
		was = grants_find(&all, what);
	if (!rc && (!was || was->kind != GRANTFILE_DEVICE))
		rc = err_set(e, HUB_EABSENT, "no computer '%s' joined by an "
			     "invitation: `hub share list` shows who did",
			     what);
	if (!rc) {
		g = *was;
		g.paths_n = 0;
		g.role = w->role;
		rc = take_paths(w, &g, e);
		if (!rc)
			rc = grants_put(h, k, &g, e);
		grantfile_release(&g);
	}
	grants_release(&all);
	return rc;
}

static int let_in_no_more(struct hub *h, struct keys *k, const char *id,
			  struct err *e)
{
	struct buf file = BUF_INIT;
	int rc = repo_config_get(h->repo, AUTHKEYS_CONFIG, &file, e);

	if (!rc)
		rc = authkeys_remove(file.p, id, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&file);
	return rc < 0 ? rc : grants_remove(h, k, id, e);
}

/* The invitation first: without its computer it would be open again. */
int share_revoke(struct hub *h, struct keys *k, const struct grantfile *g,
		 struct err *e)
{
	int rc = g->from[0] ? let_in_no_more(h, k, g->from, e) : 0;

	return rc < 0 ? rc : let_in_no_more(h, k, g->id, e);
}
