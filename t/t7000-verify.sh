#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub verify: damage and lost refs are found, all else is not'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

a () { hub -C work sync -q; }
b () { computer beta hub -C other sync -q; }

# object ID: the file of a loose object in the hub
object () { echo "$1" | sed "s,^\(..\),hub.git/objects/\1/,"; }

# clean, bad PATTERN: what verify says about the hub
clean () { hub verify hub.git >out; }
bad () {
	test_expect_code 16 hub verify hub.git >out 2>err && grep -e "$1" out &&
	test_must_be_empty err
}

# hide FILE: until the end of the test
hide () {
	test_when_finished "rm -rf $1 && mv $TRASH_DIRECTORY/hidden $1" && mv "$1" hidden
}

test_expect_success 'set up' '
	hub init -q hub.git && clean && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other &&
	for i in 1 2 3
	do
		echo $i >work/f$i && a || return 1
	done &&
	b
'

test_expect_success 'all is well: by path, by address, in a workspace' '
	clean && grep "^all is well: every object, 1 refs, 2 computers, 2 tips" out &&
	hub verify "file://$PWD/hub.git" && hub -C hub.git verify . && hub -C work verify >out2 &&
	test_cmp out out2 && (cd work && hub verify ../hub.git)
'

test_expect_success JQ 'as JSON' '
	hub verify --json hub.git >out &&
	jq -e ".schema == \"vibehub-verify-1\" and .exit == 0 and .message == \"\" and
		.refs == 1 and
		.computers == 2 and .tips == 2 and .records == 0 and
		.found == 0 and .findings == []" out
'

test_expect_success LINUX 'nothing is changed' '
	# a memory file of SQLite changes its time by itself
	snapshot () {
		find hub.git work ! -name vibehub ! -name "*-shm" -printf "%p %s %T@ %m\n" |
		LC_ALL=C sort
	} &&
	snapshot >before &&
	hub -C work verify &&
	snapshot >after &&
	test_cmp before after
'

test_expect_success 'a missing object is named once; the advice helps' '
	id=$(git -C hub.git rev-parse main:f2) && rm -f "$(object "$id")" &&
	bad "^hub: $id: git fsck: .*missing\|broken.*hub repair" && test_line_count = 1 out &&
	hub -C work repair && clean
'

test_expect_success 'a damaged loose object' '
	echo loose >work/loose && a && b && id=$(git -C hub.git rev-parse main:loose) &&
	f=$(object "$id") && hide "$f" && echo junk >"$f" && bad "^hub: $id: "
'

