/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_key_do.c - the verbs of hub key that change something, and its list. */
#include "cmd/cmd_enrol.h"
#include "cmd/cmd_key.h"

#include <string.h>

#include "base/hex.h"
#include "base/tm.h"
#include "os/os.h"
#include "os/os_file.h"
#include "sync/init.h"
#include "sync/revoke.h"

#define SHORT_ID 8		/* hex digits of an id that are shown */

/* ---- list ---- */

struct print { struct json j; const struct cmd_key *c; uint32_t epoch; };

static const char *kind_of(const struct slots_info *s)
{
	return s->type == SLOT_PASSPHRASE ? "passphrase" :
		s->type == SLOT_DEVICE ? "computer" : "unknown";
}

static int is_own(const struct print *p, const struct slots_info *s)
{
	uint8_t uuid[16];

	if (!p->c->ws || !p->c->ws->dev.secret)
		return 0;
	cert_uuid(uuid, p->c->ws->dev.id);
	return !memcmp(uuid, s->id, SLOT_ID);
}

static int as_json(void *arg, const struct slots_info *s, struct err *e)
{
	struct print *p = arg;
	char hex[2 * SLOT_ID + 1];

	hex_encode(hex, s->id, SLOT_ID);
	json_object(&p->j, NULL);
	json_str(&p->j, "id", hex);
	json_str(&p->j, "kind", kind_of(s));
	json_str(&p->j, "label", s->rc ? NULL : s->notes.label);
	json_time(&p->j, "made", s->rc ? 0 : (int64_t)s->notes.made);
	json_int(&p->j, "epoch", s->epoch);
	json_bool(&p->j, "this_computer", is_own(p, s));
	json_bool(&p->j, "trusted", !s->rc);
	json_str(&p->j, "why", s->rc ? s->why.msg : NULL);
	json_object_end(&p->j);
	return 0;
}

static int as_text(void *arg, const struct slots_info *s, struct err *e)
{
	struct print *p = arg;
	char hex[2 * SLOT_ID + 1];

	hex_encode(hex, s->id, SLOT_ID);
	buf_addf(&cmd_out, "%.*s  %-10s  ", SHORT_ID, hex, kind_of(s));
	if (s->rc) {
		buf_addf(&cmd_out, "does not count: %s\n", s->why.msg);
		return 0;
	}
	tm_minute(&cmd_out, (int64_t)s->notes.made);
	buf_addf(&cmd_out, "  %s%s%s\n", s->notes.label,
		 is_own(p, s) ? "  (this computer)" : "",
		 s->epoch < p->epoch ? "  (has not the newest key)" : "");
	return 0;
}

/* What was removed, with --json. */
static int removed(struct print *p, struct err *e)
{
	const struct keys *k = p->c->keys;
	struct slots_gone g = SLOTS_GONE_INIT;
	char hex[2 * SLOT_ID + 1];
	size_t i;
	int rc = slots_gone_load(&g, k->place, k->open.ring, e);

	json_array(&p->j, "removed");
	for (i = 0; !rc && i < g.n; i++) {
		hex_encode(hex, g.at[i].id, SLOT_ID);
		json_object(&p->j, NULL);
		json_str(&p->j, "id", hex);
		json_str(&p->j, "kind", g.at[i].body.type == SLOT_DEVICE ?
			 "computer" : "passphrase");
		json_str(&p->j, "label", g.at[i].body.label);
		json_time(&p->j, "removed", (int64_t)g.at[i].body.time);
		json_int(&p->j, "epoch", g.at[i].epoch);
		json_object_end(&p->j);
	}
	json_array_end(&p->j);
	slots_gone_release(&g);
	return rc;
}

int cmd_key_list(struct cmd_key *c, struct err *e)
{
	struct print p = { .c = c };
	int rc = cmd_key_open(c, e);

	if (rc < 0)
		return rc;
	p.epoch = keyring_epoch(c->keys->open.ring);
	if (c->json) {
		json_init(&p.j, &cmd_out, 1);
		json_object(&p.j, NULL);
		json_str(&p.j, "schema", "vibehub-key-1");
		json_int(&p.j, "epoch", p.epoch);
		json_array(&p.j, "slots");
	}
	rc = slots_each(c->keys->place, c->keys->open.ring,
			c->json ? as_json : as_text, &p, e);
	if (c->json) {
		json_array_end(&p.j);
		if (!rc)
			rc = removed(&p, e);
		json_object_end(&p.j);
	} else {
		buf_addf(&cmd_out, "keys of epoch %u\n", p.epoch);
	}
	return rc;
}

