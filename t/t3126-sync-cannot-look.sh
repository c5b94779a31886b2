#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='what cannot be looked at is neither missing nor damaged, and stops only itself'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

. "$TEST_DIRECTORY/lib-user.sh"
in_hub () { git -c safe.directory=\* -C hub.git cat-file -e "main:$1"; }
# libgit2 1.5 leaks where a walk meets what cannot be read; nothing to suppress it by.
no_leaks () { u env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" "$@"; }
work () { no_leaks hub -C work sync >out 2>err; }
other () { no_leaks hub -C other sync >other.out 2>other.err; }
object () {
	set -- "$1" "$(git -c safe.directory=\* -C "$1" rev-parse "$2")" &&
	echo "$1/objects/$(echo "$2" | cut -c1-2)/$(echo "$2" | cut -c3-)"
}

test_expect_success 'set up' '
	u hub init -q hub.git && u hub clone -q hub.git work && u hub clone -q hub.git other &&
	w "mkdir work/d work/e && echo 1 >work/d/x && echo 2 >work/e/y && echo s >work/s" &&
	work && other
'

test_expect_success 'an object of the hub may not be read: 17, named; neither 10 nor 16' '
	w "echo two >other/s" && other && f=$(object hub.git main:s) && w "chmod 000 $f" &&
	test_expect_code 17 work && test_grep "$(basename $f)" err && w "chmod 444 $f" && work
'

test_expect_success 'nor a folder of objects of the hub' '
	w "echo three >other/s" && other && f=$(dirname $(object hub.git main)) &&
	w "chmod 000 $f" && test_expect_code 17 work && w "chmod 755 $f" && work &&
	test "$(cat work/s)" = three
'

test_expect_success 'its packs may not be listed: 17' '
	u git -C hub.git repack -adq && w "echo four >other/s" && other &&
	u git -C hub.git repack -adq &&
	w "chmod 000 hub.git/objects/pack" && test_expect_code 17 work &&
	w "chmod 755 hub.git/objects/pack" && work && test "$(cat work/s)" = four
'

test_expect_success 'an index of a pack may not be read: 17' '
	w "echo five >other/s" && other && u git -C hub.git repack -adq &&
	i=$(ls hub.git/objects/pack/*.idx) && w "chmod 000 $i" && test_expect_code 17 work &&
	w "chmod 444 $i" && work && test "$(cat work/s)" = five
'

test_expect_success 'the configuration of the hub may not be read: 17, not "damaged"' '
	w "chmod 000 hub.git/config && echo 6 >work/s" && test_expect_code 17 work &&
	w "chmod 644 hub.git/config" && work
'

test_expect_success 'whether a merge is under way cannot be seen: nothing is recorded' '
	before=$(git -c safe.directory=\* -C work rev-parse HEAD) &&
	w "mkdir work/.git/rebase-apply && echo 7 >work/s" && test_expect_code 20 work &&
	w "chmod 000 work/.git/rebase-apply" && test_expect_code 17 work &&
	w "chmod 755 work/.git/rebase-apply && rmdir work/.git/rebase-apply" && other &&
	test "$(git -c safe.directory=\* -C work rev-parse HEAD)" = $before && work && other
'

test_expect_success 'a content that the workspace lost: 16, named, not "cannot be written"' '
	w "echo gone-blob >other/lost" && other && u git -C work fetch -q origin &&
	f=$(object work/.git origin/main:lost) && mv $f kept && test_expect_code 16 work &&
	test_grep "$(git -C other -c safe.directory=\* rev-parse HEAD:lost)" err &&
	test_grep "lost" err && mv kept $f && work && test_path_is_file work/lost
'

test_expect_success 'the folder of a removed file may not be entered: told, the rest comes' '
	w "rm other/e/y && echo z >other/z" && other && w "chmod 000 work/e" &&
	test_expect_code 19 work && test_grep "could not write e/y" err &&
	test_path_is_file work/z && w "chmod 755 work/e" && work && test_path_missing work/e
'

test_expect_success STRACE 'the hub goes away during the run: 13, not 10' '
	w "echo more >work/more" && before=$(git -c safe.directory=\* -C work rev-parse HEAD) &&
	{ u strace -f -qq -o trace -e trace=renameat,renameat2,linkat \
		-E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		-e inject=renameat,renameat2,linkat:delay_enter=100000 \
		hub -C work sync >out 2>err & pid=$!; } &&
	for i in $(test_seq 1 100)
	do
		test "$(git -c safe.directory=\* -C work rev-parse HEAD)" = $before || break
		sleep 0.05
	done &&
	mv hub.git away && test_expect_code 13 wait $pid && test_path_missing hub.git &&
	mv away hub.git && work &&
	in_hub more
'

inject=$HUB_TEST_BUILD/t/fault/inject.so
test -e "$inject" && test_have_prereq LINUX && test_set_prereq INJECT

# point PATTERN: the number of the first call in log that is like it
point () { grep -E "$1" log | head -n 1 | cut -d" " -f1; }

test_expect_success INJECT,!SANITIZED 'the disk is full when the status is written: 14' '
	work && work && rm -f state log &&
	u env HUB_FAULT_STATE="$PWD/state" HUB_FAULT_LOG="$PWD/log" HUB_FAULT_ROOT="$PWD" \
		LD_PRELOAD="$inject" hub -C work sync >out 2>err &&
	n=$(point "write .*sync_status.json") && test -n "$n" && rm -f state &&
	test_expect_code 14 u env HUB_FAULT_STATE="$PWD/state" HUB_FAULT="$n:ENOSPC" \
		HUB_FAULT_ROOT="$PWD" LD_PRELOAD="$inject" hub -C work sync 2>err &&
	test_grep "No space left" err
'

test_done
