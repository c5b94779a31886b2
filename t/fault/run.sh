#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/fault/run.sh - `make fault`: every call that changes the disk, in every way
# (some 30,000 points), and a tenth of those that only look or open.  Takes hours:
# t/fault/sweep prints how many points there are, two cores do 4 to 10 a second.
#
#	make fault FAULT_OPTS='--scenario=send,both --mode=kill-before'
#	make fault FAULT_OPTS=--seconds=600

sweep=${0%/*}/sweep
if test $# != 0
then
	exec "${PYTHON:-python3}" "$sweep" "$@"
fi
status=0
"${PYTHON:-python3}" "$sweep" --class=change || status=1
"${PYTHON:-python3}" "$sweep" --class=look --sample=10 || status=1
exit $status
