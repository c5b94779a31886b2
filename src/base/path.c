/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.c - rules about names in a tree.
 *
 * What counts as ".git" must be at least what `git fsck` refuses (hasDotgit),
 * since hubs run with receive.fsckObjects: a name that we let through and git
 * refuses would block a sync for ever.
 */
#include <string.h>
#include "base/path.h"
#include "base/utf8.h"
#include "base/banned.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does  begin with the lower-case ASCII text , in any case? */
static int begins(const char *s, size_t n, const char *word)
{
	size_t i;

	for (i = 0; word[i]; i++)
		if (i >= n || lower(s[i]) != word[i])
			return 0;
	return 1;
}

/*
 * NTFS drops dots and spaces at the end of a name, takes what follows ':' for
 * a stream, and answers to the short name that it made for ".git".
 */
static int is_ntfs_dotgit(const char *s, size_t n)
{
	size_t i;

	if (begins(s, n, ".git"))
		i = 4;
	else if (begins(s, n, "git~1"))
		i = 5;
	else
		return 0;
	for (; i < n && s[i] != ':' && s[i] != '\\'; i++)
		if (s[i] != '.' && s[i] != ' ')
			return 0;
	return 1;
}

static int hfs_ignores(uint32_t cp)
{
	return (cp >= 0x200c && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x206a && cp <= 0x206f) || cp == 0xfeff;
}

/*
 * HFS+ leaves some code points out when it compares names.  Bytes that are
 * not UTF-8, and U+FFFE and U+FFFF, end the comparison as in git: ".git\xff"
 * counts, which is too strict, but git fsck would refuse it.
 */
static int is_hfs_dotgit(const char *s, size_t n)
{
	static const char want[] = ".git";
	size_t at = 0, matched = 0, k;
	uint32_t cp = 0;

	while (at < n) {
		k = utf8_next(s + at, n - at, &cp);
		if (!k || cp == 0xfffe || cp == 0xffff)
			break;
		at += k;
		if (hfs_ignores(cp))
			continue;
		if (matched == 4 || cp > 0x7f ||
		    lower((char)cp) != want[matched])
			return 0;
		matched++;
	}
	return matched == 4;
}

int path_is_dotgit(const char *name, size_t n)
{
	size_t i;

	/* Nearly all names: they do not begin like one, and have one part. */
	if (n && name[0] != '.' && lower(name[0]) != 'g' &&
	    (unsigned char)name[0] < 0x80 && !memchr(name, '\\', n))
		return 0;
	if (is_hfs_dotgit(name, n) || is_ntfs_dotgit(name, n))
		return 1;
	/* To Windows a backslash separates components. */
	for (i = 0; i < n; i++)
		if (name[i] == '\\' && is_ntfs_dotgit(name + i + 1, n - i - 1))
			return 1;
	return 0;
}

int path_component_ok(const char *name, size_t n)
{
	if (!n || n > PATH_NAME_MAX)
		return 0;
	if (name[0] == '.' && (n == 1 || (n == 2 && name[1] == '.')))
		return 0;
	if (memchr(name, '/', n) || memchr(name, 0, n))
		return 0;
	return !path_is_dotgit(name, n);
}

int path_ok(const char *path, size_t n)
{
	size_t at = 0, k;
	const char *slash;

	if (!n || n > PATH_LEN_MAX)
		return 0;
	for (;;) {
		slash = memchr(path + at, '/', n - at);
		k = slash ? (size_t)(slash - (path + at)) : n - at;
		if (!path_component_ok(path + at, k))
			return 0;
		if (!slash)
			return 1;
		at += k + 1;
	}
}

/* Names of devices, whatever extension follows; also the three superscript
 * digits, which Windows takes for 1, 2, 3. */
static int is_windows_device(const char *s, size_t n)
{
	static const char *const plain[] = {
		"con", "prn", "aux", "nul", "conin$", "conout$",
	};
	const char *dot = memchr(s, '.', n);
	size_t i;

	if (dot)
		n = (size_t)(dot - s);
	while (n && s[n - 1] == ' ')
		n--;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (n == strlen(plain[i]) && begins(s, n, plain[i]))
			return 1;
	if (n < 4 || (!begins(s, n, "com") && !begins(s, n, "lpt")))
		return 0;
	if (n == 4)
		return s[3] >= '1' && s[3] <= '9';
	return n == 5 && s[3] == '\xc2' &&
	       (s[4] == '\xb9' || s[4] == '\xb2' || s[4] == '\xb3');
}

int path_windows_ok(const char *name, size_t n)
{
	size_t i;

	if (!n || !utf8_valid(name, n))
		return 0;
	for (i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == '/' ||
		    strchr("<>:\"|?*\\", name[i]))
			return 0;
	if (name[n - 1] == '.' || name[n - 1] == ' ')
		return 0;
	return !is_windows_device(name, n);
}

size_t path_base(const char *path, size_t n)
{
	while (n && path[n - 1] != '/')
		n--;
	return n;
}

size_t path_ext(const char *name, size_t n)
{
	static const char *const twofold[] = {
		".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2",
	};
	size_t lead = 0, i, k;

	while (lead < n && name[lead] == '.')
		lead++;
	for (i = 0; i < sizeof(twofold) / sizeof(twofold[0]); i++) {
		k = strlen(twofold[i]);
		if (n > k && n - k > lead && begins(name + n - k, k, twofold[i]))
			return n - k;
	}
	for (i = n; i > lead; i--)
		if (name[i - 1] == '.')
			return i - 1;
	return n;
}
