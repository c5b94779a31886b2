# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-sweep.sh - samples of t/fault.  Read after test-lib.sh.

test_have_prereq LINUX || skip_all 'interposes calls of Linux'
test_have_prereq HUB || skip_all 'no hub yet'
test -e "$HUB_TEST_BUILD/t/fault/inject.so" || skip_all 'no inject.so: make tests-built'

# sweep ARG...: no point may fail
sweep () {
	"${PYTHON:-python3}" "$HUB_SOURCE/t/fault/sweep" "$@" >out 2>&1 || {
		cat out
		return 1
	}
	grep "passed, 0 failed" out
}
