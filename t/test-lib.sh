# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/test-lib.sh - the harness of the shell tests; t/README is its manual.
#
# A script says
#
#	test_description='what is tested'
#	. "${0%/*}/test-lib.sh"
#	test_expect_success 'title' '...'
#	test_done
#
# and prints TAP.  Each runs in a trash directory of its own, with a home, a
# configuration and a PATH of its own: nothing of the user's is read or written.

# ---- options ------------------------------------------------------------------
verbose= immediate= trace= run_list= keep=
# shellcheck disable=SC2086
set -- $HUB_TEST_OPTS "$@"
while test $# -gt 0
do
	case $1 in
	-v|--verbose)	verbose=t ;;
	-i|--immediate)	immediate=t ;;
	-x)		trace=t verbose=t ;;
	-k|--keep)	keep=t ;;
	--run=*)	run_list=${1#--run=} ;;
	*)	echo "Bail out! unknown option $1 (-v -i -x -k --run=N,M-O)"; exit 129 ;;
	esac
	shift
done

# ---- where things are -----------------------------------------------------------
TEST_NAME=${0##*/} TEST_NAME=${TEST_NAME%.sh}
TEST_DIRECTORY=$(cd "${TEST_DIRECTORY:-${0%/*}}" && pwd -P) || exit 1
HUB_SOURCE=$(cd "$TEST_DIRECTORY/.." && pwd -P) || exit 1
HUB_TEST_BUILD=${HUB_TEST_BUILD:-$HUB_SOURCE/build}
case $HUB_TEST_BUILD in
/*)	;;
*)	HUB_TEST_BUILD=$PWD/$HUB_TEST_BUILD ;;
esac
TRASH_ROOT=${HUB_TEST_ROOT:-$HUB_TEST_BUILD/t/trash}
TRASH_DIRECTORY=$TRASH_ROOT/$TEST_NAME
if test -d "$TRASH_DIRECTORY"
then
	chmod -R u+rwx "$TRASH_DIRECTORY" 2>/dev/null
	rm -rf "$TRASH_DIRECTORY"
fi
mkdir -p "$TRASH_DIRECTORY" ||
{ echo "Bail out! cannot make $TRASH_DIRECTORY"; exit 1; }

# ---- a hermetic environment -------------------------------------------------------
for v in $(env | sed -n 's/^\([A-Z_0-9]*\)=.*/\1/p')
do
	case $v in
	GIT_*|VIBEHUB_*|XDG_*|LC_*)	unset "$v" ;;
	esac
done
unset CDPATH GREP_OPTIONS LANGUAGE EMAIL EDITOR VISUAL PAGER SSH_AUTH_SOCK v
umask 022
LC_ALL=C.UTF-8 LANG=C.UTF-8 TZ=UTC TERM=dumb
GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
HOME=$TRASH_DIRECTORY/home
XDG_CONFIG_HOME=$HOME/.config
VIBEHUB_HOME=$HOME/.vibehub
VIBEHUB_HOSTNAME=alpha
VIBEHUB_TEST_KDF=min	# a second and 256 MiB for each hub are too much here
PATH=$HUB_TEST_BUILD/bin:$PATH
export LC_ALL LANG TZ TERM GIT_CONFIG_NOSYSTEM GIT_TERMINAL_PROMPT HOME XDG_CONFIG_HOME
export VIBEHUB_HOME VIBEHUB_HOSTNAME VIBEHUB_TEST_KDF PATH HUB_TEST_BUILD HUB_SOURCE TRASH_DIRECTORY
# A finding of a sanitizer is a crash, so that test_must_fail does not take it.
ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:allocator_may_return_null=1
UBSAN_OPTIONS=abort_on_error=1:halt_on_error=1:print_stacktrace=1
LSAN_OPTIONS=suppressions=$TEST_DIRECTORY/lsan.supp:print_suppressions=0
export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

