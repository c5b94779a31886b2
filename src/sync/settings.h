/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.h - change what a workspace is called and where its hub is. */
#ifndef SYNC_SETTINGS_H
#define SYNC_SETTINGS_H

#include "sync/workspace.h"

/*
 * settings_name(): this device's name from now on; the hub learns it with the
 * next sync.  ${ws} is open for writing.  HUB_EUSAGE: no legal name;
 * HUB_ECONFLICT: another computer of the hub has it (not checked while the hub
 * is offline: names are for people, the device id counts).
 */
int settings_name(struct workspace *ws, const char *name, struct err *e);

/*
 * settings_hub(): the same hub is at ${url} now; git's remote "origin" follows.
 * HUB_EABSENT: no hub there; HUB_EREMOTE: another one.  Nothing changed then.
 */
int settings_hub(struct workspace *ws, const char *url, struct err *e);

#endif
