/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_large.c - is the content there that the pointers in all tips stand for?
 * Every chunk is looked up in the index, and every pack that holds one must lie
 * in the vault.  The packs themselves are verify_vault()'s.
 */
#include "sync/verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/map.h"
#include "base/utf8.h"
#include "os/os.h"
#include "os/os_file.h"
#include "store/file.h"
#include "store/vault.h"
#include "sync/follow.h"
#include "sync/keys.h"
#include "sync/large.h"
#include "sync/released.h"

#define WHERE "hub"

struct content {
	struct verify *v;
	struct hub *h;
	struct keys *keys;
	struct vault *vault;
	struct file_store store;
	struct map trees, seen, packs;
	struct released *rel;
	struct buf cache;
	int missing;			/* of the pointer that is looked at */
	struct err *e;
};

static char there;

/* 1 it is new in ${m} */
static int is_new(struct content *c, struct map *m, const void *p, size_t n)
{
	if (map_get(m, p, n))
		return 0;
	return map_put(m, p, n, &there) ? err_nomem(c->e) : 1;
}

static int has_pack(struct content *c, const uint8_t id[32], struct err *e)
{
	struct place *p = vault_place(c->vault);
	uint64_t size;
	int rc = is_new(c, &c->packs, id, 32);

	if (rc > 0)
		rc = p->ops->pack_stat(p, id, &size, e);
	return rc;
}

static int one_object(void *arg, const uint8_t name[32], unsigned type,
		      uint64_t size, struct err *e)
{
	struct content *c = arg;
	struct vault_at at;
	int rc = vault_find(c->vault, name, &at, e);

	(void)type;
	(void)size;
	if (rc > 0)
		return has_pack(c, at.pack, e);
	return rc < 0 ? rc : err_set(e, HUB_EABSENT, "a part of it is not in "
				     "the vault");
}

static int tell(struct content *c, const char *path, size_t n,
		const struct err *why)
{
	struct buf show = BUF_INIT;
	int rc;

	utf8_show(&show, path, n);
	rc = buf_error(&show) ||
		verify_add(c->v, WHERE, show.p, "sync a computer that still has "
			   "the file: `touch` it there first", "large file: %s",
			   why->msg) ? err_nomem(c->e) : 0;
	buf_release(&show);
	return rc;
}

static int one_leaf(void *arg, const char *path, size_t n,
		    const struct tree_leaf *leaf)
{
	struct content *c = arg;
	struct err why = ERR_INIT;
	struct pointer ptr;
	int rc = large_peek(c->h->repo, leaf, &ptr, &why);

	if (rc > 0)
		rc = is_new(c, &c->seen, ptr.recipe, sizeof(ptr.recipe));
	if (rc <= 0)		/* a damaged blob is git fsck's finding */
		return rc == HUB_ENOMEM ? rc : 0;
	c->v->large++;
	rc = one_object(c, ptr.recipe, 0, 0, &why);
	if (!rc)
		rc = file_each(&c->store, &ptr, one_object, c, &why);
	if (rc == HUB_EABSENT && released_gone(c->rel, ptr.recipe)) {
		c->v->released++;	/* that is no damage */
		return 0;
	}
	if (rc == HUB_EABSENT || err_is_damage(rc))
		return tell(c, path, n, &why);
	if (rc == HUB_EIO)		/* verify_vault() has told of that pack */
		return 0;
	return rc < 0 ? err_set(c->e, rc, "%s", why.msg) : 0;
}

static int one_tip(struct content *c, const struct oid *tip)
{
	enum obj_type type;
	struct oid tree;
	int rc = repo_size(c->h->repo, tip, &type, NULL, NULL);

	if (rc < 0 || type != OBJ_COMMIT ||
	    follow_commit_tree(c->h->repo, tip, &tree, NULL))
		return 0;	/* damage is git fsck's finding */
	rc = is_new(c, &c->trees, tree.h, OID_SIZE);
	if (rc > 0)
		rc = tree_walk(c->h->repo, &tree, "", 0, one_leaf, c, c->e);
	return rc == HUB_EABSENT || rc == HUB_ECORRUPT ? 0 : rc;
}

