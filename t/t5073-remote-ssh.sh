#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='git-remote-hub over SSH: the hub, a place with hub there, a box'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-remote.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"

test_expect_success 'set up: a hub, a place, "far" has both' '
	start_sshd && with_place && H=hub::ssh://far$PWD/hub.git P=hub::ssh://far$PWD/usb
'

test_expect_success 'the hub: git is joined to git there; hooks hold; it is asked once' '
	git clone -q "$H" c1 && test_same_tree work c1 && commit c1 g && git -C c1 push -q &&
	test "$(tip c1 HEAD)" = "$(tip hub.git main)" && a && test -f work/g &&
	test_must_fail git -C c1 push origin HEAD:refs/vibehub/x 2>err &&
	test_grep "belongs to hub" err && git clone -q --depth 1 "$H" c2 &&
	test "$(commits c2)" = 1 && echo 1 >>work/f && a &&
	n=$(grep -c "Accepted publickey" ssh/log) && git -C c1 pull -q && test_same_tree c1 work &&
	test $(($(grep -c "Accepted publickey" ssh/log) - n)) = 1
'

test_expect_success 'scp-like addresses, ~, a repository that hub does not know' '
	mkdir -p far && git clone -q --bare hub.git far/plain.git &&
	git ls-remote "hub::far:$PWD/hub.git" main >out && test_line_count = 1 out &&
	git ls-remote "hub::far:plain.git" main >out && test_line_count = 1 out &&
	git ls-remote "hub::ssh://far/~/plain.git" main >out && test_line_count = 1 out
'

test_expect_success 'the place: clone, push, fetch, one connection each' '
	git clone -q "$P" p1 && test_same_tree work p1 && is_sound p1 &&
	git clone -q "$P/$(ls usb)" p2 &&
	n=$(grep -c "Accepted publickey" ssh/log) && commit p1 h && git -C p1 push -q &&
	test $(($(grep -c "Accepted publickey" ssh/log) - n)) = 1 &&
	git -C p2 pull -q && test_same_tree p1 p2 && a && test -f work/h &&
	commit p2 x && test_must_fail git -C p2 push "$P" HEAD^:main HEAD:refs/vibehub/y &&
	git -C p2 push -q && git -C p1 tag -a -m t v1 && git -C p1 push -q origin v1 &&
	git -C p2 fetch -q && test "$(tip p2 v1)" = "$(tip p1 v1)" && a
'

test_expect_success 'the address that `hub remote list --json` prints' '
	mkdir far/store && hub -C work remote add far "ssh://far/~/store" && a &&
	url=$(hub -C work remote list --json |
		sed -n "s/.*\"url\": \"\(ssh:.*\)\".*/\1/p") &&
	git clone -q "hub::$url" q1 && test_same_tree work q1
'

test_expect_success 'a box without hub: sftp' '
	S=hub::sftp://far$PWD/usb && git clone -q "$S" s1 && test_same_tree work s1 &&
	commit s1 by-sftp && git -C s1 push -q && git -C p1 fetch -q && a && test -f work/by-sftp
'

test_expect_success 'a forced command: hub and git by one key, nothing else' '
	far_key "command=\"hub serve --only=$PWD/hub.git --only=$PWD/usb\",restrict" &&
	git clone -q "$H" f1 && git clone -q "$P" f2 && commit f2 forced && git -C f2 push -q &&
	test_must_fail git ls-remote hub::ssh://far$PWD/far/plain.git 2>err &&
	test_grep "not for" err &&
	far_key ""
'

test_expect_success 'no answer; no such path; rolled back' '
	test_must_fail git clone "hub::ssh://far$PWD/nothing" x && test_path_missing x &&
	cp -a usb usb.old && commit f2 r && git -C f2 push -q && mv usb usb.new && mv usb.old usb &&
	test_must_fail git -C f2 fetch 2>err && test_grep "put back" err && rm -rf usb &&
	mv usb.new usb &&
	stop_sshd && test_must_fail git -C f2 fetch 2>err && test_grep "does not answer" err &&
	(cd f2 && GIT_DIR=.git && export GIT_DIR &&
	 echo capabilities | test_expect_code 13 git-remote-hub o "ssh://far$TRASH_DIRECTORY/usb")
'

test_done
