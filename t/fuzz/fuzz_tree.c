/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_tree.c - the tree parser on arbitrary bytes.  What passes the check must
 * be written back byte for byte (but for the mode 100664, which becomes
 * 100644), and must be refused as soon as any rule is broken.
 */
#include <stdlib.h>
#include <string.h>

#include "repo/tree.h"
#include "repo/tree_raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

/* Is ${a} what ${b} is when each "100664 " stands for "100644 "? */
static void same_bytes(const uint8_t *a, const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		must(a[i] == (uint8_t)b[i] || (a[i] == '6' && b[i] == '4'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree_entry en;
	struct tree_out out;
	struct tree_raw t;
	const char *why;
	size_t total = 0;
	int rc, bad, refused = 0;

	bad = tree_raw_check(data, size, &why);
	must(bad == 0 || bad == HUB_ECORRUPT || bad == HUB_ELIMIT);
	must(!bad == !*why || !bad);
	tree_out_init(&out);
	for (tree_raw_init(&t, data, size); (rc = tree_raw_next(&t, &en)) > 0;) {
		must(en.name_n && en.name_n <= PATH_LEN_MAX);
		total += en.name_n;
		refused |= tree_out_add(&out, &en) != 0;
	}
	must(total <= size);
	/* The writer sees exactly what the checker sees. */
	must((bad != 0) == (rc < 0 || refused));
	if (!bad) {
		must(out.b.n == size);
		same_bytes(data, out.b.p, size);
		must(!tree_raw_check(out.b.p, out.b.n, NULL));
	}
	tree_out_release(&out);
	return 0;
}
