#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub restore: files, folders and everything, as they were'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

T1=1790000000 T2=1790010000 T3=1790020000
# at TIME CMD...: with the clock at TIME
at () (
	VIBEHUB_NOW=$1
	export VIBEHUB_NOW
	shift
	"$@"
)

test_expect_success 'set up: three states' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	mkdir -p work/docs/deep work/tool &&
	echo one >work/a && echo one >work/docs/b && echo one >work/docs/deep/c &&
	echo run >work/tool/x && chmod +x work/tool/x && echo stays >work/stays &&
	at $T1 hub -C work sync && first=$(git -C work rev-parse HEAD) &&
	echo two >work/a && rm work/docs/b && echo new >work/docs/new &&
	chmod -x work/tool/x &&
	at $T2 hub -C work sync && second=$(git -C work rev-parse HEAD) &&
	rm -r work/docs && echo file >work/docs && echo three >work/a &&
	at $T3 hub -C work sync
'

test_expect_success 'one file, by time' '
	(cd work && hub restore a --at=@$T1) >out &&
	echo one >want && test_cmp want work/a && test_grep "restored 1, removed 0" out &&
	git -C work log -1 --format=%s >subject &&
	test_grep "^Restore a as of 2026-09-21T1.*Z ($(echo "$first" | cut -c1-10))" subject
'

test_expect_success 'one file, by commit, from a folder below' '
	(cd work/tool && hub restore --at="$second" ../a) &&
	echo two >want && test_cmp want work/a &&
	(cd work/tool && hub restore --at="$first" x) && test_path_is_executable work/tool/x &&
	(cd work/tool && hub restore --at="$second" .) && ! test -x work/tool/x
'

test_expect_success 'a folder becomes what it was, even where a file stands now' '
	hub restore -C work --at="$second" docs &&
	echo new >want && test_cmp want work/docs/new && test_path_missing work/docs/b &&
	hub -C work restore --at="$first" docs >out && test_grep "restored 1, removed 1" out &&
	test_path_missing work/docs/new && test_path_is_file work/docs/b &&
	hub restore -C work --at="@$T3" docs >out && test_grep "restored 1, removed 2" out &&
	echo file >want && test_cmp want work/docs
'

test_expect_success 'what stands below a file of now: said, and how to get it' '
	test_expect_code 128 hub -C work restore --at="$first" docs/b 2>err &&
	test_grep "docs. is a file now" err &&
	echo file >want && test_cmp want work/docs
'

test_expect_success 'it reaches the other computer' '
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'everything, and back again' '
	test_tree work >now &&
	hub -C work restore --at="$first" . && test_tree work >then &&
	test_grep "docs/deep/c" then && test_grep "x.*tool/x" then &&
	hub -C work restore --at=HEAD~1 . && test_tree work >again && test_cmp now again
'

test_expect_success 'what was not recorded is recorded first' '
	echo precious >work/a && echo unsaved >work/untracked &&
	hub -C work restore --at="$first" a &&
	echo one >want && test_cmp want work/a && test_path_is_file work/untracked &&
	git -C work show HEAD~1:a >was && echo precious >want && test_cmp want was
'

test_expect_success 'without --at: what was recorded last' '
	hub -C work sync && rm work/stays && echo spoilt >work/a &&
	hub -C work restore stays a &&
	echo stays >want && test_cmp want work/stays &&
	echo one >want && test_cmp want work/a
'

test_expect_success 'a dry run lists against the disk, and writes nothing' '
	hub -C work sync && git -C work rev-parse HEAD >head &&
	rm work/stays && echo spoilt >work/a && echo extra >work/tool/extra &&
	(cd work && hub restore -n . && hub restore -n --at="$first" tool) >out &&
	test_write_lines "replace  a" "bring    stays" "remove   tool/extra" \
		"remove   tool/extra" "replace  tool/x" >want &&
	test_cmp want out &&
	git -C work rev-parse HEAD >now && test_cmp head now && test_path_is_file work/tool/extra &&
	(cd work && hub restore --dry-run --json .) >json &&
	test_grep "\"action\": \"remove\"" json &&
	(cd work && hub restore -q .) >out && test_must_be_empty out &&
	(cd work && hub restore -n .) >out && test_grep "nothing would change" out
'

test_expect_success 'nothing to do is no change' '
	hub -C work sync && git -C work rev-parse HEAD >head &&
	hub -C work restore --at=HEAD . >out && test_grep "nothing to do" out &&
	git -C work rev-parse HEAD >now && test_cmp head now
