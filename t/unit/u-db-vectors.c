/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-db-vectors.c - whole state.db files: each is opened and read through. */
#include "db/state.h"
#include "vec.h"

static int ignore_run(void *arg, const struct state_run *r)
{
	return 0;
}

static int read_base(struct state *s, struct err *e)
{
	struct state_cursor *c = NULL;
	struct span path, rec;
	int rc = state_base_open(s, "", 0, &c, e);

	while (rc == 0) {
		rc = state_base_next(c, &path, &rec, e);
		if (rc != 1)
			break;
		rc = 0;
	}
	state_base_close(c);
	return rc;
}

static void state(const struct vec *v)
{
	struct state *s = NULL;
	struct err e = ERR_INIT;
	char path[4096];
	FILE *f;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), v->name + 6);
	f = fopen(path, "wb");
	if (!f || fwrite(v->data.p, 1, v->data.n, f) != v->data.n ||
	    fclose(f)) {
		ok(0, "%s: cannot write", path);
		return;
	}
	rc = state_open(path, &s, &e);
	if (rc == 0)
		rc = read_base(s, &e);
	if (rc == 0)
		rc = state_run_each(s, ignore_run, NULL, &e);
	state_close(s);
	ok(vec_expected(v, rc, &e), "%s", v->name);
}

int main(void)
{
	vec_each("state", 30, state);
	return done();
}
