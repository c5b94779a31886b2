#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub status: what it says, and that it only looks'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

# look [ARG...]: status of alpha's workspace, as text to out
look () {
	hub -C work status "$@" >out
}

# has FILTER: alpha's status as JSON satisfies FILTER
has () {
	hub -C work status --json >out.json &&
	jq -e "$1" out.json >/dev/null && return 0
	echo "not so: $1" && cat out.json && return 1
}

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other &&
	mkdir work/d && echo a >work/a && echo b >work/d/b && hub -C work sync &&
	computer beta hub -C other sync
'

test_expect_success 'all well: workspace, hub, last sync, computers' '
	look && test_line_count = 6 out &&
	grep "^workspace  $PWD/work, computer .alpha.$" out &&
	grep "^hub        $PWD/hub.git: same as here$" out &&
	grep "^last sync  [a-z0-9 ]*$" out &&
	grep "^    alpha  [a-z0-9]* .*  up to date (this one)$" out &&
	grep "^    beta   [a-z0-9]* .*  up to date$" out
'

test_expect_success JQ 'the same as JSON' '
	has ".schema == \"vibehub-status-1\" and .workspace == \"$PWD/work\" and
		.hub.state == \"online\" and .hub.message == \"\" and
		(.hub.id | test(\"^[0-9a-f]{64}$\")) and .hub.tip == .head and
		.branch == \"refs/heads/main\" and .hub.branch == .branch and
		.operation == null and .unfinished == false and .to_send == 0 and
		.to_bring_in == 0 and (.last_complete_sync | fromdate) > 0 and
		.last_run.what == \"sync\" and .last_run.exit == 0 and
		.changes == { new: 0, changed: 0, removed: 0 } and
		.parked_change == null and .parked_direction == null and
		([.counts[]] | add) == 0" &&
	has "[.computers[] | .name, .this, .state, .behind, .pending] ==
		[\"alpha\", true, \"ok\", 0, 0, \"beta\", false, \"ok\", 0, 0]"
'

test_expect_success JQ 'the files that a run leaves are as their page says' '
	jq -e ".schema == \"vibehub-workspace-status-1\" and .online and
		.branch == \"refs/heads/main\" and .url == \"$PWD/hub.git\" and
		(.device.id | length) == 36 and .device.name == \"alpha\" and
		.last_run.what == \"sync\" and .last_run.exit == 0 and
		.last_run.message == \"\" and .counts.changed == 2 and
		[.changed[].path] == [\"a\", \"d/b\"] and
		(.last_complete_sync | fromdate) > 0 and (.head | length) == 40" \
		work/.git/vibehub/sync_status.json &&
	jq -e ".schema == \"vibehub-hub-status-1\" and (.written | fromdate) > 0 and
		(.hub | length) == 64 and (.refs[\"refs/heads/main\"] | length) == 40 and
		(.devices | length) == 2 and ([.devices[].name] | sort) == [\"alpha\", \"beta\"] and
		([.devices[].tips[\"refs/heads/main\"]] | unique | length) == 1 and
		([.devices[] | .state] | unique) == [\"ok\"] and
		([.devices[] | .device | length] | unique) == [36] and
		([.devices[] | .last_seen | fromdate > 0] | all)" hub.git/vibehub/sync_status.json
'

test_expect_success 'what changed here' '
	echo a2 >>work/a && rm work/d/b && echo n >work/new && chmod +x work/new &&
	look && grep "^changes    1 new, 1 changed, 1 removed here since then$" out &&
	grep "^    changed  a$" out && grep "^    removed  d/b$" out &&
	grep "^    new      new$" out
'

test_expect_success JQ 'as JSON' '
	has ".changes == { new: 1, changed: 1, removed: 1 } and .counts.changed == 3 and
		.changed == [{ path: \"a\" }, { path: \"d/b\", why: \"removed\" },
			{ path: \"new\", why: \"new\" }]"
'

test_expect_success 'what git committed is to be sent, not changed' '
	git -C work add -A && git -C work commit -qm "by hand" &&
	look && ! grep "^changes" out && grep "^hub .*: 1 commit to send$" out &&
	echo more >>work/a && echo x >work/x &&
	look && grep "^changes    1 new, 1 changed here since then$" out &&
	git -C work reset -q --soft HEAD^ && git -C work reset -q &&
	rm work/x && look && grep "^changes    1 new, 1 changed, 1 removed" out &&
	git -C work checkout -q . && rm work/new && look && ! grep "^changes" out
'

test_expect_success 'how far the others are, before and after their sync' '
	echo 1 >work/one && hub -C work sync && echo 2 >work/two && hub -C work sync &&
	look && grep "^    beta .* 2 commits behind$" out &&
	computer beta hub -C other status >out2 &&
	grep "^hub .*: 2 commits to bring in$" out2 &&
	echo b >other/b && git -C other add b && git -C other commit -qm b &&
	computer beta hub -C other status >out2 &&
	grep "^hub .*: 2 commits to bring in, 1 commit to send$" out2 &&
	computer beta hub -C other sync &&
	look && grep "1 commit to bring in$" out &&
	grep "^    alpha .* 1 commit behind (this one)" out &&
	hub -C work sync
'

test_expect_success 'offline: everything of here, exit 0' '
	echo off >work/off && mv hub.git away && test_when_finished "mv away hub.git" &&
	look && grep "^hub .*: offline$" out && grep "^changes    1 new here" out &&
	! grep "^computers" out
'

test_expect_success JQ 'offline as JSON; then what the last run said' '
	mv hub.git away && test_when_finished "mv away hub.git" &&
	has ".hub.state == \"offline\" and .to_send == null and
		.computers == [] and .hub.tip == null" &&
	test_expect_code 13 hub -C work sync &&
	look && grep "^last sync  .*; last run: sync .*, exit 13: .*not mounted" out
'

test_expect_success 'another hub at the path' '
	hub -C work sync && mv hub.git away && hub init -q hub.git &&
	test_when_finished "rm -rf hub.git && mv away hub.git" &&
	look && grep "^hub .*: not usable: .*another hub" out
'

test_expect_success 'left out, pending, bad names, links' '
	printf "%s\n" "*.o" >work/.gitignore && : >work/1.o && : >work/2.o &&
	git init -q work/inner && echo i >work/inner/file && mkfifo work/fifo &&
	dd if=/dev/zero of=work/big bs=1024 count=1100 2>/dev/null &&
	mv hub.git/vibehub/vault hub.git/vibehub/key . &&	# a hub of an older release
	hub -C work sync &&
	look && grep "^not synced 2 ignored by .gitignore, 1 git folder.*, 1 special file$" out &&
	grep "^pending    1 file large" out && grep "^    big: no vault" out &&
	! grep "^changes" out &&
	computer beta hub -C other sync && computer beta hub -C other status >out2 &&
	grep "^    alpha .* 1 file pending$" out2
'

test_expect_success JQ 'as JSON' '
	has ".counts.ignored == 2 and .counts.nested_repository == 1 and .counts.special == 1 and
		.counts.pending_large == 1 and .pending_large[0].path == \"big\""
'

test_expect_success 'staged with git and changed again' '
	echo s1 >work/s && git -C work add s && echo s2 >work/s &&
	look && grep "^pending    1 file staged" out && ! grep "^changes" out &&
	git -C work add s && look && grep "^changes    1 new here" out &&
	hub -C work sync
'

test_expect_success '!ROOT' 'what cannot be read is said' '
	mkdir work/closed && echo x >work/closed/x && hub -C work sync && chmod 0 work/closed &&
	test_when_finished "chmod 755 work/closed" &&
	look && grep "^unreadable 1 file could not be read" out && ! grep "^changes" out
'

test_expect_success 'a name cannot move the cursor' '
	printf x >"work/$(printf "a\\033[2Jb\\nc")" &&
	test_when_finished "rm -f work/a*b*c" &&
	look && grep "    new      a.033\[2Jb.012c$" out
'

test_expect_success 'a git operation under way, a detached HEAD' '
	git -C work rev-parse HEAD >work/.git/MERGE_HEAD &&
	look && grep "^git        a merge is under way" out &&
	rm work/.git/MERGE_HEAD &&
	git -C work checkout -q --detach && look && grep "^branch     none (detached HEAD)" out &&
	git -C work checkout -q main
'

test_expect_success 'a branch that the hub has not' '
	git -C work checkout -q -b topic && echo t >work/t && git -C work add t &&
	git -C work commit -qm topic &&
	look && grep "^branch     refs/heads/topic; the hub.s is refs/heads/main$" out &&
	grep "^hub .*: 1 commit to send$" out &&
	git -C work checkout -q main
'

test_expect_success 'a damaged presence file is said, the others are shown' '
	f=$(grep -l "^name beta$" hub.git/vibehub/devices/*) &&
	cp "$f" saved && test_when_finished "cp saved $f" &&
	sed "s/^pending .*/pending 99/" saved >"$f" &&
	look && grep "^    alpha .*(this one)$" out && grep "^    ? .*unknown: .*signature" out
'

test_expect_success SQLITE3 'a database somebody writes to' '
	sqlite3 work/x.db "pragma journal_mode=wal; create table t(a); insert into t values(1)" &&
	hub -C work sync && look && ! grep "^changes" out &&
	sqlite3 work/x.db "insert into t values(2)" &&
	look && grep "^    changed  x.db$" out &&
	hub -C work sync && look && ! grep "^changes" out
'

test_expect_success 'a mass change is announced with the id that sync wants' '
	mkdir work/many &&
	for i in $(test_seq 120)
	do
		echo "$i" >work/many/$i || return 1
	done &&
	hub -C work sync && rm -r work/many &&
	look && grep "^parked     an outgoing change of 120 files" out &&
	test_expect_code 20 hub -C work sync 2>err &&
	grep -o "accept-mass-change=[0-9a-f]*" err >want &&
	grep -o "accept-mass-change=[0-9a-f]*" out >got && test_cmp want got &&
	look && grep -o "accept-mass-change=[0-9a-f]*" out >got && test_cmp want got &&
	hub -C work sync --"$(cat got)" && look && ! grep "^parked" out
'

test_expect_success 'parked on its way in' '
	computer beta hub -C other sync && git -C work revert -n HEAD &&
	git -C work commit -qm back &&
	git -C work push -q && computer beta hub -C other sync &&
	git -C work rm -rq many && git -C work commit -qm gone && git -C work push -q &&
	test_expect_code 20 computer beta hub -C other sync 2>err &&
	grep -o "accept-mass-change=[0-9a-f]*" err >want &&
	computer beta hub -C other status >out &&
	grep "^parked     an incoming change of 120 files" out && ! grep "^behind" out &&
	grep -o "accept-mass-change=[0-9a-f]*" out >got && test_cmp want got &&
	hub -C work sync && look && grep "^    beta .*waits for a decision" out
'

test_expect_success LINUX 'it writes nothing' '
	echo dirty >work/dirty && hub -C work sync && echo dirtier >work/dirty &&
	snapshot () {
		find work hub.git home ! -name vibehub ! -name "*-shm" \
			-printf "%p %s %T@ %m\n" | LC_ALL=C sort
	} &&
	snapshot >before && look && hub -C work status --json >out.json && snapshot >after &&
	test_cmp before after
'

test_expect_success 'it needs no lock' '
	{ flock -x 9 && look && grep "^changes" out; } 9>work/.git/vibehub/lock &&
	rm work/.git/vibehub/lock
'

test_expect_success 'wrong usage, and where there is no workspace' '
	test_expect_code 129 hub -C work status x &&
	mkdir none && test_expect_code 10 hub -C none status 2>err &&
	git init -q plain && test_expect_code 10 hub -C plain status 2>err && grep "hub clone" err
'

test_done
