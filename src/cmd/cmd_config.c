/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_config.c - hub config: the few settings of a workspace. */
#include "cmd/cmd_path.h"

#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "sync/settings.h"

static int list, json;

static const struct opt opts[] = {
	{ OPT_FLAG, 'l', "list", &list, NULL,
	  "list all settings (as without arguments)" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_config;

static const char *get_name(const struct workspace *ws)
{
	return ws->dev.name;
}

static const char *get_hub(const struct workspace *ws)
{
	return ws->hub_url.p;
}

static const char *get_hubid(const struct workspace *ws)
{
	static char hex[65];

	hex_encode(hex, ws->hub_id, 32);
	return hex;
}

static const char *get_device(const struct workspace *ws)
{
	return ws->dev.id;
}

static int set_hub(struct workspace *ws, const char *value, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = cmd_hub(value, &path, e);

	if (!rc)
		rc = settings_hub(ws, path.p, e);
	buf_release(&path);
	return rc;
}

static const struct setting {
	const char *name;
	const char *(*get)(const struct workspace *ws);
	int (*set)(struct workspace *ws, const char *value, struct err *e);
	const char *done;
} settings[] = {
	{ "name", get_name, settings_name,
	  "this computer is '%s' now; the hub learns it with the next sync\n" },
	{ "hub", get_hub, set_hub, "the hub is '%s' now\n" },
	{ "hubid", get_hubid, NULL, NULL },
	{ "device", get_device, NULL, NULL },
};
#define SETTINGS_N (sizeof(settings) / sizeof(*settings))

static const struct setting *find(const char *name)
{
	size_t i;

	for (i = 0; i < SETTINGS_N; i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static void show_all(const struct workspace *ws)
{
	struct json j;
	size_t i;

	if (json) {
		json_init(&j, &cmd_out, 1);
		json_object(&j, NULL);
	}
	for (i = 0; i < SETTINGS_N; i++) {
		const char *v = settings[i].get(ws);

		if (json) {
			json_path(&j, settings[i].name, v, strlen(v));
			continue;
		}
		buf_addf(&cmd_out, "%-8s", settings[i].name);
		utf8_show(&cmd_out, v, strlen(v));
		buf_addch(&cmd_out, '\n');
	}
	if (json)
		json_object_end(&j);
}

static int change(struct workspace *ws, const struct setting *s,
		  const char *value)
{
	struct err e = ERR_INIT;
	int rc = s->set(ws, value, &e);

	if (rc == HUB_ECONFLICT) {
		cmd_fail(rc, &e);
		return 128;
	}
	if (rc < 0)
		return cmd_fail(rc, &e);
	buf_addf(&cmd_out, s->done, s->get(ws));
	return 0;
}

static int config_main(int argc, char **argv)
{
	const struct setting *s = argc ? find(argv[0]) : NULL;
	struct workspace *ws;
	int code = 0;

	if (argc > 2 || (argc && (list || json)))
		return cmd_usage(&cmd_config, argc > 2 ?
				 "give a setting and its new value" :
				 "--list and --json show all settings");
	if (argc && !s) {
		cmd_say("config: there is no setting '%s': name, hub, hubid, "
			"device", argv[0]);
		return 10;
	}
	if (argc == 2 && !s->set)
		return cmd_usage(&cmd_config, "'%s' cannot be changed", s->name);
	ws = cmd_open(argc == 2 ? WORKSPACE_WRITE : WORKSPACE_READ, &code);
	if (!ws)
		return code;
	if (!argc)
		show_all(ws);
	else if (argc == 1)
		buf_addf(&cmd_out, "%s\n", s->get(ws));
	else
		code = change(ws, s, argv[1]);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_config = {
	.name = "config", .summary = "show and change a workspace's settings",
	.synopsis = "[--list] [--json]\nNAME [VALUE]", .opts = opts,
	.run = config_main,
};
