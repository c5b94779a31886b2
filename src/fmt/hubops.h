/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hubops.h - what a workspace asks of a hub over a session, and what comes
 * back: hubformat-hubops(5).  Lengths are u16 or u32, integers big-endian,
 * names of refs and files have no NUL.  Decoders accept the one encoding that
 * the encoders make; HUB_ECORRUPT, HUB_ELIMIT.  Views borrow the bytes.
 */
#ifndef FMT_HUBOPS_H
#define FMT_HUBOPS_H

#include "base/oid.h"
#include "base/rd.h"

enum hubops_op {
	HUBOPS_LOOK = 64,	/* refs and small files that the asker lacks */
	HUBOPS_FETCH,		/* objects */
	HUBOPS_PUSH,		/* objects, and a ref moves */
	HUBOPS_FILE_PUT,	/* presence, accepted */
	HUBOPS_FILE_GET,	/* reflog, acts */
	HUBOPS_HAS,		/* are these objects there? */
	HUBOPS_COUNT,		/* how many commits has one that another lacks? */
	HUBOPS_ENROL,		/* a computer gets its key slot */
	HUBOPS_VERIFY,		/* check the hub */
	HUBOPS_REDEEM,		/* an invitation: a computer joins */
};

enum hubops_kind {
	HUBOPS_PRESENCE = 1,	/* name: UUID of the device */
	HUBOPS_ACCEPTED,	/* name: change id, 64 hex digits */
	HUBOPS_REFLOG,		/* name: the ref */
	HUBOPS_ACTS,		/* name: empty */
};

#define HUBOPS_NAME_MAX 1024
#define HUBOPS_FILE_MAX (1u << 20)	/* bytes of a small file */
#define HUBOPS_KNOWN_MAX 700		/* files in a look request: 64 KiB */
#define HUBOPS_HASH 16			/* of a file: the first bytes of BLAKE2b */
#define HUBOPS_LOOK_MAX (64u << 20)	/* a look answer */
#define HUBOPS_OIDS_MAX 200000		/* wants, and haves */
#define HUBOPS_HAS_MAX 3000
#define HUBOPS_FETCH_MAX (2u * (4 + HUBOPS_OIDS_MAX * OID_SIZE))

struct hubops_name { const char *p; size_t n; };	/* no NUL after it */

/* ---- LOOK ---- */
struct hubops_known {
	enum hubops_kind kind;	/* PRESENCE or ACCEPTED */
	struct hubops_name name;
	uint8_t hash[HUBOPS_HASH];
};
/* {token[32], u16 n, n * {u8 kind, u16 length, name, hash[16]}}; files ascend by
 * kind and name. */
void hubops_look_begin(struct buf *out, const uint8_t token[32]);
/* hubops_look_add(): 0: there is no room for more. */
int hubops_look_add(struct buf *out, const struct hubops_known *k);
struct hubops_look { uint8_t token[32]; size_t n; struct rd files; };
int hubops_look_decode(struct hubops_look *ret, const void *p, size_t n,
		       struct err *e);
/* hubops_known_next(): 1 and the next one, 0. */
int hubops_known_next(struct rd *files, struct hubops_known *ret);

/* The answer: {token[32], u16 n, HEAD's target, u16 n, the file vibehub/format,
 * u8 refs follow, [u32 n, n * {id[20], u16 n, name}],
 * u32 n, n * {u8 kind, u16 n, name, u8 gone, [u32 n, bytes]}}. */
struct hubops_ref { struct oid id; struct hubops_name name; };
struct hubops_file {
	enum hubops_kind kind;
	struct hubops_name name;
	int gone;
	struct span bytes;
};
struct hubops_seen {
	uint8_t token[32];
	struct hubops_name head;
	struct span format;
	int has_refs;
	size_t refs_n, files_n;
	struct rd refs, files;		/* for hubops_ref_next() etc. */
};
void hubops_seen_begin(struct buf *out, const uint8_t token[32],
		       const char *head, const void *format, size_t format_n);
/* hubops_seen_refs(): ${n} of them follow, in ascending order of names. */
void hubops_seen_refs(struct buf *out, size_t n);
void hubops_seen_ref(struct buf *out, const struct oid *id, const char *name);
void hubops_seen_no_refs(struct buf *out);
/* hubops_seen_files(): then the files, then hubops_seen_end() with the offset
 * that this returned and their number. */
