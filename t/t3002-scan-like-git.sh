#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a scan finds the files that git finds, and ignores what git ignores

Random trees with rule files in many folders and tracked files where rules
match; git ls-files and git status are asked for the same.'
. "${0%/*}/test-lib.sh"

PATH=$HUB_TEST_BUILD/t/helper:$PATH

# plan SEED: lines "file PATH", "track PATH", "rule FOLDER/.gitignore RULE"
plan () {
	awk -v seed="$1" '
	function pick(n) {
		seed = (seed * 16807) % 2147483647
		return int(seed / 2147483647 * n)
	}
	function name() { return names[1 + pick(n_names)] }
	function folder(  k, p) {
		p = ""
		for (k = pick(4); k > 0; k--)
			p = p "d" name() "/"
		return p
	}
	BEGIN {
		n_names = split("a b a.b a-b c.o foo x.c bar a0", names, " ")
		n_rules = split("*.o !c.o foo /a da/ db dfoo/ /da/db !foo " \
			"dbar/** **/x.c !dbar/a d*/a.b * !*/ !x.c dfoo/foo [ab] " \
			"da.b/*/a !da.b/** ?0 *-* dx.c !dx.c/ \\!a \\#b #c", rules, " ")
		for (i = 0; i < 300; i++) {
			f = folder() name()
			print "file " f
			if (!pick(6))
				print "track " f
		}
		for (i = 0; i < 25; i++)
			print "rule " folder() ".gitignore " rules[1 + pick(n_rules)]
	}'
}

# make_tree SEED: a repository "work" made by the plan
make_tree () {
	git init -q work &&
	plan "$1" >plan &&
	{
		while read -r what path rule
		do
			case $path in
			*/*)	mkdir -p "work/${path%/*}" || return 1 ;;
			esac
			case $what in
			file)	: >"work/$path" ;;
			rule)	printf "%s\n" "$rule" >>"work/$path" ;;
			track)	echo "$path" >>track ;;
			esac || return 1
		done
	} <plan &&
	echo "*-b" >work/.git/info/exclude &&
	echo "a0" >global &&
	git -C work config core.excludesFile "$PWD/global" &&
	git -C work add -f --pathspec-from-file=../track
}

for seed in 11 12 13 14 15 16 17 18 19 20
do
	test_expect_success "a random tree (seed $seed)" '
		test_when_finished "rm -rf work plan track global" &&
		make_tree '$seed' &&
		git -C work ls-files >tracked &&
		test-scan -g work/.git -x global -t tracked work >scan &&
		sed -n "s/^file //p" scan | LC_ALL=C sort >files &&
		{
			git -C work ls-files &&
			git -C work ls-files -o --exclude-standard
		} | LC_ALL=C sort >expect &&
		test_cmp expect files &&
		sed -n "s/^ignored //p" scan | LC_ALL=C sort >ignored &&
		git -C work status --porcelain --untracked-files=all \
			--ignored=matching >status &&
		sed -n "s/^!! //p" status | LC_ALL=C sort >expect &&
		test_cmp expect ignored &&
		test_grep ! -v -e "^file " -e "^ignored " scan
	'
done

test_done
