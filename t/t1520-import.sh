#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub import: copy a folder into the workspace, over nothing'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

test_expect_success 'set up' '
	hub init hub.git && hub clone hub.git work &&
	computer beta hub clone hub.git other &&
	echo here >work/here && hub -C work sync &&
	mkdir -p old/sub/deep old/empty &&
	echo a >old/a && : >old/nothing && echo deep >old/sub/deep/f &&
	echo run >old/x && chmod +x old/x && ln -s ../a old/sub/link &&
	ln -s /no/where old/broken &&
	touch -d 2020-02-02T02:02:02Z old/a &&
	odd=$(printf "b\\tn\\nl \\033[31m \\377 \"q\" \\\\x *") && echo odd >"old/$odd" &&
	test_tree old >old.tree
'

test_expect_success 'everything comes, as one change, and reaches the others' '
	echo unsaved >work/unsaved &&
	(cd work && hub import ../old) >out && test_grep "copied 7, kept beside.* 0, " out &&
	test_tree old >now && test_cmp old.tree now &&
	rm work/here work/unsaved && test_same_tree old work && git -C work checkout -q . &&
	git -C work log -1 --format=%s >subject && test_grep "^Import /.*/old$" subject &&
	git -C work show --name-only --format=%s HEAD~1 >before && test_grep unsaved before &&
	test "$(stat -c %Y work/a)" = "$(date -d 2020-02-02T02:02:02Z +%s)" &&
	hub -C work sync && computer beta hub -C other sync && test_same_tree work other
'

test_expect_success 'again: nothing to do, no change' '
	git -C work rev-parse HEAD >head && (cd work && hub import ../old) >out &&
	test_grep "copied 0, .* 0, here already 7" out &&
	git -C work rev-parse HEAD >now && test_cmp head now
'

test_expect_success 'into a folder, from below, with a dry run' '
	mkdir -p work/sub && (cd work/sub && hub import -n --into=../new/er ../../old) >out &&
	test_grep "^copy    new/er/sub/deep/f" out && test_grep "would copy 7" out &&
	test_path_missing work/new &&
	(cd work/sub && hub import -q --into=../new/er ../../old) >out &&
	test_must_be_empty out && test_same_tree old work/new/er
'

