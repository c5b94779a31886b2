#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub serve: sessions through a real sshd, and what is no session'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"

test_expect_success 'set up: a computer by the name of far' '
	start_sshd && ssh -F ssh/config far "hub --version" >out && hub --version >want &&
	test_cmp want out
'

test_expect_success 'not for people' '
	test_expect_code 129 hub serve && test_expect_code 129 hub serve a b &&
	test_expect_code 129 hub serve --only=a b
'

test_expect_success 'what comes is no session: said, exit 16' '
	echo "hello there, this is no frame" | test_expect_code 16 hub serve "$PWD" >out 2>err &&
	test_grep "protocol" err && test_must_be_empty out &&
	printf "" | hub serve "$PWD" >out && test_must_be_empty out &&
	printf "\0\0\0\1\6" | hub serve "$PWD" &&
	printf "\0\0\0" | test_expect_code 13 hub serve "$PWD"
'

test_expect_success 'a forced command: hub and git for these paths, nothing else' '
	mkdir -p srv/a other && git init -q --bare srv/a/git.git && ln -s "$PWD/other" srv/link &&
	far_key "command=\"hub serve --only=$PWD/srv\",restrict" &&
	git ls-remote "ssh://far$PWD/srv/a/git.git" &&
	for c in "" id "cat /etc/passwd" "hub status" "hub serve $PWD/other" "hub serve $PWD" \
		"hub serve $PWD/srv/link" "hub serve $PWD/srvx" "hub serve $PWD/srv/../other" \
		"hub serve --only=/ $PWD/srv" "hub serve $PWD/srv extra" \
		"git-upload-pack $PWD/other" \
		"git-upload-pack --x" "git-upload-archive $PWD/srv/a/git.git" \
		"hub serve \"$PWD/srv"
	do
		test_expect_code 17 ssh -F ssh/config far $c </dev/null 2>err &&
		test_grep "key is for\|not for" err || return 1
	done &&
	ssh -F ssh/config far "hub serve \"$PWD/srv/a\"" </dev/null &&
	ssh -F ssh/config far "hub serve $PWD/srv" </dev/null
'

test_expect_success 'git through it: push and fetch; append-only and read-only refuse a push' '
	git init -q w && echo 1 >w/f && git -C w add f && git -C w commit -qm 1 &&
	git -C w push -q "ssh://far$PWD/srv/a/git.git" HEAD:refs/heads/main &&
	git clone -q "ssh://far$PWD/srv/a/git.git" c && test_cmp w/f c/f &&
	for o in append-only read-only
	do
		far_key "command=\"hub serve --$o --only=$PWD/srv\",restrict" &&
		test_must_fail git -C w push -q "ssh://far$PWD/srv/a/git.git" \
			HEAD:refs/heads/x 2>err && test_grep "may not push" err &&
		git ls-remote "ssh://far$PWD/srv/a/git.git" main >out && test_line_count = 1 out ||
		return 1
	done
'

# may somebody else come to this folder at all?
if test_have_prereq ROOT && mkdir theirs && chown 65534:65534 theirs && chmod 700 theirs &&
	setpriv --reuid=65534 --regid=65534 --clear-groups test -w theirs 2>/dev/null
then
	test_set_prereq OTHER_USER
fi
test_expect_success OTHER_USER 'started by root it becomes the owner of what it serves' '
	python3 "$TEST_DIRECTORY/session.py" "$PWD/theirs" make >out && test_grep "made" out &&
	test "$(find theirs ! -uid 65534 | wc -l)" = 0 &&
	test "$(find theirs -mindepth 1 | wc -l)" -gt 3
'

test_expect_success 'a client written from the page: unknown requests, thousands at once' '
	mkdir -p place &&
	python3 "$TEST_DIRECTORY/session.py" "$PWD/place" make unknown flood >out &&
	test_grep "^hello 0 hub " out && test_grep "^unknown 4" out &&
	test_grep "^flood 3000" out && test_grep "^ended 0" out
'

stop_sshd
test_done
