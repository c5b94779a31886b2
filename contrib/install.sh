#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# contrib/install.sh - install, install-doc and uninstall for GNUmakefile, which
# sets O, DESTDIR, bindir, datadir, mandir and docdir.
#
# Each file is written beside its place and renamed: a running hub, or one that
# cron starts in the middle, sees the old program or the new one whole.

umask 022
fail () { echo "install: $*" >&2; exit 1; }

# put MODE FILE DIR [NAME]
put () {
	to=$DESTDIR$3/${4:-${2##*/}}
	mkdir -p "$DESTDIR$3" || fail "cannot make $DESTDIR$3"
	tmp=$DESTDIR$3/.${to##*/}.new.$$
	{ cp "$2" "$tmp" && chmod "$1" "$tmp" && mv -f "$tmp" "$to"; } ||
	{ rm -f "$tmp"; fail "cannot write $to"; }
	echo "  INSTALL  $to"
}

# for_each_file ACTION: ACTION MODE FILE DIR NAME for all but the manual
for_each_file () {
	"$1" 755 "$O/bin/hub" "$bindir" hub
	"$1" 755 "$O/bin/git-remote-hub" "$bindir" git-remote-hub
	"$1" 644 "$O/completion/hub.bash" "$datadir/bash-completion/completions" hub
	"$1" 644 "$O/completion/_hub" "$datadir/zsh/site-functions" _hub
	"$1" 644 "$O/completion/hub.fish" "$datadir/fish/vendor_completions.d" hub.fish
	"$1" 644 COPYING "$docdir" COPYING
	"$1" 644 README.md "$docdir" README.md
}

for_each_page () {
	for src in Documentation/*.adoc
	do
		page=${src##*/} page=${page%.adoc}
		for n in 1 5 7
		do
			"$1" 644 "$O/doc/$page.$n" "$mandir/man$n" "$page.$n"
		done
	done
}

put_if_made () {
	test ! -f "$2" || put "$@"
}

take () {
	to=$DESTDIR$3/$4
	test -e "$to" || return 0
	rm -f "$to" || fail "cannot remove $to"
	echo "  REMOVE   $to"
}

case $1 in
install)
	test -x "$O/bin/hub" || fail "nothing built in $O/bin: run make"
	for_each_file put_if_made
	;;
install-doc)
	for_each_page put_if_made
	;;
uninstall)
	for_each_file take
	for_each_page take
	rmdir "$DESTDIR$docdir" 2>/dev/null
	;;
*)	fail "install, install-doc or uninstall?" ;;
esac
exit 0
