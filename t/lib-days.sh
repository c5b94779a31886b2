# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-days.sh - runs on days of our own, files from a seed, what gc says.  Read
# after lib-place.sh.

. "$TEST_DIRECTORY/lib-rot.sh"	# noise

# day N CMD...: as if run on that day
start=1800000000
day () {
	VIBEHUB_NOW=$((start + $1 * 86400)) && export VIBEHUB_NOW && shift && "$@"
}
# gc: into json; field NAME: a number out of it
gc () { hub gc --json hub.git >json; }
field () { sed -n "s/^.*\"$1\": \([0-9]*\),*$/\1/p" json; }

# big FILE BYTES SEED
big () { noise "$3" "$2" >"$1"; }