/* ---- passphrases ---- */

static int keep(void *arg, const uint8_t hub[32], struct err *e)
{
	return cmd_kit_keep(arg, hub, e);
}

/* The new one into the kit, which is durable when this returns. */
static int new_passphrase(struct cmd_key *c, struct err *e)
{
	int rc;

	c->kit.made = c->generate;
	rc = c->generate ? cmd_pass_make(&c->kit.pass, e) :
		cmd_pass_get(PASS_WANT_NEW, "New passphrase: ", &c->kit.pass,
			     NULL, e);
	if (!rc)
		rc = cmd_kit_keep(&c->kit, c->hub->format.id, e);
	return rc;
}

/* The keys are there, but not the hub's own key file. */
static int restore_hub(struct cmd_key *c, struct err *e)
{
	int rc = cmd_key_unlock(c, e);

	if (!rc)
		rc = keys_restore(c->keys, e);
	if (!rc)
		buf_addstr(&cmd_out, "made the hub's own key file again\n");
	return rc;
}

static int make_keys(struct cmd_key *c, struct err *e)
{
	struct init_vault v = { .keep = keep, .arg = &c->kit };
	int rc;

	c->kit.made = !c->ask && !cmd_pass_given(PASS_WANT_FIRST);
	rc = c->kit.made ? cmd_pass_make(&c->kit.pass, e) :
		cmd_pass_get(PASS_WANT_FIRST, "Passphrase of the hub: ",
			     &c->kit.pass, NULL, e);
	v.pass = c->kit.pass.p;
	v.n = c->kit.pass.n;
	if (!rc)
		rc = init_add_vault(c->hub->path.p, c->hub->format.id, &v, e);
	if (!rc)
		rc = cmd_key_open(c, e);
	if (rc < 0)
		return rc;
	cmd_kit_show(&c->kit);
	buf_addstr(&cmd_out, "made the keys of the hub\n");
	return 0;
}

int cmd_key_init(struct cmd_key *c, struct err *e)
{
	int used, rc = keys_exist(c->hub->path.p, e);

	if (rc < 0)
		return rc;
	if (rc) {			/* this computer may lack its slot */
		rc = cmd_key_open(c, e);
		if (!rc)
			buf_addstr(&cmd_out, "the hub has keys already: "
				   "nothing was changed\n");
		return rc;
	}
	used = keys_used(c->hub->path.p, e);
	return used < 0 ? used : used ? restore_hub(c, e) : make_keys(c, e);
}

int cmd_key_enrol(struct cmd_key *c, struct err *e)
{
	int rc;

	if (!c->ws)
		return err_set(e, HUB_EUSAGE, "enrol is for a workspace: this "
			       "is the folder of a hub");
	rc = cmd_enrol(c->ws, e);
	if (!rc)
		buf_addf(&cmd_out, "this computer, '%s', has a key slot\n",
			 c->ws->dev.name);
	return rc;
}

int cmd_key_add(struct cmd_key *c, struct err *e)
{
	const char *label = c->label ? c->label : KEYS_PASS_LABEL;
	uint8_t id[SLOT_ID];
	char hex[2 * SLOT_ID + 1];
	int rc;

	if (!slot_label_ok(label))
		return err_set(e, HUB_EUSAGE, "a label has 1 to %d bytes of "
			       "text", SLOT_LABEL_MAX);
	rc = cmd_key_unlock(c, e);
	if (!rc)
		rc = new_passphrase(c, e);
	if (!rc)
		rc = keys_add(c->keys, c->kit.pass.p, c->kit.pass.n, label, id,
			      e);
	if (rc < 0)
		return rc;
	hex_encode(hex, id, SLOT_ID);
	cmd_kit_show(&c->kit);
	buf_addf(&cmd_out, "added the passphrase %.*s '%s'\n", SHORT_ID, hex,
		 label);
	return 0;
}

