/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_complete.c - completions for bash, zsh and fish, from the option tables
 * and, for the verbs of a command, its synopsis.
 *
 * Help texts become shell source: what a shell could take for its own is quoted
 * in each dialect's way.
 */
#include "cmd/cmd_complete.h"

#include <string.h>

/* The next verb ("add" of "add NAME DIR", "list" of "[list] [--json]"): lines of
 * a synopsis that begin with a word.  0 at the end. */
static int next_verb(const char **at, const char **ret, size_t *n)
{
	const char *p = *at;

	while (p && *p) {
		const char *end = strchr(p, '\n');

		p += *p == '[';
		*n = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
		*ret = p;
		p = end ? end + 1 : NULL;
		if (*n && **ret != '-') {
			*at = p;
			return 1;
		}
	}
	*at = p;
	return 0;
}

static void verbs(struct buf *b, const struct cmd *c)
{
	const char *at = c->synopsis, *v;
	size_t n;

	while (next_verb(&at, &v, &n)) {
		if (b->n)
			buf_addch(b, ' ');
		buf_add(b, v, n);
	}
}

/* ${s} with a backslash before each of ${special}, and ' as ${quote}. */
static void escaped(struct buf *b, const char *s, const char *special,
		    const char *quote)
{
	for (; *s; s++) {
		if (*s == '\'') {
			buf_addstr(b, quote);
			continue;
		}
		if (strchr(special, *s))
			buf_addch(b, '\\');
		buf_addch(b, *s);
	}
}

/* ---- bash ---- */

static void bash_words(struct buf *b, const struct cmd *c)
{
	const struct opt *o;

	for (o = c->opts; o->kind != OPT_END; o++)
		if (o->long_name)
			buf_addf(b, "%s--%s%s", b->n ? " " : "", o->long_name,
				 o->arg ? "=" : "");
}

static void bash(struct buf *out, const struct cmd *const *cmds, size_t n)
{
	struct buf w = BUF_INIT;
	size_t i;

	buf_addstr(out, "# bash completion of hub, generated\n_hub()\n{\n"
		   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} c=${COMP_WORDS[1]} "
		   "verbs= opts=\n\tCOMPREPLY=()\n"
		   "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -W \"");
	for (i = 0; i < n; i++)
		if (!cmds[i]->plumbing)
			buf_addf(out, "%s ", cmds[i]->name);
	buf_addstr(out, "\" -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase $c in\n");
	for (i = 0; i < n; i++) {
		if (cmds[i]->plumbing)
			continue;
		buf_reset(&w);
		verbs(&w, cmds[i]);
		buf_addf(out, "\t%s) verbs=\"%s\" ", cmds[i]->name, w.p);
		buf_reset(&w);
		bash_words(&w, cmds[i]);
		buf_addf(out, "opts=\"%s\" ;;\n", w.p);
	}
	buf_addstr(out, "\tesac\n"
		   "\tcase $cur in\n"
		   "\t-*)\n"
		   "\t\tCOMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n"
		   "\t\t[[ ${COMPREPLY-} == *= ]] && compopt -o nospace "
		   "2>/dev/null\n"
		   "\t\treturn ;;\n"
		   "\t=)\tcur= ;;\n"
		   "\tesac\n"
		   "\tif [ \"$COMP_CWORD\" = 2 ] && [ -n \"$verbs\" ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
		   "\t\treturn\n"
		   "\tfi\n"
		   "\tcompopt -o filenames 2>/dev/null\n"
		   "\tlocal IFS=$'\\n'\n"
		   "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		   "}\ncomplete -F _hub hub\n");
	buf_release(&w);
}

/* ---- zsh: everything stands in single quotes ---- */

#define ZSH_QUOTE "'\\''"

static void zsh_option(struct buf *out, const struct opt *o)
{
	buf_addf(out, " \\\n\t\t\t'--%s%s[", o->long_name, o->arg ? "=" : "");
	escaped(out, o->help, "[]\\", ZSH_QUOTE);
	buf_addch(out, ']');
	if (o->arg)
		buf_addf(out, ":%s:_files", o->arg);
	buf_addch(out, '\'');
	if (o->short_name && !o->arg) {
		buf_addf(out, " \\\n\t\t\t'-%c[", o->short_name);
		escaped(out, o->help, "[]\\", ZSH_QUOTE);
		buf_addstr(out, "]'");
	}
}

