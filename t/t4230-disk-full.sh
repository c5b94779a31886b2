#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is mounted here is seen by this script alone, and gone with it.
if test -z "$DISK_FULL_OWN" && DISK_FULL_OWN=1 unshare -m true 2>/dev/null
then
	DISK_FULL_OWN=1
	export DISK_FULL_OWN
	exec unshare -m sh "$0" "$@"
fi
test_description='a full disk: of a place, the hub, a workspace; a full outbox'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

# disk DIR SIZE: an empty disk of that size; room DIR SIZE: a larger one
disk () { mkdir -p "$1" && mount -t tmpfs -o "size=$2" hub-test "$PWD/$1"; }
room () { mount -o "remount,size=$2" "$PWD/$1"; }

test -n "$DISK_FULL_OWN" && disk probe 64k 2>/dev/null || skip_all 'cannot mount a small disk'
umount "$PWD/probe"

# random FILE MIB: a file that does not compress
random () { head -c $(($2 * 1048576)) /dev/urandom >"$1"; }

litter () { find "$@" -name '*.tmp-*' | grep .; }

test_expect_success 'a place is full: the hub has it, the run is good, and the place is named' '
	two_computers && echo 1 >work/f && a && disk usb 3m &&
	hub -C work remote add usb "$PWD/usb" && a && test "$(state_of work usb)" = ok &&
	random work/big 5 && a && test_grep "place .usb.*No space" a.err &&
	test "$(state_of work usb)" != ok && b && test_cmp work/big other/big &&
	hub -C work remote status >out && test_grep "No space" out && test_must_fail litter usb
'

test_expect_success 'it stays so, and small things still go to the hub' '
	echo 2 >work/f && a && b && test_cmp work/f other/f && hub_is_sound
'

test_expect_success 'there is room: it goes on by itself, and is whole' '
	room usb 30m && a && test "$(state_of work usb)" = ok &&
	hub -C work verify --place=usb --read-data && fresh n1 && test_same_tree work n1
'

test_expect_success 'the disk of the hub is full: 14, nothing is lost, the rest is not half there' '
	mv hub.git kept.git && disk hub.git 8m && cp -a kept.git/. hub.git && a && b &&
	room hub.git $(($(du -sk hub.git | cut -f1) + 700))k &&
	random work/more 5 && cp work/more want && echo 3 >work/f &&
	test_expect_code 14 hub -C work sync 2>err && test_line_count = 1 err &&
	test_grep "No space" err && test_cmp want work/more && hub_is_sound && hub verify hub.git
'

test_expect_success '... room: by itself' '
	room hub.git 60m && a && test_cmp want work/more && b && test_same_tree work other &&
	hub verify --read-data hub.git && git_is_content work
'

test_expect_success 'the disk of a workspace is full: 14, its files are as they were' '
	disk third 200m && VIBEHUB_HOSTNAME=gamma hub clone -q hub.git third/w &&
	{ cat /dev/zero >third/fill 2>/dev/null; test -s third/fill; } &&
	random work/last 4 && echo 4 >work/f && a &&
	test_expect_code 14 hub -C third/w sync 2>err && test_line_count = 1 err &&
	test_path_missing third/w/last && test "$(cat third/w/f)" = 3 &&
	test_must_fail litter third/w && rm third/fill && hub -C third/w sync &&
	test_same_tree work third/w && git_is_content third/w
'

test_expect_success 'the outbox may take a tenth of what is free: the file waits, and it is said' '
	cp -a hub.git gone.git && umount "$PWD/hub.git" && rmdir hub.git &&
	random third/w/huge 30 && random third/w/fits 2 && cp third/w/huge huge &&
	test_expect_code 13 hub -C third/w sync && hub -C third/w status >out &&
	test_grep "huge" out && test_grep "outbox" out && test_cmp huge third/w/huge &&
	git -C third/w cat-file -e HEAD:fits &&
	test_must_fail git -C third/w cat-file -e HEAD:huge &&
	random third/w/fits 3 && test_expect_code 13 hub -C third/w sync
'

test_expect_success 'the hub is back: all goes there by itself' '
	mv gone.git hub.git && hub -C third/w sync && hub -C third/w status >out &&
	test_must_fail grep pending out && a && test_cmp huge work/huge &&
	test_same_tree work third/w && hub verify --read-data hub.git
'

umount "$PWD/usb" "$PWD/third"
test_done