static int open_vault(struct content *c, struct err *why)
{
	struct vault_conf conf = { .cache = NULL };
	char hex[65];
	int rc = keys_open(c->h->path.p, c->h->format.id, NULL, &c->keys, why);

	if (!rc)
		rc = os_user_dir(&c->cache, why);
	hex_encode(hex, c->h->format.id, 32);
	buf_addf(&c->cache, "/index/%s", hex);
	if (!rc)
		rc = buf_error(&c->cache) ? err_nomem(why) :
			os_mkdirs(c->cache.p, why);
	if (rc < 0)
		return rc;
	conf.place = c->keys->place;
	conf.keys = c->keys->open.ring;
	conf.cache = c->cache.p;
	conf.no_index = 1;	/* what is lost of it is a finding */
	rc = vault_open(&conf, &c->vault, why);
	if (!rc)
		vault_store(c->vault, &c->store);
	return rc;
}

/* What a person let go is not missed, unless it was taken back since. */
static int read_released(struct content *c)
{
	struct err why = ERR_INIT;
	struct oid *tips;
	size_t i;
	int rc = released_hub(c->h, c->keys->open.ring->identity, &c->rel,
			      &why, c->e);

	if (!rc && why.rc)
		rc = verify_add(c->v, WHERE, RELEASED_REF, "put the ref back "
				"where its log says that it was", "%s",
				why.msg) ? err_nomem(c->e) : 0;
	if (rc || !c->rel)
		return rc;
	tips = calloc(c->h->refs_n + 1, sizeof(*tips));
	for (i = 0; tips && i < c->h->refs_n; i++)
		tips[i] = c->h->refs[i].id;
	rc = tips ? released_settle(c->rel, c->h->repo, tips, i, NULL, NULL,
				    c->e) : err_nomem(c->e);
	free(tips);
	/* git fsck tells of a damaged history */
	return rc == HUB_ECORRUPT ? 0 : rc;
}

/* A hub of an older release, or one that has lost its key. */
static int no_key(struct verify *v, struct hub *h, struct err *e)
{
	int rc = keys_used(h->path.p, e);

	if (rc > 0)
		rc = verify_add(v, WHERE, "vibehub/key", "`hub key init` makes "
				"it again", "the key file is not there: the "
				"vault was not looked at") ? err_nomem(e) : 0;
	return rc;
}

int verify_large(struct verify *v, struct hub *h, struct err *e)
{
	struct content c = { .v = v, .h = h, .trees = MAP_INIT,
			     .seen = MAP_INIT, .packs = MAP_INIT,
			     .cache = BUF_INIT, .e = e };
	struct err why = ERR_INIT;
	size_t i;
	int rc = keys_exist(h->path.p, e);

	if (rc < 0)
		return rc;
	if (!rc)
		return no_key(v, h, e);
	rc = open_vault(&c, &why);
	if (rc == HUB_ECORRUPT || rc == HUB_EAUTH || rc == HUB_EREMOTE ||
	    rc == HUB_EABSENT || rc == HUB_EOFFLINE)
		rc = verify_add(v, WHERE, "vibehub/vault", rc == HUB_EREMOTE ?
				VERIFY_ROLLBACK : VERIFY_WAY_OUT, "%s", why.msg) ?
			err_nomem(e) : 0;
	else if (rc < 0)
		err_set(e, rc, "%s", why.msg);
	if (c.keys && !rc)
		rc = verify_vault(v, c.keys, c.vault, e);
	if (c.vault && !rc)
		rc = read_released(&c);
	for (i = 0; c.vault && !rc && i < h->refs_n; i++)
		rc = one_tip(&c, &h->refs[i].id);
	vault_close(c.vault);
	keys_close(c.keys);
	map_release(&c.trees);
	map_release(&c.seen);
	map_release(&c.packs);
	released_free(c.rel);
	buf_release(&c.cache);
	return rc;
}
