/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * join.c - see join.h.
 *
 * Order: who we are, durable; then the hub is asked.  So a kill at any moment
 * leaves an invitation that the same computer can redeem again.
 */
#include "sync/join.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "fmt/sshkey.h"
#include "net/ssh.h"
#include "os/os.h"
#include "os/os_file.h"
#include "sync/far.h"
#include "sync/keys.h"

#define SSH_CONTEXT "vibehub-ssh"

void join_release(struct join *j)
{
	secret_wipe(&j->inv, sizeof(j->inv));
	buf_release(&j->command);
	buf_release(&j->temp);
	buf_release(&j->note);
}

void join_done(struct join *j)
{
	os_unlink(j->temp.p, NULL);
	os_unlink(j->note.p, NULL);
}

/* <user's folder>/ssh/<id>.<what>, appended. */
static int file_of(const char *id, const char *what, struct buf *ret,
		   struct err *e)
{
	int rc = os_user_dir(ret, e);

	buf_addstr(ret, "/ssh");
	if (!rc)
		rc = buf_error(ret) ? err_nomem(e) : os_mkdirs(ret->p, e);
	buf_addf(ret, "/%s.%s", id, what);
	return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) : 0;
}

/* ---- who we are ---- */

static int load_or_make(struct join *j, const char *name, struct device *d,
			struct err *e)
{
	struct buf text = BUF_INIT;
	char id[37];
	int rc;

	cert_uuid_text(id, j->inv.id);
	rc = file_of(id, "device", &j->note, e);
	if (!rc)
		rc = os_read_file(j->note.p, 64, &text, e);
	buf_addch(&text, 0);
	if (!rc && text.n == PRESENCE_UUID + 1 && presence_uuid_ok(text.p)) {
		rc = device_load(d, text.p, name, e);
	} else if (!rc || rc == HUB_EABSENT) {
		err_clear(e);
		rc = device_create(d, j->inv.hub, name, e);
		if (!rc)
			rc = os_replace(j->note.p, d->id, PRESENCE_UUID,
					OS_PRIVATE, e);
	}
	if (!rc)
		snprintf(j->device, sizeof(j->device), "%s", d->id);
	buf_release(&text);
	return rc;
}

/* ---- files for ssh ---- */

static int put_key(const char *path, const uint8_t seed[32], uint8_t pk[32],
		   struct err *e)
{
	struct sign_secret *k = sign_from_seed(seed);
	struct buf text = BUF_INIT;
	int rc;

	if (!k)
		return err_nomem(e);
	sign_public(k, pk);
	sign_free(k);
	sshkey_private(&text, seed, pk, "vibehub");
	rc = buf_error(&text) ? err_nomem(e) :
		os_replace(path, text.p, text.n, OS_PRIVATE, e);
	buf_wipe(&text);
	return rc;
}

/* Its own key for SSH follows from the device's, so it need not be kept apart. */
static int put_own_key(const struct device *d, const char *path,
		       uint8_t pk[32], struct err *e)
{
	uint8_t seed[32], own[32];
	int rc;

	sign_seed(d->secret, seed);
	hash_keyed(own, seed, SSH_CONTEXT, d->hub, 32);
	rc = put_key(path, own, pk, e);
	secret_wipe(seed, sizeof(seed));
	secret_wipe(own, sizeof(own));
	return rc;
}

static int put_hosts(const struct join *j, const char *path, struct err *e)
{
	struct ssh_addr a;
	struct buf text = BUF_INIT;
	int rc = ssh_addr_parse(j->inv.url, &a, e);

	if (rc < 0)
		return rc;
	if (a.port && a.port != 22)
		buf_addf(&text, "[%s]:%u ", a.host, a.port);
	else
		buf_addf(&text, "%s ", a.host);
	sshkey_public(&text, j->inv.host_key);
	buf_addch(&text, '\n');
	rc = buf_error(&text) ? err_nomem(e) :
		os_replace(path, text.p, text.n, OS_PRIVATE, e);
	buf_release(&text);
	return rc;
}

static void command(struct buf *ret, const char *key, const char *hosts)
{
	struct buf option = BUF_INIT;

	buf_addstr(ret, "ssh -i ");
	words_quote(ret, key);
	buf_addstr(ret, " -o IdentitiesOnly=yes");
	if (hosts) {
		buf_addf(&option, "UserKnownHostsFile=\"%s\"", hosts);
		buf_addstr(ret, " -o StrictHostKeyChecking=yes -o ");
		words_quote(ret, buf_error(&option) ? "" : option.p);
	}
	if (buf_error(&option))
		ret->failed = 1;
	buf_release(&option);
}

/* ---- the hub is asked ---- */

static int ask(struct join *j, struct device *d, const uint8_t ssh[32],
	       const char *with, struct err *e)
{
	struct far *f = NULL;
	int rc = far_new(j->inv.url, with, &f, e);

	if (!rc)
		rc = keys_redeem_far(f, j->inv.hub, d, ssh, e);
	far_close(f);
	return rc;
}

static int redeem(struct join *j, struct device *d, struct err *e)
{
	static const uint8_t none[32];
	struct buf own = BUF_INIT, hosts = BUF_INIT, once = BUF_INIT;
	int told = memcmp(j->inv.host_key, none, 32) != 0, rc;
	uint8_t ssh[32], invited[32];
	char id[37];

	cert_uuid_text(id, j->inv.id);
	rc = file_of(id, "key", &j->temp, e);
	if (!rc)
		rc = file_of(d->id, "key", &own, e);
	if (!rc)
		rc = file_of(d->id, "hosts", &hosts, e);
	if (!rc && told)
		rc = put_hosts(j, hosts.p, e);
	if (!rc)
		rc = put_key(j->temp.p, j->inv.seed, invited, e);
	if (!rc)
		rc = put_own_key(d, own.p, ssh, e);
	if (!rc) {
		command(&once, j->temp.p, told ? hosts.p : NULL);
		command(&j->command, own.p, told ? hosts.p : NULL);
		rc = buf_error(&once) || buf_error(&j->command) ?
			err_nomem(e) : ask(j, d, ssh, once.p, e);
	}
	buf_release(&own);
	buf_release(&hosts);
	buf_release(&once);
	return rc;
}

int join_redeem(const char *line, const char *name, struct join *ret,
		struct err *e)
{
	struct device d = { .secret = NULL };
	struct buf host = BUF_INIT;
	char legal[PRESENCE_NAME_MAX + 1];
	int rc = invite_decode(&ret->inv, line, strlen(line), e);

	os_hostname(&host);
	presence_name_from(legal, name ? name : host.p);
	if (!rc)
		rc = load_or_make(ret, legal, &d, e);
	if (!rc)
		rc = redeem(ret, &d, e);
	device_release(&d);
	buf_release(&host);
	return rc;
}
