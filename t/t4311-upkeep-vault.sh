#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='gc from sync, at places too; prune, forget, gc and sync at once lose nothing'
. "${0%/*}/test-lib.sh"

. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-days.sh"

packs () { find "$1" -path '*/packs/*' -type f | wc -l; }
# killed MS CMD...: SIGKILL after so many milliseconds, unless it ended before
killed () {
	"$PERL" -e 'my $ms = shift; my $p = fork;
		if (!$p) { open STDOUT, ">", "/dev/null"; exec @ARGV }
		select undef, undef, undef, $ms / 1000; kill 9, $p; waitpid $p, 0' "$@"
}
last () { cat hub.git/vibehub/gc/last; }

test_expect_success 'four versions; the first run only begins to count' '
	day 0 two_computers && mkdir usb && hub -C work remote add usb "$PWD/usb" &&
	for i in 0 1 2 3
	do
		big work/film 3000000 "$i" && cp work/film "film$i" && a && b || return 1
	done &&
	test ! -e hub.git/vibehub/gc/last
'

test_expect_success 'a day later it is due, for one computer, once' '
	day 2 a && last >one && grep "^1800172800 10000$" one && b && last >two &&
	test_cmp one two &&
	day 3 b && last >two && grep "^1800259200 10000$" two
'

test_expect_success 'what was pruned goes from hub and place by syncs alone' '
	day 4 a && b && hub prune --keep-last=1 hub.git >out &&
	test_grep "let go: 3 contents" out &&
	packs hub.git >hub0 && packs usb >usb0 && a && day 40 a && b && day 75 a && b &&
	day 77 a &&
	test "$(packs hub.git)" -lt "$(cat hub0)" && test "$(packs usb)" -lt "$(cat usb0)" &&
	hub verify --read-data hub.git && hub -C work verify --place=usb --read-data &&
	gc && test "$(field files)" = 1 && test "$(field missing)" = 0
'

test_expect_success 'the place alone still gives everything back' '
	mv hub.git away && fresh again && cmp film3 again/film && mv away hub.git
'

test_expect_success 'prune, forget, gc and syncs at once lose nothing' '
	day 78 &&
	for i in 1 2 3 4
	do
		big work/film 1500000 "1$i" && big work/gone 1200000 "2$i" && a || return 1
	done &&
	rm work/gone && a && b && a && day 140 && a && b &&
	for i in 1 2 3
	do
		big "work/w$i" 1200000 "3$i" && cp film1 "other/back$i" &&
		{ a & p1=$!; b & p2=$!
		  hub prune --keep-last=2 hub.git >prune.out 2>&1 & p3=$!
		  hub gc hub.git >gc.out 2>&1 & p4=$!
		  hub -C work forget gone >forget.out 2>&1 & p5=$!
		  test_wait $p1 0 && test_wait $p2 0 && test_wait $p3 0 11 &&
		  test_wait $p4 0 11 && test_wait $p5 0 11 20; } || return 1
	done &&
	a && b && ab && cmp film1 work/back3 && hub verify --read-data hub.git && gc &&
	test "$(field missing)" = 0 &&
	hub -C work forget gone >out && test_grep "let go: 0 contents" out
'

test_expect_success 'killed anywhere: the next run goes on' '
	day 141 && a && b && day 230 && a && b &&
	for ms in 5 15 30 50 80 120 180
	do
		for cmd in "gc hub.git" "prune --keep-last=1 hub.git"
		do
			killed "$ms" hub $cmd || return 1
		done
	done &&
	{ hub prune --keep-last=1 hub.git || test $? = 11; } && day 300 &&
	hub prune --keep-last=1 hub.git && gc && test "$(field missing)" = 0 &&
	a && b && gc &&
	hub verify --read-data hub.git && hub_is_sound &&
	computer delta hub clone -q hub.git whole &&
	test_same_tree work whole
'

test_expect_success 'a computer that was away for months loses nothing' '
	computer gamma hub clone -q hub.git third && big third/mine 1300000 91 &&
	cp third/film film.old &&
	mv third/film third/moved && big work/film 1400000 92 && a && day 460 && a && b &&
	hub prune --keep-last=1 hub.git && gc && day 500 && a && b && gc && day 540 && a &&
	b && gc &&
	computer gamma hub -C third sync && a && b && test_same_tree work third &&
	cmp film.old other/moved && hub verify --read-data hub.git && gc &&
	test "$(field missing)" = 0
'

test_done
