#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# contrib/quickstart.sh - `make quickstart`: the main job for real, in a scratch
# folder that is removed afterwards.  Each command is shown with its output; what
# it should have done is checked, so that this is a test too.
#
# HUB_BUILD: the build to show.  QUICKSTART_DIR: keep everything in this folder.

bin=${HUB_BUILD:-$PWD/build}/bin
fail () { echo "quickstart: $*" >&2; exit 1; }
if ! test -x "$bin/hub"
then
	fail "there is no $bin/hub: run make"
fi

if test -n "$QUICKSTART_DIR"
then
	dir=$QUICKSTART_DIR
	mkdir "$dir" || fail "$dir must not exist yet"
else
	dir=$(mktemp -d "${TMPDIR:-/tmp}/hub-quickstart.XXXXXX") || exit 1
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 130' INT TERM HUP
fi
PATH=$bin:$PATH
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export PATH

# on COMPUTER [-N] CMD...: show and run it as that computer, in its folder, which
# has a home and a key of its own; -N: it ends with status N
on () {
	who=$1
	shift
	want=0
	case $1 in -[0-9]*) want=${1#-}; shift ;; esac
	mkdir -p "$dir/$who/home" || exit 1
	at=$(cat "$dir/$who/at" 2>/dev/null || echo .)
	shown=
	for a
	do
		case $a in
		*[!A-Za-z0-9_./=:@%+~-]*)	shown="$shown '$a'" ;;
		*)	shown="$shown $a" ;;
		esac
	done
	printf '\n%s:%s$%s\n' "$who" "${at#.}" "$shown"
	(
		cd "$dir/$who/$at" &&
		HOME=$dir/$who/home XDG_CONFIG_HOME=$dir/$who/home/.config \
		VIBEHUB_HOME=$dir/$who/home/.vibehub VIBEHUB_HOSTNAME=$who \
		"$@"
	)
	code=$?
	test "$code" = "$want" || fail "ended with status $code, not $want"
}

# (a passphrase that a step needs comes from the environment, as it would in a script)

# enter COMPUTER FOLDER: where its next commands run
enter () {
	printf '\n%s:$ cd %s\n' "$1" "$2"
	echo "$2" >"$dir/$1/at"
}

# put COMPUTER FILE TEXT: as an editor would
put () {
	printf '\n%s:%s$ echo "%s" > %s\n' "$1" "$(cat "$dir/$1/at")" "$3" "$2"
	printf '%s\n' "$3" >"$dir/$1/$(cat "$dir/$1/at")/$2"
}

# has COMPUTER FILE TEXT: check, silently
has () {
	test "$(cat "$dir/$1/$(cat "$dir/$1/at")/$2" 2>/dev/null)" = "$3" ||
		fail "$1's $2 should say: $3"
}

step () { printf '\n---- %s\n' "$*"; }

step 'A hub: one folder. On a NAS or USB stick it would be the same.'
mkdir -p "$dir/disk"
on laptop hub init --kit=../disk/kit.txt ../disk/hub.git

step 'The laptop gets a workspace and a file, and syncs.'
on laptop hub clone ../disk/hub.git work
enter laptop work
put laptop notes.txt 'first thoughts'
on laptop hub sync

step 'So does the desktop: the file is there; it sends one back.'
on desktop hub clone ../disk/hub.git work
enter desktop work
on desktop cat notes.txt
has desktop notes.txt 'first thoughts'
put desktop photo-list.txt 'sea, hills'
on desktop hub sync
on laptop hub sync
has laptop photo-list.txt 'sea, hills'
before=$(git -C "$dir/laptop/work" rev-parse --short HEAD)

step 'Both change the same file before they sync: both versions are kept.'
put laptop notes.txt 'second thoughts, on the train'
put desktop notes.txt 'second thoughts, at home'
on laptop hub sync
on desktop -1 hub sync
on desktop ls
on desktop hub conflicts
has desktop notes.txt 'second thoughts, on the train'
cat "$dir/desktop/work"/notes\ \(conflict\ *.txt 2>/dev/null | grep -q 'at home' ||
	fail 'the second version of notes.txt is not there'
on laptop hub sync
ls "$dir/laptop/work"/notes\ \(conflict\ *.txt >/dev/null 2>&1 ||
	fail 'the laptop does not have the second version'

step 'A file is brought back from before.'
on laptop hub restore notes.txt "--at=$before"
has laptop notes.txt 'first thoughts'
on laptop hub sync
on laptop hub status

step 'The hub is an ordinary git repository.'
on laptop git -C ../../disk/hub.git log --oneline --stat -n 3 main
git -C "$dir/disk/hub.git" fsck --strict >/dev/null 2>&1 || fail 'git fsck finds fault'

step 'A large file, and a sealed copy of everything on a USB disk.'
mkdir "$dir/disk/usb"
printf '\n%s:%s$ %s\n' laptop work 'head -c 20000000 /dev/urandom > film.bin'
head -c 20000000 /dev/urandom >"$dir/laptop/work/film.bin"
on laptop hub remote add usb ../../disk/usb --removable
on laptop hub sync
on laptop hub remote status
on desktop hub sync
cmp "$dir/laptop/work/film.bin" "$dir/desktop/work/film.bin" ||
	fail 'the large file is not the same on the desktop'
cp "$dir/laptop/work/film.bin" "$dir/film.before"
grep -rqs 'first thoughts' "$dir/disk/usb" && fail 'the sealed copy can be read'

step 'Hub and computers are lost.  The USB disk and the passphrase bring all back.'
VIBEHUB_PASSPHRASE=$(sed -n 's/^ *passphrase  *//p' "$dir/disk/kit.txt")
export VIBEHUB_PASSPHRASE
rm -rf "$dir/disk/hub.git" "$dir/laptop" "$dir/desktop"
on fresh hub clone --from=../disk/usb work
unset VIBEHUB_PASSPHRASE
enter fresh work
on fresh ls
on fresh hub log -n 3
has fresh notes.txt 'first thoughts'
cmp "$dir/film.before" "$dir/fresh/work/film.bin" || fail 'the large file is not back'

cat <<'EOS'

It works. With your own folder (make install, as root, puts hub into your PATH;
make install prefix=$HOME/.local does it for you alone):

    hub init ~/hub.git
    hub clone ~/hub.git work
    cd work && hub sync

Put the recovery kit that `hub init` shows away: it opens every sealed copy.

EOS
