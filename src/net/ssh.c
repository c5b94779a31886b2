/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh.c - start the user's ssh, and say in our words why it failed.
 *
 * ssh answers 255 for all failures of its own; which one it was only its last
 * line says, in English whatever the locale.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "net/ssh.h"
#include "os/os.h"
#include "base/banned.h"

#define GRACE_MS 2000		/* for ssh to end once its streams are closed */

#define KEPT_MAX 4

struct ssh_link {
	struct ssh_addr addr;
	struct buf program;	/* what was run there, by which ssh */
	enum frame_kind kind;
	struct os_child *child;
	struct session *s;
};

static struct ssh_link *kept[KEPT_MAX];

/* ---- what is executed ---- */

/* The program and its first arguments. */
static int command(const struct ssh_conf *conf, struct words *ret,
		   struct err *e)
{
	const char *s = os_env("GIT_SSH_COMMAND");
	int rc;

	if (!s)
		s = conf ? conf->command : NULL;
	if (s && *s) {
		rc = words_split(s, strlen(s), ret);
		if (rc == HUB_ENOMEM)
			return err_nomem(e);
		if (rc < 0 || !ret->n) {
			words_release(ret);
			return err_set(e, HUB_EUSAGE, "no command: '%.200s' "
				       "(GIT_SSH_COMMAND, core.sshCommand)",
				       s);
		}
		return 0;
	}
	s = os_env("GIT_SSH");
	if (!s)
		s = "ssh";
	memset(ret, 0, sizeof(*ret));
	ret->block = malloc(strlen(s) + 1);
	if (!ret->block)
		return err_nomem(e);
	memcpy(ret->block, s, strlen(s) + 1);
	ret->at[ret->n++] = ret->block;
	return 0;
}

void ssh_argv_release(struct ssh_argv *v)
{
	free(v->block);
	buf_release(&v->text);
	v->block = NULL;
	v->n = 0;
}

static void host(const struct ssh_addr *a, struct buf *b)
{
	if (a->user[0])
		buf_addf(b, "%s@", a->user);
	buf_addstr(b, a->host);
}

int ssh_argv(const struct ssh_addr *a, const struct ssh_conf *conf,
	     const char *remote, int subsystem, struct ssh_argv *ret,
	     struct err *e)
{
	size_t at[3] = { 0, 0, 0 }, i;
	struct words w;
	int rc = command(conf, &w, e);

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->text);
	if (rc < 0)
		return rc;
	ret->block = w.block;
	for (i = 0; i < w.n; i++)
		ret->at[ret->n++] = w.at[i];
	buf_addf(&ret->text, "%u", a->port);
	at[0] = ret->text.n + 1;
	buf_addch(&ret->text, 0);
	host(a, &ret->text);
	at[1] = ret->text.n + 1;
	buf_addch(&ret->text, 0);
	buf_addstr(&ret->text, remote);
	if (buf_error(&ret->text)) {
		ssh_argv_release(ret);
		return err_nomem(e);
	}
	/* Nobody is there to answer a question. */
	if (!os_tty(0) || !os_tty(2)) {
		ret->at[ret->n++] = "-o";
		ret->at[ret->n++] = "BatchMode=yes";
	}
	if (a->port) {
		ret->at[ret->n++] = "-p";
		ret->at[ret->n++] = ret->text.p;
	}
	if (subsystem)
		ret->at[ret->n++] = "-s";
	ret->at[ret->n++] = "--";
	ret->at[ret->n++] = ret->text.p + at[0];
	ret->at[ret->n++] = ret->text.p + at[1];
	ret->at[ret->n] = NULL;
	return 0;
}

int ssh_start(const struct ssh_addr *a, const struct ssh_conf *conf,
	      const char *remote, int subsystem, struct os_child **ret,
	      struct err *e)
{
	struct os_child_arg arg = {
		.errout = os_tty(2) ? OS_CHILD_SHOW : OS_CHILD_KEEP,
	};
	struct ssh_argv v;
	int rc = ssh_argv(a, conf, remote, subsystem, &v, e);

	if (rc < 0)
		return rc;
	arg.argv = v.at;
	rc = os_child_start(&arg, ret, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EUSAGE, "there is no program '%s' here: "
			     "install OpenSSH, or set GIT_SSH_COMMAND",
			     v.at[0]);
	ssh_argv_release(&v);
	return rc;
}

/* ---- why it failed ---- */

static int has(const char *s, const char *what)
{
	return strstr(s, what) != NULL;
}

/* The last line that says something. */
static void last_line(const char *s, char *ret, size_t max)
{
	size_t end = strlen(s), from;

	while (end && isspace((unsigned char)s[end - 1]))
		end--;
	for (from = end; from && s[from - 1] != '\n'; from--)
		;
	if (end - from > max - 1)
		end = from + max - 1;
	memcpy(ret, s + from, end - from);
	ret[end - from] = 0;
}

