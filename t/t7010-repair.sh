#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub repair: a hub from its places and computers'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

# mended [OPTION]: hub repair does it
mended () {
	hub -C work repair "$@" >out 2>err || { cat out err >&4; return 1; }
	test_grep "all is mended" out
}

# asked: the alarm of what went back is not ended by the way
asked () {
	test_expect_code 15 hub -C work repair >out 2>err &&
	test_grep "repair --accept-rollback" err && mended --accept-rollback
}

# sound: verify agrees, and the other computer goes on
sound () { hub -C work verify --read-data >out && b && a && test_same_tree work other; }

# heal WHAT OFFSET...: one file, damaged at each of them in its turn
heal () {
	heal_what=$1 && shift &&
	for heal_at
	do
		heal_file=$(find hub.git/vibehub/vault/$heal_what -type f -size +0c |
			sort | head -n 1) &&
		rot "$heal_file" "$heal_at" && mended ||
			{ echo "$heal_file at $heal_at was not mended"; return 1; }
	done
}

test_expect_success 'set up: two versions of a large file, a place, two computers' '
	with_place && noise 1 2000000 >work/big && a && noise 2 1500000 >>work/big && a && b &&
	hub -C work verify --read-data
'

test_expect_success 'nothing to do: nothing is done' '
	find hub.git -type f ! -path "*/gc/*" -exec sha256sum {} + | sort >before &&
	hub -C work repair >out && test_grep "nothing is damaged" out &&
	find hub.git -type f ! -path "*/gc/*" -exec sha256sum {} + | sort >after &&
	test_cmp before after && hub repair hub.git && hub -C work repair --json >out &&
	test_grep "\"found\": 0" out
'

test_expect_success 'packs: head, key, object, directory, padding, shorter, gone' '
	heal packs 0 9 60 90 && sound && heal packs 2000 -1 short gone &&
	rm -rf hub.git/vibehub/vault/packs && mended && sound
'

test_expect_success 'what was damaged is kept' '
	ls hub.git/vibehub/vault/damaged >list && test_line_count -ge 7 list
'

# The number of the newest state.
newest () { ls hub.git/vibehub/vault/states/0 | sort -n | tail -n 1; }

test_expect_success 'states: the newest, and those before' '
	heal states/0/$(newest) 0 && b && heal states/0/$(newest) 200 && heal states/0/2 8 &&
	heal states/0/1 gone && sound && rm -r hub.git/vibehub/vault/states/0/$(newest) &&
	asked && sound
'

test_expect_success 'all states are gone' '
	rm -r hub.git/vibehub/vault/states && asked && sound &&
	fresh c && test_same_tree work c
'

test_expect_success 'format files: of the vault, of the hub' '
	heal format 3 40 100 gone &&
	rot hub.git/vibehub/format 20 && mended &&
	rm hub.git/vibehub/format && mended && sound
'

test_expect_success 'key slots: of the passphrase, of the computers, of the hub' '
	for s in hub.git/vibehub/vault/keys/*
	do
		rot "$s" 200 && mended || return 1
	done &&
	heal keys 0 -1 && rm hub.git/vibehub/vault/keys/* && hub -C work repair && sound &&
	hub -C work key >out && test_grep passphrase out
'

test_expect_success 'an older copy is put back: 15 until somebody says yes' '
	cp -r hub.git/vibehub/vault old && noise 5 1300000 >work/big && a && hub -C work verify &&
	mv hub.git/vibehub/vault new && cp -r old hub.git/vibehub/vault &&
	test_expect_code 15 hub -C work repair --dry-run &&
	asked && sound && rm -rf old new
'

test_expect_success 'the whole vault' '
	rm -r hub.git/vibehub/vault && asked && sound &&
	computer gamma hub clone -q hub.git third && test_same_tree work third
'

# bad_sector FILE CMD...: no read of that file succeeds
bad_sector () {
	bad=$1 && shift &&
	strace -f -qq -o /dev/null -E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" -P "$bad" \
		-e trace=read,pread64 -e inject=read,pread64:error=EIO "$@"
}

test_expect_success STRACE 'a bad sector: the rest is mended, and that pack stays' '
	find "$PWD/hub.git/vibehub/vault/packs" -type f -size +200k | sort >list &&
	test_line_count -gt 1 list && bad=$(head -n 1 list) && rot "$(tail -n 1 list)" 5000 &&
	test_expect_code 16 bad_sector "$bad" hub -C work repair >out &&
	test_grep "hub: .*damaged packs put aside" out &&
	test_grep "not mended: hub: packs: 1 could not be read" out && test -f "$bad" && sound &&
	test_expect_code 128 bad_sector "$bad" hub verify hub.git >out &&
	test_grep "pack .*error" out
'

test_expect_success STRACE 'a bad sector of a place: content comes from the next, and it is told' '
	mkdir two && hub -C work remote add two "$PWD/two" && a &&
	for p in $(find hub.git/vibehub/vault/packs -type f -size +200k)
	do
		bad=$(find "$PWD/two" -name "${p##*/}") && if test -n "$bad"; then break; fi
	done && test -f "$bad" && rm "$p" &&
	{ bad_sector "$bad" hub -C work repair >out || test $? = 16; } && sound &&
	hub -C work remote remove two
'

test_expect_success 'dry run: told, and nothing is touched' '
	p=$(find hub.git/vibehub/vault/packs -type f -size +900k | head -n 1) &&
	rot "$p" 5000 &&
	find hub.git -type f -exec sha256sum {} + | sort >before &&
	test_expect_code 16 hub -C work repair --dry-run >out && test_grep "would be" out &&
	test_expect_code 16 hub -C work repair -n --json >out &&
	test_grep "\"dry_run\": true" out &&
	find hub.git -type f -exec sha256sum {} + | sort >after && test_cmp before after && mended
'

test_done
