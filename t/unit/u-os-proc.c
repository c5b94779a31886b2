/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-proc.c - other programs: output, status, limits, where they are found. */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "os/os_proc.h"
#include "tap.h"

static struct buf out = BUF_INIT, errout = BUF_INIT;
static struct err e;
static int status;

/* A shell, only because it is a program that does what a test wants. */
static int sh(const char *script, struct os_proc *p)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	buf_reset(&out);
	buf_reset(&errout);
	status = -1;
	p->argv = argv;
	return os_run(p, &status, &e);
}

static void t_output(void)
{
	struct os_proc p = { .out = &out, .errout = &errout };

	ok(!sh("echo out; echo err >&2; exit 3", &p) && status == 3 &&
	   !strcmp(out.p, "out\n") && !strcmp(errout.p, "err\n"), "both streams");
	ok(!sh("read x; echo \"<$x>\"", &p) && !strcmp(out.p, "<>\n"),
	   "stdin is empty");
	ok(!sh("kill -9 $$", &p) && status == 137, "killed");
	ok(!sh("i=0; while [ $i -lt 5000 ]; do echo 0123456789; echo x >&2; "
	       "i=$((i+1)); done", &p) && out.n == 55000 && errout.n == 10000,
	   "much of both");
	p.errout = NULL;
	ok(!sh("echo a", &p) && !strcmp(out.p, "a\n"), "one of them");
	p.out = NULL;
	ok(!sh("exit 0", &p) && !status, "none of them");
	p.out = &out;
	ok(!sh("sleep 30 & echo a", &p) && !strcmp(out.p, "a\n"),
	   "what a grandchild holds open is not waited for");
}

static void t_around(void)
{
	static const char *const env[] = { "T_NEW=1", "T_OLD=new", NULL };
	struct os_proc p = { .out = &out, .env = env, .dir = "/" };
	char script[64];
	int fd = -1;

	setenv("T_OLD", "old", 1);
	setenv("T_KEPT", "kept", 1);
	ok(!sh("echo $T_NEW $T_OLD $T_KEPT; pwd", &p) &&
	   !strcmp(out.p, "1 new kept\n/\n"), "environment and folder");
	p.dir = "/no/such/folder";
	ok(sh("true", &p) == HUB_EIO && strstr(e.msg, "/no/such/folder"),
	   "no folder is not a missing program: %s", e.msg);
	p.dir = NULL;
	signal(SIGPIPE, SIG_IGN);
	ok(!sh("kill -PIPE $$; echo ignored", &p) && status == 128 + SIGPIPE,
	   "what we ignore is not inherited");
	os_open_read("/dev/null", &fd, &e);
	snprintf(script, sizeof(script), "test ! -e /proc/self/fd/%d", fd);
	ok(fd > 2 && !sh(script, &p) && !status, "nor are handles");
	os_close(fd, "/dev/null", NULL);
}

static void t_limits(void)
{
	struct os_proc p = { .out = &out, .out_max = 1000 };
	uint64_t t;

	ok(sh("yes", &p) == HUB_ELIMIT && out.n == 1000, "too much: %s", e.msg);
	ok(!sh("printf %01000d 5", &p) && out.n == 1000, "just enough");
	p.timeout_ms = 100;
	t = os_mono_ms();
	ok(sh("exec sleep 30", &p) == HUB_EOFFLINE && os_mono_ms() - t < 5000,
	   "too long: %s", e.msg);
	t = os_mono_ms();
	ok(sh("trap '' TERM; sleep 30 & wait; sleep 30", &p) == HUB_EOFFLINE &&
	   os_mono_ms() - t < 9000, "and deaf to SIGTERM");
	p.out = NULL;
	ok(sh("exec sleep 30", &p) == HUB_EOFFLINE, "without a pipe");
	p.timeout_ms = 20000;
	ok(!sh("sleep 0.05", &p) && !status, "in time");
}

static void t_find(void)
{
	const char *argv[] = { "prog", NULL };
	struct os_proc p = { .argv = argv, .out = &out };
	struct buf b = BUF_INIT, path = BUF_INIT;
	char *was = strdup(getenv("PATH"));
	FILE *f;

	if (chdir(tap_dir()))
		return;
	f = fopen("prog", "w");
	fputs("#!/bin/sh\necho here\n", f);
	fclose(f);
	setenv("PATH", ".::relative:", 1);
	ok(os_find_program("prog", &b, &e) == HUB_EABSENT && !b.n &&
	   os_run(&p, &status, &e) == HUB_EABSENT, "relative entries are not for us");
	buf_addf(&path, "/no/such:%s:/usr/bin:/bin", tap_dir());
	setenv("PATH", path.p, 1);
	ok(os_find_program("prog", &b, &e) == HUB_EABSENT, "not executable");
	chmod("prog", 0755);
	buf_addstr(&b, ">");
	ok(!os_find_program("prog", &b, &e) && b.p[0] == '>' && b.p[1] == '/' &&
	   !strcmp(b.p + b.n - 5, "/prog"), "found, appended");
	buf_reset(&out);
	ok(!os_run(&p, &status, &e) && !strcmp(out.p, "here\n"), "run by name");
	ok(os_find_program("a/b", &b, &e) == HUB_EABSENT &&
	   os_find_program("", &b, &e) == HUB_EABSENT, "no names");
	argv[0] = "./prog";
	ok(os_run(&p, &status, &e) == HUB_EUSAGE, "a relative path: %s", e.msg);
	argv[0] = "/no/such/program";
	ok(os_run(&p, &status, &e) == HUB_EABSENT && strstr(e.msg, argv[0]),
	   "absent: %s", e.msg);
	argv[0] = "/etc/passwd";
	ok(os_run(&p, &status, &e) == HUB_EDENIED, "no program: %s", e.msg);
	setenv("PATH", was, 1);
	free(was);
	buf_release(&b);
	buf_release(&path);
}

/* Last: from here on this process counts as interrupted. */
static void t_interrupt(void)
{
	struct os_proc p = { .out = &out };
	uint64_t t = os_mono_ms();

	os_init();
	ok(!os_interrupted(), "not interrupted");
	ok(sh("kill -TERM $PPID; exec sleep 30", &p) == HUB_ECANCEL &&
	   os_mono_ms() - t < 5000 && os_interrupted() == SIGTERM,
	   "a signal to us ends it: %s", e.msg);
	t = os_mono_ms();
	os_sleep_ms(3000);
	ok(os_mono_ms() - t < 1000, "no sleep after that");
}

int main(void)
{
	t_output();
	t_around();
	t_limits();
	t_find();
	t_interrupt();
	buf_release(&out);
	buf_release(&errout);
	return done();
}
