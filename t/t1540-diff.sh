#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub diff and hub show'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up' '
	hub init hub.git && hub clone hub.git work &&
	odd=$(printf "b\\tn\\nl \\033[31m \\377 \"q\" \\\\x *") &&
	mkdir work/d work/e && test_seq 30 >work/text && echo x >work/d/x && ln -s text work/link &&
	printf "a\\0b" >work/bin && echo odd >"work/$odd" && echo gone >work/gone &&
	echo e >work/e/e && hub -C work diff --name-only >out && test_line_count = 7 out &&
	test_grep "^added    d/x$" out && hub -C work diff >patch && git apply --numstat patch &&
	hub -C work sync && first=$(git -C work rev-parse HEAD) &&
	git clone -q work copy
'

test_expect_success 'what is on the disk and not recorded' '
	hub -C work diff >out && test_must_be_empty out &&
	sed s/^7$/seven/ work/text >t && mv t work/text && chmod +x work/d/x &&
	rm work/link work/gone && echo file >work/link && printf "a\\0c" >work/bin &&
	echo even >"work/$odd" && echo new >work/new && rm work/e/e && rmdir work/e &&
	echo now >work/e &&
	hub -C work diff --name-only >out &&
	test_write_lines "changed  b\\011n\\012l \\033[31m \\377 \"q\" \\x *" "changed  bin" \
		"mode     d/x" "added    e" "deleted  e/e" "deleted  gone" "type     link" \
		"added    new" "changed  text" >want && test_cmp want out &&
	hub -C work diff >patch && test_grep "^Binary files a/bin and b/bin differ" patch &&
	test_grep "^old mode 100644" patch && test_grep "^+seven" patch
'

test_expect_success 'git understands it' '
	git -C copy apply --exclude=bin "$PWD/patch" && cp work/bin copy/bin &&
	test_same_tree work copy
'

test_expect_success 'paths, from a folder below' '
	(cd work/d && hub diff --name-only) >out && test_line_count = 9 out &&
	(cd work/d && hub diff --name-only ../text .) >out &&
	test_write_lines "mode     d/x" "changed  text" >want && test_cmp want out
'

test_expect_success 'between two states, and from one to the disk' '
	hub -C work sync && second=$(git -C work rev-parse HEAD) &&
	hub -C work diff >out && test_must_be_empty out &&
	hub -C work diff --at="$first" --to="$second" >two && test_cmp patch two &&
	hub -C work diff --at="$first" >one && test_cmp patch one &&
	sed s/seven/7/ work/text >t && mv t work/text && echo more >work/new &&
	hub -C work diff --at="$first" --name-only text new >out &&
	echo "added    new" >want && test_cmp want out &&
	hub -C work diff --at="$second" --to="$first" --name-only new >out &&
	echo "deleted  new" >want && test_cmp want out &&
	hub -C work diff --json --at="$first" --to=HEAD >json &&
	test_grep "\"path_hex\": \"62096e" json && test_grep "\"action\": \"type\"" json
'

test_expect_success 'show: the last change, one change, some of its files' '
	hub -C work show >out && test_grep "^commit $second" out &&
	test_grep "^author User of alpha <user@alpha.example>$" out && test_grep "^9 files$" out &&
	sed -n "/^diff/,\$p" out >body && test_cmp patch body &&
	hub -C work show --name-only HEAD~1 d >out && test_grep "^added    d/x" out &&
	test_grep ! text out &&
	hub -C work show --json "$first" >json && test_grep "\"parents\": \[\]" json &&
	test_grep "\"action\": \"added\"" json &&
	hub -C work show @9999999999 >out && test_grep "^commit $second" out
'

test_expect_success 'show: a file as it was' '
	hub -C work show HEAD~1:text >out && test_seq 30 >want && test_cmp want out &&
	(cd work/d && hub show "$first:../bin") >out && printf "a\\0b" >want &&
	test_cmp want out &&
	echo 1 >work/a:b && hub -C work sync && hub -C work show HEAD:a:b >out &&
	echo 1 >want && test_cmp want out &&
	soon=2100-01-01T12:30 && hub -C work show "$soon:59Z:a:b" >out && test_cmp want out &&
	hub -C work show "$soon:a:b" >out && test_cmp want out
'

test_expect_success 'a merge and a submodule' '
	git -C work switch -qc side HEAD~1 && echo side >work/side &&
	git -C work add side && git -C work commit -qm side && git -C work switch -q main &&
	git -C work merge -q --no-edit side && hub -C work show >out && test_grep "^joins  " out &&
	test_grep "^1 file$" out && hub -C work sync &&
	git -C work update-index --add --cacheinfo 160000,$first,sub &&
	git -C work commit -qm sub && hub -C work show >out &&
	test_grep "Subproject commit $first" out
'

test_expect_success 'a large text is said to differ' '
	test_seq 2000000 >work/large && hub -C work diff large >out &&
	test_grep "too large" out && test_line_count -lt 10 out && rm work/large
'

test_expect_success 'bad input' '
	test_expect_code 129 hub -C work diff --to=HEAD &&
	test_expect_code 129 hub -C work diff .. &&
	test_expect_code 129 hub -C work diff --at=nonsense &&
	test_expect_code 10 hub -C work diff --at=1999-01-01 &&
	test_expect_code 10 hub -C work show nonsense 2>err && test_grep "no commit" err &&
	test_expect_code 10 hub -C work show HEAD:nosuch &&
	test_expect_code 10 hub -C work show nonsense:text &&
	test_expect_code 129 hub -C work show HEAD:d &&
	test_expect_code 129 hub -C work show HEAD:../.. &&
	test_expect_code 129 hub -C work show HEAD:text text &&
	test_expect_code 129 hub -C work show HEAD .. &&
	test_expect_code 10 hub -C / show && test_expect_code 10 hub -C / diff &&
	test_expect_code 128 sh -c "hub -C work show >/dev/full" &&
	hub init empty.git && hub clone empty.git empty && test_expect_code 10 hub -C empty show &&
	hub -C empty diff >out && test_must_be_empty out
'

test_expect_success 'a damaged object is named: exit 16' '
	rm -rf broken && cp -r work broken && id=$(git -C broken rev-parse "$first:text") &&
	o=broken/.git/objects/$(echo "$id" | sed "s,^..,&/,") &&
	if test -f "$o"
	then
		chmod u+w "$o" && echo garbage >"$o" &&
		test_expect_code 16 hub -C broken show "$first:text" 2>err && test_grep "$id" err
	fi
'

test_done