size_t hubops_seen_files(struct buf *out);
void hubops_seen_file(struct buf *out, const struct hubops_file *f);
void hubops_seen_end(struct buf *out, size_t at, size_t n);
int hubops_seen_decode(struct hubops_seen *ret, const void *p, size_t n,
		       struct err *e);
int hubops_ref_next(struct rd *refs, struct hubops_ref *ret);
int hubops_file_next(struct rd *files, struct hubops_file *ret);

/* ---- FETCH: {u32 n, n * id, u32 n, n * id}: wants, haves ---- */
void hubops_fetch_encode(struct buf *out, const struct oid *want, size_t want_n,
			 const struct oid *have, size_t have_n);
/* The ids are copied to memory: *want holds both, free() it. */
int hubops_fetch_decode(const void *p, size_t n, struct oid **want,
			size_t *want_n, struct oid **have, size_t *have_n,
			struct err *e);

/* ---- PUSH: {u16 n, ref, old[20], new[20], u16 n, who, u16 n, why} ---- */
struct hubops_push {
	char name[HUBOPS_NAME_MAX + 1];
	struct oid old, now;
	char who[HUBOPS_NAME_MAX + 1], why[HUBOPS_NAME_MAX + 1];
};
int hubops_push_encode(struct buf *out, const char *name,
		       const struct oid *old, const struct oid *now,
		       const char *who, const char *why);
int hubops_push_decode(struct hubops_push *ret, const void *p, size_t n,
		       struct err *e);

/* ---- FILE_PUT: {u8 kind, u16 n, name, bytes to the end} ---- */
void hubops_put_encode(struct buf *out, enum hubops_kind kind,
		       const char *name, const void *p, size_t n);
struct hubops_put {
	enum hubops_kind kind;
	char name[HUBOPS_NAME_MAX + 1];
	struct span bytes;
};
int hubops_put_decode(struct hubops_put *ret, const void *p, size_t n,
		      struct err *e);

/* ---- FILE_GET: {u8 kind, u16 n, name}; HAS: {n * id}; its answer: a byte for
 * each, 0 or 1; COUNT: {tip[20], have[20]}; its answer: u64 ---- */
void hubops_get_encode(struct buf *out, enum hubops_kind kind,
		       const char *name);
int hubops_get_decode(struct hubops_put *ret, const void *p, size_t n,
		      struct err *e);

/* ---- ENROL: {hub[32], uuid[16], sign_pk[32], box_pk[32], u16 n, name, sig[64]},
 * the signature over all before it, by sign_pk, context HUBOPS_ENROL_CONTEXT; the
 * answer: {identity[32], chain of certificates} ---- */
#define HUBOPS_ENROL_CONTEXT "vibehub-enrol"
struct hubops_enrol {
	uint8_t hub[32], device[16], sign_pk[32], box_pk[32];
	char name[33];
	uint8_t sig[64];
	size_t signed_n;		/* set by hubops_enrol_decode() */
};
/* hubops_enrol_encode(): all but the signature, which the caller appends. */
void hubops_enrol_encode(struct buf *out, const struct hubops_enrol *q);
/* The signature is the caller's to check. */
int hubops_enrol_decode(struct hubops_enrol *ret, const void *p, size_t n,
			struct err *e);

/* ---- REDEEM: {ssh key[32], then as ENROL}; the answer as that of ENROL ---- */
int hubops_redeem_decode(const void *p, size_t n, uint8_t ssh[32],
			 struct span *enrol, struct err *e);

/* ---- VERIFY: {u8 read all data}; the answer's body: {HUBOPS_COUNTS times u64,
 * u32 n, n * {u16 n, object, u16 n, what, u16 n, to do}} ---- */
#define HUBOPS_COUNTS 9
#define HUBOPS_FINDINGS_MAX (32u << 20)		/* bytes of the answer */
struct hubops_finding { struct hubops_name text[3]; };
struct hubops_found {
	uint64_t count[HUBOPS_COUNTS];
	size_t n;
	struct rd findings;
};
void hubops_found_begin(struct buf *out, const uint64_t count[HUBOPS_COUNTS],
			size_t n);
/* A text is cut to HUBOPS_NAME_MAX bytes; control characters become '?'. */
void hubops_found_add(struct buf *out, const char *object, const char *what,
		      const char *todo);
int hubops_found_decode(struct hubops_found *ret, const void *p, size_t n,
			struct err *e);
int hubops_finding_next(struct rd *findings, struct hubops_finding *ret);

#endif
