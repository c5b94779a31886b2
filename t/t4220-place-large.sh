#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='large files at a place'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

# noise FILE MIB: a large file that does not compress
noise () { head -c $(($2 * 1048576)) /dev/urandom >"$1"; }

test_expect_success 'two versions of a large file go to the place' '
	with_place && noise work/big 5 && cp work/big v1 && a && was=$(stored) &&
	noise work/tail 1 && cat work/tail >>work/big && rm work/tail && a &&
	test $(($(stored) - was)) -lt 3000000 && test $(stored) -gt 6000000
'

test_expect_success 'all is lost: it comes back from the place, old versions too' '
	mv hub.git hub.away && mv home/.vibehub home/.away && fresh n1 && test_same_tree work n1 &&
	on n1 cat --at=HEAD~1 big >old 2>err && cmp old v1
'

test_expect_success 'a new one is written to the place, without a hub; another computer reads it' '
	noise n1/new 3 && on n1 sync && fresh n2 && test_same_tree n1 n2
'

test_expect_success 'the hub comes back and gets it' '
	mv home/.away home/.vibehub && mv hub.away hub.git && a && test_same_tree work n1 && b &&
	test_same_tree work other && hub verify hub.git
'

test_expect_success 'init --from brings large content to the new hub' '
	mv hub.git hub.away && mv usb usb.away && cp -a usb.away usb &&
	hub init -q --from=usb hub.git && rm -r usb && hub clone -q hub.git n3 &&
	test_same_tree work n3 && mv usb.away usb
'

test_done
