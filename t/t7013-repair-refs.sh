#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub repair: refs and HEAD that are empty, garbage, gone'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

mended () {
	hub -C work repair >out 2>err || { cat out err >&4; return 1; }
	test_grep "all is mended" out && hub_is_sound && git -C work fsck --strict &&
	test "$(git -C hub.git rev-parse main)" = "$tip" && a && b && test_same_tree work other
}
left () {
	test_expect_code 16 hub "$@" >out && test_grep "not mended: .*$what" out
}
main=hub.git/refs/heads/main

test_expect_success 'set up: history, a branch and a tag' '
	two_computers && for i in 1 2 3
	do
		echo $i >work/f && a && b || return 1
	done && git -C hub.git tag old main~1 && b && a &&
	tip=$(git -C hub.git rev-parse main)
'

test_expect_success 'a ref of the hub: empty, other bytes, an id that was never there' '
	: >$main && test_expect_code 16 hub -C work repair -n >out &&
	test_grep "would be set" out && test_must_be_empty $main && mended &&
	echo garbage >$main && mended &&
	echo 1234567812345678123456781234567812345678 >$main && mended &&
	ls hub.git/vibehub/damaged >list && test_line_count = 3 list
'

test_expect_success '... without its log: the computers know it; by the hub alone' '
	rm -r hub.git/logs && : >$main && mended && rm -rf hub.git/logs && : >$main &&
	hub repair hub.git && test "$(git -C hub.git rev-parse main)" = "$tip"
'

test_expect_success 'HEAD of the hub: empty, gone' '
	: >hub.git/HEAD && mended && rm hub.git/HEAD && mended &&
	test "$(cat hub.git/HEAD)" = "ref: refs/heads/main"
'

test_expect_success 'packed-refs: an id, a name' '
	git -C hub.git pack-refs --all && cp hub.git/packed-refs keep &&
	sed "/main/s/^..../zzzz/" keep >hub.git/packed-refs && mended &&
	git -C hub.git pack-refs --all && cp hub.git/packed-refs keep &&
	sed "s,heads/main,hea ds/main," keep >hub.git/packed-refs && mended &&
	git -C hub.git rev-parse old
'

test_expect_success 'a workspace: its branch, what it saw of the hub, HEAD' '
	: >work/.git/refs/heads/main && mended && : >work/.git/refs/remotes/origin/main && mended &&
	git -C work branch more && : >work/.git/HEAD && mended &&
	git -C work checkout -q -b aside && git -C work checkout -q more && : >work/.git/HEAD &&
	hub -C work repair && test "$(git -C work symbolic-ref HEAD)" = refs/heads/more &&
	git -C work checkout -q main && a
'

test_expect_success 'nobody knows: it is told, and stays' '
	cp -r hub.git kept && rm -rf hub.git/logs hub.git/vibehub/devices/* && : >$main &&
	what=refs && left repair hub.git && test_must_be_empty $main &&
	rm -r hub.git && mv kept hub.git
'

test_expect_success 'they do not agree: likewise' '
	cp -r hub.git kept && odd=$(git -C hub.git commit-tree -m odd main^{tree} </dev/null) &&
	git -C hub.git update-ref -m forced refs/heads/main "$odd" && { b || test $? = 1; } &&
	grep "$odd" hub.git/vibehub/devices/* && rm -r hub.git/logs && : >$main &&
	left repair hub.git && test_must_be_empty $main &&
	rm -r hub.git && mv kept hub.git
'

test_expect_success 'the objects are what is lost: the ref is not moved back' '
	rm -rf hub.git/objects/[0-9a-f][0-9a-f] hub.git/objects/pack/* &&
	git -C work rev-list --objects "$tip~1" | cut -c1-40 >ids &&
	git -C work pack-objects -q "$PWD/hub.git/objects/pack/pack" <ids >/dev/null &&
	git -C hub.git fsck --full "$(git -C work rev-parse "$tip~1")" && : >$main &&
	test_expect_code 16 hub repair hub.git && test_must_be_empty $main
'

test_done
