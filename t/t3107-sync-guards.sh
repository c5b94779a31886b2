#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='guards: mass changes are parked'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

in_hub () { git -C hub.git cat-file -e "main:$1"; }
id_in () { sed -n 's/.*accept-mass-change=//p' "$1"; }
parked () { test_expect_code 20 hub -C work sync >a.out 2>a.err; }
fill () {	# DIR N: N files of different content
	mkdir -p "$1" && for i in $(test_seq "$2")
	do
		echo "$1 $i" >"$1/$i" || return 1
	done
}

test_expect_success '101 files; half of them may go' '
	two_computers && fill work/m 101 && ab &&
	rm work/m/[1-4]? work/m/[1-9] work/m/50 && a && b &&
	test "$(ls other/m | wc -l)" = 51 && test_must_fail in_hub m/50
'

test_expect_success 'of 100 files all may go' '
	rm -r work/m && fill work/c 100 && ab && rm -r work/c && a && b &&
	test_path_missing other/c
'

test_expect_success 'more than half of 150: parked with 20, and the rest goes' '
	fill work/k 150 && echo r >work/r && ab && rm -r work/k && echo new >work/new &&
	rm work/r &&
	parked && test_grep "parked: an outgoing change of 15[01] files" a.err &&
	in_hub new && in_hub k/1 && in_hub k/150 && b && test_path_is_file other/k/77
'

test_expect_success 'it stays parked, quietly the same, and what comes in still comes' '
	id=$(id_in a.err) && echo in >other/in && b && parked && test -f work/in &&
	test "$(id_in a.err)" = "$id" && test_path_missing work/k
'

test_expect_success 'a wrong or malformed id lets nothing through' '
	test_expect_code 129 hub -C work sync --accept-mass-change=abc &&
	test_expect_code 20 hub -C work sync --accept-mass-change=$(printf "%064d" 7) &&
	in_hub k/1
'

test_expect_success 'the right one does; the other computer honours it' '
	hub -C work sync --accept-mass-change="$(id_in a.err)" && test_must_fail in_hub k/1 &&
	git -C hub.git log -1 --format=%B main >msg &&
	test_grep "^Hub-Accepted: [0-9a-f]\{64\}$" msg &&
	b && test_path_missing other/k && test_same_tree work other && a
'

test_expect_success 'put back instead of accepted: nothing is parked any more' '
	fill work/p 150 && ab && rm -r work/p && parked && fill work/p 150 && a && ab
'

test_expect_success 'rewritten counts like deleted (an encryption trojan)' '
	for i in work/p/*
	do
		echo gone >$i || return 1
	done &&
	parked && in_hub p/1 && git -C hub.git show main:p/1 >p1 && echo "work/p 1" >want &&
	test_cmp want p1 && fill work/p 150 && a
'

test_expect_success 'content that reappears under another name does not count' '
	mv work/p work/q && ab && test_path_is_file other/q/150 && test_path_missing other/p
'

test_expect_success 'mode changes and new files do not count' '
	chmod +x work/q/* && fill work/n 300 && ab
'

test_expect_success 'incoming, by plain git: parked there, the rest comes' '
	git clone -q hub.git plain && git -C plain rm -rq q n && echo z >plain/z &&
	git -C plain add z && git -C plain -c user.name=x -c user.email=x commit -qm bye &&
	git -C plain push -q && parked && test_grep "an incoming change of 450 files" a.err &&
	test_path_is_file work/z && test_path_is_file work/q/150 && parked
'

test_expect_success 'what is parked is not sent back as new; own changes go' '
	echo own >work/own && echo e >>work/q/1 && parked && in_hub own && in_hub q/1 &&
	test_must_fail in_hub q/2
'

test_expect_success 'accepted there, it is done there; another still asks or honours' '
	hub -C work sync --accept-mass-change="$(id_in a.err)" && test_path_missing work/q/2 &&
	test_path_is_file work/q/1 && a &&
	{ b || { test $? = 20 &&
		computer beta hub -C other sync --accept-mass-change="$(id_in b.err)"; }; } &&
	b && test_same_tree work other
'

test_expect_success 'a whole folder gone from the disk (not mounted inside): parked' '
	fill work/s 150 && ab && mv work/s s.away && parked && in_hub s/9 && mv s.away work/s && a
'

test_expect_success 'parked in both directions at once; each needs its own yes' '
	fill work/t 300 && ab && git -C plain pull -q && git -C plain rm -rq s &&
	for i in $(test_seq 100)
	do
		git -C plain rm -q t/$i || return 1
	done &&
	git -C plain -c user.name=x -c user.email=x commit -qm bye && git -C plain push -q &&
	rm -r work/t && parked && in_hub t/299 && test_path_is_file work/s/150 &&
	for i in 1 2 3
	do
		hub -C work sync --accept-mass-change="$(id_in a.err)" 2>a.err &&  break
		test_grep "accept-mass-change" a.err || return 1
	done &&
	a && test_path_missing work/s && test_must_fail in_hub t/299
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
