/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-env.c - start of a process, environment, names, clock, streams. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/map.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "tap.h"

static struct err e;

static void t_git(void)
{
	static const char *const gone[] = {
		"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR",
		"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_SHALLOW_FILE",
		"GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
		"GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_12", "GIT_ATTR_SOURCE",
		"GIT_REPLACE_REF_BASE", "GIT_GRAFT_FILE", "GIT_QUARANTINE_PATH",
		"GIT_INTERNAL_SUPER_PREFIX", "GIT_PREFIX",
		"GIT_DISCOVERY_ACROSS_FILESYSTEM",
	};
	static const char *const kept[] = {
		"GIT_AUTHOR_NAME", "GIT_COMMITTER_DATE", "GIT_SSH",
		"GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM",
		"GIT_TRACE", "GIT_DIRX", "NOT_GIT_DIR", "GIT_TERMINAL_PROMPT",
	};
	uint64_t seed = map_seed;
	int bad = 0;
	size_t i;

	for (i = 0; i < sizeof(gone) / sizeof(*gone); i++)
		setenv(gone[i], i % 2 ? "value" : "", 1);
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		setenv(kept[i], "value", 1);
	os_init();
	for (i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		bad += getenv(gone[i]) != NULL || !os_env_git(gone[i]) ||
		       strcmp(os_env_git(gone[i]), i % 2 ? "value" : "");
		if (bad)
			printf("# %s\n", gone[i]);
	}
	ok(!bad, "what redirects git is removed, and known");
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		bad += getenv(kept[i]) == NULL || os_env_git(kept[i]);
	ok(!bad && getenv("PATH"), "the rest is kept");
	setenv("GIT_DIR", "again", 1);
	os_init();
	ok(!getenv("GIT_DIR") && os_env_git("GIT_DIR"), "a second os_init()");
	ok(map_seed != seed, "the map is seeded");
}

static int user_dir(const char *want)
{
	struct buf b = BUF_INIT;
	int same = !os_user_dir(&b, &e) && !strcmp(b.p, want);

	if (!same)
		printf("# %s\n", b.p);
	buf_release(&b);
	return same;
}

static void t_dirs(void)
{
	struct buf b = BUF_INIT;

	setenv("HOME", "/h", 1);
	setenv("XDG_CONFIG_HOME", "/x", 1);
	setenv("VIBEHUB_HOME", "/v", 1);
	ok(user_dir("/v"), "VIBEHUB_HOME");
	setenv("VIBEHUB_HOME", "", 1);
	ok(user_dir("/x/vibehub"), "XDG_CONFIG_HOME");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	ok(user_dir("/h/.config/vibehub"), "a relative one does not count");
	unsetenv("XDG_CONFIG_HOME");
	ok(user_dir("/h/.config/vibehub"), "HOME");
	unsetenv("HOME");
	ok(!os_home_dir(&b, &e) && b.p[0] == '/' && strcmp(b.p, "/h"),
	   "without HOME: %s", b.p);
	buf_release(&b);
}

static void t_names(void)
{
	struct buf b = BUF_INIT;
	uint8_t r1[600] = { 0 }, r2[600] = { 0 };

	setenv("VIBEHUB_HOSTNAME", "laptop.example.org", 1);
	os_hostname(&b);
	ok(!strcmp(b.p, "laptop"), "host name up to the dot");
	buf_reset(&b);
	setenv("VIBEHUB_HOSTNAME", ".x", 1);
	os_hostname(&b);
	ok(!strcmp(b.p, "computer"), "an empty one");
	unsetenv("VIBEHUB_HOSTNAME");
	buf_reset(&b);
	os_hostname(&b);
	ok(b.n && !strchr(b.p, '.'), "the real one");
	buf_reset(&b);
	os_username(&b);
	ok(b.n, "user: %s", b.p);
	buf_reset(&b);
	os_self_path(&b);
	ok(!b.n || (b.p[0] == '/' && strstr(b.p, "u-os-env")), "self: %s", b.p);
	os_random(r1, sizeof(r1));
	os_random(r2, sizeof(r2));
	ok(memcmp(r1, r2, 16) && memcmp(r1 + 584, r2 + 584, 16), "random");
	buf_release(&b);
}

