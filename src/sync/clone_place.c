/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone_place.c - find a place by its path, open it with the passphrase alone:
 * first contact. */
#include "sync/clone.h"

#include <string.h>

#include "base/hex.h"
#include "store/vault.h"
#include "sync/site.h"

struct found { uint8_t id[32]; int n; };

static int one_hub(void *arg, const char *name, struct err *e)
{
	struct found *f = arg;
	uint8_t id[32];

	(void)e;
	if (strlen(name) == 64 && !hex_decode(id, 32, name, 64)) {
		memcpy(f->id, id, 32);
		f->n++;
	}
	return 0;
}

/* ${site} may be what was given to `hub remote add`, or the vault in it, <hub
 * id>. */
static int which_vault(const char *site, struct repo *repo, struct buf *r,
		       struct found *f, struct err *e)
{
	char *last;
	int rc = site_resolve(site, r, e);

	last = rc ? NULL : strrchr(r->p, '/');
	if (last && strlen(last) == 65 &&
	    !hex_decode(f->id, 32, last + 1, 64)) {
		buf_setlen(r, (size_t)(last - r->p));
		f->n = 1;
		return buf_error(r);
	}
	if (!rc)
		rc = site_each(r->p, repo, one_hub, f, e);
	if ((!rc || rc == HUB_EABSENT) && !f->n)
		rc = err_set(e, HUB_EABSENT, "there is no sealed copy of a "
			     "hub at '%s': check the path, or mount the disk",
			     r->p);
	if (!rc && f->n > 1)
		rc = err_set(e, HUB_EUSAGE, "'%s' holds sealed copies of %d "
			     "hubs: name one, '%s/<its id>'", r->p, f->n, r->p);
	return rc;
}

int clone_place_find(const char *dir, struct repo *r, struct clone_place *c,
		     struct err *e)
{
	struct found f = { .n = 0 };
	int rc;

	memset(c, 0, sizeof(*c));
	buf_init(&c->root);
	rc = which_vault(dir, r, &c->root, &f, e);

	if (!rc)
		rc = site_open(c->root.p, r, f.id, &c->place, e);
	if (!rc)
		rc = vault_format(c->place, &c->f, e);
	if (!rc && memcmp(c->f.hub, f.id, 32))
		rc = err_set(e, HUB_ECORRUPT, "'%s' says that it is of "
			     "another hub than its name", c->place->name);
	return rc;		/* the caller closes it, also then */
}

int clone_place_open(const char *dir, const char *pass, size_t n,
		     struct clone_place *c, struct err *e)
{
	int rc = clone_place_find(dir, NULL, c, e);

	if (!rc)
		rc = slots_open_passphrase(c->place, c->f.hub, pass, n,
					   &c->open, e);
	if (rc == HUB_EABSENT && c->place)
		rc = err_set(e, HUB_EAUTH, "the sealed copy at '%s' has no "
			     "passphrase slot", c->root.p);
	return rc;		/* as above */
}

void clone_place_close(struct clone_place *c)
{
	slots_opened_release(&c->open);
	place_close(c->place);
	buf_release(&c->root);
}
