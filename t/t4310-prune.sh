#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub prune, hub forget: what is let go goes, all else stays'
. "${0%/*}/test-lib.sh"

. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-days.sh"

prune () { hub prune --json "$@" hub.git >json; }
packs () { find hub.git/vibehub/vault/packs -type f | wc -l; }

test_expect_success 'five versions of a file on five days, two computers' '
	day 0 two_computers &&
	for i in 0 1 2 3 4
	do
		big work/film 3000000 "$i" && cp work/film "film$i" &&
		echo "$i" >work/small && day $((i * 10)) a && b || return 1
	done &&
	test_same_tree work other
'

test_expect_success 'nothing to say what to keep, or nonsense: usage' '
	test_expect_code 129 hub prune hub.git &&
	test_expect_code 129 hub prune --keep-within=x hub.git &&
	test_expect_code 129 hub prune --keep-last=1 a b &&
	test_expect_code 10 hub prune --keep-last=1 nothing.git &&
	test_expect_code 129 hub -C work forget && test_expect_code 129 hub -C work forget .
'

test_expect_success 'a dry run says what would go, and changes nothing' '
	git -C hub.git for-each-ref >before && day 41 a && day 41 b && day 42 &&
	prune --dry-run --keep-last=2 && test "$(field contents)" = 3 &&
	test "$(field bytes)" = 9000000 && git -C hub.git for-each-ref >after &&
	test_cmp before after &&
	prune --dry-run --keep-last=100 && test "$(field contents)" = 0 &&
	prune --dry-run --keep-daily=3 && test "$(field contents)" = 2 &&
	prune --dry-run --keep-yearly=1 && test "$(field contents)" = 4 &&
	prune --dry-run --keep-within=25d && test "$(field contents)" = 2
'

