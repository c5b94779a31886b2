# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-place.sh - a hub with a passphrase, two computers, a place.  Read after
# lib-sync.sh.

VIBEHUB_PASSPHRASE='correct horse battery staple' VIBEHUB_TEST_KDF=min
export VIBEHUB_PASSPHRASE VIBEHUB_TEST_KDF

# with_place: two_computers, something in them, and alpha's place "usb" in usb/
with_place () {
	two_computers && mkdir work/d usb && echo 1 >work/f && echo 2 >work/d/g && a && b &&
	hub -C work remote add usb "$PWD/usb" && a
}

# fresh DIR [ARG...]: a new computer with DIR from usb/; its user's folder is new
fresh () {
	(VIBEHUB_HOME=$PWD/home/$1 VIBEHUB_HOSTNAME=$1 &&
	 export VIBEHUB_HOME VIBEHUB_HOSTNAME && d=$1 && shift &&
	 hub clone -q --from=usb "$@" "$d")
}

# on DIR ARG...: hub there, as that computer
on () {
	(VIBEHUB_HOME=$PWD/home/$1 VIBEHUB_HOSTNAME=$1 &&
	 export VIBEHUB_HOME VIBEHUB_HOSTNAME && d=$1 && shift && hub -C "$d" "$@")
}

# same_history A B: the same commits
same_history () {
	git -C "$1" log --format=%H >.log1 && git -C "$2" log --format=%H >.log2 &&
	test_cmp .log1 .log2
}

# stored: bytes at the place
stored () { find usb -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'; }

# state_of DIR NAME: as hub remote list says
state_of () { hub -C "$1" remote list | awk -v n="$2" '$1 == n { print $2 }'; }
