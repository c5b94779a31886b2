#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='passphrases: where they come from, what is asked, what is typed'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

# opens: is the passphrase of the environment right?
kits=0
opens () { kits=$((kits + 1)); hub -C hub.git key kit --kit="$PWD/k$kits"; }

# on_terminal ANSWERS COMMAND...: run it on a terminal of its own; each line of
# ANSWERS is typed when a prompt stands there.  Prints what the terminal shows.
cat >on_terminal.py <<\EOF
import os, pty, select, sys, time
answers = [a for a in sys.argv[1].split("\n") if a]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
new = b""
end = time.time() + 60
while time.time() < end:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            got = os.read(fd, 65536)
        except OSError:
            break
        if not got:
            break
        shown += got
        new += got
    if answers and new.rstrip(b" ").endswith(b":"):
        time.sleep(0.1)
        a = answers.pop(0)
        os.write(fd, b"\3" if a == "^C" else a.encode() + b"\n")
        new = b""
sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
sys.stdout.flush()
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status))
EOF
on_terminal () { python3 "$TRASH_DIRECTORY/on_terminal.py" "$@"; }

test_expect_success 'init with VIBEHUB_PASSPHRASE: no kit, nothing printed of it' '
	VIBEHUB_PASSPHRASE="correct horse battery" hub init hub.git >out 2>err &&
	test_must_be_empty err && test_must_fail grep horse out &&
	test_path_missing "$VIBEHUB_HOME/kits"
'

test_expect_success 'the four sources' '
	VIBEHUB_PASSPHRASE="correct horse battery" opens &&
	printf "correct horse battery\r\nmore\n" >file && VIBEHUB_PASSPHRASE_FILE=file opens &&
	VIBEHUB_PASSPHRASE_COMMAND="echo correct | sed \"s/\$/ horse battery/\"" opens &&
	VIBEHUB_PASSPHRASE_FD=7 opens 7<file && VIBEHUB_PASSPHRASE_FD=0 opens <file
'

test_expect_success 'the first one that is set counts' '
	VIBEHUB_PASSPHRASE="correct horse battery" VIBEHUB_PASSPHRASE_FILE=/nowhere opens
'

test_expect_success 'wrong: exit 12, and no word of what was wrong' '
	VIBEHUB_PASSPHRASE="correct horse batterz" test_expect_code 12 opens 2>err &&
	test_grep "wrong passphrase" err && test_must_fail grep batterz err &&
	VIBEHUB_PASSPHRASE="CORRECT horse battery" test_expect_code 12 opens &&
	VIBEHUB_PASSPHRASE="correct horse battery " test_expect_code 12 opens
'

test_expect_success 'sources that give nothing' '
	VIBEHUB_PASSPHRASE_FILE=nowhere test_expect_code 10 opens && : >empty &&
	VIBEHUB_PASSPHRASE_FILE=empty test_expect_code 12 opens &&
	VIBEHUB_PASSPHRASE_COMMAND=false test_expect_code 12 opens &&
	VIBEHUB_PASSPHRASE_COMMAND=true test_expect_code 12 opens &&
	VIBEHUB_PASSPHRASE_FD=x test_expect_code 129 opens &&
	VIBEHUB_PASSPHRASE_FD=99 test_must_fail opens &&
	head -c 5000 /dev/zero | tr "\0" x >long &&
	VIBEHUB_PASSPHRASE_FILE=long test_expect_code 14 opens
'

test_expect_success 'no source and no terminal: never asked, 129' '
	test_expect_code 129 opens 2>err && test_grep "VIBEHUB_PASSPHRASE_COMMAND" err
'

test_expect_success 'a new one has 8 bytes' '
	VIBEHUB_PASSPHRASE=seven77 test_expect_code 129 hub init seven.git &&
	test_path_missing seven.git &&
	VIBEHUB_PASSPHRASE="correct horse battery" VIBEHUB_NEW_PASSPHRASE=seven77 \
		test_expect_code 129 hub -C hub.git key add
'

test_expect_success 'one of ours, typed anyhow' '
	hub init -q --kit=kit made.git 2>/dev/null &&
	p=$(sed -n "s/^ *passphrase  *//p" kit) && n=0 &&
	for t in "$p" "$(echo "$p" | tr A-Z- a-z\ )" "$(echo "$p" | tr -d -)" \
		"  $(echo "$p" | tr 01 oL)" "$(echo "$p" | tr 01 Oi | tr - "\t")"
	do
		n=$((n + 1))
		VIBEHUB_PASSPHRASE="$t" hub -C made.git key kit --kit="$PWD/m$n" || return 1
	done && test "$(sed -n "s/^ *passphrase  *//p" m4)" = "$p"
'

test_expect_success 'one of ours with a slip: said' '
	p=$(sed -n "s/^ *passphrase  *//p" kit) &&
	case $p in A*) q=B${p#?} ;; *) q=A${p#?} ;; esac &&
	VIBEHUB_PASSPHRASE=$q test_expect_code 12 hub -C made.git key kit --kit=m9 2>err &&
	test_grep "slip" err
'

test_expect_success 'two hubs have different passphrases' '
	hub init -q --kit=kit2 made2.git 2>/dev/null &&
	test "$(sed -n "s/^ *passphrase//p" kit)" != "$(sed -n "s/^ *passphrase//p" kit2)"
'

test_expect_success 'on a terminal: the kit is shown once and stays nowhere' '
	on_terminal "" hub init term.git >out && test_grep "Recovery kit" out &&
	p=$(sed -n "s/^ *passphrase  *//p" out) &&
	VIBEHUB_PASSPHRASE=$p hub -C term.git key kit --kit=t1 &&
	test -z "$(ls "$VIBEHUB_HOME/kits" 2>/dev/null)"
'

test_expect_success 'on a terminal: asked, not shown' '
	on_terminal "correct horse battery" hub -C hub.git key kit --kit="$PWD/t2" >out &&
	test_grep "Passphrase of the hub:" out && test_must_fail grep horse out &&
	test_path_is_file t2 &&
	test_expect_code 12 on_terminal "wrong wrong" hub -C hub.git key kit --kit="$PWD/t3"
'

test_expect_success 'on a terminal: init --ask wants it twice' '
	on_terminal "my own words
my own words" hub init --ask ask.git >out && test_must_fail grep "own words" out &&
	VIBEHUB_PASSPHRASE="my own words" hub -C ask.git key kit --kit=t4 &&
	test_expect_code 129 on_terminal "my own words
my other words" hub init --ask ask2.git && test_path_missing ask2.git
'

test_expect_success 'on a terminal: Ctrl-C while asked ends it, and nothing is made' '
	test_expect_code 130 on_terminal "^C" hub init --ask ask3.git && test_path_missing ask3.git
'

test_expect_success 'a hub that cannot be made leaves no kit' '
	mkdir -p full && : >full/x && rm -rf "$VIBEHUB_HOME/kits" &&
	test_expect_code 128 hub init full &&
	test -z "$(ls "$VIBEHUB_HOME/kits" 2>/dev/null)"
'

test_expect_success 'a kit that was not printed is never overwritten' '
	hub init -q a.git 2>/dev/null && cp "$VIBEHUB_HOME"/kits/*.txt first &&
	p=$(sed -n "s/^ *passphrase  *//p" first) &&
	VIBEHUB_PASSPHRASE=$p hub -C a.git key add --generate 2>/dev/null &&
	set -- "$VIBEHUB_HOME"/kits/*-2.txt && test $# = 1 && test_path_is_file "$1" &&
	test_cmp first "${1%-2.txt}.txt"
'

test_done
