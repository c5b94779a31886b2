#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later

test_description='what a tree can hold that a clone must not believe'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'setup' '
	two_computers &&
	echo one >work/one && a
'

test_expect_success 'a tracked file named as the mark of a clone costs nothing' '
	: >work/.hub-clone~ && a && b &&
	(cd work && echo local >local && git add local && git commit -q -m local) &&
	git -C work rev-parse HEAD >before &&
	hub clone -q hub.git work &&
	git -C work merge-base --is-ancestor $(cat before) HEAD
'

test_expect_success 'nor does it in a repository that is adopted' '
	git clone -q hub.git plain &&
	(cd plain && : >.hub-clone~ && echo p >p && git add p &&
	 git commit -q -m p) &&
	git -C plain rev-parse HEAD >before &&
	computer gamma hub clone -q hub.git plain &&
	git -C plain merge-base --is-ancestor $(cat before) HEAD
'

test_expect_success 'a clone killed early or late is finished by the next' '
	mkdir -p k1/.git && hub clone -q hub.git k1 &&
	mkdir -p k2/.git/refs && : >k2/.git/hub-clone~ &&
	hub clone -q hub.git k2 &&
	: >k1/.git/hub-clone~ && git -C k1 switch -q -c other &&
	hub clone -q hub.git k1 &&
	test "$(git -C k1 symbolic-ref HEAD)" = refs/heads/other &&
	test_path_missing k1/.git/hub-clone~ &&
	test_path_missing k2/.git/hub-clone~ &&
	test_path_is_file k2/one && hub -C k2 sync -q
'

test_done
