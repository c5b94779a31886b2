#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='large files: killed, changing, missing, damaged'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# rnd FILE N: other bytes every time
rnd () { head -c "$2" /dev/urandom >"$1"; }

bytes () { find "$1" -type f -exec cat {} + | wc -c; }
packs () { find hub.git/vibehub/vault/packs -type f | sort; }

# killed AFTER COMMAND...: kill -9 it after so many seconds
killed () {
	(
		t=$1; shift
		"$@" >/dev/null 2>&1 & pid=$!
		sleep "$t"
		pkill -9 -P $pid; kill -9 $pid; wait $pid
	) >/dev/null 2>&1 || :
}

test_expect_success 'set up' '
	two_computers && rnd work/big 3000000 && ab
'

test_expect_success 'killed anywhere while it is stored: the next run goes on' '
	rnd work/long 30000000 &&
	for t in 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.6
	do
		killed $t hub -C work sync || return 1
	done &&
	ab && test_cmp work/long other/long && hub_is_sound && hub verify hub.git &&
	git_is_content work
'

test_expect_success 'killed anywhere while it is fetched' '
	rnd work/long 30000000 && a &&
	for t in 0.02 0.05 0.1 0.15 0.2 0.3
	do
		killed $t computer beta hub -C other sync || return 1
	done &&
	b && test_cmp work/long other/long && git_is_content other &&
	test "$(ls -A other/.git/vibehub/tmp | wc -l)" = 0
'

# writer KIND FILE: grows, or is rewritten, until the file "stop" is there
writer () {
	rm -f stop
	n=0
	while ! test -e stop && test $n -lt 100	# never for ever
	do
		n=$((n + 1))
		case $1 in
		grow) head -c 200000 /dev/urandom >>"$2"; sleep 0.02 ;;
		flip) head -c 2000000 /dev/zero >"$2"; head -c 2000000 /dev/urandom >"$2" ;;
		esac
	done
}

test_expect_success 'a file that only grows is recorded as it was' '
	{ writer grow work/log & } && sleep 0.5 && a && a && touch stop && wait &&
	ab && test_cmp work/log other/log
'

test_expect_success 'a file that is rewritten all the time waits, or is whole' '
	{ writer flip work/flip & } && sleep 0.2 && a && touch stop && wait &&
	ab && test_cmp work/flip other/flip && rm work/flip && ab
'

test_expect_success 'content that is not in the vault: the path is behind, the rest comes' '
	packs >was && rnd work/gone 4000000 && echo rest >work/rest && a &&
	packs | comm -13 was - >new && mkdir kept &&
	while read -r p; do mv "$p" "kept/${p##*/}" || return 1; done <new &&
	{ computer beta hub -C other sync >out 2>err; test $? != 0; } &&
	test_path_missing other/gone &&
	test_path_is_file other/rest && test_grep gone err &&
	{ hub verify hub.git >out; test $? = 16; } &&
	while read -r p; do mv "kept/${p##*/}" "$p" || return 1; done <new &&
	b && test_cmp work/gone other/gone && hub verify hub.git
'

test_expect_success 'the old version stays meanwhile, and is no local change' '
	packs >was && cp work/gone old && rnd work/gone 4100000 && a &&
	packs | comm -13 was - >new &&
	while read -r p; do mv "$p" "kept/${p##*/}" || return 1; done <new &&
	{ computer beta hub -C other sync; test $? != 0; } && test_cmp old other/gone &&
	n=$(commits hub.git) && { computer beta hub -C other sync; test $? != 0; } &&
	test "$(commits hub.git)" = "$n" &&
	while read -r p; do mv "kept/${p##*/}" "$p" || return 1; done <new &&
	b && test_cmp work/gone other/gone
'

test_expect_success 'a damaged pack is never written to a file as content' '
	packs >was && rnd work/hurt 4000000 && a && packs | comm -13 was - >new &&
	while read -r p
	do
		cp "$p" "kept/${p##*/}" && chmod u+w "$p" &&
		printf x | dd of="$p" bs=1 seek=3000 conv=notrunc 2>/dev/null || return 1
	done <new &&
	{ computer beta hub -C other sync 2>err; test $? = 16; } &&
	test_path_missing other/hurt &&
	while read -r p; do cp "kept/${p##*/}" "$p" || return 1; done <new &&
	b && test_cmp work/hurt other/hurt
'

test_expect_success 'the vault rolled back: alarm, exit 15, nothing is followed' '
	cp -R hub.git/vibehub/vault old-vault && rnd work/later 2000000 && ab &&
	mv hub.git/vibehub/vault new-vault && mv old-vault hub.git/vibehub/vault &&
	rnd work/more 2000000 && test_expect_code 15 a &&
	rm -r hub.git/vibehub/vault && mv new-vault hub.git/vibehub/vault && ab &&
	test_same_tree work other
'

# More than the disk has free, where that is little enough and holes take no room.
free=$(df -Pk . | awk 'NR == 2 { print $4 }')
test "$free" -lt 200000000 && truncate -s "$((free + 2000000))K" holes &&
	test "$(du -k holes | cut -f1)" -lt 1000 && test_set_prereq SPARSE
rm -f holes
test_expect_success SPARSE 'a file of holes larger than the disk comes, with its holes' '
	n=$((free + 2000000)) && rnd work/holes 3000000 &&
	truncate -s "${n}K" work/holes && a && b &&
	test "$(wc -c <other/holes)" = "$((n * 1024))" &&
	test "$(du -k other/holes | cut -f1)" -lt 10000 &&
	cmp -n 9000000 work/holes other/holes && rm work/holes && ab
'

test_done
