#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/deps.sh - install what is missing for `build` (make, make quickstart),
# `check` (make check) or `fuzz` (make fuzz).
#
#	sh t/deps.sh build|check|fuzz [--dry-run]
#
# On Debian and its relatives: as root, or with sudo that asks nothing, by
# apt-get; else the line to type is printed and the status is 1.  Where nothing
# is missing no package manager is started, so this is cheap enough for every
# run.  Elsewhere the missing things are named.

# what to look for, and the Debian package that has it:
#   cmd:NAME   a program        lib:NAME   a pkg-config module
#   file:PATH  a file
BUILD='cmd:gcc=gcc cmd:make=make cmd:git=git cmd:pkg-config=pkg-config
file:/usr/include/stdio.h=libc6-dev
lib:libgit2=libgit2-dev lib:sqlite3=libsqlite3-dev lib:libsodium=libsodium-dev
lib:libcrypto=libssl-dev lib:libdeflate=libdeflate-dev
lib:libzstd=libzstd-dev lib:libqrencode=libqrencode-dev'
CHECK="$BUILD cmd:asciidoctor=asciidoctor cmd:clang=clang
cmd:x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64-win32
cmd:shellcheck=shellcheck cmd:prove=perl cmd:python3=python3 cmd:jq=jq
cmd:sqlite3=sqlite3 cmd:strace=strace cmd:zsh=zsh cmd:fish=fish cmd:ps=procps
cmd:ssh=openssh-client file:/usr/sbin/sshd=openssh-server
file:/usr/lib/openssh/sftp-server=openssh-sftp-server"
FUZZ="$BUILD cmd:clang=clang fuzzer:=libclang-rt-14-dev"

case $1 in
build)	want=$BUILD ;;
check)	want=$CHECK ;;
fuzz)	want=$FUZZ ;;
*)	echo "usage: t/deps.sh build|check|fuzz [--dry-run]" >&2; exit 129 ;;
esac

have () {
	case $1 in
	cmd:*)	command -v "${1#cmd:}" >/dev/null 2>&1 ;;
	lib:*)	pkg-config --exists "${1#lib:}" 2>/dev/null ;;
	file:*)	test -e "${1#file:}" ;;
	fuzzer:)
		echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -x c -fsanitize=fuzzer -o /dev/null - >/dev/null 2>&1 ;;
	esac
}

missing=
for w in $want
do
	have "${w%%=*}" || missing="$missing ${w#*=}"
done
missing=${missing# }
test -n "$missing" || exit 0

line="apt-get install -y --no-install-recommends $missing"
if test "$2" = --dry-run
then
	echo "$line"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1
then
	echo "hub needs these, under their Debian names: $missing" >&2
	echo "Install them with your system's package manager, then try again." >&2
	exit 1
fi
if test "$(id -u)" = 0
then
	as=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null
then
	as='sudo -n'
else
	echo "hub needs packages that are not installed. Type:" >&2
	if command -v sudo >/dev/null 2>&1
	then
		echo "  sudo $line" >&2
	else
		echo "  su -c '$line'" >&2
	fi
	exit 1
fi

echo "  DEPS     $missing"
apt () {
	$as env DEBIAN_FRONTEND=noninteractive apt-get -q \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}
log=$(mktemp) || exit 1
# The lists may be missing (a bare image) or stale: then fetch them and repeat.
# shellcheck disable=SC2086
apt install -y --no-install-recommends $missing >"$log" 2>&1 ||
{
	apt update >>"$log" 2>&1
	apt install -y --no-install-recommends $missing >>"$log" 2>&1
} ||
{
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "t/deps.sh: could not install; type it yourself:" >&2
	echo "  $line" >&2
	exit 1
}
rm -f "$log"
hash -r
for w in $want
do
	have "${w%%=*}" && continue
	echo "t/deps.sh: ${w#*=} is installed, but ${w%%=*} is still not found" >&2
	exit 1
done
