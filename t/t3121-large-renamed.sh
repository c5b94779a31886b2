#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a large file that plain git brought in, renamed where there is no vault'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up: plain git pushes a file over the content policy' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	git clone -q hub.git plain && head -c 1500000 /dev/zero >plain/big &&
	git -C plain add big && git -C plain commit -q -m big &&
	git -C plain push -q origin HEAD:main && mv hub.git/vibehub/vault hub.git/vibehub/key . &&
	hub -C work sync && computer beta hub -C other sync && test_path_is_file other/big
'

test_expect_success 'its new name waits, so nobody loses it under the old one' '
	mv work/big work/huge && echo small >work/small &&
	hub -C work sync >out && test_grep pending out &&
	computer beta hub -C other sync && test_path_is_file other/small &&
	test_path_is_file other/big && test_path_is_file work/huge
'

test_expect_success 'deleted, it is deleted' '
	rm work/huge && hub -C work sync && computer beta hub -C other sync &&
	test_path_missing other/big
'

test_done
