#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub key: the keys of a hub, its slots, a new epoch'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'
. "$TEST_DIRECTORY/lib-keys.sh"

# kit_pass FILE: the passphrase in a recovery kit
kit_pass () { sed -n 's/^ *passphrase  *//p' "$1"; }
# id KIND: of the first slot of that kind
id () { hub -C w key | awk -v k="$1" '$2 == k { print $1; exit }'; }

test_expect_success 'init: two slots, a key file for the owner alone, a kit' '
	hub init hub.git >out 2>err && test "$(slots)" -eq 2 &&
	test "$(stat -c %a hub.git/vibehub/key)" = 600 &&
	test_grep "recovery kit.*$VIBEHUB_HOME/kits/" err &&
	set -- "$VIBEHUB_HOME"/kits/*.txt && test $# = 1 && test "$(stat -c %a "$1")" = 600 &&
	cp "$1" kit && kit_pass kit >pass &&
	test_grep -E "^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$" pass
'

test_expect_success 'the passphrase is in the kit and nowhere else' '
	! grep -r -F "$(cat pass)" out err hub.git && test_must_fail grep -F "$(cat pass)" out
'

test_expect_success 'the locator is the id of the hub' '
	sed -n "/locator/,/passphrase/p" kit | grep -o "\b[0-9a-f]\{8\}\b" | tr -d "\n" >loc &&
	test "id $(cat loc)" = "$(grep ^id hub.git/vibehub/format)"
'

test_expect_success 'clone: the computer gets its slot, and no passphrase is needed' '
	hub clone -q hub.git w && test "$(slots)" -eq 3 && hub -C w key >out &&
	test_grep "computer .* alpha  (this computer)" out && test_grep "passphrase" out &&
	test_grep "computer .* hub$" out && test_grep "^keys of epoch 1$" out &&
	head -n1 "$VIBEHUB_HOME"/devices/*.key >out && test_grep "device-key 2" out
'

test_expect_success 'list in the folder of the hub itself' '
	hub -C hub.git key list >out && test_grep "epoch 1" out &&
	test_must_fail grep "this computer" out
'

test_expect_success JQ 'list --json' '
	hub -C w key list --json >out &&
	jq -e ".schema == \"vibehub-key-1\" and .epoch == 1" out &&
	jq -e "[.slots[] | select(.trusted and .why == null)] | length == 3" out &&
	jq -e "[.slots[] | select(.this_computer) | .label] == [\"alpha\"]" out
'

test_expect_success 'rotate: everybody has the new key' '
	hub -C w key rotate >out && test_grep "epoch 2" out && hub -C w key >out &&
	test_grep "^keys of epoch 2$" out && test_must_fail grep "newest" out &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key kit --kit="$PWD/kit2" && test -f kit2
'

test_expect_success 'a second computer' '
	VIBEHUB_HOME=$PWD/home2 VIBEHUB_HOSTNAME=beta hub clone -q hub.git w2 &&
	VIBEHUB_HOME=$PWD/home2 hub -C w2 key >out && test_grep "beta  (this computer)" out &&
	test "$(slots)" -eq 4
'

test_expect_success 'it is removed: a new epoch begins' '
	hub -C w key remove beta >out && test_grep "epoch 3" out && test "$(slots)" -eq 3 &&
	test "$(removed)" -eq 1 && ! grep -r beta hub.git/vibehub/vault && hub -C w key >out &&
	test_must_fail grep beta out
'

test_expect_success 'it is not enrolled again, though it can reach the hub; a new clone is' '
	VIBEHUB_HOME=$PWD/home2 test_expect_code 12 hub -C w2 key 2>err &&
	test_grep "was removed" err &&
	VIBEHUB_HOME=$PWD/home2 test_expect_code 12 hub -C w2 key rotate &&
	test "$(slots)" -eq 3 &&
	rm -rf w2 && VIBEHUB_HOME=$PWD/home2 VIBEHUB_HOSTNAME=beta hub clone -q hub.git w2 &&
	VIBEHUB_HOME=$PWD/home2 hub -C w2 key >out && test_grep "beta.*  (this computer)" out
'

test_expect_success 'removed once more: nothing to do; revoke by UUID of what has no slot' '
	cp -r hub.git/vibehub/vault/keys kept && p=$(removed) &&
	rm=$(grep -l ^VHrm hub.git/vibehub/vault/keys/*) && rm=${rm##*/} &&
	hub -C w key revoke "$rm" >out && test_grep "no longer" out &&
	test_must_fail grep epoch out &&
	diff -r kept hub.git/vibehub/vault/keys && test "$(removed)" -eq "$p" &&
	hub -C w key revoke 01234567-89ab-4def-8123-456789abcdef >out &&
	test_grep "epoch 4" out &&
	test "$(removed)" -eq 2 && test_expect_code 129 hub -C w key revoke
