# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-user.sh - commands of somebody whom permissions hold back.
#
# Nobody forbids root anything: the tests run as somebody else then.
#
#	u CMD...	as that user
#	w SCRIPT	the same for a line of shell

if test_have_prereq ROOT
then
	u () { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	chown -R 65534:65534 "$TRASH_DIRECTORY"
	u hub --version >/dev/null 2>&1 && u test -w . ||
	skip_all 'root, and nobody else may work here'
else
	u () { "$@"; }
fi
w () { u sh -c "$1"; }
