/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_kit.h - the recovery kit: passphrase and locator, on paper.  With both
 * and any place that holds a copy, everything can be had again.
 */
#ifndef CMD_CMD_KIT_H
#define CMD_CMD_KIT_H

#include "base/buf.h"

/* The other words of a verb that may make a passphrase. */
struct cmd_kit {
	const char *file;	/* --kit=FILE, absolute, or NULL */
	const char *hub;	/* how the hub is called in it */
	int made;		/* the passphrase is one of ours: must be kept */
	struct buf pass;	/* wiped by cmd_kit_release() */
	uint8_t id[32];
	struct buf path;	/* where it was written, "" if nowhere */
};

/*
 * cmd_kit_keep(): before anything is sealed with the passphrase: write the kit
 * to .file, or if it was made up, to <user dir>/kits/<begin of the id>.txt; mode
 * 0600, durable.  HUB_ECONFLICT if --kit names a file that is there.
 */
int cmd_kit_keep(struct cmd_kit *k, const uint8_t hub[32], struct err *e);
/*
 * cmd_kit_show(): on a terminal, if the passphrase was made up and --kit asked for
 * no file, show it on stdout and remove the file again; else say on stderr where
 * it lies.
 */
void cmd_kit_show(struct cmd_kit *k);
/* cmd_kit_stale(): the passphrase ${old} opens nothing any more: say so of every
 * kit that has it, and where a new one comes from if none was written. */
void cmd_kit_stale(const struct cmd_kit *k, const char *old);
/* cmd_kit_text(): for people; ${qr}: with a QR code, where hub was built so. */
void cmd_kit_text(struct buf *b, const struct cmd_kit *k, int qr);
void cmd_kit_release(struct cmd_kit *k);
/* cmd_kit_path(): --kit=FILE made absolute, relative to the folder in which hub
 * was started: before -C. */
int cmd_kit_path(const char *file, struct buf *ret, struct err *e);

#endif
