/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_share.c - hub share: who else may use this hub, served over SSH. */
#include "cmd/cmd_key.h"

#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"
#include "sync/share.h"

static struct cmd_key c;
static const char *role, *name, *url, *host_key, *keys_file, *expires;
static struct opt_list paths;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "role", &role, "ROLE",
	  "invite, grant: owner, admin, editor (default) or viewer" },
	{ OPT_LIST, 0, "path", &paths, "PATH",
	  "invite, grant: write at and below PATH only (may be repeated)" },
	{ OPT_STRING, 0, "name", &name, "NAME",
	  "invite: what the list calls it (default: guest)" },
	{ OPT_STRING, 0, "expires", &expires, "DAYS",
	  "invite: how long it may be redeemed (default: 7)" },
	{ OPT_STRING, 0, "url", &url, "ADDRESS",
	  "invite: how the hub is reached: ssh://user@host/path" },
	{ OPT_STRING, 0, "host-key", &host_key, "FILE",
	  "invite: this computer's public host key for SSH" },
	{ OPT_STRING, 0, "authorized-keys", &keys_file, "FILE",
	  "invite: the file that lets in (default: ~/.ssh/authorized_keys)" },
	{ OPT_FLAG, 0, "json", &c.json, NULL, "list: print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_share;

/* ---- list ---- */

static const char *state_of(const struct grants *all,
			    const struct grantfile *g)
{
	if (g->kind == GRANTFILE_DEVICE)
		return "computer";
	if (grants_redeemed(all, g->id))
		return "redeemed";
	return os_now() > g->until ? "over" : "open";
}

static void one_json(struct json *j, const struct grants *all,
		     const struct grantfile *g)
{
	size_t i;

	json_object(j, NULL);
	json_str(j, "id", g->id);
	json_str(j, "kind", g->kind == GRANTFILE_DEVICE ? "computer" :
		 "invitation");
	json_str(j, "name", g->name);
	json_str(j, "role", cert_role_name(g->role));
	json_array(j, "paths");
	for (i = 0; i < g->paths_n; i++)
		json_str(j, NULL, g->paths[i]);
	json_array_end(j);
	json_str(j, "state", state_of(all, g));
	json_time(j, "granted", g->time);
	json_time(j, "until", g->until);
	json_str(j, "invitation", g->from[0] ? g->from : NULL);
	json_object_end(j);
}

static void one_text(const struct grants *all, const struct grantfile *g)
{
	size_t i;

	buf_addf(&cmd_out, "%.8s  %-9s %-7s %s", g->id, state_of(all, g),
		 cert_role_name(g->role), g->name);
	for (i = 0; i < g->paths_n; i++)
		buf_addf(&cmd_out, "%s%s", i ? ", " : "  writes at ",
			 g->paths[i]);
	buf_addch(&cmd_out, '\n');
}

static void show(const struct grants *all)
{
	struct json j;
	size_t i;

	if (!c.json) {
		for (i = 0; i < all->n; i++)
			one_text(all, &all->v[i]);
		if (all->bad)
			cmd_say("%zu records of grants count for nothing: they "
				"are damaged, or not signed by an admin",
				all->bad);
		return;
	}
	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-share-1");
	json_array(&j, "grants");
	for (i = 0; i < all->n; i++)
		one_json(&j, all, &all->v[i]);
	json_array_end(&j);
	json_int(&j, "void", (int64_t)all->bad);
	json_object_end(&j);
}

/* ---- the verbs ---- */

static int wish(struct share_wish *w, struct err *e)
{
	uint64_t days = 7;

	w->role = grantfile_role(role ? role : "editor");
	w->name = name ? name : "guest";
	w->paths = paths.v;
	w->paths_n = (size_t)paths.n;
	w->url = url;
	w->host_key = host_key;
	w->keys_file = keys_file;
	if (!w->role)
		return err_set(e, HUB_EUSAGE, "there is no role '%s': owner, "
			       "admin, editor, viewer", role);
	if (!presence_name_ok(w->name))
		return err_set(e, HUB_EUSAGE, "a name has 1 to 32 of "
			       "A-Z a-z 0-9 . _ -");
	if (expires && (hex_dec_u64(expires, strlen(expires), &days) || !days ||
			days > 366))
		return err_set(e, HUB_EUSAGE, "--expires takes days, 1 to 366");
	w->until = os_now() + (int64_t)days * 86400;
	return 0;
}

static int invite(struct err *e)
{
	struct share_wish w = { .role = CERT_EDITOR };
	struct buf line = BUF_INIT;
	int rc = wish(&w, e);

	if (!rc)
		rc = share_invite(c.hub, c.keys, &w, &line, e);
	if (!rc) {
		buf_addf(&cmd_out, "hub clone %s\n", line.p);
		cmd_say("this line is a secret: who has it joins as %s, once, "
			"until it is over; paste it on the new computer",
			cert_role_name(w.role));
	}
	buf_wipe(&line);
	return rc;
}

static int grant(const char *what, struct err *e)
{
	struct share_wish w = { .role = CERT_EDITOR };
	int rc = role ? wish(&w, e) : err_set(e, HUB_EUSAGE, "grant needs "
					      "--role=ROLE");

	if (!rc)
		rc = share_grant(c.hub, c.keys, what, &w, e);
	if (!rc)
		buf_addf(&cmd_out, "'%s' is %s from its next session on\n",
			 what, cert_role_name(w.role));
	return rc;
}

/* Order: it is let in no more; its grant; its keys, and a new epoch. */
static int revoke(const char *what, struct err *e)
{
	struct grants all = GRANTS_INIT;
	const struct grantfile *g = NULL;
	int rc = grants_load(c.hub, c.keys->open.ring->identity, &all, e);

	if (!rc) {
		g = grants_find(&all, what);
		rc = g ? share_revoke(c.hub, c.keys, g, e) :
			err_set(e, HUB_EABSENT, "there is no grant '%s': `hub "
				"share list` shows them", what);
	}
	if (!rc && g->kind == GRANTFILE_DEVICE) {
		keys_close(c.keys);
		c.keys = NULL;
		rc = cmd_device_revoke(&c, g->id, e);
	} else if (!rc) {
		buf_addf(&cmd_out, "the invitation '%s' is void\n", g->name);
	}
	grants_release(&all);
	return rc;
}

static int run(const char *verb, const char *arg, struct err *e)
{
	struct grants all = GRANTS_INIT;
	int rc = cmd_key_hub(&c, e);

	if (!rc && c.hub->far)
		return err_set(e, HUB_EUSAGE, "hub share is for where the hub "
			       "is: log in there");
	if (!rc)
		rc = cmd_key_open(&c, e);
	if (rc < 0)
		return rc;
	if (!strcmp(verb, "invite"))
		return invite(e);
	if (!strcmp(verb, "grant"))
		return grant(arg, e);
	if (!strcmp(verb, "revoke"))
		return revoke(arg, e);
	rc = grants_load(c.hub, c.keys->open.ring->identity, &all, e);
	if (!rc)
		show(&all);
	grants_release(&all);
	return rc;
}

static int share_main(int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";
	struct err e = ERR_INIT;
	int one = !strcmp(verb, "grant") || !strcmp(verb, "revoke");
	int code = 0, rc;

	if (!one && strcmp(verb, "list") && strcmp(verb, "invite"))
		return cmd_usage(&cmd_share, "there is no verb '%s'", verb);
	if (argc != (argc ? 1 : 0) + one)
		return cmd_usage(&cmd_share, one ? "%s needs one name" :
				 "%s takes no arguments", verb);
	if (cmd_libs(&code))
		return code;
	rc = run(verb, argc > 1 ? argv[1] : NULL, &e);
	if (rc < 0) {
		buf_reset(&cmd_out);
		code = cmd_fail(rc, &e);
	}
	keys_close(c.keys);
	hub_close(c.hub);
	workspace_close(c.ws);
	return code;
}

const struct cmd cmd_share = {
	.name = "share", .summary = "who else may use this hub over SSH",
	.synopsis = "[list] [--json]\n"
		    "invite [--role=ROLE] [--path=PATH]... [--name=NAME] "
		    "[--expires=DAYS] [--url=ADDRESS]\n"
		    "grant --role=ROLE [--path=PATH]... COMPUTER\n"
		    "revoke COMPUTER|INVITATION",
	.opts = opts, .run = share_main,
};
