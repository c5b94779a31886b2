#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/run-one.sh - run one test program for t/run.sh: TAP to stdout and to
# $HUB_TEST_BUILD/t/results/NAME.tap, which ends with the exit status.
#
# A unit test gets a folder of its own, $TEST_TMP, removed afterwards; a fuzz
# replay gets its corpus.  A program that hangs is killed.

name=${1##*/}
tap=$HUB_TEST_BUILD/t/results/$name.tap
limit=${HUB_TEST_TIMEOUT:-900}
code_file=$tap.code
ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:allocator_may_return_null=1
UBSAN_OPTIONS=abort_on_error=1:halt_on_error=1:print_stacktrace=1
LSAN_OPTIONS=suppressions=$PWD/t/lsan.supp:print_suppressions=0
export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

run () {
	case $1 in
	*.sh)
		timeout -k 10 "$limit" "${SHELL_PATH:-sh}" "$1"
		;;
	*/u-*)
		mkdir -p "$HUB_TEST_BUILD/t/trash" &&
		TEST_TMP=$(mktemp -d "$HUB_TEST_BUILD/t/trash/$name.XXXXXX") || return 1
		export TEST_TMP
		HOME=$TEST_TMP timeout -k 10 "$limit" "$1"
		code=$?
		chmod -R u+rwx "$TEST_TMP" 2>/dev/null
		rm -rf "$TEST_TMP"
		return $code
		;;
	*/replay_*)
		timeout -k 10 "$limit" "$1" --tap "t/fuzz/corpus/${name#replay_}"
		;;
	*)
		timeout -k 10 "$limit" "$@"
		;;
	esac
}

{
	run "$@" 2>"$tap.err"
	echo $? >"$code_file"
} | tee "$tap"
read -r code <"$code_file"
rm -f "$code_file"
test "$code" != 124 || echo "# run-one: $name was killed after $limit seconds"
# What a program of ours says on stderr matters when it failed.
test "$code" = 0 || tail -n 80 "$tap.err" | sed 's/^/# /' | tee -a "$tap"
test -s "$tap.err" || rm -f "$tap.err"
echo "# run-one: status $code" >>"$tap"
exit "$code"
