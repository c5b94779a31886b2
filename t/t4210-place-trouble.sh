#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='places: away, replaced, rolled back, damaged, full'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

# wrote N: something new in alpha's workspace
wrote () { echo "$1" >>work/f; }

test_expect_success 'set up: a fixed place and a removable one' '
	with_place && mkdir stick && hub -C work remote add --removable stick "$PWD/stick" && a
'

test_expect_success 'away, and an empty mount point: 0; said of the fixed one, quiet of the other' '
	mv usb usb.away && mv stick stick.away && mkdir stick && wrote 1 && a &&
	test_grep "usb" a.err && test_must_fail grep "stick" a.err &&
	test "$(state_of work usb)" = away && test "$(state_of work stick)" = away &&
	hub -C work remote list --json >out && test_grep "\"pending_bytes\": [1-9]" out &&
	test $(ls -A stick | wc -l) = 0 && rmdir stick &&
	mv usb.away usb && mv stick.away stick && a && test "$(state_of work usb)" = ok &&
	test "$(state_of work stick)" = ok
'

test_expect_success 'the hub is away too: 13, and the place has it' '
	mv hub.git hub.away && wrote 2 && test_expect_code 13 hub -C work sync &&
	test "$(state_of work usb)" = ok && fresh n1 && test_same_tree work n1 &&
	mv hub.away hub.git && a && b
'

test_expect_success 'the disk holds other things now: 15, nothing written' '
	mv usb usb.away && mkdir usb && echo 1 >usb/photo && wrote 3 &&
	test_expect_code 15 hub -C work sync 2>err && test_grep "usb" err &&
	test "$(state_of work usb)" = changed && test "$(ls usb)" = photo &&
	git -C work diff --quiet HEAD && git -C hub.git cat-file -e main:f &&
	rm -r usb && mv usb.away usb && a
'

test_expect_success 'rolled back: 15; put right: goes on' '
	cp -a usb usb.old && wrote 4 && a && mv usb usb.new && mv usb.old usb && wrote 5 &&
	test_expect_code 15 hub -C work sync 2>err && test_grep "usb" err &&
	test "$(state_of work usb)" = changed && rm -r usb && mv usb.new usb && a &&
	test "$(state_of work usb)" = ok
'

test_expect_success 'another place under the same folder (place id): 15' '
	mv usb usb.away && mkdir usb && computer beta hub -C other remote add usb "$PWD/usb" &&
	b && wrote 6 && test_expect_code 15 hub -C work sync &&
	test "$(state_of work usb)" = changed &&
	rm -r usb && mv usb.away usb && a && computer beta hub -C other remote remove usb
'

test_expect_success 'damage: the newest state, a pack, a slot: named, 16, never wrong data' '
	s=$(ls usb/*/states/0/*/s | sort -t/ -k5 -n | tail -1) && cp -a $s keep && rot $s mid &&
	wrote 7 && test_expect_code 16 hub -C work sync 2>err && test_grep usb err &&
	test_must_fail fresh d1 && chmod u+w $s && cp -a keep $s && a &&
	for p in usb/*/packs/*/*
	do
		cp -a $p keep && rot $p mid && rm -rf d2 &&
		{ fresh d2 2>err || test_grep "place\|pack\|damaged" err || return 1; } &&
		{ test ! -d d2/d || test "$(cat d2/d/g)" = 2 || return 1; } &&
		chmod u+w $p && cp -a keep $p || return 1
	done &&
	for k in usb/*/keys/*
	do
		cp -a $k keep && rot $k mid && rm -rf d3 &&
		{ fresh d3 || test $? = 12 -o $? = 16 || return 1; } &&
		cp -a keep $k || return 1
	done && fresh d4 && test_same_tree work d4
'

test_expect_success 'a pack is gone: 16; all packs are gone' '
	p=$(ls usb/*/packs/*/* | head -1) && mv $p keep.pack &&
	{ test_expect_code 16 fresh g1 || test_same_tree work g1; } && mv keep.pack $p
'

test_expect_success 'two computers replicate at once, many times: nothing is lost' '
	computer beta hub -C other remote add usb "$PWD/usb" && b &&
	for i in 1 2 3 4 5 6
	do
		echo $i >work/a$i && echo $i >other/b$i &&
		{ hub -C work sync >o1 2>e1 & } &&
		computer beta hub -C other sync >o2 2>e2 && wait || return 1
	done && ab && a && fresh z && test_same_tree work z && test -f z/a6 && test -f z/b6
'

test_done
