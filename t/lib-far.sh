# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-far.sh - a hub on the computer "far", and two others that reach it through
# SSH: alpha in work/, beta in other/.  After test-lib.sh:
#	. "$TEST_DIRECTORY/lib-far.sh"
# It reads lib-sync.sh (a, b, ab ...) and lib-ssh.sh.

. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-ssh.sh"

HUB_URL=ssh://far$TRASH_DIRECTORY/hub.git

# far_computers: sshd runs; hub.git, work/ and other/, all empty
far_computers () {
	start_sshd && hub init -q hub.git && hub clone -q "$HUB_URL" work &&
	computer beta hub clone -q "$HUB_URL" other
}
