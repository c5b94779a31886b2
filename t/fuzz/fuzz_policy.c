/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_policy.c - a content policy from arbitrary bytes.  What it says, written
 * as the shortest policy, must say the same again.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void write_again(struct buf *b, const struct policy *p)
{
	const char *at = p->rules.p, *nl;

	buf_addstr(b, "binary-over ");
	policy_size_add(b, p->binary_over);
	buf_addstr(b, "\ntext-over ");
	policy_size_add(b, p->text_over);
	for (; *at; at = nl + 1) {
		nl = strchr(at, '\n');
		must(nl && nl > at);
		buf_addstr(b, *at == '!' ? "\nsmall " : "\nlarge ");
		at += *at == '!';
		buf_add(b, at, (size_t)(nl - at));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy p, again;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = policy_decode(&p, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(p.binary_over >= POLICY_OVER_MIN && p.text_over <= POLICY_OVER_MAX);
	must(strlen(p.rules.p) == p.rules.n);
	if (rc == 0) {
		write_again(&b, &p);
		if (b.n <= POLICY_MAX) {
			must(policy_decode(&again, b.p, b.n, &e) == 0);
			must(again.binary_over == p.binary_over &&
			     again.text_over == p.text_over &&
			     !buf_cmp(&again.rules, &p.rules));
			policy_release(&again);
		}
	}
	buf_release(&b);
	policy_release(&p);
	return 0;
}
