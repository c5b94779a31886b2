/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_enrol.c - a computer gets its key slot by the passphrase: where its user
 * may use the hub, but not read the hub's own key file.
 */
#include "cmd/cmd_enrol.h"

#include <string.h>

#include "cmd/cmd_pass.h"
#include "sync/keys.h"

#define NEEDED "the files of this hub that are large need its passphrase, since " \
	"this user may not read the hub's key: "

static int by_passphrase(struct workspace *ws, const struct buf *pass,
			 struct err *e)
{
	struct keys *k = NULL;
	int rc = keys_open_ws(ws, pass->p, pass->n, &k, e);

	if (!rc)
		rc = keys_enrol(k, &ws->dev, e);
	keys_close(k);
	return rc;
}

int cmd_enrol(struct workspace *ws, struct err *e)
{
	struct buf pass = BUF_INIT;
	struct keys *k = NULL;
	int rc;

	if (!ws->dev.secret || !strcmp(ws->hub_url.p, WORKSPACE_NO_HUB))
		return 0;
	rc = keys_open_ws(ws, NULL, 0, &k, e);
	keys_close(k);
	if (rc != HUB_EDENIED)
		goto out;
	err_clear(e);
	rc = cmd_pass_get(PASS_WANT_OLD, "Passphrase of the hub: ", &pass,
			  NULL, e);
	if (rc == HUB_EUSAGE && !cmd_pass_given(PASS_WANT_OLD))
		rc = err_set(e, HUB_EAUTH, NEEDED "set VIBEHUB_PASSPHRASE, _FILE, "
			     "_COMMAND or _FD, or have a terminal, then `hub key "
			     "enrol`");
	if (!rc)
		rc = by_passphrase(ws, &pass, e);
out:
	buf_wipe(&pass);
	return rc;
}
