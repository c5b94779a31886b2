/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-fmt-session.c - vectors of hubprotocol-session(5), and addresses of SSH. */
#include "base/words.h"
#include "fmt/frame.h"
#include "fmt/placewire.h"
#include "net/ssh.h"
#include "vec.h"

/* A whole stream; what is read encodes to the same. */
static void stream(const struct vec *v)
{
	const char *p = v->data.p;
	size_t left = v->data.n;
	struct buf b = BUF_INIT;
	struct frame f;
	int n = 1;

	while (left && n > 0) {
		n = frame_parse(p, left, &f);
		if (n <= 0)
			break;
		frame_add(&b, &f);
		p += n;
		left -= (size_t)n;
	}
	ok(vec_expected(v, n < 0 ? n : 0, NULL) && n != 0, "%s", v->name);
	if (n > 0)
		ok(b.n == v->data.n && !memcmp(b.p, v->data.p, b.n),
		   "... the same bytes again");
	buf_release(&b);
}

static void hello(const struct vec *v)
{
	struct buf b = BUF_INIT;
	struct frame_hello h;
	int rc = frame_hello_decode(v->data.p, v->data.n, &h);

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc == 0) {
		frame_hello_encode(&b, &h);
		ok(h.version > 1 || (b.n == v->data.n &&
				     !memcmp(b.p, v->data.p, b.n)),
		   "... the same bytes again");
	}
	buf_release(&b);
}

static void placewire(const struct vec *v)
{
	int op = (uint8_t)v->data.p[0];
	struct buf b = BUF_INIT;
	struct placewire w;
	int rc = placewire_decode(op, v->data.p + 1, v->data.n - 1, &w);

	ok(vec_expected(v, rc, NULL), "%s", v->name);
	if (rc == 0) {
		placewire_encode(&b, op, &w);
		ok(b.n == v->data.n - 1 && !memcmp(b.p, v->data.p + 1, b.n),
		   "... the same bytes again");
	}
	buf_release(&b);
}

static void t_parts(void)
{
	struct buf b = BUF_INIT;
	struct frame f;
	size_t i;
	int bad = 0;

	frame_add(&b, &(struct frame){ .type = FRAME_ANSWER,
		  .data = { (const uint8_t *)"abc", 3 } });
	for (i = 0; i < b.n; i++)
		bad |= frame_parse(b.p, i, &f) != 0;
	ok(!bad, "a part of a frame is none yet");
	ok(frame_parse(b.p, b.n, &f) == (int)b.n && f.data.n == 3, "... all is");
	buf_reset(&b);
	buf_add(&b, "\0\0\0\3\4\143\0", 7);
	ok(frame_parse(b.p, b.n, &f) == 7 && f.status == HUB_EIO,
	   "an unknown status is a failure");
	buf_release(&b);
}

static void addr(const char *s, const char *want)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, c = BUF_INIT;
	struct ssh_addr a;
	int rc = ssh_addr_parse(s, &a, &e);

	if (rc == 0)
		ssh_addr_show(&a, &b);
	ok(want ? !strcmp(b.p, want) : rc == HUB_EUSAGE && e.msg[0],
	   "'%s' -> %s", s, rc ? e.msg : b.p);
	if (rc == 0) {
		rc = ssh_addr_parse(b.p, &a, &e);
		ssh_addr_show(&a, &c);
		ok(rc == 0 && !strcmp(b.p, c.p), "... the same again");
	}
	buf_release(&b);
	buf_release(&c);
}

static void t_addresses(void)
{
	static const char *const is[] = { "ssh://h/p", "sftp://h/p", "h:p",
		"u@h:/p", "h:", "[::1]:p", "ab:c/d" };
	static const char *const not[] = { "/a:b", "./a:b", "a/b:c", "C:/x",
		"c:\\x", "", "ab", ":x", "file:///x", "https://h/p", "hub::x" };
	size_t i;

	for (i = 0; i < sizeof(is) / sizeof(*is); i++)
		ok(ssh_addr_is(is[i]), "'%s' is far", is[i]);
	for (i = 0; i < sizeof(not) / sizeof(*not); i++)
		ok(!ssh_addr_is(not[i]) || !strncmp(not[i], "hub::", 5),
		   "'%s' is a path", not[i]);
	addr("ssh://host/a/b", "ssh://host/a/b");
	addr("ssh://u@host:22/a/b///", "ssh://u@host:22/a/b");
	addr("ssh://host/~/x", "ssh://host/~/x");
	addr("ssh://[::1]:2222/x", "ssh://[::1]:2222/x");
	addr("sftp://u@host/x y", "sftp://u@host/x y");
	addr("host:x", "ssh://host/~/x");
	addr("u@host:/x", "ssh://u@host/x");
	addr("host:~/x", "ssh://host/~/x");
	addr("[::1]:x", "ssh://[::1]/~/x");
	addr("u@[fe80::1]:/x:y", "ssh://u@[fe80::1]/x:y");
	addr("ssh://-oProxyCommand=x/y", NULL);
	addr("ssh://-u@host/y", NULL);
	addr("-oProxyCommand=x:y", NULL);
	addr("ssh://a@-b/y", NULL);
	addr("ssh://a@b@c/y", NULL);
	addr("ssh://ho st/y", NULL);
	addr("ssh://ho;st/y", NULL);
	addr("ssh://host:0/y", NULL);
	addr("ssh://host:65536/y", NULL);
	addr("ssh://host:2x/y", NULL);
	addr("ssh://host:/y", NULL);
	addr("ssh://host", NULL);
	addr("ssh:///y", NULL);
	addr("ssh://host/~other/y", NULL);
	addr("ssh://host/~", NULL);
	addr("ssh://host/a\tb", NULL);
	addr("ssh://[::1/y", NULL);
	addr("host:", NULL);
}

