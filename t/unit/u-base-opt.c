/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-opt.c - options from a table. */
#include "base/opt.h"
#include "tap.h"

static int flag, count;
static const char *str;
static uint64_t num;
static struct opt_list list;

static const struct opt opts[] = {
	{ OPT_FLAG, 'f', "force", &flag, NULL, "do it anyway" },
	{ OPT_COUNT, 'v', "verbose", &count, NULL, "say more" },
	{ OPT_STRING, 'C', NULL, &str, "dir", "work there" },
	{ OPT_U64, 0, "max-size", &num, "n", "at most so many bytes" },
	{ OPT_LIST, 'x', "exclude", &list, "pattern", "leave these out" },
	{ OPT_STRING, 'o', "a-very-long-name-of-it", &str, "something", "long" },
	{ OPT_END, 0, NULL, NULL, NULL, NULL },
};

static const struct opt shown[] = {
	{ OPT_FLAG, 'h', "help", NULL, NULL, "show this help" },
	{ .kind = OPT_END },
};

static char *args[128];
static int left;
static struct err e;

/* Parse the words after argv[0]; their number is up to the NULL. */
static int parse(const char *const *words)
{
	int n = 1;

	flag = count = left = 0;
	str = NULL;
	num = 0;
	list.n = 0;
	args[0] = (char *)"prog";
	for (; *words; words++)
		args[n++] = (char *)*words;
	args[n] = NULL;
	return opt_parse(n, args, opts, &left, &e);
}

#define P(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void t_good(void)
{
	ok(!parse((const char *const[]){ NULL }) && !left && !args[0],
	   "no arguments");
	ok(!P("a", "-f", "b", "-vv", "c") && flag && count == 2 && left == 3 &&
	   !strcmp(args[0], "a") && !strcmp(args[1], "b") &&
	   !strcmp(args[2], "c") && !args[3], "mixed with positionals");
	ok(!P("-Cx") && !strcmp(str, "x") && !P("-C", "y") && !strcmp(str, "y") &&
	   !P("-fvCz", "w") && !strcmp(str, "z") && flag && count == 1 && left == 1,
	   "short values");
	ok(!P("--max-size=5") && num == 5 && !P("--max-size", "3k") &&
	   num == 3072 && !P("--max-size=2M") && num == 2 << 20 &&
	   !P("--max-size=1g") && num == 1 << 30 && !P("--max-size=1T") &&
	   num == UINT64_C(1) << 40, "long values, sizes");
	ok(!P("--force", "--no-force") && !flag, "--no-");
	ok(!P("-x", "a", "--exclude=b", "-xc") && list.n == 3 &&
	   !strcmp(list.v[0], "a") && !strcmp(list.v[1], "b") &&
	   !strcmp(list.v[2], "c"), "list");
	ok(!P("-C", "-f") && !strcmp(str, "-f") && !flag, "a value with a dash");
	ok(!P("-C", "") && !*str && !P("--exclude=") && !*list.v[0],
	   "empty values");
	ok(!P("--", "-f", "--", "x") && !flag && left == 3 &&
	   !strcmp(args[0], "-f") && !strcmp(args[1], "--"), "after --");
	ok(!P("-", "--") && left == 1 && !strcmp(args[0], "-"), "a lone dash");
	ok(P("-h") == 1 && P("--help") == 1 && P("-fh") == 1, "help");
	ok(opt_parse(2, (char *[]){ (char *)"x", (char *)"-h", NULL }, shown, &left, &e) == 1 &&
	   opt_parse(2, (char *[]){ (char *)"x", (char *)"--help", NULL }, shown, &left,
		     &e) == 1 &&
	   opt_parse(2, (char *[]){ (char *)"x", (char *)"--no-help", NULL }, shown, &left,
		     &e) == HUB_EUSAGE &&
	   opt_parse(2, (char *[]){ (char *)"x", (char *)"--help=1", NULL }, shown, &left,
		     &e) == HUB_EUSAGE, "help that is in the table");
}

static int bad(int rc)
{
	int good = rc == HUB_EUSAGE && e.rc == HUB_EUSAGE && e.msg[0];

	err_clear(&e);
	return good;
}

static void t_bad(void)
{
	const char *many[OPT_LIST_MAX + 2];
	int i;

	ok(bad(P("--nope")) && bad(P("-q")) && bad(P("-fq")), "unknown");
	ok(bad(P("--forc")) && bad(P("--verb")), "prefixes are not accepted");
	ok(bad(P("--force=1")) && bad(P("--no-force=1")) && bad(P("--help=1")),
	   "a value for a flag");
	ok(bad(P("--no-max-size")) && bad(P("--no-")) && bad(P("--no-verbose")),
	   "--no- is for flags only");
	ok(bad(P("-C")) && bad(P("--max-size")) && bad(P("-fC")), "no value");
	ok(bad(P("--max-size=")) && bad(P("--max-size=k")) &&
	   bad(P("--max-size=-1")) && bad(P("--max-size=1x")) &&
	   bad(P("--max-size=1kk")) && bad(P("--max-size=0x1")) &&
	   bad(P("--max-size=99999999999999999999")) &&
	   bad(P("--max-size=16777216T")) && num == 0, "no number");
	ok(!P("--max-size=16777215T") && num == UINT64_C(16777215) << 40,
	   "the largest number with a suffix");
	for (i = 0; i <= OPT_LIST_MAX; i++)
		many[i] = "-xa";
	many[i] = NULL;
	ok(bad(parse(many)), "a list that is too long");
	ok(bad(P("--\x1b[1m")) , "a hostile option");
}

static void t_usage(void)
{
	struct buf b = BUF_INIT;

	opt_usage(&b, "hub x", "[-f] PATH\n-v", opts);
	ok(!strcmp(b.p,
		"usage: hub x [-f] PATH\n   or: hub x -v\n\n"
		"    -f, --force             do it anyway\n"
		"    -v, --verbose           say more\n"
		"    -C <dir>                work there\n"
		"    --max-size=<n>          at most so many bytes\n"
		"    -x, --exclude=<pattern>\n"
		"                            leave these out\n"
		"    -o, --a-very-long-name-of-it=<something>\n"
		"                            long\n"), "usage");
	buf_reset(&b);
	opt_usage(&b, "hub y", "", &opts[6]);
	ok(!strcmp(b.p, "usage: hub y\n"), "no options, no arguments");
	buf_release(&b);
}

int main(void)
{
	t_good();
	t_bad();
	t_usage();
	return done();
}