'

test_expect_success 'bad input' '
	git -C work rev-parse HEAD >head &&
	test_expect_code 129 hub -C work restore &&
	test_expect_code 10 hub -C work restore --at="$second" nosuch 2>err &&
	test_grep "nosuch. was not there" err &&
	test_expect_code 10 hub -C work restore --at="$first" docs/new &&
	test_expect_code 10 hub -C work restore --at="$first" a nosuch &&
	test_expect_code 10 hub -C work restore --at=2001-01-01 a 2>err &&
	test_grep "nothing was recorded yet" err &&
	test_expect_code 129 hub -C work restore --at="last christmas" a 2>err &&
	test_grep "no time" err &&
	test_expect_code 129 hub -C work restore --at= a &&
	test_expect_code 129 hub -C work restore --at="$first" ../hub.git 2>err &&
	test_grep "outside" err &&
	test_expect_code 129 hub -C work restore "" &&
	test_expect_code 10 hub -C / restore a &&
	git -C work rev-parse HEAD >now && test_cmp head now
'

test_expect_success 'paths: absolute, with dots, symlinks and odd characters' '
	odd=$(printf "b\\tn\\nl \\033[31m \\377 \"q\" \\\\x *") &&
	echo 1 >"work/$odd" && ln -s a work/link && hub -C work sync &&
	echo 2 >"work/$odd" && rm work/link && ln -s stays work/link && hub -C work sync &&
	(cd work/tool && hub restore --at=HEAD~1 "../$odd" "$PWD/../link") >out 2>&1 &&
	echo 1 >want && test_cmp want "work/$odd" &&
	test "$(readlink work/link)" = a &&
	git -C work log -1 --format=%s >subject && test_grep "033" subject &&
	ln -s work elsewhere && echo 3 >work/a &&
	hub restore -C elsewhere "$PWD/elsewhere/a" && echo one >want && test_cmp want work/a &&
	(cd work/tool && hub restore ./../tool/./) >out && test_grep "nothing to do" out
'

test_expect_success 'a name that begins with a dash' '
	echo 1 >work/-n && hub -C work sync && echo 2 >work/-n &&
	(cd work && hub restore -- -n) && echo 1 >want && test_cmp want work/-n
'

test_expect_success 'staged with git and changed again: refused, kept' '
	hub -C work sync && echo staged >work/a && git -C work add a && echo more >work/a &&
	test_expect_code 20 hub -C work restore --at="$second" a 2>err &&
	test_grep "staged with git" err &&
	echo more >want && test_cmp want work/a &&
	git -C work show :a >was && echo staged >want && test_cmp want was &&
	git -C work reset -q
'

test_expect_success 'offline, and at the same time as another run' '
	mv hub.git away && hub -C work restore --at="$second" a && mv away hub.git &&
	echo two >want && test_cmp want work/a && hub -C work sync &&
	computer beta hub -C other sync && test_cmp want other/a
'

test_expect_success 'a large file is taken back like any other, and comes again' '
	echo small >work/big && hub -C work sync &&
	test_random_file work/big 2000000 && cp work/big keep && hub -C work sync &&
	rev=$(git -C work rev-parse HEAD) &&
	hub -C work restore --at=HEAD~1 big && echo small >want && test_cmp want work/big &&
	hub -C work restore --at="$rev" big && test_cmp keep work/big &&
	hub -C work undo && test_cmp want work/big && hub -C work undo && test_cmp keep work/big &&
	rm work/big && hub -C work sync
'

test_expect_success 'a time means what the hub held then, not what was written somewhere' '
	hub init late.git && at $T1 hub clone late.git desk && echo 1 >desk/f &&
	at $T1 hub -C desk sync && computer beta at $T1 hub clone late.git lap &&
	mv late.git away && echo offline >lap/mine &&
	test_expect_code 13 computer beta at $((T1 + 60)) hub -C lap sync && mv away late.git &&
	echo 2 >desk/f && at $T2 hub -C desk sync &&
	computer beta at $T3 hub -C lap sync && at $T3 hub -C desk sync &&
	test_path_is_file desk/mine &&
	hub -C desk restore --at=@$((T2 - 1)) f && echo 1 >want && test_cmp want desk/f &&
	test_expect_code 10 hub -C desk restore --at=@$((T2 + 1)) mine &&
	git -C desk log -1 --format=%at -- mine >when && echo $((T1 + 60)) >want &&
	test_cmp want when
'

test_done
