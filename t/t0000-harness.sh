#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='the harness: what fails is reported as failing'
. "${0%/*}/test-lib.sh"

# sub NAME [OPTION...]: run the script on stdin under a harness of its own; its
# TAP is in NAME.out, its status is returned
sub () {
	sub_name=$1 &&
	shift &&
	mkdir -p sub &&
	{
		echo ". \"$TEST_DIRECTORY/test-lib.sh\"" &&
		cat
	} >"sub/$sub_name.sh" &&
	(
		TEST_DIRECTORY=$TEST_DIRECTORY HUB_TEST_ROOT=$TRASH_DIRECTORY/sub/trash \
		HUB_TEST_OPTS='' sh "sub/$sub_name.sh" "$@"
	) >"$sub_name.out" 2>"$sub_name.err"
}

test_expect_success 'a passing script' '
	TEST_DIRECTORY=$TEST_DIRECTORY && export TEST_DIRECTORY &&
	sub pass <<-\EOS &&
	test_expect_success "one" "true"
	test_expect_success "two" "test 1 = 1"
	test_done
	EOS
	test_write_lines "ok 1 - one" "ok 2 - two" "1..2" >expect &&
	test_cmp expect pass.out &&
	test_path_missing sub/trash/pass
'

test_expect_success 'a failing test is reported and its trash is kept' '
	test_must_fail sub fail <<-\EOS &&
	test_expect_success "good" "true"
	test_expect_success "bad" "echo said-before-failing && false"
	test_done
	EOS
	grep "^not ok 2 - bad" fail.out &&
	grep "^# said-before-failing" fail.out &&
	grep "^1\.\.2" fail.out &&
	test_path_is_dir sub/trash/fail
'

test_expect_success '-i stops at the first failure' '
	test_must_fail sub imm -i <<-\EOS &&
	test_expect_success "bad" "false"
	test_expect_success "never" "true"
	test_done
	EOS
	test_grep ! never imm.out
'

test_expect_success '--run selects' '
	sub sel --run=1,3-4 <<-\EOS &&
	test_expect_success "a" "true"
	test_expect_success "b" "false"
	test_expect_success "c" "true"
	test_expect_success "d" "true"
	test_expect_success "e" "false"
	test_done
	EOS
	grep "^ok 2 # SKIP" sel.out && grep "^ok 5 # SKIP" sel.out && grep "^ok 4 - d" sel.out
'

test_expect_success 'a broken && chain fails' '
	test_must_fail sub chain <<-\EOS &&
	test_expect_success "chain" "
		false
		true
	"
	test_done
	EOS
	grep "broken && chain" chain.out
'

test_expect_success 'a script that ends early fails' '
	test_must_fail sub early <<-\EOS &&
	test_expect_success "a" "true"
	exit 0
	EOS
	grep "^Bail out!" early.out
'

test_expect_success 'prerequisites' '
	sub prereq <<-\EOS &&
	test_set_prereq HAVE
	test_expect_success HAVE "a" "true"
	test_expect_success NOT_THERE "b" "false"
	test_expect_success !HAVE "c" "false"
	test_expect_success HAVE,!NOT_THERE "d" "true"
	test_done
	EOS
	cat >expect <<-\EOE &&
	ok 1 - a
	ok 2 # SKIP b (needs NOT_THERE)
	ok 3 # SKIP c (needs !HAVE)
	ok 4 - d
	1..4
	EOE
	test_cmp expect prereq.out
'

test_expect_success 'known breakage' '
	sub todo <<-\EOS &&
	test_expect_failure "later" "false"
	test_done
	EOS
	grep "^not ok 1 - later # TODO" todo.out
'

test_expect_success 'test_when_finished runs in reverse, also after a failure' '
	test_must_fail sub clean <<-\EOS &&
	test_expect_success "a" "
		test_when_finished \"echo 1 >>../order\" &&
		test_when_finished \"echo 2 >>../order\" &&
		false
	"
	test_expect_success "b" "test_when_finished false"
	test_done
	EOS
	test_write_lines 2 1 >expect &&
	test_cmp expect sub/trash/order &&
	grep "^not ok 2" clean.out
'

