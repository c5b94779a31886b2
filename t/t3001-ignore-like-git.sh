#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='.gitignore rules mean what git takes them to mean

Made-up rules and paths (fixed seeds), each asked of git check-ignore too.  One
known difference to old versions of git is left out: see src/repo/ignore.c.'
. "${0%/*}/test-lib.sh"

PATH=$HUB_TEST_BUILD/t/helper:$PATH

for seed in 1 2 3
do
	test_expect_success "1,000 rule files, 40 paths each (seed $seed)" '
		test_when_finished "rm -rf rules" &&
		git init -q rules &&
		cd rules &&
		test-ignore gen '$seed' 1000 >../paths &&
		git check-ignore --no-index -z -v -n --stdin <../paths >../said &&
		test-ignore check <../said >../out &&
		test_grep " 0 differ" ../out
	'
done

test_expect_success 'single bytes' '
	test_when_finished "rm -rf rules" &&
	git init -q rules &&
	cd rules &&
	mkdir class &&
	test_write_lines "[[:alpha:]]1" "[[:digit:]]2" "[[:punct:]]3" \
		"[[:space:]]4" "[[:cntrl:]]5" "[[:graph:]]6" "[[:print:]]7" \
		"[[:xdigit:]]8" "[[:upper:]]9" "[[:lower:]]a" "[[:alnum:]]b" \
		"[[:blank:]]c" "[!a-y]d" "[+-~]e" "?f" >class/.gitignore &&
	LC_ALL=C awk "BEGIN {
		for (c = 1; c < 256; c++)
			if (c != 47)
				for (i = 1; i < 16; i++)
					printf \"class/%c%x%c\", c, i, 0
	}" >../paths &&
	git check-ignore --no-index -z -v -n --stdin <../paths >../said &&
	test-ignore check <../said >../out &&
	test_grep "^3810 cases.* 0 differ" ../out
'

test_expect_success 'the comparison notices a difference' '
	test_when_finished "rm -rf rules" &&
	git init -q rules &&
	cd rules &&
	mkdir d &&
	echo "*.o" >d/.gitignore &&
	printf "d/a.o\0" >../paths &&
	git check-ignore --no-index -z -v -n --stdin <../paths >../said &&
	test-ignore check <../said &&
	echo "*.c" >d/.gitignore &&
	test_must_fail test-ignore check <../said
'

test_done
