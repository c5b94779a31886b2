#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub clone: a workspace, new or adopted'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

name_of () { git config -f "$1/.git/vibehub/config" vibehub.name; }

test_expect_success 'set up: a hub with something in it' '
	hub init -q hub.git && hub clone -q hub.git first && mkdir first/d && echo 1 >first/f &&
	echo 2 >first/d/g && ln -s f first/l && hub -C first sync
'

test_expect_success 'by path: synced, said what to do next, git is content' '
	hub clone hub.git w1 >out && test_grep "hub sync" out && test_same_tree first w1 &&
	git_is_content w1 && test "$(git -C w1 config remote.origin.url)" = "$PWD/hub.git" &&
	git -C w1 log --oneline origin/main
'

test_expect_success 'by file://, with escapes' '
	cp -a hub.git "with space.git" && hub clone -q "file://$PWD/with%20space.git" w2 &&
	test_same_tree first w2 &&
	echo x >w2/x && hub -C w2 sync && git -C "with space.git" cat-file -e main:x &&
	test_expect_code 129 hub clone "file://elsewhere/hub.git" no &&
	test_expect_code 129 hub clone "file://$PWD/%zz" no
'

test_expect_success 'the default folder is the name of the hub' '
	mkdir in && (cd in && hub clone -q ../hub.git) && test_same_tree first in/hub &&
	hub clone -q -C in ../hub.git viaC && test -d in/viaC
'

test_expect_success 'names: the host, -2, -3, a given one, a bad one' '
	test "$(name_of first)" = alpha && test "$(name_of w1)" = alpha-2 &&
	test "$(name_of in/hub)" = alpha-3 &&
	hub clone -q --name=desk.top_1 hub.git named && test "$(name_of named)" = desk.top_1 &&
	test_expect_code 129 hub clone --name="a b" hub.git no && test_path_missing no &&
	VIBEHUB_HOSTNAME="wëird näme" hub clone -q hub.git odd &&
	test "$(name_of odd | tr -d A-Za-z0-9._-)" = ""
'

test_expect_success 'the key is in the user folder, for the user only' '
	id=$(git config -f w1/.git/vibehub/config vibehub.device) &&
	test "$(stat -c %a home/.vibehub/devices/$id.key)" = 600 &&
	chmod 644 home/.vibehub/devices/$id.key && test_expect_code 17 hub -C w1 sync 2>err &&
	test_grep "chmod 600" err && chmod 600 home/.vibehub/devices/$id.key && hub -C w1 sync
'

test_expect_success 'nothing there: 10; a plain bare repository: 10, with the way out' '
	test_expect_code 10 hub clone no.git no 2>err && test_grep "hub init" err &&
	test_path_missing no &&
	mkdir void && test_expect_code 10 hub clone void no &&
	git init -q --bare plain.git && test_expect_code 10 hub clone plain.git no 2>err &&
	test_grep "hub init" err && test_expect_code 10 hub clone first no && test_path_missing no
'

test_expect_success 'other addresses are refused clearly' '
	for u in https://x/y ftp://x/y ssh:// ssh://-oProxyCommand=x/y ""
	do
		test_expect_code 129 hub clone "$u" no || return 1
	done && test_path_missing no
'

test_expect_success 'a folder with files, a file in the way: refused, untouched' '
	mkdir full && echo x >full/x && test_expect_code 128 hub clone hub.git full 2>err &&
	test_grep "hub import" err && test "$(ls -A full)" = x &&
	echo y >file && test_expect_code 128 hub clone hub.git file && test "$(cat file)" = y
'

test_expect_success 'a hub inside of the workspace, or the other way round: refused' '
	git init -q p && hub init -q p/hub.git &&
	test_expect_code 128 hub clone p/hub.git p 2>err &&
	test_grep "beside its hub" err && test_path_missing p/.git/vibehub &&
	test_expect_code 128 hub clone hub.git hub.git/w && test_path_missing hub.git/w &&
	hub clone -q p/hub.git p/w && hub clone -q hub.git hub.git-2
'

test_expect_success 'an empty folder is taken' '
	mkdir empty && hub clone -q hub.git empty && test_same_tree first empty
'

