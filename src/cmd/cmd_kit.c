/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_kit.c - write and show the recovery kit.
 *
 * A passphrase that was made up is durable in a file before the first byte is
 * sealed with it, and the file goes only after a person at a terminal has seen
 * it.  It is never printed where output is collected: a log is no place for it.
 */
#include "cmd/cmd_kit.h"

#include <string.h>

#include "base/hex.h"
#include "base/tm.h"
#include "cmd/cmd.h"
#include "cmd/cmd_qr.h"
#include "crypt/sign.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"

#define KITS_MAX 99
#define TEMP_AGE_S 3600

static void add_locator(struct buf *b, const uint8_t id[32])
{
	int i;

	for (i = 0; i < 8; i++) {
		hex_add(b, id + 4 * i, 4);
		if (i < 7)
			buf_addch(b, i == 3 ? '\n' : ' ');
		if (i == 3)
			buf_addstr(b, "                ");
	}
}

void cmd_kit_text(struct buf *b, const struct cmd_kit *k, int qr)
{
	struct buf code = BUF_INIT;
	struct buf when = BUF_INIT;

	tm_iso(&when, os_now());
	buf_addstr(b, "Recovery kit of vibehub\n\n");
	buf_addf(b, "    hub         %s\n    made        %s\n", k->hub, when.p);
	buf_release(&when);
	buf_addstr(b, "    locator     ");
	add_locator(b, k->id);
	buf_addf(b, "\n    passphrase  %s\n\n", k->pass.p);
	buf_addstr(b, "With these two, and any place that holds a copy of the "
		   "hub, everything can be\nhad again. Without the passphrase, "
		   "once the hub and all computers are gone,\nnobody can. Print "
		   "it and put it away; whoever has it can read everything.\n");
	if (!qr)
		return;
	buf_grow(&code, 256);
	buf_addstr(&code, "vibehub:kit:1:");
	hex_add(&code, k->id, 32);
	buf_addf(&code, ":%s", k->pass.p);
	buf_addch(b, '\n');
	if (!buf_error(&code))
		cmd_qr(b, code.p);
	buf_wipe(&code);
}

int cmd_kit_path(const char *file, struct buf *ret, struct err *e)
{
	return file ? os_abspath(file, ret, e) : 0;
}

static int kits_dir(struct buf *ret, struct err *e)
{
	int rc = os_user_dir(ret, e);

	buf_addstr(ret, "/kits");
	return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) : 0;
}

/* The ${i}th kit of hub ${id}, from 1 on, in the folder that ${b} names up to
 * ${n}. */
static int kit_name(struct buf *b, size_t n, const uint8_t id[32], int i,
		    struct err *e)
{
	buf_setlen(b, n);
	buf_addch(b, '/');
	hex_add(b, id, 8);
	if (i > 1)
		buf_addf(b, "-%d", i);
	buf_addstr(b, ".txt");
	return buf_error(b) ? err_nomem(e) : 0;
}

void cmd_kit_stale(const struct cmd_kit *k, const char *old)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int i, rc = kits_dir(&path, NULL);
	size_t n = path.n;

	for (i = 1; !rc && i <= KITS_MAX; i++) {
		if (kit_name(&path, n, k->id, i, NULL))
			break;
		buf_reset(&text);
		if (!os_read_file(path.p, 65536, &text, NULL) &&
		    strstr(text.p, old))
			cmd_say("the recovery kit in '%s' has the old passphrase "
				"and opens nothing any more: delete it, and what "
				"was printed of it", path.p);
		buf_wipe(&text);
	}
	if (!k->made && !k->file)
		cmd_say("a recovery kit that was made before has the old "
			"passphrase and opens nothing any more: `hub key kit "
			"--kit=FILE` makes a new one");
	buf_release(&path);
	buf_wipe(&text);
}

/* One that is there may be the only copy of another passphrase. */
static int default_path(struct cmd_kit *k, struct err *e)
{
	struct os_stat st;
	size_t n;
	int i, rc = kits_dir(&k->path, e);

	if (!rc)
		rc = os_mkdirs(k->path.p, e);
	if (!rc)		/* a killed run's, with a passphrase in them */
		os_replace_sweep(k->path.p, TEMP_AGE_S, NULL);
	n = k->path.n;
	for (i = 1; !rc && i <= KITS_MAX; i++) {
		rc = kit_name(&k->path, n, k->id, i, e);
		if (rc < 0)
			return rc;
		rc = os_lstat(k->path.p, &st, e);
	}
	if (!rc)
		return err_set(e, HUB_ELIMIT, "there are too many recovery kits "
			       "beside '%s': print and delete them", k->path.p);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

int cmd_kit_keep(struct cmd_kit *k, const uint8_t hub[32], struct err *e)
{
	struct buf text = BUF_INIT;
	struct os_stat st;
	int rc = 0;

	memcpy(k->id, hub, 32);
	buf_reset(&k->path);
	if (k->file) {
		buf_addstr(&k->path, k->file);
		if (!os_lstat(k->file, &st, NULL))
			return err_set(e, HUB_ECONFLICT, "'%s' is there already: "
				       "give the kit another name", k->file);
	} else if (k->made) {
		rc = default_path(k, e);
	} else {
		return 0;
	}
	/* At once as large as it may get: growing would leave copies. */
	if (!buf_grow(&text, 8192 + k->pass.n))
		cmd_kit_text(&text, k, 0);
	if (!rc)
		rc = buf_error(&text) || buf_error(&k->path) ? err_nomem(e) :
			os_replace(k->path.p, text.p, text.n, OS_PRIVATE, e);
	buf_wipe(&text);
	return rc;
}

void cmd_kit_show(struct cmd_kit *k)
{
	struct buf text = BUF_INIT;
	int shown = 0;

	if (k->made && !k->file && os_tty(1)) {
		if (!buf_grow(&text, 65536))
			cmd_kit_text(&text, k, 1);
		shown = !buf_error(&text) && !os_write_std(1, text.p, text.n);
	}
	buf_wipe(&text);
	if (shown && k->path.n)
		os_unlink(k->path.p, NULL);
	else if (k->path.n)
		cmd_say("the recovery kit, with the passphrase, is in '%s': "
			"print it, put it away, and delete the file",
			k->path.p);
}

void cmd_kit_release(struct cmd_kit *k)
{
	buf_wipe(&k->pass);
	buf_release(&k->path);
}
