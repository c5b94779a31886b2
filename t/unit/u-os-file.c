/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-file.c - handles, paths, trees, copies and locks. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "os/os_file.h"
#include "fault.h"
#include "tap.h"

static struct err e;

static ssize_t one_byte_write(int fd, const void *p, size_t n)
{
	static int turn;

	if (turn++ % 2) {
		errno = EINTR;
		return -1;
	}
	return write(fd, p, n ? 1 : 0);
}

static ssize_t one_byte_read(int fd, void *p, size_t n)
{
	static int turn;

	if (turn++ % 2) {
		errno = EINTR;
		return -1;
	}
	return read(fd, p, n ? 1 : 0);
}

static ssize_t writes_none(int fd, const void *p, size_t n)
{
	return 0;
}

static void t_handles(void)
{
	char text[32] = "";
	struct os_stat st;
	size_t n = 9;
	int fd = -1;

	sys.write = one_byte_write;
	ok(!os_create("f", 0, &fd, &e) && !os_write(fd, "0123456789", 10, "f", &e) &&
	   !os_close(fd, "f", &e), "short and interrupted writes are continued");
	sys.write = writes_none;
	ok(!os_create("g", 1, &fd, &e) &&
	   os_write(fd, "x", 1, "g", &e) == HUB_ELIMIT &&
	   !os_fstat(fd, &st, "g", &e) && (st.mode & 0777) == 0600,
	   "a write of nothing does not hang");
	os_close(fd, "g", &e);
	sys = sys_real;
	sys.read = one_byte_read;
	ok(!os_open_read("f", &fd, &e) && !os_read(fd, text, 4, &n, "f", &e) &&
	   n == 4 && !os_read(fd, text + 4, 20, &n, "f", &e) && n == 6 &&
	   !strcmp(text, "0123456789"), "so are reads, to the end");
	sys = sys_real;
	ok(!os_pread(fd, text, 20, 8, &n, "f", &e) && n == 2 && text[0] == '8' &&
	   !os_pread(fd, text, 20, 99, &n, "f", &e) && !n, "read at an offset");
	os_close(fd, "f", &e);
	fd = open("f", O_RDWR);
	ok(!os_pwrite(fd, "xy", 2, 12, "f", &e) && !os_truncate(fd, 13, "f", &e) &&
	   !os_fsync(fd, "f", &e) && !os_pread(fd, text, 20, 0, &n, "f", &e) &&
	   n == 13 && !memcmp(text, "0123456789\0\0x", 13),
	   "write at an offset, cut");
	os_close(fd, "f", &e);
	ok(!os_close(-1, "x", &e) && os_close(fd, "f", &e) == HUB_EIO, "close");
	ok(os_read(fd, text, 1, &n, "the thing", &e) == HUB_EIO && !n &&
	   strstr(e.msg, "the thing") && e.os == EBADF, "a bad handle");
	ok(os_open_read("none", &fd, &e) == HUB_EABSENT &&
	   os_open_read("f/x", &fd, &e) == HUB_EABSENT, "absent");
	ok(!os_open_read("f", &fd, &e) && fcntl(fd, F_GETFD) == FD_CLOEXEC,
	   "not for child processes");
	os_close(fd, "f", &e);
}

static void t_codes(void)
{
	static const struct { int os, rc; } t[] = {
		{ ENOENT, HUB_EABSENT }, { ENOTDIR, HUB_EABSENT },
		{ EACCES, HUB_EDENIED }, { EPERM, HUB_EDENIED },
		{ EROFS, HUB_EDENIED }, { ENOSPC, HUB_ELIMIT },
		{ EDQUOT, HUB_ELIMIT }, { EFBIG, HUB_ELIMIT },
		{ EMFILE, HUB_ELIMIT }, { ENFILE, HUB_ELIMIT },
		{ ENAMETOOLONG, HUB_ELIMIT }, { ETXTBSY, HUB_EBUSY },
		{ EBUSY, HUB_EBUSY }, { ELOOP, HUB_EIO }, { EIO, HUB_EIO },
		{ ESTALE, HUB_EIO }, { ENOMEM, HUB_ENOMEM },
	};
	char what[2001];
	size_t i, bad = 0;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		errno = t[i].os;
		bad += err_os(&e, "do", "x") != t[i].rc || e.rc != t[i].rc ||
		       e.os != t[i].os || errno != t[i].os;
		errno = t[i].os;
		bad += err_os(NULL, "do", "x") != t[i].rc;
	}
	ok(!bad, "codes of errno");
	memset(what, 'x', 2000);
	what[2000] = 0;
	errno = ENOENT;
	err_os(&e, "open", what);
	ok(strstr(e.msg, "cannot open '...xxx") && strstr(e.msg, "x': No such"),
	   "the reason shows after a long path");
}

