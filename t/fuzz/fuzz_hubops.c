/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_hubops.c - a message of hubformat-hubops(5) from arbitrary bytes, the
 * first of which says which (t/vectors/gen_hubops.py).  What decodes must encode
 * to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/hubops.h"

#define SEEN 192
#define FOUND 193

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static int look(const uint8_t *p, size_t n, struct buf *out)
{
	struct hubops_look q;
	struct hubops_known k;
	int rc = hubops_look_decode(&q, p, n, NULL);

	if (rc < 0)
		return rc;
	hubops_look_begin(out, q.token);
	while (hubops_known_next(&q.files, &k))
		must(hubops_look_add(out, &k));
	return 0;
}

static void seen_refs(struct hubops_seen *s, struct buf *out)
{
	char name[HUBOPS_NAME_MAX + 1];
	struct hubops_ref r;
	size_t i;

	hubops_seen_refs(out, s->refs_n);
	for (i = 0; i < s->refs_n; i++) {
		must(hubops_ref_next(&s->refs, &r));
		memcpy(name, r.name.p, r.name.n);
		name[r.name.n] = '\0';
		must(strlen(name) == r.name.n);
		hubops_seen_ref(out, &r.id, name);
	}
}

static int seen(const uint8_t *p, size_t n, struct buf *out)
{
	char head[HUBOPS_NAME_MAX + 1] = "";
	struct hubops_seen s;
	struct hubops_file f;
	size_t i, at;
	int rc = hubops_seen_decode(&s, p, n, NULL);

	if (rc < 0)
		return rc;
	if (s.head.n)
		memcpy(head, s.head.p, s.head.n);
	head[s.head.n] = '\0';
	hubops_seen_begin(out, s.token, head, s.format.p, s.format.n);
	if (s.has_refs)
		seen_refs(&s, out);
	else
		hubops_seen_no_refs(out);
	at = hubops_seen_files(out);
	for (i = 0; i < s.files_n; i++) {
		must(hubops_file_next(&s.files, &f));
		hubops_seen_file(out, &f);
	}
	hubops_seen_end(out, at, s.files_n);
	return 0;
}

static int fetch(const uint8_t *p, size_t n, struct buf *out)
{
	struct oid *want = NULL, *have = NULL;
	size_t want_n, have_n;
	int rc = hubops_fetch_decode(p, n, &want, &want_n, &have, &have_n,
				     NULL);

	if (!rc)
		hubops_fetch_encode(out, want, want_n, have, have_n);
	free(want);
	return rc;
}

static int push(const uint8_t *p, size_t n, struct buf *out)
{
	static struct hubops_push q;
	int rc = hubops_push_decode(&q, p, n, NULL);

	if (!rc)
		must(!hubops_push_encode(out, q.name, &q.old, &q.now, q.who,
					 q.why));
	return rc;
}

static int put(int op, const uint8_t *p, size_t n, struct buf *out)
{
	struct hubops_put q;
	int rc = op == HUBOPS_FILE_PUT ? hubops_put_decode(&q, p, n, NULL) :
		hubops_get_decode(&q, p, n, NULL);

	if (!rc)
		hubops_put_encode(out, q.kind, q.name, q.bytes.p, q.bytes.n);
	return rc;
}

static int enrol(const uint8_t *p, size_t n, struct buf *out)
{
	struct hubops_enrol q;
	int rc = hubops_enrol_decode(&q, p, n, NULL);

	if (rc < 0)
		return rc;
	hubops_enrol_encode(out, &q);
	must(out->n == q.signed_n);
	buf_add(out, q.sig, sizeof(q.sig));
	return 0;
}

static int redeem(const uint8_t *p, size_t n, struct buf *out)
{
	struct span span;
	uint8_t ssh[32];
	int rc = hubops_redeem_decode(p, n, ssh, &span, NULL);

	if (rc < 0)
		return rc;
	buf_add(out, ssh, 32);
	buf_add(out, span.p, span.n);
	return 0;
}

static int found(const uint8_t *p, size_t n, struct buf *out)
{
	static char s[3][HUBOPS_NAME_MAX + 1];
	struct hubops_finding f;
	struct hubops_found q;
	size_t i, k;
	int rc = hubops_found_decode(&q, p, n, NULL);

	if (rc < 0)
		return rc;
	hubops_found_begin(out, q.count, q.n);
	for (i = 0; i < q.n; i++) {
		must(hubops_finding_next(&q.findings, &f));
		for (k = 0; k < 3; k++) {
			if (f.text[k].n)
				memcpy(s[k], f.text[k].p, f.text[k].n);
			s[k][f.text[k].n] = '\0';
		}
		hubops_found_add(out, s[0], s[1], s[2]);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT;
	int rc = HUB_EVERSION;

	if (!size)
		return 0;
	switch (data[0]) {
	case HUBOPS_LOOK: rc = look(data + 1, size - 1, &out); break;
	case SEEN: rc = seen(data + 1, size - 1, &out); break;
	case HUBOPS_FETCH: rc = fetch(data + 1, size - 1, &out); break;
	case HUBOPS_PUSH: rc = push(data + 1, size - 1, &out); break;
	case HUBOPS_FILE_PUT:
	case HUBOPS_FILE_GET:
		rc = put(data[0], data + 1, size - 1, &out);
		break;
	case FOUND: rc = found(data + 1, size - 1, &out); break;
	case HUBOPS_REDEEM: rc = redeem(data + 1, size - 1, &out); break;
	case HUBOPS_ENROL: rc = enrol(data + 1, size - 1, &out); break;
	}
	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	if (!rc)
		must(out.n == size - 1 && !memcmp(out.p, data + 1, out.n));
	buf_release(&out);
	return 0;
}
