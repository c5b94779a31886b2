#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lint/run.sh - run the lints named, or all; each first proves that it can fail.
# HUB_TEST_BUILD, HUB_CC, HUB_CFLAGS, HUB_NM come from GNUmakefile.  The last line
# is "N passed, N failed".

cd "${0%/*}/../.." || exit 1
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
test $# != 0 ||
	set -- style layers foreign noexit sizes shell headers names docs clang mingw
passed=0 failed=0
for lint
do
	if out=$("${PYTHON:-python3}" "t/lint/$lint" 2>&1)
	then
		passed=$((passed + 1))
		case $out in
		SKIP*)	echo "ok - lint $lint # $out" ;;
		*)	echo "ok - lint $lint" ;;
		esac
	else
		failed=$((failed + 1))
		printf '%s\n' "$out"
		echo "not ok - lint $lint"
	fi
done
echo "$passed passed, $failed failed"
test "$failed" = 0
