#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='clocks that are years off: ours, and those of others'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

DAY=86400 T=1790000000 Y=31622400
# at TIME CMD...: with the clock at TIME
at () (
	VIBEHUB_NOW=$1
	export VIBEHUB_NOW
	shift
	"$@"
)
# far DIR: the next commit there is dated 2045
far () {
	GIT_AUTHOR_DATE="2045-01-01T00:00:00Z" GIT_COMMITTER_DATE="2045-01-01T00:00:00Z" \
		git -C "$1" -c user.name=x -c user.email=x commit -qam far
}
same () { test_same_tree work other; }

test_expect_success 'set up' '
	two_computers && echo 1 >work/f && echo 1 >work/g && at $T a && at $T b && at $T a
'

test_expect_success 'our clock is years behind or ahead: 20, and nothing is dated' '
	old=$(git -C work rev-parse HEAD) && echo 2 >work/f &&
	for t in 1000000000 1 $((T - 2 * Y)) $((T + 3 * Y)) 2400000000
	do
		test_expect_code 20 at $t hub -C work sync 2>err &&
		test_grep "clock is years off" err &&
		test "$(git -C work rev-parse HEAD)" = $old || return 1
	done &&
	mv hub.git away && test_expect_code 20 at 1000000000 hub -C work sync &&
	test_expect_code 20 at 2400000000 hub -C work sync && mv away hub.git
'

test_expect_success '--accept-clock: it is right; afterwards it is not asked again' '
	at $((T + 3 * Y)) a --accept-clock && echo 3 >work/f && at $((T + 3 * Y)) a
'

test_expect_success 'a few months, or the days of a trip, are nothing' '
	two=$((T + 3 * Y)) && at $two b --accept-clock && echo 4 >work/f &&
	at $((two - 30 * DAY)) a && at $((two + 200 * DAY)) b && at $two a && same
'

T=$((T + 3 * Y))
test_expect_success 'a commit from 2045 by another: said once with 1, and all go on' '
	git clone -q hub.git plain && echo far >plain/g && far plain && git -C plain push -q &&
	test_expect_code 1 at $T hub -C work sync 2>err && test_grep "is dated 2045-01-01" err &&
	test_line_count = 1 err && test "$(cat work/g)" = far &&
	at $((T + 300)) a && test_must_be_empty a.err &&
	test_expect_code 1 at $T computer beta hub -C other sync && at $((T + 300)) b && same
'

test_expect_success 'while it is the newest: changes, offline, a new clone' '
	git -C plain pull -q && echo farther >plain/g && far plain && git -C plain push -q &&
	test_expect_code 1 at $T hub -C work sync && mv hub.git away && echo off >work/off &&
	test_expect_code 13 at $((T + DAY)) hub -C work sync && mv away hub.git &&
	git -C work log -1 --format=%s >log && test_grep Auto-sync log && at $((T + DAY)) a &&
	git -C plain pull -q && echo farthest >plain/g && far plain && git -C plain push -q &&
	{ at $((T + DAY)) computer gamma hub clone -q hub.git third || test $? = 1; } &&
	test_same_tree plain third && echo 3 >third/third &&
	at $((T + 2 * DAY)) computer gamma hub -C third sync &&
	at $((T + 3 * DAY)) a && at $((T + 3 * DAY)) a && at $((T + 3 * DAY)) b && same &&
	git -C hub.git log -5 --format=%cd --date=format:%Y main >years && test_grep 2045 years &&
	test "$(sed -n 1p years)" != 2045
'

test_expect_success 'and our own clock is watched all the same' '
	git -C plain pull -q && echo last >plain/g && far plain && git -C plain push -q &&
	{ at $((T + 3 * DAY)) a || test $? = 1; } &&
	for t in 1000000000 $((T - 2 * Y)) $((T + 3 * Y)) 2200000000
	do
		test_expect_code 20 at $t hub -C work sync || return 1
	done &&
	at $((T + 4 * DAY)) a
'

test_expect_success 'a clock that was ahead for a day, and is right again' '
	{ at $((T + 4 * DAY)) b || test $? = 1; } && echo sane >work/sane &&
	at $((T + 4 * DAY)) a && echo ahead >work/ahead && at $((T + 3 * Y / 2)) a &&
	echo right >work/right && { at $((T + 5 * DAY)) a || test $? = 1; } &&
	test_grep "is dated 20" a.err && at $((T + 5 * DAY)) a &&
	{ at $((T + 5 * DAY)) b || test $? = 1; } && at $((T + 6 * DAY)) b && same
'

test_expect_success 'the same, alone in its hub: asked once' '
	hub init -q h2.git && at $T hub clone -q h2.git alone && echo 1 >alone/f &&
	at $T hub -C alone sync && echo 2 >alone/f && at $((T + 3 * Y / 2)) hub -C alone sync &&
	echo 3 >alone/f && test_expect_code 20 at $((T + DAY)) hub -C alone sync &&
	{ at $((T + DAY)) hub -C alone sync --accept-clock || test $? = 1; } && echo 4 >alone/f &&
	at $((T + 2 * DAY)) hub -C alone sync
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
