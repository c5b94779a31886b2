/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_sshaddr.c - addresses and commands from arbitrary bytes.  What comes to
 * stand on ssh's command line looks like no option; what is shown reads as the
 * same; what is quoted is one word.
 */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "net/ssh.h"
#include "serve/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void address(const char *s)
{
	struct ssh_addr a, again;
	struct buf b = BUF_INIT;

	if (ssh_addr_is(s) && ssh_addr_parse(s, &a, NULL) == 0) {
		must(a.host[0] && a.host[0] != '-' && a.user[0] != '-');
		must(a.path[0] == '/' || !strncmp(a.path, "~/", 2));
		ssh_addr_show(&a, &b);
		must(ssh_addr_is(b.p) && !ssh_addr_parse(b.p, &again, NULL));
		must(!strcmp(a.host, again.host) && !strcmp(a.user, again.user)
		     && !strcmp(a.path, again.path) && a.port == again.port);
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	enum serve_what what;
	struct words w;
	size_t i;

	if (size > 10000)
		return 0;
	buf_add(&text, data, size);
	address(text.p);
	if (serve_original(text.p, &what, &b, NULL) == 0)
		must(b.n && b.p[0] != '-');
	buf_reset(&b);
	if (words_split(text.p, text.n, &w) == 0)
		for (i = 0; i < w.n; i++)
			must(strlen(w.at[i]) <= size);
	words_release(&w);
	words_quote(&b, text.p);
	must(words_split(b.p, b.n, &w) == 0 && w.n == 1 &&
	     !strcmp(w.at[0], text.p));
	words_release(&w);
	buf_release(&text);
	buf_release(&b);
	return 0;
}
