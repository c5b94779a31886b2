/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tap.h - TAP for C unit tests: each t/unit/u-<room>-<what>.c is one program. */
#ifndef T_TAP_H
#define T_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_n, tap_bad;

/* ok(): one test point. */
__attribute__((format(printf, 2, 3), unused))
static int ok(int cond, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", cond ? "" : "not ", ++tap_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	tap_bad += !cond;
	return cond;
}

/* tap_dir(): a private scratch folder ($TEST_TMP, made by the runner). */
__attribute__((unused)) static const char *tap_dir(void)
{
	const char *d = getenv("TEST_TMP");

	if (!d) {
		fprintf(stderr, "Bail out! TEST_TMP is not set\n");
		exit(255);
	}
	return d;
}

/* done(): plan and exit status; last statement of main(). */
__attribute__((unused)) static int done(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad != 0;
}

#endif
