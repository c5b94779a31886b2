#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later

test_description='what the user staged is not lost to what comes in'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'setup' '
	two_computers &&
	test_seq 1 20 >work/f && test_seq 1 20 >work/g && ab
'

test_expect_success 'staged content differs from HEAD and disk; a change comes in' '
	echo staged >>work/f && git -C work add f &&
	echo disk >>work/f && cp work/f disk &&
	git -C work rev-parse :f >staged &&
	echo theirs >other/f && echo new >other/new && b &&
	a && grep "1 file pending: staged" a.out &&
	git -C work rev-parse :f >now && test_cmp staged now &&
	test_cmp disk work/f
'

test_expect_success 'all else goes on: HEAD is the hub.s, other files are here' '
	grep new work/new && git -C work rev-parse HEAD >head &&
	git -C hub.git rev-parse main >main && test_cmp main head &&
	echo more >work/more && a && b && grep more other/more
'

test_expect_success 'status names it, once, and there is nothing else' '
	hub -C work status >out && grep "pending.*1 file" out &&
	grep "^ *f\b" out >lines && test_line_count = 1 lines &&
	test_must_fail grep behind out &&
	hub -C work status --json >json && grep pending_staged json &&
	a && git -C work rev-parse :f >now && test_cmp staged now
'

test_expect_success 'after the commit by hand all is synced, both versions kept' '
	git -C work commit -q -m mine && { a; test $? = 1; } && b && a &&
	test_same_tree work other && git_is_content work &&
	grep theirs work/f &&
	copies work >copies && test_line_count = 1 copies &&
	grep disk "work/$(cat copies)" && grep staged "work/$(cat copies)"
'

test_expect_success 'staged, and the disk put back to what HEAD has' '
	cp work/g saved && echo staged >>work/g && git -C work add g &&
	cp saved work/g && git -C work rev-parse :g >staged &&
	echo theirs >other/g && b && a &&
	git -C work rev-parse :g >now && test_cmp staged now &&
	test_cmp saved work/g
'

test_expect_success 'after a reset the change comes' '
	git -C work reset -q && a && grep theirs work/g && git_is_content work &&
	test_same_tree work other
'

test_expect_success 'changes of other lines: the commit by hand takes nothing back' '
	test_seq 1 20 >work/m && ab &&
	sed -i "s/^20$/staged/" work/m && git -C work add m &&
	test_seq 1 20 >work/m &&
	sed -i "s/^1$/theirs/" other/m && b && a &&
	git -C work commit -q -m mine && echo x >other/x && b && a && b &&
	test_same_tree work other && git_is_content work && hub_is_sound &&
	grep theirs work/m && grep staged work/m && copies work >now &&
	test_cmp copies now
'

test_expect_success 'committed, and staged once more: the hub keeps what came' '
	sed -i "s/^10$/ten/" work/m && git -C work add m &&
	echo disk >>work/m && cp work/m disk &&
	sed -i "s/^2$/two/" other/m && b && a &&
	git -C work commit -q -m mine &&
	sed -i "s/^11$/eleven/" work/m && git -C work add m &&
	cp disk work/m && git -C work rev-parse :m >staged && a &&
	git -C work rev-parse :m >now && test_cmp staged now &&
	test_cmp disk work/m && git -C hub.git show main:m >m &&
	grep two m && grep ten m && b && grep two other/m &&
	git -C work commit -q -m mine && a && b && test_same_tree work other &&
	for i in theirs two ten staged disk; do
		grep $i work/m || return 1
	done && git_is_content work && copies work >now && test_cmp copies now
'

test_expect_success 'a deletion that is staged, and a change that comes in' '
	test_seq 1 5 >work/d && ab && git -C work rm -q --cached d &&
	echo theirs >>other/d && b && a && git -C work commit -q -m mine &&
	a && b && test_same_tree work other && grep theirs work/d &&
	git_is_content work
'

test_expect_success 'a new file is staged where a folder comes in' '
	echo staged >work/clash && git -C work add clash && echo disk >work/clash &&
	git -C work rev-parse :clash >staged &&
	mkdir other/clash && echo 1 >other/clash/file && echo y >other/y && b && a &&
	git -C work rev-parse :clash >now && test_cmp staged now &&
	grep disk work/clash && grep y work/y &&
	git -C work reset -q && { a; test $? = 1; } && b && a &&
	test_same_tree work other && git_is_content work &&
	grep -r disk work/clash* && grep 1 work/clash/file &&
	copies work >copies
'


test_expect_success 'what others leave alone is staged: nothing waits' '
	echo mine >work/mine && git -C work add mine && echo more >>work/mine &&
	echo theirs2 >other/g && b && a && grep theirs2 work/g &&
	test "$(git -C work show :mine)" = mine &&
	git -C work commit -q -m mine && ab && git_is_content work
'

test_expect_success 'no index: nothing is staged' '
	rm work/.git/index && echo new >>work/f && a &&
	test_must_fail grep staged a.out a.err &&
	git_is_content work && ab
'

test_expect_success 'no index, and something comes in' '
	rm work/.git/index && echo new >>other/g && b && a &&
	git_is_content work && test_same_tree work other
'

test_expect_success 'a file that git was told is not here is not deleted' '
	echo 1 >work/out && ab &&
	git -C work update-index --skip-worktree out && rm work/out &&
	a && b && test_path_is_file other/out &&
	git -C work update-index --no-skip-worktree out && a && b &&
	test_path_missing other/out
'

test_done
