#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='the command line: help, version, lists, wrong usage, closed handles'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'the list of commands' '
	hub --list-commands >commands &&
	for c in init clone sync status
	do
		grep -x "$c" commands || return 1
	done &&
	test_grep ! "[^a-z-]" commands &&
	LC_ALL=C sort commands | uniq -d >twice && test_must_be_empty twice
'

test_expect_success 'version' '
	hub --version >out && grep "^hub [0-9][0-9.]*" out
'

test_expect_success 'every command has -h on stdout, status 0, anywhere' '
	mkdir empty &&
	while read -r c
	do
		(cd empty && hub "$c" -h) </dev/null >out 2>err &&
		head -n 1 out | grep "^usage: hub $c" && test_must_be_empty err ||
		{ echo "no good: $c -h" && return 1; }
	done <commands
'

test_expect_success 'every command says 129 to an unknown option, and changes nothing' '
	while read -r c
	do
		(cd empty && test_expect_code 129 hub "$c" --no-such-option) </dev/null \
			>out 2>err &&
		test_must_be_empty out && grep -e "no-such-option" err ||
		{ echo "no good: $c" && return 1; }
	done <commands &&
	find empty -mindepth 1 >left && test_must_be_empty left
'

test_expect_success 'wrong usage' '
	test_expect_code 129 hub no-such-command 2>err && grep "no-such-command" err &&
	test_expect_code 129 hub 2>err && test -s err &&
	test_expect_code 129 hub --no-such-option 2>err
'

test_expect_success 'an option hidden in a path is not one' '
	test_expect_code 129 hub init --upload-pack=x 2>err &&
	test_path_missing "--upload-pack=x"
'

test_expect_success 'closed standard handles do not become files of ours' '
	hub init a.git <&- >&- 2>&- &&
	git -C a.git fsck --strict &&
	hub init b.git >&- &&
	git -C b.git fsck --strict
'

test_expect_success LINUX 'output that cannot be written is a failure' '
	! hub --list-commands >/dev/full
'

test_expect_success 'completions are generated' '
	for s in bash zsh fish
	do
		hub --completions "$s" >out && grep sync out || return 1
	done &&
	test_expect_code 129 hub --completions no-such-shell &&
	hub --completions bash >hub.bash && bash -n hub.bash
'

test_done
