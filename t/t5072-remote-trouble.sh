#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='git-remote-hub at a place: rolled back, forked, damaged, killed, raced'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-remote.sh"

# ask DIR LINE: git-remote-hub as git runs it there; its exit status counts
ask () {
	(cd "$1" && GIT_DIR=.git && export GIT_DIR &&
	 printf '%s\n' "$2" | git-remote-hub origin "$TRASH_DIRECTORY/usb")
}

# flip FILE: one bit in its middle
flip () {
	chmod u+w "$1" && size=$(stat -c %s "$1") &&
	perl -e "open F,q(+<),shift or die; seek F,$size/2,0; read F,\$c,1; seek F,$size/2,0;
		print F chr(ord(\$c)^1)" "$1"
}

test_expect_success 'set up: a hub, a place, two clones of the place' '
	with_place && P=hub::$PWD/usb && git clone -q "$P" c1 && git clone -q "$P" c2
'

test_expect_success 'rolled back: 15, neither fetched nor pushed; put right: goes on' '
	cp -a usb usb.old && commit c1 r1 && git -C c1 push -q &&
	mv usb usb.new && mv usb.old usb && commit c1 r2 &&
	test_must_fail git -C c1 push 2>err && test_grep "put back" err &&
	test_must_fail git -C c1 fetch 2>err && test_expect_code 15 ask c1 list &&
	rm -rf usb && mv usb.new usb && git -C c1 push -q && git -C c2 pull -q &&
	test_same_tree c1 c2
'

test_expect_success 'forked: two states of one number: 15' '
	cp -a usb usb.fork && commit c1 k1 && git -C c1 push -q && mv usb usb.true &&
	mv usb.fork usb &&
	git clone -q "$P" c3 && commit c3 k2 && git -C c3 push -q &&
	test_must_fail git -C c1 fetch 2>err && test_expect_code 15 ask c1 list &&
	test_expect_code 15 ask c1 "list for-push" && rm -rf usb c3 && mv usb.true usb &&
	git -C c1 fetch -q
'

test_expect_success 'the disk is not there; it holds other things' '
	mv usb usb.away && test_must_fail git -C c1 fetch 2>err && test_grep "usb" err &&
	mkdir usb && test_must_fail git -C c1 fetch && echo 1 >usb/photo &&
	test_must_fail git -C c1 push 2>err && test "$(ls usb)" = photo &&
	rm -r usb && mv usb.away usb && git -C c1 fetch -q
'

test_expect_success 'damage: the newest state, a pack: 16, and nothing wrong comes in' '
	cp -a usb usb.good && commit c1 d1 && git -C c1 push -q && git -C c2 fetch -q &&
	s=$(find usb/*/states -type f -printf "%T@ %p\n" | sort -n | tail -n 1 | cut -d" " -f2) &&
	cp -p "$s" state && flip "$s" && test_expect_code 16 ask c2 list && cp -fp state "$s" &&
	git -C c2 fetch -q && rm -rf usb.good && cp -a usb usb.good &&
	for f in usb/*/packs/*/*
	do
		chmod u+w "$f" && size=$(stat -c %s "$f") &&
		head -c "$size" /dev/zero >"$f" || return 1
	done &&
	test_must_fail as other git clone "$P" d1 2>err && test_path_missing d1 &&
	test_must_fail git clone "$P" d1 2>err && test_path_missing d1 &&
	rm -rf usb && mv usb.good usb && git -C c2 pull -q && is_sound c2
'

test_expect_success 'killed anywhere in a push: seen whole or not at all; then again' '
	n=0 && for ms in 5 10 20 30 40 60 80 120
	do
		n=$((n + 1)) && commit c1 kill$n && test_random_file c1/big$n 300000 $n &&
		git -C c1 add . && git -C c1 commit -q -m "big $n" &&
		{ timeout -s KILL 0.$(printf %03d $ms) git -C c1 push -q 2>/dev/null; :; } &&
		git clone -q "$P" k && is_sound k && rm -rf k || return 1
	done &&
	git -C c1 push -q && git -C c2 pull -q && test_same_tree c1 c2 && is_sound c2 &&
	test "$(at_place refs/heads/main)" = "$(tip c1 main)"
'

test_expect_success 'two push at once, many times: nothing is lost, nobody needs force' '
	git clone -q "$P" p1 && git clone -q "$P" p2 &&
	pushes () {
		for i in 1 2 3 4 5 6
		do
			commit $1 $1-$i || return 1
			until git -C $1 push -q 2>>$1.err
			do
				git -C $1 pull -q --rebase 2>>$1.err || return 1
			done
		done
	} &&
	{ pushes p1 & one=$!; pushes p2; two=$?; wait $one && test $two = 0; } &&
	git -C c1 pull -q && for i in 1 2 3 4 5 6
	do
		test -f c1/p1-$i && test -f c1/p2-$i || return 1
	done && is_sound c1
'

test_expect_success 'at once to branches of their own: both succeed' '
	commit p1 own && commit p2 own &&
	{ git -C p1 push -q origin HEAD:one & p=$!; git -C p2 push -q origin HEAD:two &&
	wait $p; } &&
	test "$(at_place refs/heads/one)" = "$(tip p1 HEAD)" &&
	test "$(at_place refs/heads/two)" = "$(tip p2 HEAD)"
'

test_expect_success 'many pushes: segments are merged, a clone has all of it' '
	i=0 && while test $i -lt 40
	do
		i=$((i + 1)) && commit c1 many && git -C c1 push -q || return 1
	done &&
	test $(find usb/*/packs -type f | wc -l) -lt 600 && git clone -q "$P" m1 && is_sound m1 &&
	test_same_tree c1 m1 && git -C c2 pull -q && test_same_tree c1 c2 && a && test -f work/many
'

test_expect_success 'large files: pointers come; one whose content is not there is refused' '
	test_random_file work/large.bin 2000000 7 && a && git -C c1 pull -q &&
	test_grep vibehub-pointer c1/large.bin && commit c1 after-large && git -C c1 push -q &&
	sed "s/^recipe ...../recipe 00000/" c1/large.bin >c1/false.bin && git -C c1 add false.bin &&
	git -C c1 commit -q -m false && test_must_fail git -C c1 push 2>err &&
	test_grep "content is not at" err && git -C c1 reset -q --hard HEAD^ && a &&
	test -f work/after-large
'

test_expect_success 'names that no computer may write are refused' '
	blob=$(git -C c1 rev-parse HEAD:f) &&
	tree=$(printf "100644 blob %s\t.GIT\n" $blob | git -C c1 mktree) &&
	bad=$(git -C c1 commit-tree -p HEAD -m bad $tree) &&
	test_must_fail git -C c1 push origin $bad:refs/heads/bad 2>err &&
	test_grep "no computer" err &&
	test -z "$(at_place refs/heads/bad)"
'

test_have_prereq ROOT ||
test_expect_success 'only readable: it can be cloned, and says why nothing can be pushed' '
	test_when_finished "chmod -R u+w usb" && chmod -R a-w usb &&
	as ro git clone -q "$P" ro && commit ro x &&
	test_must_fail as ro git -C ro push 2>err && test_grep "only be read" err
'

test_expect_success 'a computer that was removed: not by its key, not by what it remembers' '
	as gone git clone -q "$P" g1 && a && hub -C work key revoke gone-git && a &&
	(unset VIBEHUB_PASSPHRASE && test_must_fail as gone setsid git -C g1 fetch 2>err) &&
	git -C c1 fetch -q
'

test_done
