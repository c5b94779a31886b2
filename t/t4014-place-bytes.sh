#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a place shows no name, size, count or content beyond what is admitted'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

look () { python3 "$TEST_DIRECTORY/place-bytes.py" "$@"; }
# vault FOLDER: the vault at a place
vault () { for d in "$1"/*; do test ! -f "$d/format" || echo "$d"; done; }
# sizes FOLDER: how many files of which kind and size
sizes () {
	(cd "$(vault "$1")" && find . -type f -printf '%P %s\n') | sed 's,/[^ ]*,,' | sort | uniq -c
}

test_expect_success 'a hub with names, authors and content that cannot be missed' '
	with_place && mkdir work/Kassenbuch && echo "Parole Seeadler" >work/Kassenbuch/geheim.txt &&
	test_seq 20000 >work/zahlen.txt && echo .private >work/.gitignore &&
	test_random_file work/urlaub.raw 3000000 && cp work/urlaub.raw work/nochmal.raw &&
	touch -d 2001-02-03T04:05:06 work/urlaub.raw work/zahlen.txt && a && b &&
	git -C work branch geheimer-zweig && git -C work push -q origin geheimer-zweig &&
	hub -C work key add --generate --label=Tresorfach --kit="$PWD/kit" && a
'

test_expect_success 'clear bytes are those of the pages, and nothing else' '
	look shape "$(vault usb)" hub.git/vibehub/vault
'

test_expect_success 'no word, id or size of anything in it' '
	look without "$(vault usb)" Kassenbuch geheim.txt Seeadler zahlen.txt urlaub nochmal \
		.gitignore private geheimer-zweig refs/heads main alpha beta Tresorfach \
		"$(git -C work log -1 --format=%an)" "$(git -C work log -1 --format=%ae)" \
		"$(git -C work rev-parse HEAD)" "$(git -C work rev-parse "HEAD^{tree}")" \
		"$(git -C work rev-parse HEAD:zahlen.txt)" \
		"$(git -C work rev-parse HEAD:Kassenbuch)" \
		"$(sha256sum <work/urlaub.raw | cut -c1-64)" vibehub-pointer 3000000 12345 "$PWD"
'

test_expect_success 'no time of a file of the user' '
	find "$(vault usb)" ! -newermt 2020-01-01 >old && test_must_be_empty old
'

test_expect_success 'what differs in a name and some bytes looks the same' '
	for h in one two
	do
		hub init -q $h.git && hub clone -q $h.git $h && mkdir $h.usb &&
		hub -C $h remote add usb "$PWD/$h.usb" || return 1
	done &&
	echo 1 >one/a && hub -C one sync && mkdir -p two/Buchhaltung &&
	test_seq 60 >two/Buchhaltung/Abschluss-2025.txt && hub -C two sync &&
	sizes one.usb >s1 && sizes two.usb >s2 && test_cmp s1 s2
'

# Every vault that there is now, also in copies.
vaults () {
	find . -name format -path '*/format' | grep -v 'vibehub/format' | sed 's,/format$,,'
}

test_expect_success 'kills in the middle' '
	for i in 1 2 3 4 5 6
	do
		test_random_file work/killed.raw 200000 $i && echo $i >work/f || return 1
		hub -C work sync >/dev/null 2>&1 & sleep 0.0$i; kill -9 $!
		wait $! || :
	done &&
	a && look shape "$(vault usb)" hub.git/vibehub/vault
'

test_expect_success 'a computer put back to an older copy of itself, twice' '
	cp -a work work.old && cp -a "$VIBEHUB_HOME" home.old &&
	for i in 1 2
	do
		echo "other $i" >>work/f && test_random_file work/x.raw 300000 &&
		{ hub -C work sync || test $? = 1; } && cp -a work work.run$i &&
		rm -rf work "$VIBEHUB_HOME" && cp -a work.old work &&
		cp -a home.old "$VIBEHUB_HOME" || return 1
	done
'

test_expect_success 'the hub is gone, the place was copied, both are written to' '
	{ hub -C work sync || test $? = 1; } && cp -a usb usb.fork && mv hub.git hub.away &&
	cp -a work work.twin && echo left >work/l && test_random_file work/l.raw 300000 &&
	{ hub -C work sync || test $? = 13; } && mv usb usb.left && mv usb.fork usb &&
	rm -rf "$VIBEHUB_HOME" && cp -a home.old "$VIBEHUB_HOME" && mv work work.left &&
	mv work.twin work && echo right >work/r && test_random_file work/r.raw 300000 &&
	{ hub -C work sync || test $? = 13; } && mv hub.away hub.git
'

test_expect_success 'keys change over and over, in copies, too' '
	cp -a hub.git hub.copy && hub -C hub.git key rotate && hub -C hub.copy key rotate &&
	hub -C hub.git key revoke 01234567-89ab-4def-8123-456789abcdef &&
	hub -C hub.copy key revoke 01234567-89ab-4def-8123-456789abcdef && hub -C hub.git key rotate
'

test_expect_success 'of all that was ever sealed no nonce is there twice' '
	vaults >list && test "$(wc -l <list)" -ge 8 && look nonces $(cat list) >n &&
	test "$(cat n)" -gt 40 &&
	look shape "$(vault usb)" "$(vault usb.left)" hub.git/vibehub/vault
'

test_expect_success 'the looker can see' '
	cp -r "$(vault usb)" seen && f=$(find seen/packs -type f | head -n 1) &&
	chmod -R u+w seen &&
	printf Seeadler | dd of="$f" bs=1 seek=3000 conv=notrunc 2>/dev/null &&
	test_must_fail look without seen Seeadler >out && test_grep Seeadler out &&
	dd if=/dev/zero of="$f" bs=1 seek=200 count=300 conv=notrunc 2>/dev/null &&
	test_must_fail look shape seen >out && test_grep compressed out &&
	test_must_fail look nonces seen "$(vault usb)" >out && test_grep nonce out
'

test_done
