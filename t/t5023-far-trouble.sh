#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a hub behind ssh that does not answer, refuses, ends, lies'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

VIBEHUB_SESSION_TIMES=500,3000,20000
export VIBEHUB_SESSION_TIMES

# far MODE N: what stands in for ssh from now on
far () {
	GIT_SSH_COMMAND="python3 $TEST_DIRECTORY/badssh.py $1 ${2:-0}"
	export GIT_SSH_COMMAND
}

# alpha reaches the hub over ssh, beta by path
test_expect_success 'set up' '
	far none && hub init -q hub.git && hub clone -q "ssh://far$PWD/hub.git" work &&
	computer beta hub clone -q hub.git other && mkdir work/o && echo 0 >work/o/0 &&
	echo 1 >work/f && ab
'

test_expect_success 'not there, refused, unknown, no hub there: the exit codes, of sync and clone' '
	h=$(git -C hub.git rev-parse HEAD) && echo x >>work/f &&
	far refused && test_expect_code 13 a && test_grep "Connection refused" a.err &&
	far denied && test_expect_code 17 a && far hostkey && test_expect_code 12 a &&
	far nohub && test_must_fail a && far banner && test_must_fail a &&
	far refused && test_expect_code 13 hub clone "ssh://far$PWD/hub.git" c &&
	far hostkey && test_expect_code 12 hub clone "ssh://far$PWD/hub.git" c &&
	test_path_missing c && test "$(git -C hub.git rev-parse HEAD)" = "$h" && far none && ab
'

# lies: whatever the hub did, the workspace stays whole
lies () {
	a
	case $? in 0|13|15|16|128) ;; *) return 1 ;; esac
	git -C work fsck --strict --no-dangling >out 2>&1 && test_must_be_empty out
}

test_expect_success 'one that ends at any answer: the next honest run has it all' '
	echo count >>work/f && echo count >other/o/c && b && a && n=$(cat badssh.count) &&
	test $n -gt 3 && i=1 &&
	while test $i -le $n
	do
		for mode in dies half other garbage ends
		do
			far $mode $i && echo $mode$i >work/o/$mode$i &&
			echo $mode$i >other/o/b$mode$i && b && lies || return 1
		done
		i=$((i + 1))
	done &&
	far none && a && b && a && test_same_tree work other && hub_is_sound &&
	test "$(cat other/o/dies1)" = dies1 && test "$(cat work/o/bends$n)" = ends$n
'

test_expect_success 'one that falls silent is gone after a while: 13' '
	far silent 2 && echo silent >>work/f && test_expect_code 13 a && test_grep "silent" a.err &&
	far none && ab
'

test_expect_success 'a wrong bit in what comes: nothing of it is named' '
	i=1 && while test $i -le 4
	do
		echo flip$i >other/o/flip && b && far flip $i && lies || return 1
		i=$((i + 1))
	done && far none && ab && hub -C work verify
'

test_expect_success 'in a clone: nothing is left that stands in the way of the next' '
	i=1 && while test $i -le 4
	do
		rm -rf c && far dies $i &&
		{ computer gamma hub clone -q "ssh://far$PWD/hub.git" c || :; } && far none &&
		computer gamma hub clone -q "ssh://far$PWD/hub.git" c &&
		test_same_tree work c || return 1
		i=$((i + 1))
	done
'

test_expect_success 'a client that sends what is none: refused, and nothing appears' '
	before=$(find hub.git -type f | sort | xargs cat | cksum) &&
	python3 "$TEST_DIRECTORY/farclient.py" hub serve "$PWD/hub.git" >out && cat out >&4 &&
	test_must_fail grep taken out && test "$(wc -l <out)" -gt 40 &&
	test "$(find hub.git -type f | sort | xargs cat | cksum)" = "$before" && ab
'

test_done
