/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-path.c - which names are ".git", legal, legal on Windows; UTF-8. */
#include "base/path.h"
#include "base/utf8.h"
#include "tap.h"

static const char *const dotgit[] = {
	".git", ".GIT", ".Git", ".giT", ".git.", ".git..", ".git ", ".git . .",
	".git ...", ".git::$INDEX_ALLOCATION", ".git:", ".git:x", ".git .:x",
	".GIT::$index_allocation", "git~1", "GIT~1", "Git~1", "git~1.",
	"git~1 ", "git~1:x", "git~1::$INDEX_ALLOCATION", "git~1 . :x",
	/* a backslash separates components on Windows */
	".git\\config", ".GIT\\hooks", "git~1\\x", "sub\\.git", "a\\b\\.git",
	"a\\.git\\config", "a\\git~1", "a\\.git:x", "\\.git", ".git \\x",
	/* HFS+ ignorable code points anywhere */
	".g\xe2\x80\x8cit", ".gi\xe2\x80\x8dt", ".git\xe2\x80\x8e",
	"\xe2\x80\x8f.git", ".\xe2\x80\xaagit", ".g\xe2\x80\xabit",
	".G\xe2\x80\xacIT", ".gi\xe2\x80\xadt", ".git\xe2\x80\xae",
	".g\xe2\x81\xaait", ".g\xe2\x81\xabit", ".g\xe2\x81\xacit",
	".g\xe2\x81\xadit", ".g\xe2\x81\xaeit", ".g\xe2\x81\xafit",
	"\xef\xbb\xbf.git", ".git\xef\xbb\xbf\xe2\x80\x8c",
	"\xef\xbb\xbf.\xe2\x80\x8cg\xe2\x80\x8di\xe2\x80\x8et\xe2\x80\x8f",
	/* as git has it: bytes that are no UTF-8 end the comparison */
	".git\xff", ".git\x80x", ".git\xe2\x80", ".gi\xe2\x80\x8ct\xc0\xaf",
	".git\xef\xbf\xbe", ".git\xef\xbf\xbfx",
};

static const char *const resembling[] = {
	"", ".", "..", "git", ".gi", ".gitt", ".github", ".gitignore",
	".gitattributes", ".gitmodules", ".git-foo", ".git_", ".git~1",
	".git1", "git~", "git~2", "git~10", "git~1x", "git~1-", "xgit~1",
	"x.git", "project.git", " .git", "..git", ".git x", ".git.x", ".git. x",
	".git.config", ".git\tx", "git", "GIT", "g\xc3\xa4.git", ".g\xc3\xaft",
	".g\xc4\xb1t", ".G\xc4\xb0T", ".git\xe2\x80\x8b", ".git\xe2\x80\x90",
	".git\xe2\x80\xa9", ".git\xe2\x80\xaf", ".git\xe2\x81\xa9",
	".g\xe2\x80\x8cithub", ".g\xff" "it", "\xff.git", "\xef\xbc\x8egit",
	".git\xef\xb7\x90", ".gi\xef\xbf\xbft",
	"a\\.github", "a\\b.git", "a\\x", ".gi\\t", ".github\\x", "a\\.gitx",
	"git~1.txt", "git-1", ".git;1",
};

static void t_dotgit(void)
{
	size_t i;

	for (i = 0; i < sizeof(dotgit) / sizeof(*dotgit); i++)
		ok(path_is_dotgit(dotgit[i], strlen(dotgit[i])),
		   ".git in spelling %d", (int)i);
	for (i = 0; i < sizeof(resembling) / sizeof(*resembling); i++)
		ok(!path_is_dotgit(resembling[i], strlen(resembling[i])),
		   "not .git: number %d", (int)i);
	ok(path_is_dotgit(".github", 4), "the length counts, not a NUL");
	ok(!path_is_dotgit(".git", 3), "a shorter one");
}

static int comp(const char *s)
{
	return path_component_ok(s, strlen(s));
}

static int whole(const char *s)
{
	return path_ok(s, strlen(s));
}

static void t_component(void)
{
	char longest[4200];
	size_t i;

	memset(longest, 'x', sizeof(longest));
	ok(path_component_ok(longest, 255) && !path_component_ok(longest, 256),
	   "length of a component");
	ok(!comp("") && !comp(".") && !comp("..") && !comp("a/b") &&
	   !path_component_ok("a\0b", 3) && !comp(".git"), "impossible names");
	ok(comp("...") && comp("..a") && comp("-x") && comp("a\\b") &&
	   comp("\n") && comp("\xff") && comp(" ") && comp("a:b") &&
	   comp(".gitignore"), "odd names that may stand");
	ok(whole("a") && whole("a/b/c") && whole(".x/..y"), "paths");
	ok(!whole("") && !whole("/") && !whole("/a") && !whole("a/") &&
	   !whole("a//b") && !whole("a/../b") && !whole("./a") &&
	   !whole("a/.git/config") && !whole("a/GIT~1"), "impossible paths");
	for (i = 200; i < sizeof(longest); i += 200)
		longest[i] = '/';
	ok(path_ok(longest, 4095) && !path_ok(longest, 4096),
	   "length of a path");
}

