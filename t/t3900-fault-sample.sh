#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sample of t/fault: calls that fail, or are the last ones'
. "${0%/*}/test-lib.sh"

. "$TEST_DIRECTORY/lib-sweep.sh"

# The same calls each time, so that nobody's work is refused for what another one did:
# other samples, and all, are for `make fault`.
test_expect_success 'calls that change the disk: killed, half done, failing' '
	sweep --scenario=files --class=change --seconds=30 --seed=1
'

test_expect_success 'calls that only look or open: failing' '
	sweep --scenario=files --class=look --seconds=10 --seed=1
'

test_expect_success 'the power fails' '
	sweep --scenario=files --class=power --seconds=15 --seed=1
'

test_expect_success 'of calls that are made in the same way one is tried, once' '
	sweep --scenario=init --mode=torn --once=once &&
	sed -n "s/^# all 1: change \([0-9]*\) of \([0-9]*\),.*/\1 \2/p" out >counts &&
	read -r tried all <counts && test "$tried" -gt 0 && test "$tried" -lt "$all" &&
	test_line_count = "$tried" once &&
	sweep --scenario=init --mode=torn --once=once && grep "^0 passed, 0 failed" out
'

test_expect_success 'the sweep can fail: disks that do nothing at an fsync' '
	test_must_fail sweep --scenario=send --mode=power-empty --deaf --sample=20
'

test_expect_success !SANITIZED 'the sweep can fail: a run that leaves its lock is found' '
	mkdir bin t && mkdir t/fault && ln -s "$HUB_TEST_BUILD/t/fault/inject.so" t/fault &&
	write_script bin/hub <<-EOF &&
	"$HUB_TEST_BUILD/bin/hub" "\$@" || exit
	if test -d a/.git
	then
		: >a/.git/x.lock
	fi
	EOF
	write_script sweep.sh <<-\EOF &&
	HUB_TEST_BUILD=$PWD exec "${PYTHON:-python3}" "$HUB_SOURCE/t/fault/sweep" \
		--scenario=init --mode=EIO --seconds=4
	EOF
	test_must_fail ./sweep.sh >out && grep "left behind: a/.git/x.lock" out
'

test_done
