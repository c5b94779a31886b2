/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify.c - tell the user's hooks. */
#include "sync/notify.h"

#include <stdio.h>

#include "os/os_proc.h"

#define CONFLICTS_MAX 32
#define HOOK_MS 60000

static void run_hook(struct workspace *ws, const char *name, const char *a,
		     const char *b)
{
	struct buf path = BUF_INIT;
	const char *argv[4] = { NULL, a, b, NULL };
	struct os_proc p = { .argv = argv, .dir = ws->root.p,
			     .timeout_ms = HOOK_MS };
	struct os_stat st;
	int status;

	buf_addf(&path, "%shooks/%s", repo_commondir(ws->repo), name);
	argv[0] = path.p;
	if (!buf_error(&path) && !os_stat(path.p, &st, NULL) &&
	    st.type == OS_REG && st.exec)
		os_run(&p, &status, NULL);
	buf_release(&path);
}

void notify_run(struct workspace *ws, const struct status_run *run)
{
	const struct report *r = &ws->rep;
	char code[16];
	size_t i;

	for (i = 0; i < r->items_n[REPORT_CONFLICT] && i < CONFLICTS_MAX; i++)
		run_hook(ws, "on-conflict", r->items[REPORT_CONFLICT][i].path,
			 r->items[REPORT_CONFLICT][i].why ?
			 r->items[REPORT_CONFLICT][i].why : "");
	snprintf(code, sizeof(code), "%d", run->exit_code);
	run_hook(ws, "on-sync", run->what, code);
}
