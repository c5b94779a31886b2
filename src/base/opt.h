/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opt.h - the options of a command, as a table.  The same table prints -h,
 * is checked against the man page and generates the completions.
 *
 * Long options: --name, --name=value, --name value; unique prefixes are not
 * accepted (scripts would break when an option is added).  Short ones: -n,
 * -nvalue, -n value, -abc.  "--" ends options.  A positional that begins with
 * '-' must stand after "--"; "-" alone is one.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/buf.h"

enum opt_kind {
	OPT_FLAG,		/* int *: set to 1; --no-name sets 0 */
	OPT_COUNT,		/* int *: incremented */
	OPT_STRING,		/* const char **: borrowed from argv */
	OPT_U64,		/* uint64_t *: decimal, with optional k, M, G, T (powers of 1024) */
	OPT_LIST,		/* struct opt_list *: may be repeated */
	OPT_END
};

#define OPT_LIST_MAX 64
struct opt_list { const char *v[OPT_LIST_MAX]; int n; };

struct opt {
	enum opt_kind kind;
	char short_name;	/* 0 if none */
	const char *long_name;	/* NULL if none */
	void *value;		/* NULL: only shown (-h is known anyway) */
	const char *arg;	/* name of the value in -h, NULL for flags */
	const char *help;	/* one line, no full stop */
};

/*
 * opt_parse(): parse argv[1..argc).  Positionals are moved, in order, to the
 * front of ${argv} (argv[0] = first positional), their number is stored in
 * *ret_argc.  Returns 0; 1 if -h or --help was given (nothing else is
 * guaranteed then); HUB_EUSAGE with a message.
 */
int opt_parse(int argc, char **argv, const struct opt *opts, int *ret_argc,
	      struct err *e);

/* opt_usage(): "usage: hub NAME SYNOPSIS" lines and the table, as -h shows it.
 * ${synopsis} may hold several lines, one per form. */
void opt_usage(struct buf *b, const char *prog, const char *synopsis,
	       const struct opt *opts);

#endif
