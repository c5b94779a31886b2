#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a hub over SSH: several at once, and either side killed at any moment'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-far.sh"

# until_same: killed runs are made good by the next ones
until_same () {
	local i=0
	while ! { a && b && a && test_same_tree work other; }
	do
		i=$((i + 1))
		test $i -lt 4 || return 1
	done
}

# killed WHAT DELAY: a sync of beta, of which WHAT is killed after DELAY seconds
killed () {
	computer beta hub -C other sync -q >k.out 2>&1 &
	local pid=$!
	sleep "$2"
	case $1 in
	client) kill -9 $pid 2>/dev/null ;;
	ssh) for p in $(ps -o pid= --ppid $pid)
		do kill -9 "$p" 2>/dev/null; done ;;
	server) for p in $(ps -eo pid=,args= |
			sed -n "s,^ *\([0-9]*\) .*hub serve .*$TRASH_DIRECTORY/hub\.git.*,\1,p")
		do kill -9 "$p" 2>/dev/null; done ;;
	esac
	wait $pid
	return 0
}

test_expect_success 'set up' '
	far_computers && mkdir work/w other/o && echo 0 >work/w/0 && echo 0 >other/o/0 && ab
'

test_expect_success 'two computers write at once, ten times: nothing is lost, no force' '
	i=0 && while test $i -lt 10
	do
		echo $i >work/w/$i && echo $i >other/o/$i && { b & } && a && wait $! ||
		return 1
		i=$((i + 1))
	done && ab && test "$(ls work/w | wc -l)" = 10 && test "$(ls work/o | wc -l)" = 10 &&
	hub_is_sound && test -z "$(copies work)"
'

test_expect_success 'one by path, one over SSH, at once' '
	hub -C work config hub "$PWD/hub.git" >out && i=10 && while test $i -lt 15
	do
		echo $i >work/w/$i && echo $i >other/o/$i && { b & } && a && wait $! ||
		return 1
		i=$((i + 1))
	done && ab && test "$(ls other/w | wc -l)" = 15 && hub -C work config hub "$HUB_URL" >out
'

for who in client server ssh
do
	test_expect_success "the $who is killed at any moment: it heals" "
		n=0 && for d in 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.6
		do
			n=\$((n + 1)) && echo $who \$n >other/o/$who-\$n &&
			dd if=/dev/urandom bs=200000 count=10 of=other/big 2>/dev/null &&
			killed $who \$d || return 1
		done && until_same && hub_is_sound && cmp work/big other/big &&
		test \"\$(cat work/o/$who-8)\" = '$who 8' && computer beta git_is_content other &&
		test -z \"\$(find hub.git/refs -name '*.lock')\" && hub -C work verify
	"
done

stop_sshd
test_done
