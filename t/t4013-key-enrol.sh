#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='keys that come later, or by the passphrase; a recovery kit that got old'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

. "$TEST_DIRECTORY/lib-user.sh"
. "$TEST_DIRECTORY/lib-keys.sh"
VIBEHUB_TEST_KDF=min
export VIBEHUB_TEST_KDF
PASS='correct horse battery staple'
# with the passphrase
p () { u env "VIBEHUB_PASSPHRASE=$PASS" "$@"; }
sync_of () { u hub -C "$1" sync >out 2>err </dev/null; }
big () { u dd if=/dev/urandom of="$1" bs=1000000 count=2 2>/dev/null; }

test_expect_success 'a hub without keys: what is large waits, and is told what for' '
	p hub init -q hub.git && u rm -r hub.git/vibehub/vault hub.git/vibehub/key &&
	u hub clone -q hub.git work && u hub clone -q hub.git other &&
	big work/large && u touch work/small &&
	sync_of work && test_grep "waits: large: .*has no keys yet: .hub key init. makes" err &&
	sync_of other && test_path_is_file other/small && test_path_missing other/large &&
	u hub -C work status >out && test_grep "^    large: .*hub key init" out
'

test_expect_success 'keys come later: computers that are old get theirs by themselves' '
	p hub -C hub.git key init && sync_of work && test "$(slots)" -eq 3 && sync_of other &&
	cmp work/large other/large && test "$(slots)" -eq 4
'

test_expect_success 'the hub has a key that this user may not read: the passphrase does' '
	u chmod 000 hub.git/vibehub/key && p hub clone -q hub.git third </dev/null >out 2>err &&
	cmp work/large third/large && test_must_be_empty err && test "$(slots)" -eq 5 &&
	big third/more && sync_of third && sync_of work && cmp third/more work/more
'

test_expect_success 'nobody to ask: 12; all but the large files is there' '
	test_expect_code 12 u hub clone -q hub.git fourth </dev/null 2>err &&
	test_grep "VIBEHUB_PASSPHRASE.*hub key enrol" err && test_path_is_file fourth/small &&
	test_path_missing fourth/large && u git -C fourth fsck &&
	sync_of fourth && u touch fourth/more-small && sync_of fourth && sync_of work &&
	test_path_is_file work/more-small
'

test_expect_success 'a wrong one: 12; the right one later' '
	test_expect_code 12 u env VIBEHUB_PASSPHRASE="wrong horse battery" \
		hub -C fourth key enrol 2>err </dev/null && test_grep "wrong passphrase" err &&
	p hub -C fourth key enrol >out && test_grep "has a key slot" out &&
	sync_of fourth && cmp work/large fourth/large && u chmod 600 hub.git/vibehub/key
'

test_expect_success 'clone again enrols, too; in the folder of a hub: 129' '
	u hub clone -q hub.git work && test_expect_code 129 u hub -C hub.git key enrol
'

test_expect_success 'passwd: a kit that opens nothing any more is said' '
	u hub init -q new.git 2>err && kit=$(echo home/.vibehub/kits/*.txt) && test -f "$kit" &&
	old=$(sed -n "s/^ *passphrase  *//p" "$kit") &&
	u env "VIBEHUB_PASSPHRASE=$old" "VIBEHUB_NEW_PASSPHRASE=$PASS" \
		hub -C new.git key passwd >out 2>err &&
	test_grep "kit in .*$kit.*old passphrase.*opens nothing" err &&
	test_grep "hub key kit --kit=FILE" err && test_must_fail grep "$old" err
'

test_expect_success 'with a new kit only the old one is named' '
	p hub -C new.git key passwd --generate --kit=new-kit >out 2>err &&
	test_must_fail grep "opens nothing" err && test_must_fail grep "makes a new one" err &&
	test_grep "new-kit" err
'

test_done