# make_home DIR NAME: a home folder with the git identity of one computer
make_home () {
	mkdir -p "$1" &&
	cat >"$1/.gitconfig" <<-GITCONFIG
	[user]
		name = User of $2
		email = user@$2.example
	[init]
		defaultBranch = main
	[core]
		pager = cat
	[gc]
		auto = 0
	[maintenance]
		auto = false
	[advice]
		detachedHead = false
	GITCONFIG
}
make_home "$HOME" alpha || { echo "Bail out! cannot make $HOME"; exit 1; }

# ---- reporting ----------------------------------------------------------------------
test_count=0 test_failures=0 test_finished= test_cleanup=: test_skipped_all=
test_prereqs=' '
# 3, 4: what the commands of a test print; 5: TAP
exec 5>&1
if test -n "$verbose"
then
	exec 3>&2 4>&2
else
	exec 3>"$TRASH_DIRECTORY.log" 4>&3
fi
# Descriptors above 2 belong to the harness; tests read nothing from the terminal.
exec </dev/null

say_tap () { printf '%s\n' "$*" >&5; }
say_log () { printf '%s\n' "$*" >&3; }

test_on_exit () {
	code=$?
	test -n "$test_finished" && exit "$code"
	say_tap "Bail out! $TEST_NAME ended (status $code) before test_done"
	exit 1
}
trap test_on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- prerequisites --------------------------------------------------------------------
# test_set_prereq NAME: say that the system has NAME
test_set_prereq () { test_prereqs="$test_prereqs$1 "; }

# Looked up at their first use; anything else is set by the script.
test_lazy_prereq () {
	case $1 in
	ROOT)		test "$(id -u)" = 0 ;;
	SYMLINKS)	ln -s x "$TRASH_DIRECTORY/.ln" && rm "$TRASH_DIRECTORY/.ln" ;;
	CASE_INSENSITIVE_FS)
		: >"$TRASH_DIRECTORY/.Case" && test -e "$TRASH_DIRECTORY/.cASE"
		set -- $?
		rm -f "$TRASH_DIRECTORY/.Case"
		return "$1" ;;
	SANITIZED)	test -n "$HUB_TEST_SANITIZE" ;;
	LINUX)		test "$(uname -s)" = Linux ;;
	HUB)		test -x "$HUB_TEST_BUILD/bin/hub" ;;
	JQ)		command -v jq ;;
	SQLITE3)	command -v sqlite3 ;;
	STRACE)		strace -o /dev/null true ;;
	LONG)		test -n "$HUB_TEST_LONG" ;;
	# may this user make namespaces and mounts?
	MOUNT)		unshare -m true ;;
	*)		return 1 ;;
	esac >/dev/null 2>&1
}

# test_have_prereq A,!B,...: are all there (or, with '!', missing)?
test_have_prereq () {
	local p neg ok saved_ifs
	saved_ifs=$IFS
	IFS=,
	# shellcheck disable=SC2086
	set -- $1
	IFS=$saved_ifs
	for p
	do
		neg= ok=
		case $p in !*) neg=t p=${p#!} ;; esac
		case $test_prereqs in
		*" $p "*)	ok=t ;;
		*" !$p "*)	;;
		*)	if test_lazy_prereq "$p"
			then
				ok=t
				test_set_prereq "$p"
			else
				test_set_prereq "!$p"
			fi ;;
		esac
		test "$ok" != "$neg" || return 1
	done
}

# test_selected N: does --run= name it?  (all, if there is no --run=)
test_selected () {
	local r saved_ifs
	test -n "$run_list" || return 0
	saved_ifs=$IFS
	IFS=,
	for r in $run_list
	do
		IFS=$saved_ifs
		case $r in
		*-*)	test "$1" -ge "${r%-*}" && test "$1" -le "${r#*-}" && return 0 ;;
		*)	test "$1" -eq "$r" && return 0 ;;
		esac
	done
	IFS=$saved_ifs
	return 1
}