test_expect_success 'test_must_fail does not take success, signals and absent programs' '
	test_must_fail false &&
	! test_must_fail true &&
	! test_must_fail sh -c "kill -9 \$\$" &&
	! test_must_fail sh -c "kill -6 \$\$" &&
	! test_must_fail ./no-such-program
'

test_expect_success 'test_expect_code' '
	test_expect_code 13 sh -c "exit 13" &&
	! test_expect_code 13 true
'

test_expect_success 'test_grep, test_cmp, paths' '
	echo abc >f && ln -s nowhere l &&
	test_grep b f && test_grep ! x f && ! test_grep x f && ! test_grep ! b f &&
	! test_grep ! x no-such-file &&
	echo abd >g && ! test_cmp f g && test_cmp f f &&
	test_path_is_file f && ! test_path_is_dir f && ! test_path_missing f &&
	test_path_missing m && ! test_path_missing l && test_path_is_symlink l
'

test_expect_success 'the environment is our own' '
	case $HOME in "$TRASH_DIRECTORY"/*) : ;; *) false ;; esac &&
	case $VIBEHUB_HOME in "$TRASH_DIRECTORY"/*) : ;; *) false ;; esac &&
	test "$(umask)" = 0022 &&
	git config user.name &&
	test_must_fail git config core.hooksPath
'

test_expect_success 'a computer has a home and a name of its own' '
	computer beta sh -c "echo \$VIBEHUB_HOSTNAME \$HOME" >out &&
	echo "beta $TRASH_DIRECTORY/computers/beta" >expect &&
	test_cmp expect out &&
	test "$VIBEHUB_HOSTNAME" = alpha &&
	computer beta git config user.email >out &&
	echo user@beta.example >expect &&
	test_cmp expect out &&
	test_expect_code 7 computer beta sh -c "exit 7"
'

test_expect_success 'test_tree sees names, bytes, links and executable bits' '
	mkdir -p t1/d t1/.git t2/d && echo x >t1/d/f && echo x >t2/d/f && echo y >t1/.git/z &&
	ln -s a t1/l && ln -s a t2/l &&
	test_same_tree t1 t2 &&
	chmod +x t2/d/f && ! test_same_tree t1 t2 &&
	chmod -x t2/d/f && echo y >t2/d/f && ! test_same_tree t1 t2
'

# What t/run.sh makes of programs that misbehave.
run_fake () {
	mkdir -p fake/t && cp "$TEST_DIRECTORY"/run.sh "$TEST_DIRECTORY"/run-one.sh fake/t/ &&
	(
		HUB_TEST_BUILD=$PWD/fake/build JOBS=2 HUB_TEST_OPTS= HUB_TEST_TIMEOUT=2 &&
		export HUB_TEST_BUILD JOBS HUB_TEST_OPTS HUB_TEST_TIMEOUT &&
		cd fake && sh t/run.sh "$@"
	) >run.out 2>&1
}

test_expect_success 'the runner counts test points' '
	mkdir -p fake &&
	write_script fake/good.sh <<-\EOS &&
	echo "ok 1 - a"; echo "ok 2 # SKIP b"; echo "ok 3 - c"; echo 1..3
	EOS
	run_fake ./good.sh &&
	tail -n 1 run.out >last && echo "2 passed, 0 failed" >expect && test_cmp expect last
'

test_expect_success 'the runner notices every way to fail' '
	write_script fake/point.sh <<-\EOS &&
	echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1
	EOS
	write_script fake/short.sh <<-\EOS &&
	echo 1..3; echo "ok 1 - a"
	EOS
	write_script fake/status.sh <<-\EOS &&
	echo "ok 1 - a"; echo 1..1; exit 3
	EOS
	write_script fake/silent.sh </dev/null &&
	write_script fake/noplan.sh <<-\EOS &&
	echo "ok 1 - a"
	EOS
	write_script fake/bail.sh <<-\EOS &&
	echo "Bail out! it is over"
	EOS
	write_script fake/hang.sh <<-\EOS &&
	echo "ok 1 - a"; echo 1..1; exec sleep 60
	EOS
	for t in point short status silent noplan bail hang ./no-such
	do
		! run_fake "$t.sh" && tail -n 1 run.out | grep ", 1 failed$" ||
		{ echo "not noticed: $t" && cat run.out && return 1; }
	done
'

test_done
