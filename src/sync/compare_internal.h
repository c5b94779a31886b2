/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_internal.h - what the files of compare share. */
#ifndef SYNC_COMPARE_INTERNAL_H
#define SYNC_COMPARE_INTERNAL_H

#include "base/map.h"
#include "repo/scan.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/wdir.h"

struct compare {
	struct workspace *ws;
	struct sink *sink;
	struct changes *out;
	struct state_cursor *cursor;
	int have;			/* base_path and base_rec are valid */
	struct buf base_path;
	struct baserec base_rec;
	struct map blocked;		/* paths, and folders with '/', not seen */
	struct map links;		/* UNWRITTEN base paths passed */
	struct dbside dbs;		/* data bases whose side files may follow */
	struct map large;		/* sizes of new files that wait */
	struct rule rule;		/* the content policy */
	int rule_new;			/* it is another one than it was */
	struct wdir dirs;		/* opened when needed */
	struct buf full, tmp;
	int64_t fs_now_ns;
	int patience;
	uint64_t seen;
	struct err *e;
};

/* compare_folder(): the folder of ${en}, borrowed until the next call; the scan may
 * have closed it.  HUB_EABSENT if it is gone. */
int compare_folder(struct compare *j, const struct scan_entry *en,
		   struct os_dir **ret, struct err *e);
/* compare_look(): look into a file that is new or does not match its record's
 * stat.  ${known}: that record is j->base_rec. */
int compare_look(struct compare *j, const struct scan_entry *en, int known);
/* compare_other_form(): an unchanged file whose form a new policy may have
 * changed.  In doubt it is read: the policy rarely changes. */
int compare_other_form(struct compare *j, const struct scan_entry *en);

#endif
