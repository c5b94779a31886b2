/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_verify.c - a hub over a session is checked where it is. */
#include "sync/far_internal.h"

#include <string.h>

#include "sync/farside_internal.h"
#include "sync/verify.h"

static void text(char out[HUBOPS_NAME_MAX + 1], const struct hubops_name *s)
{
	if (s->n)
		memcpy(out, s->p, s->n);
	out[s->n] = '\0';
}

static int take(struct verify *v, const struct buf *b, struct err *e)
{
	static char s[3][HUBOPS_NAME_MAX + 1];
	uint64_t *at[HUBOPS_COUNTS], own = v->found;
	struct hubops_finding f;
	struct hubops_found r;
	size_t i, k;
	int rc = hubops_found_decode(&r, b->p, b->n, e);

	for (i = 0; !rc && i < r.n; i++) {
		hubops_finding_next(&r.findings, &f);
		for (k = 0; k < 3; k++)
			text(s[k], &f.text[k]);
		rc = verify_add(v, "hub", s[0], s[2], "%s", s[1]);
	}
	if (rc < 0)
		return rc;
	v->found = own;
	farside_counts(v, at);
	for (i = 0; i < HUBOPS_COUNTS; i++)
		*at[i] += r.count[i];
	return 0;
}

int far_verify(const char *url, const uint8_t *known_id, struct verify *v,
	       struct err *e)
{
	uint8_t head[1] = { (uint8_t)(v->read_data != 0) };
	struct far *f = NULL;
	struct session *s;
	struct buf b = BUF_INIT;
	int rc = far_new(url, NULL, &f, e);

	if (!rc)
		rc = far_session(f, known_id, &s, e);
	if (!rc)
		rc = session_request(s, HUBOPS_VERIFY, head, 1, 0, e);
	if (!rc)
		rc = session_answer(s, NULL, e);
	if (!rc)
		rc = far_body(s, &b, HUBOPS_FINDINGS_MAX, e);
	if (!rc)
		rc = take(v, &b, e);
	far_close(f);
	buf_release(&b);
	return rc;
}
