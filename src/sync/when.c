/* SPDX-License-Identifier: GPL-2.0-or-later */
/* when.c - times and commits as a person writes them. */
#include "sync/when.h"

#include "base/tm.h"
#include "os/os_clock.h"

/* The zone's offset is that of the time meant, not of today (summer time). */
static int parse_time(const char *spec, int64_t *ret)
{
	int64_t now = os_now(), t;
	int rc = tm_parse(spec, now, os_utc_offset(now), &t);

	return rc ? rc : tm_parse(spec, now, os_utc_offset(t), ret);
}

static int by_time(struct repo *r, const struct oid *tip, const char *spec,
		   struct when *ret, struct err *e)
{
	int rc = repo_commit_at(r, tip, ret->time, &ret->commit, e);

	ret->is_time = 1;
	if (rc == HUB_EABSENT)
		err_set(e, rc, "nothing was recorded yet at '%s': `hub log` "
			"shows what there is", spec);
	return rc;
}

static int by_name(struct repo *r, const char *spec, struct when *ret,
		   struct err *e)
{
	int rc = repo_resolve(r, spec, &ret->commit, e);

	if (rc == HUB_EUSAGE)
		err_in(e, "'%s' is no time (2026-05-01, 2026-05-01T14:30, "
		       "yesterday, 2 hours ago) and no commit", spec);
	return rc;
}

int when_resolve(struct repo *r, const struct oid *tip, const char *spec,
		 struct when *ret, struct err *e)
{
	struct commit c = COMMIT_INIT;
	int rc;

	ret->is_time = 0;
	if (oid_is_zero(tip))
		return err_set(e, HUB_EABSENT, "nothing is recorded yet");
	if (spec && !parse_time(spec, &ret->time))
		return by_time(r, tip, spec, ret, e);
	ret->commit = *tip;
	rc = spec ? by_name(r, spec, ret, e) : 0;
	if (!rc)
		rc = commit_read(r, &ret->commit, &c, e);
	if (!rc)
		ret->time = c.time;
	commit_release(&c);
	return rc;
}

void when_show(struct buf *b, const struct when *w)
{
	tm_iso(b, w->time);
	buf_addf(b, " (%.10s)", oid_hex(&w->commit));
}
