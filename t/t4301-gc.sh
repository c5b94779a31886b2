#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub gc: what nothing names goes in its time, all else stays'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

. "$TEST_DIRECTORY/lib-days.sh"

a () { day "$1" hub -C work sync -q; }
# gc DAY: its report is in json
gc () { day "$1" hub gc --json hub.git >json; }
packs () { find hub.git/vibehub/vault/packs -type f | wc -l; }

test_expect_success 'a hub without large files: nothing to do' '
	day 0 hub init -q hub.git && day 0 hub clone -q hub.git work &&
	day 0 hub gc hub.git >out && grep "needed: 0 files" out &&
	gc 0 && test "$(field packs)" = 0
'

test_expect_success 'what is named stays, by whatever commit' '
	big work/one 6000000 1 && big work/two 5000000 2 && a 0 &&
	rm work/two && a 1 &&
	gc 100 && test "$(field files)" = 2 && test "$(field dropped)" = 0 &&
	test "$(field missing)" = 0 && test "$(field deleted)" = 0 &&
	day 100 hub -C work gc >out && grep "needed: 2 files" out &&
	day 100 hub verify --read-data hub.git
'

test_expect_success 'a branch that is gone: dropped, then deleted' '
	git -C work rev-parse HEAD >keep && big work/three 7000000 3 && a 101 &&
	git -C work reset -q --hard "$(cat keep)" &&
	git -C hub.git update-ref refs/heads/main "$(cat keep)" &&
	rm -rf hub.git/logs hub.git/vibehub/devices/* && before=$(packs) &&
	gc 120 && test "$(field dropped)" = 0 &&
	day 140 hub gc --dry-run --json hub.git >json && test "$(field dropped)" -ge 1 &&
	test "$(packs)" = "$before" &&
	gc 140 && test "$(field dropped)" -ge 1 && test "$(packs)" = "$before" &&
	gc 150 && gc 175 && test "$(field deleted)" -ge 1 && test "$(packs)" -lt "$before" &&
	gc 175 && test "$(field files)" = 2 && test "$(field missing)" = 0 &&
	day 175 hub verify --read-data hub.git
'

test_expect_success '... and what is needed is still whole' '
	day 176 hub clone -q hub.git again && cmp work/one again/one &&
	big work/two 5000000 2 && day 176 hub -C again cat --at=HEAD~1 two >two &&
	cmp work/two two
'

test_expect_success 'content that is missing: exit 16' '
	find hub.git/vibehub/vault/packs -type f -size +3000k >list &&
	test_line_count -gt 0 list && cp -r hub.git/vibehub/vault/packs saved &&
	xargs rm -f <list &&
	test_expect_code 16 hub gc hub.git 2>err &&
	test_expect_code 16 hub verify hub.git >out && test_grep "pack .*" out &&
	rm -rf hub.git/vibehub/vault/packs && mv saved hub.git/vibehub/vault/packs &&
	hub verify --read-data hub.git
'

test_expect_success 'what a killed run left in the cache of the index goes' '
	: >hub.git/vibehub/gc/.mark.tmp-0123456789ab && : >hub.git/vibehub/gc/.states.tmp-new &&
	touch -d 2020-02-02 hub.git/vibehub/gc/.*.tmp-* && gc 180 &&
	test_path_missing hub.git/vibehub/gc/.mark.tmp-0123456789ab &&
	test_path_exists hub.git/vibehub/gc/.states.tmp-new
'

test_expect_success 'content that a branch has again after it was dropped: a sync takes it back' '
	day 200 hub init -q h2.git && day 200 hub clone -q h2.git w1 && echo f >w1/f &&
	day 200 hub -C w1 sync -q && git -C w1 rev-parse HEAD >keep && cp work/one w1/one &&
	day 200 hub -C w1 sync -q && git -C w1 rev-parse HEAD >has &&
	git -C h2.git update-ref refs/heads/main "$(cat keep)" &&
	rm -rf h2.git/logs h2.git/vibehub/devices/* w1 &&
	day 240 hub gc --json h2.git >json && test "$(field dropped)" -ge 1 &&
	git -C h2.git update-ref refs/heads/main "$(cat has)" &&
	{ day 240 hub clone -q h2.git w2 2>err || :; } && test_path_missing w2/one &&
	{ day 240 hub -C w2 sync 2>err || :; } && day 240 hub -C w2 sync && cmp work/one w2/one &&
	day 240 hub verify --read-data h2.git
'

test_expect_success 'usage, and places that are none' '
	test_expect_code 129 hub gc a b && test_expect_code 10 hub gc nothing.git &&
	hub gc -h >out && grep dry-run out
'

test_done
