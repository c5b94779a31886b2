#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub track: which files are large'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'
policy=work/.vibehub/policy

test_expect_success 'set up; the defaults' '
	hub init -q hub.git && hub clone -q hub.git work &&
	hub -C work track >out && test_write_lines "binary-over 1M" "text-over 16M" >want &&
	test_cmp want out && test_path_missing work/.vibehub
'

test_expect_success 'patterns and limits go into the file' '
	hub -C work track "*.psd" "media/" && hub -C work track --small "docs/*.pdf" &&
	hub -C work track --binary-over=2M &&
	hub -C work track >out && test_write_lines "binary-over 2M" "text-over 16M" \
		"large *.psd" "large media/" "small docs/*.pdf" >want && test_cmp want out &&
	test_write_lines "large *.psd" "large media/" "small docs/*.pdf" "binary-over 2M" \
		>want && test_cmp want $policy
'

test_expect_success JQ 'as JSON' '
	hub -C work track --json >out &&
	jq -e ".binary_over == 2097152 and .text_over == 16777216 and
		(.patterns | length) == 3 and
		.patterns[2] == {is: \"small\", pattern: \"docs/*.pdf\"}" out
'

test_expect_success 'what a person wrote stays; a new word for a pattern goes to the end' '
	test_write_lines "# ours" "" "  large   *.psd  " "text-over 3M" "large *.iso" >$policy &&
	hub -C work track --small "*.psd" &&
	test_write_lines "# ours" "" "text-over 3M" "large *.iso" "small *.psd" >want &&
	test_cmp want $policy &&
	hub -C work track --small "*.psd" && test_cmp want $policy &&
	hub -C work track --text-over=default --remove "*.iso" &&
	test_write_lines "# ours" "" "small *.psd" >want && test_cmp want $policy &&
	hub -C work track --remove "*.iso" 2>err && grep "no pattern" err &&
	test_cmp want $policy
'

test_expect_success 'it is recorded like any file' '
	hub -C work sync && git -C hub.git show HEAD:.vibehub/policy >out && test_cmp $policy out
'

test_expect_success 'wrong usage changes nothing' '
	cp $policy before &&
	for bad in "!a" "#a" "" " a" "a "
	do
		test_expect_code 129 hub -C work track "$bad" || return 1
	done &&
	for bad in 1 63K 2G 1.5M M large
	do
		test_expect_code 129 hub -C work track --text-over=$bad || return 1
	done &&
	test_expect_code 129 hub -C work track --small &&
	test_expect_code 129 hub -C work track --small --remove a &&
	test_expect_code 129 hub -C work track --json a &&
	test_cmp before $policy
'

test_expect_success 'a policy that is not understood' '
	test_when_finished "cp before $policy" &&
	test_write_lines "large *.a" "lagre *.b" >$policy && cp $policy bad &&
	test_expect_code 1 hub -C work track >out 2>err &&
	test_write_lines "binary-over 1M" "text-over 16M" >want && test_cmp want out &&
	grep "line 2" err && grep "defaults" err &&
	test_expect_code 128 hub -C work track "*.c" 2>err && grep "line 2" err &&
	test_cmp bad $policy
'

test_expect_success SYMLINKS 'a symlink in its place is not followed' '
	test_when_finished "rm -rf work/.vibehub outside" &&
	mkdir outside && rm -rf work/.vibehub && ln -s ../outside work/.vibehub &&
	test_must_fail hub -C work track "*.a" && test_path_missing outside/policy &&
	rm work/.vibehub && mkdir work/.vibehub && ln -s ../../outside/x work/.vibehub/policy &&
	hub -C work track "*.a" && test_path_missing outside/x &&
	echo "large *.a" >want && test_cmp want $policy
'

test_done
