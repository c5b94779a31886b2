/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_prune.c - hub prune: let go of the content of old versions. */
#include "cmd/cmd_let_go.h"

static int json, dry_run;
static const char *within;
static struct prune_keep keep;

static const struct opt opts[] = {
	{ OPT_U64, 0, "keep-last", &keep.last, "N",
	  "keep the newest N versions" },
	{ OPT_U64, 0, "keep-daily", &keep.daily, "N",
	  "keep the newest version of each of the last N days that have any" },
	{ OPT_U64, 0, "keep-weekly", &keep.weekly, "N",
	  "the same for weeks" },
	{ OPT_U64, 0, "keep-monthly", &keep.monthly, "N",
	  "the same for months" },
	{ OPT_U64, 0, "keep-yearly", &keep.yearly, "N",
	  "the same for years" },
	{ OPT_STRING, 0, "keep-within", &within, "DURATION",
	  "keep all versions that are not older: 12h, 30d, 8w, 6m, 2y" },
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "say what would be let go, change nothing" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_prune;

static int prune_main(int argc, char **argv)
{
	struct prune_plan plan = { .keep = &keep, .dry_run = dry_run };

	if (argc > 1)
		return cmd_usage(&cmd_prune, "give one hub, or none in a "
				 "workspace");
	if (within && prune_duration(within, &keep.within))
		return cmd_usage(&cmd_prune, "'%s' is no duration: 12h, 30d, "
				 "8w, 6m, 2y, or a sum like 1y6m", within);
	if (!keep.last && !keep.daily && !keep.weekly && !keep.monthly &&
	    !keep.yearly && !keep.within)
		return cmd_usage(&cmd_prune, "say what to keep: --keep-last=N, "
				 "--keep-within=DURATION, ...");
	return cmd_let_go(argc ? argv[0] : NULL, &plan, json, "vibehub-prune-1");
}

const struct cmd cmd_prune = {
	.name = "prune", .summary = "let go of the content of old versions of "
		"large files",
	.synopsis = "[--keep-last=N] [--keep-daily=N] [--keep-weekly=N] "
		"[--keep-monthly=N] [--keep-yearly=N] "
		"[--keep-within=DURATION] [--dry-run] [--json] [HUB]",
	.opts = opts, .run = prune_main,
};
