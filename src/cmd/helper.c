/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper.c - addresses, options and the tunnel of git-remote-hub. */
#include "cmd/helper.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cmd/cmd.h"
#include "net/ssh.h"
#include "os/os.h"
#include "os/os_file.h"
#include "os/os_proc.h"
#include "sync/site.h"

static int begins(const char *s, const char *with, const char **rest)
{
	size_t n = strlen(with);

	if (strncmp(s, with, n))
		return 0;
	*rest = s + n;
	return 1;
}

/* git runs us in the top folder of a working tree, wherever the user is: what a
 * relative path means would change. */
int helper_address(const char *url, struct buf *ret, struct err *e)
{
	const char *path = url;
	struct buf abs = BUF_INIT;
	int rc;

	begins(url, "file://", &path);
	if (path == url && site_is_url(url))
		return site_resolve(url, ret, e);
	if (path == url && strstr(url, "://"))
		return err_set(e, HUB_EUSAGE, "'%s': no such address is "
			       "understood: hub::/path/to/hub.git, "
			       "hub::/path/to/place, hub::ssh://host/path, "
			       "hub::sftp://host/path",
			       url);
	if (!*path)
		return err_set(e, HUB_EUSAGE, "give the path of a hub or of a "
			       "place: hub::/path");
#ifndef _WIN32
	if (*path != '/') {
		rc = os_abspath(path, &abs, e);
		if (!rc)
			rc = err_set(e, HUB_EUSAGE, "'%s' is not an absolute "
				     "path: hub::%s", path, abs.p);
		buf_release(&abs);
		return rc;
	}
#endif
	rc = site_resolve(path, ret, e);
	buf_release(&abs);
	return rc;
}

int helper_answer(struct err *e)
{
	int rc = buf_error(&cmd_out) ? HUB_ENOMEM :
		os_write_std(1, cmd_out.p, cmd_out.n);

	buf_reset(&cmd_out);
	return rc < 0 ? err_set(e, HUB_EIO, "git does not listen any more") : 0;
}

/* ---- options ---- */

