/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-map.c - the hash table. */
#include "base/map.h"
#include "tap.h"

#define MANY 20000

static int values[MANY];

static void t_few(void)
{
	struct map m = MAP_INIT;
	struct map_slot *s;
	size_t pos = 0;

	ok(!map_get(&m, "a", 1) && !map_next(&m, &pos), "empty");
	ok(!map_put(&m, "a\0b", 3, &values[1]) && !map_put(&m, "a", 1, &values[2]),
	   "put");
	s = map_get(&m, "a\0b", 3);
	ok(s && s->value == &values[1] && s->n == 3 && !s->key[3],
	   "a key with a NUL, and a NUL behind it");
	ok(map_get(&m, "a", 1)->value == &values[2], "a prefix of it");
	ok(!map_get(&m, "a\0", 2), "another prefix");
	ok(!map_put(&m, "a", 1, NULL) && m.count == 2 &&
	   map_get(&m, "a", 1) && !map_get(&m, "a", 1)->value,
	   "replace, by NULL too");
	ok(!map_put(&m, "", 0, &values[3]) && !map_put(&m, NULL, 0, &values[4]) &&
	   map_get(&m, "", 0)->value == &values[4] && m.count == 3,
	   "the empty key");
	map_release(&m);
	ok(!m.slots && !m.count && !map_get(&m, "a", 1), "release");
}

static void t_many(void)
{
	struct map m = MAP_INIT;
	struct map_slot *s;
	int i, bad = 0, seen = 0;
	size_t pos = 0;
	char key[64];

	for (i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "path/to/some/file-%d", i);
		bad += map_put(&m, key, strlen(key), &values[i]) != 0;
		bad += m.count > m.cap / 4 * 3;
	}
	ok(!bad && m.count == MANY, "%d keys, never over 3/4 full", MANY);
	for (i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "path/to/some/file-%d", i);
		s = map_get(&m, key, strlen(key));
		bad += !s || s->value != &values[i];
	}
	ok(!bad && !map_get(&m, "path/to/some/file-", 18), "all found");
	while ((s = map_next(&m, &pos))) {
		int *v = s->value;

		bad += (*v)++ != 0;
		seen++;
	}
	ok(!bad && seen == MANY, "each met once");
	map_release(&m);
}

/* With another seed the same keys have other hashes. */
static void t_seed(void)
{
	static const char *const keys[] = { "", "a", "abcdefgh", "path/to/file" };
	struct map a = MAP_INIT, b = MAP_INIT;
	size_t i, n, same;

	for (i = 0; i < 4; i++)
		map_put(&a, keys[i], strlen(keys[i]), NULL);
	map_seed ^= 1;
	for (i = 0; i < 4; i++)
		map_put(&b, keys[i], strlen(keys[i]), NULL);
	for (same = i = 0; i < 4; i++) {
		uint64_t h;

		n = strlen(keys[i]);
		h = map_get(&b, keys[i], n)->hash;
		map_seed ^= 1;
		same += map_get(&a, keys[i], n)->hash == h;
		map_seed ^= 1;
	}
	ok(!same, "the seed matters");
	map_release(&a);
	map_release(&b);
}

int main(void)
{
	t_few();
	t_many();
	t_seed();
	return done();
}
