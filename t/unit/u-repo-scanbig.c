/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-repo-scanbig.c - a very deep tree with few handles, paths that are too
 * long, and 100,000 files in one folder. */
#include <sys/resource.h>
#include <time.h>

#include "base/path.h"
#include "os/posix/sys.h"
#include "lib-scan.h"

#define DEEP 1500
#define MANY 100000

static long opened;

static int count_openat(int fd, const char *name, int flags, unsigned mode)
{
	opened++;
	return sys_real.openat(fd, name, flags, mode);
}

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0666);

	if (fd < 0) {
		perror(name);
		exit(255);
	}
	close(fd);
}

static void down(const char *name)
{
	if (mkdir(name, 0777) || chdir(name)) {
		perror(name);
		exit(255);
	}
}

/* Each folder: "a", then the next folder "b/", then "c". */
static void test_deep(void)
{
	struct rlimit was, few = { 100, 100 };
	struct buf want = BUF_INIT;
	int i, k;

	tree("deep");
	for (i = 0; i < DEEP; i++) {
		touch("a");
		if (i % 10 == 0)
			touch("c");
		down("b");
	}
	touch("x");
	for (i = 0; i <= DEEP; i++) {
		buf_addstr(&want, "F ");
		for (k = 0; k < i; k++)
			buf_addstr(&want, "b/");
		buf_addstr(&want, i < DEEP ? "a\n" : "x\n");
	}
	for (i = DEEP - 1; i >= 0; i--) {
		if (i % 10)
			continue;
		buf_addstr(&want, "F ");
		for (k = 0; k < i; k++)
			buf_addstr(&want, "b/");
		buf_addstr(&want, "c\n");
	}
	getrlimit(RLIMIT_NOFILE, &was);
	few.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	sys.openat = count_openat;
	looks(want.p, "1,500 levels with 100 handles");
	sys.openat = sys_real.openat;
	setrlimit(RLIMIT_NOFILE, &was);
	printf("# %ld folders opened\n", opened);
	ok(opened < 30 * DEEP, "folders are not opened again for each entry");
	buf_release(&want);
}

/* A folder on the way vanishes while we are below it, beyond the handles. */
static int moved;

static int move_at_bottom(int fd, const char *name, struct stat *st, int flags)
{
	if (!strcmp(name, "x") && !moved++ &&
	    rename("../deep/b", "../deep/moved"))
		perror("move");
	return sys_real.fstatat(fd, name, st, flags);
}

static void test_moved(void)
{
	struct err e = ERR_INIT;
	int rc, lost = 0;
	struct walk w;
	const char *p;

	snprintf(root, sizeof(root), "%s/deep", tap_dir());
	if (chdir(root))
		perror(root);
	sys.fstatat = move_at_bottom;
	w = walk(NULL, &rc, &e);
	sys = sys_real;
	for (p = w.text.p; (p = strstr(p, "\nU b/")); p++)
		lost++;
	ok(!rc && !w.bad && moved && lost > 100 && lost < DEEP,
	   "moved away meanwhile: %d folders could not be finished", lost);
	walk_release(&w);
}

static void test_too_long(void)
{
	char name[256];
	struct buf path = BUF_INIT, want = BUF_INIT;
	int i;

	memset(name, 'n', sizeof(name));
	name[200] = '\0';
	tree("long");
	for (i = 0; i < 20; i++) {	/* 20 * 201 = 4020 bytes */
		down(name);
		buf_addf(&path, "%s/", name);
	}
	name[PATH_LEN_MAX - 4020] = '\0';
	touch(name);
	buf_addf(&want, "F %s%s\n", path.p, name);
	touch("o");
	name[PATH_LEN_MAX - 4020] = 'n';
	name[PATH_LEN_MAX - 4020 + 1] = '\0';
	touch(name);
	buf_addf(&want, "T %s%s\n", path.p, name);
	name[PATH_LEN_MAX - 4020 + 1] = 'n';
	name[PATH_LEN_MAX - 4020 + 2] = '\0';
	down(name);
	touch("x");
	buf_addf(&want, "T %s%s/\n", path.p, name);
	buf_addf(&want, "F %so\n", path.p);
	looks(want.p, "paths over 4,095 bytes");
	buf_release(&path);
	buf_release(&want);
}

static long kib_used(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static int count_file(void *arg, const struct scan_entry *en)
{
	int *n = arg;
	char name[32];

	snprintf(name, sizeof(name), "file-%06d.txt", *n);
	*n += !strcmp(name, en->path);
	return 0;
}

static int count_note(void *arg, enum scan_note what, const char *path,
		      size_t n, const struct err *e)
{
	*(int *)arg = -1;
	return 1;
}

static void test_many(void)
{
	int n = 0, i;
	struct scan_ops ops = { &n, count_file, count_note, is_tracked };
	char name[32];
	clock_t t;
	long before;

	tree("many");
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "file-%06d.txt", i);
		touch(name);
	}
	before = kib_used();
	t = clock();
	i = scan_run(root, NULL, NULL, &ops, NULL);
	t = clock() - t;
	printf("# %ld ms, %ld KiB more memory\n",
	       (long)(t * 1000 / CLOCKS_PER_SEC), kib_used() - before);
	ok(!i && n == MANY, "100,000 files in one folder, in order");
	ok(kib_used() - before < 40 * 1024, "within 40 MiB");
}

int main(void)
{
	test_many();	/* first: it asks for the peak of memory */
	test_deep();
	test_moved();
	test_too_long();
	return done();
}