/* Values with other than plain signs come as git quotes paths. */
static int unquote(const char *s, struct buf *ret, struct err *e)
{
	static const char from[] = "abfnrtv\"\\", to[] = "\a\b\f\n\r\t\v\"\\";
	const char *at;
	size_t i;

	if (*s != '"') {
		buf_addstr(ret, s);
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	for (i = 1; s[i] && s[i] != '"'; i++) {
		if (s[i] != '\\') {
			buf_addch(ret, s[i]);
			continue;
		}
		i++;
		at = s[i] ? strchr(from, s[i]) : NULL;
		if (at) {
			buf_addch(ret, to[at - from]);
		} else if (s[i] >= '0' && s[i] <= '3' && s[i + 1] >= '0' &&
			   s[i + 1] <= '7' && s[i + 2] >= '0' && s[i + 2] <= '7') {
			buf_addch(ret, (char)((s[i] - '0') << 6 |
					      (s[i + 1] - '0') << 3 |
					      (s[i + 2] - '0')));
			i += 2;
		} else {
			break;
		}
	}
	if (s[i] != '"' || s[i + 1])
		return err_set(e, HUB_EUSAGE, "git gave a value that is not "
			       "quoted as it should be: %s", s);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int add_cas(struct helper *h, const char *value, struct err *e)
{
	struct buf *v = realloc(h->cas, (h->cas_n + 1) * sizeof(*v));

	if (!v)
		return err_nomem(e);
	h->cas = v;
	buf_init(&v[h->cas_n]);
	return unquote(value, &v[h->cas_n++], e);
}

static int is_true(const char *value)
{
	return !strcmp(value, "true");
}

/* 1: understood; 0: not; < 0. */
static int option(struct helper *h, const char *name, const char *v,
		  struct err *e)
{
	static const char *const fine[] = {
		"followtags", "cloning", "force", "force-if-includes",
		"object-format", "family", "no-dependents", "from-promisor",
		"update-shallow", "check-connectivity", "servpath",
		"depth", "deepen-relative",
	};
	size_t i;
	int rc = 0;

	if (!strcmp(name, "verbosity"))
		h->quiet = *v == '0' || *v == '-';
	else if (!strcmp(name, "progress"))
		h->progress = is_true(v);
	else if (!strcmp(name, "dry-run"))
		h->dry_run = is_true(v);
	else if (!strcmp(name, "atomic"))
		h->atomic = is_true(v);
	else if (!strcmp(name, "cas"))
		rc = add_cas(h, v, e);
	else if ((!strcmp(name, "depth") || !strncmp(name, "deepen-", 7)) &&
		 *v && strcmp(v, "0") && strcmp(v, "false"))
		return err_set(e, HUB_EUSAGE, "'%s' holds sealed history, which "
			       "comes as a whole: leave out --depth and "
			       "--shallow-...", h->path.p);
	else {
		for (i = 0; i < sizeof(fine) / sizeof(*fine); i++)
			if (!strcmp(name, fine[i]))
				return 1;
		return 0;
	}
	return rc < 0 ? rc : 1;
}

int helper_option(struct helper *h, const char *text, struct err *e)
{
	const char *space = strchr(text, ' ');
	struct buf name = BUF_INIT;
	int rc;

	buf_add(&name, text, space ? (size_t)(space - text) : strlen(text));
	rc = buf_error(&name) ? err_nomem(e) :
		option(h, name.p, space ? space + 1 : "", e);
	buf_release(&name);
	if (rc < 0)
		return rc;
	buf_addstr(&cmd_out, rc ? "ok\n" : "unsupported\n");
	return 0;
}

/* ---- the tunnel ---- */

/* Our stdin is git's pipe, but ssh asks on the terminal. */
static void let_ask(struct ssh_argv *v)
{
	size_t i;

	for (i = 0; i + 1 < v->n; i++) {
		if (strcmp(v->at[i], "-o") || strcmp(v->at[i + 1],
						     "BatchMode=yes"))
			continue;
		memmove(&v->at[i], &v->at[i + 2],
			(v->n + 1 - i - 2) * sizeof(*v->at));
		v->n -= 2;
		return;
	}
}

/* git there runs beside us, or at the other end of ssh, as git would run it. */
static int tunnel_ssh(struct helper *h, const char *service, struct err *e)
{
	struct buf command = BUF_INIT, remote = BUF_INIT;
	struct ssh_conf conf = { .command = NULL };
	struct ssh_argv v = { .n = 0 };
	struct ssh_addr a;
	struct repo *r = NULL;
	int rc = ssh_addr_parse(h->path.p, &a, e);

	if (!rc && h->conf.gitdir)
		rc = repo_open_git(h->conf.gitdir, &r, e);
	if (r && !repo_config_get(r, "core.sshcommand", &command, NULL))
		conf.command = command.p;
	buf_addf(&remote, "%s ", service);
	words_quote(&remote, a.path);
	if (!rc)
		rc = buf_error(&remote) ? err_nomem(e) :
			ssh_argv(&a, &conf, remote.p, 0, &v, e);
	repo_close(r);
	if (!rc && h->asks)
		let_ask(&v);
	if (!rc)
		rc = os_exec(v.at, NULL, e);
	ssh_argv_release(&v);
	buf_release(&command);
	buf_release(&remote);
	return rc;
}

static int tunnel(struct helper *h, const char *service, struct err *e)
{
	/* The newest protocol; git on our side takes what it is given. */
	static const char *const env[] = { "GIT_PROTOCOL=version=2", NULL };
	const char *argv[] = { "git", service + strlen("git-"), h->path.p,
			       NULL };

	if (site_is_url(h->path.p))
		return tunnel_ssh(h, service, e);
	return os_exec(argv, strcmp(argv[1], "upload-pack") ? NULL : env, e);
}

int helper_connect(struct helper *h, const char *service, struct err *e)
{
	static const char *const known[] = {
		"git-upload-pack", "git-receive-pack", "git-upload-archive",
	};
	size_t i, n = sizeof(known) / sizeof(*known);
	int rc;

	for (i = 0; i < n && strcmp(service, known[i]); i++)
		;
	buf_addstr(&cmd_out, i < n ? "\n" : "fallback\n");
	rc = helper_answer(e);
	return rc < 0 || i == n ? rc : tunnel(h, known[i], e);
}