'

test_expect_success JQ 'list --json names what was removed' '
	hub -C w key list --json >out &&
	jq -e "[.removed[] | select(.label == \"beta\") | .kind] == [\"computer\"]" out
'

test_expect_success 'the last passphrase, the hub, this computer: not removed' '
	test_expect_code 20 hub -C w key remove passphrase 2>err && test_grep "last" err &&
	test_expect_code 20 hub -C w key remove hub &&
	test_expect_code 20 hub -C w key remove alpha &&
	test_expect_code 20 hub -C hub.git key remove hub && test "$(slots)" -eq 4
'

test_expect_success 'remove: what is not there, what is not clear' '
	test_expect_code 10 hub -C w key remove nobody &&
	test_expect_code 129 hub -C w key remove && test_expect_code 129 hub -C w key remove a b
'

test_expect_success 'add: one more, with a label; both open' '
	VIBEHUB_PASSPHRASE=$(cat pass) VIBEHUB_NEW_PASSPHRASE="for the safe" \
		hub -C w key add --label="im Tresor" >out && test_grep "im Tresor" out &&
	VIBEHUB_PASSPHRASE="for the safe" hub -C w key kit --kit=k3 &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key kit --kit=k4
'

test_expect_success 'labels are sealed' '
	! grep -r "im Tresor" hub.git
'

test_expect_success 'remove by id, and keep the epoch' '
	n=$(hub -C w key | sed -n "s/^\([0-9a-f]*\) .*im Tresor.*/\1/p") &&
	hub -C w key remove --keep-epoch "$n" >out && test_must_fail grep epoch out &&
	test_expect_code 12 env VIBEHUB_PASSPHRASE="for the safe" hub -C w key kit --kit=k5 &&
	test_path_missing k5
'

test_expect_success 'passwd: the new one opens, the old one does not' '
	VIBEHUB_PASSPHRASE=$(cat pass) VIBEHUB_NEW_PASSPHRASE="my own words" \
		hub -C w key passwd 2>err && test_grep "rotate" err &&
	test_expect_code 12 env VIBEHUB_PASSPHRASE="$(cat pass)" hub -C w key kit --kit=k6 2>err &&
	test_grep "wrong passphrase" err &&
	VIBEHUB_PASSPHRASE="my own words" hub -C w key kit --kit=k6 && test "$(slots)" -eq 4
'

test_expect_success 'passwd --generate --rotate --kit' '
	VIBEHUB_PASSPHRASE="my own words" hub -C w key passwd --generate --rotate --kit=k7 &&
	test "$(stat -c %a k7)" = 600 && kit_pass k7 >pass &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key kit --kit=k8 && hub -C w key >out &&
	test_grep "epoch 5" out
'

test_expect_success '--kit: an existing file is left alone, and nothing is changed' '
	cp k8 before && slots >n1 &&
	VIBEHUB_PASSPHRASE=$(cat pass) test_expect_code 128 \
		hub -C w key passwd --generate --kit=k8 &&
	test_cmp before k8 && slots >n2 && test_cmp n1 n2 &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key kit --kit=k9 &&
	test_expect_code 128 hub init --kit=k8 other.git && test_path_missing other.git
'

test_expect_success 'a stranger puts a slot: said, not trusted, gets nothing' '
	VIBEHUB_HOME=$PWD/home3 hub init -q evil.git 2>/dev/null &&
	for f in evil.git/vibehub/vault/keys/*
	do
		cp "$f" hub.git/vibehub/vault/keys/ || return 1
	done &&
	hub -C w key >out && test_grep "does not count" out && hub -C w key rotate &&
	for f in evil.git/vibehub/vault/keys/*
	do
		cmp "$f" "hub.git/vibehub/vault/keys/${f##*/}" &&
		rm "hub.git/vibehub/vault/keys/${f##*/}" || return 1
	done
'

test_expect_success 'damaged slots: the others work; the own one is damage' '
	p=$(id passphrase) && cp hub.git/vibehub/vault/keys/"$p"* save &&
	f=$(echo hub.git/vibehub/vault/keys/"$p"*) &&
	printf X | dd of="$f" bs=1 seek=300 conv=notrunc 2>/dev/null &&
	hub -C w key >out && test_grep "$p .*does not count" out &&
	test_expect_code 16 env VIBEHUB_PASSPHRASE="$(cat pass)" hub -C w key kit --kit=k10 &&
	cp save "$f"
