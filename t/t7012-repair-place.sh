#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub repair --place; repairs that are killed, and several at once'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

mended () {
	hub -C work repair --place=usb "$@" >out 2>err || { cat out err >&4; return 1; }
	test_grep "all is mended" out
}

# sound: verify agrees, and a new computer gets everything
sound () {
	hub -C work verify --place=usb --read-data >out || { cat out >&4; return 1; }
	a && rm -rf c home/c && fresh c && test_same_tree work c && same_history work c
}

# asked: the alarm of what went back is not ended by the way
asked () {
	test_expect_code 15 hub -C work repair --place=usb >out 2>err &&
	test_grep "repair --accept-rollback" err && mended --accept-rollback
}

# The number of the newest state.
newest () { ls usb/*/states/0 | sort -n | tail -n 1; }

test_expect_success 'set up' '
	with_place && noise 1 1500000 >work/big && a && noise 2 300000 >>work/big && a && sound &&
	hub -C work repair --place=usb >out && test_grep "nothing is damaged" out &&
	test_expect_code 10 hub -C work repair --place=none &&
	test_expect_code 129 hub -C work repair --place=usb hub.git
'

test_expect_success 'every pack is gone, one after the other; then all' '
	for p in usb/*/packs/*/*
	do
		test -f "$p" || continue
		rot "$p" gone && hub -C work repair --place=usb >out || return 1
	done && sound && rm -rf usb/*/packs && mended && sound
'

test_expect_success 'a byte of every pack; the index or the refs among them' '
	for p in usb/*/packs/*/*
	do
		test ! -f "$p" || rot "$p" 300 || return 1
	done && mended && sound && ls usb/*/damaged >list && test_line_count -ge 1 list
'

test_expect_success 'states, format file, key slots' '
	rm -r usb/*/states/0/$(newest) && asked &&
	rot usb/*/states/0/$(newest)/s 100 && mended && rot usb/*/format 30 && mended &&
	rm usb/*/format && mended &&
	for s in usb/*/keys/*
	do
		rot "$s" 150 || return 1
	done && mended && sound && rm -rf usb/*/states && asked && sound &&
	cp -r usb old && echo new >work/f && a && rm -r usb && mv old usb && asked && sound
'

test_expect_success 'no state and no index says what a damaged pack was: mended at once' '
	rm -rf usb/*/states && p=$(ls -S usb/*/packs/*/* | head -n 1) && rot "$p" 5000 &&
	mended --accept-rollback && sound &&
	hub -C work repair --place=usb >out && test_grep "nothing is" out
'

test_expect_success 'the hub is away: from the workspace' '
	mv hub.git gone.git && p=$(ls -S usb/*/packs/*/* | tail -n 1) && rot "$p" 90 &&
	{ hub -C work repair --place=usb >out 2>&1; rc=$?; test $rc = 0 || test $rc = 16; } &&
	mv gone.git hub.git && hub -C work repair --place=usb >out && sound
'

test_expect_success 'a repair that is killed: the next one does the rest' '
	for ms in 0.02 0.05 0.1 0.15 0.2 0.3
	do
		p=$(find hub.git/vibehub/vault/packs -type f -size +200k | sort | head -n 1) &&
		rot "$p" 5000 &&
		{ timeout -s KILL $ms hub -C work repair >out 2>&1 || :; } &&
		hub -C work repair >out 2>&1 && hub -C work verify --read-data >out ||
			{ cat out >&4; return 1; }
	done && b && a && test_same_tree work other
'

test_expect_success 'two repairs and syncs at once: nothing is lost' '
	p=$(find hub.git/vibehub/vault/packs -type f -size +200k | sort | head -n 1) &&
	rot "$p" 5000 && computer beta hub -C other remote add usb "$PWD/usb" &&
	noise 5 1600000 >other/new &&
	{ hub -C work repair >1.out 2>&1 & one=$!
	  computer beta hub -C other repair >2.out 2>&1 & two=$!
	  computer beta hub -C other sync >3.out 2>&1 & three=$!
	  test_wait $one 0 16 && test_wait $two 0 11 16 && test_wait $three 0 11 16; } &&
	hub -C work repair >out 2>&1 && hub -C work verify --read-data >out && b && a && b &&
	test_same_tree work other && cmp work/new other/new
'

test_done
