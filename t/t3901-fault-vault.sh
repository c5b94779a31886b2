#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sample of t/fault: large files, places, keys'
. "${0%/*}/test-lib.sh"

test_have_prereq LINUX || skip_all 'interposes calls of Linux'
test_have_prereq HUB || skip_all 'no hub yet'
test -e "$HUB_TEST_BUILD/t/fault/inject.so" || skip_all 'no inject.so: make tests-built'

sweep () {
	"${PYTHON:-python3}" "$HUB_SOURCE/t/fault/sweep" "$@" >out 2>&1 || {
		cat out
		return 1
	}
	grep "passed, 0 failed" out
}

test_expect_success 'calls that change the disk: killed, half done, failing' '
	sweep --scenario=large_offline,key_rotate,git_add --class=change --sample=101
'

test_expect_success 'calls that only look or open: failing' '
	sweep --scenario=gc_drop --class=look --sample=401
'

test_expect_success 'the power fails' '
	sweep --scenario=large_receive --class=power --sample=61
'

test_done
