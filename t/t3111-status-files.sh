#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='sync_status.json on both sides'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
test_have_prereq JQ || skip_all 'no jq'

ws=work/.git/vibehub/sync_status.json
hub=hub.git/vibehub/sync_status.json

test_expect_success 'the workspace has one after every run' '
	two_computers && echo 1 >work/f && a &&
	jq -e ".schema == \"vibehub-workspace-status-1\"" $ws &&
	jq -e ".hub | test(\"^[0-9a-f]{64}$\")" $ws &&
	jq -e ".device.name == \"alpha\" and .online == true" $ws &&
	jq -e ".branch == \"refs/heads/main\"" $ws &&
	jq -e --arg h "$(git -C work rev-parse HEAD)" ".head == \$h" $ws &&
	jq -e ".last_run.exit == 0 and .last_run.what == \"sync\"" $ws &&
	jq -e ".counts.changed == 1" $ws && jq -e ".last_complete_sync" $ws
'

test_expect_success 'times are ISO 8601 in UTC' '
	jq -e "[.last_run.begun, .last_run.ended, .last_complete_sync] |
		all(test(\"^20[0-9-]{8}T[0-9:]{8}Z$\"))" $ws
'

test_expect_success 'the hub has one: refs, and every device' '
	b && jq -e ".schema == \"vibehub-hub-status-1\"" $hub &&
	jq -e "[.devices[].name] | sort == [\"alpha\", \"beta\"]" $hub &&
	jq -e --arg h "$(git -C hub.git rev-parse main)" ".refs[\"refs/heads/main\"] == \$h" $hub &&
	jq -e ".devices | all(.state == \"ok\" and .pending == 0)" $hub &&
	jq -e --arg h "$(git -C hub.git rev-parse main)" \
		".devices | all(.tips[\"refs/heads/main\"] == \$h)" $hub
'

test_expect_success 'offline: the local one says so, with the exit code and message' '
	mv hub.git away && { a; test $? = 13; } && mv away hub.git &&
	jq -e ".online == false and .last_run.exit == 13" $ws &&
	jq -e ".last_run.message | test(\"hub.git\")" $ws
'

test_expect_success 'a conflict: paths, state of the device; gone after the next run' '
	a && echo 2 >work/f && a && echo 3 >other/f && { b; test $? = 1; } &&
	s=other/.git/vibehub/sync_status.json && jq -e ".counts.conflict == 1" $s &&
	jq -e ".conflict[0].path == \"f\"" $s && jq -e ".last_run.exit == 1" $s &&
	jq -e ".devices[] | select(.name == \"beta\") | .state == \"conflict\"" $hub &&
	b && jq -e ".counts.conflict == 0" $s &&
	jq -e ".devices[] | select(.name == \"beta\") | .state == \"ok\"" $hub
'

test_expect_success 'pending files are counted at the hub too' '
	mv hub.git/vibehub/vault hub.git/vibehub/key . &&	# a hub of an older release
	test_random_file work/big 2000000 && a && jq -e ".counts.pending_large == 1" $ws &&
	jq -e ".pending_large[0].path == \"big\"" $ws &&
	jq -e ".devices[] | select(.name == \"alpha\") | .pending == 1" $hub && rm work/big &&
	mv vault key hub.git/vibehub/
'

test_expect_success 'odd names make valid JSON' '
	printf x >"work/$(printf "a\"b\\\\c\377\001\nd")" &&
	git -C work init -q "$(printf "n\377")" &&
	a && jq -e . $ws >/dev/null && jq -e . $hub >/dev/null &&
	python3 -c "import json; json.load(open(\"$ws\", encoding=\"utf-8\"))"
'

test_expect_success 'parked: the change id and the direction' '
	for i in $(test_seq 150)
	do
		echo $i >work/n$i || return 1
	done && a && rm work/n[0-9]* && { a; test $? = 20; } &&
	jq -e ".parked_change | test(\"^[0-9a-f]{64}$\")" $ws &&
	jq -e ".parked_direction == \"outgoing\" and .counts.parked > 100" $ws &&
	jq -e ".devices[] | select(.name == \"alpha\") | .state == \"parked\"" $hub
'

test_expect_success 'sync --json is the same report, on stdout, and only that' '
	echo j >work/j && { hub -C work sync --json >out; test $? = 20; } &&
	jq -e ".exit == 20 and .device == \"alpha\" and .counts.parked > 100" out &&
	jq -e ".parked_change" out
'

test_expect_success 'what it says is documented' '
	page=$HUB_SOURCE/Documentation/hubformat-status.adoc &&
	for k in last_complete_sync parked_change nested_repository pending_large last_seen
	do
		grep -q "$k" "$page" || { echo "not documented: $k"; return 1; }
	done
'

test_done
