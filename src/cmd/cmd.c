/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd.c - what all commands share: output, errors, opening a workspace. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "crypt/sign.h"
#include "os/os.h"
#include "os/os_clock.h"

const char *cmd_dir;
struct buf cmd_out = BUF_INIT;

int cmd_flush(int code)
{
	int rc = buf_error(&cmd_out) ? HUB_ENOMEM :
		os_write_std(1, cmd_out.p, cmd_out.n);

	buf_release(&cmd_out);
	if (rc < 0 && code < 128) {
		cmd_say("cannot write the output");
		return 128;
	}
	return code;
}

void cmd_say(const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addstr(&b, "hub: ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addch(&b, '\n');
	os_write_std(2, b.p, b.n);
	buf_release(&b);
}

int cmd_fail(int rc, const struct err *e)
{
	cmd_progress_end();
	cmd_say("%s", e->msg[0] ? e->msg : err_name(rc));
	return engine_exit_of(rc);
}

int cmd_usage(const struct cmd *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	cmd_say("%s: %s (see `hub %s -h`)", c->name, b.p, c->name);
	buf_release(&b);
	return 129;
}

int cmd_libs(int *code)
{
	struct err e = ERR_INIT;
	int rc = crypt_init(&e);

	if (!rc)
		rc = repo_lib_init(&e);
	if (rc < 0)
		*code = cmd_fail(rc, &e);
	return rc;
}

struct workspace *cmd_open(enum workspace_mode mode, int *code)
{
	struct workspace *ws = NULL;
	struct err e = ERR_INIT;
	int rc;

	if (cmd_libs(code))
		return NULL;
	rc = workspace_open(cmd_dir ? cmd_dir : ".", mode, &ws, &e);
	if (rc < 0) {
		*code = cmd_fail(rc, &e);
		return NULL;
	}
	return ws;
}

/* ---- progress: a line that is written over, at most four times a second ---- */

static struct { uint64_t last, begun, from; char what[32]; int shown; } bar;

/* "bytes:storing": the numbers are bytes (large.h). */
#define BYTES "bytes:"

static void amount(struct buf *b, double n, int bytes)
{
	static const char unit[] = " kMGTP";
	size_t i = 0;

	while (bytes && n >= 1000 && i < sizeof(unit) - 2) {
		n /= 1000;
		i++;
	}
	if (i)
		buf_addf(b, "%.*f %cB", n < 10, n, unit[i]);
	else
		buf_addf(b, "%.0f%s", n, bytes ? " B" : "");
}

void cmd_bytes(struct buf *b, uint64_t n)
{
	amount(b, (double)n, 1);
}

static void time_left(struct buf *b, double s)
{
	if (s < 100)
		buf_addf(b, ", %.0f s left", s);
	else if (s < 6000)
		buf_addf(b, ", %.0f min left", s / 60);
	else
		buf_addf(b, ", %.1f h left", s / 3600);
}

static void show_rate(struct buf *b, uint64_t done, uint64_t total, int bytes,
		      uint64_t now)
{
	double s = (double)(now - bar.begun) / 1000.0;
	double rate = s > 0.5 ? (double)(done - bar.from) / s : 0;

	buf_addch(b, ' ');
	amount(b, (double)done, bytes);
	if (total) {
		buf_addstr(b, " of ");
		amount(b, (double)total, bytes);
		buf_addf(b, " (%.0f %%)", (double)done * 100 / (double)total);
	}
	if (rate > 0) {
		buf_addstr(b, ", ");
		amount(b, rate, bytes);
		buf_addstr(b, "/s");
	}
	if (rate > 0 && total > done)
		time_left(b, (double)(total - done) / rate);
}

int cmd_progress_show(void *arg, const char *what, uint64_t done,
		      uint64_t total)
{
	uint64_t now = os_mono_ms();
	int bytes = !strncmp(what, BYTES, strlen(BYTES));
	struct buf b = BUF_INIT;

	(void)arg;
	if (bytes)
		what += strlen(BYTES);
	if (strcmp(bar.what, what) || done < bar.from) {
		snprintf(bar.what, sizeof(bar.what), "%s", what);
		bar.begun = now;
		bar.from = done;
	}
	if (now - bar.last < 250)
		return 0;
	bar.last = now;
	buf_addf(&b, "\r%s", what);
	if (done || total)
		show_rate(&b, done, total, bytes, now);
	buf_addstr(&b, "\033[K");
	os_write_std(2, b.p, b.n);
	buf_release(&b);
	bar.shown = 1;
	return 0;
}

void cmd_progress(struct workspace *ws)
{
	if (os_tty(2))
		ws->progress = cmd_progress_show;
}

void cmd_progress_end(void)
{
	if (bar.shown)
		os_write_std(2, "\r\033[K", 4);
	bar.shown = 0;
}

/* ---- the report of a run ---- */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

void cmd_list_paths(const struct report *r, enum report_kind k,
		    const char *say, size_t max)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < r->items_n[k] && i < max; i++) {
		const struct report_item *it = &r->items[k][i];

		buf_reset(&b);
		utf8_show(&b, it->path, it->n);
		if (it->why) {
			buf_addstr(&b, ": ");
			utf8_show(&b, it->why, strlen(it->why));
		}
		cmd_say("%s %s", say, b.p);
	}
	if (r->count[k] > i)
		cmd_say("%s %llu more", say,
			(unsigned long long)(r->count[k] - i));
	buf_release(&b);
}

