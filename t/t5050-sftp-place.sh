#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sealed copy on a box that speaks sftp only, and everything back'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"
. "$TEST_DIRECTORY/lib-box.sh"

test_expect_success 'set up: a key that may do nothing but sftp' '
	with_box && test "$(state_of work usb)" = ok && test_must_fail grep note: add.out &&
	test_must_fail ssh -F ssh/config far true
'

test_expect_success 'nothing readable lies there, nothing half-written' '
	test_must_fail grep -r -l -e "refs/heads/" -e "Auto-sync" -e "tree " \
		usb/*/packs usb/*/states \
		usb/*/keys && find usb -name ".new*" >left && test_must_be_empty left
'

test_expect_success 'it is what a folder place is: by path from the same disk' '
	fresh byhand && test_same_tree work byhand
'

test_expect_success 'nothing new: nothing is written; one connection' '
	find usb -type f | sort >before && a && find usb -type f | sort >after &&
	test_cmp before after && was=$(grep -c "Starting session" ssh/log) && a &&
	test $(($(grep -c "Starting session" ssh/log) - was)) = 1
'

test_expect_success 'branches, tags, commits, a large file follow' '
	git -C work tag -a -m t v1 && git -C work branch side &&
	git -C work push -q origin v1 side && noise 1 9000000 >work/big &&
	for i in 1 2 3
	do
		echo $i >>work/f && a || return 1
	done && test "$(state_of work usb)" = ok && test $(stored) -gt 9000000 &&
	hub -C work verify --place=usb --read-data
'

test_expect_success 'the hub and all computers are lost: everything back by the passphrase' '
	mv hub.git hub.away && mv home/.vibehub home/.away && from_box w1 &&
	test_same_tree work w1 && same_history work w1 &&
	(VIBEHUB_HOME=$PWD/home/w1 && export VIBEHUB_HOME && git_is_content w1) &&
	test "$(git -C w1 rev-parse v1)" = "$(git -C work rev-parse v1)" &&
	git -C w1 rev-parse refs/remotes/place/side
'

test_expect_success 'it writes back to the box, with the hub gone; two computers by way of it' '
	echo w1 >w1/from-w1 && on w1 sync && from_box w2 && test_same_tree w1 w2 &&
	echo a >w1/a && echo b >w2/b && on w1 sync && on w2 sync && on w1 sync &&
	test_same_tree w1 w2 && test -f w2/a
'

test_expect_success 'the hub itself comes back from it' '
	hub init -q --from="$BOX" new.git && git -C new.git fsck --strict &&
	git -C new.git cat-file -e main:from-w1
'

test_expect_success 'a new hub and its computers sync to the box again' '
	mv home/.away home/.vibehub && mv hub.away hub.git && on w1 config hub "$PWD/hub.git" &&
	on w1 sync && b && a && test_same_tree work w1 && test "$(state_of work usb)" = ok
'

test_expect_success 'damage on the box is found and mended' '
	for p in usb/*/packs/*/*
	do
		rot "$p" 300 || return 1
	done &&
	test_expect_code 16 hub -C work verify --place=usb --read-data >out &&
	hub -C work repair --place=usb >out && test_grep "all is mended" out &&
	hub -C work verify --place=usb --read-data && a && ls usb/*/damaged/pack-* >list &&
	rm -rf w4 home/w4 && from_box w4 && test_same_tree work w4
'

test_expect_success 'a state that is damaged, a key slot, the format file' '
	s=$(ls usb/*/states/0/*/s | sort -t/ -k5 -n | tail -n 1) && rot "$s" 100 &&
	hub -C work repair --place=usb >out && test_grep "all is mended" out &&
	for k in usb/*/keys/*
	do
		rot "$k" 150 || return 1
	done && rm usb/*/format &&
	hub -C work repair --place=usb >out && test_grep "all is mended" out &&
	hub -C work verify --place=usb
'

test_done
