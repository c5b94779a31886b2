#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub device: list, rename, revoke'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

VIBEHUB_TEST_KDF=min
VIBEHUB_PASSPHRASE='correct horse battery staple'
export VIBEHUB_TEST_KDF VIBEHUB_PASSPHRASE

test_expect_success 'two computers, one of which has never synced a large file' '
	hub init hub.git && hub clone --name=one hub.git a && hub clone --name=two hub.git b &&
	echo x >a/x && hub -C a sync && hub -C b sync
'

test_expect_success 'list: names, when, keys; from the hub too' '
	hub -C a device >out && test_line_count = 2 out &&
	test_grep "one .* ago\|one .*just now" out && test_grep "(this one)" out &&
	test_grep "two .*has keys" out &&
	hub -C hub.git device list --json >out &&
	jq -e ".schema == \"vibehub-device-1\" and (.computers | length) == 2 and
		.computers[0].name == \"one\" and .computers[0].key == \"has\" and
		.computers[1].this_computer == false and .computers[1].state == \"ok\"" out
'

test_expect_success 'rename: the hub learns it with the next sync' '
	hub -C b device rename three >out && test_grep "three" out &&
	test_expect_code 128 hub -C a device rename two &&
	hub -C b sync && hub -C a device >out && test_grep three out &&
	test_expect_code 129 hub -C a device rename "a b" 2>err && test_grep "is no name" err
'

test_expect_success 'revoke: not itself, not a stranger' '
	test_expect_code 20 hub -C a device revoke one &&
	test_expect_code 10 hub -C a device revoke nobody 2>err && test_grep "device list" err &&
	hub -C a device >out && test_line_count = 2 out
'

test_expect_success 'revoke: its slot goes, its presence goes, and the list says so' '
	id=$(hub -C b config device) &&
	hub -C a device revoke three >out && test_grep "no computer of this hub any more" out &&
	test_path_missing hub.git/vibehub/devices/$id &&
	hub -C a device list --json >out &&
	jq -e ".computers[] | select(.id == \"$id\") |
		.key == \"removed\" and .last_seen == null" out &&
	hub -C a device >out && test_grep "removed" out &&
	hub -C a sync && hub verify hub.git
'

test_expect_success 'revoke again completes; by the begin of the id too' '
	hub -C a device revoke $(echo $id | cut -c1-6)
'

test_expect_success 'bad input' '
	test_expect_code 129 hub -C a device nonsense &&
	test_expect_code 129 hub -C a device list x &&
	test_expect_code 129 hub -C a device revoke &&
	test_expect_code 129 hub -C a device rename &&
	mv hub.git away && test_expect_code 13 hub -C a device && mv away hub.git
'

test_done
