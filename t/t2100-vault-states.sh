#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a vault in a folder: writers at once, killed, with calls that fail'
. "${0%/*}/test-lib.sh"

vault=$HUB_TEST_BUILD/t/helper/test-vault
test -x "$vault" || skip_all 'no test-vault: make tests-built'

# acked FILE...: the numbers of the objects that were acknowledged
acked () {
	sed -n 's/^ok //p' "$@"
}

test_expect_success 'two computers with 200 states each at once: none is lost' '
	"$vault" init v &&
	mkdir one two three &&
	{
		"$vault" commit v one/cache one 0 200 >one.out 2>one.err &
		"$vault" commit v two/cache two 1000 200 >two.out 2>two.err &
		wait
	} &&
	test_line_count = 200 one.out &&
	test_line_count = 200 two.out &&
	acked one.out two.out >all &&
	"$vault" verify v three/cache three <all >out &&
	test_grep "objects 400, state 400, states 400" out
'

test_expect_success 'two processes of one computer, with one cache' '
	"$vault" init w &&
	mkdir both &&
	{
		"$vault" commit w both/cache one 0 60 >one.out 2>one.err &
		"$vault" commit w both/cache one 1000 60 >two.out 2>two.err &
		wait
	} &&
	acked one.out two.out >all &&
	test_line_count = 120 all &&
	"$vault" verify w both/cache one <all >out &&
	test_grep "state 120, states 120" out &&
	rm -rf both/cache &&
	"$vault" verify w both/cache one <all >out &&
	test_grep "objects 120" out
'

test_expect_success 'killed at any moment: what was acknowledged is there' '
	"$vault" init k &&
	mkdir kill other && : >k.out &&
	for i in 1 2 3 4 5 6 7 8 9 10 11 12
	do
		{
			"$vault" commit k kill/cache one $((i * 100)) 100 >k.$i 2>k.err &
			pid=$!
			sleep 0.0$((i * 7 % 10))$i
			kill -9 $pid
			wait $pid
			cat k.$i >>k.out
		}
	done &&
	"$vault" commit k kill/cache one 5000 3 >>k.out &&
	acked k.out >all &&
	"$vault" verify k other/cache two <all
'

# run FAULT: two states with a fault, in a copy of the vault
run () {
	rm -rf f fc oc count log &&
	cp -R base f && cp -R base.cache fc &&
	HUB_FAULT=$1 HUB_FAULT_PROG=test-vault HUB_FAULT_STATE="$PWD/count" \
	HUB_FAULT_ROOT="$PWD" HUB_FAULT_LOG="$PWD/log" HUB_FAULT_NOSYNC=1 \
	LD_PRELOAD="$HUB_TEST_BUILD/t/fault/inject.so" \
		"$vault" commit f fc/cache one 100 2 >f.out 2>f.err
}

# sweep MODE STEP: the N-th call that changes the disk is the last one, or fails;
# the next run works, and what was acknowledged is there
sweep () {
	run 99999:EIO && calls=$(wc -l <log) && test "$calls" -gt 30 || return 1
	n=1 failed=0
	while test $n -le "$calls"
	do
		run "$n:$1" || failed=$((failed + 1))
		{ acked f.out; echo 1; echo 2; echo 200; } >all
		"$vault" commit f fc/cache one 200 1 >>f.out 2>f.err2 &&
		mkdir oc && "$vault" verify f oc/cache two <all >f.ver 2>&1 || {
			echo "$1 at $n:"
			cat log f.err f.err2 f.ver
			return 1
		}
		n=$((n + $2))
	done
	echo "$1: $calls calls, $failed runs failed"
	test $failed -ge 1
}

test_have_prereq LINUX && test_have_prereq !SANITIZED &&
	test -e "$HUB_TEST_BUILD/t/fault/inject.so" && test_set_prereq INJECT

test_expect_success INJECT 'set up a vault for the sweeps' '
	"$vault" init base && mkdir base.cache &&
	"$vault" commit base base.cache/cache one 1 2
'

for mode in kill-before kill-after torn EIO ENOSPC
do
	test_expect_success INJECT "each call: $mode" "
		sweep $mode 1
	"
done

test_done
