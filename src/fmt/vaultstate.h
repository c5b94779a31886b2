/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vaultstate.h - the layout of a state of a vault (hubformat-vaultstate(5)).
 * Only the layout: sealing and signing are the vault's (store/).
 *
 *	head	0  magic "VHst"		 24  previous 32: H of state seq - 1
 *		4  version u8 1		 56  commitment to the state key 32
 *		5  suite u8 1		 88  nonce 24
 *		6  class u8 12, 14, 16	112  the box: to the end, 2^class bytes
 *		7  flags u8 0		     in all
 *		8  epoch u32
 *		12 n u32: bytes of the box
 *		16 seq u64
 *	body	what the box holds: see struct vaultstate; the signature; zeros
 */
#ifndef FMT_VAULTSTATE_H
#define FMT_VAULTSTATE_H

#include "fmt/cert.h"
#include "fmt/segment.h"

#define VAULTSTATE_HEAD 112u
#define VAULTSTATE_AD 88u	/* what of the head the box is bound to */
#define VAULTSTATE_COMMIT_AT 56u
#define VAULTSTATE_NONCE_AT 88u
#define VAULTSTATE_TAG 16u
#define VAULTSTATE_MAX 65536u
#define VAULTSTATE_PLAIN_MAX (VAULTSTATE_MAX - VAULTSTATE_HEAD - VAULTSTATE_TAG)
#define VAULTSTATE_VECTOR_MAX 512
#define VAULTSTATE_RECENT_MAX 32
#define VAULTSTATE_INLINE_MAX 16384u
#define VAULTSTATE_CONTEXT "vibehub-state"

enum vaultstate_kind {
	VAULTSTATE_ORDINARY = 1,
	VAULTSTATE_PROGRESS = 2,	/* names content, moves no refs */
	VAULTSTATE_DROP = 3,
	VAULTSTATE_CHECKPOINT = 4,	/* upkeep alone */
};

struct vaultstate_head {
	unsigned klass;
	uint32_t epoch;
	uint64_t seq;
	uint8_t previous[32], commit[32], nonce[24];
};

struct vaultstate_vec { uint8_t device[16]; uint64_t n; };
struct vaultstate_obj { int has; uint8_t name[32], pack[32]; };

struct vaultstate {
	uint64_t time;			/* seconds since 1970 */
	enum vaultstate_kind kind;
	uint8_t device[16];		/* who made it */
	uint64_t device_seq;		/* of all states that it ever tried */
	struct cert_chain chain;	/* of that device; not empty */
	uint16_t vector_n;		/* ascending by device */
	struct vaultstate_vec vector[VAULTSTATE_VECTOR_MAX];
	struct vaultstate_obj refs, list;
	uint64_t settled_packs, settled_bytes;
	uint8_t recent_n;		/* newest first */
	struct segment_ref recent[VAULTSTATE_RECENT_MAX];
	uint32_t inline_n;		/* 0, or a segment, the newest of all */
	uint8_t inline_segment[VAULTSTATE_INLINE_MAX];
	uint8_t sig[64];
};

/* vaultstate_head_encode(): the head of a file of class ${h->klass}. */
void vaultstate_head_encode(uint8_t out[VAULTSTATE_HEAD],
			    const struct vaultstate_head *h);
/* vaultstate_head_decode(): of a whole file of ${n} bytes.  HUB_ECORRUPT,
 * HUB_EVERSION (version or suite). */
int vaultstate_head_decode(struct vaultstate_head *ret, const void *p, size_t n,
			   struct err *e);

/* vaultstate_body_encode(): all but the signature.  BUG() for what no reader
 * would accept. */
void vaultstate_body_encode(struct buf *out, const struct vaultstate *s);
/* vaultstate_signed(): what the signature covers: epoch, seq, previous, hub,
 * place, body. */
void vaultstate_signed(struct buf *out, const struct vaultstate_head *h,
		       const uint8_t hub[32], const uint8_t place[32],
		       const void *body, size_t n);
/* vaultstate_plain(): signature and zeros behind the body in ${b}, as the box
 * of the smallest class that takes it; sets h->klass.  HUB_ELIMIT. */
int vaultstate_plain(struct buf *b, struct vaultstate_head *h,
		     const uint8_t sig[64], struct err *e);
/* vaultstate_ad(): what the box is bound to. */
void vaultstate_ad(uint8_t ad[VAULTSTATE_AD + 64], const uint8_t *head,
		   const uint8_t hub[32], const uint8_t place[32]);
/*
 * vaultstate_body_decode(): the opened box of a file of class ${klass}.
 * ${ret_body} gets the number of bytes before the signature.  Checks no
 * signature and no certificate.  HUB_ECORRUPT, HUB_EVERSION; *ret is zero then.
 */
int vaultstate_body_decode(struct vaultstate *ret, unsigned klass,
			   const void *p, size_t n, size_t *ret_body,
			   struct err *e);

/* vaultstate_join(): the component-wise maximum into s->vector.  HUB_ELIMIT. */
int vaultstate_join(struct vaultstate *s, const struct vaultstate_vec *v,
		    size_t n, struct err *e);
/* vaultstate_covers(): does ${a} contain all that ${b} contains? */
int vaultstate_covers(const struct vaultstate_vec *a, size_t a_n,
		      const struct vaultstate_vec *b, size_t b_n);

#endif
