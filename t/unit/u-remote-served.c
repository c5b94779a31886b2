/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-remote-served.c - a place behind a session: the suite of all places, what
 * is answered late, what a server does not do.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "crypt/hash.h"
#include "fmt/placewire.h"
#include "os/os_file.h"
#include "os/os_thread.h"
#include "remote/served.h"
#include "serve/serve.h"
#include "lib-place.h"

static const uint8_t hub[32] = { 1, 2, 3 };
static char top[1000];
static struct err e;

/* A server in a thread, and our session with it. */
struct far {
	struct serve_conf conf;
	struct os_stream *near_end, *far_end;
	struct os_thread *thread;
	struct session *s;
	struct place *p;
	int rc;
};

static void far_side(void *arg)
{
	struct far *f = arg;

	f->rc = serve_run(&f->conf, f->far_end, NULL);
	os_stream_close(f->far_end);
}

static int begin(struct far *f, const char *name, const uint8_t *want)
{
	struct frame_hello h = { .kind = FRAME_KIND_PLACE };

	snprintf(top, sizeof(top), "%s/%s", tap_dir(), name);
	f->conf.path = top;
	if (want)
		memcpy(h.hub, want, 32);
	if (os_stream_pair(&f->near_end, &f->far_end, &e) < 0 ||
	    os_thread_start(far_side, f, &f->thread, &e) < 0)
		exit(1);
	return session_open(f->near_end, &h, NULL, NULL, &f->s, &e);
}

static void end(struct far *f)
{
	place_close(f->p);
	session_close(f->s);
	os_stream_close(f->near_end);
	os_thread_join(f->thread);
}

static int made(struct far *f, const char *name)
{
	snprintf(top, sizeof(top), "%s/%s", tap_dir(), name);
	mkdir(top, 0777);
	return begin(f, name, NULL) == 0 &&
		served_select(f->s, hub, PLACEWIRE_MAKE, &e) == 0 &&
		served_place(f->s, "far", &f->p, &e) == 0;
}

static int one_hub(void *arg, const uint8_t id[32], struct err *he)
{
	++*(int *)arg;
	return memcmp(id, hub, 32);
}

static void t_suite(void)
{
	struct far f = { .conf = { .unchecked = 1 } }, again = f;
	int n = 0;

	ok(begin(&f, "missing", NULL) == HUB_EABSENT, "no folder: %s", e.msg);
	end(&f);
	f = again;
	ok(made(&f, "suite"), "made: %s", e.msg);
	place_suite(f.p, "served");
	ok(served_hubs(f.s, one_hub, &n, &e) == 0 && n == 1, "one hub's");
	end(&f);
	ok(f.rc == 0, "the server ended well");
	ok(begin(&again, "suite", hub) == 0 &&
	   !memcmp(session_hello(again.s)->hub, hub, 32), "found at once");
	end(&again);
}

/* Errors of packs come later, and once. */
static void t_late(void)
{
	struct far f = { .conf = { .unchecked = 0 } };
	static uint8_t data[300000], got[300000];
	uint8_t id[32], wrong[32] = { 9 };
	uint64_t n = 0;
	int i, bad = 0;

	ok(made(&f, "late"), "made");
	for (i = 0; i < 200; i++) {
		data[0] = (uint8_t)i;
		data[1] = 1;
		hash_tree(id, data, 5000 + (size_t)i);
		bad |= f.p->ops->pack_put(f.p, id, data, 5000 + (size_t)i,
					  PLACE_NEW, &e);
	}
	ok(!bad && f.p->ops->flush(f.p, &e) == 0, "200 packs: %s", e.msg);
	ok(f.p->ops->pack_stat(f.p, id, &n, &e) == 0 && n == 5199, "... there");
	ok(f.p->ops->pack_put(f.p, wrong, data, 5000, PLACE_NEW, &e) == 0,
	   "wrong bytes are sent");
	ok(f.p->ops->flush(f.p, &e) == HUB_ECORRUPT, "... refused: %s", e.msg);
	ok(f.p->ops->flush(f.p, &e) == 0, "... once");
	ok(f.p->ops->pack_stat(f.p, wrong, &n, &e) == HUB_EABSENT,
	   "... and not there");
	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 >> 3);
	hash_tree(id, data, sizeof(data));
	f.p->ops->pack_put(f.p, id, data, sizeof(data), PLACE_NEW, &e);
	for (i = bad = 0; i < 290000 && !bad; i += 1000)
		bad = f.p->ops->pack_get(f.p, id, (uint64_t)i, got, 3000, &e) ||
			memcmp(got, data + i, 3000);
	ok(!bad, "read on and on: %s", e.msg);
	for (i = bad = 0; i < 100 && !bad; i++) {
		size_t at = (size_t)i * 7919 % 290000;

		bad = f.p->ops->pack_get(f.p, id, at, got, 10000, &e) ||
			memcmp(got, data + at, 10000);
	}
	ok(!bad, "... to and fro");
	ok(f.p->ops->pack_get(f.p, id, 290001, got, 10000, &e) ==
	   HUB_ECORRUPT, "... not beyond its end: %s", e.msg);
	end(&f);
}