/* As this computer or the hub, so that any later run can go on with it. */
static int rotate_after(struct cmd_key *c, struct err *e)
{
	int rc;

	keys_close(c->keys);
	c->keys = NULL;
	rc = cmd_key_open(c, e);
	if (rc == HUB_EDENIED) {
		err_clear(e);
		rc = keys_open_passphrase(c->hub->path.p, c->hub->format.id,
					  c->kit.pass.p, c->kit.pass.n,
					  &c->keys, e);
	}
	if (!rc)
		rc = keys_rotate(c->keys, e);
	return rc < 0 ? err_in(e, "the passphrase was changed, but the new key "
			       "(`hub key rotate`) is not complete") : 0;
}

/* Order: the new slot, read back; then the old one goes. */
int cmd_key_passwd(struct cmd_key *c, struct err *e)
{
	struct slots_info old = { .type = SLOT_PASSPHRASE };
	uint8_t id[SLOT_ID];
	int rc = cmd_key_unlock(c, e);

	if (rc < 0)
		return rc;
	memcpy(old.id, c->keys->open.id, SLOT_ID);
	old.notes = c->keys->open.notes;
	rc = new_passphrase(c, e);
	if (!rc)
		rc = keys_add(c->keys, c->kit.pass.p, c->kit.pass.n,
			      old.notes.label, id, e);
	if (!rc)
		cmd_kit_show(&c->kit);
	if (!rc)
		rc = keys_remove(c->keys, &old, NULL, e);
	if (!rc)
		cmd_kit_stale(&c->kit, c->old_pass.p);
	if (!rc && c->rotate)
		rc = rotate_after(c, e);
	if (rc < 0)
		return rc;
	buf_addstr(&cmd_out, "changed the passphrase\n");
	if (!c->rotate)
		cmd_say("who has a copy of the old key slot and the old "
			"passphrase can still read what it opened; `hub key "
			"rotate` keeps new content from them");
	return 0;
}

/* ---- the rest ---- */

static void say_rotated(const struct cmd_key *c)
{
	buf_addf(&cmd_out, "what is stored from now on is sealed with the keys "
		 "of epoch %u\n", keyring_epoch(c->keys->open.ring));
}

int cmd_key_remove(struct cmd_key *c, const char *what, int rotate,
		   struct err *e)
{
	struct slots_info s;
	uint32_t before;
	size_t over;
	int rc = cmd_key_open(c, e);

	if (!rc)
		rc = keys_find(c->keys, what, &s, e);
	if (rc < 0)
		return rc;
	if (!memcmp(s.id, c->keys->open.id, SLOT_ID))
		return err_set(e, HUB_EGUARD, "this is the slot of this "
			       "computer: remove it on another one");
	before = keyring_epoch(c->keys->open.ring);
	rc = revoke_run(c->keys, &s, c->ws, rotate, &over, e);
	if (rc < 0)
		return rc;
	if (over)
		cmd_say("a removal names the newest state of %d places, and "
			"here are %zu more: what the removed computer wrote "
			"there last is not believed; `hub repair --place=NAME` "
			"mends that", REMOVAL_PINS_MAX, over);
	buf_addf(&cmd_out, "%s the slot '%s'\n",
		 s.gone ? "there was no longer" : "removed",
		 s.rc ? what : s.notes.label);
	if (keyring_epoch(c->keys->open.ring) != before)
		say_rotated(c);
	if (s.type == SLOT_PASSPHRASE && !s.gone)
		cmd_say("who knows that passphrase and has a copy of its slot "
			"can still sign as the hub");
	return 0;
}

int cmd_key_rotate(struct cmd_key *c, struct err *e)
{
	int rc = cmd_key_open(c, e);

	if (!rc)
		rc = keys_rotate(c->keys, e);
	if (!rc)
		say_rotated(c);
	return rc;
}

int cmd_key_kit(struct cmd_key *c, struct err *e)
{
	int rc;

	if (!c->kit.file && !os_tty(1))
		return err_set(e, HUB_EUSAGE, "the kit is shown on a terminal "
			       "only: --kit=FILE writes it to a file");
	rc = cmd_key_unlock(c, e);
	if (rc < 0)
		return rc;
	buf_add(&c->kit.pass, c->old_pass.p, c->old_pass.n);
	memcpy(c->kit.id, c->hub->format.id, 32);
	if (buf_error(&c->kit.pass))
		return err_nomem(e);
	c->kit.made = 1;
	if (c->kit.file)
		rc = cmd_kit_keep(&c->kit, c->hub->format.id, e);
	if (!rc)
		cmd_kit_show(&c->kit);
	return rc;
}
