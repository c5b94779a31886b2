#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a mass change that a person accepted is accepted everywhere'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

# change_id FILE: the id that a run told on stderr
change_id () {
	sed -n "s/.*accept-mass-change=//p" "$1"
}

test_expect_success 'set up: 150 files on two computers' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	mkdir work/many &&
	for i in $(test_seq 150)
	do
		echo "$i" >work/many/$i || return 1
	done &&
	hub -C work sync && computer beta hub -C other sync
'

test_expect_success 'accepted while the hub is away' '
	rm -r work/many &&
	test_expect_code 20 hub -C work sync 2>err &&
	mv hub.git away &&
	test_expect_code 13 hub -C work sync --accept-mass-change="$(change_id err)" &&
	git -C work log -1 --format=%B >msg && test_grep "^Hub-Accepted: " msg
'

test_expect_success 'the record goes to the hub with the next sync' '
	mv away hub.git &&
	hub -C work sync &&
	test_path_is_file "hub.git/vibehub/accepted/$(change_id err)"
'

test_expect_success 'what is parked elsewhere is let go when the record comes' '
	mv hub.git/vibehub/accepted later &&
	test_expect_code 20 computer beta hub -C other sync &&
	echo x >work/x && hub -C work sync &&
	test_expect_code 20 computer beta hub -C other sync &&
	test_path_is_file other/many/1 &&
	mv later hub.git/vibehub/accepted &&
	computer beta hub -C other sync &&
	test_same_tree work other
'

test_expect_success 'a record that nobody of this hub signed counts for nothing' '
	mkdir work/more &&
	for i in $(test_seq 200)
	do
		echo "more $i" >work/more/$i || return 1
	done &&
	hub -C work sync && computer beta hub -C other sync &&
	rm -r work/more &&
	test_expect_code 20 hub -C work sync 2>err &&
	hub -C work sync --accept-mass-change="$(change_id err)" &&
	record=hub.git/vibehub/accepted/$(change_id err) &&
	sed "\$s/ ..../ dead/" "$record" >forged &&
	! cmp -s forged "$record" &&
	cp "$record" good && mv forged "$record" &&
	test_expect_code 20 computer beta hub -C other sync &&
	test_path_is_file other/more/1
'

test_expect_success 'nor one by a computer that was removed since' '
	mv good "$record" && hub -C hub.git key remove alpha &&
	test_expect_code 20 computer beta hub -C other sync && test_path_is_file other/more/1
'

test_done
