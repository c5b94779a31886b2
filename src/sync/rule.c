/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.c - the content policy that the next commit will have; track.c decides. */
#include "sync/rule.h"

#include <string.h>

#include "os/os_file.h"

void rule_release(struct rule *r)
{
	track_free(r->track);
	r->track = NULL;
}

/* ${p} NULL: the defaults. */
static int parse(struct rule *r, const void *p, size_t n, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = track_parse(p, n, &r->track, &why);

	if (!r->track)
		return err_set(e, rc, "%s", why.msg);
	if (rc < 0)
		memcpy(r->bad, why.msg, sizeof(r->bad));
	hash_once(r->id, p && !rc ? p : "", p && !rc ? n : 0);
	return 0;
}

int rule_load(struct rule *r, const char *root, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	memset(r, 0, sizeof(*r));
	rc = track_read(root, &text, e);
	if (rc == HUB_ELIMIT && !e->os) {	/* with one: too many open files */
		err_clear(e);
		rc = parse(r, "too large\n", 10, e);
	} else if (!rc) {
		rc = parse(r, text.n ? text.p : NULL, text.n, e);
	}
	buf_release(&text);
	return rc;
}

int rule_large(const struct rule *r, const char *path, size_t n,
	       const void *head, size_t head_n, uint64_t size, int was_large)
{
	return track_large(r->track, path, n, head, head_n, size, was_large);
}

int rule_may_be_large(const struct rule *r, const char *path, size_t n,
		      uint64_t size)
{
	return !track_small_enough(r->track, path, n, size);
}
