#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='plain git in a workspace, at any moment'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

g () { git -C work "$@"; }

# both: sync back and forth, then everything is the same and git is content
both () { ab && git_is_content work && git_is_content other; }

test_expect_success 'set up' '
	two_computers && test_seq 5 >work/f && echo k >work/keep && both
'

test_expect_success 'a commit of the user keeps its message, author and place' '
	echo 6 >>work/f && g add f && GIT_AUTHOR_NAME=Zoe g commit -qm "my own" &&
	id=$(g rev-parse HEAD) && both &&
	git -C hub.git log --format="%H %an %s" main >log &&
	test_grep "$id Zoe my own" log
'

test_expect_success 'a commit of the user is rebased with its message when the hub moved' '
	echo other >other/o && b &&
	echo 7 >>work/f && g commit -qam "mine too" && both &&
	git -C hub.git log -1 --format=%s%n%an main >log &&
	test_write_lines "mine too" "User of alpha" >want && test_cmp want log
'

test_expect_success 'an unsent commit is amended' '
	mv hub.git away && echo 8 >>work/f && { a; test $? = 13; } &&
	echo 9 >>work/f && g commit -q --amend -am "amended" &&
	mv away hub.git && both && test "$(tail -n1 other/f)" = 9 &&
	git -C hub.git log -1 --format=%s main >log && test_grep amended log
'

test_expect_success 'a commit that was sent is amended: both are kept in history' '
	echo x >work/am && a && old=$(g rev-parse HEAD) &&
	echo y >>work/am && g commit -q --amend -am "late amend" &&
	{ a || test $? = 1; } && both &&
	git -C hub.git merge-base --is-ancestor $old main &&
	test_write_lines x y >want &&
	{ cmp want other/am || cmp want "other/$(copies other | grep "^am ")"; }
'

test_expect_success 'git pull and git push work in between' '
	echo 1 >other/p && b && g pull -q --no-rebase && test -f work/p &&
	echo 2 >work/q && g add q && g commit -qm q && g push -q origin main && both &&
	test -f other/q
'

test_expect_success 'git pull with a merge: the merge commit stays as it is' '
	echo 1 >other/p1 && b && echo 2 >work/q1 && g add q1 && g commit -qm q1 &&
	g pull -q --no-rebase --no-edit && merge=$(g rev-parse HEAD) && both &&
	git -C hub.git merge-base --is-ancestor $merge main
'

test_expect_success 'a merge of the user and a hub that moved: merged, not flattened' '
	g switch -qc side && echo s >work/side && g add side && g commit -qm side &&
	g switch -q main && echo m >work/m && g add m && g commit -qm m &&
	g merge -q --no-edit side && merge=$(g rev-parse HEAD) &&
	echo hm >other/hm && b && both &&
	git -C hub.git merge-base --is-ancestor $merge main
'

test_expect_success 'git stash and stash pop' '
	echo stashed >>work/f && g stash -q && both &&
	test_must_fail grep stashed other/f &&
	g stash pop -q && both && test_grep stashed other/f
'

test_expect_success 'another branch: it goes to its namesake, main is left alone' '
	before=$(git -C hub.git rev-parse main) &&
	g switch -qc topic && echo t >work/t && a &&
	test "$(git -C hub.git rev-parse main)" = "$before" &&
	git -C hub.git cat-file -e topic:t &&
	b && test_path_missing other/t &&
	git -C other rev-parse origin/topic &&
	g switch -q main && test_path_missing work/t && both
'

test_expect_success 'the other computer switches to it and back' '
	git -C other switch -q topic && echo t2 >>other/t && b &&
	git -C other switch -q main && b &&
	git -C hub.git show topic:t >t && test_write_lines t t2 >want && test_cmp want t &&
	g switch -q topic && a && test_cmp want work/t && g switch -q main && both
'

test_expect_success 'reset --soft: what was committed is recorded again' '
	echo soft >work/soft && g add soft && g commit -qm soft &&
	g reset -q --soft HEAD^ && both && test "$(cat other/soft)" = soft
'

