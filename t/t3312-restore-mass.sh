#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub restore of many files: guards, and kills in the middle'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up: 150 files on two computers' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	echo 0 >work/first && hub -C work sync && few=$(git -C work rev-parse HEAD) &&
	mkdir work/many work/some &&
	for i in $(test_seq 120)
	do
		echo "$i" >work/many/$i || return 1
	done &&
	for i in $(test_seq 30)
	do
		echo "some $i" >work/some/$i || return 1
	done &&
	hub -C work sync && all=$(git -C work rev-parse HEAD) &&
	computer beta hub -C other sync && test_tree work >all.tree
'

test_expect_success 'everything deleted by accident and parked: one folder comes back' '
	rm -r work/many work/some && test_expect_code 20 hub -C work sync &&
	hub -C work restore some 2>err && test_path_is_file work/some/30 &&
	test_path_missing work/many && test_grep "parked" err &&
	git -C work ls-tree -r --name-only HEAD >names && test_line_count = 151 names
'

test_expect_success 'then the rest, and nobody else ever sees it gone' '
	hub -C work restore . && test_tree work >now && test_cmp all.tree now &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'everything overwritten and parked: recorded, then restored' '
	for f in work/many/* work/some/*
	do
		echo "encrypted $f" >$f || return 1
	done &&
	test_expect_code 20 hub -C work sync &&
	hub -C work restore --at="$all" . && test_tree work >now && test_cmp all.tree now &&
	git -C work show HEAD~1:many/7 >was && echo "encrypted work/many/7" >want &&
	test_cmp want was &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'a restore that removes nearly all is meant: here and elsewhere' '
	hub -C work restore --at="$few" . && test_path_missing work/many &&
	git -C work log -1 --format=%B >msg && test_grep "^Hub-Accepted: [0-9a-f]\{64\}$" msg &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other &&
	test_path_missing other/many
'

test_expect_success STRACE 'killed at any file: the next run finishes it, unasked' '
	hub -C work restore --at="$all" . && hub -C work sync &&
	for n in 1 2 5
	do
		test_tree work >now && test_cmp all.tree now || return 1
		test_expect_code 137 strace -f -o /dev/null -e trace=unlinkat \
			-e inject=unlinkat:signal=KILL:when=$((n * 20)) \
			hub -C work restore --at="$few" . &&
		hub -C work sync && test_path_missing work/many && test_path_missing work/some &&
		test_path_is_file work/first && git -C work status --short >st &&
		test_must_be_empty st &&
		computer beta hub -C other sync && test_same_tree work other &&
		hub -C work restore --at="$all" . || return 1
	done &&
	git -C hub.git fsck --strict
'

test_done
