/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gitcli.h - run the real git from a C unit test and compare with what we do. */
#ifndef T_GITCLI_H
#define T_GITCLI_H

#include "tap.h"
#include "base/buf.h"
#include "base/oid.h"
#include "os/os_proc.h"

static struct buf git_out = BUF_INIT;	/* what the last git() printed */

/* git(): `git -C ${dir} ...` (words, NULL-ended); its exit status. */
__attribute__((unused, sentinel))
static int git(const char *dir, ...)
{
	static const char *const env[] = {
		"GIT_CONFIG_NOSYSTEM=1", "HOME=/nonexistent",
		"GIT_AUTHOR_NAME=A U Thor", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=C O Mitter",
		"GIT_COMMITTER_EMAIL=c@example.com",
		"GIT_AUTHOR_DATE=1700000000 +0130",
		"GIT_COMMITTER_DATE=1700000001 -0500", NULL
	};
	const char *argv[64] = { "git", "-C", dir };
	struct os_proc p = { .argv = argv, .env = env, .out = &git_out,
			     .out_max = 64u << 20, .timeout_ms = 120000 };
	struct err e = ERR_INIT;
	int n = 3, status = -1;
	va_list ap;

	va_start(ap, dir);
	while (n < 63 && (argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	argv[n] = NULL;
	buf_reset(&git_out);
	if (os_run(&p, &status, &e) < 0)
		printf("# git %s: %s\n", argv[3], e.msg);
	while (git_out.n && git_out.p[git_out.n - 1] == '\n')
		buf_setlen(&git_out, git_out.n - 1);
	return status;
}

/* git_oid_of(): `git rev-parse ${what}`. */
__attribute__((unused))
static struct oid git_oid_of(const char *dir, const char *what)
{
	struct oid id = oid_zero;

	if (git(dir, "rev-parse", what, NULL) != 0 ||
	    oid_parse(&id, git_out.p, git_out.n) < 0)
		printf("# git rev-parse %s: %s\n", what, git_out.p);
	return id;
}

/* path(): "$TEST_TMP/${rest}" in one of 8 rotating buffers. */
__attribute__((unused))
static const char *path(const char *rest)
{
	static char p[8][1024];
	static int i;

	i = (i + 1) % 8;
	snprintf(p[i], sizeof(p[i]), "%s/%s", tap_dir(), rest);
	return p[i];
}

/* put_file(): write a text file. */
__attribute__((unused))
static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "wb");

	if (!f || fwrite(text, 1, strlen(text), f) != strlen(text) ||
	    fclose(f) != 0) {
		printf("Bail out! cannot write %s\n", name);
		exit(255);
	}
}

#endif