static void say_waiting(const struct report *r)
{
	static const struct { enum report_kind k; const char *text; } w[] = {
		{ REPORT_LARGE, "large, and the vault cannot take it now" },
		{ REPORT_STAGED, "staged with git, and changed since" },
		{ REPORT_UNSTABLE, "changing while read" },
	};
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(*w); i++)
		if (r->count[w[i].k])
			buf_addf(&cmd_out, "%llu file%s pending: %s\n",
				 (unsigned long long)r->count[w[i].k],
				 plural(r->count[w[i].k]), w[i].text);
}

/* What went to which place and came from which, in one line. */
static void say_places(const struct report *r)
{
	const char *sep = "";
	size_t i;
	int back;

	for (back = 0; back < 2; back++, sep = *sep ? "; " : "") {
		const char *word = back ? "from" : "to";

		for (i = 0; i < r->places_n; i++) {
			const struct report_place *p = &r->places[i];
			uint64_t n = back ? p->got : p->sent;

			if (!n)
				continue;
			buf_addf(&cmd_out, "%s%s %s: ", sep, word, p->name);
			cmd_bytes(&cmd_out, n);
			sep = ", ";
		}
	}
	if (*sep)
		buf_addch(&cmd_out, '\n');
}

void cmd_report(const struct workspace *ws, int quiet)
{
	const struct report *r = &ws->rep;

	cmd_progress_end();
	cmd_list_paths(r, REPORT_CONFLICT, "conflict, both versions kept:", 20);
	cmd_list_paths(r, REPORT_UNREADABLE, "could not read", 20);
	cmd_list_paths(r, REPORT_LOST, "lost:", 20);
	if (r->policy_note[0])
		cmd_say(".vibehub/policy does not count, the defaults do: %s",
			r->policy_note);
	if (r->unwritten_new || !quiet)
		cmd_list_paths(r, REPORT_UNWRITTEN, "could not write", 20);
	cmd_list_paths(r, REPORT_BAD_NAME, "not synced, bad name:", 5);
	if (r->state_renewed || r->behind_lost)
		cmd_say("the memory of this workspace (.git/vibehub/state.db) "
			"was %s: made anew, all files were compared%s",
			r->state_renewed == 2 ? "damaged" : "lost",
			r->behind_lost ? "; .git/vibehub/behind is damaged too: "
			"where a file is not HEAD's both are kept" : "");
	if (r->recovered_n)
		cmd_say("a run that was killed had taken away what is in no "
			"history: it is in %s%s now", r->recovered,
			r->recovered_n > 1 ? " and files like it" : "");
	if (r->device_renewed)
		cmd_say("this is a copy of a workspace that syncs elsewhere: it "
			"is now the device '%s'", ws->dev.name);
	if (r->change_id[0] && (r->parked_new || !quiet))
		cmd_say("parked: an %s change of %llu files; if it is meant: hub "
			"sync --accept-mass-change=%s", r->parked_direction,
			(unsigned long long)r->count[REPORT_PARKED],
			r->change_id);
	if (r->vault_note[0])
		cmd_say("%s", r->vault_note);
	if (r->outbox_note[0])
		cmd_say("%s", r->outbox_note);
	if (r->place_note[0])
		cmd_say("%s", r->place_note);
	if (r->clock_note[0])
		cmd_say("%s", r->clock_note);
	if (r->upkeep_note[0])
		cmd_say("housekeeping is put off for a day: %s",
			r->upkeep_note);
	if (quiet)
		return;
	cmd_list_paths(r, REPORT_LARGE, "waits:", 5);
	buf_addf(&cmd_out, "recorded %llu, received %llu file%s",
		 (unsigned long long)r->count[REPORT_CHANGED],
		 (unsigned long long)r->count[REPORT_RECEIVED],
		 plural(r->count[REPORT_RECEIVED]));
	if (r->folded)
		buf_addf(&cmd_out, ", %llu offline commits folded",
			 (unsigned long long)r->folded);
	if (r->objects_sent)
		buf_addf(&cmd_out, ", sent %llu object%s",
			 (unsigned long long)r->objects_sent,
			 plural(r->objects_sent));
	buf_addch(&cmd_out, '\n');
	say_places(r);
	say_waiting(r);
}
