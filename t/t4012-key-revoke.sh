#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub key revoke: a computer is out for good, at the hub and at places'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-keys.sh"

test_expect_success 'a hub, two computers, a place, a copy of the place from before' '
	with_place && b && computer beta hub -C other remote add usb "$PWD/usb" &&
	echo 3 >other/g && b && a && v=$(echo usb/*) && test "$(slots "$v")" -eq 4 &&
	cp -r usb usb.before
'

test_expect_success 'beta is revoked; the place learns with the next sync' '
	hub -C work key revoke beta >out && test_grep "epoch 2" out &&
	test "$(removed)" -eq 1 && test "$(removed "$v")" -eq 0 && a &&
	test "$(removed "$v")" -eq 1 && test "$(slots "$v")" -eq 3 &&
	test "$(state_of work usb)" = ok
'

test_expect_success 'its slot does not come back from the older copy' '
	mkdir usb2 && cp -r usb.before/* usb2 &&
	for f in usb2/*/keys/*
	do
		cp "$f" "$v/keys/" || return 1
	done &&
	a && test "$(removed)" -eq 1 && test "$(removed "$v")" -eq 1 &&
	test "$(slots "$v")" -eq 3 && test "$(slots)" -eq 3
'

test_expect_success 'beta is told, and gets nothing new' '
	test_expect_code 12 computer beta hub -C other key 2>err && test_grep "was removed" err &&
	mv hub.git away.git && test_expect_code 13 computer beta hub -C other sync 2>err &&
	mv away.git hub.git && test_grep "place .usb.: this computer was removed" err
'

test_expect_success 'what beta writes to the older copy is not believed: 15' '
	rm -rf usb.now && mv usb usb.now && mv usb2 usb && mv hub.git away.git &&
	echo evil >other/evil &&
	test_expect_code 13 computer beta hub -C other sync && mv away.git hub.git &&
	test_expect_code 15 hub -C work sync 2>err && test_path_missing work/evil && rm -rf usb &&
	mv usb.now usb && a && test "$(state_of work usb)" = ok
'

test_expect_success 'a fresh computer with the passphrase alone: all is there, nobody is missed' '
	mv hub.git away.git && fresh new && on new sync &&
	test_path_missing new/evil && same_history work new && on new remote list >out &&
	test_grep "^place  *ok .*usb" out && mv away.git hub.git
'

test_expect_success 'what beta says that it saw and accepted counts no more' '
	echo 9 >other/nine && { b || test $? = 12 -o $? = 15; } && a &&
	b=$(sed -n "s/^device //p" $(grep -l "^name beta" hub.git/vibehub/devices/*)) &&
	git -C other commit -q --allow-empty -m seen && git -C other push -q origin HEAD:main &&
	{ b || test $? = 12 -o $? = 15; } && seen=$(git -C other rev-parse HEAD) &&
	grep "$seen" "hub.git/vibehub/devices/$b" &&
	git -C hub.git update-ref refs/heads/main "$seen^" &&
	rm -rf hub.git/logs hub.git/vibehub/acts && hub verify hub.git &&
	hub -C work status >out && test_grep "beta .*was removed from the hub" out &&
	hub -C work status --json >out && test_grep "\"removed\": true" out &&
	mv hub.git/vibehub/vault/keys kept && mkdir hub.git/vibehub/vault/keys &&
	for f in kept/*
	do
		grep -q "^VHrm" "$f" || cp "$f" hub.git/vibehub/vault/keys/ || return 1
	done &&
	hub -C work status >out && test_grep "beta .*was removed from the hub" out &&
	rm -r hub.git/vibehub/vault/keys && mv kept hub.git/vibehub/vault/keys
'

test_expect_success 'a revocation that was interrupted before its new epoch is completed' '
	computer gamma hub clone -q hub.git third &&
	hub -C work key remove --keep-epoch gamma >out &&
	test_must_fail grep epoch out && hub -C work key revoke gamma >out &&
	test_grep "epoch 3" out &&
	hub -C work key revoke gamma >out && test_must_fail grep epoch out && a &&
	test "$(removed "$v")" -eq 2
'

test_expect_success 'from the folder of the hub itself' '
	computer delta hub clone -q hub.git fourth && hub -C hub.git key revoke delta >out &&
	test_grep "epoch 4" out && test_expect_code 20 hub -C hub.git key revoke hub &&
	test_expect_code 10 hub -C hub.git key revoke nobody && a &&
	test "$(state_of work usb)" = ok
'

test_done
