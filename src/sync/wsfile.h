/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wsfile.h - read and write .git/vibehub/config (fmt/wsconfig.h). */
#ifndef SYNC_WSFILE_H
#define SYNC_WSFILE_H

#include "fmt/wsconfig.h"

/* wsfile_read(): HUB_EABSENT if there is no such file in ${vdir} (which ends
 * with '/'); HUB_ECORRUPT, with what to do. */
int wsfile_read(const char *vdir, struct wsconfig *ret, struct err *e);
/* wsfile_write(): HUB_ELIMIT for an address over WSCONFIG_URL_MAX. */
int wsfile_write(const char *vdir, const struct wsconfig *c, struct err *e);

#endif
