#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/fuzz/run.sh DIR - run every libFuzzer target in DIR for FUZZ_TIME seconds.
# New inputs go to DIR/<name>.work; what crashed to DIR/<name>.crash-*: put it
# into t/fuzz/corpus/<name>/ under a name that says what it is, then repair.

dir=$1
bad=0
for f in "$dir"/fuzz_*
do
	case $f in
	*.work|*.log|*.crash-*|*'*')	continue ;;
	esac
	name=${f##*/fuzz_}
	mkdir -p "$dir/$name.work" "t/fuzz/corpus/$name"
	echo "  FUZZ     $name, ${FUZZ_TIME:-10} s"
	if ! "$f" -max_total_time="${FUZZ_TIME:-10}" -rss_limit_mb=512 -timeout=10 \
		-max_len=65536 -print_final_stats=1 -artifact_prefix="$dir/$name.crash-" \
		"$dir/$name.work" "t/fuzz/corpus/$name" >"$dir/$name.log" 2>&1
	then
		tail -n 30 "$dir/$name.log"
		bad=1
	fi
	rmdir "t/fuzz/corpus/$name" 2>/dev/null
	grep -h 'stat::number_of_executed_units' "$dir/$name.log"
done
exit $bad
