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
	echo disk >>work/f &&
	git -C work rev-parse :f >staged &&
	echo theirs >other/f && b &&
	test_expect_code 20 a && grep "f.*is staged" a.err &&
	git -C work rev-parse :f >now && test_cmp staged now &&
	grep disk work/f
'

test_expect_success 'after the commit by hand all is synced, both versions kept' '
	git -C work commit -q -m mine && { a; test $? = 1; } && b && a &&
	test_same_tree work other && git_is_content work &&
	copies work >copies && test_line_count = 1 copies &&
	grep disk "work/$(cat copies)" && grep staged "work/$(cat copies)"
'

test_expect_success 'staged, and the disk put back to what HEAD has' '
	cp work/g saved && echo staged >>work/g && git -C work add g &&
	cp saved work/g && git -C work rev-parse :g >staged &&
	echo theirs >other/g && b && test_expect_code 20 a &&
	git -C work rev-parse :g >now && test_cmp staged now
'

test_expect_success 'after a reset the change comes' '
	git -C work reset -q && a && grep theirs work/g && git_is_content work &&
	test_same_tree work other
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