# ---- running a test ----------------------------------------------------------------------
# test_eval SCRIPT: run it in this shell, output to 3 and 4
test_eval () {
	{
		test -z "$trace" || set -x
		eval "$1"
		test_result=$?
		{ set +x; } 2>/dev/null
	} </dev/null >&3 2>&4
	return "$test_result"
}

# A chain of && that is broken hides failures.  Behind a failure that no
# command returns, an unbroken chain runs nothing and keeps that status.
test_chain_ok () {
	eval "(exit 117) && $1" </dev/null >/dev/null 2>&1
	test $? = 117
}

test_diagnose () {
	if test -z "$verbose"
	then
		tail -n +"$((test_log_start + 1))" "$TRASH_DIRECTORY.log" | tail -n 60 |
		sed 's/^/# /' >&5
	fi
	printf '%s\n' "$1" | sed 's/^/#   | /' >&5
}

# test_run KIND [PREREQ] TITLE SCRIPT
test_run () {
	local kind prereq title script result
	kind=$1
	shift
	prereq=
	if test $# = 3
	then
		prereq=$1
		shift
	fi
	if test $# != 2
	then
		say_tap "Bail out! test_expect_$kind takes [PREREQ] TITLE SCRIPT"
		test_finished=t
		exit 1
	fi
	title=$1 script=$2
	test_count=$((test_count + 1))
	if ! test_selected "$test_count"
	then
		say_tap "ok $test_count # SKIP $title (not in --run)"
		return
	fi
	if test -n "$prereq" && ! test_have_prereq "$prereq"
	then
		say_tap "ok $test_count # SKIP $title (needs $prereq)"
		return
	fi
	test -n "$verbose" || test_log_start=$(wc -l <"$TRASH_DIRECTORY.log")
	say_log "--- $test_count: $title"
	test_cleanup=:
	if test_chain_ok "$script"
	then
		test_eval "$script"
		result=$?
		cd "$TRASH_DIRECTORY" || exit 1
		test_eval "$test_cleanup" || result=1
	else
		say_log "error: broken && chain"
		result=1
	fi
	cd "$TRASH_DIRECTORY" || exit 1
	case $kind,$result in
	success,0)	say_tap "ok $test_count - $title" ;;
	failure,0)	say_tap "ok $test_count - $title # TODO known breakage vanished" ;;
	failure,*)	say_tap "not ok $test_count - $title # TODO known breakage" ;;
	success,*)
		say_tap "not ok $test_count - $title"
		test_failures=$((test_failures + 1))
		test_diagnose "$script"
		if test -n "$immediate"
		then
			say_tap "1..$test_count"
			test_finished=t
			exit 1
		fi ;;
	esac
}

# test_expect_success [PREREQ] TITLE SCRIPT
test_expect_success () { test_run success "$@"; }
# test_expect_failure [PREREQ] TITLE SCRIPT: known to be broken, to be repaired
test_expect_failure () { test_run failure "$@"; }

# skip_all REASON: end the script, nothing of it can run here
skip_all () {
	test_skipped_all=$1
	test_done
}

# test_done: plan and exit status; the last line of every script
test_done () {
	test_finished=t
	if test -n "$test_skipped_all"
	then
		say_tap "1..0 # SKIP $test_skipped_all"
	else
		say_tap "1..$test_count"
	fi
	if test "$test_failures" = 0 && test -z "$keep"
	then
		cd "$TEST_DIRECTORY" || exit 1
		chmod -R u+rwx "$TRASH_DIRECTORY" 2>/dev/null
		rm -rf "$TRASH_DIRECTORY" "$TRASH_DIRECTORY.log"
	fi
	test "$test_failures" = 0
	exit
}

. "$TEST_DIRECTORY/test-lib-functions.sh"
cd "$TRASH_DIRECTORY" || exit 1