test_expect_success 'a plain clone is adopted, nothing of it is lost' '
	git clone -q hub.git pc && echo committed >pc/c && git -C pc add c &&
	git -C pc commit -qm mine &&
	echo modified >pc/f && echo untracked >pc/u && echo staged >pc/s && git -C pc add s &&
	rm pc/d/g && git -C pc branch side &&
	hub clone hub.git pc >out && test_grep "adopted" out &&
	git -C hub.git log --format=%s main >log && test_grep mine log &&
	hub -C first sync && test_same_tree first pc && test "$(cat first/f)" = modified &&
	test "$(cat first/u)" = untracked && test "$(cat first/s)" = staged &&
	test_path_missing first/d/g && git_is_content pc && git -C pc rev-parse side
'

test_expect_success 'a plain clone that is behind, with changes, is adopted' '
	git clone -q hub.git pb && echo newer >first/f && echo n >first/n && hub -C first sync &&
	echo mine >pb/f && { hub clone -q hub.git pb; test $? = 1; } && hub -C first sync &&
	test_same_tree first pb && test "$(cat pb/f)" = newer && copies pb >list &&
	test_line_count = 1 list
'

test_expect_success 'a clone of something else, a workspace of another hub: refused' '
	git clone -q plain.git pe 2>/dev/null && test_expect_code 128 hub clone hub.git pe 2>err &&
	test_grep "origin" err && hub init -q o.git &&
	test_expect_code 128 hub clone o.git first &&
	hub -C first sync
'

test_expect_success 'a repository without origin is adopted too' '
	git init -q solo && echo solo >solo/solo && git -C solo add solo &&
	git -C solo commit -qm solo &&
	{ hub clone -q hub.git solo || test $? = 1; } && hub -C first sync &&
	test_same_tree first solo &&
	test -f first/solo && test -f solo/f
'

test_expect_success 'a clone without its history, or with other ids: 18, with the way out' '
	git clone -q --depth 1 "file://$PWD/hub.git" cut &&
	test_expect_code 18 hub clone hub.git cut 2>err && test_grep "unshallow" err &&
	test_path_missing cut/.git/vibehub && git -C cut fetch -q --unshallow &&
	hub clone -q hub.git cut && git init -q --object-format=sha256 sha &&
	test_expect_code 18 hub clone hub.git sha 2>err && test_grep "SHA-1" err
'

test_expect_success 'again into a workspace of this hub: goes on, no new device' '
	n=$(ls hub.git/vibehub/devices | wc -l) && hub clone hub.git w1 >out &&
	test_grep "went on" out &&
	test "$(ls hub.git/vibehub/devices | wc -l)" = "$n"
'

test_expect_success 'an unfinished clone goes on' '
	mkdir -p half/.git/objects && : >half/.git/hub-clone~ &&
	hub clone -q hub.git half && test_same_tree first half && git_is_content half &&
	test_path_missing half/.git/hub-clone~ &&
	hub clone -q hub.git half2 && rm half2/f half2/.git/index && rm -rf half2/d &&
	rm half2/.git/vibehub/state.db* && git -C half2 update-ref -d refs/heads/main &&
	git -C half2 update-ref -d refs/remotes/origin/main && hub clone -q hub.git half2 &&
	test_same_tree first half2
'

test_expect_success 'the branch of the hub is the branch of the workspace' '
	git -c init.defaultBranch=trunk init -q --bare tr.git && hub init -q tr.git &&
	hub clone -q tr.git tw &&
	echo 1 >tw/1 && hub -C tw sync && git -C tr.git cat-file -e trunk:1
'

test_expect_success 'a clone runs nothing that came with it' '
	mkdir -p first/hooks && write_script first/hooks/post-checkout <<-\EOF &&
	touch pwned
	EOF
	printf "[core]\n\tfsmonitor = touch pwned\n" >first/.gitconfig &&
	echo "* filter=evil diff=evil merge=evil" >first/.gitattributes && hub -C first sync &&
	mkdir -p home/tmpl/hooks && hub clone -q hub.git quiet && test_path_missing pwned &&
	test_path_missing quiet/pwned && test_same_tree first quiet
'

test_expect_success 'attributes change no bytes: CRLF, ident, encoding' '
	printf "a\r\nb\r\n" >first/crlf && printf "\$Id\$\n" >first/ident &&
	printf "* text=auto eol=crlf ident\n*.u working-tree-encoding=UTF-16\n" \
		>first/.gitattributes &&
	printf "h\303\244\n" >first/x.u && printf "a\nb\n" >first/lf && hub -C first sync &&
	hub clone -q hub.git bytes && test_same_tree first bytes && test_cmp first/lf bytes/lf &&
	test_cmp first/ident bytes/ident && test_cmp first/x.u bytes/x.u
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