static void t_read_file(void)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, ">");
	ok(!os_read_file("f", 13, &b, &e) && b.n == 14 && b.p[0] == '>', "append");
	ok(os_read_file("f", 12, &b, &e) == HUB_ELIMIT && b.n == 14, "too long");
	ok(os_read_file("/proc/self/status", 100, &b, &e) == HUB_ELIMIT &&
	   b.n == 14 && !b.p[14], "too long, and its size did not say so");
	ok(!os_read_file("/proc/self/status", 100000, &b, &e) && b.n > 100,
	   "a file without a size");
	ok(os_read_file("none", 5, &b, &e) == HUB_EABSENT &&
	   os_read_file(".", 5000, &b, &e) == HUB_EIO, "absent, a folder");
	buf_release(&b);
}

static void t_folders(void)
{
	struct os_stat st;

	ok(!os_mkdirs("p/q//r/", &e) && !os_stat("p/q/r", &st, &e) &&
	   st.type == OS_DIR, "mkdirs");
	ok(!os_mkdirs("p/q/r", &e) && !os_mkdirs("/", &e) && !os_mkdirs(".", &e),
	   "existing");
	ok(os_mkdirs("f/x", &e) == HUB_ECONFLICT,
	   "below a file: %s", e.msg);
	ok(os_mkdirs("f", &e) == HUB_ECONFLICT, "over a file: %s", e.msg);
	ok(os_mkdir("p", &e) == HUB_ECONFLICT && os_mkdir("n/n", &e) == HUB_EABSENT,
	   "mkdir");
	ok(os_rmdir("p", &e) == HUB_ECONFLICT && os_rmdir("none", &e) == HUB_EABSENT,
	   "rmdir");
	ok(!symlink("p", "l") && !os_mkdirs("l/q/z", &e) &&
	   !os_lstat("l", &st, &e) && st.type == OS_LNK &&
	   !os_stat("l", &st, &e) && st.type == OS_DIR,
	   "through a symlink that the user chose");
	ok(!os_mkdir("full", &e) && !os_mkdir("full/x", &e) && !os_mkdir("d", &e) &&
	   os_rename("d", "full", &e) == HUB_ECONFLICT && !os_rename("d", "d2", &e),
	   "rename of folders");
	ok(!os_sync_parent("p/q/r/", &e) && !os_sync_parent("p", &e) &&
	   !os_sync_parent("/", &e) &&
	   os_sync_parent("no/x", &e) == HUB_EABSENT, "sync of the parent");
}

static void t_mkdirs_faults(void)
{
	int n, rc, bad = 0;
	struct os_stat st;

	for (n = 1; n < 60; n++) {
		os_rmtree("m", NULL);
		fault_arm(n, EIO, 0);
		rc = os_mkdirs("m/n/o", &e);
		if (!fault_end())
			break;
		if (!rc)
			bad += os_stat("m/n/o", &st, NULL) != 0;
		bad += os_mkdirs("m/n/o", &e) != 0;
	}
	ok(n > 5 && n < 60 && !bad, "mkdirs: each of %d calls fails, then heals",
	   n - 1);
}

static int links_fail(int a, const char *p, int b, const char *q)
{
	errno = EOPNOTSUPP;
	return -1;
}

static void t_link_new(void)
{
	struct os_stat st;

	ok(!os_copy_file("f", "c1", &e) && !os_link_new("c1", "c2", &e) &&
	   !os_stat("c2", &st, &e) && st.nlink == 2, "a second name");
	ok(os_link_new("c1", "c2", &e) == HUB_ECONFLICT &&
	   os_link_new("none", "c3", &e) == HUB_EABSENT, "exists, absent");
	sys.linkat = links_fail;
	ok(os_link_new("c1", "f", &e) == HUB_ECONFLICT &&
	   !os_link_new("c1", "c3", &e) && !os_stat("c3", &st, &e),
	   "without hard links, by an exclusive rename");
	sys.renameat_new = links_fail;
	ok(os_link_new("c3", "c4", &e) == HUB_EIO && !os_stat("c3", &st, &e) &&
	   os_stat("c4", &st, &e) == HUB_EABSENT, "nor that: refused: %s", e.msg);
	sys = sys_real;
	os_unlink("c2", &e);
	os_unlink("c3", &e);
}

