/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog_internal.h - what the files of the catalog share.
 *
 * A file of rows, integers big-endian:
 *
 *	0	magic "VHrw", version 1, bits u8, 2 zero, rows u64, packs u64
 *	24	check 32: H of the 24 bytes before and of the tail
 *	56	8 zero
 *	64	rows of 48 bytes, ascending by name: name 32, pack u32, offset
 *		u32, stored u32, plain u24, codec u4, type u4
 *	tail	fan-out: 2^bits + 1 u32: first row of each prefix of the name
 *		packs, ascending by id, 44 bytes as in a segment
 *		sums: u64 of each block of 1024 rows
 */
#ifndef STORE_CATALOG_INTERNAL_H
#define STORE_CATALOG_INTERNAL_H

#include "base/map.h"
#include "os/os_file.h"
#include "os/os_map.h"
#include "store/catalog.h"

#define CATALOG_HEAD 64u
#define CATALOG_ROW 48u
#define CATALOG_BLOCK 1024u		/* rows under one sum */
#define CATALOG_BITS_MAX 20u
#define CATALOG_NAME 24			/* "rows-<16 hex>" and a NUL */
#define CATALOG_FILES_MAX 32

struct catalog_file {
	char name[CATALOG_NAME];
	struct os_map map;
	const uint8_t *check;	/* of the head; in the map, as the next ones */
	const uint8_t *rows, *fan, *packs, *sums;
	uint64_t rows_n;
	uint32_t packs_n;
	unsigned bits;
	uint8_t *checked;	/* of each block */
	uint8_t *dead;		/* of each pack; NULL: none is */
	uint8_t *sieve;		/* sieve_mask + 1 bits; NULL: none yet */
	uint64_t sieve_mask, misses;
};

/* A segment in memory. */
struct catalog_mem {
	struct catalog_mem *next;	/* the next older one */
	struct buf bytes;
	struct segment seg;
	uint8_t *dead;
};

/* What is remembered of a segment that was added. */
struct catalog_seen {
	uint8_t name[32];
	uint32_t drops_n, keeps_n;
	uint8_t (*drops)[32];	/* packs that it drops */
	uint8_t (*keeps)[32];	/* packs that it names though one before it
				   dropped them */
};

struct catalog {
	char *dir;
	uint8_t place[32];
	uint64_t time, turn;
	struct catalog_file *files[CATALOG_FILES_MAX];	/* newest first */
	size_t files_n;
	struct catalog_mem *mem;	/* newest first */
	size_t mem_bytes, mem_n;
	struct catalog_mem inl;		/* the inline segment */
	struct catalog_seen *seen;
	size_t seen_n, seen_alloc;
	struct map seen_at;		/* name to index + 1 */
	struct map dropped;		/* ids that were ever dropped */
	uint8_t (*dead)[32];		/* ids that are, ascending */
	size_t dead_n;
	struct os_lock *lock;		/* while there is unsaved work */
	int foreign;			/* another process changed the folder */
	int changed;			/* the list is not what is on disk */
	uint8_t list_check[32];		/* of the list as loaded; 0: none */
};

/* ---- catalog_file.c ---- */
/* catalog_sum(): checksum of a block; against accidents only. */
uint64_t catalog_sum(const void *p, size_t n);
/* catalog_file_open(): HUB_ECORRUPT if it is damaged or missing, or another one
 * than ${check} says (32 bytes; NULL: any). */
int catalog_file_open(const char *dir, const char *name, uint64_t rows,
		      const uint8_t *check, struct catalog_file **ret,
		      struct err *e);
void catalog_file_close(struct catalog_file *f);
/* catalog_file_block(): the block of row ${i} is what was written: 0 or
 * HUB_ECORRUPT. */
int catalog_file_block(struct catalog_file *f, uint64_t i, struct err *e);
/* catalog_file_find(): 1, 0, HUB_ECORRUPT; rows of dead packs are not there.
 * ret->row is that of the file. */
int catalog_file_find(struct catalog_file *f, const uint8_t name[32],
		      struct catalog_at *ret, struct err *e);
/* catalog_file_aim(), then catalog_file_near(): what a search for this name will
 * read, into the processor's cache; of several files at the same time. */
void catalog_file_aim(const struct catalog_file *f, const uint8_t name[32]);
void catalog_file_near(const struct catalog_file *f, const uint8_t name[32]);
/* catalog_row_get(), catalog_row_put(): one row. */
void catalog_row_get(struct segment_entry *ret, const uint8_t *p);
void catalog_row_put(uint8_t *p, const struct segment_entry *en);
/* catalog_pack_put(): one record of the table of packs. */
void catalog_pack_put(uint8_t *p, const struct segment_pack *pk);
/* catalog_find_id(): index in a table of ${size}-byte records, or -1. */
int64_t catalog_find_id(const uint8_t *p, size_t n, size_t size,
			const uint8_t id[32]);
/* catalog_is_dead() */
int catalog_is_dead(const struct catalog *c, const uint8_t id[32]);

/* ---- catalog_sieve.c ---- */
/* catalog_sieve_has(): 0: the name is in none of the rows; needs f->sieve. */
int catalog_sieve_has(const struct catalog_file *f, const uint8_t name[32]);
/* catalog_sieve_miss(): one more search in vain; after some the sieve is made. */
void catalog_sieve_miss(struct catalog_file *f);

/* ---- catalog_merge.c ---- */
/* catalog_merge(): the segments in memory and the first ${files} files as one
 * new file, which is opened. */
int catalog_merge(struct catalog *c, size_t files, struct catalog_file **ret,
		  struct err *e);

/* ---- catalog_list.c ---- */
/* catalog_list_load(): HUB_ECORRUPT, HUB_EABSENT: start empty. */
int catalog_list_load(struct catalog *c, struct err *e);
int catalog_list_save(struct catalog *c, struct err *e);
/* catalog_list_same(): is the list on disk the one that was loaded? */
int catalog_list_same(const struct catalog *c);
/* catalog_list_sweep(): remove files of rows that are not ours. */
void catalog_list_sweep(const struct catalog *c);
/* catalog_seen_add(): one more segment; its arrays are consumed. */
int catalog_seen_add(struct catalog *c, struct catalog_seen *s, struct err *e);
void catalog_seen_free(struct catalog *c);

#endif
