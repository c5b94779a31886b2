/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_key.c - hub key: which hub, which verb. */
#include "cmd/cmd_key.h"

#include <string.h>

#include "os/os_file.h"

static struct cmd_key c;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "json", &c.json, NULL, "list: print one JSON document" },
	{ OPT_STRING, 0, "kit", &c.kit_arg, "FILE",
	  "write the recovery kit to FILE, which must not exist" },
	{ OPT_STRING, 0, "label", &c.label, "TEXT",
	  "add: what the list calls the new slot" },
	{ OPT_FLAG, 0, "generate", &c.generate, NULL,
	  "passwd, add: make the new passphrase" },
	{ OPT_FLAG, 0, "ask", &c.ask, NULL,
	  "init: ask for a passphrase of yours instead of making one" },
	{ OPT_FLAG, 0, "rotate", &c.rotate, NULL,
	  "passwd: begin a new epoch, too" },
	{ OPT_FLAG, 0, "keep-epoch", &c.no_rotate, NULL,
	  "remove: do not begin a new epoch" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_key;

int cmd_key_open(struct cmd_key *k, struct err *e)
{
	return keys_open(k->hub->path.p, k->hub->format.id,
			 k->ws && k->ws->dev.secret ? &k->ws->dev : NULL,
			 &k->keys, e);
}

int cmd_key_unlock(struct cmd_key *k, struct err *e)
{
	enum pass_kind kind = PASS_OWN;
	int rc = keys_used(k->hub->path.p, e);

	if (!rc)
		return err_set(e, HUB_EABSENT, "the hub '%s' has no keys yet: "
			       "`hub key init` makes them", k->hub->path.p);
	if (rc > 0)
		rc = cmd_pass_get(PASS_WANT_OLD, "Passphrase of the hub: ",
				  &k->old_pass, &kind, e);
	if (!rc)
		rc = keys_open_passphrase(k->hub->path.p, k->hub->format.id,
					  k->old_pass.p, k->old_pass.n,
					  &k->keys, e);
	if (rc == HUB_EAUTH && kind == PASS_MISTYPED)
		err_set(e, rc, "wrong passphrase: it looks like one made by "
			"hub, with a slip in it");
	return rc;
}

int cmd_key_hub(struct cmd_key *k, struct err *e)
{
	const char *dir = cmd_dir ? cmd_dir : ".";
	struct buf path = BUF_INIT;
	struct os_stat st;
	int rc;

	buf_addf(&path, "%s/vibehub/format", dir);
	if (buf_error(&path)) {
		rc = err_nomem(e);
	} else if (!os_stat(path.p, &st, NULL)) {
		rc = hub_open(dir, NULL, &k->hub, e);
	} else {
		rc = workspace_open(dir, WORKSPACE_READ, &k->ws, e);
		if (!rc)
			rc = workspace_hub(k->ws, &k->hub, e);
		if (!rc && k->hub->far && !k->far_ok)
			rc = err_set(e, HUB_EUSAGE, "the hub '%s' is on another "
				     "computer: run this there, in its folder",
				     hub_name(k->hub));
	}
	buf_release(&path);
	return rc;
}

static int needs_arg(const char *verb)
{
	return !strcmp(verb, "remove") || !strcmp(verb, "revoke");
}

static int run(const char *verb, const char *arg, struct err *e)
{
	if (!strcmp(verb, "list"))
		return cmd_key_list(&c, e);
	if (!strcmp(verb, "init"))
		return cmd_key_init(&c, e);
	if (!strcmp(verb, "enrol"))
		return cmd_key_enrol(&c, e);
	if (!strcmp(verb, "passwd"))
		return cmd_key_passwd(&c, e);
	if (!strcmp(verb, "add"))
		return cmd_key_add(&c, e);
	if (!strcmp(verb, "remove"))
		return cmd_key_remove(&c, arg, !c.no_rotate, e);
	if (!strcmp(verb, "revoke"))
		return cmd_key_remove(&c, arg, 1, e);
	if (!strcmp(verb, "rotate"))
		return cmd_key_rotate(&c, e);
	return cmd_key_kit(&c, e);
}

static int known(const char *verb)
{
	static const char *const verbs[] = { "list", "init", "enrol", "passwd",
					     "add", "remove", "revoke",
					     "rotate", "kit" };
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i]))
			return 1;
	return 0;
}

static int key_main(int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";
	struct err e = ERR_INIT;
	int code = 0, rc;

	if (!known(verb))
		return cmd_usage(&cmd_key, "there is no verb '%s'", verb);
	if (argc != (argc ? 1 : 0) + needs_arg(verb))
		return cmd_usage(&cmd_key, needs_arg(verb) ?
				 "%s needs the id or label of one slot" :
				 "%s takes no arguments", verb);
	if (cmd_libs(&code))
		return code;
	buf_init(&c.kit.pass);
	buf_init(&c.kit.path);
	buf_init(&c.old_pass);
	buf_init(&c.kit_file);
	rc = cmd_kit_path(c.kit_arg, &c.kit_file, &e);
	c.kit.file = c.kit_arg ? c.kit_file.p : NULL;
	if (!rc)
		c.far_ok = !strcmp(verb, "enrol");
	if (!rc)
		rc = cmd_key_hub(&c, &e);
	if (!rc) {
		c.kit.hub = c.hub->path.p;
		rc = run(verb, argc > 1 ? argv[1] : NULL, &e);
	}
	if (rc < 0) {
		buf_reset(&cmd_out);
		code = rc == HUB_ECONFLICT ? (cmd_fail(rc, &e), 128) :
			cmd_fail(rc, &e);
	}
	cmd_kit_release(&c.kit);
	buf_wipe(&c.old_pass);
	buf_release(&c.kit_file);
	keys_close(c.keys);
	hub_close(c.hub);
	workspace_close(c.ws);
	return code;
}

const struct cmd cmd_key = {
	.name = "key", .summary = "passphrases and keys of the hub",
	.synopsis = "[list] [--json]\n"
		    "init [--ask] [--kit=FILE]\n"
		    "enrol\n"
		    "passwd [--generate] [--kit=FILE] [--rotate]\n"
		    "add [--generate] [--label=TEXT] [--kit=FILE]\n"
		    "remove [--keep-epoch] SLOT\n"
		    "revoke SLOT|DEVICE\n"
		    "rotate\n"
		    "kit [--kit=FILE]",
	.opts = opts, .run = key_main,
};