static void zsh_command(struct buf *out, const struct cmd *c)
{
	struct buf v = BUF_INIT;
	const struct opt *o;

	buf_addf(out, "\t%s)\n\t\t_arguments -s", c->name);
	for (o = c->opts; o->kind != OPT_END; o++)
		if (o->long_name)
			zsh_option(out, o);
	verbs(&v, c);
	if (v.n)
		buf_addf(out, " \\\n\t\t\t'1:verb:(%s)'", v.p);
	buf_addstr(out, " \\\n\t\t\t'*:file:_files' ;;\n");
	buf_release(&v);
}

static void zsh(struct buf *out, const struct cmd *const *cmds, size_t n)
{
	size_t i;

	buf_addstr(out, "#compdef hub\n# zsh completion of hub, generated\n"
		   "_hub()\n{\n\tlocal -a commands\n\tcommands=(\n");
	for (i = 0; i < n; i++) {
		if (cmds[i]->plumbing)
			continue;
		buf_addf(out, "\t\t'%s:", cmds[i]->name);
		escaped(out, cmds[i]->summary, "\\", ZSH_QUOTE);
		buf_addstr(out, "'\n");
	}
	buf_addstr(out, "\t)\n\tif (( CURRENT == 2 )); then\n"
		   "\t\t_describe command commands\n\t\treturn\n\tfi\n"
		   "\tshift words\n\t(( CURRENT-- ))\n"
		   "\tcase $words[1] in\n");
	for (i = 0; i < n; i++)
		if (!cmds[i]->plumbing)
			zsh_command(out, cmds[i]);
	buf_addstr(out, "\tesac\n}\n_hub \"$@\"\n");
}

/* ---- fish: ' and \ are escaped inside single quotes ---- */

#define FISH_QUOTE "\\'"

static void fish_option(struct buf *out, const struct cmd *c,
			const struct opt *o)
{
	buf_addf(out, "complete -c hub -n '__fish_seen_subcommand_from %s' -l "
		 "%s", c->name, o->long_name);
	if (o->short_name)
		buf_addf(out, " -s %c", o->short_name);
	buf_addf(out, "%s -d '", o->arg ? " -r" : "");
	escaped(out, o->help, "\\", FISH_QUOTE);
	buf_addstr(out, "'\n");
}

static void fish(struct buf *out, const struct cmd *const *cmds, size_t n)
{
	struct buf v = BUF_INIT;
	const struct opt *o;
	size_t i;

	buf_addstr(out, "# fish completion of hub, generated\n"
		   "complete -c hub -n __fish_use_subcommand -f\n");
	for (i = 0; i < n; i++) {
		const struct cmd *c = cmds[i];

		if (c->plumbing)
			continue;
		buf_addf(out, "complete -c hub -n __fish_use_subcommand -a %s "
			 "-d '", c->name);
		escaped(out, c->summary, "\\", FISH_QUOTE);
		buf_addstr(out, "'\n");
		buf_reset(&v);
		verbs(&v, c);
		if (v.n)	/* as the word right behind the command */
			buf_addf(out, "complete -c hub -n 'test (commandline -opc"
				 ")[-1] = %s' -f -a '%s'\n", c->name, v.p);
		for (o = c->opts; o->kind != OPT_END; o++)
			if (o->long_name)
				fish_option(out, c, o);
	}
	buf_release(&v);
}

int cmd_complete(struct buf *out, const char *shell,
		 const struct cmd *const *cmds, size_t n)
{
	static const struct {
		const char *name;
		void (*fn)(struct buf *, const struct cmd *const *, size_t);
	} t[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++)
		if (!strcmp(shell, t[i].name)) {
			t[i].fn(out, cmds, n);
			return 0;
		}
	return HUB_EUSAGE;
}
