/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * farside_redeem.c - an invitation becomes a computer of the hub.
 *
 * Order: the line that lets its SSH key in, its key slot, its grant: with the last
 * the invitation is used.  After a kill in between the same computer asks again,
 * and each step is done anew under the same names.
 */
#include "sync/farside_internal.h"

#include <string.h>

#include "os/os_file.h"
#include "repo/repo.h"
#include "sync/authkeys.h"
#include "sync/grants.h"
#include "sync/keys.h"

static int keys_file(struct farside *s, struct buf *ret, struct err *e)
{
	int rc = repo_config_get(s->hub->repo, AUTHKEYS_CONFIG, ret, e);

	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EDENIED, "this hub was not told which "
			     "authorized_keys file lets its computers in");
	return rc;
}

/* All that was invited to, for this device. */
static int grant(struct farside *s, const struct hubops_enrol *q,
		 const uint8_t ssh[32], struct err *e)
{
	struct grantfile g = *s->grant;		/* its paths are borrowed */
	struct keys *k = NULL;
	int rc = keys_open(s->hub->path.p, s->hub->format.id, NULL, &k, e);

	g.kind = GRANTFILE_DEVICE;
	cert_uuid_text(g.id, q->device);
	memcpy(g.name, q->name, sizeof(g.name));
	memcpy(g.from, s->grant->id, sizeof(g.from));
	memcpy(g.ssh, ssh, 32);
	g.until = 0;
	if (!rc)
		rc = grants_put(s->hub, k, &g, e);
	keys_close(k);
	return rc;
}

int farside_redeem(struct farside *s, const void *head, size_t n,
		   struct buf *ret, struct err *e)
{
	char uuid[PRESENCE_UUID + 1];
	struct buf file = BUF_INIT;
	struct hubops_enrol q;
	struct span enrol;
	uint8_t ssh[32];
	int rc = hubops_redeem_decode(head, n, ssh, &enrol, e);

	if (!rc)
		rc = hubops_enrol_decode(&q, enrol.p, enrol.n, e);
	if (rc < 0)
		return rc;
	cert_uuid_text(uuid, q.device);
	if (s->redeemed[0] && strcmp(s->redeemed, uuid))
		return err_set(e, HUB_EDENIED, "this invitation was redeemed by "
			       "another computer: if that was not yours, tell "
			       "who invited you");
	rc = farside_check_new(s, uuid, q.sign_pk, e);
	if (!rc)
		rc = keys_file(s, &file, e);
	if (!rc)
		rc = authkeys_put(file.p, s->hub->path.p, uuid, ssh, e);
	if (!rc)
		rc = keys_far_enrol(s->hub->path.p, s->hub->format.id,
				    s->grant->role, enrol.p, enrol.n, ret, e);
	if (!rc)
		rc = grant(s, &q, ssh, e);
	if (!rc)
		memcpy(s->redeemed, uuid, sizeof(uuid));
	buf_release(&file);
	return rc;
}
