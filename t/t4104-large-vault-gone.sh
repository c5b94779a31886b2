#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='the hub is there and its vault is not'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

vault=hub.git/vibehub/vault
said='its vault, vibehub/vault, is not'
# a_16, b_16: it ends with 16, and says why
a_16 () { test_expect_code 16 hub -C work sync >out 2>err && test_grep "$said" err; }
b_16 () {
	test_expect_code 16 computer beta hub -C other sync >out 2>err && test_grep "$said" err
}

test_expect_success 'set up' '
	two_computers && test_random_file work/one 2000000 1 && echo s >work/small && a && b &&
	cmp work/one other/one
'

test_expect_success 'it is said, with 16, even where nothing is large; small files sync' '
	mv $vault away && echo 2 >work/two && a_16 && b_16 &&
	test_cmp work/two other/two
'

test_expect_success 'a large file waits, and small ones go on' '
	test_random_file work/big 2000000 2 && echo 3 >work/three && a_16 && b_16 &&
	test_cmp work/three other/three && test_path_missing other/big &&
	test_expect_code 16 hub -C work sync -q >out 2>err && test_grep "$said" err &&
	hub -C work status >out && test_grep "^    big: .*$said" out &&
	git -C work ls-tree -r --name-only HEAD >out && test_grep ! big out
'

test_expect_success 'an empty folder in its place is no vault either' '
	mkdir $vault && echo 4 >other/four && b_16 && a_16 &&
	test_cmp work/four other/four && rmdir $vault
'

test_expect_success 'it is back: what waited goes' '
	mv away $vault && a && b && cmp work/big other/big && ab
'

test_expect_success 'recorded while the hub was away: not sent without its content' '
	mv hub.git gone && test_random_file work/later 2000000 3 &&
	test_expect_code 13 hub -C work sync 2>err && mv gone hub.git && mv $vault away &&
	was=$(git -C hub.git rev-parse main) && echo 5 >work/five && a_16 &&
	test "$(git -C hub.git rev-parse main)" = "$was" && a_16 &&
	echo 6 >other/six && b_16 && a_16 && test_path_is_file work/six &&
	test_path_missing other/five
'

test_expect_success 'and then all of it goes' '
	mv away $vault && a && b && cmp work/later other/later && ab && hub_is_sound &&
	hub -C work verify --read-data
'

test_done
