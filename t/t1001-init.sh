#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub init: an ordinary bare repository that knows it is a hub'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'a new hub: says what to do next, is bare, passes fsck' '
	hub init hub.git >out && test_grep "hub clone" out &&
	test "$(git -C hub.git rev-parse --is-bare-repository)" = true &&
	git -C hub.git fsck --strict && test_path_is_file hub.git/vibehub/format &&
	test_grep -E "^id [0-9a-f]{64}$" hub.git/vibehub/format
'

test_expect_success 'its settings' '
	test "$(git -C hub.git config core.fsync)" = all &&
	test "$(git -C hub.git config receive.fsckObjects)" = true &&
	test "$(git -C hub.git config transfer.fsckObjects)" = true
'

test_expect_success 'plain git at once: clone, push, log, pull' '
	git clone -q hub.git plain && echo 1 >plain/f && git -C plain add f &&
	git -C plain commit -qm one && git -C plain push -q origin HEAD:main &&
	git clone -q hub.git plain2 && test -f plain2/f && git -C hub.git log --oneline main
'

test_expect_success 'already a hub: left as it is, and said' '
	before=$(git -C hub.git rev-parse main) && cp hub.git/vibehub/format fmt &&
	hub init hub.git >out && test_grep "already" out && test_cmp fmt hub.git/vibehub/format &&
	test "$(git -C hub.git rev-parse main)" = "$before"
'

test_expect_success 'two hubs have different ids' '
	hub init -q hub2.git && test_must_fail cmp hub.git/vibehub/format hub2.git/vibehub/format
'

test_expect_success 'an existing bare repository is adopted with its history' '
	git clone -q --bare plain bare.git && before=$(git -C bare.git rev-parse HEAD) &&
	hub init bare.git >out && test_grep "now a hub" out &&
	test_path_is_file bare.git/vibehub/format &&
	test "$(git -C bare.git rev-parse HEAD)" = "$before" && hub clone -q bare.git w &&
	test -f w/f
'

test_expect_success 'hooks of the user stay' '
	git init -q --bare own.git && write_script own.git/hooks/pre-receive <<-\EOF &&
	echo mine
	EOF
	cp own.git/hooks/pre-receive hook && hub init -q own.git &&
	test_cmp hook own.git/hooks/pre-receive
'

test_expect_success 'an empty folder becomes the hub; missing folders above are made' '
	mkdir empty.git && hub init -q empty.git && hub init -q some/where/deep.git &&
	test -f some/where/deep.git/vibehub/format && hub init -q slash.git/ && test -d slash.git
'

test_expect_success 'a folder with other files, a file, a working copy: refused, untouched' '
	mkdir full && echo x >full/x && test_expect_code 128 hub init full 2>err &&
	test_grep "full" err &&
	test "$(ls -A full)" = x && echo y >file && test_expect_code 128 hub init file &&
	git init -q wc && { hub init wc 2>err; test $? = 128; } &&
	test_path_missing wc/.git/vibehub &&
	test_path_missing wc/vibehub
'

test_expect_success 'a bare repository that hub cannot use: 18, with the reason' '
	git init -q --bare --object-format=sha256 sha.git &&
	test_expect_code 18 hub init sha.git 2>err && test_grep "SHA-1" err &&
	test_path_missing sha.git/vibehub &&
	git clone -q plain two && git -C two commit -q --allow-empty -m two &&
	git clone -q --bare --depth 1 "file://$PWD/two" cut.git &&
	test_expect_code 18 hub init cut.git 2>err && test_grep "unshallow" err
'

test_expect_success 'left by a killed init: begun again' '
	mkdir -p late.git.hub-init~/objects && echo junk >late.git.hub-init~/HEAD &&
	hub init -q late.git && test_path_missing late.git.hub-init~ && git -C late.git fsck
'

test_expect_success '--template=central lays out five folders' '
	hub init -q --template=central c.git && git -C c.git ls-tree --name-only main >list &&
	test_write_lines blueprints code data deployments logs >want && test_cmp want list &&
	git -C c.git fsck --strict && hub clone -q c.git cw && test -f cw/data/README.md &&
	test_expect_code 129 hub init --template=nothing n.git && test_path_missing n.git
'

test_expect_success 'refs/vibehub is hub'"'"'s own: a push there is refused' '
	test_must_fail git -C plain push origin HEAD:refs/vibehub/meta 2>err &&
	test_grep "belongs to hub" err &&
	test_must_fail git -C hub.git rev-parse --verify -q refs/vibehub/meta
'

test_expect_success 'names that no computer could write are refused, and named' '
	blob=$(git -C plain hash-object -w --stdin </dev/null) &&
	tree=$(printf "100644 blob %s\t.git" $blob | git -C plain mktree) &&
	c=$(git -C plain commit-tree -p HEAD -m evil $tree) &&
	git -C hub.git config receive.fsckObjects false &&
	test_must_fail git -C plain push origin $c:refs/heads/evil 2>err &&
	test_grep "no computer could" err &&
	test_must_fail git -C hub.git rev-parse --verify -q evil &&
	git -C hub.git config receive.fsckObjects true
'

test_expect_success 'forced pushes and deletions are let through and recorded' '
	old=$(git -C hub.git rev-parse main) && git -C plain commit -q --amend -m other &&
	git -C plain push -q --force origin HEAD:main &&
	test_grep "^$old $(git -C plain rev-parse HEAD) [0-9]* refs/heads/main$" \
		hub.git/vibehub/acts &&
	git -C plain push -q origin HEAD:gone && git -C plain push -q origin :gone &&
	test_grep "^$(git -C plain rev-parse HEAD) 0\{40\} [0-9]* refs/heads/gone$" \
		hub.git/vibehub/acts &&
	test_line_count = 2 hub.git/vibehub/acts
'

test_expect_success 'without hub in the PATH hooks warn and pass' '
	echo 3 >plain/three && git -C plain add three && git -C plain commit -qm three &&
	PATH=/usr/bin:/bin git -C plain push -q origin HEAD:main 2>err &&
	test "$(git -C hub.git rev-parse main)" = "$(git -C plain rev-parse HEAD)"
'

test_expect_success !ROOT 'a folder that cannot be written: 17' '
	mkdir ro && chmod 555 ro && test_expect_code 17 hub init ro/h.git && chmod 755 ro
'

test_expect_success 'usage' '
	test_expect_code 129 hub init && test_expect_code 129 hub init a b &&
	test_expect_code 129 hub init --what
'

test_done
