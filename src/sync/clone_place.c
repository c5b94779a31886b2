/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone_place.c - open a place with the passphrase alone: first contact. */
#include "sync/clone.h"

#include <string.h>

#include "base/hex.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "store/vault.h"

struct found { uint8_t id[32]; int n; };

static int one_hub(void *arg, const uint8_t hub[32], struct err *e)
{
	struct found *f = arg;

	(void)e;
	memcpy(f->id, hub, 32);
	f->n++;
	return 0;
}

/* ${dir} may be the folder that was given to `hub remote add`, or the vault in
 * it, <hub id>. */
static int which_vault(const char *dir, struct buf *r, struct found *f,
		       struct err *e)
{
	char *last;
	int rc = os_abspath(dir, r, e);

	while (!rc && r->n > 1 && r->p[r->n - 1] == '/')
		buf_setlen(r, r->n - 1);
	last = rc ? NULL : strrchr(r->p, '/');
	if (last && strlen(last) == 65 &&
	    !hex_decode(f->id, 32, last + 1, 64)) {
		buf_setlen(r, (size_t)(last - r->p));
		f->n = 1;
		return buf_error(r);
	}
	if (!rc)
		rc = folder_each(r->p, one_hub, f, e);
	if ((!rc || rc == HUB_EOFFLINE) && !f->n)
		rc = err_set(e, HUB_EABSENT, "there is no sealed copy of a "
			     "hub at '%s': check the path, or mount the disk",
			     r->p);
	if (!rc && f->n > 1)
		rc = err_set(e, HUB_EUSAGE, "'%s' holds sealed copies of %d "
			     "hubs: name one, '%s/<its id>'", r->p, f->n, r->p);
	return rc;
}

int clone_place_open(const char *dir, const char *pass, size_t n,
		     struct clone_place *c, struct err *e)
{
	struct found f = { .n = 0 };
	struct buf vault = BUF_INIT;
	int rc;

	memset(c, 0, sizeof(*c));
	buf_init(&c->root);
	rc = which_vault(dir, &c->root, &f, e);

	if (!rc) {
		folder_path_place(&vault, c->root.p, f.id);
		rc = buf_error(&vault) ? err_nomem(e) :
			folder_open(vault.p, &c->place, e);
	}
	if (rc == HUB_EOFFLINE)
		rc = HUB_EABSENT;
	if (!rc)
		rc = vault_format(c->place, &c->f, e);
	if (!rc && memcmp(c->f.hub, f.id, 32))
		rc = err_set(e, HUB_ECORRUPT, "'%s' says that it is of "
			     "another hub than its name", vault.p);
	if (!rc)
		rc = slots_open_passphrase(c->place, f.id, pass, n, &c->open,
					   e);
	if (rc == HUB_EABSENT && c->place)
		rc = err_set(e, HUB_EAUTH, "the sealed copy at '%s' has no "
			     "passphrase slot", c->root.p);
	buf_release(&vault);
	return rc;		/* the caller closes it, also then */
}

void clone_place_close(struct clone_place *c)
{
	slots_opened_release(&c->open);
	place_close(c->place);
	buf_release(&c->root);
}
