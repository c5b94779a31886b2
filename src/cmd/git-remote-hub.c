/* SPDX-License-Identifier: GPL-2.0-or-later */
/* git-remote-hub.c - run by git for URLs hub::...: the loop of what it asks. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/cmd_pass.h"
#include "cmd/helper.h"
#include "net/ssh.h"
#include "os/os.h"

static const char usage[] =
	"usage: git clone hub::/path/to/hub.git\n"
	"       git clone hub::/path/to/place[/<hub id>]\n"
	"       git clone hub::ssh://host/path\n"
	"       git clone hub::sftp://host/path/to/place\n\n"
	"git runs git-remote-hub for such URLs, in clone, fetch, push, ls-remote.\n";

/* Is nobody there to be asked? */
static int no_prompt(void)
{
	const char *v = os_env("GIT_TERMINAL_PROMPT");

	return v && (!strcmp(v, "0") || !strcmp(v, "false") || !strcmp(v, "no") ||
		     !strcmp(v, "off"));
}

static int ask_pass(void *arg, struct buf *ret, struct err *e)
{
	struct helper *h = arg;
	struct buf prompt = BUF_INIT;
	int rc;

	if (cmd_pass_given(PASS_WANT_OLD))
		return cmd_pass_get(PASS_WANT_OLD, "", ret, NULL, e);
	buf_addf(&prompt, "Passphrase of the sealed copy at %s: ", h->path.p);
	rc = buf_error(&prompt) ? err_nomem(e) : no_prompt() ? HUB_EUSAGE :
		os_ask_secret(prompt.p, ret, PASS_MAX, e);
	buf_release(&prompt);
	if (!rc)
		pass_normal(ret);
	if (rc == HUB_EUSAGE)
		rc = err_set(e, HUB_EAUTH, "this computer has no key to the "
			     "sealed copy at '%s', and there is no terminal to "
			     "ask for its passphrase: set VIBEHUB_PASSPHRASE, "
			     "_FILE, _COMMAND or _FD", h->path.p);
	return rc;
}

static int capabilities(struct helper *h, struct err *e)
{
	int rc = plain_kind(&h->conf, &h->kind, e);

	buf_addstr(&cmd_out, h->kind == PLAIN_GIT ? "connect\n\n" :
		   "option\nfetch\npush\nobject-format\n\n");
	return rc;
}

/* One thing that git asks: 0, or < 0. */
static int ask(struct helper *h, struct err *e)
{
	const char *s = h->line.p;

	if (!strcmp(s, "capabilities"))
		return capabilities(h, e);
	if (!strncmp(s, "connect ", 8))
		return helper_connect(h, s + 8, e);
	if (!strncmp(s, "option ", 7))
		return helper_option(h, s + 7, e);
	if (!strcmp(s, "list") || !strcmp(s, "list for-push"))
		return helper_list(h, s[4] != '\0', e);
	if (!strncmp(s, "fetch ", 6))
		return helper_fetch(h, e);
	if (!strncmp(s, "push ", 5))
		return helper_push(h, e);
	return err_set(e, HUB_EUSAGE, "git asks for '%s', which git-remote-hub "
		       "does not know", s);
}

static int serve(struct helper *h, struct err *e)
{
	int rc;

	for (;;) {
		rc = os_read_line(&h->line, HELPER_LINE_MAX, e);
		if (rc == HUB_EABSENT) {
			err_clear(e);
			return 0;
		}
		if (!rc && !h->line.n)
			return 0;
		if (!rc)
			rc = ask(h, e);
		if (!rc)
			rc = helper_answer(e);
		if (rc < 0)
			return rc;
	}
}

static int run(const char *url)
{
	struct helper h = { .path = BUF_INIT, .line = BUF_INIT };
	struct err e = ERR_INIT;
	size_t i;
	int code = 0, rc = helper_address(url, &h.path, &e);

	if (!rc)
		rc = cmd_libs(&code);
	h.conf.path = h.path.p;
	h.conf.gitdir = os_env_git("GIT_DIR");
	h.conf.pass = ask_pass;
	h.conf.arg = &h;
	h.asks = !no_prompt();
	if (!rc)
		rc = serve(&h, &e);
	plain_close(h.place);
	ssh_end();
	for (i = 0; i < h.cas_n; i++)
		buf_release(&h.cas[i]);
	free(h.cas);
	buf_release(&h.path);
	buf_release(&h.line);
	buf_reset(&cmd_out);
	return code ? code : rc < 0 ? cmd_fail(rc, &e) : 0;
}

int main(int argc, char **argv)
{
	int code;

	os_init();
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		buf_addstr(&cmd_out, "git-remote-hub " HUB_VERSION "\n");
		return cmd_flush(0);
	}
	if (argc == 2 && (!strcmp(argv[1], "-h") ||
			  !strcmp(argv[1], "--help"))) {
		buf_addstr(&cmd_out, usage);
		return cmd_flush(0);
	}
	if (argc < 2 || argc > 3) {
		os_write_std(2, usage, sizeof(usage) - 1);
		return 129;
	}
	code = run(argv[argc - 1]);
	repo_lib_shutdown();
	return cmd_flush(code);
}
