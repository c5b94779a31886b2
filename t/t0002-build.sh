#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='GNUmakefile, config.mak.in, deps.sh: knobs, missing tools, installing'
. "${0%/*}/test-lib.sh"

test "$HUB_TEST_SANITIZE" && skip_all 'once is enough'
unset MAKEFLAGS MAKELEVEL MFLAGS DESTDIR O
test_have_prereq ROOT || test_set_prereq NOT_ROOT

# A small project under the real makefile.
test_expect_success 'set up' '
	mkdir -p p/src/base p/src/cmd p/t p/contrib p/Documentation &&
	cp "$HUB_SOURCE/GNUmakefile" "$HUB_SOURCE/config.mak.in" p/ &&
	cp "$HUB_SOURCE/t/deps.sh" p/t/ && cp "$HUB_SOURCE"/contrib/*.sh p/contrib/ &&
	touch p/COPYING p/README.md &&
	cat >p/src/base/a.h <<-\EOS &&
	int a_version(void);
	EOS
	cat >p/src/base/a.c <<-\EOS &&
	#include "base/a.h"
	int a_version(void) { return 1; }
	EOS
	cat >p/src/cmd/hub.c <<-\EOS
	#include <stdio.h>
	#include "base/a.h"
	int main(void) { printf("version %d\n", a_version()); return 0; }
	EOS
'

test_expect_success 'make builds out of tree and is then content' '
	make -C p >out &&
	grep "CC  *src/base/a.c" out &&
	p/build/bin/hub >actual && echo "version 1" >expect && test_cmp expect actual &&
	make -C p >out && test_grep ! CC out && test_grep ! LINK out &&
	find p -name "*.o" -not -path "p/build/*" >stray && test_must_be_empty stray
'

test_expect_success 'a header is a dependency' '
	echo "/* */" >>p/src/base/a.h &&
	make -C p >out && grep "CC  *src/base/a.c" out && grep "CC  *src/cmd/hub.c" out
'

test_expect_success 'other flags rebuild' '
	make -C p CFLAGS=-O0 >out && grep "CC  *src/base/a.c" out &&
	make -C p CFLAGS=-O0 >out && test_grep ! CC out &&
	make -C p >out && grep "CC  *src/base/a.c" out
'

test_expect_success 'a removed file leaves the library' '
	echo "int b_x(void); int b_x(void) { return 1; }" >p/src/base/b.c &&
	make -C p && nm p/build/libhub.a | grep b_x &&
	rm p/src/base/b.c &&
	make -C p && ! nm p/build/libhub.a | grep b_x
'

test_expect_success 'DEVELOPER=1 makes a warning an error' '
	test_when_finished "rm p/src/base/w.c" &&
	echo "int w_x(void) { return 1; }" >p/src/base/w.c &&
	make -C p && test_must_fail make -C p DEVELOPER=1
'

test_expect_success 'command line > config.mak > what was found > defaults' '
	test_when_finished "rm -f p/config.mak" &&
	echo "CFLAGS = -O1 -DFROM_MAK" >p/config.mak &&
	echo "DEFLATE_LIBS = -ldeflate -DD_BY_HAND" >>p/config.mak &&
	make -C p V=1 >out && grep "FROM_MAK" out && grep "D_BY_HAND" out &&
	make -C p V=1 CFLAGS=-DFROM_LINE >out && grep FROM_LINE out && test_grep ! FROM_MAK out
'

test_expect_success 'the environment does not change a build' '
	CFLAGS=-DFROM_ENV DEFLATE_LIBS=-lnope O=elsewhere prefix=/nowhere make -C p V=1 >out &&
	make -C p -s clean && CFLAGS=-DFROM_ENV make -C p V=1 >out &&
	test_grep ! FROM_ENV out && test_path_missing p/elsewhere
'

test_expect_success 'a missing library and a missing compiler are said' '
	test_must_fail make -C p PKG_CONFIG=false O=x 2>err &&
	grep "libgit2 >= 1.5" err && grep "make deps" err &&
	test_must_fail make -C p CC=no-such-cc O=x 2>err &&
	grep "no-such-cc" err && grep "make deps" err &&
	make -C p O=x
'

test_expect_success 'without compiler and pkg-config: help, clean and deps still work' '
	mkdir bare &&
	for c in sh env cat mkdir mv rm sed grep tail mktemp getconf tr id printf make
	do
		# not command -v: it knows printf as a builtin
		ln -s "$(env which "$c")" bare/ || return 1
	done &&
	(
		PATH=$PWD/bare &&
		make -C p help &&
		make -C p clean &&
		test_must_fail make -C p 2>err &&
		grep "make deps" err &&
		test_must_fail make -C p deps 2>err &&
		grep "libgit2-dev" err &&
		test_must_fail make -C p quickstart 2>err &&
		grep "libgit2-dev" err
	)
'

test_expect_success 'deps --dry-run names packages' '
	(
		PATH=$PWD/bare &&
		sh p/t/deps.sh build --dry-run
	) >out &&
	grep "^apt-get install .*gcc.*libgit2-dev" out &&
	test_grep ! asciidoctor out &&
	test_expect_code 129 sh p/t/deps.sh
'

test_expect_success 'install, DESTDIR, uninstall' '
	make -C p install prefix=/opt/x DESTDIR="$PWD/dest" &&
	dest/opt/x/bin/hub &&
	test_path_is_file dest/opt/x/share/doc/vibehub/COPYING &&
	find dest -name ".*" -type f >left && test_must_be_empty left &&
	make -C p uninstall prefix=/opt/x DESTDIR="$PWD/dest" &&
	find dest -type f >left && test_must_be_empty left
'

test_expect_success 'a running program is replaced, not overwritten' '
	make -C p install prefix="$PWD/inst" &&
	ls -i inst/bin/hub >before &&
	make -C p install prefix="$PWD/inst" &&
	ls -i inst/bin/hub >after &&
	! cmp -s before after
'

test_expect_success NOT_ROOT 'an install that cannot write fails' '
	mkdir -m 555 ro &&
	test_must_fail make -C p install prefix="$PWD/ro/x" 2>err &&
	grep "cannot make" err
'

test_done
