/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-repo-scan.c - what a scan reports, in which order, of whatever lies there. */
#include <sys/socket.h>
#include <sys/un.h>

#include "repo/ignore.h"
#include "lib-scan.h"

static void test_order(void)
{
	tree("order");
	looks("", "an empty folder");
	put("a.b", "");
	put("a-b", "");
	put("a/b", "");
	put("a/b.c/d", "");
	put("a/b-c", "");
	put("a0", "");
	put("A", "");
	put("\xff", "");
	put("\x01x", "");
	put("aaaaaaaa", "");
	put("aaaaaaaab/x", "");
	put("aaaaaaaab-", "");
	put("aaaaaaa/x", "");
	put("aaaaaaa0", "");
	put("aaaaaaaabb", "");
	put("empty/empty/", "");
	chmod("A", 0755);
	looks("F \x01x\nX A\nF a-b\nF a.b\nF a/b\nF a/b-c\nF a/b.c/d\nF a0\n"
	      "F aaaaaaa/x\nF aaaaaaa0\nF aaaaaaaa\nF aaaaaaaab-\n"
	      "F aaaaaaaab/x\nF aaaaaaaabb\nF \xff\n",
	      "folders are sorted as \"name/\", bytes are unsigned");
}

static void test_many(void)
{
	char name[16];
	struct buf want = BUF_INIT;
	int i;

	tree("many");
	/* made in an order that has nothing to do with the names' */
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%03d%s", i * 389 % 1000,
			 i % 7 ? "" : "/x");
		put(name, "");
	}
	for (i = 0; i < 1000; i++) {
		/* 509 is the inverse of 389 modulo 1000 */
		buf_addf(&want, "F %03d%s\n", i, i * 509 % 1000 % 7 ? "" : "/x");
	}
	looks(want.p, "a thousand entries in order");
	buf_release(&want);
}

static void make_socket(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		perror("socket");
	close(fd);
}

static void test_kinds(void)
{
	tree("kinds");
	put("dir/file", "");
	if (symlink("dir", "to-dir") || symlink("gone", "to-nothing") ||
	    symlink("/", "dir/to-root") || symlink(".", "dir/loop") ||
	    mkfifo("fifo", 0666) || mkfifo("dir/fifo", 0666))
		perror("kinds");
	make_socket("sock");
	looks("S dir/fifo\nF dir/file\nL dir/loop\nL dir/to-root\nS fifo\n"
	      "S sock\nL to-dir\nL to-nothing\n",
	      "symlinks are reported, never followed; special files are noted");
}

static void test_names(void)
{
	char name[256];
	struct buf want = BUF_INIT;

	tree("names");
	memset(name, 'n', 255);
	name[255] = '\0';
	put("\t\n\x1b[2J", "");
	put("\xc3\x28\xff/\xfe", "");
	put("-rf", "");
	put("a\\b", "");
	put(" ", "");
	put("con", "");
	put(name, "");
	buf_addf(&want, "F \t\n\x1b[2J\nF  \nF -rf\nF a\\b\nF con\nF %s\n"
		 "F \xc3\x28\xff/\xfe\n", name);
	looks(want.p, "control characters, bad UTF-8, 255 bytes are fine");
	buf_release(&want);
}

static void test_nested_git(void)
{
	tree("nested");
	put(".git/config", "");
	put(".gitx", "");
	put("sub/.git/config", "");
	put("sub/file", "");
	put("mod/.git", "gitdir: elsewhere");
	put("x/.GIT/config", "");
	put("x/git~1", "");
	put("x/git~2", "");
	put("x/.g\xe2\x80\x8cit/y", "");
	if (symlink("elsewhere", "mod/.git ") || mkfifo("x/.git.", 0666))
		perror("nested");
	looks("F .gitx\nG mod/.git\nG mod/.git \nG sub/.git\nF sub/file\n"
	      "G x/.GIT\nG x/.git.\nG x/.g" "\xe2\x80\x8c" "it\nG x/git~1\n"
	      "F x/git~2\n", "a .git below the root is noted, not entered");
	tree("nested2");
	put(".git", "gitdir: elsewhere");
	put(".GIT", "");
	put("git~1/x", "");
	looks("G .GIT\nG git~1\n", "in the root only .git itself is left out");
}

static void test_ignore(void)
{
	tree("ignore");
	put(".gitignore", "*.o\n!keep.o\n/build/\nlogs\n!logs/keep\n");
	put("a.o", "");
	put("keep.o", "");
	put("build/x", "");
	put("src/build/x", "");
	put("src/a.o", "");
	put("src/.gitignore", "!a.o\n*.c\n/deep/er\n");
	put("src/a.c", "");
	put("src/x/a.c", "");
	put("src/deep/er/x", "");
	put("src/x/deep/er/x", "");
	put("c/a.c", "");
	put("logs/keep", "");
	put("c/logs", "");
	if (mkfifo("fifo.o", 0666) || symlink("src", "build2") ||
	    symlink("x", "z.o"))
		perror("ignore");
	looks("F .gitignore\nI a.o\nI build/\nL build2\nF c/a.c\nI c/logs\n"
	      "I fifo.o\nF keep.o\nI logs/\nF src/.gitignore\nI src/a.c\n"
	      "F src/a.o\nF src/build/x\nI src/deep/er/\nI src/x/a.c\n"
	      "F src/x/deep/er/x\nI z.o\n", "rules of several folders");
}

