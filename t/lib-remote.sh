# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-remote.sh - plain git through hub::.  Read after lib-place.sh.

# commit DIR FILE [TEXT]: one commit there
commit () {
	echo "${3:-$2}" >>"$1/$2" && git -C "$1" add "$2" && git -C "$1" commit -q -m "$2"
}

# as NAME COMMAND...: by another computer, with a user's folder of its own
as () (
	VIBEHUB_HOME=$PWD/home/$1 VIBEHUB_HOSTNAME=$1
	export VIBEHUB_HOME VIBEHUB_HOSTNAME
	shift && "$@"
)

# tip DIR REF: its id, "" if there is none
tip () { git -C "$1" rev-parse -q --verify "$2"; }

# at_place REF: the same at the place usb/
at_place () { git ls-remote "hub::$PWD/usb" "$1" | cut -f1; }

# is_sound DIR: git finds nothing wrong
is_sound () {
	git -C "$1" fsck --strict --full --no-dangling >.fsck 2>&1 && test_must_be_empty .fsck
}