static int same_content(const char *p, const char *q)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int same = !os_read_file(p, 1 << 24, &a, NULL) &&
		   !os_read_file(q, 1 << 24, &b, NULL) && !buf_cmp(&a, &b);

	buf_release(&a);
	buf_release(&b);
	return same;
}

static void copy_faults(const char *what)
{
	int n, rc, bad = 0;
	struct os_stat st;

	for (n = 1; n < 200; n++) {
		fault_arm(n, n % 2 ? EIO : ENOSPC, 0);
		rc = os_copy_file("big", "copy", &e);
		if (!fault_end())
			break;
		if (!rc)
			bad += !same_content("big", "copy");
		else
			bad += os_lstat("copy", &st, NULL) != HUB_EABSENT;
		os_unlink("copy", NULL);
	}
	ok(n > 4 && n < 200 && !bad, "%s: whole or absent (%d calls)", what, n - 1);
	ok(!rc && same_content("big", "copy"), "%s: copied", what);
	os_unlink("copy", NULL);
}

static int no_clone(int a, int b)
{
	errno = EOPNOTSUPP;
	return -1;
}

static ssize_t no_range(int a, int b, size_t n)
{
	errno = ENOSYS;
	return -1;
}

static void t_copy(void)
{
	char *p = calloc(1, 300000);
	struct os_stat st;
	int fd = -1, i;

	for (i = 0; i < 300000; i += 7)
		p[i] = (char)i;
	ok(!os_create("big", 0, &fd, &e) && !os_write(fd, p, 300000, "big", &e) &&
	   !os_close(fd, "big", &e), "a file to copy");
	free(p);
	copy_faults("copy");
	sys.clone = no_clone;
	ok(!os_copy_file("big", "copy", &e) && same_content("big", "copy"),
	   "without reflink");
	os_unlink("copy", NULL);
	sys.copy_range = no_range;
	ok(!os_copy_file("big", "copy", &e) && same_content("big", "copy"),
	   "by read and write");
	sys = sys_real;
	ok(os_copy_file("big", "copy", &e) == HUB_ECONFLICT &&
	   same_content("big", "copy"), "exists");
	ok(os_copy_file("none", "copy2", &e) == HUB_EABSENT &&
	   os_stat("copy2", &st, &e) == HUB_EABSENT, "absent");
	ok(!chmod("big", 0700) && !os_copy_file("big", "copy2", &e) &&
	   !os_stat("copy2", &st, &e) && (st.mode & 0777) == 0700, "its mode");
}

static void t_rmtree(void)
{
	struct rlimit was, few;
	struct os_stat st;
	int i, fd, bad = 0;

	ok(!os_mkdirs("t/a/b/c", &e) && !os_copy_file("f", "t/a/b/x", &e) &&
	   !symlink("../p", "t/link") && !symlink("../../f", "t/a/flink") &&
	   !mkfifo("t/fifo", 0600), "a tree");
	ok(!os_rmtree("t", &e) && os_lstat("t", &st, &e) == HUB_EABSENT &&
	   !os_stat("p/q/r", &st, &e) && !os_stat("f", &st, &e),
	   "removed, and nothing that its symlinks lead to");
	ok(!symlink("p", "pl") && !os_rmtree("pl", &e) && !os_stat("p", &st, &e) &&
	   os_lstat("pl", &st, &e) == HUB_EABSENT, "a symlink itself");
	ok(os_rmtree("t", &e) == HUB_EABSENT, "absent");

	/* Deeper than any number of handles, longer than any path. */
	os_mkdir("deep", &e);
	if (chdir("deep"))
		bad++;
	for (i = 0; i < 3000; i++) {
		bad += mkdir("a-folder-in-a-folder", 0777) || mkdir("s", 0777);
		fd = open("file", O_CREAT | O_WRONLY, 0666);
		bad += fd < 0 || close(fd) || chdir("a-folder-in-a-folder");
	}
	bad += chdir(tap_dir()) != 0;
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = 100;
	setrlimit(RLIMIT_NOFILE, &few);
	ok(!bad && !os_rmtree("deep", &e) &&
	   os_lstat("deep", &st, &e) == HUB_EABSENT, "3,000 levels: %s", e.msg);
	setrlimit(RLIMIT_NOFILE, &was);
}

static void t_rmtree_faults(void)
{
	int n, rc, bad = 0;
	struct os_stat st;

	for (n = 1; n < 200; n++) {
		os_mkdirs("t/a/b", NULL);
		os_copy_file("f", "t/a/x", NULL);
		fault_arm(n, EIO, 0);
		rc = os_rmtree("t", &e);
		if (!fault_end())
			break;
		bad += !rc && os_lstat("t", &st, NULL) != HUB_EABSENT;
		rc = os_rmtree("t", &e);
		bad += rc && rc != HUB_EABSENT;
	}
	ok(n > 10 && n < 200 && !bad, "rmtree: each of %d calls fails, then heals",
	   n - 1);
}

