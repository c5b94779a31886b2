#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub verify --read-data: one wrong byte anywhere in the vault is found'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'
. "$TEST_DIRECTORY/lib-rot.sh"

# rotten FILE OFFSET...: each is found, and the file is whole again
rotten () {
	rot_file=$1 && shift &&
	for rot_at
	do
		rot "$rot_file" "$rot_at" &&
		test_expect_code 16 hub verify --read-data hub.git >out ||
			{ echo "$rot_file at $rot_at was not found"; return 1; }
		rot "$rot_file" "$rot_at"
	done
}

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work &&
	noise 1 2000000 >work/big &&
	hub -C work sync -q && cp work/big big && echo x >>work/big && hub -C work sync -q &&
	hub verify --read-data hub.git
'

test_expect_success 'packs: head, key, objects, directory, padding' '
	find hub.git/vibehub/vault/packs -type f >list && test_line_count -gt 1 list &&
	for f in $(cat list)
	do
		rotten "$f" 0 5 9 20 60 80 120 140 2000 -200 -1 || return 1
	done
'

test_expect_success 'states: head, box, padding; the newest and one before' '
	find hub.git/vibehub/vault/states -type f >list && test_line_count -gt 1 list &&
	for f in $(cat list)
	do
		rotten "$f" 0 8 16 30 60 100 200 -1 || return 1
	done
'

test_expect_success 'slots' '
	find hub.git/vibehub/vault/keys -type f >list && test_line_count -gt 2 list &&
	for f in $(cat list)
	do
		rotten "$f" 0 10 50 -1 || return 1
	done
'

test_expect_success 'the key of the hub is lost: verify and gc say so' '
	mv hub.git/vibehub/key key &&
	test_expect_code 16 hub verify hub.git >out && grep "vibehub/key" out &&
	test_expect_code 16 hub gc hub.git 2>err && grep "hub key init" err &&
	mv key hub.git/vibehub/key && hub verify hub.git
'

test_expect_success 'a ref whose commit is not there: gc does not know what is needed' '
	echo 1234567812345678123456781234567812345678 >hub.git/refs/heads/odd &&
	test_expect_code 16 hub gc hub.git 2>err && grep "refs/heads/odd" err &&
	rm hub.git/refs/heads/odd && hub gc hub.git
'

test_expect_success 'whole again; a damaged pack never gives wrong data' '
	hub verify --read-data hub.git &&
	f=$(find hub.git/vibehub/vault/packs -type f -size +900k | head -n 1) &&
	rot "$f" 5000 && rot "$f" 700000 &&
	test_expect_code 16 hub clone -q hub.git damaged 2>err && test_path_missing damaged/big
'

test_done
