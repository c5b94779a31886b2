/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err.c - failures with a message.
 *
 * The text is made in a local buffer first, because an argument may be the
 * old message itself.  A message that is too long is cut at a character.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "base/banned.h"

/* Put '?' for whatever could steer a terminal or break the line. */
static void clean(char *s)
{
	size_t n = strlen(s), i = 0, k;
	uint32_t cp;

	while (i < n) {
		k = utf8_next(s + i, n - i, &cp);
		if (!k || utf8_is_control(cp)) {
			k = k ? k : 1;
			memset(s + i, '?', k);
		}
		i += k;
	}
}

static void format(char *out, const char *fmt, va_list ap)
{
	if (vsnprintf(out, ERR_MSG_MAX, fmt, ap) < 0)
		snprintf(out, ERR_MSG_MAX, "(message lost)");
	if (strlen(out) == ERR_MSG_MAX - 1) {
		size_t n = ERR_MSG_MAX - 1, back = 0;

		/* Do not end inside a character: drop a cut-off tail. */
		while (back < 3 && ((unsigned char)out[n - 1 - back] & 0xc0) == 0x80)
			back++;
		if (!utf8_next(out + n - 1 - back, back + 1, NULL))
			out[n - 1 - back] = 0;
	}
}

int err_set(struct err *e, int rc, const char *fmt, ...)
{
	char msg[ERR_MSG_MAX];
	va_list ap;

	if (!e)
		return rc;
	va_start(ap, fmt);
	format(msg, fmt, ap);
	va_end(ap);
	clean(msg);
	memcpy(e->msg, msg, sizeof(msg));
	e->rc = rc;
	e->os = 0;
	return rc;
}

int err_in(struct err *e, const char *fmt, ...)
{
	char head[ERR_MSG_MAX], msg[ERR_MSG_MAX];
	size_t n, m;
	va_list ap;

	if (!e)
		return HUB_EBUG;
	va_start(ap, fmt);
	format(head, fmt, ap);
	va_end(ap);
	clean(head);
	/* What went wrong matters more than where: cut the prefix first. */
	m = strlen(e->msg);
	n = strlen(head);
	if (n + 2 + m >= sizeof(msg))
		n = utf8_cut(head, n, m + 3 < sizeof(msg) ? sizeof(msg) - m - 3 : 0);
	snprintf(msg, sizeof(msg), "%.*s%s%s", (int)n, head, n ? ": " : "",
		 e->msg);
	memcpy(e->msg, msg, sizeof(msg));
	return e->rc;
}

int err_nomem(struct err *e)
{
	return err_set(e, HUB_ENOMEM, "out of memory");
}

void err_clear(struct err *e)
{
	if (e) {
		e->rc = 0;
		e->os = 0;
		e->msg[0] = 0;
	}
}

int err_is_damage(int rc)
{
	return rc == HUB_ECORRUPT || rc == HUB_EAUTH || rc == HUB_EVERSION;
}

const char *err_name(int rc)
{
	static const char *const names[] = {
		"OK", "EABSENT", "ECORRUPT", "EIO", "EVERSION", "EAUTH",
		"EDENIED", "ECONFLICT", "EBUSY", "EOFFLINE", "EREMOTE",
		"ELIMIT", "ENOMEM", "ECANCEL", "EUSAGE", "EBUG", "EGUARD",
	};

	if (rc > 0 || rc <= -(int)(sizeof(names) / sizeof(names[0])))
		return "E?";
	return names[-rc];
}

void err_bug(const char *file, int line, const char *fmt, ...)
{
	char msg[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	format(msg, fmt, ap);
	va_end(ap);
	clean(msg);
	/* The one place below cmd/ that prints: nothing else runs after it. */
	fprintf(stderr, "BUG: %s:%d: %s\n", file, line, msg);
	fflush(stderr);
	abort();
}
