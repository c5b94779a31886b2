#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a box that is away, refuses, lacks things, breaks off or lies'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"
. "$TEST_DIRECTORY/lib-box.sh"

wrote () { echo "$1" >>work/f; }
# killed MS CMD...: SIGKILL after so many milliseconds, unless it ended before
killed () {
	"$PERL" -e 'my $ms = shift; my $p = fork;
		if (!$p) { open STDOUT, ">", "/dev/null"; open STDERR, ">&STDOUT"; exec @ARGV }
		select undef, undef, undef, $ms / 1000; kill 9, $p; waitpid $p, 0; exit 0' "$@"
}
for SERVER in /usr/lib/openssh /usr/lib/ssh /usr/libexec/openssh /usr/libexec
do
	test -x $SERVER/sftp-server && break
done

test_expect_success 'set up' 'with_box'

test_expect_success 'addresses: what is none, what is not there, what is not ours' '
	for u in sftp:// sftp://far sftp://-oProxyCommand=x/p sftp://a@-x/p sftp://far:0/p \
		sftp://far:x/p "sftp://far/~" "sftp://a b/p"
	do
		test_expect_code 129 hub -C work remote add x "$u" 2>err || return 1
	done &&
	test_expect_code 10 hub -C work remote add x "$BOX-not" 2>err &&
	test_grep "no folder" err &&
	test_expect_code 128 hub -C work remote add x "$BOX" 2>err &&
	mkdir full && echo 1 >full/photo &&
	test_expect_code 128 hub -C work remote add x "sftp://far$PWD/full" 2>err &&
	test_grep "holds other things" err &&
	test_expect_code 10 from_box no1 --from="$BOX-not" 2>err
'

test_expect_success 'its computer is off: 0 and said; the next run catches up' '
	stop_sshd && wrote 1 && a && test_grep "does not answer" a.err &&
	test "$(state_of work usb)" = away && test_expect_code 13 from_box no2 &&
	test_expect_code 13 hub -C work verify --place=usb &&
	start_sshd && a && test "$(state_of work usb)" = ok
'

test_expect_success 'its disk is not mounted, or empty: away, nothing is made there' '
	mv usb away && wrote 2 && a && test "$(state_of work usb)" = away && test ! -e usb &&
	mkdir usb && a && test "$(state_of work usb)" = away && test "$(ls -A usb)" = "" &&
	rmdir usb && mv away usb && a && test "$(state_of work usb)" = ok
'

test_expect_success 'it holds other things, or an older copy: 15, nothing is written' '
	cp -a usb old && mv usb away && mkdir usb && echo 1 >usb/photo && wrote 3 &&
	test_expect_code 15 hub -C work sync && test "$(ls usb)" = photo && rm -r usb &&
	mv away usb && a && mv usb away && mv old usb && wrote 4 &&
	test_expect_code 15 hub -C work sync && test "$(state_of work usb)" = changed &&
	rm -r usb && mv away usb && a && test "$(state_of work usb)" = ok
'

test_expect_success 'a key that is not let in: 17; another host key: 12; no sftp there: 17' '
	far_key "" host && wrote 5 && a && test_grep "let us in" a.err &&
	test "$(state_of work usb)" = failed && test_expect_code 17 from_box no3 &&
	far_key "" && cp ssh/known_hosts keep &&
	printf "far %s\n" "$(cut -d" " -f1,2 ssh/id.pub)" >ssh/known_hosts &&
	test_expect_code 12 from_box no4 2>err && test_grep "host key" err &&
	cp keep ssh/known_hosts &&
	far_key "command=\"exit 127\"" && test_expect_code 17 from_box no5 2>err &&
	test_grep "no sftp server" err && far_key "command=\"internal-sftp\"" && a &&
	test "$(state_of work usb)" = ok
'

test_expect_success 'its shell talks before sftp begins' '
	far_key "command=\"echo Welcome to the box; exec $SERVER/sftp-server\"" &&
	test_expect_code 128 from_box no6 2>err && test_grep "Welc" err &&
	test_grep "start-up file" err &&
	far_key "command=\"internal-sftp\""
'

test_expect_success 'the box breaks off while a large file is sent: nothing is lost' '
	noise 1 20000000 >work/big && peer WRITE close 40 && a && no_peer &&
	test "$(state_of work usb)" = away &&
	hub -C work verify --place=usb && a && test "$(state_of work usb)" = ok &&
	hub -C work verify --place=usb --read-data && rm -rf n1 && from_box n1 &&
	test_same_tree work n1
'

test_expect_success 'it breaks off, lies or fails elsewhere: never wrong, mended by the next run' '
	i=0 &&
	for m in "RENAME close" "fsync failure" "posix-rename cut" "MKDIR wrongid" \
		"EXTENDED noise 3" "READ short 2" "READDIR slash" "LSTAT other" "OPEN failure 3"
	do
		i=$((i + 1)) && wrote "m$i" && noise $i 3000 >"work/n$i" && peer "$m" &&
		{ a || test $? = 16 || return 1; } && no_peer && a &&
		test "$(state_of work usb)" = ok || { echo "at: $m" >&4; return 1; }
	done && hub -C work verify --place=usb --read-data
'

test_expect_success 'it falls silent: given up after a while' '
	VIBEHUB_SFTP_SILENCE=2000 && export VIBEHUB_SFTP_SILENCE && wrote 6 &&
	peer WRITE hang && a && test_grep "no answer" a.err && no_peer &&
	unset VIBEHUB_SFTP_SILENCE && a && test "$(state_of work usb)" = ok
'

test_expect_success 'it is full: said; with room again it goes on' '
	wrote 7 && noise 9 3000000 >work/more && peer WRITE full && a && no_peer &&
	test_grep "full\|room" a.err && test "$(state_of work usb)" = failed &&
	a && test "$(state_of work usb)" = ok
'

test_expect_success 'killed at any moment while it sends: goes on' '
	for ms in 300 600 900 1300
	do
		noise "$ms" 4000000 >work/big && wrote "$ms" && killed "$ms" hub -C work sync ||
		return 1
	done &&
	a && a && test "$(state_of work usb)" = ok &&
	hub -C work verify --place=usb --read-data && rm -rf n2 && from_box n2 &&
	test_same_tree work n2
'

test_expect_success 'what a box cannot do is said when it is added' '
	mkdir poor && peer --no=fsync --no=posix-rename --overwrite &&
	hub -C work remote add poor "sftp://box$PWD/poor" >out && no_peer &&
	grep note: out >notes && test_line_count = 3 notes &&
	hub -C work remote status >out && grep "    note:" out >notes &&
	test_line_count = 3 notes && hub -C work remote remove poor
'

test_expect_success 'two computers sync to one box at once: nothing is lost' '
	computer beta hub -C other remote add usb "$BOX" && b &&
	for i in 1 2 3
	do
		echo "$i" >>work/fa && echo "$i" >>other/fb &&
		{ a & p1=$!; b & p2=$!; wait $p1 && wait $p2; } || return 1
	done && a && b && a && b && test_same_tree work other &&
	rm -rf n3 && from_box n3 && test_same_tree work n3
'

test_done