test_expect_success 'what is here is kept, what comes stands beside it' '
	echo mine >work/a && rm work/x && mkdir work/x && echo in >work/x/in &&
	rm work/sub/link && ln -s elsewhere work/sub/link &&
	test_expect_code 1 hub -C work import "$PWD/old" >out 2>err &&
	test_grep "kept beside.* 3" out && test_grep "conflict, both versions kept: a" err &&
	echo mine >want && test_cmp want work/a &&
	cmp old/a "$(ls work/a\ \(conflict\ alpha\ 2020-02-02\ 0202\ UTC\ *)" &&
	test_path_is_executable work/x\ \(conflict\ alpha\ * && test_path_is_file work/x/in &&
	test "$(readlink work/sub/link\ \(conflict*)" = ../a &&
	test "$(readlink work/sub/link)" = elsewhere &&
	git -C work ls-files >names && test_grep "a (conflict alpha" names
'

test_expect_success 'again: the copies are known, exit 0' '
	ls -R work >before && hub -C work import "$PWD/old" >out &&
	test_grep "copied 0, .* 0, here already 7" out && ls -R work >after && test_cmp before after
'

test_expect_success 'a name beside it that is taken, too' '
	copy=$(ls work/a\ \(conflict*) && echo other >"$copy" &&
	test_expect_code 1 hub -C work import "$PWD/old" &&
	echo other >want && test_cmp want "$copy" &&
	ls work/a\ \(conflict* >names && test_line_count = 2 names
'

test_expect_success 'a file or a link where a folder should be' '
	mkdir clash outside && mkdir clash/here clash/l && echo 1 >clash/here/f &&
	echo 2 >clash/l/f && ln -s ../outside work/l &&
	test_expect_code 1 hub -C work import "$PWD/clash" 2>err &&
	test_grep "here/f: .here. is in the way" err && test_grep "l/f: .l. is in the way" err &&
	echo here >want && test_cmp want work/here &&
	find outside -type f >f && test_must_be_empty f &&
	test_expect_code 0 hub -C work import -n "$PWD/old" &&
	test_expect_code 1 hub -C work import -n "$PWD/clash" 2>err && test_grep "in the way" err
'

test_expect_success 'repositories, special files and bad names are left out, and said' '
	mkdir -p odd/repo/.GIT odd/.git odd/git~1 && echo s >odd/.git/secret &&
	echo s >odd/repo/.GIT/hooks && echo s >odd/git~1/config &&
	echo code >odd/repo/code && mkfifo odd/pipe &&
	hub -C work import --into=odd "$PWD/odd" 2>err >out && test_grep "copied 1," out &&
	test_grep "git.s own: .git$" err && test_grep "git.s own: repo/.GIT" err &&
	test_grep "git.s own: git~1" err && test_grep "neither file nor folder: pipe" err &&
	test_path_missing work/odd/.git && test_path_missing work/odd/repo/.GIT &&
	test_path_is_file work/odd/repo/code
'

test_expect_success 'what .gitignore there excludes is copied, and not synced' '
	mkdir -p ign/build && echo "build/" >ign/.gitignore && echo o >ign/build/x.o &&
	hub -C work import --into=ign "$PWD/ign" >out && test_grep "excluded by .gitignore" out &&
	test_path_is_file work/ign/build/x.o && git -C work ls-files >names &&
	test_grep ! "x.o" names && test_grep "ign/.gitignore" names
'

test_expect_success '!ROOT' 'what cannot be read is said: exit 19, the rest comes' '
	mkdir -p un/read && echo 1 >un/read/f && echo 2 >un/g && echo 3 >un/h &&
	chmod 0 un/read un/g && test_when_finished "chmod 755 un/read un/g" &&
	test_expect_code 19 hub -C work import --into=un "$PWD/un" 2>err &&
	test_grep "could not read read/" err && test_grep "could not read g" err &&
	test_path_is_file work/un/h
'

# The leak checker cannot work under a tracer.
test_expect_success STRACE 'so is a disk that fails' '
	mkdir bad && echo 1 >bad/f && echo 2 >bad/g && echo 3 >bad/h &&
	test_expect_code 19 strace -f -E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		-o /dev/null -P "$PWD/bad/g" -e trace=pread64 \
		-e inject=pread64:error=EIO hub -C work import --into=bad "$PWD/bad" 2>err &&
	test_grep "could not read g" err && test_path_is_file work/bad/h &&
	test_path_missing work/bad/g
'

test_expect_success MOUNT 'no space: said first, nothing is copied' '
	mkdir much && truncate -s 60M much/sparse && echo 1 >much/a &&
	test_expect_code 14 unshare -m sh -c "
		mkdir -p small && mount -t tmpfs -o size=40M none small &&
		hub clone hub.git small/w >&2 && code=0 &&
		{ hub -C small/w import --into=much \"$PWD/much\" 2>err || code=\$?; } &&
		ls small/w >listing && exit \$code" &&
	test_grep "60 MB are to come" err && test_grep ! much listing
'

test_expect_success SQLITE3 'a data base in use comes as one consistent state' '
	mkdir db && sqlite3 db/x.db "PRAGMA journal_mode=WAL; CREATE TABLE t(a);" &&
	sqlite3 db/x.db "INSERT INTO t VALUES(1);" &&
	{
		mkfifo in && { sqlite3 db/x.db <in & } && exec 9>in &&
		echo "INSERT INTO t VALUES(2);" >&9 && sleep 1 &&
		hub -C work import --into=db "$PWD/db" >out; code=$?
		exec 9>&- && wait
	} && test $code = 0 &&
	test "$(sqlite3 work/db/x.db "SELECT sum(a) FROM t")" = 3 &&
	test_path_missing work/db/x.db-wal &&
	hub -C work import --into=db "$PWD/db" >out && test_grep "here already 1" out
'

test_expect_success 'bad input' '
	git -C work rev-parse HEAD >head &&
	test_expect_code 129 hub -C work import &&
	test_expect_code 129 hub -C work import a b &&
	test_expect_code 129 hub -C work import "" &&
	test_expect_code 10 hub -C work import "$PWD/nosuch" &&
	test_expect_code 10 hub -C work import "$PWD/old/a" &&
	test_expect_code 129 hub -C work import . 2>err && test_grep "lie in one another" err &&
	test_expect_code 129 hub -C work import "$PWD" &&
	test_expect_code 129 hub -C work import "$PWD/work/new" &&
	test_expect_code 129 hub -C work import --into=../x "$PWD/old" &&
	test_expect_code 129 hub -C work import --into=.git/hooks "$PWD/old" &&
	test_expect_code 129 hub -C work import --into=a/.Git "$PWD/old" &&
	test_expect_code 129 hub -C work import --into= "$PWD/old" &&
	test_expect_code 128 hub -C work import --into=here "$PWD/old" &&
	test_expect_code 10 hub -C / import "$PWD/old" &&
	git -C work rev-parse HEAD >now && test_cmp head now
'

test_expect_success 'relative to -C, and --json' '
	mkdir more && echo 1 >more/f && hub -C work import --json --into=more ../more >json &&
	test_grep "\"copied\": 1" json && test_grep "\"path\": \"more/f\"" json &&
	test_grep "\"exit\": 0" json
'

test_expect_success 'undo takes an import back' '
	hub -C work undo && test_path_missing work/more && test_path_is_file more/f
'

test_expect_success STRACE 'killed at any moment: no half file, and it goes on' '
	mkdir big && for i in $(test_seq 40)
	do
		test_random_file big/$i 300 $i || return 1
	done && test_random_file big/large 900000 &&
	for n in 5 30 60 90 125
	do
		rm -rf work/big &&
		{ strace -f -o /dev/null -e trace=openat,renameat,write \
			-e inject=openat,renameat,write:signal=KILL:when=$((n + 40)) \
			hub -C work import --into=big "$PWD/big"; test $? = 137; } &&
		if test -d work/big
		then
			for f in work/big/*
			do
				test ! -f "$f" || cmp "$f" "big/${f##*/}" || return 1
			done
		fi &&
		hub -C work import --into=big "$PWD/big" && test_same_tree big work/big || return 1
	done &&
	hub -C work sync && git -C hub.git fsck --strict &&
	find work/.git/vibehub/tmp -type f >left && test_must_be_empty left
'

test_done
