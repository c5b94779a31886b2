#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later

test_description='a device made anew keeps what was behind or parked'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'setup: a parked deletion' '
	two_computers && mkdir work/m &&
	for i in $(test_seq 1 150)
	do
		echo $i >work/m/$i || return 1
	done && ab &&
	rm -r other/m && test_expect_code 20 b &&
	b --accept-mass-change=$(sed -n "s/.*accept-mass-change=\([0-9a-f]*\).*/\1/p" b.err) &&
	rm -rf hub.git/vibehub/accepted && test_expect_code 20 a &&
	git -C work ls-tree -r HEAD m >left && test_must_be_empty left &&
	test_path_is_file work/m/7
'

test_expect_success 'the key is lost: still parked, not taken for new files' '
	rm -rf home/.vibehub && test_expect_code 20 a &&
	grep "alpha-2" a.err &&
	git -C work ls-tree -r HEAD m >left && test_must_be_empty left &&
	test_path_is_file work/m/7
'

test_expect_success 'a local change of a parked file is kept, the rest goes' '
	echo edited >work/m/7 &&
	{ a; test $? = 20; } &&
	a --accept-mass-change=$(sed -n "s/.*accept-mass-change=\([0-9a-f]*\).*/\1/p" a.err) &&
	test_path_missing work/m/8 && grep edited work/m/7 && b &&
	test_same_tree work other
'

test_done
