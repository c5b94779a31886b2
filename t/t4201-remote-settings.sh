#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub remote: settings, bad input'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

test_expect_success 'set up' 'two_computers && echo 1 >work/f && a && mkdir usb'

test_expect_success 'none yet' '
	hub -C work remote >out && test_grep "no remotes" out &&
	hub -C work remote list --json >out && test_grep "\"remotes\": \[\]" out
'

test_expect_success 'add, list, status, remove' '
	hub remote -C work add --removable usb usb >out && test_grep "hub sync" out &&
	hub -C work remote list >out && test_grep "usb *new" out &&
	hub -C work remote list --json >out && test_grep "\"pending_bytes\": [1-9]" out &&
	test_grep "\"removable\": true" out && a &&
	hub -C work remote status >out && test_grep "usb *ok" out && test_grep "up to date" out &&
	hub -C work remote list --json >out && test_grep "\"state\": \"ok\"" out &&
	test_grep "\"pending_bytes\": 0" out && test_grep "\"up_to_date\"" out &&
	hub -C work remote remove usb && hub -C work remote >out && test_grep "no remotes" out &&
	test -d usb && test_path_missing work/.git/vibehub/places/usb
'

test_expect_success 'add it again, also under another name, and by another computer' '
	hub -C work remote add disk "$PWD/usb" && a && test "$(state_of work disk)" = ok &&
	computer beta hub -C other remote add usb "$PWD/usb" && b &&
	test "$(state_of other usb)" = ok
'

test_expect_success 'names: taken 128, bad 129, absent 10' '
	mkdir more && test_expect_code 128 hub -C work remote add disk "$PWD/more" &&
	test_expect_code 128 hub -C work remote add disk2 "$PWD/usb" &&
	for n in origin -x .x a/b "a b" "" a..b x.lock x. 123456789012345678901234567890123
	do
		test_expect_code 129 hub -C work remote add -- "$n" "$PWD/more" || return 1
	done &&
	test_expect_code 10 hub -C work remote remove nobody &&
	test $(ls -A more | wc -l) = 0
'

test_expect_success 'folders: absent 10, other things 128, inside 128, a file' '
	test_expect_code 10 hub -C work remote add x "$PWD/none" &&
	mkdir full && echo 1 >full/f && test_expect_code 128 hub -C work remote add x "$PWD/full" &&
	mkdir work/in &&
	test_expect_code 128 hub -C work remote add x "$PWD/work/in" &&
	mkdir hub.git/in &&
	test_expect_code 128 hub -C work remote add x "$PWD/hub.git/in" &&
	rmdir work/in hub.git/in && test_expect_code 128 hub -C work remote add x "$PWD" &&
	test_expect_code 10 hub -C work remote add x "$PWD/full/f" &&
	mkdir "nl
x" && test_expect_code 129 hub -C work remote add x "$PWD/nl
x" && test_expect_code 129 hub -C work remote add x "" && test "$(ls -A full)" = f
'

test_expect_success 'another hub has its copy there: 15' '
	hub init -q hub2.git && hub clone -q hub2.git w2 &&
	test_expect_code 15 hub -C w2 remote add x "$PWD/usb" && hub -C w2 remote >out &&
	test_grep "no remotes" out
'

test_expect_success 'the hub is away: 13; no workspace: 10' '
	mv hub.git away && test_expect_code 13 hub -C work remote add x "$PWD/more" &&
	mv away hub.git && test_expect_code 10 hub -C more remote
'

test_expect_success 'usage: 129' '
	for args in "add x" "add" "add x y z" "remove" "remove a b" "list x" frob \
		"list --removable" "remove --json x"
	do
		test_expect_code 129 hub -C work remote $args || return 1
	done
'

test_expect_success 'a damaged settings file: 16, with what to do; other versions 18' '
	cp work/.git/vibehub/remotes keep && echo x >>work/.git/vibehub/remotes &&
	test_expect_code 16 hub -C work remote 2>err && test_grep "remote add" err &&
	sed "s/remotes 1/remotes 2/" keep >work/.git/vibehub/remotes &&
	test_expect_code 18 hub -C work remote && cp keep work/.git/vibehub/remotes && a
'

test_done