static int refused(int rc)
{
	return rc == HUB_EDENIED;
}

static void t_append_only(void)
{
	struct far f = { .conf = { .append_only = 1 } };
	uint8_t id[32], slot[16] = { 1 };
	struct place *p;

	ok(made(&f, "append"), "made");
	p = f.p;
	hash_tree(id, "abc", 3);
	ok(p->ops->pack_put(p, id, "abc", 3, PLACE_NEW, &e) == 0 &&
	   p->ops->flush(p, &e) == 0 &&
	   p->ops->state_create(p, 1, "s", 1, &e) == 0 &&
	   p->ops->slot_put(p, slot, "k", 1, &e) == 0, "what is new is kept");
	ok(refused(p->ops->pack_delete(p, id, &e)) &&
	   refused(p->ops->state_delete(p, 1, &e)) &&
	   refused(p->ops->slot_delete(p, slot, &e)) &&
	   refused(p->ops->slot_put(p, slot, "x", 1, &e)) &&
	   refused(p->ops->aside(p, PLACE_PACK, id, 0, &e)),
	   "nothing is taken away: %s", e.msg);
	ok(p->ops->slot_put(p, slot, "k", 1, &e) == 0, "the same is the same");
	p->ops->pack_put(p, id, "abc", 3, PLACE_REPLACE, &e);
	ok(refused(p->ops->flush(p, &e)), "nothing is replaced");
	ok((session_hello(f.s)->flags & FRAME_APPEND_ONLY) != 0, "it is said");
	end(&f);
	f = (struct far){ .conf = { .read_only = 1 } };
	ok(begin(&f, "append", hub) == 0 &&
	   served_place(f.s, "far", &f.p, &e) == 0, "read only");
	ok(refused(f.p->ops->state_create(f.p, 2, "s", 1, &e)) &&
	   refused(f.p->ops->slot_put(f.p, slot, "k", 1, &e)),
	   "... nothing is written");
	end(&f);
}

static void t_others(void)
{
	struct far f = { .conf = { .append_only = 0 } };
	char path[1100];

	snprintf(path, sizeof(path), "%s/other", tap_dir());
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/other/things", tap_dir());
	mkdir(path, 0777);
	ok(!made(&f, "other") && e.rc == HUB_ECONFLICT,
	   "a folder of other things: %s", e.msg);
	ok(served_select(f.s, hub, 0, &e) == HUB_EABSENT, "... has no vault");
	ok(session_call(f.s, PLACEWIRE_FLUSH, NULL, 0, NULL, &e) ==
	   HUB_EABSENT && session_call(f.s, 63, NULL, 0, NULL, &e) ==
	   HUB_EVERSION && session_call(f.s, PLACEWIRE_PACK_STAT, "x", 1, NULL,
					&e) == HUB_ECORRUPT,
	   "wrong requests are refused: %s", e.msg);
	ok(!session_broken(f.s), "... and the session goes on");
	end(&f);
}

static int stop(void *arg, const uint8_t id[32], uint64_t size, struct err *se)
{
	return HUB_ECANCEL;
}

