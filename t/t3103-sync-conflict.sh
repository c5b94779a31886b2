#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='conflicts: both versions are kept, the same on every computer'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# meet FILE: both changed FILE since they last met; alpha syncs first
meet () {
	a && test_expect_code 1 b && b && a && test_same_tree work other &&
	git_is_content work && git_is_content other
}

NAME='\(conflict beta 20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{4} UTC [0-9a-f]{7}\)'

test_expect_success 'content: the hub keeps the path, the other stands beside it' '
	two_computers &&
	echo base >work/report.txt && ab &&
	echo from alpha >work/report.txt && echo from beta >other/report.txt &&
	meet &&
	test "$(cat work/report.txt)" = "from alpha" &&
	copies work >list && test_line_count = 1 list &&
	test_grep -E "^report $NAME\.txt$" list &&
	test "$(cat "work/$(cat list)")" = "from beta"
'

test_expect_success 'exit 1 names both; the commit says it; the next run is 0' '
	echo 1 >work/x && a && echo 2 >other/x && test_expect_code 1 b &&
	test_grep -E "conflict, both versions kept: x: x $NAME" b.err &&
	git -C other log -1 --format=%B >msg &&
	test_grep -E "^Hub-Conflict: x -> x $NAME$" msg &&
	b && a && test_must_fail grep conflict b.err
'

test_expect_success 'the name does not depend on where or when it is settled' '
	hex=$(printf "2\n" | b2sum -l 256 | cut -c1-7) &&
	when=$(git -C other log -1 --format=%at -- x | sed s/^/@/) &&
	copies other >list && test_grep " UTC $hex)" list &&
	test_grep "^x .*$(date -u -d "$when" "+%Y-%m-%d %H")" list
'

test_expect_success 'the other way round: whoever is first keeps the path' '
	echo 1 >work/y && echo 2 >other/y && b && test_expect_code 1 a &&
	b && test_same_tree work other && test "$(cat work/y)" = 2 &&
	copies work >list && test_grep "^y (conflict alpha " list
'

test_expect_success 'add against add; the same bytes are no conflict' '
	echo same >work/s && echo same >other/s && ab &&
	copies work >list && test_must_fail grep "^s " list &&
	mkdir work/d other/d && echo 1 >work/d/n && echo 2 >other/d/n && meet &&
	copies work >list && test_grep "^d/n (conflict beta" list
'

test_expect_success 'same bytes, other mode: no copy, executable wins over the base' '
	echo m >work/mode && ab && chmod +x work/mode && echo 2 >>other/mode &&
	a && b && a && test -x other/mode && test "$(tail -n1 work/mode)" = 2 &&
	test -x work/mode && copies work >list && test_must_fail grep "^mode" list
'

test_expect_success 'changed here, deleted there: the file stays' '
	echo 1 >work/del && echo 1 >work/del2 && ab &&
	rm work/del && echo changed >other/del &&
	echo changed >work/del2 && rm other/del2 &&
	a && { b || test $? = 1; } && b && a && test_same_tree work other &&
	test "$(cat work/del)" = changed && test "$(cat other/del2)" = changed &&
	git_is_content work && git_is_content other
'

test_expect_success 'chmod alone does not beat a deletion' '
	echo 1 >work/gone && ab && rm work/gone && chmod +x other/gone &&
	a && b && a && test_path_missing other/gone && test_same_tree work other
'

test_expect_success 'lines apart from each other are merged, no copy' '
	test_seq 20 >work/lines && ab &&
	sed "s/^2$/two/" work/lines >l && cat l >work/lines &&
	sed "s/^19$/nineteen/" other/lines >l && cat l >other/lines &&
	a && b && a && test_same_tree work other &&
	test_grep "^two$" other/lines && test_grep "^nineteen$" work/lines &&
	copies work >list && test_must_fail grep "^lines" list
'

