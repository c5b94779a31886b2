#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/fault/run.sh - `make fault`: each call that changes the disk, looks at it or opens
# something is made to fail in every way, once for every way in which the program comes
# to it (some 50,000 points of 350,000, most of which are made in loops), and every
# state that a power failure may leave (13,000).  Two idle cores do some 8 a second: two
# hours.  At the end it says for each scenario and class how many points there are,
# were tried, and failed.
#
#	make fault FAULT_OPTS=--scenario=files		all calls: 180,000, no vault
#	make fault FAULT_OPTS='--scenario=send,both --mode=kill-before'
#	make fault FAULT_OPTS='--once=FILE -v'	goes on where it was ended
#	make fault FAULT_OPTS=--seconds=600

sweep=${0%/*}/sweep
test $# != 0 || set -- --once
# hub's libgit2 reads all certificates of the system at each start, which is a third of
# the time of a short run; nothing here asks for one.
# shellcheck disable=SC2016
if unshare -m true 2>/dev/null
then
	exec unshare -m sh -c 'mount -t tmpfs none /etc/ssl/certs 2>/dev/null; exec "$@"' - \
		"${PYTHON:-python3}" "$sweep" "$@"
fi
exec "${PYTHON:-python3}" "$sweep" "$@"
