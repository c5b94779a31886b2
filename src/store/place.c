/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place.c - what is common to all places. */
#include "base/banned.h"
#include "store/place.h"

void place_close(struct place *p)
{
	if (p)
		p->ops->close(p);
}