static void t_clock(void)
{
	uint64_t t = os_mono_ms();

	ok(os_now() > 1500000000, "now");
	os_sleep_ms(30);
	ok(os_mono_ms() - t >= 30 && os_mono_ms() - t < 2000, "sleep");
	setenv("VIBEHUB_NOW", "1795248000", 1);
	ok(os_now() == 1795248000 && os_now_ns() == INT64_C(1795248000000000000),
	   "a clock for tests");
	setenv("VIBEHUB_NOW", "1795248000.25", 1);
	ok(os_now_ns() == INT64_C(1795248000250000000), "with a fraction");
	setenv("VIBEHUB_NOW", "1795248000.0000000019", 1);
	ok(os_now_ns() == INT64_C(1795248000000000001), "with a long one");
	setenv("VIBEHUB_NOW", "soon", 1);
	ok(os_now() != 1795248000 && os_now() > 1500000000, "nonsense is ignored");
	unsetenv("VIBEHUB_NOW");
	setenv("TZ", "XYZ-5:30", 1);
	ok(os_utc_offset(1795248000) == 19800, "zone");
	setenv("TZ", "UTC", 1);
	ok(os_utc_offset(1795248000) == 0, "UTC");
}

static void t_input(void)
{
	struct buf b = BUF_INIT;
	char text[8];
	int fd[2];

	if (pipe(fd) || write(fd[1], "first\n\nthird is long\nraw bytes", 30) != 30)
		return;
	dup2(fd[0], 0);
	close(fd[1]);
	buf_addstr(&b, "old");
	ok(!os_read_line(&b, 100, &e) && !strcmp(b.p, "first"), "a line");
	ok(!os_read_line(&b, 100, &e) && !b.n, "an empty line");
	ok(os_read_line(&b, 5, &e) == HUB_ELIMIT, "a long line");
	ok(!os_read_line(&b, 100, &e), "its rest");
	ok(os_read_std(text, 4, &e) == 4 && !memcmp(text, "raw ", 4), "bytes");
	ok(!os_read_line(&b, 5, &e) && !strcmp(b.p, "bytes"),
	   "a last line without its newline");
	ok(os_read_line(&b, 5, &e) == HUB_EABSENT && !os_read_std(text, 1, &e),
	   "the end");
	buf_release(&b);
}

static void t_output(void)
{
	int fd[2], keep = dup(1), n, rc;
	static char much[200000];
	static char text[1000];
	size_t total = 0;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd))
		return;
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (!pid) {
		close(fd[1]);
		usleep(20000);
		while ((n = (int)read(fd[0], text, sizeof(text))) > 0)
			total += (size_t)n;
		_exit(total != sizeof(much));
	}
	dup2(fd[1], 1);
	close(fd[0]);
	close(fd[1]);
	rc = os_write_std(1, much, sizeof(much));
	dup2(keep, 1);
	waitpid(pid, &n, 0);
	ok(!rc && !n, "all is written, also to a pipe that does not block");
	if (pipe(fd))
		return;
	close(fd[0]);
	dup2(fd[1], 1);
	close(fd[1]);
	rc = os_write_std(1, much, 10);
	dup2(keep, 1);
	ok(rc == HUB_EIO, "a closed pipe is a code, not the end of us");
	ok(os_tty_width() > 0 && !os_tty(0), "no terminal");
}

/* With 0, 1 and 2 closed, os_init() fills them, so that files get others. */
static void t_closed(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		close(0);
		close(1);
		close(2);
		os_init();
		_exit(open("/dev/null", O_RDONLY) < 3);
	}
	waitpid(pid, &status, 0);
	ok(!status, "closed standard streams");
}

static void t_signals(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGHUP, SIG_IGN);
		os_init();
		raise(SIGHUP);
		if (os_interrupted())
			_exit(1);
		raise(SIGINT);
		if (os_interrupted() != SIGINT)
			_exit(2);
		raise(SIGINT);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT,
	   "nohup is obeyed; the second Ctrl-C ends us");
}

int main(void)
{
	t_signals();
	t_closed();
	t_git();
	t_dirs();
	t_names();
	t_clock();
	t_input();
	t_output();
	return done();
}
