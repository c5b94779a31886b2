# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/test-lib-functions.sh - what the body of a test may call; read by test-lib.sh.
# Each says on stderr why it failed.

# test_when_finished SCRIPT: run it after this test, whether it passed or not;
# the last one given runs first.  Its failure fails the test.
test_when_finished () {
	test_cleanup="{ $*
	} && { $test_cleanup
	}"
}

# test_must_fail CMD...: it fails in an orderly way.  A success, a signal, a
# sanitizer's finding or a command that is not there is not that.
test_must_fail () {
	local code
	"$@"
	code=$?
	case $code in
	0)	echo "test_must_fail: succeeded: $*" ;;
	126|127)	echo "test_must_fail: could not be run ($code): $*" ;;
	13[1-9]|1[4-9][0-9]|2[0-9][0-9])
		echo "test_must_fail: died of signal $((code - 128)): $*" ;;
	*)	return 0 ;;
	esac >&4
	return 1
}

# test_expect_code N CMD...: it ends with status N
test_expect_code () {
	local want code
	want=$1
	shift
	"$@"
	code=$?
	test "$code" = "$want" && return 0
	echo "test_expect_code: wanted $want, got $code: $*" >&4
	return 1
}

# test_wait PID N...: a job in the background ends with one of these
test_wait () {
	local pid code
	pid=$1
	shift
	wait "$pid"
	code=$?
	case " $* " in
	*" $code "*)	return 0 ;;
	esac
	echo "test_wait: wanted $*, got $code" >&4
	return 1
}

# test_cmp EXPECTED ACTUAL: the same bytes; shows the difference
test_cmp () {
	test $# = 2 || { echo "test_cmp: takes two files" >&4; return 1; }
	cmp -s "$1" "$2" && return 0
	diff -u "$1" "$2"
	return 1
}

# test_must_be_empty FILE
test_must_be_empty () {
	test_path_is_file "$1" || return 1
	test -s "$1" || return 0
	echo "'$1' is not empty:"
	cat "$1"
	return 1
}

# test_grep [!] PATTERN FILE [grep options first]: FILE has (has not) a line like it
test_grep () {
	local neg= file=
	if test "$1" = !
	then
		neg=t
		shift
	fi
	for file; do :; done
	test -r "$file" || { echo "test_grep: cannot read '$file'" >&4; return 1; }
	if test -n "$neg"
	then
		grep "$@" || return 0
		echo "test_grep: '$file' should not match: $*"
	else
		grep "$@" && return 0
		echo "test_grep: no match for: $*; the file is:"
		cat "$file"
	fi >&4
	return 1
}

# test_line_count OP N FILE: `test_line_count = 3 out`
test_line_count () {
	test "$(wc -l <"$3")" "$1" "$2" && return 0
	echo "test_line_count: not $1 $2 lines in '$3':"
	cat "$3"
	return 1
}

# test_path_is_file, _is_dir, _is_executable, _exists, _missing PATH.
# A symbolic link is looked at itself only by _is_symlink and _missing.
test_path_is_file () { test -f "$1" || { echo "not a file: '$1'" >&4; return 1; }; }
test_path_is_dir () { test -d "$1" || { echo "not a folder: '$1'" >&4; return 1; }; }
test_path_is_symlink () { test -h "$1" || { echo "not a symlink: '$1'" >&4; return 1; }; }
test_path_exists () { test -e "$1" || { echo "not there: '$1'" >&4; return 1; }; }
test_path_is_executable () {
	test -f "$1" && test -x "$1" || { echo "not executable: '$1'" >&4; return 1; }
}
test_path_missing () {
	test ! -e "$1" && test ! -h "$1" && return 0
	echo "should not be there: '$1'" >&4
	ls -ld "$1" >&4
	return 1
}

# test_write_lines LINE...: one per line on stdout
test_write_lines () { printf '%s\n' "$@"; }

# write_script FILE <<\EOF: an executable for /bin/sh
write_script () {
	{
		echo '#!/bin/sh' &&
		cat
	} >"$1" &&
	chmod +x "$1"
}

# test_seq [FIRST] LAST: numbers, one per line
test_seq () {
	local i
	test $# = 2 || set -- 1 "$1"
	i=$1
	while test "$i" -le "$2"
	do
		echo "$i"
		i=$((i + 1))
	done
}

# test_random_file FILE BYTES [SEED]: the same noise for the same seed
test_random_file () {
	python3 - "$@" <<-\PY
	import random, sys
	name, n = sys.argv[1], int(sys.argv[2])
	r = random.Random(sys.argv[3] if len(sys.argv) > 3 else "hub")
	with open(name, "wb") as f:
	    while n > 0:
	        k = min(n, 1 << 20)
	        f.write(r.randbytes(k))
	        n -= k
	PY
}

# computer NAME CMD...: run CMD as another computer: own home, own keys, own
# name, the same folder and disk.  `computer alpha` is not the script's own.
computer () (
	computer_home=$TRASH_DIRECTORY/computers/$1
	test -d "$computer_home" || make_home "$computer_home" "$1" || exit 1
	HOME=$computer_home
	XDG_CONFIG_HOME=$HOME/.config
	VIBEHUB_HOME=$HOME/.vibehub
	VIBEHUB_HOSTNAME=$1
	export HOME XDG_CONFIG_HOME VIBEHUB_HOME VIBEHUB_HOSTNAME
	shift
	"$@"
)

# test_tree DIR: a line "KIND HASH NAME" for every file and link below DIR but
# what is in .git, sorted by name: two folders that hub calls equal give equal
# lists.  KIND is f, x (executable) or l; the name is escaped.
test_tree () {
	python3 - "$1" <<-\PY
	import hashlib, os, sys
	root = os.fsencode(sys.argv[1])
	out = []
	def walk(rel):
	    for e in os.scandir(os.path.join(root, rel)):
	        name = os.path.join(rel, e.name)
	        if e.name == b".git":
	            continue
	        if e.is_symlink():
	            out.append((name, "l", os.readlink(e.path)))
	        elif e.is_dir():
	            walk(name)
	        elif e.is_file():
	            kind = "x" if e.stat().st_mode & 0o100 else "f"
	            out.append((name, kind, open(e.path, "rb").read()))
	walk(b"")
	for name, kind, data in sorted(out):
	    print(kind, hashlib.sha256(data).hexdigest()[:16],
	          name.decode("latin-1").encode("unicode_escape").decode())
	PY
}

# test_same_tree DIR1 DIR2: test_tree() says so
test_same_tree () {
	test_tree "$1" >"$TRASH_DIRECTORY/.tree1" &&
	test_tree "$2" >"$TRASH_DIRECTORY/.tree2" &&
	test_cmp "$TRASH_DIRECTORY/.tree1" "$TRASH_DIRECTORY/.tree2"
}
