/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_device.c - hub device: the computers of a hub. */
#include "cmd/cmd_key.h"

#include <string.h>

#include "base/tm.h"
#include "os/os_clock.h"
#include "sync/devices.h"
#include "sync/settings.h"

static struct cmd_key c;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "json", &c.json, NULL, "list: print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_device;

static int is_own(const struct cmd_key *k, const struct devices_one *d)
{
	return k->ws && !strcmp(d->id, k->ws->dev.id);
}

/* ---- list ---- */

static void one_json(struct json *j, const struct devices_one *d)
{
	json_object(j, NULL);
	json_str(j, "id", d->id);
	json_str(j, "name", d->name[0] ? d->name : NULL);
	json_bool(j, "this_computer", is_own(&c, d));
	json_str(j, "key", devices_key_name(d->key));
	json_time(j, "key_since", d->since);
	json_time(j, "last_seen", d->present ? d->seen : 0);
	json_str(j, "state", d->present ? presence_state_name(d->state) : NULL);
	json_str(j, "damaged", d->damaged);
	json_object_end(j);
}

static void all_json(const struct devices *all)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-device-1");
	json_array(&j, "computers");
	for (i = 0; i < all->n; i++)
		one_json(&j, &all->v[i]);
	json_array_end(&j);
	json_object_end(&j);
}

static const char *key_text(const struct devices_one *d)
{
	static const char *const text[] = {
		[DEVICES_KEY_UNKNOWN] = "", [DEVICES_KEY_NONE] = "no key",
		[DEVICES_KEY_HAS] = "has keys",
		[DEVICES_KEY_REMOVED] = "removed",
	};

	return text[d->key];
}

static void all_text(const struct devices *all)
{
	struct buf ago = BUF_INIT;
	int width = 1;
	size_t i;

	for (i = 0; i < all->n; i++)
		if ((int)strlen(all->v[i].name) > width)
			width = (int)strlen(all->v[i].name);
	for (i = 0; i < all->n; i++) {
		const struct devices_one *d = &all->v[i];

		buf_reset(&ago);
		if (d->present)
			tm_ago(&ago, d->seen, os_now());
		else
			buf_addstr(&ago, d->damaged ? "unknown" : "not here");
		buf_addf(&cmd_out, "%.8s  %-*s  %-15s  %s%s", d->id, width,
			 d->name[0] ? d->name : "?", ago.p, key_text(d),
			 is_own(&c, d) ? " (this one)" : "");
		if (d->damaged)
			buf_addf(&cmd_out, ": %s", d->damaged);
		buf_addch(&cmd_out, '\n');
	}
	buf_release(&ago);
}

/* Who may not read the hub's keys, and has none, sees who was here. */
static int load(struct cmd_key *k, struct devices *all, struct err *e)
{
	int rc = cmd_key_open(k, e);

	if (rc == HUB_EABSENT || rc == HUB_EDENIED) {
		err_clear(e);
		rc = 0;
	}
	return rc < 0 ? rc : devices_list(k->hub, k->keys, all, e);
}

/* ---- the verbs ---- */

static int list(struct err *e)
{
	struct devices all = DEVICES_INIT;
	int rc = load(&c, &all, e);

	if (!rc && c.json)
		all_json(&all);
	else if (!rc)
		all_text(&all);
	devices_release(&all);
	return rc;
}

static int rename_it(const char *name, struct err *e)
{
	struct workspace *ws = NULL;
	int rc = workspace_open(cmd_dir ? cmd_dir : ".", WORKSPACE_WRITE, &ws,
				e);

	if (!rc)
		rc = settings_name(ws, name, e);
	if (!rc)
		buf_addf(&cmd_out, "this computer is '%s' now; the hub learns "
			 "it with the next sync\n", name);
	workspace_close(ws);
	return rc;
}

/* Order: its keys, then what it said of itself: interrupted, it is still listed. */
int cmd_device_revoke(struct cmd_key *k, const char *what, struct err *e)
{
	struct devices all = DEVICES_INIT;
	const struct devices_one *d = NULL;
	int rc = k->hub->far ? err_set(e, HUB_EUSAGE, "revoke a computer where "
				       "the hub is: log in there") :
		load(k, &all, e);

	if (!rc)
		rc = devices_find(&all, what, &d, e);
	if (!rc && is_own(k, d))
		rc = err_set(e, HUB_EGUARD, "this is this computer: revoke it "
			     "on another one");
	if (!rc && k->keys) {
		keys_close(k->keys);
		k->keys = NULL;
		rc = cmd_key_remove(k, d->id, 1, e);
	}
	if (!rc)
		rc = devices_forget(k->hub, d->id, e);
	if (!rc)
		buf_addf(&cmd_out, "'%s' is no computer of this hub any more\n",
			 d->name[0] ? d->name : d->id);
	devices_release(&all);
	return rc;
}

static int run(const char *verb, const char *arg, struct err *e)
{
	int rc;

	if (!strcmp(verb, "rename"))
		return rename_it(arg, e);
	rc = cmd_key_hub(&c, e);
	if (rc < 0)
		return rc;
	return !strcmp(verb, "list") ? list(e) :
		cmd_device_revoke(&c, arg, e);
}

static int device_main(int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";
	struct err e = ERR_INIT;
	int code = 0, rc, plain = !strcmp(verb, "list");

	if (!plain && strcmp(verb, "rename") && strcmp(verb, "revoke"))
		return cmd_usage(&cmd_device, "there is no verb '%s'", verb);
	if (argc != (argc ? 1 : 0) + !plain)
		return cmd_usage(&cmd_device, plain ?
				 "%s takes no arguments" :
				 "%s needs one name", verb);
	if (cmd_libs(&code))
		return code;
	rc = run(verb, argc > 1 ? argv[1] : NULL, &e);
	if (rc < 0) {
		buf_reset(&cmd_out);
		code = rc == HUB_ECONFLICT ? (cmd_fail(rc, &e), 128) :
			cmd_fail(rc, &e);
	}
	keys_close(c.keys);
	hub_close(c.hub);
	workspace_close(c.ws);
	return code;
}

const struct cmd cmd_device = {
	.name = "device", .summary = "the computers of the hub",
	.synopsis = "[list] [--json]\n"
		    "rename NAME\n"
		    "revoke DEVICE",
	.opts = opts, .run = device_main,
};
