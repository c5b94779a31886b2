#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub resolve: one version stays, or both; none is lost'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

both () {
	hub -C work sync -q && computer beta hub -C other sync -q &&
	hub -C work sync -q && test_same_tree work other
}

# clash FILE: a conflict at FILE, beta's version is the copy; its name is in $copy
clash () {
	echo "base $1" >"work/$1" && both &&
	echo "alpha $1" >"work/$1" && echo "beta $1" >"other/$1" &&
	hub -C work sync -q &&
	test_expect_code 1 computer beta hub -C other sync -q &&
	hub -C work sync -q &&
	copy=$(cd work && ls "${1%%.*}"\ \(conflict*) && test -f "work/$copy"
}

# lost TEXT: no commit that the hub's main has holds a file with TEXT
lost () {
	git -C hub.git rev-list --objects main | cut -d" " -f1 |
	git -C hub.git cat-file --batch >all && ! grep -a "$1" all
}

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work &&
	computer beta hub clone -q hub.git other && mkdir work/d
'

test_expect_success 'without an option the file stays, edited or not' '
	clash a.txt && echo merged >work/a.txt &&
	(cd work && hub resolve a.txt) >out &&
	grep "^a.txt: stays, beta.s version is removed$" out &&
	test_path_missing "work/$copy" && echo merged >want && test_cmp want work/a.txt &&
	git -C work status --short >st && test_must_be_empty st &&
	both && hub -C work conflicts >out && grep "^no conflicts" out &&
	! lost "beta a.txt" && ! lost "alpha a.txt" && ! lost "merged"
'

test_expect_success 'the copy may be named, and keeps its place or takes it' '
	clash d/b.txt && (cd work/d && hub resolve --keep=copy "${copy#d/}") >out &&
	grep "^d/b.txt: is beta.s version now$" out &&
	test_path_missing "work/$copy" && echo "beta d/b.txt" >want && test_cmp want work/d/b.txt &&
	both && ! lost "alpha d/b.txt"
'

test_expect_success 'what was not recorded yet is recorded first' '
	clash c.txt && echo "alpha again" >work/c.txt && echo "beta again" >"work/$copy" &&
	hub -C work resolve --keep=copy c.txt &&
	echo "beta again" >want && test_cmp want work/c.txt &&
	both && ! lost "alpha again"
'

test_expect_success 'undone like any other change' '
	test_have_prereq HUB && hub --list-commands | grep -qx undo || return 0
	clash u.txt && hub -C work resolve u.txt && test_path_missing "work/$copy" &&
	hub -C work undo && test -f "work/$copy"
'

test_expect_success 'both: the copy gets a name of its own' '
	clash e.tar.gz && hub -C work resolve --keep=both e.tar.gz >out &&
	ls work/e* >names && test_line_count = 2 names &&
	grep "^work/e (beta ....-..-.. ....).tar.gz$" names &&
	echo "beta e.tar.gz" >want && test_cmp want work/e\ *.tar.gz &&
	hub -C work conflicts >out && ! grep "^e.tar.gz" out && both
'

test_expect_success 'two copies of one file' '
	clash f.txt && echo "alpha 2" >work/f.txt && echo "beta 2" >other/f.txt &&
	hub -C work sync -q && test_expect_code 1 computer beta hub -C other sync -q &&
	hub -C work sync -q && ls work/f* >names && test_line_count = 3 names &&
	test_expect_code 129 hub -C work resolve --keep=copy f.txt 2>err &&
	grep "several copies" err && ls work/f* >names2 && test_cmp names names2 &&
	second=$(cd work && grep -l "beta 2" f*) &&
	hub -C work resolve --keep=copy "$second" && ls work/f* >names &&
	test_line_count = 2 names && echo "beta 2" >want && test_cmp want work/f.txt &&
	hub -C work resolve --keep=both f.txt && both
'

test_expect_success 'a name that is taken is not taken' '
	clash g.txt && n=$(echo "$copy" | sed "s/conflict //; s/ UTC .*)/)/") &&
	echo mine >"work/$n" && hub -C work resolve --keep=both g.txt &&
	echo mine >want && test_cmp want "work/$n" && test -f "work/${n%).txt} 2).txt" && both &&
	clash gg.txt && n=$(echo "$copy" | sed "s/conflict //; s/ UTC .*)/)/") &&
	echo "gg (*" >work/.gitignore && echo ignored >"work/$n" &&
	hub -C work resolve --keep=both gg.txt && echo ignored >want && test_cmp want "work/$n" &&
	test -f "work/${n%).txt} 2).txt" && rm work/.gitignore "work/$n" && both
'

test_expect_success 'a folder: all below it, and nothing else' '
	mkdir -p work/x/y && both && clash x/1.txt && clash x/y/2.txt && clash xx.txt &&
	(cd work/x && hub resolve .) && hub -C work conflicts >out &&
	test_grep ! "^x/" out && grep "^xx.txt$" out &&
	hub -C work resolve . && hub -C work conflicts >out && grep "^no conflicts" out && both
'

test_expect_success 'a file that is gone' '
	clash h.txt && rm work/h.txt &&
	test_expect_code 129 hub -C work resolve h.txt 2>err && grep "keep=copy" err &&
	test -f "work/$copy" && hub -C work resolve --keep=copy h.txt &&
	echo "beta h.txt" >want && test_cmp want work/h.txt && both
'

test_expect_success 'a folder that has the name' '
	clash i.txt && rm work/i.txt && mkdir work/i.txt && echo in >work/i.txt/in &&
	test_expect_code 128 hub -C work resolve --keep=copy i.txt 2>err && grep "keep=both" err &&
	test -f "work/$copy" && hub -C work resolve --keep=both i.txt &&
	test -f work/i.txt/in && both
'

test_expect_success 'a version that is not recorded is not replaced' '
	clash k.txt && echo staged >work/k.txt && git -C work add k.txt && echo more >>work/k.txt &&
	test_expect_code 20 hub -C work resolve --keep=copy k.txt 2>err &&
	grep "not recorded" err &&
	grep more work/k.txt && test -f "work/$copy" &&
	git -C work add k.txt && hub -C work resolve --keep=copy k.txt && both && ! lost more
'

test_expect_success SYMLINKS 'a symlink and an executable keep their kind' '
	clash l.txt && rm "work/$copy" && ln -s there "work/$copy" &&
	hub -C work resolve --keep=copy l.txt && test "$(readlink work/l.txt)" = there &&
	clash m.txt && chmod +x "work/$copy" &&
	hub -C work resolve --keep=copy m.txt && test_path_is_executable work/m.txt && both
'

test_expect_success 'offline' '
	clash n.txt && mv hub.git away && hub -C work resolve n.txt && mv away hub.git &&
	test_path_missing "work/$copy" && both
'

test_expect_success JQ 'as JSON' '
	clash o.txt && hub -C work resolve --keep=both --json o.txt >out &&
	jq -e ".exit == 0 and .message == \"\" and (.commit | length) == 40 and
		(.resolved | length) == 1 and (.resolved[0] | .path == \"o.txt\" and
		.copy == \"$copy\" and .kept == \"both\" and
		(.name | startswith(\"o (beta \")))" out &&
	test_expect_code 10 hub -C work resolve --json o.txt >out &&
	jq -e ".exit == 10 and .commit == null and .resolved == []" out
'

test_expect_success 'wrong usage' '
	clash p.txt && git -C work rev-parse HEAD >before &&
	test_expect_code 129 hub -C work resolve &&
	test_expect_code 129 hub -C work resolve --keep=ours p.txt &&
	test_expect_code 129 hub -C work resolve ../p.txt &&
	test_expect_code 10 hub -C work resolve p.txt no-such 2>err && grep "no-such" err &&
	test_expect_code 10 hub -C work resolve a.txt &&
	test -f "work/$copy" && git -C work rev-parse HEAD >after && test_cmp before after
'

test_expect_success 'another run at work' '
	{ flock -x 9 && test_expect_code 11 hub -C work resolve p.txt; } 9>work/.git/vibehub/lock
'

test_done
