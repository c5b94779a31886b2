#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='core.sharedRepository: what we make in a hub is for its group, too'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

umask 077
# private DIR: what in it the group may not use as git would let it
private () {
	find "$1" ! -name "*.lock" \( -type d ! -perm -2070 -o -type f ! -perm -0040 \
		-o -type f -perm -0200 ! -perm -0020 \) ! -path "*/hooks*" \
		! -path "*/vibehub/key"
}

test_expect_success 'a hub of a plain shared repository' '
	git init -q --bare -b main --shared=group hub.git && hub init hub.git &&
	hub clone -q hub.git work && computer beta hub clone -q hub.git other
'

test_expect_success 'objects, refs, logs, presence, packs: the group may use them' '
	mkdir work/d && echo one >work/d/f && a && b && echo two >other/d/g && b && a &&
	for i in $(test_seq 1 400)
	do
		echo "$i" >work/d/$i || return 1
	done &&
	a && b && git -C work branch x/y && private hub.git >list && test_must_be_empty list
'

test_expect_success 'and nobody else' '
	find hub.git -type f -perm /0007 >list && test_must_be_empty list
'

test_expect_success 'files of the workspace stay as the umask has them' '
	find work other -path "*/.git" -prune -o -type f -perm /0077 -print >list &&
	test_must_be_empty list
'

test_expect_success 'a number: exactly that' '
	git -C hub.git config core.sharedRepository 0640 && echo x >work/x && a &&
	f=$(git -C work rev-parse HEAD:x) &&
	f=hub.git/objects/$(echo $f | cut -c1-2)/$(echo $f | cut -c3-) &&
	test "$(stat -c %a $f)" = 440 && test "$(stat -c %a hub.git/refs/heads/main)" = 640
'

test_done
