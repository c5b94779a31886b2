#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='git-remote-hub: plain git at a hub by path'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-remote.sh"

test_expect_success 'set up: a hub and two computers' '
	two_computers && echo 1 >work/f && a && b
'

test_expect_success 'clone, push, fetch: what git does with the path itself' '
	git clone -q "hub::$PWD/hub.git" c1 && git clone -q hub.git c2 &&
	test_same_tree c1 c2 && commit c1 g && git -C c1 push -q &&
	test "$(tip c1 HEAD)" = "$(tip hub.git main)" && a && test -f work/g &&
	echo 2 >>work/f && a && git -C c1 pull -q && test_same_tree c1 work
'

test_expect_success 'the hooks of the hub hold: its own refs are its own' '
	test_must_fail git -C c1 push origin HEAD:refs/vibehub/x 2>err &&
	test_grep "belongs to hub" err
'

test_expect_success 'the address of a workspace, of a folder in it, without .git, as file://' '
	git ls-remote "hub::$PWD/work" refs/heads/main >out && test_line_count = 1 out &&
	git ls-remote "hub::$PWD/hub" main >out && test_line_count = 1 out &&
	git ls-remote "hub::file://$PWD/hub.git/" main >out && test_line_count = 1 out
'

test_expect_success 'depth, mirror, tags, archive: all of git' '
	git clone -q --depth 1 "hub::$PWD/hub.git" shallow &&
	test "$(commits shallow)" = 1 && git -C c1 tag v1 && git -C c1 push -q origin v1 &&
	git clone -q --mirror "hub::$PWD/hub.git" m.git && test -n "$(tip m.git v1)" &&
	git -C hub.git config uploadarchive.allowUnreachable true &&
	git archive --remote="hub::$PWD/hub.git" main >a.tar && tar tf a.tar >out && test_grep f out
'

test_expect_success 'what is no address: said, and nothing is made' '
	test_must_fail git clone hub::relative x 2>err && test_grep "hub::$PWD/relative" err &&
	test_must_fail git clone "hub::$PWD/nothing" x 2>err && test_grep "no sealed copy" err &&
	test_must_fail git clone hub::what://ever x 2>err && test_grep "no such address" err &&
	test_must_fail git clone hub:: x && test_path_missing x
'

test_expect_success 'by hand: help, version, usage, exit codes' '
	git-remote-hub -h >out && test_grep "git clone hub::" out &&
	git-remote-hub --version >out && test_grep "^git-remote-hub [0-9]" out &&
	test_expect_code 129 git-remote-hub && test_expect_code 129 git-remote-hub a b c &&
	echo capabilities | test_expect_code 0 git-remote-hub x "$PWD/hub.git" >out &&
	test_grep connect out &&
	echo list | test_expect_code 10 git-remote-hub x "$PWD/nothing" &&
	echo nonsense | test_expect_code 129 git-remote-hub x "$PWD/hub.git" &&
	echo connect git-evil-pack | git-remote-hub x "$PWD/hub.git" >out && test_grep fallback out
'

test_done
