#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='killed between two steps, and the user went on working'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_have_prereq LINUX || skip_all 'interposes calls of Linux'
test_have_prereq !SANITIZED || skip_all 'no library goes before that of the sanitizers'
inject=$HUB_TEST_BUILD/t/fault/inject.so
test -e "$inject" || skip_all 'no inject.so: make tests-built'

# killed DIR POINT [ARG...]: sync in DIR is killed after the POINT-th call that
# changes something below work/.git/refs/heads: 1 its lock, 2 HEAD has moved
killed () {
	dir=$1 point=$2 && shift 2 &&
	{ LD_PRELOAD=$inject HUB_FAULT=$point:kill-after HUB_FAULT_STATE=$PWD/state \
		HUB_FAULT_ROOT=$PWD/$dir/.git/refs/heads hub -C $dir sync "$@" >/dev/null 2>&1
	  code=$?; rm -f state $dir/.git/index.lock; test $code = 137; }
}
no_copies () { copies work >list && copies other >>list && test_must_be_empty list; }
id_in () { sed -n 's/.*accept-mass-change=//p' "$1"; }
g () { git -C work "$@"; }

test_expect_success 'set up' '
	two_computers && test_seq 9 >work/f && echo 1 >work/gone && echo 1 >work/back && ab
'

for point in 1 2
do
	test_expect_success "killed $point, and what was recorded is edited again" '
		old=$(g rev-parse HEAD) && echo "two $point" >>work/f && echo new >work/n$point &&
		killed work $point &&
		{ test $point = 1 || test "$(g rev-parse HEAD)" != $old; } &&
		echo "three $point" >>work/f && echo newer >work/n$point && ab && no_copies &&
		test "$(tail -n2 other/f | tr "\n" .)" = "two $point.three $point." &&
		test "$(cat other/n$point)" = newer && git_is_content work
	'
done

test_expect_success 'the first record of a workspace, killed and edited again' '
	mkdir first && (cd first && two_computers) && echo 1 >first/work/a &&
	killed first/work 2 && echo 2 >first/work/a && (cd first && ab) &&
	test "$(cat first/other/a)" = 2 && copies first/work >list && test_must_be_empty list
'

test_expect_success 'recorded, killed, deleted: the deletion counts' '
	echo 2 >>work/gone && killed work 2 && rm work/gone && ab && no_copies &&
	test_path_missing other/gone && g cat-file -e HEAD^:gone
'

test_expect_success 'a deletion recorded, killed, the old file put back: it stays' '
	cp work/back keep && rm work/back && killed work 2 && cp keep work/back && ab &&
	test_cmp keep other/back && no_copies
'

test_expect_success 'recorded, killed, committed on top by the user' '
	echo 4 >>work/f && killed work 2 && echo 5 >>work/f && g commit -qam mine &&
	echo 6 >>work/f && ab && no_copies && test "$(tail -n3 other/f | tr -d "\n")" = 456
'

test_expect_success 'recorded, killed, amended by the user' '
	echo 7 >>work/f && killed work 2 && echo 8 >>work/f && g commit -qa --amend -m mine &&
	echo 9 >>work/f && ab && no_copies && test "$(tail -n3 other/f | tr -d "\n")" = 789
'

test_expect_success 'recorded, killed, taken back with git reset --soft' '
	echo a >>work/f && killed work 2 && g reset -q --soft HEAD^ && echo b >>work/f &&
	g reset -q && ab && no_copies && test "$(tail -n2 other/f | tr -d "\n")" = ab
'

test_expect_success 'a change of what is behind, killed and edited again: merged once' '
	mkdir work/d && for i in $(test_seq 101)
	do
		test_seq 9 >work/d/$i && echo "$i" >>work/d/$i || return 1
	done &&
	ab && git clone -q hub.git plain && sed -i "s/^1\$/one/" plain/d/* &&
	git -C plain -c user.name=x -c user.email=x commit -qam one && git -C plain push -q &&
	test_expect_code 20 hub -C work sync && echo ten >>work/d/5 && killed work 2 &&
	echo eleven >>work/d/5 && test_expect_code 20 hub -C work sync 2>err && no_copies &&
	hub -C work sync --accept-mass-change="$(id_in err)" &&
	a && no_copies &&
	{ echo one && test_seq 2 9 && test_write_lines 5 ten eleven; } >want &&
	test_cmp want work/d/5 && git -C hub.git show main:d/5 >d5 && test_cmp want d5 &&
	{ b ||
	computer beta hub -C other sync --accept-mass-change="$(id_in b.err)"; }
'

test_expect_success 'received, killed, and what came in is edited: nothing is lost' '
	echo there >>other/f && echo fresh >other/r && b && killed work 2 && echo r2 >work/r &&
	{ a || test $? = 1; } && b && a && test_same_tree work other && test_grep there work/f &&
	grep -rqx fresh work --include="r*" && grep -rqx r2 work --include="r*"
'

test_expect_success 'nothing is left over' '
	a && test_must_fail ls work/.git/*.lock && git_is_content work && hub_is_sound
'

test_done
