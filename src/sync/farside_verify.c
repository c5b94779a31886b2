/* SPDX-License-Identifier: GPL-2.0-or-later */
/* farside_verify.c - a hub is checked for one who reaches it over a session. */
#include "sync/farside_internal.h"

#include "sync/verify.h"

void farside_counts(struct verify *v, uint64_t *at[HUBOPS_COUNTS])
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
	farside_counts(&v, at);
	for (i = 0; i < HUBOPS_COUNTS; i++)
		count[i] = *at[i];
	hubops_found_begin(ret, count, v.n);
	for (i = 0; i < v.n; i++)
		hubops_found_add(ret, v.v[i].object, v.v[i].what, v.v[i].todo);
	verify_release(&v);
	return !rc && buf_error(ret) ? err_nomem(e) : rc;
}
