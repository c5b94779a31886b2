/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-fmt-presence.c - what the vectors do not say: names, limits, misuse. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/hex.h"
#include "fmt/baserec.h"
#include "fmt/hubfile.h"
#include "fmt/presence.h"
#include "tap.h"

#define UUID "0f8fad5b-d9cb-469f-a165-70867728950e"

static void test_names(void)
{
	static const struct { const char *from, *to; } v[] = {
		{ "laptop", "laptop" },
		{ "Bob's PC", "Bob-s-PC" },
		{ "b\xc3\xbcro", "b-ro" },
		{ "a.b_c-d", "a.b_c-d" },
		{ "", "computer" },
		{ "...", "..." },
		{ "!?", "computer" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "computer" },
		{ "\xff" "1\xff", "-1-" },
		{ "../../etc", "..-..-etc" },
		{ "0123456789012345678901234567890123456789",
		  "01234567890123456789012345678901" },
	};
	char out[PRESENCE_NAME_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		presence_name_from(out, v[i].from);
		ok(!strcmp(out, v[i].to) && presence_name_ok(out),
		   "a name from outside becomes '%s'", out);
	}
	ok(!presence_name_ok("") && !presence_name_ok("a b") &&
	   !presence_name_ok("0123456789012345678901234567890123"),
	   "bad names");
	ok(presence_uuid_ok(UUID) && !presence_uuid_ok("") &&
	   !presence_uuid_ok(UUID "0") && !presence_uuid_ok("0f8fad5b"),
	   "device ids");
	ok(!strcmp(presence_state_name(PRESENCE_PARKED), "parked"), "state");
}

static void set_up(struct presence *p, struct presence_tip *tips)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->device, UUID, sizeof(UUID));
	memcpy(p->name, "a", 2);
	p->tips = tips;
	p->tips_n = 2;
	memset(tips, 0, 2 * sizeof(*tips));
	memcpy(tips[0].ref, "refs/a", 7);
	memcpy(tips[1].ref, "refs/b", 7);
	tips[0].oid.h[0] = tips[1].oid.h[0] = 1;
}

/* Too big, whatever is in it. */
static void test_size(void)
{
	struct presence p, back;
	struct presence_tip tips[2];
	struct hubfile_hub h;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t sig[64] = { 0 };

	set_up(&p, tips);
	presence_encode(&b, &p);
	presence_encode_sig(&b, sig);
	ok(presence_decode(&back, b.p, b.n, &e) == 0 && back.tips_n == 2,
	   "fits");
	presence_release(&back);
	while (b.n <= PRESENCE_MAX)
		buf_addch(&b, '\n');
	ok(presence_decode(&back, b.p, b.n, &e) == HUB_ECORRUPT &&
	   strstr(e.msg, "131073 bytes"), "a byte over the limit");
	err_clear(&e);
	ok(hubfile_hub_decode(&h, b.p, HUBFILE_MAX + 1, &e) == HUB_ECORRUPT &&
	   strstr(e.msg, "4097 bytes"), "a small file that is large");
	ok(presence_decode(&back, NULL, 0, NULL) == HUB_ECORRUPT,
	   "nothing at all, and nobody to tell");
	buf_release(&b);
}

static void test_messages(void)
{
	struct hubfile_hub h;
	struct hubfile_key k;
	struct err e = ERR_INIT;
	static const char newer[] = "vibehub-hub 7\n";
	static const char odd[] = "vibehub-hub 1\nid 00\n";
	static const char secret[] = "vibehub-device-key 1\ndevice " UUID
		"\nhub "
		"0000000000000000000000000000000000000000000000000000000000000000"
		"\nseed 5ec2e7\n";

	hubfile_hub_decode(&h, newer, sizeof(newer) - 1, &e);
	ok(strstr(e.msg, "version 7") && strstr(e.msg, "newer hub"),
	   "says what to do: %s", e.msg);
	hubfile_hub_decode(&h, odd, sizeof(odd) - 1, &e);
	ok(strstr(e.msg, "line 2") && strstr(e.msg, "'id'"),
	   "says where: %s", e.msg);
	hubfile_key_decode(&k, secret, sizeof(secret) - 1, &e);
	ok(e.rc == HUB_ECORRUPT && !strstr(e.msg, "5ec2e7"),
	   "tells no secret: %s", e.msg);
}

/* Does this end in BUG()? */
static int aborts(void (*change)(struct presence *p))
{
	struct presence p;
	struct presence_tip tips[2];
	struct buf b = BUF_INIT;
	int status = 0;
	pid_t pid;

	set_up(&p, tips);
	if (change)
		change(&p);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		presence_encode(&b, &p);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void bad_device(struct presence *p) { p->device[0] = 'G'; }
static void bad_order(struct presence *p) { p->tips[1].ref[5] = 'a'; }
static void bad_count(struct presence *p) { p->tips_n = 257; }

static void test_misuse(void)
{
	ok(!aborts(NULL), "a good one encodes");
	ok(aborts(bad_device) && aborts(bad_order) && aborts(bad_count),
	   "what no reader would accept is never written");
}

/* Refs, clocks and names are not ours. */
static void test_foreign(void)
{
	struct presence p, back;
	struct presence_tip tips[2];
	struct buf b = BUF_INIT;
	uint8_t sig[64] = { 0 };

	set_up(&p, tips);
	p.name[0] = ' ';
	p.seen = -5;
	tips[0].ref[5] = ' ';
	tips[1].oid = oid_zero;
	presence_encode(&b, &p);
	presence_encode_sig(&b, sig);
	ok(presence_decode(&back, b.p, b.n, NULL) == 0 && back.tips_n == 0 &&
	   back.seen == 0 && !strcmp(back.name, "computer"),
	   "a bad clock, name, ref and id of others");
	presence_release(&back);
	buf_reset(&b);
	p.seen = INT64_MAX;
	presence_encode(&b, &p);
	presence_encode_sig(&b, sig);
	ok(presence_decode(&back, b.p, b.n, NULL) == 0 &&
	   back.seen == 253402300799, "a clock far ahead");
	presence_release(&back);
	buf_release(&b);
}

static void test_baserec(void)
{
	struct baserec r, back;
	uint8_t out[BASEREC_MAX];
	size_t n;

	memset(&r, 0, sizeof(r));
	r.kind = BASEREC_FILE;
	r.flags = BASEREC_NOSTAT;
	r.id_n = 20;
	r.size = 7;
	r.mtime_ns = r.ctime_ns = 8;
	r.ino = r.dev = 9;
	n = baserec_encode(out, &r);
	ok(baserec_decode(&back, out, n) == 0 && back.size == 7 &&
	   !back.mtime_ns && !back.ctime_ns && !back.ino && !back.dev,
	   "stat fields that mean nothing are not written");
}

int main(void)
{
	test_names();
	test_size();
	test_messages();
	test_misuse();
	test_foreign();
	test_baserec();
	return done();
}
