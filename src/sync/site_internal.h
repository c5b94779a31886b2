/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site_internal.h - the kinds of sites. */
#ifndef SYNC_SITE_INTERNAL_H
#define SYNC_SITE_INTERNAL_H

#include "sync/site.h"

/* site_served.c: as the functions of site.h, of "ssh://".  each(): only vaults. */
int site_served_open(const char *site, struct repo *r, const uint8_t hub[32],
		     struct place **ret, struct err *e);
int site_served_create(const char *site, struct repo *r,
		       const uint8_t hub[32], unsigned *ret_lacks,
		       struct place **ret, struct err *e);
int site_served_each(const char *site, struct repo *r, site_fn fn, void *arg,
		     struct err *e);

#endif
