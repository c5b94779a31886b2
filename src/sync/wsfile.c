/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wsfile.c - the configuration file of a workspace, on disk. */
#include "sync/wsfile.h"

#include "os/os_file.h"

int wsfile_read(const char *vdir, struct wsconfig *ret, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addf(&path, "%sconfig", vdir);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, WSCONFIG_MAX, &text, e);
	if (!rc) {
		rc = wsconfig_decode(ret, text.p, text.n, e);
		if (rc == HUB_ECORRUPT)
			err_set(e, rc, "'%s' is damaged: remove it, then `hub "
				"clone` onto this folder adopts it again",
				path.p);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int wsfile_write(const char *vdir, const struct wsconfig *c, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	if (c->url.n > WSCONFIG_URL_MAX)
		return err_set(e, HUB_ELIMIT, "the hub's address is longer than "
			       "%d bytes", WSCONFIG_URL_MAX);
	wsconfig_encode(&text, c);
	buf_addf(&path, "%sconfig", vdir);
	rc = buf_error(&text) || buf_error(&path) ? err_nomem(e) :
		os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}
