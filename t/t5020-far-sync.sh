#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a hub over SSH: clone, sync, conflicts, large files, offline'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-far.sh"

large () { dd if=/dev/urandom bs=100000 count="$1" 2>/dev/null; }

test_expect_success 'clone: an empty hub, two computers' '
	far_computers && test_path_is_file work/.git/vibehub/config &&
	test "$(git -C work config remote.origin.url)" = "$HUB_URL" &&
	hub -C work status >out && test_grep "$HUB_URL" out
'

test_expect_success 'files go there and come, both ways' '
	mkdir -p work/d/e && echo 1 >work/f && echo 2 >work/d/e/g && chmod +x work/d/e/g &&
	ln -s f work/l && a && b && test_same_tree work other && test -x other/d/e/g &&
	test "$(readlink other/l)" = f && test_grep "sent .* objects" a.out &&
	echo 3 >other/f && rm other/d/e/g && b && a && test_same_tree work other &&
	hub_is_sound && git_is_content work && computer beta git_is_content other
'

test_expect_success 'nothing to do: nothing is recorded, one session' '
	a && n=$(commits work) && : >"$SSH_DIR/log" && a && test "$(commits work)" = "$n" &&
	sleep 0.2 && test "$(grep -c "Accepted publickey" "$SSH_DIR/log")" = 1
'

test_expect_success 'many files: one pack goes as it is, and comes' '
	mkdir work/many && i=0 && while test $i -lt 300
	do
		echo "file $i" >work/many/$i && i=$((i + 1)) || return 1
	done && a && b && test_same_tree work other && hub_is_sound &&
	test -z "$(find work/.git/objects other/.git/objects hub.git/objects -name "tmp_*")"
'

test_expect_success 'a clone of all of it' '
	computer gamma hub clone -q "$HUB_URL" third && test_same_tree work third &&
	git -C third fsck --strict --no-dangling >out 2>&1 && test_must_be_empty out &&
	test -z "$(ls "$VIBEHUB_HOME" | grep "^far-")"
'

test_expect_success 'both change one file: merged, or both are kept' '
	printf "1\n2\n3\n4\n5\n" >work/f && ab && printf "A\n2\n3\n4\n5\n" >work/f &&
	printf "1\n2\n3\n4\nB\n" >other/f && a && b && a && test_same_tree work other &&
	printf "A\n2\n3\n4\nB\n" >want && test_cmp want work/f &&
	echo x >work/f && echo y >other/f && a && test_expect_code 1 b && a &&
	test_same_tree work other && test "$(copies work | wc -l)" = 1 && hub_is_sound
'

test_expect_success 'large files: their content goes through the same session' '
	large 30 >work/big && : >"$SSH_DIR/log" && a && sleep 0.2 &&
	test "$(grep -c "Accepted publickey" "$SSH_DIR/log")" = 1 &&
	b && cmp work/big other/big && test "$(git -C hub.git cat-file -s HEAD:big)" -lt 1000 &&
	echo more >>other/big && b && a && cmp work/big other/big && hub -C work verify >out &&
	test_grep "all is well" out && hub verify "$HUB_URL" >out &&
	test_grep "all is well" out && hub verify --read-data hub.git
'

test_expect_success 'this computer was enrolled without a passphrase' '
	hub -C hub.git key list >out && test_grep alpha out && test_grep beta out
'

test_expect_success 'offline: 13, nothing is lost; then all of it catches up' '
	stop_sshd && echo off >work/off && large 15 >work/big2 && test_expect_code 13 a &&
	test_grep "far" a.err && n=$(commits work) && echo off2 >work/off2 &&
	test_expect_code 13 a && test "$(commits work)" -gt "$n" &&
	test_expect_code 13 hub -C work verify >out 2>err &&
	hub -C work status >out && test_grep "$HUB_URL" out &&
	test_expect_code 13 hub clone "$HUB_URL" fourth 2>err && test_path_missing fourth &&
	start_sshd && a && b && test_same_tree work other && cmp work/big2 other/big2 &&
	hub_is_sound
'

test_expect_success 'pull brings, push sends' '
	echo p >work/p && echo q >other/q && hub -C work push && test_path_missing work/q &&
	test "$(git -C hub.git cat-file -p HEAD:p)" = p && computer beta hub -C other pull &&
	test "$(cat other/p)" = p && test_must_fail git -C hub.git cat-file -e HEAD:q && ab && a
'

test_expect_success 'status counts what is at the hub, and touches nothing' '
	echo s >work/s && a && computer beta hub -C other status >out && test_grep "1 commit" out &&
	b && computer beta hub -C other status >out && test_grep "same as here" out
'

test_expect_success 'the cache may go, or be damaged' '
	rm -r work/.git/vibehub/far && echo c >work/c && a &&
	echo nonsense >work/.git/vibehub/far/packed-refs && a &&
	: >work/.git/vibehub/far/HEAD && : >work/.git/vibehub/far/vibehub/format &&
	echo c2 >work/c && a &&
	b && test_same_tree work other
'

stop_sshd
test_done
