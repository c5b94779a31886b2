#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/fault/run.sh - `make fault`: every call that changes the disk, in every way
# (some 42,000 points), a tenth of those that only look or open (7,500), and every
# state that a power failure may leave (8,500).  Two idle cores do some 8 a
# second: two hours.
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
"${PYTHON:-python3}" "$sweep" --class=power || status=1
exit $status
