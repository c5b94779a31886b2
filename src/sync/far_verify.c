/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_verify.c - a hub over a session is checked where it is: both sides. */
#include "sync/far_internal.h"

#include <string.h>

#include "sync/farside.h"
#include "sync/verify.h"

/* In the order of the message. */
static void counts(struct verify *v, uint64_t *at[HUBOPS_COUNTS])
{
	at[0] = &v->found;
	at[1] = &v->git;
	at[2] = &v->refs;
	at[3] = &v->computers;
	at[4] = &v->tips;
	at[5] = &v->records;
	at[6] = &v->large;
	at[7] = &v->packs;
	at[8] = &v->released;
}

int farside_verify(struct farside *s, const void *head, size_t n,
		   struct buf *ret, struct err *e)
{
	struct verify v = VERIFY_INIT;
	uint64_t *at[HUBOPS_COUNTS], count[HUBOPS_COUNTS];
	const uint8_t *read_data = head;
	size_t i;
	int rc;

	if (n != 1 || *read_data > 1)
		return err_set(e, HUB_ECORRUPT, "a request to verify is "
			       "malformed");
	v.read_data = *read_data;
	rc = verify_hub(s->hub->path.p, s->hub->format.id, &v, e);
	counts(&v, at);
	for (i = 0; i < HUBOPS_COUNTS; i++)
		count[i] = *at[i];
	hubops_found_begin(ret, count, v.n);
	for (i = 0; i < v.n; i++)
		hubops_found_add(ret, v.v[i].object, v.v[i].what, v.v[i].todo);
	verify_release(&v);
	return !rc && buf_error(ret) ? err_nomem(e) : rc;
}

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
	counts(v, at);
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
	int rc = far_new(url, &f, e);

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
