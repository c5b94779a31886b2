/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_file.h - files and folders, by handle and by path.
 *
 * Paths are bytes with '/' (UTF-8 on Windows).  A file handle is an int >= 0.
 * Functions that take an os_dir and a name never follow a symlink in that
 * name, and never accept a name with '/' in it: this is how the engine walks
 * workspaces, so that nothing outside is ever touched.  "", "." and ".." are no
 * names either (HUB_EIO, e->os EINVAL).  Functions that take a
 * path follow symlinks, for paths that the user or we chose.
 *
 * Codes: HUB_EABSENT only for "not there" (ENOENT, ENOTDIR); HUB_EDENIED
 * (EACCES, EPERM, EROFS); HUB_ELIMIT (ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE,
 * ENAMETOOLONG); HUB_EBUSY (ETXTBSY, EBUSY, sharing violation); HUB_EIO for
 * the rest, ELOOP included.  e->os keeps errno; messages name the path.
 */
#ifndef OS_OS_FILE_H
#define OS_OS_FILE_H

#include "base/buf.h"

enum os_type { OS_REG, OS_DIR, OS_LNK, OS_OTHER, OS_UNKNOWN };

struct os_stat {
	enum os_type type;
	int exec;		/* owner may execute (always 0 on Windows) */
	uint64_t size;
	int64_t mtime_ns, ctime_ns;
	uint64_t dev, ino;	/* 0, 0 where the system has none */
	uint32_t nlink, uid, gid, mode;	/* as the system has them, for git's index */
};

/* err_os(): message from errno: "cannot ${doing} '${what}': reason".  Returns
 * the HUB_E* code by the table above. */
int err_os(struct err *e, const char *doing, const char *what);

/* ---- folders by handle ---- */
struct os_dir;

/* os_dir_open(): a folder by path (symlinks followed).  Owned: os_dir_close(). */
int os_dir_open(const char *path, struct os_dir **ret, struct err *e);
/* os_dir_at(): the folder ${name} in ${d}; a symlink there is HUB_EABSENT with
 * e->os = ENOTDIR or ELOOP. */
int os_dir_at(struct os_dir *d, const char *name, struct os_dir **ret,
	      struct err *e);
/* os_dir_close(): NULL is fine. */
void os_dir_close(struct os_dir *d);
/* os_dir_next(): 1 and the next entry ("." and ".." left out, any order;
 * ${*name} borrowed until the next call), 0 at the end, < 0 on failure.  The
 * type may be OS_UNKNOWN: stat it then.  A second pass starts by itself after
 * the end was reported. */
int os_dir_next(struct os_dir *d, const char **name, enum os_type *type,
		struct err *e);
int os_dir_stat(struct os_dir *d, const char *name, struct os_stat *ret,
		struct err *e);
/* os_dir_open_file(): open for reading; a symlink is HUB_EABSENT (e->os ELOOP), a
 * folder HUB_EIO (EISDIR), a special file HUB_EIO; never blocks on a FIFO. */
int os_dir_open_file(struct os_dir *d, const char *name, int *ret_fd,
		     struct err *e);
int os_dir_readlink(struct os_dir *d, const char *name, struct buf *ret,
		    struct err *e);
/* os_dir_create(): new file for writing, mode 0666 or 0777 less umask;
 * HUB_ECONFLICT if the name exists. */
int os_dir_create(struct os_dir *d, const char *name, int exec, int *ret_fd,
		  struct err *e);
int os_dir_symlink(struct os_dir *d, const char *target, const char *name,
		   struct err *e);
/* os_dir_rename(): within one folder, replacing a file that is there. */
int os_dir_rename(struct os_dir *d, const char *from, const char *to,
		  struct err *e);
/* os_dir_rename_new(): as above, but HUB_ECONFLICT if ${to} exists.  Where the
 * file system has neither an exclusive rename nor hard links, by looking first. */
int os_dir_rename_new(struct os_dir *d, const char *from, const char *to,
		      struct err *e);
/* os_dir_rename_new_to(): the same between two folders. */
int os_dir_rename_new_to(struct os_dir *d, const char *from, struct os_dir *d2,
			 const char *to, struct err *e);
