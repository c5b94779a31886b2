#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='state.db is deleted, or damaged: what is behind stays behind'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

inject=$HUB_TEST_BUILD/t/fault/inject.so
if test_have_prereq LINUX,!SANITIZED && test -e "$inject"
then
	test_set_prereq INJECT
fi

v=.git/vibehub
# lose HOW [DIR]: the workspace forgets
lose () {
	dir=${2:-work}
	case $1 in
	gone)	rm -f $dir/$v/state.db* ;;
	junk)	rm -f $dir/$v/state.db-* &&
	echo junkjunkjunkjunkjunkjunkjunk >$dir/$v/state.db ;;
	esac
}
# killed DIR CMD...: hub is killed right after HEAD of DIR has moved
killed () {
	dir=$1 && shift &&
	{ LD_PRELOAD=$inject HUB_FAULT=2:kill-after HUB_FAULT_STATE=$PWD/state \
		HUB_FAULT_ROOT=$PWD/$dir/.git/refs/heads "$@" >/dev/null 2>&1
	  code=$?; rm -f state $dir/.git/index.lock; test $code = 137; }
}
no_copies () { copies work >list && test_must_be_empty list; }
parked () { test_expect_code 20 hub -C work sync >a.out 2>a.err; }
id_in () { sed -n 's/.*accept-mass-change=//p' "$1"; }
push () { git -C plain -c user.name=x -c user.email=x commit -qam "$1" && git -C plain push -q; }

test_expect_success 'set up' '
	two_computers && mkdir work/d && for i in $(test_seq 101)
	do
		test_seq 9 >work/d/$i && echo "$i" >>work/d/$i || return 1
	done &&
	test_seq 9 >work/f && echo 1 >work/gone && echo 1 >work/old && ab &&
	git clone -q hub.git plain
'

for how in gone junk
do
	test_expect_success "$how, nothing was behind: edits, deletions and reverts count" '
		echo $how >work/gone && echo $how >work/old && cp work/f f.old &&
		echo 10 >>work/f &&
		ab && test_path_missing work/$v/behind && lose $how &&
		rm work/gone && echo 1 >work/old && echo mine $how >work/new && cp f.old work/f &&
		a &&
		case $how in
		junk)	test_line_count = 1 a.err &&
		test_grep "state.db.* was damaged" a.err ;;
		gone)	test_line_count = 1 a.err && test_grep "state.db.* was lost" a.err ;;
		esac &&
		a && test_must_be_empty a.err && b && test_same_tree work other && no_copies &&
		test_path_missing other/gone && test "$(cat other/old)" = 1 &&
		test_cmp f.old other/f &&
		git_is_content work
	'

	test_expect_success "$how while an incoming change is parked: it stays parked" '
		case $how in gone) x=100 ;; *) x=99 ;; esac &&
		git -C plain pull -q && sed -i "1s/.*/$how/" plain/d/* && rm plain/d/$x &&
		echo x >plain/d/new && git -C plain add d && push $how && parked &&
		id=$(id_in a.err) &&
		test_path_is_file work/$v/behind &&
		test "$(sed -n 1p work/d/7)" != $how && lose $how && echo mine $how >>work/d/7 &&
		parked &&
		test_grep "an incoming change" a.err &&
		git -C hub.git show main:d/8 >d8 && test_grep $how d8 &&
		test_must_fail git -C hub.git cat-file -e main:d/$x &&
		test_path_is_file work/d/$x && lose $how && parked &&
		test_grep "an incoming" a.err &&
		hub -C work sync --accept-mass-change="$(id_in a.err)" && a && no_copies &&
		test "$(sed -n 1p work/d/7)" = $how && test_grep "mine $how" work/d/7 &&
		test_path_missing work/d/$x && test_path_missing work/$v/behind &&
		{ b || computer beta hub -C other sync --accept-mass-change="$(id_in b.err)"; } &&
		b && a &&
		test_same_tree work other
	'

	test_expect_success INJECT "$how after a kill in the middle of receiving: it goes on" '
		echo kill $how >>other/f && echo $how >other/fresh && rm -f other/d/2 other/d/3 &&
		b &&
		killed work hub -C work sync && test_path_is_file work/d/2 &&
		lose $how && ab && no_copies && grep -qx "kill $how" work/f &&
		test_path_missing work/d/2 && test "$(cat work/fresh)" = $how &&
		test_path_missing work/$v/behind && test_seq 9 >other/d/2 &&
		test_seq 9 >other/d/3 && b && a
	'

	test_expect_success INJECT "$how after a kill in the first checkout: it goes on" '
		killed half hub clone -q hub.git half && test_path_missing half/f &&
		lose $how half && hub -C half sync && test_same_tree work half && rm -rf half &&
		a && test_grep "received 0" a.out
	'
done

test_expect_success 'damaged later: found in the middle of a run, and made anew' '
	echo c >work/c && ab && sqlite3 -version >/dev/null 2>&1 || return 0
	echo "UPDATE base SET rec = x#0101# WHERE path = CAST(#f# AS BLOB);" | tr "#" "\047" >sql &&
	sqlite3 work/$v/state.db <sql &&
	echo d >>work/c && a && test_grep "was damaged" a.err && a && test_must_be_empty a.err
'

test_expect_success 'that list is damaged too: no revert, no deletion, both are kept' '
	git -C plain pull -q && sed -i "1s/.*/both/" plain/d/* && push both && parked &&
	lose gone && printf "x" >>work/$v/behind && rm work/old && echo mine >>work/f &&
	test_expect_code 1 hub -C work sync 2>a.err && test_grep "behind is damaged" a.err &&
	git -C hub.git show main:d/8 >d8 && test "$(sed -n 1p d8)" = both &&
	test "$(sed -n 1p work/d/8)" = both && test_path_is_file work/old &&
	grep -lx mine work/f* >mine && test_line_count = 1 mine &&
	test "$(copies work | grep -c "^d/")" = "$(ls plain/d | wc -l)" &&
	a && test_must_be_empty a.err && test_path_missing work/$v/behind && git_is_content work
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
