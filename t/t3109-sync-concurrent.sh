#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='several runs at once, and kills in the middle'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# settle N: ws1..wsN sync in turn until all are the same
settle () {
	for round in 1 2 3
	do
		for k in $(test_seq "$1")
		do
			computer c$k hub -C ws$k sync || test $? = 1 || return 1
		done
	done
	for k in $(test_seq 2 "$1")
	do
		test_same_tree ws1 ws$k || return 1
	done
}

test_expect_success 'set up: four computers' '
	hub init -q hub.git && for k in 1 2 3 4
	do
		computer c$k hub clone -q hub.git ws$k || return 1
	done
'

test_expect_success 'two runs at once in one workspace: the second ends with 11' '
	write_script slow <<-\EOF &&
	sleep 3
	EOF
	mkdir -p ws1/.git/hooks && cp slow ws1/.git/hooks/on-sync && echo 1 >ws1/one &&
	{ computer c1 hub -C ws1 sync & } && sleep 1 &&
	test_expect_code 11 computer c1 hub -C ws1 sync 2>err && test_grep "another run" err &&
	wait && rm ws1/.git/hooks/on-sync && computer c1 hub -C ws1 sync
'

test_expect_success 'a lock of a killed run is no lock' '
	cp slow ws1/.git/hooks/on-sync && echo 2 >ws1/two &&
	{ computer c1 hub -C ws1 sync & } && pid=$! && sleep 1 &&
	kill -9 $(pgrep -P $pid || echo $pid) && { wait || true; } &&
	rm ws1/.git/hooks/on-sync && computer c1 hub -C ws1 sync
'

cat >loop <<'EOP'
#!/bin/sh
# loop K: change own and shared files and sync, 12 times
k=$1
i=0
while test $i -lt 12
do
	i=$((i + 1))
	echo "$k $i" >ws$k/own$k-$i
	echo "$k $i" >ws$k/shared$((i % 3))
	echo "line of $k, $i" >>ws$k/log$k
	hub -C ws$k sync 2>>err$k
	case $? in
	0|1)	;;
	*)	echo "$k: code $?" >>bad ;;
	esac
done
EOP
chmod +x loop

test_expect_success 'four computers at once, in loops: nobody fails, all converge' '
	rm -f bad && for k in 1 2 3 4
	do
		computer c$k ./loop $k &
	done && wait && { test ! -e bad || { cat bad err?; false; }; } && settle 4 &&
	for k in 1 2 3 4
	do
		for i in $(test_seq 12)
		do
			test "$(cat ws1/own$k-$i)" = "$k $i" || return 1
		done
		test "$(wc -l <ws1/log$k)" = 12 || return 1
	done && hub_is_sound && git_is_content ws1
'

test_expect_success 'every version of a shared file is in the history' '
	for k in 1 2 3 4
	do
		for i in $(test_seq 12)
		do
			id=$(echo "$k $i" | git hash-object --stdin) &&
			git -C hub.git cat-file -e $id || return 1
		done
	done
'

cat >killer <<'EOP'
#!/bin/sh
# killer K: change, sync, be killed at a random moment; 15 times
k=$1
i=0
while test $i -lt 15
do
	i=$((i + 1))
	echo "$k $i" >ws$k/k$k-$i
	echo "$k $i $i" >ws$k/shared$((i % 2))
	hub -C ws$k sync 2>>err$k &
	pid=$!
	sleep 0.0$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')
	kill -9 $pid 2>/dev/null
	wait $pid
	case $? in
	0|1)	echo "$k $i" >>acknowledged ;;
	esac
done
EOP
chmod +x killer

test_expect_success 'kill -9 in the middle, two at once: the next run heals' '
	rm -f acknowledged && : >acknowledged &&
	{ computer c1 ./killer 1 & computer c2 ./killer 2 & } && wait && settle 4 &&
	while read -r k i
	do
		id=$(echo "$k $i $i" | git hash-object --stdin) &&
		git -C hub.git cat-file -e $id || return 1
	done <acknowledged &&
	for k in 1 2
	do
		for i in $(test_seq 15)
		do
			test -f ws3/k$k-$i || return 1
		done
	done &&
	hub_is_sound && git_is_content ws1 && git_is_content ws2
'

test_expect_success 'no locks and no files of ours are left' '
	find hub.git ws1/.git ws2/.git -name "*.lock" -o -name "*~" >left &&
	test_must_be_empty left
'

test_expect_success 'sync against plain git pushes' '
	git clone -q hub.git plain && git -C plain config user.name p &&
	git -C plain config user.email p && {
		for i in $(test_seq 12)
		do
			echo $i >plain/p$i && git -C plain add p$i &&
			git -C plain commit -qm p$i &&
			until git -C plain push -q 2>/dev/null
			do
				git -C plain pull -q --rebase || break
			done
		done &
	} && for i in $(test_seq 12)
	do
		echo $i >ws1/w$i && { computer c1 hub -C ws1 sync || test $? = 1; } || return 1
	done && wait && settle 4 &&
	for i in $(test_seq 12)
	do
		test -f ws4/p$i && test -f ws4/w$i || return 1
	done && hub_is_sound
'

test_expect_success 'files change all the time while it syncs: the last state arrives' '
	{ for i in $(test_seq 200)
	do
		echo $i >ws1/busy$((i % 5)) && sleep 0.01
	done & } && for i in 1 2 3 4 5 6
	do
		computer c1 hub -C ws1 sync && computer c2 hub -C ws2 sync || return 1
	done && wait && computer c1 hub -C ws1 sync && computer c2 hub -C ws2 sync &&
	test_same_tree ws1 ws2 && test "$(cat ws2/busy0)" = 200
'

test_done