/* os_dir_exchange(): two existing files change places, in one step.  HUB_EABSENT
 * if one is gone; HUB_EUSAGE where the file system knows no such thing. */
int os_dir_exchange(struct os_dir *d, const char *a, struct os_dir *d2,
		    const char *b, struct err *e);
/* os_dir_rename_to(): between two folders, replacing. */
int os_dir_rename_to(struct os_dir *d, const char *from, struct os_dir *d2,
		     const char *to, struct err *e);
int os_dir_unlink(struct os_dir *d, const char *name, struct err *e);
/* os_dir_mkdir(): HUB_ECONFLICT if the name exists. */
int os_dir_mkdir(struct os_dir *d, const char *name, struct err *e);
/* os_dir_rmdir(): HUB_ECONFLICT if it is not empty. */
int os_dir_rmdir(struct os_dir *d, const char *name, struct err *e);
/* os_dir_chmod_exec(): set or clear the executable bits of a regular file as
 * git does: whoever may read may execute, less umask.  Read and write bits stay
 * as they are, so a private file stays private. */
int os_dir_chmod_exec(struct os_dir *d, const char *name, int exec,
		      struct err *e);
/* os_dir_sync(): make names in this folder durable (nothing on Windows). */
int os_dir_sync(struct os_dir *d, struct err *e);

/* ---- file handles ---- */
int os_open_read(const char *path, int *ret_fd, struct err *e);
/* os_create(): new or emptied file for writing, mode 0666 (0600 if ${secret}). */
int os_create(const char *path, int secret, int *ret_fd, struct err *e);
/* os_open_append(): for writing at the end, created if need be (mode 0666).
 * Writes of several processes do not mix, each lands whole behind the others. */
int os_open_append(const char *path, int *ret_fd, struct err *e);
/* os_share(): files and folders that this process makes below the folder
 * ${prefix} (ends with '/') get the permissions ${bits} (0660: for its group)
 * besides, or only them if ${exact}; folders the group's (setgid), and x where r
 * is.  Secret ones do not.  0: no more.  Nothing on Windows.  HUB_ENOMEM. */
int os_share(const char *prefix, unsigned bits, int exact);
/* os_protect(): take away everybody's right to write (mode 0444 less umask); the
 * handle keeps its own. */
int os_protect(int fd, const char *what, struct err *e);
/* os_read(): up to ${n} bytes; fewer only at the end of the file; the number
 * of bytes is stored.  ${what} is for the message. */
int os_read(int fd, void *p, size_t n, size_t *ret_n, const char *what,
	    struct err *e);
int os_pread(int fd, void *p, size_t n, uint64_t off, size_t *ret_n,
	     const char *what, struct err *e);
int os_write(int fd, const void *p, size_t n, const char *what, struct err *e);
int os_pwrite(int fd, const void *p, size_t n, uint64_t off, const char *what,
	      struct err *e);
int os_fstat(int fd, struct os_stat *ret, const char *what, struct err *e);
int os_fsync(int fd, const char *what, struct err *e);
/* os_set_mtime(): the file's modification time, ns since 1970. */
int os_set_mtime(int fd, int64_t mtime_ns, const char *what, struct err *e);
int os_truncate(int fd, uint64_t n, const char *what, struct err *e);
/* os_being_written(): 1 somebody has the file open for writing, 0 surely nobody,
 * -1 this system, file system or owner does not tell.  Disturbs nobody. */
int os_being_written(int fd);
/* os_next_data(): the first offset >= ${off} where the file may have been
 * written; what lies before it is a hole, which reads as zeros.  ${off} itself
 * where the system cannot tell, UINT64_MAX if nothing more was written.  May move
 * the position that os_read() and os_write() use. */
uint64_t os_next_data(int fd, uint64_t off);
/* os_close(): -1 is fine.  Failure matters only for files being written. */
int os_close(int fd, const char *what, struct err *e);

/* ---- by path ---- */
int os_stat(const char *path, struct os_stat *ret, struct err *e);	/* follows */
int os_lstat(const char *path, struct os_stat *ret, struct err *e);
/* os_read_file(): the whole file appended to ${ret}; HUB_ELIMIT if it has more
 * than ${max} bytes (nothing is appended then), and only then. */
