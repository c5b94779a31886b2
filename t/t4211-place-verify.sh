#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub verify --place'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

test_expect_success 'a sound place: 0' '
	with_place && for i in 1 2 3
	do
		echo $i >>work/f && a || return 1
	done &&
	hub -C work verify --place=usb >out && test_grep "all is well at .usb" out &&
	hub -C work verify --place=usb --read-data >out && test_grep "every byte" out &&
	hub -C work verify --place=usb --json >out && test_grep "\"found\": 0" out
'

test_expect_success 'it changes nothing there' '
	find usb -type f -exec sha256sum {} + | sort >before && hub -C work verify --place=usb &&
	find usb -type f -exec sha256sum {} + | sort >after && test_cmp before after
'

test_expect_success 'a pack is gone: 16, or nobody needs it (older refs)' '
	n=0 && for p in usb/*/packs/*/*
	do
		mv $p gone && rm -rf c && hub -C work verify --place=usb >out
		case $? in
		16) n=$((n + 1)) && test_grep "^place: " out || return 1 ;;
		0) fresh c && test_same_tree work c || return 1 ;;
		*) return 1 ;;
		esac
		mv gone $p || return 1
	done && test $n -ge 3
'

test_expect_success 'a pack is shorter, a bit of it flipped: the same with --read-data' '
	n=0 && for p in usb/*/packs/*/*
	do
		cp -a $p keep && rm -rf c && rot $p mid &&
		hub -C work verify --place=usb --read-data >out
		case $? in
		16) n=$((n + 1)) ;;
		0) fresh c && test_same_tree work c || return 1 ;;
		*) return 1 ;;
		esac
		truncate -s -1 $p && { hub -C work verify --place=usb || test $? = 16; } &&
		rm -f $p && cp -a keep $p || return 1
	done && test $n -ge 3 && hub -C work verify --place=usb --read-data
'

test_expect_success 'every state: a bit flipped: 16; the newest gone: 15 or 16' '
	for s in usb/*/states/0/*/s
	do
		cp -a $s keep && rot $s mid && test_expect_code 16 hub -C work verify --place=usb &&
		chmod u+w $s && cp -a keep $s || return 1
	done && hub -C work verify --place=usb
'

test_expect_success 'no such remote: 10; away: 13; usage: 129' '
	test_expect_code 10 hub -C work verify --place=none &&
	mv usb away && test_expect_code 13 hub -C work verify --place=usb && mv away usb &&
	test_expect_code 129 hub -C work verify --place=usb hub.git
'

test_done
