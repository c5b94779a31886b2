#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/run.sh - run tests, in parallel, and count.
#
#	sh t/run.sh [TEST...]
#
# Without arguments: every unit test of the build, every t/tNNNN-*.sh, and a
# replay of every fuzz corpus.  The last line is "N passed, N failed", counting
# test points; the status is 0 iff none failed.
#
# From the environment: HUB_TEST_BUILD (default build), JOBS, HUB_TEST_OPTS
# (options for the scripts), HUB_TEST_SKIP (patterns of names to leave out),
# HUB_TEST_TIMEOUT (seconds for one program, default 900).

here=$(cd "${0%/*}" && pwd -P) || exit 1
cd "$here/.." || exit 1
HUB_TEST_BUILD=${HUB_TEST_BUILD:-$PWD/build}
case $HUB_TEST_BUILD in
/*)	;;
*)	HUB_TEST_BUILD=$PWD/$HUB_TEST_BUILD ;;
esac
export HUB_TEST_BUILD
results=$HUB_TEST_BUILD/t/results
rm -rf "$results"
mkdir -p "$results" || exit 1
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}

# The slow ones first, so that the last minute is not one long test alone.
list_all () {
	ls t/t[1-9]*-*.sh t/t0*-*.sh 2>/dev/null
	for u in t/unit/u-*.c
	do
		test -f "$u" && u=${u##*/} && echo "$HUB_TEST_BUILD/t/unit/${u%.c}"
	done
	for f in t/fuzz/fuzz_*.c
	do
		test -f "$f" && f=${f##*/fuzz_} && echo "$HUB_TEST_BUILD/t/fuzz/replay_${f%.c}"
	done
}

if test $# = 0
then
	list_all >"$results/list"
else
	printf '%s\n' "$@" >"$results/list"
fi
for p in $HUB_TEST_SKIP
do
	grep -v "$p" "$results/list" >"$results/list.new"
	mv "$results/list.new" "$results/list"
done
if test ! -s "$results/list"
then
	echo "t/run.sh: no tests"
	echo "0 passed, 0 failed"
	exit 0
fi

case " $HUB_TEST_OPTS " in
*" -v "*|*" -x "*)	jobs=1 show=-v ;;
*)	show= ;;
esac
if command -v prove >/dev/null 2>&1
then
	# shellcheck disable=SC2086
	prove --nocolor $show -j "$jobs" --exec "sh t/run-one.sh" - <"$results/list"
else
	tr '\n' '\0' <"$results/list" | xargs -0 -n 1 -P "$jobs" sh t/run-one.sh >/dev/null
fi

# Count from what was printed, not from what was meant to be: a program that
# died, hung or printed fewer points than it planned is a failure of its own.
awk -v list="$results/list" -v dir="$results" '
function flush(name,   bad) {
	if (!seen)
		bad = "printed no TAP"
	else if (plan < 0)
		bad = "has no plan"
	else if (plan != n && !bail)
		bad = "planned " plan " tests and ran " n
	else if (bail)
		bad = "bailed out"
	else if (code != 0 && !f)
		bad = "ended with status " code
	if (bad) {
		f++
		print "FAILED: " name " " bad
	}
	passed += p
	failed += f
}
BEGIN {
	while ((getline path < list) > 0) {
		name = path
		sub(/.*\//, "", name)
		out = dir "/" name ".tap"
		n = p = f = seen = bail = code = 0
		plan = -1
		while ((getline line < out) > 0) {
			if (line ~ /^ok /) {
				seen = 1; n++
				if (line !~ /# SKIP/) p++
			} else if (line ~ /^not ok /) {
				seen = 1; n++
				if (line !~ /# TODO/) {
					f++
					print "FAILED: " name ": " substr(line, 8)
				}
			} else if (line ~ /^1\.\.[0-9]/) {
				seen = 1
				plan = substr(line, 4) + 0
			} else if (line ~ /^Bail out!/)
				seen = bail = 1
			else if (line ~ /^# run-one: status /)
				code = substr(line, 19) + 0
		}
		close(out)
		flush(name)
	}
	print passed + 0 " passed, " failed + 0 " failed"
	exit failed > 0
}' >"$results/summary"
cat "$results/summary"
tail -n 1 "$results/summary" | grep -q ', 0 failed$'
