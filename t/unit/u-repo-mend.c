/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-repo-mend.c - mend_each() over damage of every kind, and mend_copy(). */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gitcli.h"
#include "os/os.h"
#include "os/os_file.h"
#include "os/posix/sys.h"
#include "repo/mend.h"

static struct err e = ERR_INIT;
static char objects[1000], stem[1100];	/* the one pack, without ".pack" */

struct found { int n, what; char path[1200]; };

static int find(void *arg, enum mend_what what, const char *name,
		struct err *err)
{
	struct found *f = arg;

	(void)err;
	f->n++;
	f->what = (int)what;
	snprintf(f->path, sizeof(f->path), "%s", name);
	return 0;
}

/* Is there ${what} in ${file}, and nothing else?  ${file} NULL: nothing. */
static int finds(const char *file, enum mend_what what)
{
	struct found f = { .n = 0 };
	int rc, is;

	err_clear(&e);
	rc = mend_each(objects, find, &f, &e);
	is = !rc && (file ? f.n == 1 && f.what == (int)what &&
		     !strcmp(f.path, file) : !f.n);
	if (!is)
		printf("# %s; %d: %d in %s\n", e.msg, f.n, f.what, f.path);
	return is;
}

/* ${at} < 0: from the end. */
static void flip(const char *file, long at)
{
	FILE *f = NULL;
	int c = EOF;

	if (!chmod(file, 0600))
		f = fopen(file, "r+b");
	if (f && !fseek(f, at, at < 0 ? SEEK_END : SEEK_SET))
		c = getc(f);
	if (c == EOF || fseek(f, -1, SEEK_CUR) || putc(c ^ 0x10, f) == EOF ||
	    fclose(f))
		BUG("cannot flip a bit of %s", file);
}

static void fill(void)
{
	const char *r = path("r");
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;

	if (os_mkdirs(r, &e) < 0 || git(r, "init", "-q", "-b", "main", NULL))
		BUG("no repository");
	put_file(path("r/a"), "a file that is a little longer than that\n");
	git(r, "add", "a", NULL);
	git(r, "commit", "-qm", "one", NULL);
	git(r, "repack", "-adq", NULL);
	put_file(path("r/b"), "another\n");
	git(r, "add", "b", NULL);
	git(r, "commit", "-qm", "two", NULL);
	snprintf(objects, sizeof(objects), "%s/.git/objects", r);
	if (os_dir_open(path("r/.git/objects/pack"), &d, &e) < 0)
		BUG("%s", e.msg);
	while (os_dir_next(d, &name, &type, &e) > 0)
		if (strlen(name) > 5 && !strcmp(name + strlen(name) - 5, ".pack"))
			snprintf(stem, sizeof(stem), "%s/pack/%.*s", objects,
				 (int)strlen(name) - 5, name);
	os_dir_close(d);
}

static void loose(void)
{
	struct oid id = git_oid_of(path("r"), "HEAD");
	char file[1100];
	long at;

	snprintf(file, sizeof(file), "%s/%.2s/%s", objects, oid_hex(&id),
		 oid_hex(&id) + 2);
	ok(finds(NULL, 0), "a repository that is right");
	for (at = 0; at < 30; at += 7) {
		flip(file, at);
		ok(finds(file, MEND_LOOSE), "a loose object, byte %ld", at);
		flip(file, at);
	}
	flip(file, -1);
	ok(finds(file, MEND_LOOSE), "... its last byte");
	flip(file, -1);
	ok(finds(NULL, 0), "... and right again");
}

/* More than we inflate: left to git fsck, and no end of a repair. */
static void huge(void)
{
	char file[1100];
	int fd = -1;

	snprintf(file, sizeof(file), "%s/ab", objects);
	os_mkdirs(file, &e);
	snprintf(file, sizeof(file), "%s/ab/%038d", objects, 7);
	if (os_create(file, 0, &fd, &e) < 0 ||
	    os_truncate(fd, (uint64_t)260 << 20, file, &e) < 0)
		BUG("%s", e.msg);
	os_close(fd, file, NULL);
	ok(finds(NULL, 0), "a loose object of 260 MiB is passed over");
	os_unlink(file, &e);
}

static void packs(void)
{
	static const long at[] = { 0, 7, 11, 13, 40, -25, -1 };
	char file[1200];
	size_t i;

	snprintf(file, sizeof(file), "%s.pack", stem);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		flip(file, at[i]);
		ok(finds(stem, MEND_PACK), "a pack, byte %ld", at[i]);
		flip(file, at[i]);
	}
	snprintf(file, sizeof(file), "%s.idx", stem);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		flip(file, at[i]);
		ok(finds(stem, MEND_IDX), "an index, byte %ld", at[i]);
		flip(file, at[i]);
	}
}

/* The second file that is written cannot be closed: the copy of the pack. */
static int writes;

static int bad_close(int fd)
{
	int how = fcntl(fd, F_GETFL), rc = close(fd);

	if ((how & O_ACCMODE) == O_RDONLY || ++writes != 2)
		return rc;
	errno = ENOSPC;
	return -1;
}

static void copy(void)
{
	ok(!mend_copy(stem, path("copy"), &e), "a copy of a pack");
	sys.close = bad_close;
	ok(mend_copy(stem, path("again"), &e) == HUB_ELIMIT && writes == 2,
	   "a copy that may not be on the disk is none: %s", e.msg);
	sys.close = sys_real.close;
}

int main(void)
{
	os_init();
	fill();
	loose();
	huge();
	packs();
	copy();
	buf_release(&git_out);
	return done();
}
