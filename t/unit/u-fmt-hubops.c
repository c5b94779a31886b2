/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hubformat-hubops(5): the vectors, and what encodes comes back. */
#include "fmt/hubops.h"
#include "vec.h"

#define SEEN 192
#define FOUND 193

static void vector(const struct vec *v)
{
	const uint8_t *p = (const uint8_t *)v->data.p + 1;
	static struct hubops_push push;
	struct oid *want = NULL, *have;
	size_t n = v->data.n ? v->data.n - 1 : 0, a, b;
	struct err e = ERR_INIT;
	struct hubops_look look;
	struct hubops_seen seen;
	struct hubops_put put;
	struct hubops_enrol enrol;
	struct span span;
	uint8_t ssh[32];
	struct hubops_found found;
	int rc = HUB_EBUG;

	switch ((uint8_t)v->data.p[0]) {
	case HUBOPS_LOOK: rc = hubops_look_decode(&look, p, n, &e); break;
	case SEEN: rc = hubops_seen_decode(&seen, p, n, &e); break;
	case HUBOPS_FETCH:
		rc = hubops_fetch_decode(p, n, &want, &a, &have, &b, &e);
		break;
	case HUBOPS_PUSH: rc = hubops_push_decode(&push, p, n, &e); break;
	case HUBOPS_FILE_PUT: rc = hubops_put_decode(&put, p, n, &e); break;
	case HUBOPS_FILE_GET: rc = hubops_get_decode(&put, p, n, &e); break;
	case FOUND: rc = hubops_found_decode(&found, p, n, &e); break;
	case HUBOPS_REDEEM:
		rc = hubops_redeem_decode(p, n, ssh, &span, &e);
		break;
	case HUBOPS_ENROL: rc = hubops_enrol_decode(&enrol, p, n, &e); break;
	}
	ok(vec_expected(v, rc, &e), "%s: %s", v->name, rc ? e.msg : "");
	free(want);
}

static void many_known(void)
{
	struct hubops_known k = { .kind = HUBOPS_ACCEPTED };
	struct hubops_look q;
	uint8_t token[32] = { 7 };
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char name[65];
	int i;

	hubops_look_begin(&b, token);
	for (i = 0; ; i++) {
		snprintf(name, sizeof(name), "%064x", i);
		k.name.p = name;
		k.name.n = 64;
		if (!hubops_look_add(&b, &k))
			break;
	}
	ok(i == HUBOPS_KNOWN_MAX && b.n < 65536, "%d files are %zu bytes", i,
	   b.n);
	ok(!hubops_look_decode(&q, b.p, b.n, &e) && q.n == (size_t)i,
	   "and come back (%s)", e.msg);
	buf_release(&b);
}

int main(void)
{
	vec_each("hubops", 100, vector);
	many_known();
	return done();
}