static void test_tracked(void)
{
	tree("tracked");
	put(".gitignore", "out/\n*.log\n");
	put("a.log", "");
	put("b.log", "");
	put("out/new", "");
	put("out/old", "");
	put("out/sub/new", "");
	put("out/sub/deep/new", "");
	put("out/sub/old/1", "");
	put("out/sub/old/2", "");
	put("out/.gitignore", "!*\n");
	put("out/two", "");
	put("outer/out/x", "");
	mkfifo("out/fifo", 0666);
	tracked[0] = "b.log";
	tracked[1] = "out/old";
	tracked[2] = "out/sub/old/2";
	looks("F .gitignore\nI a.log\nF b.log\nI out/.gitignore\nI out/fifo\n"
	      "I out/new\nF out/old\nI out/sub/deep/\nI out/sub/new\n"
	      "I out/sub/old/1\nF out/sub/old/2\nI out/two\nI outer/out/\n",
	      "tracked files in an ignored folder");
	tracked[1] = "out/fifo";
	tracked[2] = NULL;
	looks("F .gitignore\nI a.log\nF b.log\nI out/.gitignore\nS out/fifo\n"
	      "I out/new\nI out/old\nI out/sub/\nI out/two\nI outer/out/\n",
	      "tracked, now a FIFO: noted as that");
}

static void test_outer_rules(void)
{
	char global[600];
	struct err e = ERR_INIT;
	struct walk w;
	int rc;

	tree("outer");
	put("a", "");
	put("b", "");
	put("c", "");
	put("d/b", "");
	put("d/.gitignore", "!b\n");
	put("../outer.git/info/exclude", "b\n!c\n");
	put("../outer.global", "a\nc\n");
	looks("F a\nI b\nF c\nF d/.gitignore\nF d/b\n",
	      "info/exclude is weaker than .gitignore");
	snprintf(global, sizeof(global), "%s.global", root);
	w = walk(global, &rc, &e);
	ok(!rc && !strcmp(w.text.p, "I a\nI b\nF c\nF d/.gitignore\nF d/b\n"),
	   "and stronger than the user's own file");
	walk_release(&w);
	w = walk("/nonexistent/file", &rc, &e);
	ok(!rc && w.files == 4, "which need not be there");
	walk_release(&w);
	w = walk("/", &rc, &e);
	ok(rc == HUB_EIO && strstr(e.msg, "ignore"), "but must be readable: %s",
	   e.msg);
	walk_release(&w);
}

static void test_odd_rule_files(void)
{
	static char big[IGNORE_FILE_MAX + 2];

	tree("odd");
	put("rules", "*\n");
	put("a/x", "");
	put("b/.gitignore/x", "");
	if (symlink("../rules", "a/.gitignore") || mkdir("c", 0777) ||
	    mkfifo("c/.gitignore", 0666))
		perror("odd");
	looks("L a/.gitignore\nF a/x\nF b/.gitignore/x\nS c/.gitignore\n"
	      "F rules\n", "a .gitignore that is no file has no rules");
	memset(big, '\n', sizeof(big) - 1);
	put("d/.gitignore", big);
	fails(HUB_ELIMIT, "d/.gitignore", "a huge .gitignore stops the scan");
	big[IGNORE_FILE_MAX - 1] = '\0';
	memcpy(big, "y", 1);
	tree("deep-rules");
	put(".gitignore", "x\n");
	put("1/.gitignore", big);
	put("1/2/.gitignore", big);
	put("1/2/3/.gitignore", big);
	fails(HUB_ELIMIT, "together", "many large ones do");
}

static void test_ends(void)
{
	struct err e = ERR_INIT;
	struct walk w;
	int rc;

	tree("ends");
	put("a", "");
	put("b/c", "");
	put("d", "");
	stop_at = 2;
	stop_with = 77;
	w = walk(NULL, &rc, &e);
	ok(rc == 77 && !strcmp(w.text.p, "F a\nF b/c\n"),
	   "what the caller returns ends the scan and is returned");
	walk_release(&w);
	snprintf(root, sizeof(root), "%s/missing", tap_dir());
	fails(HUB_EABSENT, "missing", "a root that is not there");
	snprintf(root, sizeof(root), "%s/ends/a", tap_dir());
	fails(HUB_EABSENT, "ends/a", "a root that is a file");
}

int main(void)
{
	test_order();
	test_many();
	test_kinds();
	test_names();
	test_nested_git();
	test_ignore();
	test_tracked();
	test_outer_rules();
	test_odd_rule_files();
	test_ends();
	return done();
}
