#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='bit-rot of the outbox: found, healed from the files, or told as lost; of caches'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"
. "$TEST_DIRECTORY/lib-rot.sh"

# keep, back: all that there is, aside and here again
keep () { rm -rf kept && mkdir kept && cp -a hub.away work other home kept/; }
back () {
	rm -rf hub.git hub.away work other home && cp -a kept/* . &&
	out=work/.git/vibehub/outbox
}
packs () { find $out/packs -type f | sort; }
newest () { find $out/states -type f | sort | tail -n 1; }

# found: hub verify sees damage in the workspace while the hub is away, and says
# what to do
found () {
	{ hub -C work verify "$@" >v.out 2>v.err; test $? = 16; } &&
	test_grep "outbox" v.out && test_grep "hub sync" v.out
}

# healed: the hub is back; sync says that there was damage, and the file of now is
# whole for the other computer
healed () {
	mv hub.away hub.git && { a || test $? = 16; } && b &&
	test_grep "outbox was damaged" a.err && test_cmp work/big other/big &&
	hub verify --read-data hub.git >v.out && hub_is_sound &&
	hub -C work verify >v.out && a && test_must_be_empty a.err
}

# lost: it says so of the version of commit $v1, and only of that
lost () {
	mv hub.away hub.git && test_expect_code 16 a && b &&
	test_grep "outbox was damaged" a.err && test_grep "lost:" a.err &&
	test_grep "commit $v1" a.err && test_grep ! "commit $v2" a.err &&
	test_cmp work/big other/big && hub verify --read-data hub.git >v.out &&
	a && test_must_be_empty a.err
}

test_expect_success 'two versions of a file wait for the hub' '
	two_computers && noise 9 1500000 >work/first && ab && mv hub.git hub.away &&
	noise 1 2000000 >work/big && test_expect_code 13 a &&
	v1=$(git -C work rev-parse HEAD | cut -c1-12) && out=work/.git/vibehub/outbox &&
	packs >first && test -s first &&
	noise 2 2000000 >work/big && test_expect_code 13 a &&
	v2=$(git -C work rev-parse HEAD | cut -c1-12) &&
	packs | comm -13 first - >second && test -s second && keep &&
	{ hub -C work verify --read-data >v.out 2>v.err; test $? = 13; } &&
	test_grep ! outbox v.out
'

test_expect_success 'nothing is damaged: nothing is said' '
	back && mv hub.away hub.git && a && b && test_must_be_empty a.err &&
	test_cmp work/big other/big && hub verify --read-data hub.git
'

# magic, version, kind, class, epoch, commitment, nonce, box, objects, directory
# or padding
for at in 0 7 9 60 100 150 5000 -1 short gone
do
	test_expect_success "a pack of now, at $at: found, and stored again" '
		back && f=$(head -n 1 second) && rot "$f" $at && found &&
		healed && test_grep ! "lost:" a.err
	'
done

for at in 0 9 150 short gone
do
	test_expect_success "a pack of before, at $at: found; what is lost is told" '
		back && for f in $(cat first); do rot "$f" $at || return 1; done &&
		found --read-data && lost
	'
done

test_expect_success 'only what lies around the objects: nothing is lost' '
	back && for f in $(cat first second); do rot "$f" -1 || return 1; done &&
	found && healed && test_grep ! "lost:" a.err
'

test_expect_success 'packs under the names of others: all is whole' '
	back && f=$(head -n 1 first) && g=$(head -n 1 second) && mv "$f" x &&
	mv "$g" "$f" && mv x "$g" && found && healed && test_grep ! "lost:" a.err
'

test_expect_success 'a pack that is empty' '
	back && f=$(head -n 1 second) && chmod u+w "$f" && : >"$f" && found && healed
'

# magic, version, class, epoch, size, number, previous, commitment, nonce, box
for at in 0 9 20 30 60 90 200 short gone
do
	test_expect_success "its newest state, at $at: found; nothing is lost" '
		back && rot "$(newest)" $at && found && healed &&
		test_grep ! "lost:" a.err
	'
done

test_expect_success 'an older state: found; nothing is lost' '
	back && rot "$(find $out/states -type f | sort | head -n 1)" 200 && found &&
	healed && test_grep ! "lost:" a.err
'

for at in 30 -2 gone
do
	test_expect_success "its format file, at $at: found; nothing is lost" '
		back && rot $out/format $at && found && healed &&
		test_grep ! "lost:" a.err
	'
done

test_expect_success 'the whole outbox is gone: found; what is lost is told' '
	back && rm -r $out && found && lost
'

test_expect_success 'the copy of the key slot: found; made anew by the next sync' '
	back && rot "$(find $out/keys -type f)" 100 &&
	{ hub -C work verify >v.out 2>&1; test $? = 16; } &&
	test_grep "outbox/keys" v.out && mv hub.away hub.git && a && b &&
	test_cmp work/big other/big && hub -C work verify >v.out
'

test_expect_success 'states that cannot be read, and the hub stays away: it goes on' '
	back && rot "$(newest)" 200 && noise 3 2000000 >work/more &&
	test_expect_code 13 a && test_grep "outbox was damaged" a.err &&
	git -C work cat-file -p HEAD:more >p && test "$(wc -c <p)" -lt 1000 &&
	test_expect_code 13 a && test_grep ! "outbox was" a.err && found &&
	mv hub.away hub.git && ab && test_grep ! "lost:" a.err &&
	test_cmp work/more other/more && hub verify --read-data hub.git &&
	hub -C work verify
'

test_expect_success 'killed after it was emptied: what is lost is told all the same' '
	back && for f in $(cat first); do rot "$f" 9 || return 1; done &&
	mv hub.away hub.git && touch hub.git/refs/heads/main.lock &&
	{ a; test $? != 0; } && test "$(packs | wc -l)" = 0 &&
	rm -f hub.git/refs/heads/main.lock && mv hub.git hub.away &&
	{ hub -C work verify >v.out 2>&1; test $? = 16; } &&
	test_grep "outbox-damaged" v.out && mv hub.away hub.git &&
	test_expect_code 16 a && test_grep "commit $v1" a.err && b &&
	test_cmp work/big other/big && a && hub -C work verify
'

test_expect_success 'the caches of both indexes: made anew, nothing is said, all is right' '
	for f in index/list index/mark index/rows index-outbox/list index-outbox/mark
	do
		for at in 0 30 100 -1 short gone
		do
			back && for p in work/.git/vibehub/$f*
			do
				test ! -e "$p" || rot "$p" $at || return 1
			done && hub -C work cat big >x && test_cmp work/big x &&
			mv hub.away hub.git && a && test_must_be_empty a.err ||
				{ echo "$f at $at"; return 1; }
		done || return 1
	done && b && test_cmp work/big other/big && hub verify --read-data hub.git
'

test_done
