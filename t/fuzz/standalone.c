/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standalone.c - a driver for fuzz targets without libFuzzer: runs
 * LLVMFuzzerTestOneInput() over files, and over the files of folders, given as
 * arguments.  So corpora are replayed by `make test` with any compiler.
 *
 *	replay_NAME [--tap] FILE|FOLDER...
 *
 * Ends with 0 unless the target crashes; a folder that is not there counts as
 * empty.  Every target is also given the empty input.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#define INPUT_MAX (64u << 20)

static unsigned done;

/* The input is copied to a block of its very size: reading one byte too far is
 * then seen by ASan. */
static int replay_file(const char *path, size_t size)
{
	uint8_t *p;
	FILE *f;
	int rc = -1;

	if (size > INPUT_MAX) {
		fprintf(stderr, "%s: over %u bytes\n", path, INPUT_MAX);
		return -1;
	}
	p = malloc(size ? size : 1);
	f = fopen(path, "rb");
	if (!p || !f || fread(p, 1, size, f) != size) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	} else {
		LLVMFuzzerTestOneInput(p, size);
		done++;
		rc = 0;
	}
	if (f)
		fclose(f);
	free(p);
	return rc;
}

static int replay_path(const char *path, int depth);

static int replay_dir(const char *path, int depth)
{
	struct dirent **list;
	char sub[4096];
	int i, n, rc = 0;

	n = scandir(path, &list, NULL, alphasort);
	if (n < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			snprintf(sub, sizeof(sub), "%s/%s", path, list[i]->d_name);
			if (replay_path(sub, depth + 1))
				rc = -1;
		}
		free(list[i]);
	}
	free(list);
	return rc;
}

static int replay_path(const char *path, int depth)
{
	struct stat st;

	if (depth > 4)
		return 0;
	if (stat(path, &st)) {
		if (errno == ENOENT && !depth)
			return 0;
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		return replay_dir(path, depth);
	return replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	uint8_t *none;
	int i, tap = 0, bad = 0;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	none = malloc(1);
	if (none)
		LLVMFuzzerTestOneInput(none, 0);
	free(none);
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--tap"))
			tap = 1;
		else if (replay_path(argv[i], 0))
			bad = 1;
	}
	if (tap)
		printf("%sok 1 - replayed %u inputs\n1..1\n", bad ? "not " : "", done);
	return bad;
}
