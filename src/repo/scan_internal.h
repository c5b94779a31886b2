/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan_internal.h - what the files of scan share: names and rules on the way. */
#ifndef REPO_SCAN_INTERNAL_H
#define REPO_SCAN_INTERNAL_H

#include "os/os_file.h"
#include "repo/ignore.h"

/* Rule files of all folders on the way, in bytes; more is HUB_ELIMIT. */
#define SCAN_RULES_MAX (2 * IGNORE_FILE_MAX)

#define SCAN_IGNORE_NAME ".gitignore"

/* One entry of a folder; sorted by its bytes, folders as "name/". */
struct scan_name {
	uint64_t key;		/* its first 8 bytes, big-endian, 0 after the end */
	uint32_t at;		/* in scan_names.text; "name" or "name/", NUL */
	uint16_t n;		/* without that slash */
	uint8_t type;		/* enum os_type, never OS_UNKNOWN */
};

/*
 * A stack of the folders on the way, the deepest on top: no memory is
 * allocated for a single name.  Both arrays move when they grow, so nobody
 * keeps pointers into them.
 */
struct scan_names {
	struct scan_name *v;
	size_t n, alloc;
	char *text;
	size_t text_n, text_alloc;
};

/*
 * scan_names_read(): put the entries of ${d} on the stack, in order; what
 * vanishes meanwhile is left out.  *ret_rules: is there a regular file called
 * .gitignore?  0; HUB_ENOMEM; HUB_ELIMIT (4 GiB of names); else what
 * os_dir_next() said.  The stack is as before on failure.
 */
int scan_names_read(struct scan_names *s, struct os_dir *d, int *ret_rules,
		    struct err *e);
/* scan_names_retype(): entry ${i} < ${end} turned out to be a folder; move it
 * to where it belongs in [i, end). */
void scan_names_retype(struct scan_names *s, size_t i, size_t end);
void scan_names_release(struct scan_names *s);

/* The rules that hold in a folder, nearest first.  Folders without a rule
 * file share the list of their parent. */
struct scan_rules {
	struct ignore *ig;	/* at least one rule */
	size_t bytes;		/* of the file, and of all further up */
	struct scan_rules *up;	/* NULL: no more */
};

/*
 * scan_rules_file(), scan_rules_dir(): put the rules of a file by path, or of
 * the .gitignore of the open folder ${d}, which is called ${base} ("" or
 * "a/b/"), before ${*top}.  No such file (or a symlink there, which git does
 * not follow either) and a file without rules leave ${*top} alone.
 * Any other failure must end the scan: files that were meant to stay private
 * would be recorded.
 */
int scan_rules_file(struct scan_rules **top, const char *path, struct err *e);
int scan_rules_dir(struct scan_rules **top, struct os_dir *d, const char *base,
		   size_t base_n, struct err *e);
/* scan_rules_drop(): free what stands before ${until}. */
void scan_rules_drop(struct scan_rules **top, struct scan_rules *until);
/* scan_rules_match(): as ignore_match(), by the nearest rules that know. */
int scan_rules_match(const struct scan_rules *top, const char *path, size_t n,
		     int is_dir);

#endif
