#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='git-remote-hub: plain git at a place that has only the sealed copy'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-remote.sh"

test_expect_success 'set up: a hub, two computers, a place' '
	with_place && P=hub::$PWD/usb
'

test_expect_success 'the address that `hub remote list --json` prints; clone, log, branches' '
	url=$(hub -C work remote list --json | sed -n "s/.*\"url\": \"\(.*\)\".*/\1/p") &&
	git clone -q "hub::$url" c1 && test_same_tree work c1 && is_sound c1 &&
	test "$(git -C c1 rev-parse --abbrev-ref HEAD)" = main &&
	id=$(ls usb) && git clone -q "$P/$id" c2 && test_same_tree c1 c2
'

test_expect_success 'push and fetch; what is stored is kilobytes' '
	commit c1 g && was=$(stored) && git -C c1 push -q && test $(($(stored) - was)) -lt 65536 &&
	git -C c2 pull -q && test_same_tree c1 c2 &&
	test "$(tip c2 origin/main)" = "$(tip c1 main)" &&
	git -C c1 push -q 2>err && git -C c1 status -sb >out && test_grep "main...origin/main$" out
'

test_expect_success 'the workspace merges what was pushed to the place' '
	echo 3 >>work/f && a && test -f work/g && hub_is_sound && git -C c1 pull -q &&
	test_same_tree work c1
'

test_expect_success 'not forward: "fetch first", "non-fast-forward"; force goes over it' '
	git -C c2 pull -q && commit c1 x1 && commit c2 x2 && git -C c1 push -q &&
	test_must_fail git -C c2 push 2>err && test_grep "fetch first" err &&
	git -C c2 fetch -q && test_must_fail git -C c2 push 2>err &&
	test_grep "non-fast-forward" err &&
	test "$(at_place refs/heads/main)" = "$(tip c1 main)" &&
	git -C c2 push -q -f && test "$(at_place refs/heads/main)" = "$(tip c2 main)"
'

test_expect_success '--force-with-lease: stale is refused, right goes through' '
	test_must_fail git -C c1 push --force-with-lease=main:$(tip c1 main) 2>err &&
	test_grep "stale info" err && git -C c1 fetch -q && commit c1 x3 &&
	git -C c1 push -q --force-with-lease &&
	test "$(at_place refs/heads/main)" = "$(tip c1 main)" &&
	test_must_fail git -C c2 push --force-with-lease 2>err && test_grep "stale info" err &&
	git -C c1 push -q --force-with-lease=newone: origin main:newone &&
	test_must_fail git -C c2 push --force-with-lease=newone: origin main:newone &&
	git -C c2 fetch -q && git -C c2 reset -q --hard origin/main
'

test_expect_success 'tags: annotated, light, moved only by force; --follow-tags' '
	git -C c1 tag -a -m t v1 && git -C c1 tag light && git -C c1 push -q --tags &&
	git -C c2 fetch -q && test "$(tip c2 v1)" = "$(tip c1 v1)" &&
	test "$(tip c2 light)" = "$(tip c1 light)" && git -C c2 tag -d v1 &&
	git -C c2 tag v1 HEAD^ &&
	test_must_fail git -C c2 push origin v1 2>err && test_grep "already exists" err &&
	git -C c2 push -q -f origin v1 && test "$(at_place refs/tags/v1)" = "$(tip c2 v1)" &&
	commit c1 x4 && git -C c1 tag -a -m t v2 && git -C c1 push -q --follow-tags &&
	test "$(at_place refs/tags/v2)" = "$(tip c1 v2)"
'

test_expect_success 'branches: made, deleted, one in the way of another' '
	git -C c1 push -q origin main:topic main:dir/one &&
	test -n "$(at_place refs/heads/topic)" &&
	git -C c1 push -q origin :topic && test -z "$(at_place refs/heads/topic)" &&
	test_must_fail git -C c1 push origin main:dir 2>err && test_grep "in the way" err &&
	git -C c1 push -q origin :dir/one main:dir && test -n "$(at_place refs/heads/dir)" &&
	git -C c1 push -q origin :dir :newone && git -C c2 fetch -q -p &&
	test -z "$(tip c2 origin/dir)" && test_must_fail git -C c1 push origin :nothere
'

test_expect_success 'anything that names a commit; what is no commit is no branch' '
	git -C c1 push -q origin HEAD~1:refs/heads/b1 $(tip c1 main):refs/heads/b2 &&
	test "$(at_place refs/heads/b1)" = "$(tip c1 HEAD~1)" &&
	test "$(at_place refs/heads/b2)" = "$(tip c1 main)" &&
	git -C c1 push -q origin HEAD:refs/heads/f HEAD:refs/notes/x &&
	test_must_fail git -C c1 push origin HEAD^{tree}:refs/heads/tree &&
	git -C c1 push -q origin $(git -C c1 rev-parse HEAD^{tree}):refs/tags/tree &&
	test "$(at_place refs/tags/tree)" = "$(tip c1 HEAD^{tree})" &&
	git -C c1 push -q origin :b1 :b2 :f :refs/notes/x :refs/tags/tree
'