'

test_expect_success 'the key file of the hub is lost: the passphrase makes it again' '
	rm hub.git/vibehub/key && test_expect_code 10 hub -C hub.git key rotate &&
	hub -C w key rotate &&
	test_expect_code 129 hub -C w key init </dev/null &&
	test_expect_code 12 env VIBEHUB_PASSPHRASE=wrongwrong hub -C w key init &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key init &&
	test_path_is_file hub.git/vibehub/key &&
	VIBEHUB_HOME=$PWD/home4 VIBEHUB_HOSTNAME=gamma hub clone -q hub.git w4 &&
	VIBEHUB_HOME=$PWD/home4 hub -C w4 key >out && test_grep "gamma  (this" out
'

test_expect_success 'a hub of an early version: works, and gets keys' '
	git init -q --bare old.git && hub init -q old.git 2>/dev/null &&
	rm -rf old.git/vibehub/vault old.git/vibehub/key &&
	hub clone -q old.git wo && echo 1 >wo/f && hub -C wo sync &&
	test_expect_code 10 hub -C wo key 2>err && test_grep "key init" err &&
	VIBEHUB_PASSPHRASE="words for old" hub -C wo key init >out &&
	test_grep "made the keys" out &&
	hub -C wo key >out && test_grep "this computer" out && hub -C wo sync &&
	hub -C wo key init >out && test_grep "already" out
'

test_expect_success 'a device key that others can read: refused' '
	chmod 644 "$VIBEHUB_HOME"/devices/*.key && test_expect_code 17 hub -C w key &&
	chmod 600 "$VIBEHUB_HOME"/devices/*.key
'

test_expect_success 'a shared hub: its group may read the key, others may not' '
	git init -q --bare --shared=group sh.git && hub init -q sh.git 2>/dev/null &&
	test "$(stat -c %a sh.git/vibehub/key)" = 640
'

test_expect_success 'two at once: one waits its turn or is told' '
	{ hub -C w key rotate & } && { hub -C w key rotate || test $? = 11; } &&
	{ wait $! || test $? = 11; } &&
	hub -C w key >out && test_must_fail grep "newest" out &&
	VIBEHUB_PASSPHRASE=$(cat pass) hub -C w key kit --kit=k11
'

test_expect_success 'a rotation that has not come to this computer: not begun again' '
	VIBEHUB_HOME=$PWD/home2 hub -C w2 key >out &&
	p=$(sed -n "s/^\([0-9a-f]*\) .*this computer.*/\1/p" out) &&
	f=$(echo hub.git/vibehub/vault/keys/"$p"*) && cp "$f" save && hub -C w key rotate &&
	cp "$f" newer && cp save "$f" && hub -C w key >out && test_grep "not the newest" out &&
	VIBEHUB_HOME=$PWD/home2 test_expect_code 128 hub -C w2 key rotate 2>err &&
	test_grep "interrupted" err && cp newer "$f" &&
	VIBEHUB_HOME=$PWD/home2 hub -C w2 key rotate
'

test_expect_success 'a kit that was begun goes, an hour later' '
	: >"$VIBEHUB_HOME/kits/.x.txt.tmp-0123456789ab" &&
	touch -d "2 hours ago" "$VIBEHUB_HOME/kits/.x.txt.tmp-0123456789ab" &&
	: >"$VIBEHUB_HOME/kits/.y.txt.tmp-0123456789ab" && hub init -q kits.git &&
	test_path_missing "$VIBEHUB_HOME/kits/.x.txt.tmp-0123456789ab" &&
	test_path_is_file "$VIBEHUB_HOME/kits/.y.txt.tmp-0123456789ab"
'

test_expect_success 'init that was stopped goes on: no folders, a key that sealed nothing' '
	for cut in vault/states vault/packs format
	do
		rm -rf ad.git && git init -q --bare ad.git && hub init -q ad.git &&
		rm -rf "ad.git/vibehub/$cut" ad.git/vibehub/format && hub init -q ad.git &&
		hub clone -q ad.git ad && rm -r ad || return 1
	done
'

test_expect_success 'usage' '
	test_expect_code 129 hub -C w key what && test_expect_code 129 hub -C w key list x &&
	test_expect_code 10 hub -C "$HOME" key && hub key -h >out && test_grep "rotate" out
'

test_done
