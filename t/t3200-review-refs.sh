#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later

test_description='refs of the hub that plain git moves about'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_expect_success 'setup' '
	two_computers &&
	echo one >work/one && ab &&
	git clone -q hub.git plain
'

test_expect_success 'a branch makes room for a folder of branches' '
	git -C plain push -q origin main:refs/heads/x && a && b &&
	git -C plain push -q origin :refs/heads/x &&
	git -C plain push -q origin main:refs/heads/x/y &&
	echo two >work/two && a && b &&
	git -C work rev-parse refs/remotes/origin/x/y &&
	test_path_is_file other/two
'

test_expect_success 'and the other way round' '
	git -C plain push -q origin :refs/heads/x/y &&
	git -C plain push -q origin main:refs/heads/x &&
	echo three >work/three && a && b &&
	git -C work rev-parse refs/remotes/origin/x &&
	test_path_is_file other/three
'

test_expect_success 'the same with tags: those of the user stay' '
	git -C plain push -q origin main:refs/tags/v && a && b &&
	git -C plain push -q origin :refs/tags/v &&
	git -C plain push -q origin main:refs/tags/v/1 &&
	echo four >work/four && a && b &&
	git -C work rev-parse refs/tags/v &&
	test_path_is_file other/four
'

test_expect_success 'dropped history stays dropped though git fetched before' '
	echo secret >work/secret && a && b &&
	git -C plain fetch -q --no-tags && git -C plain reset -q --hard origin/main~1 &&
	git -C plain push -q -f origin main &&
	git -C work fetch -q --no-tags &&
	a && test_path_missing work/secret &&
	b && a && test_path_missing other/secret &&
	test_same_tree work other
'

test_expect_success 'names that git allows and we do not make stop nothing' '
	git -C plain push -q origin main:refs/heads/a/-b main:refs/heads/HEAD &&
	git -C work symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/gone &&
	echo five >work/five && a && b &&
	test_path_is_file other/five
'

test_expect_success 'the branch was renamed in the hub: it says so' '
	git -C hub.git branch -m main trunk &&
	echo six >work/six && test_expect_code 20 a && grep trunk a.err &&
	git -C work switch -q -c trunk && a &&
	computer beta git -C other switch -q -c trunk && b &&
	test_path_is_file other/six && test_same_tree work other &&
	test_must_fail git -C hub.git rev-parse refs/heads/main
'

test_done