test_expect_success '--atomic: one refused, none moves' '
	git -C c2 pull -q && commit c1 y1 && git -C c1 push -q && commit c2 y2 &&
	test_must_fail git -C c2 push --atomic origin main main:side 2>err &&
	test -z "$(at_place refs/heads/side)" &&
	commit c1 y3 && git -C c1 push -q --atomic origin main main:side &&
	git -C c1 push -q origin :side &&
	test_must_fail git -C c2 push --atomic origin main:free main:refs/vibehub/x 2>err &&
	test_grep "belongs to hub" err && test -z "$(at_place refs/heads/free)"
'

test_expect_success '--dry-run writes nothing' '
	commit c1 z && find usb -type f | sort >before && git -C c1 push --dry-run 2>err &&
	test_grep "main -> main" err && find usb -type f | sort >after && test_cmp before after &&
	git -C c1 push -q
'

test_expect_success '--mirror both ways; refs of hub are neither shown nor touched' '
	git clone -q --mirror "$P" m.git && git -C m.git for-each-ref >m.refs &&
	git ls-remote "$P" >all && test_must_fail grep refs/vibehub all &&
	git -C c1 branch local && git -C c1 push -q origin main:old &&
	git -C m.git update-ref refs/heads/mirrored main && git -C m.git push -q --mirror &&
	test -n "$(at_place refs/heads/mirrored)" && test -z "$(at_place refs/heads/old)" && a &&
	is_sound m.git
'

test_expect_success 'names in other languages; a lease on one' '
	git -C c1 push -q origin main:refs/heads/größe && test -n "$(at_place refs/heads/größe)" &&
	commit c1 zz && git -C c1 fetch -q &&
	git -C c1 push -q --force-with-lease=größe origin main:größe &&
	test "$(at_place refs/heads/größe)" = "$(tip c1 main)" &&
	git -C c1 push -q origin main :größe
'

test_expect_success 'a new computer: the passphrase once, then its own key' '
	as new git clone -q "$P" n1 && is_sound n1 && commit n1 n &&
	(unset VIBEHUB_PASSPHRASE && as new git -C n1 pull -q && as new git -C n1 push -q &&
	 as new git ls-remote "$P" >out && as new git clone -q "$P" n2) && test_same_tree n1 n2 &&
	a && test -f work/n && hub -C work key list >out && test_grep "new-git" out
'

test_expect_success 'wrong passphrase, none, none to ask' '
	(VIBEHUB_PASSPHRASE="wrong horse" && test_must_fail as x1 git clone "$P" x1 2>err) &&
	test_path_missing x1 && test_grep "passphrase" err &&
	(unset VIBEHUB_PASSPHRASE && test_must_fail as x1 setsid git clone "$P" x1 2>err) &&
	test_grep VIBEHUB_PASSPHRASE err && test_path_missing x1 &&
	id=$(ls usb) && (VIBEHUB_PASSPHRASE="wrong horse" &&
	echo list | test_expect_code 12 as x1 git-remote-hub o "$PWD/usb")
'

test_expect_success 'shallow: refused, clearly, both ways' '
	test_must_fail git clone --depth 1 "$P" s1 2>err && test_grep "leave out --depth" err &&
	test_path_missing s1 && test_must_fail git -C c1 fetch --depth 1 2>err &&
	git clone -q --depth 1 "file://$PWD/c1" s2 && commit s2 s &&
	test_must_fail git -C s2 push "$P" HEAD:s 2>err && test_grep unshallow err &&
	git clone -q --single-branch --no-tags --filter=blob:none "$P" s3 && is_sound s3
'

test_expect_success 'from a linked worktree, a sparse checkout, a bare repository' '
	git -C c1 worktree add -q ../wt1 && commit wt1 w && git -C wt1 push -q origin HEAD:wt &&
	test "$(at_place refs/heads/wt)" = "$(tip wt1 HEAD)" &&
	git -C c1 worktree remove -f ../wt1 &&
	git clone -q "$P" sp && git -C sp sparse-checkout set d && commit sp d/in &&
	git -C sp push -q && git clone -q --bare "$P" b.git &&
	test "$(tip b.git main)" = "$(tip sp HEAD)"
'

test_expect_success 'with nothing new nothing is written; what gc removed comes again' '
	git clone -q --single-branch -b main "$P" gc1 && git -C c1 fetch -q &&
	git -C c1 merge -q --ff-only &&
	git -C c1 checkout -q -b far main && commit c1 far1 && git -C c1 push -q origin far &&
	git -C gc1 fetch -q && git -C gc1 reflog expire --expire=now --all &&
	git -C gc1 gc -q --prune=now &&
	commit c1 far2 && git -C c1 push -q origin far && git -C gc1 fetch -q origin far:far &&
	test "$(tip gc1 far)" = "$(tip c1 far)" && is_sound gc1 &&
	find usb -type f | sort >before && git -C gc1 fetch -q && git -C c1 push -q origin far &&
	find usb -type f | sort >after && test_cmp before after
'

test_expect_success 'a repository of its own into a place that has nothing yet' '
	mkdir usb2 && hub -C work remote add usb2 "$PWD/usb2" && git init -q own &&
	commit own o1 && commit own o2 && git -C own push -q "hub::$PWD/usb2" main &&
	git clone -q "hub::$PWD/usb2" own2 && test_same_tree own own2 &&
	git -C own push -q "hub::$PWD/usb2" :main && git clone -q "hub::$PWD/usb2" own3 2>err &&
	hub -C work remote remove usb2
'

test_done