test_expect_success 'a damaged pack' '
	git -C hub.git gc -q && clean && p=$(ls hub.git/objects/pack/*.pack) &&
	cp "$p" save && chmod +w "$p" && printf XXXXXXXX | dd of="$p" bs=1 seek=60 conv=notrunc &&
	test_when_finished "cp -f save $p" && bad "^hub: .*git fsck"
'

test_expect_success JQ 'a finding as JSON' '
	id=$(echo new >work/new && a && git -C hub.git rev-parse main:new) && f=$(object "$id") &&
	hide "$f" && test_expect_code 16 hub verify --json hub.git >out &&
	jq -e ".exit == 16 and .found == 1 and (.findings[0] | .where == \"hub\" and
		.object == \"$id\" and (.what | length) > 0 and (.todo | length) > 0)" out
'

test_expect_success 'HEAD' '
	hide hub.git/HEAD && echo junk >hub.git/HEAD && bad "HEAD"
'

test_expect_success 'a ref' '
	cp hub.git/refs/heads/main saved-ref && printf "%s\\n" junk >hub.git/refs/heads/main &&
	bad "refs/heads/main" &&
	cp saved-ref hub.git/refs/heads/main && b
'

test_expect_success 'packed-refs, about which git is silent' '
	git -C hub.git pack-refs --all && clean && hide hub.git/packed-refs &&
	tr "[a-f]" "[A-F]" <hidden >hub.git/packed-refs && bad "packed-refs" &&
	: >hub.git/packed-refs && bad "refs/heads/main: computer"
'

test_expect_success 'a ref that went back without a record; the advice helps' '
	echo last >work/last && a && tip=$(git -C hub.git rev-parse main) &&
	git -C hub.git rev-parse main~2 >old && cp old hub.git/refs/heads/main &&
	sed "\$d" hub.git/logs/refs/heads/main >log && cp log hub.git/logs/refs/heads/main &&
	bad "^hub: refs/heads/main: computer .alpha. saw it at $tip .*went back.*no record" &&
	test_line_count = 2 out && test_expect_code 15 hub -C work sync &&
	git -C work push origin "$tip:refs/heads/found" &&
	git -C hub.git update-ref refs/heads/main found &&
	clean && a && b && clean
'

test_expect_success 'a ref that is gone, its log or not' '
	tip=$(git -C hub.git rev-parse main) && rm -f hub.git/packed-refs hub.git/refs/heads/main &&
	bad "^hub: refs/heads/main: computer .* saw it at $tip .*it is gone" &&
	hide hub.git/logs && bad "it is gone" && git -C hub.git update-ref refs/heads/main "$tip" &&
	git -C hub.git update-ref refs/heads/found "$tip" && clean
'

test_expect_success 'what plain git does on purpose is no damage' '
	b && a && git -C work commit -q --allow-empty -m side && git -C work tag -a -m one v1 &&
	git -C work push -q origin v1 HEAD:refs/heads/side &&
	a && b && clean && grep "4 tips\|8 tips\|6 tips" out &&
	git -C work commit -q --allow-empty -m elsewhere && git -C work tag -f -a -m two v1 &&
	git -C work push -q -f origin v1 && clean &&
	git -C work push -q origin :side && clean &&
	git -C work commit -q --amend --allow-empty -m again &&
	git -C work reset -q --hard HEAD~2 &&
	git -C work commit -q --allow-empty -m rewritten &&
	git -C work push -q -f origin HEAD:main &&
	clean && test_line_count -ge 3 hub.git/vibehub/acts
'

test_expect_success 'a branch that was renamed is not lost' '
	git -C hub.git branch -m main trunk && clean && git -C hub.git branch -m trunk main && clean
'

test_expect_success 'the log alone knows it too, but for a deletion, which takes it along' '
	hide hub.git/vibehub/acts && bad "refs/heads/side: .*it is gone" && test_line_count = 1 out
'

test_expect_success 'and the acts alone, even when gc has pruned what was' '
	rm -r hub.git/logs && clean &&
	git -C hub.git -c gc.pruneExpire=now gc -q --prune=now && clean &&
	hide hub.git/vibehub/acts && bad "which is missing; it went back"
'

test_expect_success 'everybody goes on' '
	{ a || test $? = 1; } && { b || test $? = 1; } && { a || test $? = 1; } && clean &&
	test_same_tree work other
'

test_expect_success 'a presence file that was changed, or is no such file' '
	f=$(grep -l "^name beta$" hub.git/vibehub/devices/*) && cp "$f" save &&
	sed "s/^seen .*/seen 1/" save >"$f" && bad "vibehub/devices/.*signature" &&
	: >"$f" && bad "vibehub/devices/" && cp save "$f" &&
	echo x >hub.git/vibehub/devices/note && clean && rm hub.git/vibehub/devices/note &&
	hide hub.git/vibehub/devices && bad "vibehub/devices: .*missing"
'

test_expect_success 'the format file' '
	hide hub.git/vibehub/format &&
	sed "s/^min_reader.*/min_reader x/" hidden >hub.git/vibehub/format &&
	bad "vibehub/format" &&
	sed "s/^vibehub-hub .*/vibehub-hub 9/" hidden >hub.git/vibehub/format &&
	test_expect_code 18 hub verify hub.git && test_expect_code 18 hub -C work verify
'

test_expect_success 'a record of an accepted change' '
	mkdir work/many &&
	for i in $(test_seq 120)
	do
		echo $i >work/many/$i || return 1
	done &&
	a && rm -r work/many && test_expect_code 20 hub -C work sync 2>err &&
	hub -C work sync --"$(grep -o "accept-mass-change=[0-9a-f]*" err)" && clean &&
	f=$(ls hub.git/vibehub/accepted/*) && cp "$f" save && sed "s/^time .*/time 5/" save >"$f" &&
	bad "$f: its signature" && cp save "$f" && clean
'

test_expect_success 'in a workspace: its objects, its memory, its configuration' '
	id=$(echo mine >work/mine && a && git -C work rev-parse HEAD:mine) &&
	f=$(echo "$id" | sed "s,^\(..\),work/.git/objects/\1/,") && hide "$f" &&
	test_expect_code 16 hub -C work verify >out && grep "^workspace: $id: " out &&
	! grep "^hub" out
'

test_expect_success 'state.db' '
	hide work/.git/vibehub/state.db && rm -f work/.git/vibehub/state.db-* &&
	echo junk >work/.git/vibehub/state.db &&
	test_expect_code 16 hub -C work verify >out &&
	grep "^workspace: .*state.db: .*delete it" out &&
	rm work/.git/vibehub/state.db && hub -C work verify &&
	test_path_missing work/.git/vibehub/state.db
'

test_expect_success 'the workspace configuration' '
	hide work/.git/vibehub/config && echo junk >work/.git/vibehub/config &&
	test_expect_code 16 hub -C work verify >out && grep "^workspace: config: .*hub clone" out
'

test_expect_success 'offline, absent, another hub, no git' '
	mv hub.git away && test_expect_code 13 hub -C work verify 2>err && grep "not mounted" err &&
	test_expect_code 10 hub verify hub.git 2>err && hub init -q hub.git &&
	test_expect_code 15 hub -C work verify && rm -r hub.git && mv away hub.git &&
	git init -q --bare bare.git && test_expect_code 10 hub verify bare.git &&
	mkdir bin &&
	test_expect_code 128 env PATH="$PWD/bin" "$(command -v hub)" verify hub.git 2>err &&
	grep "git is not installed" err
'

test_expect_success 'damage outranks offline' '
	id=$(git -C work rev-parse HEAD:mine) &&
	f=$(echo "$id" | sed "s,^\(..\),work/.git/objects/\1/,") && hide "$f" &&
	mv hub.git away && test_expect_code 16 hub -C work verify >out 2>err && mv away hub.git &&
	grep "$id" out && grep "not mounted" err
'

test_expect_success 'wrong usage' '
	test_expect_code 129 hub verify a b &&
	test_expect_code 129 hub verify https://example.org &&
	(cd / && test_expect_code 10 hub verify)
'

# fake_git N: a git whose first N runs of fsck miss something
fake_git () {
	mkdir -p fake && echo "$1" >fake/left && cat >fake/git <<-EOF && chmod +x fake/git
	#!/bin/sh
	read -r n <"$PWD/fake/left"
	case "\$*" in
	*fsck*)
		test "\$n" = 0 || {
			echo \$((n - 1)) >"$PWD/fake/left"
			echo "missing blob 1234567890123456789012345678901234567890"
			exit 2
		} ;;
	esac
	exec "$(command -v git)" "\$@"
	EOF
}

test_expect_success 'what is missing to git for a moment only, as somebody writes, is not' '
	hub init -q calm.git && fake_git 1 && PATH="$PWD/fake:$PATH" hub verify calm.git &&
	test "$(cat fake/left)" = 0 && fake_git 2 &&
	test_expect_code 16 env PATH="$PWD/fake:$PATH" hub verify calm.git >out &&
	test_grep "123456789: git fsck: missing blob\|missing blob 1234" out
'

test_done
