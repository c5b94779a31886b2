#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='what a killed run had taken away, and is in no history, comes back'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'only what is in no history comes back' '
	two_computers && echo one >work/f && ab && mkdir -p work/.git/vibehub/tmp &&
	echo one >work/.git/vibehub/tmp/o000000000000001 &&
	echo unseen >work/.git/vibehub/tmp/o000000000000002 &&
	ln -s nowhere work/.git/vibehub/tmp/o000000000000003 &&
	echo torn >work/.git/vibehub/tmp/0000000000000004 &&
	a && test_grep "recovered-" a.err && (cd work && echo recovered-*) >list &&
	echo "recovered-000000000000002 recovered-000000000000003" >want &&
	test_cmp want list && test "$(cat work/recovered-000000000000002)" = unseen &&
	test_path_missing work/.git/vibehub/tmp/0000000000000004 &&
	b && test_same_tree work other && a && test_must_fail grep recovered a.err
'

test_have_prereq STRACE && test_set_prereq SLOW_CALLS

# killed_after TEXT: a run is killed right after the name "g" was exchanged, or
# taken away, with TEXT in the place of what it had seen.  On a busy machine TEXT
# may come too late for that, or the run end before the kill; then it must be
# kept all the more.
killed_after () {
	rm -f calls &&
	{ strace -f -qq -o calls -E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		-e trace=renameat2 -e inject=renameat2:delay_enter=1000000:delay_exit=3000000 \
		hub -C work sync >slow.out 2>slow.err & } &&
	for i in $(test_seq 1 400)
	do
		grep -q "\"g\"" calls 2>/dev/null && break
		sleep 0.02
	done &&
	echo "$1" >mine && mv mine work/g &&
	for i in $(test_seq 1 100)
	do
		test "$(cat work/g 2>/dev/null)" != "$1" && break
		sleep 0.02
	done &&
	pid=$(sed -n "s/^\([0-9]*\) .*\"g\".*/\1/p" calls | head -n1) &&
	{ test -z "$pid" || kill -9 "$pid" 2>/dev/null || :; } && wait
}
# kept TEXT: is it on the disk of work?
kept () { grep -rqsxF "$1" work --exclude-dir=.git; }

test_expect_success SLOW_CALLS 'killed between exchange and look' '
	echo one >work/g && ab && echo theirs >other/g && b && killed_after mine-1 &&
	{ a || test $? = 1; } && kept mine-1 && kept theirs && b && a && test_same_tree work other
'

test_expect_success SLOW_CALLS 'killed between taking away and look' '
	rm other/g && b && killed_after mine-2 &&
	{ a || test $? = 1; } && kept mine-2
'

test_done
