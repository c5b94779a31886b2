#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='large files and plain git: the filter, adopted clones, pointers, the policy'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# rnd FILE N: other bytes every time
rnd () { head -c "$2" /dev/urandom >"$1"; }

is_pointer () { git -C "$1" cat-file -p "HEAD:$2" | head -1 | grep -qx 'vibehub-pointer 1'; }

test_expect_success 'set up' '
	two_computers && rnd work/big 2000000 && rnd "work/a b [1]*.bin" 1500000 &&
	echo small >work/small && ab
'

test_expect_success 'git passes large files, and no others, through the filter' '
	git -C work check-attr filter -- big "a b [1]*.bin" small >out &&
	grep "big: filter: vibehub" out && grep "bin: filter: vibehub" out &&
	grep "small: filter: unspecified" out && git -C work config filter.vibehub.process
'

test_expect_success 'touched or changed: git status is right' '
	touch work/big work/small && git -C work status --porcelain >out &&
	test_must_be_empty out &&
	rnd work/big 2000000 && git -C work status --porcelain >out && grep "M big" out
'

test_expect_success 'git add and commit make a pointer, and sync takes it on' '
	git -C work commit -qam "by git" && is_pointer work big && cp work/big v2 && ab &&
	test_cmp v2 other/big && git_is_content work && git_is_content other
'

test_expect_success 'git checkout of an older version and back' '
	git -C work checkout -q HEAD~1 -- big && test "$(wc -c <work/big)" = 2000000 &&
	test_must_fail cmp v2 work/big && git -C work checkout -q HEAD -- big &&
	test_cmp v2 work/big
'

test_expect_success 'git stash takes it away and brings it back' '
	echo more >>work/big && cp work/big v3 && git -C work stash -q && test_cmp v2 work/big &&
	git -C work stash pop -q && test_cmp v3 work/big && ab && test_cmp v3 other/big
'

test_expect_success 'git switch to a branch with another version' '
	git -C work switch -qc side && rnd work/big 1800000 && cp work/big v4 &&
	git -C work commit -qam side && git -C work switch -q main && test_cmp v3 work/big &&
	git -C work switch -q side && test_cmp v4 work/big && git -C work switch -q main && ab
'

test_expect_success 'an adopted plain clone gets the files for the pointers' '
	git clone -q hub.git plain && test "$(wc -l <plain/big)" = 4 &&
	computer gamma hub clone hub.git plain && computer gamma hub -C plain sync &&
	test_cmp work/big plain/big && git_is_content plain &&
	test "$(commits plain)" = "$(commits work)"
'

test_expect_success 'a pointer that git left there without the filter is no change' '
	n=$(commits hub.git) && rm work/big &&
	git -C work -c filter.vibehub.process= -c filter.vibehub.required=false \
		checkout -q -- big &&
	test "$(wc -l <work/big)" = 4 && ab && test_cmp v3 work/big &&
	test "$(commits hub.git)" = "$n"
'

test_expect_success 'another version that git could not get: it comes with the next sync' '
	rnd work/older 1500000 && cp work/older v1 && a && rnd work/older 1500001 && ab &&
	mv hub.git away && git -C work checkout -q HEAD~1 -- older && mv away hub.git &&
	test "$(wc -l <work/older)" = 4 && ab && a && test_cmp v1 work/older &&
	test_cmp v1 other/older && git -C hub.git cat-file -p main:older >out &&
	grep -x "size 1500000" out && git_is_content work
'

test_expect_success 'a file of the user that looks like a pointer is a file' '
	git -C work cat-file -p HEAD:big >work/looks && cp work/looks want &&
	printf "vibehub-pointer nonsense" >work/nonsense && ab && test_cmp want other/looks &&
	is_pointer work looks && is_pointer work nonsense && test_cmp work/nonsense other/nonsense
'

test_expect_success 'the policy: what is large by its name' '
	mkdir work/.vibehub && printf "large *.dat\n" >work/.vibehub/policy &&
	echo tiny >work/x.dat && ab && is_pointer work x.dat && test_cmp work/x.dat other/x.dat
'

test_expect_success 'a policy change re-encodes what it concerns, with it, everywhere' '
	rnd work/mid 300000 && ab && test_must_fail is_pointer work mid &&
	printf "binary-over 100K\n" >work/.vibehub/policy && a && is_pointer work mid &&
	test_must_fail is_pointer work x.dat && git -C work show --name-only --format= >names &&
	grep mid names && grep policy names && n=$(commits hub.git) && ab && b && a &&
	test "$(commits hub.git)" = "$n" && test_same_tree work other && git_is_content other
'

test_expect_success 'nonsense in the policy: the defaults, and it is said' '
	echo "what is this" >work/.vibehub/policy && a && test_grep "policy" a.err &&
	rm work/.vibehub/policy && ab && test_same_tree work other
'

test_expect_success 'a merge compares content, not form' '
	rnd work/form 400000 && ab && mkdir -p work/.vibehub &&
	printf "binary-over 100K\n" >work/.vibehub/policy && a &&
	rm other/form && b && a && test_path_missing work/form && test_path_missing other/form &&
	rm -r work/.vibehub && ab
'

test_expect_success 'a new one that git added, and nobody committed, is recorded as a pointer' '
	rnd work/added 1900000 && git -C work add added && a && test_must_fail grep pending a.out &&
	is_pointer work added && git_is_content work && b && test_cmp work/added other/added
'

test_expect_success 'content that cannot be stored: git add stops' '
	rnd work/added 1900000 && mv work/.git/vibehub/config keep &&
	test_must_fail git -C work add added && mv keep work/.git/vibehub/config &&
	git -C work add added && ab && test_cmp work/added other/added
'

test_expect_success 'committed with git before any sync saw it: once, in git, until it changes' '
	rnd work/early.dat 2000000 && git -C work add early.dat && git -C work commit -q -m early &&
	find hub.git/vibehub/vault/packs -type f | sort >was &&
	ab && cmp work/early.dat other/early.dat && test_must_fail is_pointer work early.dat &&
	find hub.git/vibehub/vault/packs -type f | sort >now && test_cmp was now &&
	echo more >>other/early.dat && b && a && cmp work/early.dat other/early.dat &&
	is_pointer work early.dat
'

test_expect_success 'a broken protocol is refused' '
	printf "0010nonsense....0000" | test_expect_code 18 hub -C work filter-process &&
	printf "zzzz" | test_expect_code 16 hub -C work filter-process
'

test_done
