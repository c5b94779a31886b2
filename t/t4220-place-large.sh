#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='large files at a place'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

# random FILE MIB: a large file that does not compress
random () { head -c $(($2 * 1048576)) /dev/urandom >"$1"; }

test_expect_success 'two versions of a large file go to the place' '
	with_place && random work/big 5 && cp work/big v1 && a && was=$(stored) &&
	random work/tail 1 && cat work/tail >>work/big && rm work/tail && a &&
	test $(($(stored) - was)) -lt 3000000 && test $(stored) -gt 6000000
'

test_expect_success 'all is lost: it comes back from the place, old versions too' '
	mv hub.git hub.away && mv home/.vibehub home/.away && fresh n1 && test_same_tree work n1 &&
	on n1 cat --at=HEAD~1 big >old 2>err && cmp old v1
'

test_expect_success 'a new one is written to the place, without a hub; another computer reads it' '
	random n1/new 3 && on n1 sync && fresh n2 && test_same_tree n1 n2
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

# packs DIR: names of the packs below it
packs () { find "$1" -path '*/packs/*' -type f -printf '%f\n' | sort; }

test_expect_success 'packs of the hub are at a new place as they are' '
	random work/more 40 && a && mkdir usb2 && hub -C work remote add two "$PWD/usb2" && a &&
	packs hub.git/vibehub/vault >.p1 && packs usb2 >.p2 && comm -12 .p1 .p2 >.both &&
	test $(wc -l <.both) -ge 2 && hub -C work verify --place=two --read-data
'

test_expect_success 'a damaged pack of the hub is not copied; what can be read is' '
	mkdir usb3 &&
	p=$(find hub.git/vibehub/vault/packs -type f -size +9000k | head -n 1) &&
	cp -p "$p" .keep && chmod u+w "$p" &&
	printf XXXX | dd of="$p" bs=1 seek=$(($(wc -c <"$p") - 100)) conv=notrunc 2>/dev/null &&
	hub -C work remote add three "$PWD/usb3" && { a || test $? = 16; } &&
	packs usb3 >list && test_line_count -gt 1 list && test_must_fail grep -F "${p##*/}" list &&
	cp -p .keep "$p" && a && hub -C work verify --place=three --read-data
'

test_expect_success 'killed at any moment while packs are copied, the next run makes it whole' '
	i=0 && while test $i -lt 6; do
		i=$((i + 1)) && rm -rf usb4 && mkdir usb4 &&
		{ hub -C work remote remove four; :; } >/dev/null 2>&1 &&
		hub -C work remote add four "$PWD/usb4" >/dev/null &&
		{ timeout -s KILL 0.0$((i * 15)) hub -C work sync -q >/dev/null 2>&1; :; } &&
		a && hub -C work verify --place=four --read-data >/dev/null || return 1
	done
'

test_expect_success 'after all that it comes back from a place with copied packs' '
	rm -rf usb.one && mv usb usb.one && mv usb2 usb && fresh n9 && test_same_tree work n9 &&
	mv usb usb2 && mv usb.one usb
'

test_done
