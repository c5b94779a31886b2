#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='housekeeping is part of sync'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

packs () {
	find "$1/objects/pack" -name '*.pack' | wc -l
}

test_expect_success 'set up: a hub and a workspace with 52 packs each' '
	hub init hub.git && hub clone hub.git work &&
	for i in $(test_seq 52)
	do
		echo $i >work/file && git -C work add file &&
		git -C work commit -q -m "change $i" &&
		git -C work push -q origin main &&
		git -C work repack -q && git -C hub.git repack -q || return 1
	done &&
	test "$(packs work/.git)" -ge 51 && test "$(packs hub.git)" -ge 51
'

test_expect_success 'sync packs both, and loses nothing' '
	git -C hub.git rev-list --objects --all | sort >before &&
	hub -C work sync &&
	test "$(packs work/.git)" -lt 10 && test "$(packs hub.git)" -lt 10 &&
	git -C hub.git rev-list --objects --all | sort >after &&
	test_cmp before after &&
	git -C hub.git fsck --strict && git -C work fsck --strict
'

test_expect_success 'loose objects that nothing names yet are kept, and gc is not run in vain' '
	mkdir blobs && for i in $(test_seq 6000); do echo "blob $i" >blobs/$i || return 1; done &&
	find "$PWD/blobs" -type f | git -C work hash-object -w --stdin-paths >ids &&
	hub -C work sync &&
	git -C work cat-file --batch-check <ids >kept && test_grep ! missing kept &&
	hub -C work sync && git -C work fsck --strict
'

test_done
