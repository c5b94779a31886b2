# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-sync.sh - a hub and two computers: alpha in work/, beta in other/.
# Read after test-lib.sh.

test_have_prereq HUB || skip_all 'no hub yet'

# two_computers: hub.git, work/ of alpha, other/ of beta, all empty
two_computers () {
	hub init -q hub.git && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other
}

# a [ARG...], b [ARG...]: `hub sync` on alpha, on beta; what they say in
# a.out, a.err, b.out, b.err
a () { hub -C work sync "$@" >a.out 2>a.err || { set -- $?; cat a.err >&4; return "$1"; }; }
b () {
	computer beta hub -C other sync "$@" >b.out 2>b.err ||
	{ set -- $?; cat b.err >&4; return "$1"; }
}

# ab: alpha, beta, alpha, and both have the same files
ab () { a && b && a && test_same_tree work other; }

# git_is_content DIR: git sees nothing to do there and no damage
git_is_content () {
	git -C "$1" status --porcelain >.status &&
	test_must_be_empty .status &&
	git -C "$1" diff-files --quiet &&
	git -C "$1" diff-index --cached --quiet HEAD -- &&
	git -C "$1" fsck --strict --no-dangling >.fsck 2>&1 &&
	test_must_be_empty .fsck
}

# hub_is_sound: git finds nothing wrong in hub.git
hub_is_sound () {
	git -C hub.git fsck --strict --full >.fsck 2>&1 &&
	test_must_fail grep -E 'error|missing|corrupt|broken' .fsck
}

# commits DIR: how many commits HEAD has
commits () { git -C "$1" rev-list --count HEAD; }

# copies DIR: the names of kept versions, sorted, one per line
copies () {
	(cd "$1" && find . -name '* (conflict *' ! -path './.git/*') |
	sed 's,^\./,,' | sort
}
