/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-scan.h - what the unit tests of scan.h share: trees to walk, and the
 * walk as text, one "K path" a line.  K: F file, X executable, L symlink;
 * notes: I ignored, G nested .git, B bad name, S special, U unreadable, T too
 * long.  Control characters in paths stand as they are.
 */
#ifndef T_LIB_SCAN_H
#define T_LIB_SCAN_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os_file.h"
#include "repo/scan.h"
#include "tap.h"

#define UNUSED __attribute__((unused))

static char root[512];		/* of the tree; root.git lies beside it */
static char why[ERR_MSG_MAX];	/* of the last note that had one */
static const char *tracked[8];	/* what tracked() says yes to; NULL-ended */
static int stop_at, stop_with;	/* the n-th file returns that; 0: never */
/* what walks */
static int (*run)(const char *workdir, const char *gitdir,
		  const char *global_excludes, const struct scan_ops *ops,
		  struct err *e) = scan_run;

struct walk {
	struct buf text, last, whys;	/* whys: all notes' messages */
	int files, bad;
};

/* tree(): a new empty tree called ${name}. */
UNUSED static void tree(const char *name)
{
	snprintf(root, sizeof(root), "%s/%s", tap_dir(), name);
	memset(tracked, 0, sizeof(tracked));
	stop_at = 0;
	if (mkdir(root, 0777) || chdir(root)) {
		perror(root);
		exit(255);
	}
}

/* put(): a file with its folders, in the tree; a path that ends with '/': an
 * empty folder. */
UNUSED static void put(const char *path, const char *content)
{
	char part[8192];
	size_t n, i;
	int fd;

	n = (size_t)snprintf(part, sizeof(part), "%s", path);
	for (i = 1; i < n; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		mkdir(part, 0777);
		part[i] = '/';
	}
	if (part[n - 1] == '/')
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || write(fd, content, strlen(content)) < 0) {
		perror(path);
		exit(255);
	}
	close(fd);
}

static void add_line(struct walk *w, char kind, const char *path, size_t n)
{
	if (strlen(path) != n)
		w->bad++;
	/* A folder that fails half-way is noted after some of its content. */
	if (w->last.n && strcmp(w->last.p, path) >= 0 &&
	    !(kind == 'U' && path[n - 1] == '/'))
		w->bad++;
	buf_reset(&w->last);
	buf_add(&w->last, path, n);
	buf_addf(&w->text, "%c %s\n", kind, path);
}

static int on_file(void *arg, const struct scan_entry *en)
{
	struct walk *w = arg;
	struct os_stat st;

	add_line(w, en->st.type == OS_LNK ? 'L' : en->st.exec ? 'X' : 'F',
		 en->path, en->path_n);
	/* the handle, if any, is that of the folder, and open */
	if (!en->dir && run == scan_run)
		w->bad++;
	if (strchr(en->name, '/') || (en->name > en->path &&
	    en->name[-1] != '/') || (en->dir &&
	    (os_dir_stat(en->dir, en->name, &st, NULL) ||
	     st.ino != en->st.ino || st.size != en->st.size)))
		w->bad++;
	return ++w->files == stop_at ? stop_with : 0;
}

static int on_note(void *arg, enum scan_note what, const char *path, size_t n,
		   const struct err *e)
{
	add_line(arg, "IGBSUT"[what], path, n);
	if ((what == SCAN_UNREADABLE) != (e && e->msg[0]))
		((struct walk *)arg)->bad++;
	if (e) {
		buf_addstr(&((struct walk *)arg)->whys, e->msg);
		snprintf(why, sizeof(why), "%s", e->msg);
	}
	return 0;
}

static int is_tracked(void *arg, const char *path, size_t n, int is_dir)
{
	size_t i;

	if (strlen(path) != n)
		((struct walk *)arg)->bad++;
	for (i = 0; tracked[i]; i++)
		if (!strncmp(tracked[i], path, n) &&
		    tracked[i][n] == (is_dir ? '/' : '\0'))
			return 1;
	return 0;
}

/* walk(): the tree as text (release it), the result in ${rc}. */
static struct walk walk(const char *excludes, int *rc, struct err *e)
{
	struct walk w = { BUF_INIT, BUF_INIT, BUF_INIT, 0, 0 };
	struct scan_ops ops = { &w, on_file, on_note, is_tracked };
	char git[520];

	snprintf(git, sizeof(git), "%s.git", root);
	*rc = run(root, git, excludes, &ops, e);
	return w;
}

static void walk_release(struct walk *w)
{
	buf_release(&w->text);
	buf_release(&w->last);
	buf_release(&w->whys);
}

/* looks(): is this what a walk says? */
UNUSED static void looks(const char *want, const char *title)
{
	struct err e = ERR_INIT;
	int rc;
	struct walk w = walk(NULL, &rc, &e);
	const char *p;

	if (!ok(!rc && !w.bad && !strcmp(w.text.p, want), "%s", title)) {
		printf("# rc %d (%s), %d bad; got:\n# ", rc, e.msg, w.bad);
		for (p = w.text.p; *p; p++)
			printf(*p == '\n' ? "\n# " : "%c", *p);
		printf("\n");
	}
	walk_release(&w);
}

/* fails(): does a walk end with ${code}, and a message with ${part} in it? */
UNUSED static void fails(int code, const char *part, const char *title)
{
	struct err e = ERR_INIT;
	int rc;
	struct walk w = walk(NULL, &rc, &e);

	ok(rc == code && e.rc == code && strstr(e.msg, part), "%s: %s", title,
	   e.msg);
	walk_release(&w);
}

#endif
