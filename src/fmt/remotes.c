/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remotes.c - encode and decode a workspace's list of places. */
#include "fmt/remotes.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/hex.h"
#include "fmt/text.h"

#define NAME "vibehub-remotes"
#define NOTE "vibehub-place"
#define VERSION 1
#define RC_MAX 64
#define NONE "-"

int remotes_name_ok(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n && n <= REMOTES_NAME_MAX && !name[n] && name[0] != '-' &&
		name[0] != '.' && strcmp(name, "origin") &&
		!strstr(name, "..") && name[n - 1] != '.' &&
		(n < 5 || strcmp(name + n - 5, ".lock"));
}

int remotes_url_ok(const char *url)
{
	const uint8_t *p = (const uint8_t *)url;

	while (*p >= ' ' && *p != 0x7f)
		p++;
	return !*p && *url && strlen(url) <= REMOTES_URL_MAX;
}

struct remotes_one *remotes_find(const struct remotes *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (!strcmp(r->at[i].name, name))
			return &r->at[i];
	return NULL;
}

int remotes_add(struct remotes *r, const struct remotes_one *one)
{
	struct remotes_one *v;
	size_t n = strlen(one->url) + 1, i;
	char *url;

	if (remotes_find(r, one->name))
		return HUB_ECONFLICT;
	if (r->n == REMOTES_N_MAX)
		return HUB_ELIMIT;
	url = malloc(n);
	v = url ? realloc(r->at, (r->n + 1) * sizeof(*v)) : NULL;
	if (!v) {
		free(url);
		return HUB_ENOMEM;
	}
	memcpy(url, one->url, n);
	r->at = v;
	for (i = r->n; i && strcmp(v[i - 1].name, one->name) > 0; i--)
		v[i] = v[i - 1];
	v[i] = *one;
	v[i].url = url;
	r->n++;
	return 0;
}

void remotes_remove(struct remotes *r, struct remotes_one *one)
{
	free(one->url);
	r->n--;
	memmove(one, one + 1, (size_t)(r->at + r->n - one) * sizeof(*one));
}

void remotes_release(struct remotes *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->at[i].url);
	free(r->at);
	r->at = NULL;
	r->n = 0;
}

void remotes_encode(struct buf *out, const struct remotes *r)
{
	size_t i;

	buf_addf(out, NAME " %d\n", VERSION);
	for (i = 0; i < r->n; i++) {
		const struct remotes_one *o = &r->at[i];

		buf_addf(out, "remote %s\nurl %s\n", o->name, o->url);
		text_add_hex(out, "place", o->place, sizeof(o->place));
		buf_addf(out, "removable %s\n", o->removable ? "yes" : "no");
	}
}

static int any(const char *s)
{
	return s != NULL;
}

static int read_one(struct text *t, struct remotes *ret, char *url,
		    struct err *e)
{
	struct remotes_one o = { .url = url };
	char yes[4];
	int rc = text_string(t, "remote", o.name, sizeof(o.name),
			     remotes_name_ok, e);

	if (!rc && ret->n && strcmp(ret->at[ret->n - 1].name, o.name) >= 0)
		rc = text_bad(t, "remote", e);
	if (!rc)
		rc = text_string(t, "url", url, REMOTES_URL_MAX + 1,
				 remotes_url_ok, e);
	if (!rc)
		rc = text_hex(t, "place", o.place, sizeof(o.place), e);
	if (!rc)
		rc = text_string(t, "removable", yes, sizeof(yes), any, e);
	if (rc < 0)
		return rc;
	o.removable = !strcmp(yes, "yes");
	if (!o.removable && strcmp(yes, "no"))
		return text_bad(t, "removable", e);
	rc = remotes_add(ret, &o);
	return rc == HUB_ENOMEM ? err_nomem(e) :
		rc < 0 ? text_bad(t, "remote", e) : 0;
}

int remotes_decode(struct remotes *ret, const void *p, size_t n,
		   struct err *e)
{
	char *url = malloc(REMOTES_URL_MAX + 1);
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = url ? text_open(&t, NAME, VERSION, REMOTES_MAX, p, n, e) :
		err_nomem(e);
	while (!rc && text_is(&t, "remote"))
		rc = read_one(&t, ret, url, e);
	if (!rc)
		rc = text_close(&t, e);
	if (rc < 0)
		remotes_release(ret);
	free(url);
	return rc;
}

void remotes_note_encode(struct buf *out, const struct remotes_note *n)
{
	buf_addf(out, NOTE " %d\n", VERSION);
	text_add_time(out, "time", n->time);
	text_add_time(out, "done", n->done);
	buf_addf(out, "seq %llu\npending %llu\nrc %d\n",
		 (unsigned long long)n->seq, (unsigned long long)n->pending,
		 -n->rc);
	text_add_hex(out, "mark", n->mark, sizeof(n->mark));
	buf_addf(out, "lacks %u\nwhy %s\n", n->lacks, n->why[0] ? n->why : NONE);
}

int remotes_note_decode(struct remotes_note *ret, const void *p, size_t n)
{
	struct text t;
	uint64_t code = 0, lacks = 0;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NOTE, VERSION, REMOTES_NOTE_MAX, p, n, NULL);
	if (!rc)
		rc = text_time(&t, "time", &ret->time, NULL);
	if (!rc)
		rc = text_time(&t, "done", &ret->done, NULL);
	if (!rc)
		rc = text_number(&t, "seq", 0, UINT64_MAX, &ret->seq, NULL);
	if (!rc)
		rc = text_number(&t, "pending", 0, UINT64_MAX, &ret->pending,
				 NULL);
	if (!rc)
		rc = text_number(&t, "rc", 0, RC_MAX, &code, NULL);
	if (!rc)
		rc = text_hex(&t, "mark", ret->mark, sizeof(ret->mark), NULL);
	if (!rc)
		rc = text_number(&t, "lacks", 0, UINT8_MAX, &lacks, NULL);
	if (!rc)
		rc = text_string(&t, "why", ret->why, sizeof(ret->why), any,
				 NULL);
	if (!rc)
		rc = text_close(&t, NULL);
	ret->rc = -(int)code;
	ret->lacks = (uint8_t)lacks;
	if (!strcmp(ret->why, NONE))
		ret->why[0] = '\0';
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
