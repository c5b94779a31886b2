#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub init --from: a new hub from a place'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

test_expect_success 'the hub is lost: made again, the same hub' '
	with_place && git -C work tag -a -m t v1 && git -C work branch side &&
	git -C work push -q origin v1 side && echo 3 >work/g && a &&
	git -C hub.git for-each-ref >refs && git -C hub.git symbolic-ref HEAD >head &&
	mv hub.git lost.git && hub init --from=usb hub.git >out && test_grep "hub config hub" out &&
	git -C hub.git for-each-ref >refs2 && test_cmp refs refs2 &&
	git -C hub.git symbolic-ref HEAD >head2 && test_cmp head head2 && hub_is_sound &&
	test_path_missing hub.git.hub-from~
'

test_expect_success 'computers go on with it; keys too' '
	echo 4 >work/h && ab && test -f other/h && hub verify hub.git &&
	hub clone -q hub.git third && test_same_tree work third && test "$(state_of work usb)" = ok
'

test_expect_success 'made elsewhere; a computer from the place is pointed at it' '
	fresh n && hub init -q --from=usb new.git && on n config hub "$PWD/new.git" &&
	echo n >n/n && on n sync && git -C new.git cat-file -e main:n
'

test_expect_success 'wrong passphrase 12, no place 10, a folder in use 128, usage 129' '
	test_expect_code 12 env VIBEHUB_PASSPHRASE="wrong horse battery" \
		hub init --from=usb x.git &&
	test_expect_code 10 hub init --from=nowhere x.git && test_path_missing x.git &&
	test_expect_code 128 hub init --from=usb hub.git && hub verify hub.git &&
	test_expect_code 129 hub init --from=usb --ask x.git &&
	test_expect_code 129 hub init --from=usb
'

test_done