/* Ranges that were announced: in their order, or not at all. */
static void t_wants(void)
{
	struct far f = { .conf = { .unchecked = 1 } };
	static uint8_t data[100000], got[100000];
	struct place_range v[60];
	uint8_t id[32] = { 8 };
	uint64_t n;
	int i, round, bad = 0;
	struct place *p;

	ok(made(&f, "wants"), "made");
	p = f.p;
	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = (uint8_t)(i * 13 >> 4);
	p->ops->pack_put(p, id, data, sizeof(data), PLACE_NEW, &e);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 60; i++) {
			memcpy(v[i].id, id, 32);
			v[i].off = (uint64_t)(i * 7919 % 90000);
			v[i].n = 9000;
		}
		v[30].off = 99000;	/* beyond its end */
		v[40].id[0] = 9;	/* no such pack */
		p->ops->pack_want(p, v, 60);
		for (i = 0; i < (round ? 60 : 20); i++) {
			int rc = p->ops->pack_get(p, v[i].id, v[i].off, got,
						  9000, &e);

			bad |= i == 30 ? rc != HUB_ECORRUPT : i == 40 ?
				rc != HUB_EABSENT : rc || memcmp(got,
				data + v[i].off, 9000);
		}
		if (round == 1)
			bad |= p->ops->pack_stat(p, id, &n, &e);
		p->ops->pack_want(p, v, 60);
		bad |= p->ops->pack_get(p, id, 5, got, 100, &e) ||
			memcmp(got, data + 5, 100);
	}
	ok(!bad, "announced, taken, given up: %s", e.msg);
	p->ops->pack_want(p, v, 60);
	ok(p->ops->flush(p, &e) == 0, "... and something else");
	p->ops->pack_want(p, v, 60);
	end(&f);
	ok(f.rc == 0, "... and the end");
}

/* What was asked for at once is what each question would say. */
static void t_overview(void)
{
	struct far f = { .conf = { .unchecked = 1 } };
	struct suite_seen n = { 0, { 0 }, 0 };
	struct buf b = BUF_INIT;
	uint8_t slot[16] = { 4 };
	uint64_t seq = 9;
	struct place *p;

	ok(made(&f, "over"), "made");
	p = f.p;
	served_overview(p);
	ok(p->ops->format_get(p, &b, &e) == HUB_EABSENT &&
	   p->ops->state_newest(p, 0, &seq, &e) == 0 && !seq &&
	   p->ops->slot_each(p, suite_slot, &n, &e) == 0 && !n.n,
	   "an empty vault");
	p->ops->format_put(p, "form", 4, &e);
	p->ops->state_create(p, 1, "one", 3, &e);
	p->ops->slot_put(p, slot, "key", 3, &e);
	served_overview(p);
	ok(p->ops->format_get(p, &b, &e) == 0 && !strcmp(b.p, "form"),
	   "the format");
	buf_reset(&b);
	ok(p->ops->state_newest(p, 0, &seq, &e) == 0 && seq == 1 &&
	   p->ops->state_get(p, 1, &b, &e) == 0 && !strcmp(b.p, "one"),
	   "the state");
	p->ops->state_create(p, 2, "two", 3, &e);
	ok(p->ops->state_newest(p, 0, &seq, &e) == 0 && seq == 2,
	   "... a newer one is seen");
	buf_reset(&b);
	ok(p->ops->slot_each(p, suite_slot, &n, &e) == 0 && n.n == 1 &&
	   p->ops->slot_get(p, slot, &b, &e) == 0 && !strcmp(b.p, "key"),
	   "the slot");
	buf_reset(&b);
	p->ops->slot_put(p, slot, "new", 3, &e);
	ok(p->ops->slot_get(p, slot, &b, &e) == 0 && !strcmp(b.p, "new"),
	   "... another one");
	slot[0] = 5;
	ok(p->ops->slot_get(p, slot, &b, &e) == HUB_EABSENT, "... or none");
	end(&f);
	buf_release(&b);
}

/* The far side ends in the middle. */
static void t_gone(void)
{
	struct far f = { .conf = { .unchecked = 1 } };
	uint8_t id[32] = { 3 };
	uint64_t n;

	ok(made(&f, "gone"), "made");
	f.p->ops->pack_put(f.p, id, "abc", 3, PLACE_NEW, &e);
	f.p->ops->pack_each(f.p, stop, NULL, &e);
	os_stream_shut(f.near_end);
	os_thread_join(f.thread);
	ok(f.p->ops->pack_stat(f.p, id, &n, &e) == HUB_EOFFLINE,
	   "then it is offline: %s", e.msg);
	ok(f.p->ops->flush(f.p, &e) == HUB_EOFFLINE &&
	   session_broken(f.s), "... for good");
	place_close(f.p);
	session_close(f.s);
	os_stream_close(f.near_end);
}

int main(void)
{
	os_init();
	t_suite();
	t_late();
	t_append_only();
	t_others();
	t_wants();
	t_overview();
	t_gone();
	return done();
}