static void words(const char *s, size_t want, const char *last)
{
	struct words w;
	int rc = words_split(s, strlen(s), &w);

	ok(last ? rc == 0 && w.n == want && !strcmp(w.at[want - 1], last) :
	   rc == HUB_EUSAGE && !w.n, "%s", s);
	words_release(&w);
}

static void t_words(void)
{
	struct buf b = BUF_INIT;
	struct words w;

	words("a b  c", 3, "c");
	words(" 'a b' \"c d\"", 2, "c d");
	words("a\\ b", 1, "a b");
	words("'a'\\''b'", 1, "a'b");
	words("\"a\\\"b\\c\"", 1, "a\"b\\c");
	words("''", 1, "");
	words("$(x);`y`|z", 1, "$(x);`y`|z");
	words("'a", 0, NULL);
	words("\"a", 0, NULL);
	words("a\\", 0, NULL);
	words_quote(&b, "it's \"$x\" \\");
	ok(words_split(b.p, b.n, &w) == 0 && w.n == 1 &&
	   !strcmp(w.at[0], "it's \"$x\" \\"), "quoted: %s", b.p);
	words_release(&w);
	ok(words_split("a\0b", 3, &w) == HUB_EUSAGE, "a NUL");
	buf_release(&b);
}

/* What is executed; nothing here is a terminal, or it would lack BatchMode. */
static void t_argv(void)
{
	struct ssh_conf c = { "'my ssh' -F x", NULL };
	struct err e = ERR_INIT;
	struct ssh_argv v;
	struct ssh_addr a;
	size_t n;

	unsetenv("GIT_SSH_COMMAND");
	unsetenv("GIT_SSH");
	ssh_addr_parse("ssh://u@h:22/p", &a, &e);
	ok(ssh_argv(&a, NULL, "do it", 0, &v, &e) == 0 &&
	   !strcmp(v.at[0], "ssh"), "ssh");
	n = v.n;
	ok(!strcmp(v.at[n - 1], "do it") && !strcmp(v.at[n - 2], "u@h") &&
	   !strcmp(v.at[n - 3], "--") && !strcmp(v.at[n - 4], "22") &&
	   !v.at[n], "... and its words");
	ssh_argv_release(&v);
	setenv("GIT_SSH", "/x/y z", 1);
	ok(ssh_argv(&a, NULL, "x", 0, &v, &e) == 0 &&
	   !strcmp(v.at[0], "/x/y z"), "GIT_SSH");
	ssh_argv_release(&v);
	ok(ssh_argv(&a, &c, "x", 0, &v, &e) == 0 &&
	   !strcmp(v.at[0], "my ssh") && !strcmp(v.at[2], "x"), "a setting");
	ssh_argv_release(&v);
	setenv("GIT_SSH_COMMAND", "one two", 1);
	ok(ssh_argv(&a, &c, "x", 1, &v, &e) == 0 && !strcmp(v.at[1], "two") &&
	   !strcmp(v.at[v.n - 4], "-s"), "GIT_SSH_COMMAND, a subsystem");
	ssh_argv_release(&v);
	setenv("GIT_SSH_COMMAND", "one 'two", 1);
	ok(ssh_argv(&a, &c, "x", 1, &v, &e) == HUB_EUSAGE, "no words");
}

int main(void)
{
	vec_each("session", 25, stream);
	vec_each("hello", 15, hello);
	vec_each("placewire", 50, placewire);
	t_parts();
	t_addresses();
	t_words();
	t_argv();
	return done();
}
