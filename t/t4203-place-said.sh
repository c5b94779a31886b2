#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='what is said of places: by hub status, by hub sync'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-place.sh"

test_expect_success 'status says of a new place that nothing was copied there' '
	two_computers && mkdir usb nas && echo 1 >work/f && a &&
	hub -C work remote add usb "$PWD/usb" && hub -C work status >out &&
	test_grep "^    usb  nothing was copied there yet$" out
'

test_expect_success 'sync says in one line what went there; nothing: no line' '
	a && test_grep "^to usb: [0-9.]* k*B$" a.out &&
	a && test_line_count = 1 a.out && test_grep ! usb a.out
'

test_expect_success 'two places: one line' '
	hub -C work remote add --removable nas "$PWD/nas" && echo 2 >work/g && a &&
	test_grep "^to nas: [0-9.]* k*B, to usb: [0-9.]* k*B$" a.out && test_line_count = 2 a.out
'

test_expect_success 'large files count, however they go there' '
	test_random_file work/film 3000000 5 && a &&
	test_grep "to nas: 3.0 MB, to usb: 3.0 MB" a.out &&
	rm work/film && a
'

test_expect_success 'quiet says nothing of it' '
	echo 3 >work/g && a -q && test_must_be_empty a.out && test_must_be_empty a.err
'

test_expect_success 'status: confirmed, and when' '
	hub -C work status >out &&
	test_grep "^    nas  confirmed [a-z0-9 ]*$" out && test_grep "^    usb  confirmed " out
'

test_expect_success 'another computer was faster: pending, with what is known' '
	test_random_file other/large 3000000 7 && b && hub -C work pull -q &&
	hub -C work status >out &&
	test_grep "^    usb  pending: about 3.0 MB; last confirmed [a-z0-9 ]*$" out &&
	echo 4 >work/h && mv nas nas.away && mv usb usb.away &&
	hub -C work sync >a.out 2>a.err && hub -C work status >out &&
	test_grep "^    usb  pending: about [0-9.]* [kM]*B; last confirmed .*; away, tried " out &&
	test_grep "^    nas  pending: " out && test_grep "usb.*not there" a.err &&
	test_grep ! nas a.err
'

test_expect_success JQ 'the same as JSON' '
	hub -C work status --json >out && jq -e "[.places[] | .name, .state, .removable] ==
		[\"nas\", \"away\", true, \"usb\", \"away\", false] and
		(.places[1] | .pending_bytes > 0 and (.up_to_date | fromdate) > 0 and
		 (.last_try | fromdate) > 0 and .why != null)" out &&
	hub -C work remote list --json >list && jq -S ".places" out >one &&
	jq -S ".remotes" list >two && test_cmp one two
'

test_expect_success JQ 'sync --json has it' '
	mv usb.away usb && hub -C work sync --json >out &&
	jq -e "[.places[] | .name, .confirmed, .away] ==
		[\"nas\", false, true, \"usb\", true, false] and
		.places[1].sent_bytes > 0 and .places[0].sent_bytes == 0 and
		.places[1].received_bytes == 0" out &&
	jq -e ".places[1].confirmed" work/.git/vibehub/sync_status.json
'

test_expect_success 'what came from a place is said' '
	mv nas.away nas && a && mv hub.git hub.gone && fresh w1 &&
	echo w1 >w1/from-w1 && on w1 sync && mv hub.gone hub.git && a &&
	test_grep "from usb: [0-9.]* k*B" a.out
'

test_done
