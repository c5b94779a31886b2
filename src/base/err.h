/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err.h - how every function of hub says that it failed.
 *
 * A function that can fail returns 0 or one of enum hub_err, always negative.
 * The message rides beside it in a struct err owned by the caller, set once
 * where the fault is seen; callers above may only put a prefix before it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>
#include <stdarg.h>

enum hub_err {
	HUB_OK = 0,
	HUB_EABSENT = -1,	/* not there, and that is a fact */
	HUB_ECORRUPT = -2,	/* there, and wrong */
	HUB_EIO = -3,		/* we could not find out, or could not write */
	HUB_EVERSION = -4,	/* well formed, made by a newer hub */
	HUB_EAUTH = -5,		/* wrong passphrase, key or signature */
	HUB_EDENIED = -6,	/* not permitted */
	HUB_ECONFLICT = -7,	/* somebody else changed it first */
	HUB_EBUSY = -8,		/* a lock is held */
	HUB_EOFFLINE = -9,	/* known, but it does not answer now */
	HUB_EREMOTE = -10,	/* the other side shows a rollback or a fork */
	HUB_ELIMIT = -11,	/* quota, disk full, or over a _MAX of ours */
	HUB_ENOMEM = -12,
	HUB_ECANCEL = -13,	/* interrupted by a signal or by the caller */
	HUB_EUSAGE = -14,	/* the caller or user asked for something wrong */
	HUB_EBUG = -15,		/* our own mistake, noticed */
	HUB_EGUARD = -16,	/* parked: a person has to say yes first */
};

#define ERR_MSG_MAX 496

struct err {
	int rc;			/* last code set, 0 if none */
	int os;			/* errno at that moment, 0 if it says nothing */
	char msg[ERR_MSG_MAX];	/* one line, no newline, valid after rc != 0 */
};

#define ERR_INIT { 0, 0, "" }

#if defined(__MINGW32__)
#define ERR_PRINTF(a, b) __attribute__((format(gnu_printf, a, b)))
#else
#define ERR_PRINTF(a, b) __attribute__((format(printf, a, b)))
#endif

/*
 * err_set(): record a failure.  Returns ${rc}, so that `return err_set(e, ...)`
 * cannot say one thing and return another.  ${e} may be NULL.  Control
 * characters in the message are replaced by '?': names come from foreign
 * disks and end on terminals.
 */
int err_set(struct err *e, int rc, const char *fmt, ...) ERR_PRINTF(3, 4);

/* err_in(): put "prefix: " before the message.  Returns e->rc (or HUB_EBUG
 * when ${e} is NULL: then keep the code yourself). */
int err_in(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);

/* err_nomem(): HUB_ENOMEM with its usual message. */
int err_nomem(struct err *e);

/* err_clear(): as if nothing had happened. */
void err_clear(struct err *e);

/* err_is_damage(): is it a verdict about what lies there (ECORRUPT, EAUTH,
 * EVERSION)?  One wrong byte in a head makes a thing one of other keys, or of the
 * future. */
int err_is_damage(int rc);

/* err_name(): the code's name without HUB_, "EABSENT"; for tests and --json. */
const char *err_name(int rc);

/* BUG(): our own mistake; prints file and line and aborts. */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
void err_bug(const char *file, int line, const char *fmt, ...)
	ERR_PRINTF(3, 4) __attribute__((noreturn));

#endif
