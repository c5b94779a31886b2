/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-os-dir.c - folders by handle: nothing leads out of them. */
#include <fcntl.h>
#include <unistd.h>
#include "os/os_file.h"
#include "fault.h"
#include "tap.h"

static struct os_dir *d;
static struct err e;

static void put(const char *name, const char *text)
{
	int fd = -1;

	if (os_dir_create(d, name, 0, &fd, &e) ||
	    os_write(fd, text, strlen(text), name, &e) ||
	    os_close(fd, name, &e))
		printf("# %s\n", e.msg);
}

static int get(const char *name, const char *want)
{
	char text[64];
	size_t n = 0;
	int fd = -1, rc = os_dir_open_file(d, name, &fd, &e);

	if (!rc)
		rc = os_read(fd, text, sizeof(text), &n, name, &e);
	os_close(fd, name, NULL);
	return !rc && n == strlen(want) && !memcmp(text, want, n);
}

static void t_names(void)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/", "/etc", "../x" };
	struct os_dir *d2 = NULL;
	struct buf b = BUF_INIT;
	struct os_stat st;
	int fd, n = 0;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *s = bad[i];

		n += os_dir_at(d, s, &d2, &e) < 0;
		n += os_dir_stat(d, s, &st, &e) < 0;
		n += os_dir_open_file(d, s, &fd, &e) < 0;
		n += os_dir_readlink(d, s, &b, &e) < 0;
		n += os_dir_create(d, s, 0, &fd, &e) < 0;
		n += os_dir_symlink(d, "x", s, &e) < 0;
		n += os_dir_rename(d, s, "x", &e) < 0;
		n += os_dir_rename(d, "x", s, &e) < 0;
		n += os_dir_rename_new(d, s, "x", &e) < 0;
		n += os_dir_rename_new(d, "x", s, &e) < 0;
		n += os_dir_unlink(d, s, &e) < 0;
		n += os_dir_mkdir(d, s, &e) < 0;
		n += os_dir_rmdir(d, s, &e) < 0;
		n += os_dir_chmod_exec(d, s, 1, &e) < 0;
	}
	ok(n == 14 * (int)i, "names that are no single component");
	ok(strstr(e.msg, "../x") && e.os == EINVAL, "said: %s", e.msg);
	buf_release(&b);
}

static void t_files(void)
{
	struct os_stat st;
	int fd;

	put("f", "text");
	ok(get("f", "text"), "create, read");
	ok(os_dir_create(d, "f", 0, &fd, &e) == HUB_ECONFLICT && e.os == EEXIST,
	   "create again");
	ok(!os_dir_stat(d, "f", &st, &e) && st.type == OS_REG && st.size == 4 &&
	   !st.exec && st.mtime_ns > INT64_C(1500000000) * 1000000000 &&
	   st.ino && st.nlink == 1 && (st.mode & 07777) == 0644, "stat");
	ok(!os_dir_create(d, "x", 1, &fd, &e) && !os_close(fd, "x", &e) &&
	   !os_dir_stat(d, "x", &st, &e) && st.exec, "create executable");
	ok(!os_dir_chmod_exec(d, "x", 0, &e) && !os_dir_stat(d, "x", &st, &e) &&
	   (st.mode & 07777) == 0644, "clear the bit");
	ok(!os_dir_chmod_exec(d, "x", 1, &e) && !os_dir_stat(d, "x", &st, &e) &&
	   (st.mode & 07777) == 0755, "set it");
	os_dir_unlink(d, "x", &e);
	put("x", "");
	ok(!fchmodat(AT_FDCWD, "x", 0600, 0) && !os_dir_chmod_exec(d, "x", 1, &e) &&
	   !os_dir_stat(d, "x", &st, &e) && (st.mode & 07777) == 0700,
	   "a private file stays private");
	ok(os_dir_stat(d, "none", &st, &e) == HUB_EABSENT && e.os == ENOENT &&
	   strstr(e.msg, "/none"), "absent: %s", e.msg);
	ok(!os_dir_sync(d, &e), "sync");
	ok(!os_dir_unlink(d, "x", &e) && os_dir_unlink(d, "x", &e) == HUB_EABSENT,
	   "unlink");
}

static void t_refused(void)
{
	struct os_dir *d2 = NULL;
	struct buf b = BUF_INIT;
	struct os_stat st;
	int fd = -1;

	ok(!os_dir_symlink(d, "f", "link", &e) && !os_dir_symlink(d, "/", "root", &e),
	   "symlinks");
	ok(os_dir_symlink(d, "f", "link", &e) == HUB_ECONFLICT, "exists");
	ok(os_dir_open_file(d, "link", &fd, &e) == HUB_EABSENT && e.os == ELOOP &&
	   e.rc == HUB_EABSENT, "a symlink is not opened");
	ok(os_dir_at(d, "root", &d2, &e) == HUB_EABSENT, "nor entered");
	ok(os_dir_chmod_exec(d, "link", 1, &e) == HUB_EABSENT &&
	   !os_dir_stat(d, "f", &st, &e) && !st.exec, "nor followed by chmod");
	ok(!os_dir_stat(d, "link", &st, &e) && st.type == OS_LNK && st.size == 1,
	   "nor by stat");
	buf_addstr(&b, ">");
	ok(!os_dir_readlink(d, "link", &b, &e) && !strcmp(b.p, ">f") && b.n == 2,
	   "readlink appends");
	ok(os_dir_readlink(d, "f", &b, &e) == HUB_EIO && !strcmp(b.p, ">f"),
	   "not a symlink");
	ok(!mkfifo("fifo", 0600) && os_dir_open_file(d, "fifo", &fd, &e) == HUB_EIO,
	   "a FIFO does not block: %s", e.msg);
	ok(!os_dir_mkdir(d, "sub", &e) &&
	   os_dir_open_file(d, "sub", &fd, &e) == HUB_EIO && e.os == EISDIR,
	   "a folder is no file");
	ok(os_dir_at(d, "f", &d2, &e) == HUB_EABSENT && e.os == ENOTDIR,
	   "a file is no folder");
	ok(os_dir_mkdir(d, "sub", &e) == HUB_ECONFLICT, "mkdir again");
	buf_release(&b);
}