test_expect_success 'reset --hard back to an older commit: nothing of the others is lost' '
	n=$(ls other | wc -l) && g reset -q --hard HEAD~2 && both &&
	test "$(ls work | wc -l)" -ge "$n"
'

test_expect_success 'git add, then edit again: waits as pending (staged)' '
	echo first >work/st && g add st && echo second >work/st && echo u >work/u &&
	a && test_grep "pending: staged" a.out &&
	git -C hub.git cat-file -e main:u &&
	test_must_fail git -C hub.git cat-file -e main:st &&
	test "$(g show :st)" = first &&
	g add st && both && test "$(cat other/st)" = second
'

test_expect_success 'git add -p in a tracked file: the index is not touched' '
	echo 1 >work/part && both && echo 2 >work/part && g add part && echo 3 >work/part &&
	echo v >work/v && a && test "$(g show :part)" = 2 && g diff --quiet HEAD -- v &&
	g commit -qm "the staged part" && both && test "$(cat other/part)" = 3 &&
	g log --format=%s -- part >log && test_grep "the staged part" log
'

test_expect_success 'git rm --cached: left to the user, and honoured when committed' '
	g rm -q --cached keep && a && test_path_is_file work/keep &&
	g status --porcelain keep >st && test_write_lines "D  keep" "?? keep" >want &&
	test_cmp want st &&
	echo /keep >>work/.git/info/exclude && g commit -qm "keep is no longer tracked" &&
	a && b && test_path_is_file work/keep && test_path_missing other/keep &&
	: >work/.git/info/exclude && both && test_path_is_file other/keep
'

test_expect_success 'git mv and git rm' '
	g mv keep kept && g rm -q p && both &&
	test_path_missing other/keep && test_path_is_file other/kept && test_path_missing other/p
'

for op in merge rebase cherry-pick revert bisect
do
	test_expect_success "$op under way: refused with 20, afterwards it goes on" '
		g switch -q main && g branch -qf other-side && echo L >work/clash && a &&
		g switch -q other-side && echo R >work/clash && g add clash && g commit -qm R &&
		g switch -q main &&
		case $op in
		merge)		g merge other-side; test $? = 1 ;;
		rebase)		g switch -q other-side && g rebase main; test $? = 1 ;;
		cherry-pick)	g cherry-pick other-side; test $? = 1 ;;
		revert)		echo L2 >work/clash && g commit -qam L2 &&
				{ g revert HEAD^; test $? = 1; } ;;
		bisect)		g bisect start ;;
		esac &&
		g status --porcelain >before &&
		test_expect_code 20 hub -C work sync 2>err &&
		test_grep "git $op is under way" err &&
		g status --porcelain >after && test_cmp before after &&
		case $op in
		bisect)	g bisect reset ;;
		*)	g $op --abort ;;
		esac &&
		g switch -q main && g rm -q clash && g commit -qm "no clash" && both
	'
done

test_expect_success 'detached HEAD: refused with 20, nothing changes' '
	g switch -q --detach && echo d >work/det && test_expect_code 20 hub -C work sync 2>err &&
	test_grep "detached" err && g switch -q main && both && test_path_is_file other/det
'

test_expect_success 'a conflict in the index that is not resolved is not recorded' '
	echo 0 >work/um && both &&
	g switch -qc um && echo R >work/um && g commit -qam R && g switch -q main &&
	echo L >work/um && g commit -qam L && { g merge um; rm -f work/.git/MERGE_*; } &&
	{ a; case $? in 0|20) ;; *) false ;; esac; } &&
	{ g reset -q --hard || return 1; } && both
'

test_expect_success 'index.lock of git at work: waited for' '
	: >work/.git/index.lock && echo w8 >work/w8 &&
	{ { sleep 1 && rm work/.git/index.lock; } & } && both && wait &&
	test_path_is_file other/w8
'

test_expect_success LONG 'index.lock that stays: said, nothing is lost, later it goes' '
	: >work/.git/index.lock && echo il >work/il &&
	{ hub -C work sync 2>err; test $? = 11; } && test_grep "index" err &&
	rm work/.git/index.lock && both && test_path_is_file other/il
