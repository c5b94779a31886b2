#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='sync: files of every kind, both ways'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'a hub, two computers, nothing in it: nothing to do' '
	two_computers &&
	a && b &&
	test_must_fail git -C hub.git rev-parse --verify -q main
'

test_expect_success 'files go from one to the other, and back' '
	mkdir -p work/docs/deep/er other/notes &&
	echo one >work/a.txt && echo two >work/docs/deep/er/b &&
	echo three >other/notes/c &&
	ab &&
	test "$(cat other/docs/deep/er/b)" = two && test "$(cat work/notes/c)" = three &&
	git_is_content work && git_is_content other && hub_is_sound
'

test_expect_success 'the commit is the documented one' '
	git -C work log -1 --format=%s -- notes/c >subject &&
	test_grep -E "^Auto-sync: 2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z beta$" subject &&
	git -C work log -1 --format="%an <%ae>" -- notes/c >author &&
	echo "User of beta <user@beta.example>" >want && test_cmp want author
'

test_expect_success 'nothing changed: no commit, and nothing is received' '
	before=$(git -C hub.git rev-parse main) &&
	a && b && a &&
	test "$(git -C hub.git rev-parse main)" = "$before" &&
	test_grep "recorded 0, received 0" a.out
'

test_expect_success 'only touched: no commit' '
	before=$(git -C hub.git rev-parse main) &&
	touch -d "2001-02-03" work/a.txt && cp -p work/docs/deep/er/b x &&
	mv x work/docs/deep/er/b &&
	a && test "$(git -C hub.git rev-parse main)" = "$before" &&
	git_is_content work
'

test_expect_success 'executable bit, both ways' '
	printf "#!/bin/sh\necho hi\n" >work/run.sh && chmod +x work/run.sh &&
	ab && test -x other/run.sh &&
	chmod -x other/run.sh && chmod +x other/a.txt && b && a &&
	test ! -x work/run.sh && test -x work/a.txt &&
	git -C hub.git ls-tree main a.txt >tree && test_grep "^100755" tree &&
	git_is_content work && git_is_content other
'

test_expect_success 'symbolic links: to files, folders, nothing, and changed' '
	ln -s a.txt work/ln-file && ln -s docs work/ln-dir && ln -s /no/where work/ln-none &&
	ab && test "$(readlink other/ln-none)" = /no/where &&
	ln -sf docs/deep other/ln-none && b && a &&
	test "$(readlink work/ln-none)" = docs/deep && test -h work/ln-dir &&
	git_is_content other && git_is_content work
'

test_expect_success 'empty files, and files that become empty' '
	: >work/empty && : >work/a.txt && ab &&
	test -f other/empty && test ! -s other/a.txt
'

test_expect_success 'same size and same time, other content' '
	echo 1111 >work/same && ab &&
	touch -r work/same ref && echo 2222 >work/same && touch -r ref work/same &&
	a && b && test "$(cat other/same)" = 2222
'

test_expect_success 'deletions; the folder that is empty then goes too' '
	rm -r work/docs && rm other/notes/c && ab &&
	test_path_missing other/docs && test_path_missing work/notes
'

test_expect_success 'file becomes folder, folder becomes file, link becomes file' '
	mkdir work/dir && echo 1 >work/dir/x && echo 2 >work/file && ab &&
	rm -r work/dir work/file work/ln-file && echo now >work/dir &&
	mkdir -p work/file/sub && echo inside >work/file/sub/y && echo plain >work/ln-file &&
	ab && test -f other/dir && test -f other/file/sub/y &&
	test ! -h other/ln-file &&
	rm -r other/dir other/file && mkdir other/dir && echo 3 >other/dir/z &&
	ln -s dir other/file && b && a && test_same_tree work other &&
	test -h work/file && git_is_content work && git_is_content other
'

test_expect_success 'a folder is renamed' '
	mkdir -p work/old/in && for i in $(test_seq 30)
	do
		echo "$i" >work/old/in/$i || return 1
	done &&
	ab && mv work/old work/new && ab &&
	test_path_missing other/old && test -f other/new/in/30
'

test_expect_success 'empty folders are not kept, and not removed either' '
	mkdir -p work/void/inner && ab &&
	test_path_missing other/void && test -d work/void/inner
'

test_expect_success 'empty folders do not keep a file from its name' '
	mkdir -p other/void2/in/er other/void2/in2 && echo file >work/void2 && ab &&
	test -f other/void2 && git_is_content other
'

test_expect_success 'a folder that holds only ignored files does, and that is said' '
	echo "*.tmp" >work/.gitignore && ab && mkdir other/held && echo t >other/held/x.tmp &&
	echo file >work/held && a && test_expect_code 1 b &&
	test_grep "could not write held" b.err &&
	test -f other/held/x.tmp && rm -r other/held && b && test_same_tree work other
'

test_expect_success 'a file whose folder is a link elsewhere: nothing is written through it' '
	mkdir work/real outside && echo 1 >work/real/f && ab &&
	mv other/real other/real-away && ln -s ../outside other/real &&
	echo 2 >work/real/f && a &&
	{ b || test $? = 1; } && test_path_missing outside/f &&
	{ a || test $? = 1; } && { b || test $? = 1; } &&
	test_path_missing outside/f && test_same_tree work other
'

strace -o /dev/null true 2>/dev/null && test_set_prereq STRACE
# syncs MAX COMMAND...: it waits for the disk at most so often
syncs () {
	max=$1 && shift && strace -f -e trace=fsync,fdatasync,syncfs -o calls "$@" &&
	grep -c "sync(\|syncfs(" calls >n && echo "$(cat n) of $max" && test "$(cat n)" -le "$max"
}
test_expect_success STRACE 'the disk is waited for no more often than it needs' '
	echo once >work/once && ab && echo twice >work/once &&
	ASAN_OPTIONS=detect_leaks=0 syncs 32 hub -C work sync &&
	ASAN_OPTIONS=detect_leaks=0 syncs 6 hub -C work sync && b
'

test_expect_success 'push does not bring in, pull does not send' '
	echo p >work/pushed && hub -C work push &&
	git -C hub.git cat-file -e main:pushed &&
	echo q >other/pulled && computer beta hub -C other pull &&
	test_path_is_file other/pushed &&
	test_must_fail git -C hub.git cat-file -e main:pulled &&
	b && a && test -f work/pulled && test_same_tree work other
'

test_expect_success 'from a folder inside of the workspace' '
	mkdir -p work/s/t && echo x >work/top &&
	(cd work/s/t && hub sync) && b && test -f other/top
'

test_expect_success 'plain git agrees with everything' '
	git clone -q hub.git plain && test_same_tree plain work &&
	git_is_content work && git_is_content other && hub_is_sound
'

test_expect_success 'arguments are refused, outside of a workspace is said' '
	test_expect_code 129 hub -C work sync something &&
	mkdir nowhere && test_expect_code 10 hub -C nowhere sync 2>err &&
	test_grep "hub clone" err
'

test_done
