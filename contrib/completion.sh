#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# contrib/completion.sh O - completions into O/completion, printed by the program
# from its option tables.  A shell it does not know (yet) is left out.

hub=$1/bin/hub
out=$1/completion
test -x "$hub" || exit 0
mkdir -p "$out" || exit 1
make_one () {
	if "$hub" --completions "$1" >"$out/$2.new" 2>/dev/null && test -s "$out/$2.new"
	then
		mv "$out/$2.new" "$out/$2"
	else
		rm -f "$out/$2.new" "$out/$2"
	fi
}
make_one bash hub.bash
make_one zsh _hub
make_one fish hub.fish
