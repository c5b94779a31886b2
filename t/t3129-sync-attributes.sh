#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='the merge attribute of .gitattributes'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# differ FILE: alpha changes its first line, beta its last one
differ () { sed -i "1s/.*/alpha/" "work/$1" && sed -i "\$s/.*/beta/" "other/$1"; }

test_expect_success 'what says -merge, binary or merge=binary is kept twice' '
	two_computers &&
	printf "%s\n" "*.sheet -merge" "*.bin binary" "*.x merge=binary" >work/.gitattributes &&
	for f in a.sheet a.bin a.x a.txt; do test_seq 1 20 >work/$f || return 1; done && ab &&
	for f in a.sheet a.bin a.x a.txt; do differ $f || return 1; done &&
	a && test_expect_code 1 b && b && a && test_same_tree work other &&
	copies work >list && test_line_count = 3 list && test_must_fail grep txt list &&
	test "$(sed -n "1p;\$p" work/a.txt | xargs)" = "alpha beta" &&
	test "$(tail -n1 work/a.sheet)" = 20
'

test_expect_success 'merge=union: the lines of both' '
	echo "*.log merge=union" >>work/.gitattributes && echo start >work/u.log && ab &&
	echo from alpha >>work/u.log && echo from beta >>other/u.log && ab &&
	printf "%s\n" start "from alpha" "from beta" >want && test_cmp want work/u.log
'

test_expect_success 'neither the disk nor the own configuration decides' '
	test_seq 1 20 >work/plain && test_seq 1 20 >work/b.x && ab &&
	echo "* -merge" >other/.git/info/attributes && echo "* -merge" >attrs &&
	git -C other config core.attributesFile "$PWD/attrs" &&
	differ plain && a && b && a && test_same_tree work other &&
	copies work >list && test_must_fail grep plain list
'

test_expect_success 'macros, patterns and order: as git check-attr says' '
	git init -q g && mkdir -p g/d/e &&
	printf "%s\n" "[attr]keep -merge" "*.k keep" "d/*.k merge=union" "/top -merge" \
		"\"with \\\"q\\\"\" binary" "*.z -merge" "e/*.z merge" >g/.gitattributes &&
	printf "%s\n" "*.z !merge" "e/*.y merge=binary" >g/d/.gitattributes &&
	cp -r g/.gitattributes g/d work/ && a && b &&
	for f in n.k d/n.k d/e/n.k top d/top "with \"q\"" n.z d/n.z d/e/n.z d/e/n.y d/n.y
	do
		test_seq 1 20 >"work/$f" || return 1
	done && ab &&
	for f in n.k d/n.k d/e/n.k top d/top "with \"q\"" n.z d/n.z d/e/n.z d/e/n.y d/n.y
	do
		differ "$f" || return 1
	done &&
	a && test_expect_code 1 b && b && a && test_same_tree work other &&
	git -C g check-attr merge n.k d/n.k d/e/n.k top d/top "with \"q\"" n.z d/n.z \
		d/e/n.z d/e/n.y d/n.y >said &&
	sed -n "s/: merge: unset$//p; s/: merge: binary$//p" said | tr -d "\"\\\\" | sort >want &&
	copies work | sed "s/ (conflict beta [^)]*)//" | grep -v "^a\." | tr -d "\"" | sort >have &&
	test_cmp want have
'

test_done
