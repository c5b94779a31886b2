/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opt.c - options of a command, parsed and shown from one table.
 *
 * Positionals are moved to the front of argv as they are met; the place that
 * is written to is always behind the one that is read.
 */
#include <string.h>
#include "base/hex.h"
#include "base/opt.h"
#include "base/banned.h"

#define HELP_COLUMN 28

struct parse {
	int argc, at;			/* argv[at] is looked at */
	char **argv;
	const struct opt *opts;
	struct err *e;
};

static int parse_size(const char *s, uint64_t *ret)
{
	static const char suffix[] = "kmgt";
	size_t n = strlen(s);
	const char *p = NULL;
	uint64_t v;
	int shift = 0;

	if (n && (s[n - 1] < '0' || s[n - 1] > '9')) {
		char c = s[n - 1];

		p = strchr(suffix, c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		if (!p)
			return HUB_EUSAGE;
		shift = 10 * (int)(p - suffix + 1);
		n--;
	}
	if (hex_dec_u64(s, n, &v) < 0 || v > UINT64_MAX >> shift)
		return HUB_EUSAGE;
	*ret = v << shift;
	return 0;
}

static int takes_value(const struct opt *o)
{
	return o->kind != OPT_FLAG && o->kind != OPT_COUNT;
}

/* Store;  is the option as the user wrote it,  NULL for flags. */
static int store(struct parse *p, const struct opt *o, const char *shown,
		 const char *v)
{
	struct opt_list *list;

	switch (o->kind) {
	case OPT_FLAG:
		*(int *)o->value = 1;
		break;
	case OPT_COUNT:
		++*(int *)o->value;
		break;
	case OPT_STRING:
		*(const char **)o->value = v;
		break;
	case OPT_U64:
		if (parse_size(v, o->value) < 0)
			return err_set(p->e, HUB_EUSAGE, "%s wants a number "
				       "such as 500, 20k or 3G, not '%s'",
				       shown, v);
		break;
	case OPT_LIST:
		list = o->value;
		if (list->n == OPT_LIST_MAX)
			return err_set(p->e, HUB_EUSAGE, "%s is given more "
				       "than %d times", shown, OPT_LIST_MAX);
		list->v[list->n++] = v;
		break;
	case OPT_END:
		BUG("OPT_END has no value");
	}
	return 0;
}

static const struct opt *find_long(const struct opt *o, const char *name,
				   size_t n)
{
	for (; o->kind != OPT_END; o++)
		if (o->value && o->long_name && strlen(o->long_name) == n &&
		    !memcmp(o->long_name, name, n))
			return o;
	return NULL;
}

/* The argument after the one at hand, as the value of . */
static int next_value(struct parse *p, const char *shown, const char **ret)
{
	if (p->at + 1 >= p->argc)
		return err_set(p->e, HUB_EUSAGE, "%s needs a value", shown);
	*ret = p->argv[++p->at];
	return 0;
}

static int parse_long(struct parse *p)
{
	const char *shown = p->argv[p->at], *name = shown + 2;
	size_t n = strcspn(name, "=");
	const char *v = name[n] ? name + n + 1 : NULL;
	const struct opt *o = find_long(p->opts, name, n);
	int rc;

	if (!o && n == 4 && !memcmp(name, "help", 4) && !v)
		return 1;
	if (!o && n > 3 && !memcmp(name, "no-", 3)) {
		o = find_long(p->opts, name + 3, n - 3);
		if (o && o->kind == OPT_FLAG && !v) {
			*(int *)o->value = 0;
			return 0;
		}
		o = NULL;
	}
	if (!o)
		return err_set(p->e, HUB_EUSAGE, "unknown option '--%.*s': see "
			       "-h", (int)(n < 99 ? n : 99), name);
	if (!takes_value(o)) {
		if (v)
			return err_set(p->e, HUB_EUSAGE, "--%s takes no value",
				       o->long_name);
	} else if (!v) {
		rc = next_value(p, shown, &v);
		if (rc < 0)
			return rc;
	}
	return store(p, o, shown, v);
}

static const struct opt *find_short(const struct opt *o, char c)
{
	for (; o->kind != OPT_END; o++)
		if (o->value && o->short_name == c)
			return o;
	return NULL;
}

static int parse_short(struct parse *p)
{
	const char *s = p->argv[p->at] + 1, *v;
	char shown[3] = "-?";
	const struct opt *o;
	int rc;

	for (; *s; s++) {
		o = find_short(p->opts, *s);
		shown[1] = *s;
		if (!o && *s == 'h')
			return 1;
		if (!o)
			return err_set(p->e, HUB_EUSAGE, "unknown option '%s': "
				       "see -h", shown);
		if (!takes_value(o)) {
			rc = store(p, o, shown, NULL);
			if (rc < 0)
				return rc;
			continue;
		}
		v = s + 1;
		if (!*v) {
			rc = next_value(p, shown, &v);
			if (rc < 0)
				return rc;
		}
		return store(p, o, shown, v);
	}
	return 0;
}

int opt_parse(int argc, char **argv, const struct opt *opts, int *ret_argc,
	      struct err *e)
{
	struct parse p = { argc, 1, argv, opts, e };
	int n = 0, rc;

	for (; p.at < argc; p.at++) {
		char *a = argv[p.at];

		if (a[0] != '-' || !a[1]) {
			argv[n++] = a;
			continue;
		}
		if (!strcmp(a, "--")) {
			while (++p.at < argc)
				argv[n++] = argv[p.at];
			break;
		}
		rc = a[1] == '-' ? parse_long(&p) : parse_short(&p);
		if (rc)
			return rc;
	}
	if (n < argc)
		argv[n] = NULL;
	*ret_argc = n;
	return 0;
}

static void usage_option(struct buf *b, const struct opt *o)
{
	size_t start = b->n, used;

	buf_addstr(b, "    ");
	if (o->short_name)
		buf_addf(b, "-%c%s", o->short_name, o->long_name ? ", " : "");
	if (o->long_name)
		buf_addf(b, "--%s", o->long_name);
	if (o->arg)
		buf_addf(b, "%s<%s>", o->long_name ? "=" : " ", o->arg);
	used = b->n - start;
	if (used + 2 > HELP_COLUMN) {
		buf_addch(b, '\n');
		used = 0;
	}
	buf_addf(b, "%*s%s\n", (int)(HELP_COLUMN - used), "",
		 o->help ? o->help : "");
}

void opt_usage(struct buf *b, const char *prog, const char *synopsis,
	       const struct opt *opts)
{
	const char *s = synopsis, *head = "usage: ";
	size_t n;

	do {
		n = strcspn(s, "\n");
		buf_addf(b, "%s%s%s%.*s\n", head, prog, n ? " " : "", (int)n, s);
		s += n + !!s[n];
		head = "   or: ";
	} while (*s);
	if (opts->kind != OPT_END)
		buf_addch(b, '\n');
	for (; opts->kind != OPT_END; opts++)
		usage_option(b, opts);
}
