#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='single calls that did harm when they failed'
. "${0%/*}/test-lib.sh"

test_have_prereq LINUX || skip_all 'interposes calls of Linux'
test_have_prereq !SANITIZED || skip_all 'no library goes before that of the sanitizers'
inject=$HUB_TEST_BUILD/t/fault/inject.so
test -e "$inject" || skip_all 'no inject.so: make tests-built'

# faulty MODE CMD...: ${n} is the call that fails; without it they are listed in log
faulty () {
	mode=$1 && shift && rm -f state log &&
	env ${n:+HUB_FAULT=$n:$mode} HUB_FAULT_STATE="$PWD/state" HUB_FAULT_LOG="$PWD/log" \
		HUB_FAULT_ROOT="$PWD" LD_PRELOAD="$inject" "$@" >out 2>err
}
# last PATTERN: the number of the last call in log that is like it
last () { grep -E "$1" log | tail -n 1 | cut -d" " -f1 | grep .; }

test_expect_success 'set up' '
	hub init -q hub.git && n= && faulty "" hub clone hub.git work && cp log clone.log
'

for call in "unlink .*vibehub-probe" "chmod .*vibehub-probe" "open.* .*vibehub-probe"
do
	test_expect_success "clone: $call fails, and the next run knows the disk all the same" '
		cp clone.log log && n=$(last "$call") && rm -rf work &&
		test_must_fail faulty EIO hub clone hub.git work && grep "Input/output" err &&
		hub clone hub.git work && test_path_missing work/.git/vibehub-probe &&
		test "$(git -C work config core.filemode)" = true
	'
done

for n in 1 2 3 5 6 7
do
	test_expect_success "init again, unseen that it is a hub ($n): it stays one" '
		cp hub.git/vibehub/format format.was && ls hub.git/vibehub/vault/keys >keys.was &&
		{ HUB_FAULT_CLASS=read faulty EIO+ hub init hub.git; test $? = 128; } &&
		grep "Input/output" err && test_cmp format.was hub.git/vibehub/format &&
		ls hub.git/vibehub/vault/keys >keys && test_cmp keys.was keys
	'
done

test_done
