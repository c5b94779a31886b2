/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * served_want.c - ranges of packs that will be read next are asked for before
 * anybody waits for them, so that a long line is always full.
 *
 * Answers come in the order of the questions.  Who asks for something else than
 * what was announced gives the rest up: it is read to its end and dropped.
 */
#include <string.h>
#include "remote/served_internal.h"
#include "base/banned.h"

/* Ask for more, as far as the bounds go. */
static int top_up(struct served *s, struct err *e)
{
	struct served_wants *q = &s->want;
	struct placewire w;
	int rc = 0;

	while (rc == 0 && q->asked < q->n && session_room(s->s) > 1 &&
	       (q->asked == q->taken ||
		q->bytes + q->v[q->asked].n <= SERVED_WANTS_MAX)) {
		memset(&w, 0, sizeof(w));
		memcpy(w.id, q->v[q->asked].id, PLACE_PACK_ID);
		w.off = q->v[q->asked].off;
		w.n = q->v[q->asked].n;
		rc = served_send(s, PLACEWIRE_PACK_GET, &w, NULL, 0, e);
		if (rc == 0)
			q->bytes += q->v[q->asked++].n;
	}
	return rc;
}

static int next_answer(struct served *s, void *to, struct err *e)
{
	struct served_wants *q = &s->want;
	struct place_range *v = &q->v[q->taken++];
	size_t got;

	q->bytes -= v->n;
	return served_piece_answer(s, v->off, to, v->n, v->n, &got, e);
}

int served_want_drop(struct served *s, struct err *e)
{
	struct served_wants *q = &s->want;
	int rc = 0;

	while (q->taken < q->asked && !session_broken(s->s))
		rc = next_answer(s, NULL, e);
	q->n = q->asked = q->taken = q->bytes = 0;
	return session_broken(s->s) ? rc < 0 ? rc : HUB_EOFFLINE : 0;
}

void served_want(struct place *p, const struct place_range *v, size_t n)
{
	struct served *s = served_of(p);
	size_t i;

	if (session_broken(s->s) || served_want_drop(s, NULL) < 0 ||
	    served_settle(s, 0, NULL) < 0)
		return;
	for (i = 0; i < n && i < SERVED_WANTS && v[i].n <= PLACEWIRE_GET_MAX;
	     i++)
		s->want.v[s->want.n++] = v[i];
	top_up(s, NULL);
}

int served_want_get(struct served *s, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, int *ret_rc,
		    struct err *e)
{
	struct served_wants *q = &s->want;
	const struct place_range *v = &q->v[q->taken];

	if (q->taken == q->asked || v->off != off || v->n != n ||
	    memcmp(v->id, id, PLACE_PACK_ID))
		return 0;
	*ret_rc = next_answer(s, buf, e);
	if (*ret_rc == 0)
		*ret_rc = top_up(s, e);
	return 1;
}
