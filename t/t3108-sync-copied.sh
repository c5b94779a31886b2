#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='copied and restored workspaces'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

device () { git config -f "$1/.git/vibehub/config" vibehub.device; }
devices () { ls hub.git/vibehub/devices | wc -l; }

test_expect_success 'set up' '
	two_computers && echo 1 >work/f && mkdir work/d && echo 2 >work/d/g && ab &&
	test "$(devices)" = 2
'

test_expect_success 'cp -a: the first that syncs stays the device' '
	cp -a work copy && echo w >work/w && a && test "$(devices)" = 2
'

test_expect_success 'the copy is noticed: exit 1, a device of its own, nothing lost' '
	echo c >copy/c && echo changed >copy/f && test_expect_code 1 hub -C copy sync 2>err &&
	test_grep "copy of a workspace" err && test_grep "alpha-2" err &&
	test "$(devices)" = 3 && test "$(device work)" != "$(device copy)" &&
	test -f copy/w && test "$(cat copy/f)" = changed && git -C hub.git cat-file -e main:c
'

test_expect_success 'once: afterwards each syncs in peace' '
	hub -C copy sync && a && hub -C copy sync && a && b && test "$(devices)" = 3 &&
	test_same_tree work copy && test_same_tree work other && git_is_content copy
'

test_expect_success 'both at once after another copy' '
	cp -a work copy2 && echo x >work/x && echo y >copy2/y &&
	{ hub -C work sync & hub -C copy2 sync; wait; true; } &&
	{ hub -C copy2 sync || test $? = 1; } && { a || test $? = 1; } && a &&
	{ hub -C copy2 sync || test $? = 1; } && test_same_tree work copy2 && test -f work/y &&
	test "$(device work)" != "$(device copy2)"
'

test_expect_success 'a workspace taken to another computer, without its key' '
	cp -a work moved && test_expect_code 1 computer gamma hub -C moved sync &&
	test "$(device work)" != "$(device moved)" && computer gamma hub -C moved sync && a
'

test_expect_success 'an old backup of the workspace is put back: old files do not win' '
	cp -a other other.backup && echo new >work/f && rm work/d/g && echo n >work/new && ab &&
	rm -r other && mv other.backup other && { b; test $? = 1; } && a && b &&
	test "$(cat work/f)" = new && test_path_missing work/d/g && test "$(cat other/f)" = new &&
	test_path_missing other/d/g && test_same_tree work other && git_is_content other
'

test_expect_success 'an old backup with a change of its own in it' '
	cp -a other other.backup && echo newer >work/f && ab &&
	rm -r other && mv other.backup other && echo mine >other/mine && echo mine >other/f &&
	{ b; test $? = 1; } && a && b && test_same_tree work other &&
	test "$(cat work/f)" = newer && test -f work/mine &&
	copies work >list && test_line_count = 1 list && test "$(cat "work/$(cat list)")" = mine
'

test_expect_success 'only files put back by hand, over a living workspace' '
	cp -a work/f f.old && echo f5 >work/f && ab && cp -a f.old other/f && b && a &&
	test_cmp f.old work/f
'

test_expect_success 'the user folder with the keys is lost: a new device, nothing lost' '
	echo k >work/k && rm -r home/.vibehub && { a; test $? = 1; } && a && b && test -f other/k
'

test_expect_success 'the workspace is moved: the same device' '
	id=$(device work) && mv work elsewhere && echo m >elsewhere/m && hub -C elsewhere sync &&
	test "$(device elsewhere)" = "$id" && mv elsewhere work && b && test -f other/m
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
