#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sealed copy at a place behind ssh, and everything back from it'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"

URL=ssh://far/~/usb

# stored: bytes there
stored () { find far/usb -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'; }

# from DIR WHAT [ARG...]: a new computer, with its own user's folder
from () {
	(VIBEHUB_HOME=$PWD/home/$1 VIBEHUB_HOSTNAME=$1 && export VIBEHUB_HOME VIBEHUB_HOSTNAME &&
	 d=$1 w=$2 && shift 2 && hub clone -q --from="$w" "$@" "$d")
}

test_expect_success 'set up: a hub, two computers, a computer by the name of far' '
	two_computers && mkdir work/d far && echo 1 >work/f && echo 2 >work/d/g && a && b &&
	head -c 3000000 /dev/urandom >work/large && a && start_sshd
'

test_expect_success 'first contact: no folder there is 10, and nothing is kept' '
	test_expect_code 10 hub -C work remote add usb "$URL" 2>err && test_grep "no folder" err &&
	hub -C work remote list >out && test_grep "no remotes" out &&
	mkdir far/usb
'

test_expect_success 'remote add, sync: it is there, whole' '
	hub -C work remote add usb far:usb && a && test "$(state_of work usb)" = ok &&
	hub -C work remote list --json >out && test_grep "\"url\": *\"$URL\"" out &&
	hub -C work verify --place=usb && hub -C work verify --place=usb --read-data &&
	test_must_fail grep -r -l -e "refs/heads/" -e "Auto-sync" far/usb
'

test_expect_success 'the same address in another form is the same place' '
	test_must_fail hub -C work remote add again "far:~/usb/" 2>err &&
	test_grep "usb.*already" err
'

test_expect_success 'nothing new: nothing is written; a small change is kilobytes' '
	find far/usb -type f | sort >before && a && a && find far/usb -type f | sort >after &&
	test_cmp before after && was=$(stored) && echo more >work/h && a &&
	test $(($(stored) - was)) -lt 20000
'

test_expect_success 'the hub and all computers are lost: everything back by the passphrase' '
	mv hub.git hub.away && mv home/.vibehub home/.away && from w1 "$URL" &&
	test_same_tree work w1 && same_history work w1 &&
	(VIBEHUB_HOME=$PWD/home/w1 && export VIBEHUB_HOME && git_is_content w1) &&
	hub -C w1 remote list >out && test_grep "place .*ssh://far/~/usb" out
'

test_expect_success 'it writes back, with the hub gone; another one gets it' '
	echo w1 >w1/from-w1 && on w1 sync && id=$(ls far/usb) && from w2 "$URL/$id" &&
	test_same_tree w1 w2 && echo a >w1/a && echo b >w2/b && on w1 sync && on w2 sync &&
	on w1 sync && test_same_tree w1 w2
'

test_expect_success 'a new hub from the place' '
	(VIBEHUB_HOME=$PWD/home/n && export VIBEHUB_HOME && hub init -q --from="$URL" new.git &&
	 hub clone -q new.git n && hub -C n verify) && test_same_tree w1 n
'

test_expect_success 'the old hub comes back and has it all by way of the place' '
	mv home/.away home/.vibehub && mv hub.away hub.git && a && b && test -f work/from-w1 &&
	test -f other/b && hub_is_sound
'

test_expect_success 'another hub beside it in the same folder; which one must be said' '
	hub init -q hub2.git && hub clone -q hub2.git work2 && echo 2 >work2/two &&
	hub -C work2 sync && hub -C work2 remote add p "$URL" && hub -C work2 sync &&
	test $(ls far/usb | wc -l) = 2 && test_expect_code 129 from w3 "$URL" 2>err &&
	test_grep "2 hubs" err && from w3 "$URL/$(hub -C work2 config hubid)" &&
	test_cmp work2/two w3/two && hub -C work verify --place=usb
'

test_expect_success 'a folder of other things is refused; wrong passphrase is 12; wrong form 129' '
	mkdir -p far/other/things &&
	test_must_fail hub -C work remote add o ssh://far/~/other 2>err && test_grep things err &&
	test $(find far/other | wc -l) = 2 &&
	(VIBEHUB_PASSPHRASE=wrong && export VIBEHUB_PASSPHRASE &&
	 test_expect_code 12 from w4 "$URL/$id") &&
	for u in ssh://far ssh://-x/y ssh://far:x/y "ssh://fa r/x"
	do
		test_expect_code 129 hub -C work remote add o "$u" 2>err || return 1
	done
'

test_expect_success 'append-only: copies come, nothing goes' '
	far_key "command=\"hub serve --append-only --only=$FAR\",restrict" && echo x >work/x && a &&
	test "$(state_of work usb)" = ok && hub -C work verify --place=usb && far_key ""
'

stop_sshd
test_done
