#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='odd names, ignored files, nested repositories, special files'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

in_hub () { git -C hub.git cat-file -e "main:$1"; }

test_expect_success 'set up' 'two_computers && echo 1 >work/f && ab'

test_expect_success 'bytes that are no UTF-8, control characters, newlines, quotes' '
	for n in "\377\376" "tab\there" "line\nfeed" "\001\033[31m" "q\"uo'"'"'te" "back\\\\slash" \
		"  spaces  " "*?[a-z]" "\$(touch pwned)" "a:b" "x\177"
	do
		printf "$n" >"work/$(printf "$n")" || return 1
	done &&
	ab && git_is_content work && git_is_content other && test_path_missing pwned &&
	test "$(ls -A other | wc -l)" = "$(ls -A work | wc -l)"
'

test_expect_success 'what is printed of such names is printable' '
	printf 2 >"work/$(printf "\001\033[31m")" && printf 3 >"other/$(printf "\001\033[31m")" &&
	b && test_expect_code 1 hub -C work sync 2>err && test_must_fail grep -P "\033|\001" err &&
	b && test_same_tree work other
'

test_expect_success 'leading dashes, names like options and like refs' '
	for n in - -- -rf --help @ HEAD main origin refs :x "!" "#c" "~"
	do
		echo "$n" >"work/$n" || return 1
	done && ab && git_is_content other
'

test_expect_success '255 bytes, and a deep path' '
	n=$(printf "n%.0s" $(test_seq 255)) && echo 1 >"work/$n" &&
	d=work && for i in $(test_seq 60)
	do
		d=$d/folder-number-$i || return 1
	done &&
	mkdir -p "$d" && echo deep >"$d/file" && ab && git_is_content work
'

test_expect_success 'names that Windows refuses go between others all the same' '
	for n in con aux.txt "trailing." "trailing space " "a<b>c" "pipe|" "com1"
	do
		echo "$n" >"work/$n" || return 1
	done && ab
'

test_expect_success !CASE_INSENSITIVE_FS 'twins in case and in Unicode form are kept apart here' '
	echo u >work/README && echo l >work/readme && echo m >work/ReadMe &&
	echo c >"work/$(printf "caf\303\251")" && echo d >"work/$(printf "cafe\314\201")" &&
	ab && test "$(cat other/README)" = u && test "$(cat other/readme)" = l &&
	test "$(cat "other/$(printf "cafe\314\201")")" = d && git_is_content other
'

test_expect_success 'sort order of files and folders: a, a.b, a/, a0' '
	mkdir -p work/o/a && echo 1 >work/o/a/x && echo 1 >work/o/a.b && echo 1 >work/o/a0 &&
	echo 1 >work/o/a- && ab && rm -r work/o/a && echo 2 >work/o/a && ab &&
	rm other/o/a && mkdir other/o/a && echo 3 >other/o/a/y && b && a &&
	test_same_tree work other && git_is_content work && git_is_content other
'

test_expect_success 'ignored files stay here and are counted' '
	mkdir -p work/ig/build work/ig/keep &&
	printf "*.o\n/build/\n!important.o\nsecret\n" >work/ig/.gitignore &&
	echo o >work/ig/x.o && echo i >work/ig/important.o && echo b >work/ig/build/out &&
	echo s >work/ig/keep/secret && echo k >work/ig/keep/k && a && b &&
	test_path_missing other/ig/x.o && test_path_missing other/ig/build &&
	test_path_missing other/ig/keep/secret && test -f other/ig/keep/k &&
	test -f other/ig/important.o && test -f work/ig/x.o &&
	jq -e ".counts.ignored >= 2" work/.git/vibehub/sync_status.json
'

test_expect_success 'ignored but tracked: goes on being synced, deleted too' '
	echo t >work/tracked.log && a && b && echo "*.log" >work/.gitignore &&
	echo t2 >work/tracked.log && echo n >work/new.log && a && b &&
	test "$(cat other/tracked.log)" = t2 && test_path_missing other/new.log &&
	rm other/tracked.log && b && a && test_path_missing work/tracked.log
'

test_expect_success 'a folder that becomes ignored: what is tracked in it stays' '
	mkdir work/cache && echo 1 >work/cache/one && a && b && echo cache/ >>work/.gitignore &&
	echo 2 >work/cache/two && echo 11 >work/cache/one && a && b &&
	test "$(cat other/cache/one)" = 11 && test_path_missing other/cache/two
'

test_expect_success 'something ignored here comes from elsewhere: not written over' '
	echo precious >other/private.log && b &&
	echo theirs >work/private.log && git -C work add -f private.log &&
	git -C work commit -qm "add it by force" && a &&
	{ b || test $? = 1; } && grep -r precious other && { b || test $? = 1; } &&
	grep -r precious other
'

test_expect_success 'info/exclude and the user'"'"'s own ignore file count' '
	mkdir -p work/.git/info && echo /local-only >>work/.git/info/exclude &&
	mkdir -p home/.config/git && echo "*.mine" >home/.config/git/ignore &&
	echo x >work/local-only && echo y >work/y.mine && a && b &&
	test_path_missing other/local-only && test_path_missing other/y.mine &&
	rm -r home/.config/git
'

test_expect_success 'a repository inside: its files are recorded, its .git is not' '
	git init -q work/nested && echo n >work/nested/n && git -C work/nested add n &&
	git -C work/nested commit -qm n && a && b &&
	test -f other/nested/n && test_path_missing other/nested/.git &&
	in_hub nested/n && git -C work/nested log --oneline &&
	jq -e ".counts.nested_repository == 1" work/.git/vibehub/sync_status.json &&
	echo n2 >other/nested/n && b && a && test "$(cat work/nested/n)" = n2 &&
	git -C work/nested rev-parse HEAD
'

test_expect_success 'a .git file (a linked working copy) inside is not recorded' '
	git -C work/nested worktree add -q ../linked && a && b && test -f other/linked/n &&
	test_path_missing other/linked/.git && test_path_is_file work/linked/.git
'

test_expect_success 'FIFOs and sockets are reported and do not hang' '
	mkfifo work/pipe && python3 -c "
import socket; s = socket.socket(socket.AF_UNIX); s.bind(\"work/sock\")" &&
	echo z >work/z && timeout 20 hub -C work sync && b && test -f other/z &&
	test_path_missing other/pipe &&
	jq -e ".counts.special == 2" work/.git/vibehub/sync_status.json
'

test_expect_success 'a file that becomes a FIFO is no deletion' '
	echo 1 >work/wasfile && a && b && rm work/wasfile && mkfifo work/wasfile && a && b &&
	test -f other/wasfile && rm work/pipe work/sock work/wasfile && a && b &&
	test_path_missing other/wasfile
'

test_expect_success 'names of our own temporary files are nobody else'"'"'s' '
	echo x >work/.hub-clone~ && echo y >work/state.db && a && b && test -f other/.hub-clone~ &&
	test -f other/state.db
'

test_expect_success LONG '100,000 files in one folder' '
	python3 -c "
import os
os.mkdir(\"work/flat\")
for i in range(100000): open(\"work/flat/f%06d\" % i, \"w\").write(str(i))" &&
	a && b && test "$(ls -f other/flat | wc -l)" = 100002 && echo x >work/flat/f050000 &&
	a && b && test "$(cat other/flat/f050000)" = x && git_is_content other
'

test_expect_success '3,000 files in one folder, one changed, one removed' '
	python3 -c "
import os
os.mkdir(\"work/flat3\")
for i in range(3000): open(\"work/flat3/f%06d\" % i, \"w\").write(str(i))" &&
	a && b && echo x >work/flat3/f000500 && rm work/flat3/f000700 && a && b &&
	test "$(cat other/flat3/f000500)" = x && test "$(ls other/flat3 | wc -l)" = 2999
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
