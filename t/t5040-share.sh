#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub share: invitations, roles, paths, taking it back, over a real sshd'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

. "$TEST_DIRECTORY/lib-ssh.sh"
VIBEHUB_TEST_KDF=min
export VIBEHUB_TEST_KDF

# The hub is at "far", whose authorized_keys has nothing but what hub puts there; an
# invitation needs no configuration of ssh: an address with host and port.
share () { hub -C hub.git share "$@"; }
invite () {
	share invite --url="ssh://127.0.0.1:$SSHD_PORT$PWD/hub.git" \
		--host-key="$SSH_DIR/host.pub" --authorized-keys="$SSH_DIR/authorized_keys" \
		"$@" >line 2>err && sed -n "s/^hub clone //p" line
}
# as another user on another computer
at () {
	local who=$1
	shift
	env -u GIT_SSH_COMMAND HOME="$PWD/home-$who" VIBEHUB_HOME="$PWD/home-$who/.vibehub" \
		VIBEHUB_HOSTNAME="$who" "$@"
}

test_expect_success 'a hub, with what there is of it' '
	start_sshd && VIBEHUB_PASSPHRASE="correct horse battery staple" hub init -q hub.git &&
	hub clone -q --name=owner hub.git a && mkdir a/docs a/src && echo 1 >a/docs/d &&
	echo 1 >a/src/s && dd if=/dev/urandom of=a/big bs=1000000 count=3 2>/dev/null &&
	hub -C a sync -q && : >"$SSH_DIR/authorized_keys" && mkdir home-bob home-eve home-vic
'

test_expect_success 'invite: a line, a forced command, a list' '
	printf "# mine\nssh-ed25519 AAAA me" >"$SSH_DIR/authorized_keys" &&
	invite --role=editor --name=bob >bob && test_line_count = 1 bob &&
	test_grep "^hub-invite:" bob && test_grep "secret" err &&
	sed 2q "$SSH_DIR/authorized_keys" >head && printf "# mine\nssh-ed25519 AAAA me\n" >want &&
	test_cmp want head &&
	test_grep "^restrict,command=.* serve .*--only=$PWD/hub.git.* --as=" \
		"$SSH_DIR/authorized_keys" &&
	share >out && test_grep "open .*editor .*bob" out
'

test_expect_success 'clone by it: files, large files, nothing to configure' '
	at bob hub clone -q "$(cat bob)" b </dev/null && test_cmp a/docs/d b/docs/d &&
	cmp a/big b/big && share >out && test_grep "redeemed .*bob" out &&
	test_grep "computer .*editor  *bob" out &&
	test -z "$(find home-bob -name "*.device")" &&
	ssh-keygen -y -f "$(echo home-bob/.vibehub/ssh/*.key)" >pub &&
	test_grep "$(cut -d" " -f2 pub)" "$SSH_DIR/authorized_keys"
'

test_expect_success 'an editor writes, large files too, and the owner gets it' '
	echo 2 >b/docs/d && dd if=/dev/urandom of=b/more bs=1000000 count=2 2>/dev/null &&
	at bob hub -C b sync && hub -C a sync && test_cmp a/docs/d b/docs/d && cmp a/more b/more
'

test_expect_success 'a second computer by the same line: refused; the first may again' '
	test_expect_code 17 at eve hub clone "$(cat bob)" e 2>err </dev/null &&
	test_grep "redeemed by another" err && test_path_missing e/docs
'

test_expect_success 'a viewer reads, and what it changes stays there' '
	invite --role=viewer --name=vic >vic && at vic hub clone -q "$(cat vic)" v </dev/null &&
	test_cmp a/docs/d v/docs/d && echo 3 >a/docs/d && hub -C a sync -q &&
	at vic hub -C v sync && test_cmp a/docs/d v/docs/d &&
	old=$(git -C hub.git rev-parse HEAD) && echo x >v/docs/mine &&
	test_expect_code 17 at vic hub -C v sync 2>err && test_grep "viewer" err &&
	test "$(git -C hub.git rev-parse HEAD)" = "$old" && test_path_is_file v/docs/mine &&
	hub verify hub.git
'

test_expect_success 'grant: from the next session on' '
	share grant --role=editor vic && at vic hub -C v sync && hub -C a sync -q &&
	test_path_is_file a/docs/mine
'

test_expect_success 'only below some paths' '
	share grant --role=editor --path=docs vic && share >out &&
	test_grep "vic .*writes at docs" out && echo y >v/docs/mine && at vic hub -C v sync &&
	echo z >v/src/s && test_expect_code 17 at vic hub -C v sync 2>err &&
	test_grep "may not write at .src/s." err && echo 1 >v/src/s && at vic hub -C v sync &&
	hub -C a sync -q && test y = "$(cat a/docs/mine)" && test 1 = "$(cat a/src/s)"
'

test_expect_success 'revoke: no longer let in, no longer listed, no new keys for it' '
	share revoke vic >out && test_grep "no computer of this hub" out &&
	test_expect_code 17 at vic hub -C v sync 2>err && share >out && ! grep vic out &&
	! grep "$(git -C v config vibehub.device || hub -C v config device)" \
		"$SSH_DIR/authorized_keys" && hub -C a sync -q && hub verify hub.git &&
	at bob hub -C b sync
'

test_expect_success 'an invitation taken back, one that is over, one with a slip' '
	invite --name=nobody >line2 && share revoke nobody >out && test_grep void out &&
	test_expect_code 17 at eve hub clone "$(cat line2)" e 2>err </dev/null &&
	invite --name=late --expires=1 >line2 &&
	id=$(share --json | jq -r ".grants[] | select(.name == \"late\") | .id") &&
	test_expect_code 16 at eve hub clone "$(cut -c1-60 line2)" e 2>err </dev/null &&
	test_grep "whole invitation" err && test -n "$id"
'

test_expect_success 'another host key than the one told: nothing is sent' '
	ssh-keygen -q -t ed25519 -N "" -f other && share invite \
		--url="ssh://127.0.0.1:$SSHD_PORT$PWD/hub.git" --host-key=other.pub >line &&
	sed -n "s/^hub clone //p" line >wrong &&
	test_expect_code 12 at eve hub clone "$(cat wrong)" e 2>err </dev/null &&
	test_grep "host key" err
'

test_expect_success 'bad input' '
	test_expect_code 129 hub -C hub.git share nonsense &&
	test_expect_code 129 hub -C hub.git share invite --role=king 2>err &&
	test_grep "no role" err && test_expect_code 129 hub -C hub.git share grant bob &&
	test_expect_code 10 hub -C hub.git share revoke stranger &&
	test_expect_code 129 hub -C hub.git share invite --path=../x &&
	test_expect_code 129 hub -C hub.git share invite --expires=0 &&
	test_expect_code 17 hub -C hub.git share grant --role=owner bob 2>err &&
	test_grep "cannot make" err && share --json >out && jq -e ".void == 0" out
'

stop_sshd
test_done
