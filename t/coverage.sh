#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/coverage.sh O - after tests of a build with --coverage: lines reached, per
# file of src/, least first, and in all.

top=$PWD
cd "$1" || exit 1
find src -name '*.gcno' | while read -r g
do
	gcov -n -s "$top" -o "${g%/*}" "$g" 2>/dev/null
done | awk '
/^File / { file = $2; gsub(/\047/, "", file) }
/^Lines executed:/ && file ~ /^src\/.*\.c$/ {
	split($0, a, /[:% ]+/)
	printf "%6.1f %% of %5d  %s\n", a[3], a[5], file
	hit += a[3] * a[5] / 100
	all += a[5]
	file = ""
}
END { if (all) printf "%6.1f %% of %5d  in all\n", 100 * hit / all, all }' |
sort -n | awk '/ in all$/ { last = $0; next } { print } END { print last }'
