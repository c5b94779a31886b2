#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sealed copy at a place, and everything back from it'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

test_expect_success 'set up: a hub, two computers, a place' '
	with_place && test "$(state_of work usb)" = ok
'

test_expect_success 'nothing readable lies there' '
	test_must_fail grep -r -l -e "refs/heads/" -e "Auto-sync" -e "tree " \
		usb/*/packs usb/*/states \
		usb/*/keys &&
	test $(find usb -type f -name "[fg]" | wc -l) = 0
'

test_expect_success 'nothing new: nothing is written' '
	find usb -type f | sort >before && a && a && find usb -type f | sort >after &&
	test_cmp before after
'

test_expect_success 'branches, tags, commits follow; a small commit stores kilobytes' '
	git -C work tag -a -m t v1 && git -C work branch side &&
	git -C work push -q origin v1 side &&
	for i in 1 2 3 4 5
	do
		echo $i >>work/f && a || return 1
	done &&
	was=$(stored) && echo one more >work/h && a && test $(($(stored) - was)) -lt 20000
'

test_expect_success 'the hub and all computers are lost: everything back by the passphrase' '
	mv hub.git hub.away && mv home/.vibehub home/.away && fresh w1 &&
	test_same_tree work w1 && same_history work w1 && git_is_content w1 &&
	test "$(git -C w1 rev-parse v1)" = "$(git -C work rev-parse v1)" &&
	git -C w1 rev-parse refs/remotes/place/side
'

test_expect_success 'cloned again: it goes on with what is there; nothing is enrolled anew' '
	ls usb/*/keys >before && fresh w1 && ls usb/*/keys >after && test_cmp before after &&
	test_same_tree work w1 && mkdir -p w3/.git && fresh w3 && test_same_tree work w3 && rm -r w3
'

test_expect_success 'it writes back to the place, with the hub gone: exit 0' '
	echo w1 >w1/from-w1 && on w1 sync && on w1 remote list >out && test_grep "place *ok" out &&
	fresh w2 && test_same_tree w1 w2 && same_history w1 w2
'

test_expect_success 'two computers by way of the place' '
	echo a >w1/a && echo b >w2/b && echo w1 >w1/f && echo w2 >w2/f &&
	on w1 sync && test_expect_code 1 on w2 sync && on w1 sync && test_same_tree w1 w2 &&
	test $(copies w1 | wc -l) = 1 && git_is_content w1 && git_is_content w2
'

test_expect_success 'the hub comes back and catches up by merge; nothing is lost' '
	mv home/.away home/.vibehub && mv hub.away hub.git && echo late >other/late && b &&
	on w1 config hub "$PWD/hub.git" && on w1 sync && test -f w1/late && b && a &&
	test_same_tree w1 other && test_same_tree w1 work && hub_is_sound &&
	git -C hub.git cat-file -e main:from-w1 && git -C hub.git cat-file -e main:late
'

test_expect_success 'a computer that keeps its hub brings in what lies at the place' '
	mv hub.git hub.away && echo by-place >w2/by-place && on w2 sync && mv hub.away hub.git &&
	a && test -f work/by-place && git -C hub.git cat-file -e main:by-place
'

test_expect_success 'wrong passphrase: 12; no place: 10; not empty: 128; usage: 129' '
	test_expect_code 12 env VIBEHUB_PASSPHRASE="wrong horse battery" \
		hub clone --from=usb x &&
	test_path_missing x &&
	mkdir void && test_expect_code 10 hub clone --from=void x &&
	test_expect_code 10 hub clone --from=nowhere x && test_path_missing x &&
	test_expect_code 128 hub clone --from=usb work &&
	test_expect_code 129 hub clone --from=usb &&
	test_expect_code 128 hub clone --from=usb usb/x
'

test_done
