#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='commits that were sent are amended or rebased'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

g () { git -C work "$@"; }
no_copies () { copies work >list && test_must_be_empty list; }
# both: sync back and forth, without any conflict
both () { ab && no_copies && git_is_content work && git_is_content other; }
in_hub () { git -C hub.git merge-base --is-ancestor "$1" main; }

test_expect_success 'set up' '
	two_computers && test_seq 9 >work/f && echo k >work/keep && both
'

test_expect_success 'content and message amended: both commits stay, the new content counts' '
	echo x >work/am && g add am && g commit -qm first && a && old=$(g rev-parse HEAD) &&
	echo y >>work/am && echo 10 >>work/f && g commit -qa --amend -m amended &&
	new=$(g rev-parse HEAD) && both && in_hub $old && in_hub $new &&
	test_write_lines x y >want && test_cmp want other/am && test "$(tail -n1 other/f)" = 10
'

test_expect_success 'only the message: nothing else happens' '
	echo 11 >>work/f && g commit -qam typo && a && g commit -q --amend -m "no typo" && both &&
	git -C hub.git log --format=%s main >log && test_grep "^no typo" log
'

test_expect_success 'what the amended commit takes out again is taken out' '
	echo secret >work/oops && echo 12 >>work/f && g add oops && g commit -qam oops && a &&
	b &&
	test_path_is_file other/oops && g rm -q oops && sed -i "\$s/12/13/" work/f &&
	g commit -qa --amend -m ok && both && test_path_missing other/oops &&
	test "$(tail -n1 other/f)" = 13
'

test_expect_success 'the other one went on meanwhile, in other lines and files' '
	echo z >work/am && g commit -qam z && a && b &&
	sed -i "1s/.*/one/" other/f && echo theirs >other/theirs && echo theirs >>other/keep &&
	b &&
	echo zz >work/am && sed -i "\$s/.*/last/" work/f && g commit -qa --amend -m zz && both &&
	test "$(cat other/am)" = zz && test "$(sed -n 1p work/f)" = one &&
	test "$(tail -n1 other/f)" = last && test_path_is_file work/theirs
'

test_expect_success 'in the same line: both are kept' '
	echo z1 >work/am && g commit -qam z1 && a && b && echo other >other/am && b &&
	echo mine >work/am && g commit -qa --amend -m mine &&
	test_expect_code 1 hub -C work sync &&
	b && a && test_same_tree work other && test "$(cat work/am)" = other &&
	test "$(cat work/"$(copies work)")" = mine && rm work/am\ * && both
'

test_expect_success 'amended twice, and more on top, offline' '
	echo a1 >work/am && g commit -qam a1 && a && mv hub.git away &&
	echo a2 >work/am && g commit -qa --amend -m a2 && echo a3 >work/am &&
	g commit -qa --amend -m a3 &&
	echo new >work/new && test_expect_code 13 hub -C work sync && echo newer >work/new &&
	test_expect_code 13 hub -C work sync && mv away hub.git && both &&
	test "$(cat other/am)" = a3 && test "$(cat other/new)" = newer
'

test_expect_success 'two sent commits squashed, a third dropped' '
	for i in 1 2 3
	do
		echo $i >work/s$i && echo s$i >>work/am && g add s$i && g commit -qam s$i ||
		return 1
	done &&
	a && b && test_path_is_file other/s3 &&
	GIT_SEQUENCE_EDITOR="sed -i -e 2s/pick/fixup/ -e 3s/pick/drop/" g rebase -q -i HEAD~3 &&
	test_path_missing work/s3 && both && test_path_missing other/s3 &&
	test_path_is_file other/s2 &&
	test_write_lines a3 s1 s2 >want && test_cmp want other/am
'

test_expect_success 'amended and sent: later work is rebased as ever' '
	echo off >work/off && mv hub.git away && test_expect_code 13 hub -C work sync &&
	mv away hub.git && echo on >other/on && b && both && test_path_is_file other/off &&
	test "$(g rev-list --count --merges HEAD^..HEAD)" = 0
'

test_expect_success 'git reset to an older commit, and on from there: nothing comes off' '
	echo r1 >work/r1 && a && echo r2 >work/r2 && a && b && g reset -q --hard HEAD~2 &&
	echo r3 >work/r3 && g add r3 && g commit -qm r3 && g commit -q --amend -m "r3, better" &&
	both &&
	test_path_is_file work/r1 && test_path_is_file other/r2 && test_path_is_file other/r3
'

test_expect_success 'without reflogs: nothing is lost' '
	g config core.logAllRefUpdates false && rm -rf work/.git/logs &&
	echo n1 >work/n && g add n && g commit -qm n1 && a && echo n2 >work/n &&
	g commit -qa --amend -m n2 && { a || test $? = 1; } && b && a &&
	test_same_tree work other &&
	grep -qx n2 work/n*
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
