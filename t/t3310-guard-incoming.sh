#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a mass deletion that comes from the hub waits for a person'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up: 150 files on two computers' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	mkdir work/many &&
	for i in $(test_seq 150)
	do
		echo "$i" >work/many/$i || return 1
	done &&
	hub -C work sync && computer beta hub -C other sync &&
	test_same_tree work other
'

test_expect_success 'somebody deletes them all with plain git' '
	git -C work rm -rq many && git -C work commit -qm "tidy up" &&
	hub -C work sync
'

test_expect_success 'the other computer parks it, and goes on parking it' '
	echo new >work/new && hub -C work sync &&
	for i in 1 2
	do
		test_expect_code 20 computer beta hub -C other sync >out 2>err &&
		test -f other/many/1 && test -f other/many/150 &&
		test_grep "change of 150 files.*accept-mass-change=" err || return 1
	done &&
	test -f other/new &&
	git -C other status --short >st && test_grep "many/" st
'

test_expect_success 'a change made there goes to the hub all the same' '
	echo mine >other/mine && echo edited >other/many/7 &&
	test_expect_code 20 computer beta hub -C other sync 2>err &&
	test -f other/many/1 && test -f other/many/150 &&
	git -C hub.git cat-file -p main:mine && git -C hub.git cat-file -p main:many/7 &&
	test_expect_code 20 computer beta hub -C other sync 2>err &&
	test -f other/many/150
'

test_expect_success 'what is parked is not recorded as if it had been added here' '
	test_must_fail git -C hub.git rev-parse --verify main:many/1
'

test_expect_success 'accepted, it goes through' '
	id=$(sed -n "s/.*accept-mass-change=//p" err) &&
	computer beta hub -C other sync --accept-mass-change="$id" &&
	test_path_missing other/many/1 && test_path_is_file other/many/7 &&
	hub -C work sync &&
	computer beta hub -C other sync && test_same_tree work other
'

test_done
