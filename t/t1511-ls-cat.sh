#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='hub ls, hub cat: recorded states, now and then'
. "${0%/*}/test-lib.sh"

test_have_prereq HUB || skip_all 'no hub yet'

VIBEHUB_NOW=1700000000
export VIBEHUB_NOW

test_expect_success 'set up' '
	hub init -q hub.git && hub clone -q hub.git work && mkdir -p work/d/e work/empty &&
	echo one >work/a && printf "x\\000y\\377\\r\\n" >work/d/bin && : >work/d/e/none &&
	echo "#!/bin/sh" >work/run && chmod +x work/run && ln -s a work/link &&
	hub -C work sync &&
	echo two >work/a && rm work/d/bin && echo -dash >work/-x &&
	VIBEHUB_NOW=1700100000 hub -C work sync &&
	echo three >work/a && VIBEHUB_NOW=1700200000
'

test_expect_success 'ls: what the folder holds, as it was recorded' '
	hub -C work ls >out &&
	cat >want <<-\EOF &&
	file                 6  -x
	file                 4  a
	folder               -  d/
	link                 1  link
	exec                10  run
	EOF
	test_cmp want out
'

test_expect_success 'relative to the current folder, printed from the root' '
	(cd work/d && hub ls) >out && echo "folder               -  d/e/" >want &&
	test_cmp want out && hub -C work/d ls ../a e >out &&
	cat >want <<-\EOF &&
	file                 4  a
	file                 0  d/e/none
	EOF
	test_cmp want out
'

test_expect_success 'recursive' '
	hub -C work ls -R >out && sed "s/.*  //" out >names &&
	test_write_lines -x a d/e/none link run >want && test_cmp want names &&
	hub -C work ls -R d >out && sed "s/.*  //" out >names &&
	echo d/e/none >want && test_cmp want names
'

test_expect_success 'at a time, at a commit' '
	hub -C work ls --at=@1700000000 d >out && grep "file *6  d/bin$" out &&
	hub -C work ls --at=2023-11-15 -R >out && grep "  d/bin$" out && ! grep -e "-x" out &&
	hub -C work ls --at=HEAD~1 d/bin >out && grep "d/bin" out &&
	id=$(git -C work rev-parse --short HEAD~1) &&
	hub -C work ls --at="$id" d/bin >out2 && test_cmp out out2 &&
	test_expect_code 10 hub -C work ls d/bin &&
	test_expect_code 10 hub -C work ls --at=2001-01-01 2>err && grep 2001-01-01 err &&
	test_expect_code 129 hub -C work ls --at=no-such 2>err && grep no-such err
'

test_expect_success JQ 'ls as JSON' '
	hub -C work ls --json . d >out &&
	jq -e ".schema == \"vibehub-ls-1\" and (.commit | length) == 40 and
		.time == \"2023-11-16T02:00:00Z\" and
		[.files[].path] == [\"-x\", \"a\", \"d\", \"link\", \"run\", \"d/e\"] and
		[.files[].kind] == [\"file\", \"file\", \"folder\", \"link\",
			\"exec\", \"folder\"] and
		[.files[].size] == [6, 4, null, 1, 10, null] and
		([.files[].id | length] | unique) == [40]" out
'

test_expect_success 'a path that was not there: nothing is printed' '
	test_expect_code 10 hub -C work ls a no-such >out 2>err &&
	test_must_be_empty out && grep "no-such.*was not there" err &&
	test_expect_code 10 hub -C work ls a/x && test_expect_code 10 hub -C work ls empty
'

test_expect_success 'odd names cannot move the cursor' '
	f=$(printf "odd\\033\\377") && echo odd >"work/$f" && hub -C work sync &&
	hub -C work ls >out && grep "odd.033.377$" out && hub -C work cat "$f" >out && grep odd out
'

test_expect_success 'cat: the bytes, whatever they are' '
	echo two >want && hub -C work cat --at=@1700100000 a >out && test_cmp want out &&
	printf "x\\000y\\377\\r\\n" >want && hub -C work cat --at=HEAD~2 d/bin >out &&
	cmp want out && hub -C work cat d/e/none >out && test_must_be_empty out &&
	printf a >want && hub -C work cat link >out && cmp want out &&
	(cd work && hub cat -- -x) >out && echo -dash >want && test_cmp want out &&
	(cd work/d && hub cat ../a) >out && echo three >want && test_cmp want out
'

test_expect_success 'a large one in pieces' '
	test_random_file work/r 900000 && hub -C work sync && hub -C work cat r >out &&
	cmp out work/r
'

test_expect_success 'many files are printed as they come' '
	mkdir work/many &&
	for i in $(test_seq 3000)
	do
		: >work/many/a-name-that-takes-some-room-$i || return 1
	done &&
	hub -C work sync && hub -C work ls many >out && test_line_count = 3000 out &&
	{ test_have_prereq JQ || return 0; } &&
	hub -C work ls --json many >out && jq -e "(.files | length) == 3000" out
'

test_expect_success LINUX 'output that cannot be written is a failure' '
	test_expect_code 128 hub -C work cat r >/dev/full &&
	test_expect_code 128 hub -C work ls many >/dev/full &&
	test_expect_code 128 hub -C work ls >/dev/full
'

test_expect_success 'no file: a folder, outside, wrong usage' '
	test_expect_code 129 hub -C work cat d 2>err && grep "hub ls" err &&
	test_expect_code 129 hub -C work cat . && test_expect_code 10 hub -C work cat d/bin &&
	test_expect_code 129 hub -C work cat ../hub.git/HEAD 2>err && grep outside err &&
	test_expect_code 129 hub -C work cat && test_expect_code 129 hub -C work cat a run &&
	test_expect_code 129 hub -C work ls /etc
'

test_expect_success 'a damaged object is damage' '
	id=$(git -C work rev-parse HEAD:a) &&
	p=work/.git/objects/$(echo "$id" | sed "s,^..,&/,") &&
	if test -f "$p"
	then
		cp "$p" saved && chmod +w "$p" && echo junk >"$p" &&
		test_expect_code 16 hub -C work cat a 2>err && grep "$id" err && cp saved "$p"
	fi
'

test_expect_success 'nothing is recorded yet' '
	hub init -q new.git && hub clone -q new.git new &&
	test_expect_code 10 hub -C new ls 2>err && grep "nothing is recorded" err &&
	test_expect_code 10 hub -C new cat a
'

test_done
