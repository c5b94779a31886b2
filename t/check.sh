#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/check.sh - what `make check` does after t/deps.sh: build with DEVELOPER=1,
# lints, man pages, all tests, and all tests again under ASan and UBSan in
# $O/asan.  A stage that fails does not stop the next, unless the build failed.
# The last line is "N passed, N failed" over all stages.
#
# From the environment: O, MAKE, JOBS; HUB_CHECK_STAGES to do only some.

O=${O:-build} MAKE=${MAKE:-make} JOBS=${JOBS:-2}
stages=${HUB_CHECK_STAGES:-build lint doc test asan}
SANITIZE=address,undefined
mkdir -p "$O/check" || exit 1
passed=0 failed=0 bad=

# The parent's -s, -k and job server are not for us; its variables are.
make_ () {
	# shellcheck disable=SC2086
	$MAKE DEVELOPER=1 "$@"
}

# stage NAME CMD...: run it, show and keep what it prints, add its count.
# A command that counts nothing is one test.
stage () {
	name=$1
	log=$O/check/$name.log
	shift
	echo "== $name"
	started=$(date +%s)
	{
		"$@" 2>&1
		echo $? >"$O/check/status"
	} | tee "$log"
	read -r status <"$O/check/status"
	count=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	p=0 f=0
	if test -n "$count"
	then
		p=${count%% passed*}
		f=${count##*passed, } f=${f% failed}
	elif test "$status" = 0
	then
		p=1
	fi
	test "$status" != 0 && test "$f" = 0 && f=1
	test "$f" = 0 || bad="$bad $name"
	passed=$((passed + p)) failed=$((failed + f))
	echo "== $name: $(($(date +%s) - started)) s"
	test "$f" = 0
}

finish () {
	test -z "$bad" || echo "failed in:$bad (logs in $O/check)"
	echo "$passed passed, $failed failed"
	test "$failed" = 0
	exit
}

for s in $stages
do
	case $s in
	build)	stage build make_ O="$O" -j "$JOBS" tests-built || finish ;;
	lint)	stage lint make_ O="$O" lint ;;
	doc)	stage doc make_ O="$O" doc ;;
	test)	stage test make_ O="$O" test ;;
	asan)	stage asan-build make_ O="$O/asan" SANITIZE=$SANITIZE CFLAGS='-O1 -g' \
			-j "$JOBS" tests-built &&
		stage asan make_ O="$O/asan" SANITIZE=$SANITIZE CFLAGS='-O1 -g' test ;;
	*)	echo "t/check.sh: no stage $s"; exit 129 ;;
	esac
done
finish
