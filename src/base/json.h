/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - a JSON writer (RFC 8259) that cannot produce bad nesting or a
 * missing comma.  Text that is not UTF-8 (file names) is written with each
 * bad byte as U+FFFD and, where the caller asks with json_path(), a second
 * member "<key>_hex" that holds the exact bytes.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

#define JSON_DEPTH_MAX 16

struct json {
	struct buf *out;	/* borrowed; failure is sticky in it */
	int depth;
	int pretty;		/* two-space indentation */
	unsigned char first[JSON_DEPTH_MAX];
};

void json_init(struct json *j, struct buf *out, int pretty);
/* ${key} is NULL inside arrays and for the outermost value.  Anything else, and
 * an end that does not match, is a BUG().  A pretty document ends with a
 * newline. */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_str(struct json *j, const char *key, const char *s);	/* NULL: null */
void json_strn(struct json *j, const char *key, const char *s, size_t n);
/* json_path(): as json_strn(), plus "<key>_hex" when it is not valid UTF-8
 * (which needs a key: write paths as members, not as elements of an array). */
void json_path(struct json *j, const char *key, const char *s, size_t n);
void json_int(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, int v);
void json_null(struct json *j, const char *key);
/* json_time(): ISO 8601 UTC text, or null for 0. */
void json_time(struct json *j, const char *key, int64_t t);

#endif
