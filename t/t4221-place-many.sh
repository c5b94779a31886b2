#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a place that was synced to often: git segments become fewer'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

# many N: as many changes, each sent to the place
many () {
	n=$1 && while test $n -gt 0; do
		n=$((n - 1)) && echo "$n $1" >work/n && echo $n >"work/f$n" && a -q || return 1
	done
}

test_expect_success 'more syncs than a place may have segments' '
	with_place && many 50 && hub -C work verify --place=usb --read-data
'

test_expect_success 'one computer that fetched in between comes after' '
	fresh early && many 20 && on early sync && same_history work early
'

test_expect_success 'all history comes back, and git finds nothing wrong' '
	fresh late && test_same_tree work late && same_history work late && git -C late fsck --full
'

test_expect_success 'killed while segments are merged, the next run goes on' '
	i=0 && while test $i -lt 20; do
		i=$((i + 1)) && echo k$i >work/k &&
		{ timeout -s KILL 0.$((5 + i % 20)) hub -C work sync -q >/dev/null 2>&1; :; }
	done &&
	a && hub -C work verify --place=usb --read-data && fresh last && test_same_tree work last &&
	same_history work last && git -C last fsck --full
'

test_expect_success 'nothing is left in tmp/' '
	find work/.git/vibehub/tmp -name "gitseg-*" >left && test_must_be_empty left
'

test_done