static void t_long_link(void)
{
	struct buf b = BUF_INIT;
	char target[3001];

	memset(target, 'x', 3000);
	target[3000] = 0;
	ok(!os_dir_symlink(d, target, "long", &e) &&
	   !os_dir_readlink(d, "long", &b, &e) && b.n == 3000 &&
	   !strcmp(b.p, target), "a long symlink");
	os_dir_unlink(d, "long", &e);
	buf_release(&b);
}

static int no_call(int a, const char *p, int b, const char *q)
{
	errno = EINVAL;
	return -1;
}

static int no_link(int a, const char *p, int b, const char *q)
{
	errno = EPERM;
	return -1;
}

/* Renames that refuse an existing target, with whatever is there to do it. */
static void rename_new(const char *how)
{
	struct os_stat st;

	put("a", "A");
	put("b", "B");
	ok(os_dir_rename_new(d, "a", "b", &e) == HUB_ECONFLICT && get("a", "A") &&
	   get("b", "B"), "%s: exists", how);
	os_dir_unlink(d, "b", &e);
	ok(!os_dir_rename_new(d, "a", "b", &e) && get("b", "A") &&
	   os_dir_stat(d, "a", &st, &e) == HUB_EABSENT, "%s: does not", how);
	ok(os_dir_rename_new(d, "a", "c", &e) == HUB_EABSENT, "%s: absent", how);
	os_dir_symlink(d, "nowhere", "l", &e);
	ok(os_dir_rename_new(d, "b", "l", &e) == HUB_ECONFLICT,
	   "%s: a dangling symlink is there, too", how);
	ok(!os_dir_rename_new(d, "l", "l2", &e) && !os_dir_unlink(d, "l2", &e),
	   "%s: a symlink is renamed itself", how);
	ok(!os_dir_mkdir(d, "da", &e) && !os_dir_rename_new(d, "da", "db", &e) &&
	   !os_dir_rmdir(d, "db", &e), "%s: a folder", how);
	os_dir_unlink(d, "b", &e);
}

static void t_rename(void)
{
	struct os_dir *sub = NULL;

	put("a", "A");
	put("b", "B");
	ok(!os_dir_rename(d, "a", "b", &e) && get("b", "A"), "replacing");
	ok(!os_dir_at(d, "sub", &sub, &e), "open a sub-folder");
	ok(!os_dir_rename_to(d, "b", sub, "c", &e) &&
	   os_dir_rename_to(d, "b", sub, "c", &e) == HUB_EABSENT &&
	   strstr(e.msg, "sub/c"), "into another folder: %s", e.msg);
	ok(os_dir_rmdir(d, "sub", &e) == HUB_ECONFLICT, "not empty");
	ok(!os_dir_unlink(sub, "c", &e) && !os_dir_rmdir(d, "sub", &e), "empty");
	os_dir_close(sub);
	rename_new("renameat2");
	sys.renameat_new = no_call;
	rename_new("link");
	sys.linkat = no_link;
	rename_new("neither");
	sys = sys_real;
}

static void t_list(void)
{
	int i, pass, n, bad = 0, rc;
	struct os_dir *many = NULL;
	enum os_type type;
	const char *name;
	char text[16];
	static char seen[500];

	ok(!os_dir_mkdir(d, "many", &e) && !os_dir_at(d, "many", &many, &e), "many");
	for (i = 0; i < 500; i++) {
		int fd;

		snprintf(text, sizeof(text), "%d", i);
		bad += os_dir_create(many, text, 0, &fd, &e) != 0;
		os_close(fd, text, NULL);
	}
	for (pass = 0; pass < 2; pass++) {
		memset(seen, 0, sizeof(seen));
		for (n = 0; (rc = os_dir_next(many, &name, &type, &e)) > 0; n++)
			bad += seen[atoi(name)]++ || type != OS_REG;
		ok(!rc && n == 500 && !bad, "each once, pass %d", pass + 1);
	}
	fault_arm(3, EIO, 0);
	for (n = 0; (rc = os_dir_next(many, &name, &type, &e)) > 0; n++)
		;
	ok(fault_end() && rc == HUB_EIO && n < 500, "a failing readdir is no end");
	os_dir_close(many);
	os_dir_close(NULL);
}

int main(void)
{
	umask(022);
	if (chdir(tap_dir()) < 0 || os_dir_open(tap_dir(), &d, &e))
		return 1;
	t_names();
	t_files();
	t_refused();
	t_long_link();
	t_rename();
	t_list();
	os_dir_close(d);
	d = NULL;
	ok(os_dir_open("f", &d, &e) == HUB_EABSENT && !os_dir_open("root", &d, &e),
	   "by path symlinks are followed");
	os_dir_close(d);
	return done();
}
