#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='large files: there and back, edited, renamed, in conflict, offline'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# rnd FILE N: other bytes every time
rnd () { head -c "$2" /dev/urandom >"$1"; }

# bytes DIR: what its files take
bytes () { find "$1" -type f -exec cat {} + | wc -c; }

# grown CMD...: by how much the hub grew
grown () {
	before=$(bytes hub.git) && "$@" && after=$(bytes hub.git) && echo $((after - before))
}

# patch FILE OFFSET N: overwrite N bytes
patch_file () { head -c "$3" /dev/urandom | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }

is_pointer () { git -C "$1" cat-file -p "HEAD:$2" | head -1 | grep -qx 'vibehub-pointer 1'; }

test_expect_success 'a large file reaches the other computer' '
	two_computers && rnd work/big 20000000 && a && b &&
	test_cmp work/big other/big && is_pointer work big && git_is_content work &&
	git_is_content other && hub_is_sound
'

# Where the chunks end is another hub's secret: the last 3.2 MB take 3.5 to 4 MiB of packs.
test_expect_success 'the hub holds it once, the workspaces not at all' '
	test "$(bytes hub.git)" -lt $((20 * 1024 * 1024 + 200000)) &&
	test "$(bytes work/.git)" -lt 1000000 &&
	test "$(bytes other/.git)" -lt 1000000
'

test_expect_success 'a plain clone shows the pointer' '
	git clone -q hub.git plain && test "$(wc -l <plain/big)" = 4 &&
	grep -x "size 20000000" plain/big
'

test_expect_success 'nothing new: nothing is done' '
	before=$(find hub.git/vibehub/vault -type f | sort) && ab &&
	test "$before" = "$(find hub.git/vibehub/vault -type f | sort)"
'

test_expect_success 'a part overwritten: about the part is stored' '
	patch_file work/big 7000000 500000 && grown a >n && b && test_cmp work/big other/big &&
	test "$(cat n)" -lt 3200000
'

test_expect_success 'bytes inserted: the rest is known' '
	{ head -c 9000000 work/big; echo inserted; tail -c +9000001 work/big; } >new &&
	mv new work/big && grown a >n && b && test_cmp work/big other/big &&
	test "$(cat n)" -lt 4000000
'

test_expect_success 'a rename and a duplicate cost nothing' '
	mv work/big work/moved && cp work/moved work/twice && grown a >n && b &&
	test_path_missing other/big && test_cmp work/moved other/moved &&
	test_cmp work/twice other/twice && test "$(cat n)" -lt 100000
'

test_expect_success 'touched: no commit' '
	n=$(commits hub.git) && touch work/moved && ab && test "$(commits hub.git)" = "$n"
'

test_expect_success 'the executable bit travels apart from the content' '
	chmod +x work/moved && a && b && test -x other/moved && chmod -x other/moved && b && a &&
	test ! -x work/moved && test_cmp work/moved other/moved && git_is_content work
'

test_expect_success 'two versions: both are kept' '
	rnd work/clash 2000000 && ab &&
	rnd work/clash 2100000 && cp work/clash one &&
	rnd other/clash 2200000 && cp other/clash two && a &&
	test_expect_code 1 computer beta hub -C other sync && ab &&
	copies work >list && test_line_count = 1 list && test_cmp one work/clash &&
	test_cmp two "work/$(cat list)" &&
	top=$(git -C work cat-file -p "HEAD:$(cat list)" | sed -n "s/^recipe //p") &&
	grep "$(echo "$top" | cut -c1-7))" list && rm "work/$(cat list)" work/clash && ab
'

test_expect_success 'changed on one side, deleted on the other: it stays' '
	rnd work/keep 2000000 && ab && rm work/keep && a &&
	rnd other/keep 2000001 && b && a && test_cmp work/keep other/keep
'

test_expect_success 'ls, cat, show, diff, log, restore, undo know it' '
	rev=$(git -C work rev-parse HEAD) && hub -C work ls keep >out && grep 2000001 out &&
	hub -C work ls --json keep >out &&
	grep "\"large\": true" out && hub -C work cat keep >was && test_cmp work/keep was &&
	hub -C work show HEAD:keep >was && test_cmp work/keep was &&
	hub -C work diff --at=HEAD~1 >out && test_must_fail grep recipe out &&
	hub -C work log keep >out && rm work/keep && hub -C work restore keep &&
	test_cmp other/keep work/keep && hub -C work undo && test_path_missing work/keep &&
	hub -C work restore --at="$rev" keep && test_cmp other/keep work/keep
'

test_expect_success 'export: a plain folder' '
	hub -C work export "$PWD/out.d" >out && test_cmp work/keep out.d/keep &&
	test_path_missing out.d/.git && (cd work &&
	find . -name .git -prune -o -type f -print | sort) >want &&
	(cd out.d && find . -type f | sort) >have && test_cmp want have &&
	test_must_fail hub -C work export "$PWD/out.d" &&
	hub -C work export -q "$PWD/out.e" keep &&
	test_cmp work/keep out.e/keep && test "$(ls out.e)" = keep
'

test_expect_success 'import takes it in' '
	mkdir from && rnd from/imported 3000000 && hub -C work import "$PWD/from" &&
	is_pointer work imported && ab && test_cmp from/imported other/imported
'

test_expect_success 'a new workspace has it all' '
	computer gamma hub clone hub.git third && test_same_tree work third &&
	git_is_content third
'

test_expect_success 'offline: it waits in the outbox, sealed, and goes when the hub is back' '
	mv hub.git away && rnd work/off 5000000 && cp work/moved work/again &&
	test_expect_code 13 hub -C work sync && is_pointer work off &&
	test "$(bytes work/.git/vibehub/outbox)" -gt 5000000 &&
	hub -C work cat off >was && test_cmp work/off was &&
	test_expect_code 13 hub -C work sync && mv away hub.git && a && b &&
	test_cmp work/off other/off && test_cmp work/again other/again &&
	test "$(bytes work/.git/vibehub/outbox)" -lt 100000 && hub_is_sound && hub verify hub.git
'

test_expect_success 'committed offline, edited offline, twice' '
	mv hub.git away && for i in 1 2 3; do
		patch_file work/off $((i * 1000000)) 100000 &&
		{ hub -C work sync || test $? = 13; } ||
		return 1
	done && mv away hub.git && ab && test_cmp work/off other/off && hub verify hub.git >out &&
	grep "large files" out
'

test_expect_success SQLITE3 'a data base over the limit goes there as a consistent copy' '
	sqlite3 work/db "create table t(x); with recursive c(i) as (select 1 union all
		select i+1 from c where i < 60000)
		insert into t select hex(randomblob(16)) from c" &&
	a && b && is_pointer work db &&
	test "$(sqlite3 other/db "select count(*) from t")" = 60000 &&
	n=$(commits hub.git) && touch work/db && a && b && test "$(commits hub.git)" = "$n" &&
	sqlite3 other/db "insert into t values(1)" && b && a &&
	test "$(sqlite3 work/db "select count(*) from t")" = 60001
'

test_done
