#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub conflicts: which copies wait, of whom and when'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

# clash FILE: alpha and beta change FILE; beta is second, both have both then
clash () {
	echo "alpha $1" >>"work/$1" && echo "beta $1" >>"other/$1" &&
	hub -C work sync -q &&
	test_expect_code 1 computer beta hub -C other sync -q &&
	hub -C work sync -q
}

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other
'

test_expect_success 'none' '
	hub -C work conflicts >out && echo "no conflicts" >want && test_cmp want out
'

test_expect_success 'a conflict is listed on both computers alike' '
	mkdir work/d && echo base >work/d/f.txt && hub -C work sync &&
	computer beta hub -C other sync &&
	clash d/f.txt &&
	hub -C work conflicts >out && computer beta hub -C other conflicts >out2 &&
	test_cmp out out2 &&
	grep "^d/f.txt$" out && grep "^    beta.s version of ....-..-.. .... UTC:$" out &&
	grep "^    d/f (conflict beta .*).txt$" out && test_line_count = 4 out
'

test_expect_success JQ 'as JSON' '
	hub -C work conflicts --json >out &&
	jq -e ".schema == \"vibehub-conflicts-1\" and (.conflicts | length) == 1 and
		(.conflicts[0] | .path == \"d/f.txt\" and .path_exists and .device == \"beta\" and
		(.copy | startswith(\"d/f (conflict beta \")) and
		(now - (.time | fromdate) | . >= 0 and . < 3600))" out
'

test_expect_success 'two of one file stand under it; its absence is said' '
	clash d/f.txt && rm work/d/f.txt &&
	hub -C work conflicts >out &&
	grep -c "^d/f.txt  (not there any more)$" out >n && grep "^1$" n &&
	grep -c "^    d/f (conflict beta" out >n && grep "^2$" n
'

test_expect_success 'a copy that is removed is settled, before and after the sync' '
	rm work/d/*conflict* &&
	hub -C work conflicts >out && grep "^no conflicts$" out &&
	hub -C work sync && computer beta hub -C other sync &&
	computer beta hub -C other conflicts >out && grep "^no conflicts$" out
'

test_expect_success 'odd names' '
	f=$(printf "odd \\033 \\377") && echo base >"work/$f" && hub -C work sync &&
	computer beta hub -C other sync && clash "$f" &&
	hub -C work conflicts >out && grep "^odd .033 .377$" out &&
	test_have_prereq JQ && hub -C work conflicts --json >out &&
	jq -e ".conflicts[0] | .path_hex == \"6f6464201b20ff\" and .copy_hex != null" out
'

test_expect_success 'names that are almost copies' '
	rm work/odd* && : >"work/x (conflict).txt" &&
	: >"work/ (conflict a 2026-11-21 0729 UTC 1234567)" &&
	hub -C work sync && hub -C work conflicts >out && grep "^no conflicts$" out
'

test_expect_success 'wrong usage, and where there is no workspace' '
	test_expect_code 129 hub -C work conflicts x &&
	mkdir none && test_expect_code 10 hub -C none conflicts
'

test_done
