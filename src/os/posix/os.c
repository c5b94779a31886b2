/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os.c - start of a process: handles, signals, environment, randomness. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "base/map.h"
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

static volatile sig_atomic_t stop_signal;
static int umask_known;
static unsigned umask_value;

static void on_stop(int sig)
{
	stop_signal = sig;
}

/* A signal that our parent made us ignore (nohup, background jobs) stays so. */
static void catch_stop(int sig)
{
	struct sigaction sa;

	if (sigaction(sig, NULL, &sa) < 0 || sa.sa_handler == SIG_IGN)
		return;
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_stop;
	/* Restart, since libraries do not expect EINTR; once, so that whoever
	 * asks a second time is obeyed at once. */
	sa.sa_flags = SA_RESTART | (int)SA_RESETHAND;
	sigaction(sig, &sa, NULL);
}

static void open_std_handles(void)
{
	int fd;

	/* The lowest free number is used, so in this order each finds its own. */
	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR) != fd)
			BUG("cannot open /dev/null");
}

void os_init(void)
{
	open_std_handles();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	catch_stop(SIGINT);
	catch_stop(SIGTERM);
	catch_stop(SIGHUP);
	os_umask();
	os_env_clean();
	os_random(&map_seed, sizeof(map_seed));
}

int os_interrupted(void)
{
	return stop_signal;
}

unsigned os_umask(void)
{
	/* There is no call that only asks; so once, before any thread. */
	if (!umask_known) {
		umask_value = (unsigned)umask(077);
		umask((mode_t)umask_value);
		umask_known = 1;
	}
	return umask_value;
}

void os_random(void *p, size_t n)
{
	size_t done = 0, want;

	while (done < n) {
		/* getentropy gives at most 256 bytes a call, on every system. */
		want = n - done < 256 ? n - done : 256;
		if (getentropy((char *)p + done, want) < 0)
			BUG("the system gives no random bytes: %s",
			    strerror(errno));
		done += want;
	}
}

void os_self_path(struct buf *ret)
{
#ifdef __linux__
	char p[4096];
	ssize_t k = sys.readlinkat(AT_FDCWD, "/proc/self/exe", p, sizeof(p));

	if (k > 0 && (size_t)k < sizeof(p))
		buf_add(ret, p, (size_t)k);
#endif
}
