/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vaultfile.c - encode and decode the format file of a vault. */
#include <string.h>
#include "base/banned.h"
#include "fmt/text.h"
#include "fmt/vaultfile.h"

#define NAME "vibehub-vault"
#define VERSION 1

void vaultfile_encode(struct buf *out, const struct vaultfile *v)
{
	if (!v->suite || !v->min_reader || !v->min_writer)
		BUG("a vault without suite or readers");
	buf_addf(out, NAME " %d\n", VERSION);
	text_add_hex(out, "hub", v->hub, sizeof(v->hub));
	text_add_hex(out, "place", v->place, sizeof(v->place));
	buf_addf(out, "suite %u\n", (unsigned)v->suite);
	buf_addf(out, "min_reader %u\n", (unsigned)v->min_reader);
	buf_addf(out, "min_writer %u\n", (unsigned)v->min_writer);
	text_add_time(out, "created", v->created);
}

static int number(struct text *t, const char *key, uint32_t *ret,
		  struct err *e)
{
	uint64_t n = 0;
	int rc = text_number(t, key, 1, UINT32_MAX, &n, e);

	*ret = (uint32_t)n;
	return rc;
}

static int read_all(struct text *t, struct vaultfile *ret, struct err *e)
{
	int rc = text_hex(t, "hub", ret->hub, sizeof(ret->hub), e);

	if (rc == 0)
		rc = text_hex(t, "place", ret->place, sizeof(ret->place), e);
	if (rc == 0)
		rc = number(t, "suite", &ret->suite, e);
	if (rc == 0)
		rc = number(t, "min_reader", &ret->min_reader, e);
	if (rc == 0)
		rc = number(t, "min_writer", &ret->min_writer, e);
	if (rc == 0)
		rc = text_time(t, "created", &ret->created, e);
	if (rc == 0)
		rc = text_close(t, e);
	return rc;
}

int vaultfile_decode(struct vaultfile *ret, const void *p, size_t n,
		     struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, VAULTFILE_MAX, p, n, e);
	if (rc == 0)
		rc = read_all(&t, ret, e);
	if (rc == 0 && (ret->suite != VAULTFILE_SUITE ||
			ret->min_reader > VAULTFILE_READER))
		rc = err_set(e, HUB_EVERSION, "this vault needs a newer hub "
			     "(suite %u, reader %u): update hub",
			     (unsigned)ret->suite, (unsigned)ret->min_reader);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