static int by_ssh(const char *tail, const char *line, const char *where,
		  struct err *e)
{
	if (has(tail, "Host key verification failed") ||
	    has(tail, "HOST IDENTIFICATION HAS CHANGED"))
		return err_set(e, HUB_EAUTH, "'%s' is not known, or shows "
			       "another host key than before: try `ssh` there "
			       "by hand first (%s)", where, line);
	if (has(tail, "Permission denied"))
		return err_set(e, HUB_EDENIED, "'%s' does not let us in: %s",
			       where, line);
	return err_set(e, HUB_EOFFLINE, "'%s' does not answer%s%s", where,
		       *line ? ": " : "", line);
}

int ssh_why(struct os_child *c, const struct ssh_addr *a, struct err *e)
{
	struct buf where = BUF_INIT;
	struct err why = *e;
	const char *tail;
	char line[200];
	int status = 0, rc;

	if (os_child_end(c, GRACE_MS, &status, e) < 0)
		return HUB_ECANCEL;
	host(a, &where);
	tail = os_child_tail(c);
	last_line(tail, line, sizeof(line));
	if (status == 255)
		rc = by_ssh(tail, line, where.p, e);
	else if (status == 126 || status == 127 ||
		 has(tail, "allows sftp connections only"))
		rc = err_set(e, HUB_EUSAGE, "there is no hub program at '%s' "
			     "(%s): install it, name it by "
			     "vibehub.remoteProgram, or use sftp://",
			     where.p, line);
	else if (*line && status && why.rc != HUB_ECORRUPT)
		rc = err_set(e, HUB_EOFFLINE, "'%s': %s", where.p, line);
	else
		rc = err_set(e, why.rc, "'%s': %s", where.p, why.msg);
	buf_release(&where);
	return rc;
}

/* ---- a session ---- */

static int gone(void *arg, struct err *e)
{
	struct ssh_link *l = arg;

	return ssh_why(l->child, &l->addr, e);
}

static void which(const struct ssh_conf *conf, struct buf *b)
{
	buf_addf(b, "%s\n%s", conf && conf->command ? conf->command : "",
		 conf && conf->program ? conf->program : "");
}

static int identify(struct ssh_link *l, const struct ssh_addr *a,
		    const struct ssh_conf *conf, enum frame_kind kind,
		    struct err *e)
{
	l->addr = *a;
	l->kind = kind;
	which(conf, &l->program);
	return buf_error(&l->program) ? err_nomem(e) : 0;
}

int ssh_open(const struct ssh_addr *a, const struct ssh_conf *conf,
	     const struct frame_hello *hello, struct ssh_link **ret,
	     struct err *e)
{
	struct buf remote = BUF_INIT;
	struct ssh_link *l = calloc(1, sizeof(*l));
	int rc = 0;

	if (l)
		buf_init(&l->program);
	words_quote(&remote, conf && conf->program ? conf->program : "hub");
	buf_addstr(&remote, " serve ");
	words_quote(&remote, a->path);
	if (!l || buf_error(&remote))
		rc = err_nomem(e);
	if (rc == 0)
		rc = identify(l, a, conf, hello->kind, e);
	if (rc == 0)
		rc = ssh_start(a, conf, remote.p, 0, &l->child, e);
	if (rc == 0)
		rc = session_open(os_child_stream(l->child), hello, gone, l,
				  &l->s, e);
	buf_release(&remote);
	if (rc < 0)
		ssh_close(l);
	else
		*ret = l;
	return rc;
}

struct session *ssh_session(struct ssh_link *l)
{
	return l->s;
}

void ssh_close(struct ssh_link *l)
{
	int status;

	if (!l)
		return;
	session_close(l->s);
	/* Its own last words to the far side, and the far side's end. */
	if (l->child)
		os_child_end(l->child, GRACE_MS, &status, NULL);
	os_child_free(l->child);
	buf_release(&l->program);
	free(l);
}

/* ---- kept for later ---- */

void ssh_keep(struct ssh_link *l)
{
	size_t i;

	for (i = 0; l && i < KEPT_MAX && session_idle(l->s); i++) {
		if (kept[i])
			continue;
		kept[i] = l;
		return;
	}
	ssh_close(l);
}

static int same_addr(const struct ssh_addr *a, const struct ssh_addr *b)
{
	return !strcmp(a->user, b->user) && !strcmp(a->host, b->host) &&
		a->port == b->port && !strcmp(a->path, b->path);
}

struct ssh_link *ssh_reuse(const struct ssh_addr *a,
			   const struct ssh_conf *conf, enum frame_kind kind)
{
	struct ssh_link *found = NULL, *l;
	struct buf b = BUF_INIT;
	size_t i;

	which(conf, &b);
	for (i = 0; i < KEPT_MAX && !found && !buf_error(&b); i++) {
		l = kept[i];
		if (!l || l->kind != kind || !same_addr(&l->addr, a) ||
		    strcmp(l->program.p, b.p))
			continue;
		kept[i] = NULL;
		if (session_idle(l->s))
			found = l;
		else
			ssh_close(l);
	}
	buf_release(&b);
	return found;
}

void ssh_end(void)
{
	size_t i;

	for (i = 0; i < KEPT_MAX; i++) {
		ssh_close(kept[i]);
		kept[i] = NULL;
	}
}