test_expect_success 'binary files are never merged' '
	printf "a\0b\nc\nd\ne\nf\n" >work/bin && ab &&
	printf "A\0b\nc\nd\ne\nf\n" >work/bin && printf "a\0b\nc\nd\ne\nF\n" >other/bin &&
	meet && copies work >list && test_grep "^bin (conflict beta" list
'

test_expect_success 'link against file, link against link' '
	ln -s one work/l1 && ln -s one work/l2 && echo f >work/l3 && ab &&
	ln -sf two work/l1 && ln -sf three other/l1 &&
	rm work/l2 && echo file >work/l2 && ln -sf four other/l2 &&
	echo g >work/l3 && ln -sf five other/l3 &&
	meet && copies work >list &&
	for f in l1 l2 l3
	do
		test_grep "^$f (conflict beta" list || return 1
	done &&
	test "$(readlink work/l1)" = two && test "$(cat other/l2)" = file &&
	test "$(readlink "work/$(grep ^l3 list)")" = five
'

test_expect_success 'file against folder: the folder keeps the name, the file is beside' '
	echo f >work/ff && mkdir other/ff && echo in >other/ff/in &&
	meet && test -f work/ff/in && copies work >list && test_grep "^ff (conflict " list &&
	mkdir work/gg && echo in >work/gg/in && echo f >other/gg &&
	meet && test -f other/gg/in && copies work >list && test_grep "^gg (conflict beta" list
'

test_expect_success 'a suffix is replaced, not nested' '
	copy=$(copies work | grep "^report") &&
	echo again alpha >"work/$copy" && echo again beta >"other/$copy" &&
	meet &&
	copies work | grep "^report" >list && test_line_count = 2 list &&
	test_must_fail grep "conflict.*conflict" list
'

test_expect_success 'names are cut to 255 bytes at a character, the ending stays' '
	long=$(printf "ä%.0s" $(test_seq 125)).txt &&
	echo 1 >"work/$long" && echo 2 >"other/$long" && meet &&
	copies work | grep "^ä" >list && test_line_count = 1 list &&
	test "$(tr -d "\n" <list | wc -c)" -le 255 &&
	test_grep "UTC [0-9a-f]*).txt$" list && iconv -f UTF-8 -t UTF-8 list >/dev/null
'

test_expect_success 'dot files and names without an ending' '
	for f in .profile Makefile a.tar.gz
	do
		echo 1 >work/$f && echo 2 >other/$f || return 1
	done &&
	meet && copies work >list &&
	test_grep -E "^\.profile $NAME$" list && test_grep -E "^Makefile $NAME$" list &&
	test_grep -E "^a(\.tar)? $NAME(\.tar)?\.gz$" list
'

test_expect_success 'the hook on-conflict is told' '
	mkdir -p other/.git/hooks &&
	write_script other/.git/hooks/on-conflict <<-\EOF &&
	printf "%s\n" "$@" >>../hook.out
	EOF
	echo 1 >work/hooked && echo 2 >other/hooked && meet &&
	test_grep "^hooked$" hook.out && test_grep "^hooked (conflict beta" hook.out
'

test_expect_success 'three computers, one file: every version is kept, all agree' '
	computer gamma hub clone -q hub.git third &&
	echo A >work/three && echo B >other/three && echo C >third/three &&
	a && test_expect_code 1 b && test_expect_code 1 computer gamma hub -C third sync &&
	a && b && test_same_tree work other && test_same_tree work third &&
	copies third | grep "^three" >list && test_line_count = 2 list &&
	test "$(cat work/three)" = A
'

test_expect_success 'in both the first and the last of many offline commits' '
	mv hub.git away.git && echo v0 >other/late && { b; test $? = 13; } &&
	echo v1 >other/late && { b; test $? = 13; } && mv away.git hub.git &&
	echo mine >work/late && meet &&
	copies work | grep "^late" >list && test_line_count = 1 list &&
	test "$(cat "work/$(cat list)")" = v1 &&
	git -C work log --all --format=%H -S"v0" -- late "late*" >log && test -s log
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