test_expect_success 'a computer that was away for long holds back what is younger' '
	mkdir devices && cp hub.git/vibehub/devices/* devices/ && day 60 a && day 61 &&
	prune --dry-run --keep-last=1 && test "$(field contents)" = 4 && day 70 a && day 140 a &&
	computer gamma day 0 hub clone -q hub.git third && day 70 &&
	prune --dry-run --keep-last=1 &&
	test "$(field contents)" = 0 && day 95 && prune --dry-run --keep-last=1 &&
	test "$(field contents)" = 1 &&
	day 42 && computer gamma hub -C third sync -q && day 42 a && day 42 b
'

test_expect_success 'a computer that was revoked holds nothing back' '
	computer eps day 0 hub clone -q hub.git fifth && day 42 &&
	prune --dry-run --keep-last=1 && test "$(field contents)" = 0 &&
	hub -C work key revoke eps >out && a && b && computer gamma hub -C third sync -q &&
	prune --dry-run --keep-last=1 && test "$(field contents)" = 4
'

test_expect_success 'pruned: gone from the vault in its time, not before' '
	n=$(packs) && prune --keep-last=1 && test "$(field contents)" = 4 &&
	prune --keep-last=1 &&
	test "$(field contents)" = 0 && test "$(field before)" = 4 &&
	gc && test "$(field files)" = 1 && test "$(packs)" = "$n" &&
	day 60 hub -C work cat --at=HEAD~1 film >out && cmp film3 out &&
	day 80 && gc && test "$(field dropped)" -ge 1 && test "$(field missing)" = 0 &&
	day 111 && gc && test "$(field deleted)" -ge 1 && test "$(packs)" -lt "$n" &&
	test "$(field missing)" = 0
'

test_expect_success '... verify is content, git too, the current version is whole' '
	hub verify --read-data hub.git && hub_is_sound && a && b &&
	computer delta hub clone -q hub.git fresh &&
	cmp film4 fresh/film && git -C fresh log --oneline -- film >log && test_line_count = 5 log
'

test_expect_success 'who asks for such a version is told' '
	test_must_fail hub -C work cat --at=HEAD~2 film 2>err >out &&
	test_grep "let go on 2027-" err &&
	test_expect_code 10 hub -C work restore --at=HEAD~2 film 2>err &&
	test_grep "let go on 2027-.* by .hub prune." err &&
	cmp film4 work/film && hub -C work restore --at=HEAD~2 small && echo 2 | cmp - work/small
'

test_expect_success 'a branch at such a version is no damage' '
	git -C hub.git branch old main~3 && hub verify hub.git >out &&
	test_grep "were let go" out &&
	a && gc && git -C hub.git branch -D old
'

test_expect_success 'the same content again takes it back' '
	cp film1 work/again && a && day 112 a && b && cmp film1 other/again && gc &&
	test "$(field files)" = 2 &&
	test "$(field missing)" = 0 && day 180 && gc && day 240 && gc &&
	test "$(field missing)" = 0 &&
	prune --dry-run --keep-last=1 && hub verify --read-data hub.git &&
	computer delta hub -C fresh sync -q && cmp film1 fresh/again
'

test_expect_success 'forget: not what is in use' '
	big work/secret 2000000 77 && mkdir -p work/d && echo pin >work/d/pin &&
	big work/d/key 2000000 78 && cp work/d/key key &&
	a && b && test_expect_code 20 hub -C work forget secret 2>err &&
	test_grep "in use by refs/heads/main" err &&
	test_expect_code 10 hub -C work forget nothing &&
	rm -r work/secret work/d && a &&
	test_expect_code 20 hub -C work forget secret d 2>err && test_grep "another computer" err
'

test_expect_success 'forget: all versions, said what git keeps' '
	b && computer gamma hub -C third sync -q && computer delta hub -C fresh sync -q && a &&
	hub -C work forget --dry-run secret d >out &&
	test_grep "would be let go: 2 contents, 4000000" out &&
	hub -C work forget secret d >out &&
	test_grep "NOT let go: 1 versions of small files" out &&
	day 275 a && b && gc && day 310 && gc && hub verify --read-data hub.git &&
	test_must_fail hub -C work cat --at=HEAD~1 d/key 2>err && test_grep "by .hub forget." err
'

test_expect_success 'a new place gets no content that was let go' '
	mkdir usb && hub -C work remote add usb "$PWD/usb" && a &&
	hub -C work verify --place=usb --read-data &&
	test "$(stored)" -lt 7500000 && rm -rf hub2 &&
	hub init -q --from=usb hub2.git && hub verify --read-data hub2.git &&
	hub gc --json hub2.git >json &&
	test "$(field files)" = 2 && test "$(field missing)" = 0 &&
	git -C hub2.git rev-parse refs/vibehub/released >two &&
	git -C hub.git rev-parse refs/vibehub/released >one &&
	test_cmp one two
'

test_expect_success '... what was taken back reaches it' '
	cp film2 work/once && a && mv hub.git away && fresh third2 && cmp film2 third2/once &&
	cmp film4 third2/film &&
	at=$(git -C third2 log -1 --format=%H --diff-filter=A -- d/key) &&
	test_must_fail on third2 cat --at="$at" d/key 2>err &&
	test_grep "by .hub forget." err && mv away hub.git
'

test_expect_success 'a record that is not signed by a member counts for nothing' '
	git -C hub.git cat-file blob refs/vibehub/released:released >rec &&
	sed "s/^by .*/by nobody/" rec >bad &&
	blob=$(git -C hub.git hash-object -w --stdin <bad) &&
	tree=$(printf "100644 blob %s\treleased\n" "$blob" | git -C hub.git mktree) &&
	was=$(git -C hub.git rev-parse refs/vibehub/released) &&
	made=$(git -C hub.git commit-tree -m x -p "$was" "$tree" </dev/null) &&
	git -C hub.git update-ref refs/vibehub/released "$made" &&
	test_expect_code 16 hub verify hub.git >out && test_grep "signature of the record" out &&
	test_expect_code 12 hub prune --keep-last=1 hub.git && test_expect_code 16 gc &&
	git -C hub.git update-ref refs/vibehub/released "$was" && hub verify hub.git && gc
'

test_done
