#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a place behind ssh that does not answer, refuses, ends, lies'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

VIBEHUB_SESSION_TIMES=500,3000,20000
export VIBEHUB_SESSION_TIMES

# far MODE N: what stands in for ssh from now on
far () {
	GIT_SSH_COMMAND="python3 $TEST_DIRECTORY/badssh.py $1 ${2:-0}"
	export GIT_SSH_COMMAND
}
why () { hub -C work remote status >.why && cat .why; }

test_expect_success 'set up: a place behind what stands in for ssh' '
	two_computers && mkdir usb && echo 1 >work/f && a && far none &&
	hub -C work remote add usb "ssh://far$PWD/usb" && a && test "$(state_of work usb)" = ok &&
	hub -C work verify --place=usb && test -s badssh.count
'

# said STATE WORDS: the sync goes on, and it is said
said () {
	echo "$1$2" >>work/f && a && test "$(state_of work usb)" = "$1" && why >out &&
	test_grep "$2" out
}

test_expect_success 'not there, refused, unknown, no hub there: each is said, none stops a sync' '
	far refused && said away "Connection refused" && far denied &&
	said failed "does not let us in" && far hostkey && said failed "host key" &&
	far nohub && said failed "sftp://" && far banner && said failed "login script"
'

test_expect_success 'the exit codes of first contact: 13, 17, 12, 16' '
	far refused && test_expect_code 13 hub clone --from=ssh://far/x c &&
	far denied && test_expect_code 17 hub clone --from=ssh://far/x c &&
	far hostkey && test_expect_code 12 hub clone --from=ssh://far/x c &&
	far none && test_expect_code 10 hub clone --from="ssh://far$PWD/nothing" c 2>err &&
	test_grep "nothing" err && mkdir empty &&
	test_expect_code 10 hub clone --from="ssh://far$PWD/empty" c && test_path_missing c
'

test_expect_success 'a known place that says it has nothing went back: 15; no folder is away: 13' '
	far none && mv usb usb.away && echo x >>work/f && a && test "$(state_of work usb)" = away &&
	mkdir usb && echo y >>work/f && test_expect_code 15 a &&
	test "$(state_of work usb)" = changed && rmdir usb &&
	mv usb.away usb && a && test "$(state_of work usb)" = ok
'

# lies: a sync that works, whatever the place did; 15 and 16 if that was a lie
lies () {
	a
	case $? in 0|15|16) ;; *) return 1 ;; esac
}

test_expect_success 'one that ends at any answer: the next honest run has it all' '
	echo count >>work/f && a && n=$(cat badssh.count) && test $n -gt 4 && i=1 &&
	while test $i -le $n
	do
		for mode in dies half other
		do
			far $mode $i && echo $mode$i >>work/f && lies || return 1
		done
		i=$((i + 3))
	done &&
	far garbage 2 && echo garbage >>work/f && lies &&
	far ends 5 && echo ends >>work/f && a && far none && a &&
	test "$(state_of work usb)" = ok && hub -C work verify --place=usb --read-data
'

test_expect_success 'one that falls silent is gone after a while' '
	far silent 4 && echo silent >>work/f && a && test "$(state_of work usb)" = away &&
	why >out && test_grep "silent" out && far none && a && test "$(state_of work usb)" = ok
'

test_expect_success 'a wrong bit in what is read is found by verify; none is followed' '
	far flip 1 && test_expect_code 16 hub -C work verify --place=usb --read-data &&
	far none && hub -C work verify --place=usb --read-data
'

# No pack has more than 16 MiB: one of them at least is named when the line is cut.
test_expect_success 'an interrupted transfer goes on: what was named is not sent again' '
	(VIBEHUB_TEST_PROGRESS=1000000 && export VIBEHUB_TEST_PROGRESS &&
	 head -c 40000000 /dev/urandom >work/large && far cut 25000000 && a &&
	 test "$(state_of work usb)" = away && rm -f badssh.bytes && far none && a &&
	 test $(cat badssh.bytes) -lt 39000000) &&
	test "$(state_of work usb)" = ok && hub -C work verify --place=usb --read-data
'

test_done
