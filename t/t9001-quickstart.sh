#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='make quickstart: what it shows is true'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'it runs, and ends with three commands' '
	mkdir tmp &&
	TMPDIR=$PWD/tmp HUB_BUILD=$HUB_TEST_BUILD sh "$HUB_SOURCE/contrib/quickstart.sh" >out &&
	grep "It works" out && grep "hub clone ~/hub.git work" out
'

test_expect_success 'it leaves nothing behind and touches nobody'\''s home' '
	find tmp -mindepth 1 >left && test_must_be_empty left &&
	test_path_missing "$HOME/.vibehub" && test_path_missing "$HOME/.config/vibehub"
'

test_done
