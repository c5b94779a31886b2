/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c - a JSON writer.
 *
 * Wrong nesting or a key where none belongs is a BUG(): the text would be
 * broken for whoever reads it.  Control characters, C1 and bidi ones too, are
 * written as \u escapes, so the output is also safe to look at.
 *
 * Invariant: first[depth - 1] describes the innermost open value.
 */
#include <string.h>
#include "base/hex.h"
#include "base/json.h"
#include "base/tm.h"
#include "base/utf8.h"
#include "base/banned.h"

enum { OBJECT = 1, FIRST = 2 };

void json_init(struct json *j, struct buf *out, int pretty)
{
	memset(j, 0, sizeof(*j));
	j->out = out;
	j->pretty = pretty;
}

static void newline(struct json *j)
{
	int i;

	if (!j->pretty)
		return;
	buf_addch(j->out, '\n');
	for (i = 0; i < j->depth; i++)
		buf_addstr(j->out, "  ");
}

/* The bytes of a string, escaped, without the quotes. */
static void text(struct buf *b, const char *s, size_t n)
{
	size_t at = 0, k;
	uint32_t cp = 0;

	while (at < n) {
		k = utf8_next(s + at, n - at, &cp);
		if (!k) {
			buf_addstr(b, "\xef\xbf\xbd");
			k = 1;
		} else if (cp == '"' || cp == '\\') {
			buf_addch(b, '\\');
			buf_addch(b, (char)cp);
		} else if (cp == '\n') {
			buf_addstr(b, "\\n");
		} else if (cp == '\t') {
			buf_addstr(b, "\\t");
		} else if (utf8_is_control(cp)) {
			buf_addf(b, "\\u%04x", (unsigned)cp);
		} else {
			buf_add(b, s + at, k);
		}
		at += k;
	}
}

/* Comma, line and key before a value. */
static void lead(struct json *j, const char *key)
{
	unsigned char *in = j->depth ? &j->first[j->depth - 1] : NULL;

	if (!key != !(in && *in & OBJECT))
		BUG("json: %s a key here", key ? "unwanted" : "missing");
	if (in) {
		if (!(*in & FIRST))
			buf_addch(j->out, ',');
		*in &= (unsigned char)~FIRST;
		newline(j);
	}
	if (key) {
		buf_addch(j->out, '"');
		text(j->out, key, strlen(key));
		buf_addstr(j->out, j->pretty ? "\": " : "\":");
	}
}

static void open_value(struct json *j, const char *key, char c, int kind)
{
	lead(j, key);
	if (j->depth == JSON_DEPTH_MAX)
		BUG("json: nested deeper than %d", JSON_DEPTH_MAX);
	buf_addch(j->out, c);
	j->first[j->depth++] = (unsigned char)(kind | FIRST);
}

static void close_value(struct json *j, char c, int kind)
{
	int was;

	if (!j->depth)
		BUG("json: nothing is open");
	was = j->first[--j->depth];
	if ((was & OBJECT) != kind)
		BUG("json: closing with '%c' what is something else", c);
	if (!(was & FIRST))
		newline(j);
	buf_addch(j->out, c);
	if (!j->depth && j->pretty)
		buf_addch(j->out, '\n');
}

void json_object(struct json *j, const char *key)
{
	open_value(j, key, '{', OBJECT);
}

void json_object_end(struct json *j)
{
	close_value(j, '}', OBJECT);
}

void json_array(struct json *j, const char *key)
{
	open_value(j, key, '[', 0);
}

void json_array_end(struct json *j)
{
	close_value(j, ']', 0);
}

void json_strn(struct json *j, const char *key, const char *s, size_t n)
{
	lead(j, key);
	buf_addch(j->out, '"');
	text(j->out, s, n);
	buf_addch(j->out, '"');
}

void json_str(struct json *j, const char *key, const char *s)
{
	if (s)
		json_strn(j, key, s, strlen(s));
	else
		json_null(j, key);
}

void json_path(struct json *j, const char *key, const char *s, size_t n)
{
	json_strn(j, key, s, n);
	if (!key || utf8_valid(s, n))
		return;
	buf_addch(j->out, ',');
	newline(j);
	buf_addch(j->out, '"');
	text(j->out, key, strlen(key));
	buf_addstr(j->out, j->pretty ? "_hex\": \"" : "_hex\":\"");
	hex_add(j->out, (const uint8_t *)s, n);
	buf_addch(j->out, '"');
}

void json_int(struct json *j, const char *key, int64_t v)
{
	lead(j, key);
	buf_addf(j->out, "%lld", (long long)v);
}

void json_bool(struct json *j, const char *key, int v)
{
	lead(j, key);
	buf_addstr(j->out, v ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	lead(j, key);
	buf_addstr(j->out, "null");
}

void json_time(struct json *j, const char *key, int64_t t)
{
	if (!t) {
		json_null(j, key);
		return;
	}
	lead(j, key);
	buf_addch(j->out, '"');
	tm_iso(j->out, t);
	buf_addch(j->out, '"');
}
