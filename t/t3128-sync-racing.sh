#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a file written in the very instant in which a received one comes: both stay'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

test_have_prereq STRACE || skip_all 'no strace'

# slow WHEN COMMAND...: its renames and removals take long, before or after
slow () {
	when=$1 && shift &&
	strace -f -qq -o calls -E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		-e trace=renameat,renameat2,unlinkat \
		-e inject=renameat,renameat2,unlinkat:delay_$when=200000 "$@" >slow.out 2>slow.err
}
# kept TEXT: is it on the disk of work, or recorded?
kept () {
	grep -rqsxF "$1" work --exclude-dir=.git && return 0
	for o in $(git -C work rev-list --all --objects | cut -d" " -f1)
	do
		git -C work cat-file -p $o 2>/dev/null | grep -qxF "$1" && return 0
	done
	echo "lost: $1" >&4
	return 1
}
# settle: sync all; conflicts are fine
settle () {
	for who in a b a b
	do
		$who || test $? = 1 || return 1
	done
}
# when_it_comes PATTERN: wait for the call in the trace
when_it_comes () {
	for i in $(test_seq 1 400)
	do
		grep -q "$1" calls 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

test_expect_success 'set up' '
	two_computers && echo one >work/f && echo one >work/gone && echo x >work/x && ab
'

# strace writes a delayed call when it begins: "renameat2(7, ..." unfinished
test_expect_success 'a file is changed while its replacement comes' '
	echo theirs >other/f && b &&
	{ slow enter hub -C work sync & pid=$!; } && when_it_comes "tmp.*\"f\"\\|\"f\"" &&
	echo mine >mine && mv mine work/f &&
	{ wait $pid || :; } && settle && kept mine && kept theirs && test_same_tree work other
'

test_expect_success 'a file is made where a new one comes' '
	rm -f calls && echo theirs-new >other/new && b &&
	{ slow enter hub -C work sync & pid=$!; } && when_it_comes "\"new\"" &&
	echo mine-new >mine && mv mine work/new &&
	{ wait $pid || :; } && settle && kept mine-new && kept theirs-new &&
	test_same_tree work other
'

test_expect_success 'a file is changed while its removal comes' '
	rm -f calls && rm other/gone && b &&
	{ slow enter hub -C work sync & pid=$!; } && when_it_comes "\"gone\"" &&
	echo mine-gone >mine && mv mine work/gone &&
	{ wait $pid || :; } && settle && kept mine-gone && test_same_tree work other
'

test_expect_success 'a file is changed right after it came' '
	rm -f calls && echo theirs-2 >other/f && b &&
	{ slow exit hub -C work sync & pid=$!; } && when_it_comes "\"f\"" &&
	echo mine-2 >mine && mv mine work/f &&
	{ wait $pid || :; } && settle && kept mine-2 && kept theirs-2 && test_same_tree work other
'

test_expect_success 'and at random: nothing of it is lost' '
	cat >writer.py <<-\EOF &&
	import os, sys, time
	# a new version as soon as the last one was replaced by others
	n, last, end = 0, None, time.time() + float(sys.argv[1])
	while time.time() < end:
	    try:
	        now = open("work/r").read()
	    except OSError:
	        now = None
	    if now != last:
	        n += 1
	        text = f"writer {n}\n"
	        with open("work.tmp", "w") as f:
	            f.write(text)
	        os.rename("work.tmp", "work/r")
	        last = text
	        with open("written", "a") as f:
	            f.write(text)
	EOF
	echo start >work/r && ab && : >written &&
	{ python3 writer.py 6 & pid=$!; } &&
	for i in $(test_seq 1 60)
	do
		kill -0 $pid 2>/dev/null || break
		echo "theirs $i" >other/r
		computer beta hub -C other sync >/dev/null 2>&1
		hub -C work sync >/dev/null 2>&1
	done &&
	wait $pid && settle &&
	git -C work rev-list --all --objects >objects && cut -d" " -f1 objects |
	git -C work cat-file --batch >all && sort -u written >want && test -s want &&
	grep -a "^writer " all | sort -u >have && comm -23 want have >lost &&
	test_must_be_empty lost
'

test_done
