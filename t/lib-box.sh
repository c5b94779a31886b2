# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-box.sh - a box: what "far" (lib-ssh.sh) lets in by sftp alone.  Its disk is
# usb/ here, so that all of lib-place.sh counts, and a test sees what lies there.
# Read after lib-sync.sh, lib-place.sh, lib-ssh.sh.

BOX=sftp://far$TRASH_DIRECTORY/usb

# with_box: two_computers, something in them, and alpha's place "usb" on the box
with_box () {
	start_sshd && far_key 'command="internal-sftp",restrict' &&
	two_computers && mkdir work/d usb && echo 1 >work/f && echo 2 >work/d/g && a && b &&
	hub -C work remote add usb "$BOX" >add.out && a
}

# from_box DIR [ARG...]: as fresh, over sftp
from_box () {
	(VIBEHUB_HOME=$PWD/home/$1 VIBEHUB_HOSTNAME=$1 &&
	 export VIBEHUB_HOME VIBEHUB_HOSTNAME && d=$1 && shift &&
	 hub clone -q --from="$BOX" "$@" "$d")
}

# shellcheck disable=SC2089,SC2090
# peer ARG...: from now on ssh is a server that misbehaves (t/sftp-peer.py)
peer () {
	{
		echo '#!/bin/sh' &&
		echo "exec python3 '$TEST_DIRECTORY/sftp-peer.py' $*"
	} >peer.sh && chmod +x peer.sh &&
	GIT_SSH_COMMAND="'$PWD/peer.sh'" && export GIT_SSH_COMMAND
}

# shellcheck disable=SC2089,SC2090
# no_peer: ssh again
no_peer () { GIT_SSH_COMMAND="ssh -F '$SSH_DIR/config'" && export GIT_SSH_COMMAND; }