static int win(const char *s)
{
	return path_windows_ok(s, strlen(s));
}

static void t_windows(void)
{
	static const char *const bad[] = {
		"", "a<b", "a>b", "a:b", "a\"b", "a|b", "a?", "*", "a\\b", "a/b",
		"\x01", "a\n", "a.", "a ", ".", "..", "CON", "con", "Con.txt",
		"prn", "AUX.", "nul.tar.gz", "com1", "COM9.log", "lpt1", "LPT9.x",
		"nul .txt", "com\xc2\xb9", "lpt\xc2\xb3.x", "CONIN$", "conout$",
		"\xff", "a\xc3",
	};
	static const char *const good[] = {
		"a", ".a", "con1", "com", "com0", "com10", "lpt0", "xcon", "null",
		"auxx", "a.con", "a b", "a.b.c", "\xc3\xa4", "comx", "com\xc2\xa3",
		"-", "~", "a;b", "lpt", "console", "\x7f",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(!win(bad[i]), "not on Windows: number %d", (int)i);
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(win(good[i]), "on Windows too: number %d", (int)i);
	ok(!path_windows_ok("a\0b", 3), "a NUL");
}

static void t_split(void)
{
	static const struct { const char *name; size_t at; } t[] = {
		{ "a.txt", 1 }, { "a", 1 }, { ".bashrc", 7 }, { ".a.b", 2 },
		{ "a.tar.gz", 1 }, { "a.tar.xz", 1 }, { "a.tar.zst", 1 },
		{ "a.TAR.bz2", 1 }, { ".tar.gz", 4 }, { "a.b.gz", 3 },
		{ "a.", 1 }, { "...", 3 }, { "..a", 3 }, { "", 0 },
		{ "tar.gz", 3 }, { "a.tar.lz", 5 },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++)
		ok(path_ext(t[i].name, strlen(t[i].name)) == t[i].at,
		   "extension of '%s'", t[i].name);
	ok(path_base("a/b/cd", 6) == 4 && path_base("a", 1) == 0 &&
	   path_base("", 0) == 0 && path_base("a/", 2) == 2, "last component");
}

static int valid(const char *s)
{
	return utf8_valid(s, strlen(s));
}

static void t_utf8(void)
{
	struct buf b = BUF_INIT;
	uint32_t cp = 0;

	ok(utf8_next("a", 1, &cp) == 1 && cp == 'a', "one byte");
	ok(utf8_next("\xc3\xa4", 2, &cp) == 2 && cp == 0xe4, "two");
	ok(utf8_next("\xe2\x82\xac", 3, &cp) == 3 && cp == 0x20ac, "three");
	ok(utf8_next("\xf4\x8f\xbf\xbf", 4, &cp) == 4 && cp == 0x10ffff, "four");
	ok(!utf8_next("\xc3\xa4", 1, &cp) && !utf8_next("", 0, &cp),
	   "bytes are missing");
	ok(utf8_next("", 1, &cp) == 1 && !cp, "a NUL is a character");
	ok(valid("") && valid("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") &&
	   valid("\xed\x9f\xbf\xee\x80\x80"), "valid");
	ok(!valid("\x80") && !valid("\xc0\xaf") && !valid("\xc1\xbf") &&
	   !valid("\xe0\x9f\xbf") && !valid("\xf0\x8f\xbf\xbf") &&
	   !valid("\xed\xa0\x80") && !valid("\xed\xbf\xbf") &&
	   !valid("\xf4\x90\x80\x80") && !valid("\xf5\x80\x80\x80") &&
	   !valid("\xff") && !valid("\xc3" "a") && !valid("\xe2\x82"),
	   "overlong, surrogate, too large, torn");
	ok(utf8_cut("a\xc3\xa4x", 4, 2) == 1 && utf8_cut("a\xc3\xa4x", 4, 3) == 3 &&
	   utf8_cut("a\xc3\xa4x", 4, 99) == 4 && utf8_cut("\xff\xff\xff", 3, 2) == 2 &&
	   utf8_cut("a", 1, 0) == 0, "cut between characters");
	utf8_show(&b, "a\n\x1b\x7f\xc2\x9b\xe2\x80\xae\xff\xc3\xa4", 12);
	ok(!strcmp(b.p, "a\\012\\033\\177\\302\\233\\342\\200\\256\\377\xc3\xa4"),
	   "shown: %s", b.p);
	buf_release(&b);
}

int main(void)
{
	t_dotgit();
	t_component();
	t_windows();
	t_split();
	t_utf8();
	return done();
}
