#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub undo: take back what this computer recorded'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

# last_run: the number of the newest run in the list
last_run () {
	hub -C work undo --list >.runs && sed -n "1s/^ *\([0-9]*\) .*/\1/p" .runs
}

test_expect_success 'nothing to undo in a new workspace' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	test_expect_code 10 hub -C work undo 2>err && test_grep "recorded nothing" err &&
	hub -C work undo --list >out && test_grep "nothing yet" out &&
	hub -C work undo --list --json >out && test_grep "\"runs\": \[\]" out
'

test_expect_success 'set up' '
	test_seq 20 >work/text && echo keep >work/keep && echo gone >work/gone &&
	mkdir work/d && echo d >work/d/f && hub -C work sync &&
	computer beta hub -C other sync && test_tree work >state1
'

test_expect_success 'the last sync is undone, what others did stays' '
	sed s/^3$/three/ work/text >t && mv t work/text && rm work/gone &&
	echo added >work/added && chmod +x work/d/f && hub -C work sync &&
	computer beta hub -C other sync &&
	sed s/^17$/seventeen/ other/text >t && mv t other/text && echo theirs >other/theirs &&
	computer beta hub -C other sync && hub -C work sync &&
	hub -C work undo >out && test_grep "sync of .*: undone, 4 changed" out &&
	test_seq 20 | sed s/^17$/seventeen/ >want && test_cmp want work/text &&
	test_path_is_file work/gone && test_path_missing work/added &&
	! test -x work/d/f && test_path_is_file work/theirs &&
	git -C work log -1 --format=%s >subject && test_grep "^Undo sync of 20.*Z$" subject &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'twice undoes the one before; edits made since survive' '
	echo mine >work/unsaved && hub -C work undo &&
	test_path_missing work/keep && test_path_is_file work/unsaved &&
	test_path_is_file work/theirs &&
	test_path_is_file work/text && test_grep seventeen work/text
'

test_expect_success 'then there is nothing more, and the list says why' '
	test_expect_code 10 hub -C work undo &&
	hub -C work undo --list >out && test_line_count = 5 out &&
	test_grep "undo .*undid run" out && test_grep "sync .*undone by run" out &&
	test_grep " record " out &&
	hub -C work undo --list --json >json && test_grep "\"undone_by\": [0-9]" json &&
	test_grep "\"undone_by\": null" json
'

test_expect_success 'an undo is undone by its number, and the other way round' '
	run=$(last_run) && hub -C work undo "$run" && test_path_is_file work/keep &&
	test_expect_code 129 hub -C work undo "$run" 2>err && test_grep "undone already" err &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other &&
	hub -C work undo && test_path_missing work/keep &&
	run=$(last_run) && hub -C work undo "$run" && test_path_is_file work/keep
'

test_expect_success 'a conflict: both are kept, exit 1, the hook is told' '
	echo base >work/c && hub -C work sync && echo bad >work/c && hub -C work sync &&
	computer beta hub -C other sync && echo better >other/c &&
	computer beta hub -C other sync && hub -C work sync &&
	mkdir -p work/.git/hooks && write_script work/.git/hooks/on-conflict <<-\EOS &&
	echo "$1" >>"$PWD/../told"
	EOS
	test_expect_code 1 hub -C work undo 2>err &&
	echo better >want && test_cmp want work/c &&
	echo base >want && test_cmp want work/c\ \(conflict\ alpha\ * &&
	test_grep "conflict, both versions kept: c:" err && test_grep "^c$" told &&
	git -C work log -1 --format=%B >msg && test_grep "^Hub-Conflict: c -> c (conflict" msg &&
	rm work/.git/hooks/on-conflict
'

test_expect_success 'nothing of it is left: said, and the next undo goes on' '
	echo x >work/x && hub -C work sync && echo y >work/y && hub -C work sync &&
	rm work/y && hub -C work undo >out && test_grep "nothing of it is left" out &&
	hub -C work undo >out && test_path_missing work/x &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'what was replayed is undone too' '
	computer beta hub -C other sync && mv hub.git away &&
	echo offline >work/off && test_expect_code 13 hub -C work sync && mv away hub.git &&
	echo busy >other/busy && computer beta hub -C other sync && hub -C work sync &&
	git -C work log -2 --format=%an >who && test_path_is_file work/busy &&
	hub -C work undo && test_path_missing work/off && test_path_is_file work/busy
'

test_expect_success 'everything, from the first commit on' '
	hub init new.git && hub clone new.git fresh && echo 1 >fresh/a && hub -C fresh sync &&
	hub -C fresh undo && test_path_missing fresh/a && hub -C fresh sync &&
	git -C new.git fsck --strict && hub -C fresh undo 3 && test_path_is_file fresh/a
'

test_expect_success 'a mass change undone is meant: here and elsewhere' '
	computer beta hub clone new.git fresh2 && mkdir fresh/m &&
	for i in $(test_seq 120)
	do
		echo "$i" >fresh/m/$i || return 1
	done &&
	hub -C fresh sync && computer beta hub -C fresh2 sync &&
	hub -C fresh undo && hub -C fresh sync && computer beta hub -C fresh2 sync &&
	test_path_missing fresh2/m && test_same_tree fresh fresh2
'

test_expect_success 'bad input' '
	for bad in x 0 -- 1x 99999999999999999999
	do
		test_expect_code 129 hub -C work undo -- $bad || return 1
	done &&
	test_expect_code 10 hub -C work undo 9999 &&
	test_expect_code 129 hub -C work undo 1 2 &&
	test_expect_code 129 hub -C work undo --list 1 &&
	test_expect_code 10 hub -C / undo &&
	git -C work checkout -q --detach && test_expect_code 20 hub -C work undo &&
	git -C work switch -q main
'

test_done