static int resolves(const char *path, const char *tail)
{
	struct buf b = BUF_INIT, want = BUF_INIT;
	int same;

	os_cwd(&want, NULL);
	buf_addstr(&want, tail);
	same = !os_abspath(path, &b, &e) && !buf_cmp(&b, &want);
	if (!same)
		printf("# %s: %s\n", path, b.p);
	buf_release(&b);
	buf_release(&want);
	return same;
}

static void t_abspath(void)
{
	struct buf b = BUF_INIT;

	ok(resolves(".", "") && resolves("p/q", "/p/q") && resolves("l/q/../f", "/p/f") &&
	   resolves("p/./q//r/", "/p/q/r"), "what is there");
	ok(resolves("new", "/new") && resolves("p/new/a/b", "/p/new/a/b") &&
	   resolves("l/new", "/p/new") && resolves("f/x", "/f/x") &&
	   resolves("new/", "/new/"), "what is not");
	ok(!os_abspath("/", &b, &e) && !strcmp(b.p, "/"), "the root");
	buf_reset(&b);
	ok(!os_abspath("/no/such", &b, &e) && !strcmp(b.p, "/no/such"), "from the root");
	buf_reset(&b);
	ok(!symlink("loop", "loop") && os_abspath("loop/x", &b, &e) == HUB_EIO &&
	   os_abspath("", &b, &e) == HUB_EABSENT && !b.n, "a loop, nothing");
	buf_release(&b);
}

static void t_disk(void)
{
	uint64_t n = 0;
	int rc;

	ok(!os_disk_free(".", &n, &e) && n > 0 &&
	   os_disk_free("none", &n, &e) == HUB_EABSENT, "free space");
	rc = os_syncfs(".", &e);
	ok(!rc || rc == HUB_EUSAGE, "syncfs");
	ok(os_syncfs("none", &e) == HUB_EABSENT, "syncfs of nothing");
	fault_arm(2, EIO, 0);
	rc = os_syncfs(".", &e);
	ok(fault_end() && rc == HUB_EIO, "syncfs fails");
}

/* 0 if a child process gets the lock, else its code. */
static int child_lock(int keep)
{
	struct os_lock *l = NULL;
	int status, rc;
	pid_t pid = fork();

	if (!pid) {
		rc = os_lock_take("lock", &l, NULL);
		if (!keep)
			os_lock_drop(l);
		_exit(-rc);
	}
	waitpid(pid, &status, 0);
	return -WEXITSTATUS(status);
}

static int raced;

/* Somebody removes the lock file after we opened it, before we lock it. */
static int flock_raced(int fd, int op)
{
	if (!raced++)
		unlink("lock");
	return sys_real.flock(fd, op);
}

static void t_lock(void)
{
	struct os_lock *l = NULL, *l2 = NULL;

	ok(!os_lock_take("lock", &l, &e), "take");
	ok(os_lock_take("lock", &l2, &e) == HUB_EBUSY && child_lock(0) == HUB_EBUSY,
	   "held: %s", e.msg);
	os_lock_drop(l);
	ok(!child_lock(1) && !os_lock_take("lock", &l, &e),
	   "a process that ends lets go");
	ok(!os_unlink("lock", &e) && !os_lock_take("lock", &l2, &e),
	   "a removed lock file is another lock");
	os_lock_drop(l);
	os_lock_drop(l2);
	os_lock_drop(NULL);
	sys.flock = flock_raced;
	ok(!os_lock_take("lock", &l, &e) && raced == 2 &&
	   child_lock(0) == HUB_EBUSY, "one that is removed meanwhile");
	sys = sys_real;
	os_lock_drop(l);
	ok(os_lock_take("no/lock", &l, &e) == HUB_EABSENT, "no folder");
	fault_arm(2, ENOLCK, 0);
	ok(os_lock_take("lock", &l, &e) == HUB_EIO && fault_end(), "no locks here");
}

int main(void)
{
	umask(022);
	if (chdir(tap_dir()))
		return 1;
	t_handles();
	t_codes();
	t_read_file();
	t_folders();
	t_mkdirs_faults();
	t_link_new();
	t_copy();
	t_rmtree();
	t_rmtree_faults();
	t_abspath();
	t_disk();
	t_lock();
	return done();
}
