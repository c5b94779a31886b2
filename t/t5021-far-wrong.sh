#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a hub over SSH: another one, none at all, plain git beside it'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-far.sh"

test_expect_success 'nothing there, and what is no hub: 10, nothing is made' '
	start_sshd && test_expect_code 10 hub clone "ssh://far$PWD/none.git" w 2>err &&
	test_grep "no hub" err && git init -q --bare plain.git &&
	test_expect_code 10 hub clone "ssh://far$PWD/plain.git" w 2>err &&
	test_grep "not a hub" err && test_path_missing w &&
	test -z "$(ls -A "$VIBEHUB_HOME" 2>/dev/null | grep far-)"
'

test_expect_success 'addresses that are none' '
	test_expect_code 129 hub clone "ssh://" w &&
	test_expect_code 129 hub clone "ssh://-x/y" w &&
	test_expect_code 129 hub clone "sftp://far$PWD/hub.git" w 2>err && test_path_missing w
'

test_expect_success 'host:path is an address, too' '
	far_computers && hub clone -q "far:$PWD/hub.git" third && echo 1 >third/f &&
	hub -C third sync -q && b && test_cmp third/f other/f && b && a && rm -rf third
'

test_expect_success 'a known hub whose folder is gone is offline, not absent' '
	mv hub.git away.git && echo 2 >work/f && test_expect_code 13 a && mv away.git hub.git && ab
'

test_expect_success 'another hub in its place: 15, nothing is sent' '
	mv hub.git away.git && hub init -q hub.git && echo 3 >work/f && test_expect_code 15 a &&
	test_must_fail git -C hub.git rev-parse -q --verify HEAD && rm -rf hub.git &&
	mv away.git hub.git && ab
'

test_expect_success 'an old copy of the hub restored: 15' '
	cp -r hub.git old.git && echo 5 >work/f && ab && mv hub.git new.git && mv old.git hub.git &&
	echo 6 >work/f && test_expect_code 15 a && rm -rf hub.git && mv new.git hub.git && ab
'

test_expect_success 'plain git beside it: clone, push, a forced push that was recorded' '
	git clone -q "$HUB_URL" g && echo 4 >g/f && git -C g commit -qam 4 && git -C g push -q &&
	ab && test "$(cat work/f)" = 4 && git -C g tag v1 && git -C g push -q origin v1 && a &&
	git -C work rev-parse -q --verify v1 && git -C g reset -q --hard HEAD~1 &&
	git -C g push -qf && a && b && test_same_tree work other && test "$(cat work/f)" != 4
'

test_expect_success 'a branch of its own goes to the hub, and comes' '
	git -C work switch -qc topic && echo t >work/t && a &&
	git -C hub.git rev-parse -q --verify topic &&
	b && git -C other rev-parse -q --verify origin/topic && git -C work switch -q main && ab
'

test_expect_success 'names that no tree may hold do not get in' '
	git -C work hash-object -w f >id && printf "100644 blob %s\t.GIT\n" "$(cat id)" |
	git -C work mktree >tree && c=$(git -C work commit-tree -p HEAD -m x $(cat tree)) &&
	h=$(git -C hub.git rev-parse HEAD) && git -C work update-ref refs/heads/bad $c &&
	git -C work symbolic-ref HEAD refs/heads/bad && test_must_fail hub -C work push &&
	git -C work symbolic-ref HEAD refs/heads/main && git -C work update-ref -d refs/heads/bad &&
	test_must_fail git -C hub.git rev-parse -q --verify bad &&
	test "$(git -C hub.git rev-parse HEAD)" = $h &&
	ab
'

test_expect_success 'hub verbs that belong beside the hub say so' '
	test_expect_code 129 hub -C work key list 2>err && test_grep "another computer" err &&
	test_expect_code 129 hub -C work gc 2>err && test_grep "another computer" err
'

test_expect_success 'a mass change that was accepted is honoured there, too' '
	mkdir work/m && i=0 && while test $i -lt 120
	do
		echo $i >work/m/$i && i=$((i + 1)) || return 1
	done && ab && rm -r work/m && test_expect_code 20 a &&
	test_expect_code 20 hub -C work sync >out 2>&1 &&
	id=$(sed -n "s/.*--accept-mass-change=\([0-9a-f]*\).*/\1/p" out | head -n 1) &&
	a --accept-mass-change=$id && b && test_same_tree work other && test_path_missing other/m &&
	test -n "$(ls hub.git/vibehub/accepted)"
'

test_expect_success 'hub config hub: by path, and back over SSH' '
	hub -C work config hub "$PWD/hub.git" && echo 7 >work/f && ab &&
	hub -C work config hub "$HUB_URL" && echo 8 >work/f && ab
'

stop_sshd
test_done
