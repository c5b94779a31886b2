/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-scan.c - what scan_run() reports, one line each.
 *
 *	test-scan [-q] [-g GITDIR] [-x EXCLUDES] [-t TRACKED] DIR
 *
 * Lines: "file PATH", "ignored PATH", "nested-git PATH", ... ; -q: only how
 * many of each.  -t: file with the tracked paths, one a line, in git's order.
 * A report out of order is an error: "DISORDER", status 2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"
#include "repo/scan.h"

static const char *const kinds[] = { "ignored", "nested-git", "bad-name",
	"special", "unreadable", "too-long" };
static unsigned long files, notes[6], disorder;
static int quiet;
static char last[1 << 13];
static char **tracked;
static size_t tracked_n;

static void in_order(const char *path)
{
	if (strcmp(last, path) >= 0) {
		disorder++;
		printf("DISORDER %s after %s\n", path, last);
	}
	snprintf(last, sizeof(last), "%s", path);
}

static int on_file(void *arg, const struct scan_entry *en)
{
	files++;
	if (quiet)
		return 0;
	in_order(en->path);
	printf("file %s\n", en->path);
	return 0;
}

static int on_note(void *arg, enum scan_note what, const char *path, size_t n,
		   const struct err *why)
{
	notes[what]++;
	if (quiet)
		return 0;
	in_order(path);
	printf("%s %s\n", kinds[what], path);
	return 0;
}

static int is_tracked(void *arg, const char *path, size_t n, int is_dir)
{
	size_t lo = 0, hi = tracked_n, mid;
	char key[1 << 13];

	snprintf(key, sizeof(key), "%s%s", path, is_dir ? "/" : "");
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(tracked[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < tracked_n && !strncmp(tracked[lo], key, strlen(key) +
					  !is_dir);
}

static void read_tracked(const char *file)
{
	static char line[1 << 13];
	FILE *in = fopen(file, "r");

	if (!in)
		exit(3);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		tracked = realloc(tracked, (tracked_n + 1) * sizeof(*tracked));
		tracked[tracked_n++] = strdup(line);
	}
	fclose(in);
}

int main(int argc, char **argv)
{
	struct scan_ops ops = { NULL, on_file, on_note, is_tracked };
	const char *gitdir = NULL, *excludes = NULL;
	struct err e = ERR_INIT;
	size_t i;
	int c;

	os_init();
	while ((c = getopt(argc, argv, "qg:x:t:")) > 0) {
		if (c == 'q')
			quiet = 1;
		else if (c == 'g')
			gitdir = optarg;
		else if (c == 'x')
			excludes = optarg;
		else if (c == 't')
			read_tracked(optarg);
		else
			return 129;
	}
	if (argc != optind + 1)
		return 129;
	if (scan_run(argv[optind], gitdir, excludes, &ops, &e)) {
		fprintf(stderr, "%s: %s\n", err_name(e.rc), e.msg);
		return 1;
	}
	if (quiet) {
		printf("files %lu\n", files);
		for (i = 0; i < 6; i++)
			printf("%s %lu\n", kinds[i], notes[i]);
	}
	while (tracked_n)
		free(tracked[--tracked_n]);
	free(tracked);
	return disorder ? 2 : 0;
}
