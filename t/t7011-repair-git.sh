#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub repair: git objects, pointers and policy; what nobody has'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

mended () {
	hub -C work repair >out 2>err || { cat out err >&4; return 1; }
	test_grep "all is mended" out && hub_is_sound
}

# loose OBJECT: the file of a loose object in the hub
loose () {
	loose_id=$(git -C hub.git rev-parse "$1") &&
	echo "hub.git/objects/$(echo "$loose_id" | cut -c1-2)/$(echo "$loose_id" | cut -c3-)"
}

test_expect_success 'set up: history, a pointer, a policy; loose in the hub' '
	with_place && noise 1 1500000 >work/big && mkdir work/.vibehub &&
	echo "binary-over 2M" >work/.vibehub/policy && noise 2 2500000 >work/bigger && a &&
	git -C hub.git repack -adq && for p in hub.git/objects/pack/*.pack
	do
		mv "$p" p && rm -f hub.git/objects/pack/* && git -C hub.git unpack-objects -q <p ||
			return 1
	done && b && a && hub -C work verify --read-data
'

test_expect_success 'loose objects: file, pointer, policy, tree, commit; a byte, short, gone' '
	for o in HEAD:f HEAD:bigger HEAD:.vibehub/policy HEAD:d HEAD^{tree} HEAD
	do
		rot "$(loose $o)" 5 && mended || return 1
	done &&
	git -C hub.git unpack-objects -q <p &&
	rot "$(loose HEAD:f)" short && mended && git -C hub.git unpack-objects -q <p &&
	for o in HEAD:f HEAD:bigger HEAD^{tree} HEAD
	do
		git -C hub.git unpack-objects -q <p && rm -f "$(loose $o)" && mended || return 1
	done
'

test_expect_success 'packs: object, trailer; the index; what is whole is kept' '
	git -C hub.git branch only $(git -C hub.git commit-tree -m only HEAD^{tree}) &&
	for at in -1 -60 short
	do
		git -C hub.git repack -adfq && rot "$(ls hub.git/objects/pack/*.pack)" $at &&
		mended || return 1
	done &&
	git -C hub.git cat-file commit only >/dev/null &&
	git -C hub.git repack -adq && rot "$(ls hub.git/objects/pack/*.idx)" 1100 && mended &&
	rm -f hub.git/objects/pack/*.idx && mended &&
	ls hub.git/vibehub/damaged >list && test_line_count -ge 10 list && b && a
'

test_expect_success 'the workspace from its hub' '
	f=$(git -C work rev-parse HEAD:f) && rm -rf work/.git/objects/$(echo $f | cut -c1-2) &&
	rm -f work/.git/objects/pack/* && mended && git -C work fsck --full --strict && b && a
'

test_expect_success 'from a place, when the workspace has it no more' '
	rm -rf hub.git/objects/[0-9a-f][0-9a-f] hub.git/objects/pack/* &&
	rm -rf work/.git/objects/[0-9a-f][0-9a-f] work/.git/objects/pack/* &&
	mended && test_grep "workspace: .* taken from another copy" out &&
	git -C work fsck --full --strict && hub_is_sound && b && a
'

test_expect_success 'no place: the working file has it' '
	hub -C work remote remove usb && mv usb away && rm -rf hub.git/vibehub/vault/packs/* &&
	test_expect_code 16 hub -C work verify >out && mended && hub -C work verify --read-data &&
	computer beta hub -C other verify && rm other/bigger && git -C other checkout -q bigger &&
	cmp work/bigger other/bigger
'

test_expect_success 'what nobody has is named: path and commit; 16; nothing wrong comes out' '
	noise 3 2600000 >work/bigger && a && lost=$(git -C work rev-parse HEAD^) && b &&
	rm -rf hub.git/vibehub/vault/packs/* &&
	test_expect_code 16 hub -C work repair >out && test_grep "^lost: bigger, version of" out &&
	test_expect_code 16 hub -C work repair --json >out &&
	test_grep "\"path\": \"bigger\"" out &&
	test_grep "\"lost_versions\": 2" out &&
	test_must_fail hub -C work cat --at="$lost" bigger >got 2>err && test ! -s got &&
	hub -C work cat bigger >got && cmp got work/bigger && b && a &&
	test_same_tree work other
'

test_expect_success 'a history that can be read in part: what is lost there is named, too' '
	half=$(printf "tree %040d\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n" 7 |
		git -C hub.git hash-object -t commit -w --literally --stdin) &&
	git -C hub.git update-ref refs/heads/half "$half" &&
	rm -rf hub.git/vibehub/vault/packs/* work/bigger &&
	test_expect_code 16 hub -C work repair >out && test_grep "only a part was looked at" out &&
	test_grep "^lost: bigger, version of" out
'

test_done
