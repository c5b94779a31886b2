#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='completions, loaded by the shells that are here'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'
for s in bash zsh fish
do
	if command -v "$s" >/dev/null
	then
		test_set_prereq "$(echo "$s" | tr a-z A-Z)"
	fi
done

test_expect_success 'each shell gets its own; plumbing is in none' '
	hub --completions bash >hub.bash && hub --completions zsh >_hub &&
	hub --completions fish >hub.fish &&
	for f in hub.bash _hub hub.fish
	do
		grep -q accept-mass-change $f && test_grep ! filter-process $f || return 1
	done &&
	test_expect_code 129 hub --completions no-such-shell
'

test_expect_success BASH 'bash: commands, verbs, options, files' '
	bash -n hub.bash && >some-file && cat >try.bash <<-\EOF &&
	. ./hub.bash
	try () { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hub; echo "${COMPREPLY[@]}"; }
	try hub sta
	try hub remote a
	try hub sync --acc
	try hub cat some
	EOF
	test_write_lines status add "--accept-mass-change= --accept-clock" some-file >want &&
	bash try.bash >got && test_cmp want got
'

test_expect_success FISH 'fish: commands, verbs, options, files' '
	fish -n hub.fish && cat >try.fish <<-\EOF &&
	source hub.fish
	for line in "hub stat" "hub remote ad" "hub sync --accept-cl" "hub cat some-f"
		complete -C"$line" | string replace -r "\t.*" ""
	end
	true
	EOF
	test_write_lines status add --accept-clock some-file >want &&
	fish -N try.fish >got && test_cmp want got
'

test_expect_success ZSH 'zsh: it is found by compinit, and says all that is in the tables' '
	zsh -n _hub && cat >try.zsh <<-\EOF &&
	fpath=($PWD $fpath)
	autoload -U compinit && compinit -u -D && print -r -- $_comps[hub]
	_describe () { print -rl -- ${(P)2} }
	_arguments () { print -rl -- "$@" }
	words=(hub s) CURRENT=2
	_hub
	words=(hub sync --a) CURRENT=3
	_hub
	words=(hub remote a) CURRENT=3
	_hub
	EOF
	zsh -f try.zsh >got 2>err && test_must_be_empty err && test "$(head -n 1 got)" = _hub &&
	grep "^sync:record, bring in and send" got && grep "^--accept-clock\[" got &&
	grep "^--accept-mass-change=\[.*\]:ID:_files$" got &&
	grep "^1:verb:(list add remove status)$" got
'

test_done
