#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='sync while the hub is away, and after'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

away () { mv hub.git away.git; }
back () { mv away.git hub.git; }
# alone [N]: alpha records N times without the hub
offline () { test_expect_code 13 hub -C work sync >a.out 2>a.err; }

test_expect_success 'the hub is gone: 13, and it is said; what changed is recorded' '
	two_computers && echo 0 >work/f && ab &&
	away && echo 1 >work/f && offline &&
	test_grep "catch up later" a.err && n=$(commits work) &&
	test "$n" = 2 && git_is_content work
'

test_expect_success 'nothing changed and offline: no commit' '
	offline && offline && test "$(commits work)" = 2
'

test_expect_success 'commits pile up, and are there at once afterwards' '
	for i in 2 3 4
	do
		echo $i >work/f && offline || return 1
	done &&
	back && ab && test "$(cat other/f)" = 4 && test "$(commits other)" = 5 &&
	git_is_content other
'

test_expect_success 'a hub that moved meanwhile: rebased, order kept' '
	away && echo 5 >work/f && offline && echo 6 >work/f && offline && back &&
	echo o >other/o && b && ab && test "$(cat other/f)" = 6 &&
	git -C hub.git log --format=%s -3 main >log &&
	test_grep "alpha" log && git -C hub.git log -1 --format=%s main~2 >log &&
	test_grep "beta" log
'

test_expect_success 'up to 16 are kept one by one, more are folded' '
	away && for i in $(test_seq 18)
	do
		echo $i >work/g && echo $i >work/n$i && offline || return 1
	done &&
	before=$(commits other) && back && echo x >other/x && b &&
	hub -C work sync >out && test_grep "18 offline commits folded" out &&
	b && test_same_tree work other && test "$(commits other)" = $((before + 2)) &&
	test "$(cat other/g)" = 18 && git -C hub.git log -1 --format=%B main >msg &&
	test_grep "Hub-Folded: 18" msg
'

test_expect_success 'what the user committed is never folded' '
	away && for i in $(test_seq 20)
	do
		echo $i >work/h || return 1
		if test $i = 10
		then
			git -C work add h && git -C work commit -qm "ten, by hand"
		else
			offline
		fi || return 1
	done &&
	back && echo y >other/y && b && ab &&
	git -C hub.git log --format=%s main >log && test_grep "ten, by hand" log &&
	id=$(git -C hub.git log --format=%H --grep="^ten, by hand" main) &&
	git -C hub.git show $id:h >h && test "$(cat h)" = 10 &&
	test "$(cat other/h)" = 20
'

test_expect_success 'both were offline, both changed everything: nothing is lost' '
	away && for i in 1 2 3
	do
		echo a$i >work/both && echo a$i >work/onlya$i && offline &&
		echo b$i >other/both && echo b$i >other/onlyb$i &&
		test_expect_code 13 computer beta hub -C other sync || return 1
	done &&
	back && a && test_expect_code 1 b && ab &&
	test "$(cat work/both)" = a3 && copies work >list && test_line_count = 1 list &&
	test "$(cat "work/$(cat list)")" = b3 &&
	test -f work/onlyb1 && test -f other/onlya3 && git_is_content work
'

test_expect_success 'an empty mount point is a hub that is not mounted: 13' '
	away && mkdir hub.git && offline && test_grep "not mounted" a.err &&
	rmdir hub.git && back && ab
'

test_expect_success 'something else at the path: 15, nothing is sent there' '
	away && mkdir hub.git && echo x >hub.git/x && echo s >work/s &&
	test_expect_code 15 hub -C work sync 2>err && test_grep "no longer holds the hub" err &&
	rm -r hub.git && back && ab && test -f other/s
'

test_expect_success 'another hub at the path: 15' '
	away && hub init -q hub.git && echo t >work/t &&
	test_expect_code 15 hub -C work sync 2>err && test_grep "another hub" err &&
	test_must_fail git -C hub.git rev-parse --verify -q main &&
	rm -r hub.git && back && ab && test -f other/t
'

test_expect_success 'the folder of the hub is gone too, or a file is there: 13' '
	mkdir mnt && hub init -q mnt/two.git && hub clone -q mnt/two.git w2 && rm -r mnt &&
	test_expect_code 13 hub -C w2 sync && : >mnt && test_expect_code 13 hub -C w2 sync
'

test_expect_success 'push and pull offline: 13 as well' '
	away && test_expect_code 13 hub -C work push && test_expect_code 13 hub -C work pull &&
	back && ab
'

test_expect_success 'a branch made offline' '
	away && git -C work switch -qc field && echo z >work/z && offline && back &&
	a && git -C hub.git cat-file -e field:z && git -C work switch -q main && ab
'

test_expect_success 'the hub is sound' 'hub_is_sound && git_is_content work &&
	git_is_content other'

test_done
