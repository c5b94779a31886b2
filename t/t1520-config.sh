#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub config: the name of this computer, the place of the hub'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other &&
	echo 1 >work/a && hub -C work sync && computer beta hub -C other sync
'

test_expect_success 'all settings, and one' '
	id=$(sed -n "s/^id //p" hub.git/vibehub/format) &&
	hub -C work config >out && hub -C work config --list >out2 && test_cmp out out2 &&
	test_line_count = 4 out && grep "^name    alpha$" out &&
	grep "^hub     $PWD/hub.git$" out && grep "^hubid   $id$" out &&
	hub -C work config hub >out && echo "$PWD/hub.git" >want && test_cmp want out &&
	hub -C work config hubid >out && echo "$id" >want && test_cmp want out
'

test_expect_success JQ 'as JSON' '
	hub -C work config --json >out &&
	jq -e "keys == [\"device\", \"hub\", \"hubid\", \"name\"] and .name == \"alpha\" and
		(.device | length) == 36 and .hub == \"$PWD/hub.git\"" out
'

test_expect_success 'another name: here at once, at the hub with the next sync' '
	hub -C work config name desk-1 >out && grep "desk-1" out &&
	hub -C work config name >out && echo desk-1 >want && test_cmp want out &&
	ls hub.git/vibehub/devices >before && hub -C work sync &&
	ls hub.git/vibehub/devices >after &&
	test_cmp before after && computer beta hub -C other status >out &&
	grep "^    desk-1 " out && ! grep "^    alpha" out &&
	git -C work config -f .git/vibehub/config vibehub.name >out && test_cmp want out
'

test_expect_success 'a name that is taken, or is none' '
	test_expect_code 128 hub -C work config name beta 2>err && grep "beta" err &&
	test_expect_code 129 hub -C work config name "" &&
	test_expect_code 129 hub -C work config name "two words" 2>err && grep "two words" err &&
	test_expect_code 129 hub -C work config name a/b &&
	test_expect_code 129 hub -C work config name 123456789012345678901234567890123 &&
	hub -C work config name >out && echo desk-1 >want && test_cmp want out &&
	hub -C work config name desk-1
'

test_expect_success 'while the hub is away' '
	mv hub.git away && hub -C work config name desk-2 && mv away hub.git && hub -C work sync &&
	hub -C work status >out && grep "^    desk-2 " out
'

test_expect_success 'the hub was moved' '
	mkdir "new place" && mv hub.git "new place/hub.git" &&
	test_expect_code 13 hub -C work sync &&
	(cd work && hub config hub "../new place/hub.git") &&
	hub -C work config hub >out && echo "$PWD/new place/hub.git" >want && test_cmp want out &&
	git -C work config remote.origin.url >out && test_cmp want out &&
	echo 2 >work/a && hub -C work sync && git -C work fetch &&
	computer beta hub -C other config hub "file://$PWD/new%20place/hub.git" &&
	computer beta hub -C other sync && test_same_tree work other &&
	computer beta hub -C other config hub >out && grep "^file://.*%20" out
'

test_expect_success '-C counts for the path too' '
	hub -C work config hub "../new place/hub.git" && hub -C work sync
'

test_expect_success 'not to another hub, not to none' '
	cp work/.git/vibehub/config before && hub init -q wrong.git &&
	git init -q --bare bare.git &&
	test_expect_code 15 hub -C work config hub ../wrong.git 2>err && grep "another hub" err &&
	test_expect_code 10 hub -C work config hub ../nothing &&
	test_expect_code 10 hub -C work config hub ../bare.git &&
	test_expect_code 129 hub -C work config hub https://example.org/x &&
	test_expect_code 129 hub -C work config hub "" &&
	test_cmp before work/.git/vibehub/config &&
	git -C work config remote.origin.url >out && grep "new place" out
'

test_expect_success 'wrong usage' '
	test_expect_code 10 hub -C work config no-such 2>err && grep no-such err &&
	test_expect_code 129 hub -C work config device x &&
	test_expect_code 129 hub -C work config hubid x &&
	test_expect_code 129 hub -C work config name a b &&
	test_expect_code 129 hub -C work config --json name &&
	mkdir none && test_expect_code 10 hub -C none config
'

test_expect_success 'not while another run is at work' '
	{ flock -x 9 && test_expect_code 11 hub -C work config name x &&
	  hub -C work config; } 9>work/.git/vibehub/lock
'

test_done