'

test_expect_success 'tags and branches of others arrive' '
	git clone -q hub.git plain && git -C plain tag v1 &&
	git -C plain tag -am annotated v2 && git -C plain switch -qc more &&
	echo more >plain/more && git -C plain add more &&
	git -C plain -c user.name=x -c user.email=x commit -qm more &&
	git -C plain push -q origin more v1 v2 && both &&
	g rev-parse v1 v2 origin/more && test "$(g cat-file -t v2)" = tag &&
	test_path_missing work/more
'

test_expect_success 'a submodule of plain git is left alone' '
	git -C plain switch -q main && git -C plain pull -q &&
	git -C plain update-index --add --cacheinfo 160000,$(git -C plain rev-parse HEAD),sub &&
	git -C plain -c user.name=x -c user.email=x commit -qm sub && git -C plain push -q &&
	a && b && git_is_content work && git_is_content other &&
	git -C hub.git ls-tree main sub >ls && test_grep "^160000" ls &&
	echo s >work/after-sub && ab && git -C hub.git ls-tree main sub >ls &&
	test_grep "^160000" ls && g diff-index --cached --quiet HEAD
'

test_expect_success 'its working copy, if there is one, is left alone too' '
	git init -q work/sub &&
	echo in >work/sub/in && git -C work/sub add in && git -C work/sub commit -qm in &&
	echo w >work/w && a && b && git -C hub.git ls-tree -r main >ls &&
	test_must_fail grep "sub/in" ls && test_grep "^160000" ls &&
	test_path_is_file work/sub/in &&
	rm -rf work/sub && mkdir work/sub
'

test_expect_success 'it is taken away again' '
	git -C plain pull -q && git -C plain update-index --force-remove sub &&
	git -C plain -c user.name=x -c user.email=x commit -qm nosub && git -C plain push -q &&
	both && test_path_missing work/sub && test_path_missing other/sub
'

test_expect_success 'push --force at the hub: honoured, not brought back' '
	echo secret >other/secret && both && good=$(git -C hub.git rev-parse main^) &&
	git -C plain fetch -q && git -C plain push -q --force origin $good:main &&
	a && b && a &&
	test_path_missing work/secret && test_path_missing other/secret &&
	test "$(git -C hub.git rev-parse main)" = "$good"
'

test_expect_success 'forced back, while this computer has something new' '
	echo bad >other/bad && both && good=$(git -C hub.git rev-parse main^) &&
	git -C plain push -q --force origin $good:main &&
	echo new >work/new && a && b && a && test_path_missing work/bad &&
	test_path_is_file other/new && test_same_tree work other
'

test_expect_success 'the branch at hand is deleted at the hub: not sent again' '
	git -C other switch -qc brief && echo b >other/brief && b &&
	git -C plain push -q origin --delete brief && b && b &&
	test_must_fail git -C hub.git rev-parse --verify -q brief &&
	test_path_is_file other/brief && echo more >other/brief && b &&
	git -C hub.git rev-parse --verify -q brief && git -C other switch -q main && b
'

test_expect_success 'skip-worktree: neither a change nor a deletion, and it stays marked' '
	echo default >work/local.cfg && both && g update-index --skip-worktree local.cfg &&
	echo password >work/local.cfg && a &&
	git -C hub.git show main:local.cfg >cfg && echo default >want && test_cmp want cfg &&
	echo better >other/local.cfg && b && a && a && test "$(cat work/local.cfg)" = password &&
	g ls-files -v local.cfg >mark && test_grep "^S" mark && rm work/local.cfg && a &&
	git -C hub.git cat-file -e main:local.cfg &&
	git -C hub.git log --format=%H -Spassword main >log && test_must_be_empty log &&
	g update-index --no-skip-worktree local.cfg && g checkout -q local.cfg && both
'

test_expect_success 'a branch that was deleted at the hub does not come back' '
	git -C plain push -q origin --delete topic && a && b && a &&
	test_must_fail git -C hub.git rev-parse --verify -q topic
'

test_expect_success 'the hub is sound' 'hub_is_sound'

test_done
