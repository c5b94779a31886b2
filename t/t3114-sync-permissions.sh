#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='what may not be read or written: said, and it goes on with the rest'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

. "$TEST_DIRECTORY/lib-user.sh"
in_hub () { git -c safe.directory='*' -C hub.git cat-file -e "main:$1"; }
into_hub () { w "git -c safe.directory=\\* -C hub.git fetch -q ../plain main:main"; }
work () { u hub -C work sync >out 2>err; }

test_expect_success 'set up' '
	u hub init -q hub.git && u hub clone -q hub.git work && u hub clone -q hub.git other &&
	w "mkdir work/d work/e && echo 1 >work/d/x && echo 2 >work/e/y && echo s >work/secret" &&
	work && u hub -C other sync
'

test_expect_success 'a file that may not be read: 19, the rest goes, it is no deletion' '
	w "chmod 000 work/secret && echo ok >work/ok" && test_expect_code 19 work &&
	test_grep "could not read secret" err && in_hub ok && in_hub secret
'

test_expect_success 'a folder that may not be read: what is in it is not deleted' '
	w "chmod 000 work/d" && test_expect_code 19 work && in_hub d/x &&
	w "chmod 755 work/d && chmod 600 work/secret" && work
'

test_expect_success 'a folder that may not be written: the rest comes, later that too' '
	w "echo 3 >other/e/y && echo n >other/e/new && rm other/d/x && echo z >other/z" &&
	u hub -C other sync && w "chmod 555 work/e work/d" && { work || test $? = 1; } &&
	test_grep "could not write e/new" err && test_path_is_file work/z &&
	w "echo here >work/here" && { work || test $? = 1; } && in_hub here && in_hub e/new &&
	test_must_fail in_hub d/x &&
	w "chmod 755 work/e work/d" && work && test "$(cat work/e/y)" = 3 &&
	test_path_is_file work/e/new && test_path_missing work/d && u hub -C other sync &&
	test_same_tree work other
'

test_expect_success 'what could not be written is news once: 1, then 0, and status names it' '
	w "echo 5 >other/e/new5" && u hub -C other sync && w "chmod 555 work/e" &&
	test_expect_code 1 work && test_grep "could not write e/new5" err &&
	work && test_grep "could not write e/new5" err &&
	u hub -C work sync -q >out 2>err && test_must_be_empty err &&
	u hub -C work status >out && test_grep "behind .*1 file" out && test_grep e/new5 out &&
	w "echo here2 >work/here2" && work && in_hub here2 &&
	w "echo 6 >other/e/new6" && u hub -C other sync && test_expect_code 1 work && work &&
	u hub -C work status >out && test_grep "behind .*2 files" out &&
	w "chmod 755 work/e && rm other/e/new6" && u hub -C other sync && work &&
	test_path_is_file work/e/new5 && w "echo 7 >other/e/new5" && u hub -C other sync &&
	w "chmod 555 work/e" && test_expect_code 1 work && work && w "chmod 755 work/e" && work &&
	test "$(cat work/e/new5)" = 7
'

test_expect_success 'a name that this computer cannot hold: 1, then 0' '
	long=$(printf "%0300d" 0) && w "git -c safe.directory=\\* clone -q hub.git plain &&
	cd plain && git config user.email u@v && git config user.name u &&
	id=\$(echo x | git hash-object -w --stdin) &&
	git update-index --add --cacheinfo 100644,\$id,$long && git commit -qm long" && into_hub &&
	test_expect_code 1 work && work && test_grep "could not write 0*" err &&
	w "cd plain && git rm -q --cached $long && git commit -qm short" && into_hub &&
	work && u hub -C other sync
'

test_expect_success 'a hub that may only be read: 17 if there is something to send, nothing lost' '
	w "chmod -R a-w hub.git && echo q >work/q" && test_expect_code 17 work &&
	test_grep "Permission denied" err && w "chmod -R u+w hub.git" && work && in_hub q
'

test_expect_success 'the workspace or its memory may not be written: 17' '
	w "chmod 555 work/.git/vibehub" && test_expect_code 17 work &&
	w "chmod 755 work/.git/vibehub; chmod 000 work" && test_expect_code 17 work &&
	w "chmod 755 work" && work
'

test_expect_success 'init and clone where nothing may be made: 17' '
	w "mkdir ro && chmod 555 ro" && test_expect_code 17 u hub init ro/h.git &&
	test_expect_code 17 u hub clone hub.git ro/w && test_must_fail ls ro/h.git ro/w
'

test_done
