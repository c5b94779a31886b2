#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='a sample of t/fault: large files, places, keys'
. "${0%/*}/test-lib.sh"

. "$TEST_DIRECTORY/lib-sweep.sh"

test_expect_success 'calls that change the disk: killed, half done, failing' '
	sweep --scenario=large_offline,key_rotate,git_add --class=change --sample=101
'

test_expect_success 'a repair and a revocation that are killed; a rival that is quicker' '
	sweep --scenario=key_revoke,repair_place,race_drop --mode=kill-before --each=1 --seed=1
'

test_expect_success 'calls that only look or open: failing' '
	sweep --scenario=gc_drop --class=look --sample=401
'

test_expect_success 'the power fails' '
	sweep --scenario=large_receive --class=power --sample=61
'

test_done
