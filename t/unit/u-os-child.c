/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-child.c - programs beside us, and byte streams. */
#include "os/os.h"
#include "os/os_child.h"
#include "os/os_clock.h"
#include "tap.h"

static struct err e;

/* A shell, only because it is a program that does what a test wants. */
static struct os_child *sh(const char *script, int errout)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	struct os_child_arg a = { .argv = argv, .errout = errout };
	struct os_child *c = NULL;

	ok(os_child_start(&a, &c, &e) == 0, "started: %s", e.msg);
	return c;
}

static void t_talk(void)
{
	struct os_child *c = sh("cat; echo end >&2; exit 7", 1);
	struct os_stream *s = os_child_stream(c);
	char got[8] = "";
	int status = -1;

	ok(os_stream_write_full(s, "hello", 5, 0, &e) == 0 &&
	   os_stream_read_full(s, got, 5, 5000, &e) == 0 &&
	   !memcmp(got, "hello", 5), "there and back");
	ok(os_stream_read(s, got, 5, &e) == 0, "nothing more now");
	ok(os_stream_wait(s, OS_STREAM_READ, 10, &e) == 0, "... nor soon");
	ok(os_stream_wait(s, OS_STREAM_READ | OS_STREAM_WRITE, 5000, &e) ==
	   OS_STREAM_WRITE, "there is room to write");
	os_stream_shut(s);
	ok(os_stream_write(s, "x", 1, &e) == HUB_EOFFLINE, "no writing then");
	ok(os_stream_read_full(s, got, 1, 5000, &e) == HUB_EOFFLINE &&
	   os_stream_read(s, got, 1, &e) == HUB_EABSENT, "its end is seen");
	ok(os_child_end(c, 5000, &status, &e) == 0 && status == 7 &&
	   !strcmp(os_child_tail(c), "end\n"), "its status and last words");
	ok(os_child_end(c, 0, &status, &e) == 0 && status == 7, "... again");
	os_child_free(c);
}

/* More than any pipe holds, both ways at once, with stderr full of words. */
static void t_both_ways(void)
{
	struct os_child *c = sh("yes words | head -c 300000 >&2; cat", 1);
	struct os_stream *s = os_child_stream(c);
	static char block[65536], back[65536];
	size_t out = 0, in = 0;
	int k, bad = 0;

	memset(block, 'b', sizeof(block));
	while (in < 32 * sizeof(block) && !bad) {
		if (os_stream_wait(s, OS_STREAM_READ | (out < 32 * sizeof(block)
				   ? OS_STREAM_WRITE : 0), 20000, &e) <= 0)
			break;
		k = out < 32 * sizeof(block) ?
			os_stream_write(s, block, sizeof(block) -
					out % sizeof(block), &e) : 0;
		out += (size_t)(k > 0 ? k : 0);
		bad |= k < 0;
		k = os_stream_read(s, back, sizeof(back), &e);
		in += (size_t)(k > 0 ? k : 0);
		bad |= k < 0 || (k > 0 && (back[0] != 'b' || back[k - 1] != 'b'));
	}
	ok(!bad && in == 32 * sizeof(block), "2 MB there and back");
	os_child_free(c);
	ok(1, "freed while it runs");
}

static void t_ends(void)
{
	struct os_child *c = sh("trap '' TERM; echo up; while :; do sleep 1; "
				"done", 0);
	const char *argv[] = { "no-such-program-here", NULL };
	struct os_child_arg a = { .argv = argv };
	struct os_child *none = NULL;
	char got[3];
	int status = 0;

	os_stream_read_full(os_child_stream(c), got, 3, 5000, &e);
	ok(os_child_end(c, 10, &status, &e) == 0 && status == 137,
	   "one that will not end is killed");
	os_child_free(c);
	ok(os_child_start(&a, &none, &e) == HUB_EABSENT && !none,
	   "no such program: %s", e.msg);
	c = sh("exit 0", 1);
	os_stream_wait(os_child_stream(c), OS_STREAM_READ, 5000, &e);
	ok(os_stream_read(os_child_stream(c), got, 1, &e) == HUB_EABSENT,
	   "one that says nothing");
	os_child_free(c);
	os_child_free(NULL);
}

static void t_pair(void)
{
	struct os_stream *a = NULL, *b = NULL;
	char got[2];

	ok(os_stream_pair(&a, &b, &e) == 0, "two ends");
	ok(os_stream_write(a, "ab", 2, &e) == 2 &&
	   os_stream_read_full(b, got, 2, 1000, &e) == 0 && got[1] == 'b',
	   "one way");
	ok(os_stream_write(b, "c", 1, &e) == 1 &&
	   os_stream_read_full(a, got, 1, 1000, &e) == 0 && got[0] == 'c',
	   "... and the other");
	os_stream_close(a);
	ok(os_stream_read(b, got, 1, &e) == HUB_EABSENT, "one is gone");
	ok(os_stream_write(b, "d", 1, &e) == HUB_EOFFLINE, "... really");
	os_stream_close(b);
	os_stream_close(NULL);
}

int main(void)
{
	os_init();
	t_talk();
	t_both_ways();
	t_ends();
	t_pair();
	return done();
}
