/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vec.h - the vectors of one format, t/vectors/<format>/<name>.vec, one after
 * another.  What a file looks like: t/vectors/vec.py.  Tests run in the top
 * folder of the sources.
 */
#ifndef T_VEC_H
#define T_VEC_H

#include <dirent.h>
#include "base/buf.h"
#include "base/hex.h"
#include "tap.h"

struct vec {
	char name[128], expect[32], signature[32], seed[80];
	char rules[200];
	struct buf data;
};

static int vec_read(const char *path, struct vec *v)
{
	char line[256], key[32], value[200];
	int header = 1;
	FILE *f = fopen(path, "rb");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		size_t n = strcspn(line, "\n");
		uint8_t bytes[128];

		if (header && n == 0) {
			header = 0;
		} else if (header) {
			if (sscanf(line, "%31[^:]: %199[^\n]", key, value) != 2)
				goto bad;
			if (!strcmp(key, "expect"))
				snprintf(v->expect, 32, "%.31s", value);
			if (!strcmp(key, "signature"))
				snprintf(v->signature, 32, "%.31s", value);
			if (!strcmp(key, "seed"))
				snprintf(v->seed, 80, "%.79s", value);
			if (!strcmp(key, "rules"))
				snprintf(v->rules, 200, "%.199s", value);
		} else {
			if (hex_decode(bytes, n / 2, line, n) < 0)
				goto bad;
			buf_add(&v->data, bytes, n / 2);
		}
	}
	fclose(f);
	return header || !v->expect[0] ? -1 : 0;
bad:
	fclose(f);
	return -1;
}

static int vec_is(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && !strcmp(d->d_name + n - 4, ".vec");
}

/* Give every vector of ${format} to ${fn}; there must be at least ${min}. */
static void vec_each(const char *format, int min,
		     void (*fn)(const struct vec *v))
{
	struct dirent **d = NULL;
	char path[512];
	int i, n;

	snprintf(path, sizeof(path), "t/vectors/%s", format);
	n = scandir(path, &d, vec_is, alphasort);
	ok(n >= min, "%s: %d vectors", format, n);
	for (i = 0; i < n; i++) {
		struct vec v = { "", "", "", "", "", BUF_INIT };

		snprintf(path, sizeof(path), "t/vectors/%s/%.200s", format,
			 d[i]->d_name);
		snprintf(v.name, sizeof(v.name), "%s/%.*s", format,
			 (int)strlen(d[i]->d_name) - 4, d[i]->d_name);
		if (vec_read(path, &v) == 0)
			fn(&v);
		else
			ok(0, "%s: cannot be read", path);
		buf_release(&v.data);
		free(d[i]);
	}
	free(d);
}

/* Did a decoder that returned ${rc} with ${e} say what it must? */
__attribute__((unused))
static int vec_expected(const struct vec *v, int rc, const struct err *e)
{
	const char *got = rc ? err_name(rc) : "ok";
	int good = !strcmp(got, v->expect);

	if (!good)
		printf("# %s, expected %s\n", got, v->expect);
	if (rc && e && (e->rc != rc || !e->msg[0])) {
		printf("# no message\n");
		good = 0;
	}
	return good;
}

#endif
