# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-rot.sh - bit-rot: one wrong byte, a shorter file, none.

PERL=$(command -v perl) || skip_all 'no perl'

# noise SEED BYTES: the same for the same seed
noise () {
	"$PERL" -e 'srand $ARGV[0];
		print pack("N*", map { int rand 2**32 } 1..$ARGV[1] / 4)' "$1" "$2"
}

# rot FILE OFFSET: flip a bit there (a negative one counts from the end; "mid": its
# middle), and back the next time; "short": half of it is lost; "gone"
rot () {
	chmod u+w "$1" &&
	case $2 in
	gone) rm "$1" ;;
	short) truncate -s $(($(stat -c %s "$1") / 2)) "$1" ;;
	*) "$PERL" -e 'open F, "+<", $ARGV[0] or die; my $o = $ARGV[1];
		$o = int((-s F) / 2) if $o eq "mid"; $o += -s F if $o < 0;
		seek F, $o, 0; read F, $c, 1; seek F, $o, 0;
		print F chr(ord($c) ^ 16)' "$1" "$2" ;;
	esac
}
