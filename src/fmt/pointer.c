/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pointer.c - encode and decode pointers, hubformat-pointer(5). */
#include <string.h>
#include "base/banned.h"
#include "fmt/pointer.h"
#include "fmt/recipe.h"
#include "fmt/text.h"

#define NAME "vibehub-pointer"
#define VERSION 1

int pointer_is(const void *p, size_t n)
{
	size_t mark = sizeof(POINTER_MARK) - 1;

	return n >= mark && !memcmp(p, POINTER_MARK, mark);
}

void pointer_encode(struct buf *out, const struct pointer *ptr)
{
	if (!ptr->size || ptr->size > RECIPE_SIZE_MAX)
		BUG("pointer to %llu bytes", (unsigned long long)ptr->size);
	buf_addf(out, NAME " %d\nprofile %d\nsize %llu\n", VERSION,
		 RECIPE_PROFILE, (unsigned long long)ptr->size);
	text_add_hex(out, "recipe", ptr->recipe, sizeof(ptr->recipe));
}

int pointer_decode(struct pointer *ret, const void *p, size_t n, struct err *e)
{
	uint64_t profile = 0;
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, POINTER_MAX, p, n, e);
	if (rc == 0)
		rc = text_number(&t, "profile", 0, UINT16_MAX, &profile, e);
	if (rc == 0 && profile != RECIPE_PROFILE)
		rc = err_set(e, HUB_EVERSION, NAME ": profile %llu, this program "
			     "knows %d: use a newer hub",
			     (unsigned long long)profile, RECIPE_PROFILE);
	if (rc == 0)
		rc = text_number(&t, "size", 1, RECIPE_SIZE_MAX, &ret->size, e);
	if (rc == 0)
		rc = text_hex(&t, "recipe", ret->recipe, sizeof(ret->recipe), e);
	if (rc == 0)
		rc = text_close(&t, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
