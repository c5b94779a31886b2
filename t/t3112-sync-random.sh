#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='random edits and git commands in several workspaces'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

random_run () {
	mkdir "r$1" && (cd "r$1" && python3 "$TEST_DIRECTORY/random-sync.py" "$@") && rm -rf "r$1"
}

test_expect_success 'three computers, 50 steps' 'random_run 2 50 3'
test_expect_success 'two computers, 50 steps' 'random_run 7 50 2'
test_expect_success LONG 'five computers, 500 steps' 'random_run 11 500 5'

test_expect_success LONG 'a new seed each time' '
	seed=$(od -An -N3 -tu4 /dev/urandom | tr -d " ") && random_run "$seed" 300 3
'

test_done
