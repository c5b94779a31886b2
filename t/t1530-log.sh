#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub log: commits, paths and runs'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

T1=1790000000
# at TIME CMD...: with the clock at TIME
at () (
	VIBEHUB_NOW=$1
	export VIBEHUB_NOW
	shift
	"$@"
)

test_expect_success 'nothing yet' '
	hub init hub.git && hub clone hub.git work &&
	hub -C work log >out && echo "nothing is recorded yet" >want && test_cmp want out &&
	hub -C work log --json >out && test_grep "\"commits\": \[\]" out
'

test_expect_success 'who, when, how many, what; newest first' '
	mkdir work/d && echo 1 >work/d/f && echo 1 >work/a && at $T1 hub -C work sync &&
	echo 2 >work/a && at $((T1 + 3600)) hub -C work sync &&
	rm work/a && at $((T1 + 7200)) hub -C work sync &&
	TZ=XXX-5:30 hub -C work log >out && test_line_count = 3 out &&
	id=$(git -C work rev-parse --short=10 HEAD) &&
	line="$id  2026-09-21 21:43:20 +0530  User of alpha         1 file" &&
	test_grep "^$line .*  Auto-sync: 2026-09-21T16:13:20Z alpha$" out &&
	sed -n "\$p" out >last && test_grep "  2 files  Auto-sync" last
'

test_expect_success 'paths, gone ones too, from a folder below' '
	hub -C work log a >out && test_line_count = 3 out &&
	(cd work/d && hub log .) >out && test_line_count = 1 out && test_grep " 1 file " out &&
	(cd work/d && hub log ../a f) >out && test_line_count = 3 out
'

test_expect_success '--at and -n' '
	hub -C work log --at=@$((T1 + 3600)) >out && test_line_count = 2 out &&
	hub -C work log --at=HEAD~2 >out && test_line_count = 1 out &&
	hub -C work log -n 2 >out && test_line_count = 2 out &&
	hub -C work log -n 1 --at=HEAD~1 a >out && test_line_count = 1 out
'

test_expect_success 'conflicts are marked; what others wrote does not reach the terminal' '
	computer beta hub clone hub.git other &&
	echo base >work/c && hub -C work sync && computer beta hub -C other sync &&
	echo mine >work/c && echo theirs >other/c &&
	computer beta hub -C other sync && test_expect_code 1 hub -C work sync &&
	hub -C work log -n 1 >out && test_grep "\[1 conflict\]$" out &&
	hub -C work log -n 1 --json >json && test_grep "\"c -> c (conflict alpha " json &&
	printf "evil \\033[2J\\r\\n\\n\\033body" >msg &&
	git -C work -c user.name="$(printf "E\\033[31mvil")" commit -q --allow-empty -F ../msg &&
	hub -C work log -n 1 >out && test_grep "evil .033\[2J" out &&
	test_grep "E.033\[31mvil" out &&
	test_grep ! "$(printf "\\033")" out
'

test_expect_success JQ 'json is whole, also when it is long' '
	for i in $(test_seq 700)
	do
		printf "commit refs/heads/many\ncommitter X <x@x> %s +0000\n" $((T1 + i)) &&
		printf "data 5\nm%4d\nM 100644 inline f\ndata %s\n%s\n" $i ${#i} $i || return 1
	done >stream && git -C work fast-import --quiet <stream && git -C work switch -q many &&
	hub -C work log --json >json && jq -e ".commits | length == 700" json &&
	jq -e ".commits[0].subject == \"m 700\" and .commits[0].changed == 1" json &&
	hub -C work log f >out && test_line_count = 700 out && git -C work switch -q main
'

test_expect_success 'runs of this computer' '
	mv hub.git away && test_expect_code 13 hub -C work sync && mv away hub.git &&
	hub -C work log --runs -n 2 >out && test_line_count = 2 out &&
	test_grep "  sync  *exit 13 .*: " out &&
	hub -C work log --runs --json >json && test_grep "\"what\": \"sync\"" json
'

test_expect_success 'bad input' '
	test_expect_code 10 hub -C work log nosuch 2>err && test_grep "no change ever" err &&
	test_expect_code 129 hub -C work log --at=nonsense &&
	test_expect_code 10 hub -C work log --at=1999-01-01 &&
	test_expect_code 129 hub -C work log .. &&
	test_expect_code 129 hub -C work log -n x &&
	test_expect_code 129 hub -C work log --runs a &&
	test_expect_code 129 hub -C work log --runs --at=HEAD &&
	test_expect_code 10 hub -C / log &&
	test_expect_code 128 sh -c "hub -C work log >/dev/full"
'

test_done
