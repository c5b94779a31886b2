#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a disk without executable bits or symbolic links'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

mode_of () { git -C hub.git ls-tree main "$1" | cut -c1-6; }

test_expect_success 'set up: beta has neither' '
	two_computers && printf "#!/bin/sh\n" >work/run && chmod +x work/run &&
	echo f >work/f && ab &&
	git -C other config core.filemode false && git -C other config core.symlinks false
'

test_expect_success 'executable bits of others survive an edit there' '
	chmod -x other/run && chmod +x other/f && echo more >>other/run && echo more >>other/f &&
	b && test "$(mode_of run)" = 100755 && test "$(mode_of f)" = 100644 && a &&
	test -x work/run
'

test_expect_success 'and come in over them' '
	echo again >>work/run && echo again >>work/f && a && b &&
	test_cmp work/run other/run && test_cmp work/f other/f && b &&
	test "$(mode_of run)" = 100755
'

test_expect_success 'a deletion comes in over them' '
	rm work/run && a && b && test_path_missing other/run
'

test_expect_success 'a link is a file with its target there, and stays a link' '
	ln -s target work/l && a && b && test ! -h other/l && test "$(cat other/l)" = target &&
	echo x >other/x && b && test "$(mode_of l)" = 120000 && git_is_content other &&
	printf elsewhere >other/l && b && a && test "$(readlink work/l)" = elsewhere
'

test_expect_success 'the link is changed, becomes a file, is deleted elsewhere' '
	ln -sf third work/l && a && b && test "$(cat other/l)" = third &&
	rm work/l && echo plain >work/l && a && b && test_cmp work/l other/l &&
	test "$(mode_of l)" = 100644 && ln -sf fourth work/l && a && b &&
	test "$(cat other/l)" = fourth && rm work/l && a && b && test_path_missing other/l
'

test_expect_success 'in the end both have the same' '
	a && b && test "$(git -C work rev-parse HEAD)" = "$(git -C other rev-parse HEAD)" &&
	git_is_content work && git_is_content other && hub_is_sound
'

test_done
