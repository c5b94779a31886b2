/* SPDX-License-Identifier: GPL-2.0-or-later */
/* queue.c - tickets: take one, watch those before it, give it back. */
#include "sync/queue.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"

#define POLL_MS 8			/* for each one that is before us */
#define POLL_MAX_MS 64

void queue_open(struct queue *q, struct workspace *ws, struct hub *h)
{
	memset(q, 0, sizeof(*q));
	q->ws = ws;
	buf_init(&q->path);
	q->off = h->far != NULL;
	buf_addf(&q->path, "%s/vibehub/queue", h->path.p);
}

static int same_ticket(const struct ticket *a, const struct ticket *b)
{
	return a->number == b->number && !strcmp(a->device, b->device);
}

/* Note that ${t} is there, and when it last changed. */
static void see(struct queue *q, const struct ticket *t, uint64_t now)
{
	struct queue_seen *s;
	size_t i;

	for (i = 0; i < q->n && !same_ticket(&q->seen[i].t, t);)
		i++;
	if (i == QUEUE_MAX)
		return;
	s = &q->seen[i];
	if (i == q->n || s->t.beat != t->beat) {
		s->t = *t;
		s->at = now;
	}
	s->here = 1;
	q->n += i == q->n;
}

/* A ticket of ours that is not in use: a killed run left it (runs of one
 * workspace are one at a time). */
static int is_leftover(const struct queue *q, const struct ticket *t)
{
	return !strcmp(t->device, q->ws->dev.id) &&
		(!q->joined || !same_ticket(t, &q->mine));
}

/* Read the folder; drop what has gone.  0 if there is one. */
static int look(struct queue *q, uint64_t now)
{
	struct os_dir *d = NULL;
	enum os_type type;
	struct ticket t;
	const char *name;
	size_t i, n = 0;

	for (i = 0; i < q->n; i++)
		q->seen[i].here = 0;
	if (os_dir_open(q->path.p, &d, NULL))
		return HUB_EABSENT;
	if (!q->seen)
		q->seen = calloc(QUEUE_MAX, sizeof(*q->seen));
	while (q->seen && os_dir_next(d, &name, &type, NULL) > 0) {
		if (ticket_decode(&t, name, strlen(name)))
			continue;
		if (is_leftover(q, &t))
			os_dir_unlink(d, name, NULL);
		else
			see(q, &t, now);
	}
	os_dir_close(d);
	for (i = 0; i < q->n; i++)
		if (q->seen[i].here)
			q->seen[n++] = q->seen[i];
	q->n = n;
	return q->seen ? 0 : HUB_ENOMEM;
}

static void ticket_path(const struct queue *q, const struct ticket *t,
			struct buf *ret)
{
	char name[TICKET_NAME + 1];

	ticket_encode(name, t);
	buf_reset(ret);
	buf_addf(ret, "%s/%s", q->path.p, name);
}

static void join(struct queue *q, uint64_t now)
{
	struct buf path = BUF_INIT;
	int fd = -1;
	size_t i;

	memset(&q->mine, 0, sizeof(q->mine));
	memcpy(q->mine.device, q->ws->dev.id, sizeof(q->mine.device) - 1);
	for (i = 0; i < q->n; i++)
		if (q->seen[i].t.number >= q->mine.number &&
		    q->seen[i].t.number < UINT32_MAX)
			q->mine.number = q->seen[i].t.number + 1;
	ticket_path(q, &q->mine, &path);
	os_mkdir(q->path.p, NULL);	/* not its parents: they may be unmounted */
	if (!buf_error(&path))
		q->joined = !os_create(path.p, 0, &fd, NULL);
	os_close(fd, path.p, NULL);
	q->beat_at = now;
	buf_release(&path);
}

/* Show that we live.  If somebody took us for dead we take a new ticket. */
static void beat(struct queue *q, uint64_t now)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct ticket next = q->mine;

	if (now - q->beat_at < QUEUE_BEAT_MS)
		return;
	next.beat++;
	ticket_path(q, &q->mine, &from);
	ticket_path(q, &next, &to);
	if (buf_error(&from) || buf_error(&to) ||
	    os_rename(from.p, to.p, NULL))
		q->joined = 0;
	else
		q->mine = next;
	q->beat_at = now;
	buf_release(&from);
	buf_release(&to);
}

/* How many living ones are before us?  Dead ones go. */
static size_t before_us(struct queue *q, uint64_t now)
{
	struct buf path = BUF_INIT;
	size_t i, n = 0;

	for (i = 0; i < q->n; i++) {
		const struct queue_seen *s = &q->seen[i];

		if (q->joined && ticket_cmp(&s->t, &q->mine) >= 0)
			continue;
		if (now - s->at < QUEUE_STALE_MS) {
			n++;
			continue;
		}
		ticket_path(q, &s->t, &path);
		if (!buf_error(&path))
			os_unlink(path.p, NULL);
	}
	buf_release(&path);
	return n;
}

int queue_wait(struct queue *q, int lost, uint64_t until, struct err *e)
{
	uint64_t now = os_mono_ms();
	size_t n = 0;
	int rc = 0, there;

	if (q->off)
		return 0;
	there = !look(q, now);
	if (!q->joined && (lost || (there && q->n)))
		join(q, now);
	while (!rc && q->joined && now < until) {
		n = before_us(q, now);
		if (!n)
			break;
		rc = workspace_progress(q->ws, "waiting for a turn", n, 0, e);
		os_sleep_ms(n * POLL_MS < POLL_MAX_MS ?
			    (unsigned)n * POLL_MS : POLL_MAX_MS);
		now = os_mono_ms();
		beat(q, now);
		if (look(q, now))
			break;
		if (!q->joined)
			join(q, now);
	}
	if (q->joined)
		beat(q, now);
	return rc;
}

void queue_close(struct queue *q)
{
	struct buf path = BUF_INIT;

	if (q->joined) {
		ticket_path(q, &q->mine, &path);
		if (!buf_error(&path))
			os_unlink(path.p, NULL);
	}
	buf_release(&path);
	buf_release(&q->path);
	free(q->seen);
	q->seen = NULL;
}
