#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='what was let go, and what was left behind, goes from a box, too'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-days.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"
. "$TEST_DIRECTORY/lib-box.sh"

packs () { find "$1" -path '*/packs/*' -type f | wc -l; }

test_expect_success 'three versions at the hub and on the box' '
	day 0 with_box &&
	for i in 0 1 2
	do
		big work/film 2000000 "$i" && a || return 1
	done
'

test_expect_success 'temporary files a day old by the clock of the box' '
	v=$(echo usb/*) && mkdir "$v/states/.new.tmp-000000000000" &&
	echo x >"$v/states/.new.tmp-000000000000/s" && echo x >"$v/packs/.new.tmp-111111111111" &&
	echo x >"$v/packs/.new.tmp-222222222222" && echo x >"$v/keys/.new.tmp-333333333333" &&
	touch -d "3 days ago" "$v/states/.new.tmp-000000000000" "$v"/*/.new.tmp-[13]* &&
	day 2 a && find usb -name ".new.*" -printf "%f\n" >left &&
	echo .new.tmp-222222222222 >want && test_cmp want left && rm "$v"/packs/.new.*
'

test_expect_success 'what was pruned goes by syncs alone' '
	day 4 a && b && hub prune --keep-last=1 hub.git >out &&
	test_grep "let go: 2 contents" out && packs usb >usb0 &&
	a && b && day 40 a && b && day 75 a && b && day 77 a &&
	test "$(packs usb)" -lt "$(cat usb0)" &&
	hub -C work verify --place=usb --read-data &&
	mv hub.git away && from_box again && cmp work/film again/film
'

test_done