int os_read_file(const char *path, size_t max, struct buf *ret, struct err *e);
/* os_mkdirs(): create a folder and its parents; existing ones are fine, a file
 * there is HUB_ECONFLICT.  New names are made durable. */
int os_mkdirs(const char *path, struct err *e);
int os_mkdir(const char *path, struct err *e);	/* HUB_ECONFLICT if it exists */
int os_unlink(const char *path, struct err *e);
int os_rmdir(const char *path, struct err *e);
/* os_rename(): replaces files; for whole folders only onto an absent name. */
int os_rename(const char *from, const char *to, struct err *e);
/* os_link_new(): give the finished file ${from} the additional name ${to};
 * HUB_ECONFLICT if that exists.  Where the file system has no hard links it is
 * renamed without replacement instead, so ${from} may be gone afterwards: the
 * caller unlinks it and ignores absence.  Where nothing exclusive exists it
 * fails with HUB_EIO (e->os EOPNOTSUPP). */
int os_link_new(const char *from, const char *to, struct err *e);
/* os_sync_parent(): make the name ${path} durable in its folder. */
int os_sync_parent(const char *path, struct err *e);
/* os_rmtree(): remove a folder with all in it, however deep; never follows
 * symlinks: one at ${path} is removed itself.  HUB_EABSENT if nothing is there. */
int os_rmtree(const char *path, struct err *e);
/* os_copy_file(): copy the bytes and the mode (less umask) of ${from} to the new
 * file ${to} (reflink where possible), fsync it.  HUB_ECONFLICT if ${to} exists;
 * after another failure ${to} does not exist. */
int os_copy_file(const char *from, const char *to, struct err *e);

/*
 * os_replace(): THE way to change a small file of ours.
 * Order: temp file beside it, write, fsync, rename, fsync of the folder.
 * After 0 the new content survives a power cut; after a failure the old file
 * is as it was and no temp file is left (a killed process may leave
 * ".<name>.tmp-<random>", which os_replace_sweep() removes).  One exception: if
 * only the last step fails, the new content is in place, and whether it
 * survives is not known.  ${secret}: OS_PRIVATE: mode 0600; OS_GROUP: 0640,
 * whatever the umask says.
 */
#define OS_PRIVATE 1
#define OS_GROUP 2
int os_replace(const char *path, const void *p, size_t n, int secret,
	       struct err *e);
/* os_replace_derived(): the same without any fsync, for what every run makes anew
 * from other files: after a power cut it may be old, or empty. */
int os_replace_derived(const char *path, const void *p, size_t n,
		       struct err *e);
/* os_replace_sweep(): remove temp files of os_replace() in folder ${path} that
 * are older than ${age_s} seconds. */
int os_replace_sweep(const char *path, int64_t age_s, struct err *e);

/* os_syncfs(): flush everything written so far to the file system that holds
 * ${path}: one call instead of an fsync per file.  Where the system has no
 * such call, HUB_EUSAGE: then fsync each file. */
int os_syncfs(const char *path, struct err *e);
/* os_has_syncfs(): does this system have it at all? */
int os_has_syncfs(void);

/* os_disk_free(): bytes that this user may still write there. */
int os_disk_free(const char *path, uint64_t *ret, struct err *e);

/* os_abspath(): absolute, "." and ".." and symlinks resolved as far as the
 * path exists; the rest is appended as given. */
int os_abspath(const char *path, struct buf *ret, struct err *e);
/* os_cwd(), os_chdir(): the current folder. */
int os_cwd(struct buf *ret, struct err *e);
int os_chdir(const char *path, struct err *e);

/* ---- locks ---- */
struct os_lock;
/* os_lock_take(): exclusive lock on a file (created if need be) that the
 * system releases when this process ends, however it ends.  HUB_EBUSY at once
 * if another process holds it.  For local disks. */
int os_lock_take(const char *path, struct os_lock **ret, struct err *e);
void os_lock_drop(struct os_lock *l);	/* NULL is fine */

#endif
