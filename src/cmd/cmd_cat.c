/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_cat.c - hub cat: the bytes of a file of a recorded state. */
#include "cmd/cmd_path.h"

#include "os/os.h"
#include "sync/listing.h"

#define PIECE 65536

static const char *at;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "a time or a commit (default: what was recorded last)" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_cat;

static int put(void *arg, const void *p, size_t size)
{
	size_t n, done;

	for (done = 0; done < size; done += n) {
		n = size - done < PIECE ? size - done : PIECE;
		if (os_write_std(1, (const char *)p + done, n) < 0) {
			cmd_say("cannot write the output");
			*(int *)arg = 1;
			return HUB_EIO;
		}
	}
	return 0;
}

static int cat_main(int argc, char **argv)
{
	struct buf path = BUF_INIT;
	struct workspace *ws;
	struct err e = ERR_INIT;
	struct when when;
	struct oid tree;
	int code = 0, said = 0, rc;

	if (argc != 1)
		return cmd_usage(&cmd_cat, "give one file");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = cmd_path(ws, argv[0], &path, &e);
	if (!rc)
		rc = listing_open(ws, at, &when, &tree, &e);
	if (!rc)
		rc = listing_file(ws, &tree, path.p, put, &said, &e);
	if (rc < 0)
		code = said ? 128 : cmd_fail(rc, &e);
	buf_release(&path);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_cat = {
	.name = "cat", .summary = "print a file of a recorded state",
	.synopsis = "[--at=WHEN] PATH", .opts = opts, .run = cat_main,
};
