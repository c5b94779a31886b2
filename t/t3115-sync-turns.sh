#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='writers of one hub take turns (hubformat-queue(5))'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

Q=hub.git/vibehub/queue
DEV=00000000-0000-0000-0000-00000000000
seconds () { date +%s%N | cut -c1-11; }		# tenths
# timed MIN MAX COMMAND...: it takes so many tenths of a second
timed () {
	min=$1 max=$2 && shift 2 && begun=$(seconds) && "$@" &&
	took=$(($(seconds) - begun)) && echo "took $took" &&
	test "$took" -ge "$min" && test "$took" -le "$max"
}
# alive NAME N: a ticket that shows for N x 0.5 s that it lives, then goes
alive () {
	i=0 from=$1
	while test $i -lt "$2"
	do
		sleep 0.5
		i=$((i + 1)) && to=${1%????????}$(printf "%08x" $i)
		mv "$Q/$from" "$Q/$to" || return 0
		from=$to
	done
	rm "$Q/$from"
}

test_expect_success 'set up: nobody waits, nothing is made' '
	two_computers && echo 1 >work/f && ab && echo 2 >work/f && ab &&
	test_path_missing $Q
'

test_expect_success 'one that waits goes first' '
	mkdir $Q && t=00000003-${DEV}0-00000000 && >$Q/$t && { alive $t 6 & } &&
	echo 3 >work/f && timed 25 70 a && wait && b && test_same_tree work other &&
	test -z "$(ls $Q)"
'

test_expect_success 'a dead one is waited for once, and removed' '
	>$Q/00000003-${DEV}0-00000000 && >$Q/00000004-${DEV}1-0000000a &&
	echo 4 >work/f && timed 35 90 a && test -z "$(ls $Q)" &&
	echo 5 >work/f && timed 0 30 a
'

test_expect_success 'who has nothing to send does not wait' '
	>$Q/00000000-${DEV}0-00000000 && timed 0 30 b && timed 0 30 a &&
	test "$(cat other/f)" = 5
'

test_expect_success 'what an earlier run of this workspace left is removed' '
	rm $Q/* && id=$(git config -f work/.git/vibehub/config vibehub.device) &&
	>$Q/00000000-$id-00000000 && echo 6 >work/f && timed 0 30 a && test -z "$(ls $Q)"
'

test_expect_success 'names of another form are passed over and stay' '
	>$Q/00000000-nobody-00000000 && >$Q/.hidden && mkdir $Q/folder &&
	echo 7 >work/f && timed 0 30 a && test_path_is_file $Q/.hidden &&
	test_path_is_dir $Q/folder && test_path_is_file $Q/00000000-nobody-00000000 &&
	rm -r $Q
'

test_expect_success 'no folder can be made there: it goes on without' '
	echo 1 >$Q && echo 8 >work/f && echo 8 >work/g && timed 0 30 a && ab && rm $Q
'

test_expect_success 'numbers as high as they get' '
	mkdir $Q && >$Q/ffffffff-${DEV}0-ffffffff && >$Q/ffffffff-${DEV}1-ffffffff &&
	echo 9 >work/f && timed 0 90 a && rm -rf $Q && ab
'

test_done
